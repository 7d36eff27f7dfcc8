// Files of certificates: PEM with several blocks, DER, PKCS#12.
#include <cstdlib>

#include "audit/import/certificates.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const auto found = audit::parse_certificates(as_text({data, size}), "file", "secret");
  if (!found) return 0;
  std::size_t count = found->size();
  if (count > 0 && audit::leaf_first(*found).size() != count) std::abort();
  return 0;
}
