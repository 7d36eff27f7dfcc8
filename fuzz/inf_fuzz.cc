// Policy files of certreq: parsed within bounds; what they describe is a request that can be read back.
#include <cstdint>
#include <cstdlib>

#include "ca/faces/certutil/request_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  using namespace mimica::certutil;
  const auto file = InfFile::parse({data, size}, "fuzz.inf");
  if (!file) {
    if (file.error().code != Code(HResult::E_INVALIDARG)) std::abort();
    return 0;
  }
  for (const InfSection& section : file->sections())
    for (const InfEntry& entry : section.entries)
      if (entry.value.size() > kMaxInfValue || file->section(section.name) == nullptr) std::abort();
  const auto policy = read_request_policy(*file, "fuzz.inf");
  if (!policy) return 0;
  static const PrivateKey key = *PrivateKey::generate({KeyKind::ec, 256});
  const auto request = make_request(*policy, key);
  if (request && request->size() <= kMaxRequestSize) {
    const auto parsed = CertificateRequest::parse(*request);
    if (parsed && !*parsed->signature_valid()) std::abort();
  }
  return 0;
}
