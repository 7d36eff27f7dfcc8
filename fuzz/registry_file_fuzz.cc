// .reg files: what imports exports, and imports to the same registry; a broken file changes nothing.
#include <cstdint>
#include <cstdlib>

#include "connector/host/registry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica::connector;
  Registry registry;
  if (!import_reg(registry, {data, size})) {
    if (!registry.entries().empty()) std::abort();
    return 0;
  }
  (void)registry_findings(registry, "fuzz");
  Registry again;
  if (!import_reg(again, mimica::as_bytes(export_reg(registry))) || !(again == registry)) std::abort();
  return 0;
}
