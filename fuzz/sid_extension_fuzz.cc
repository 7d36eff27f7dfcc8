// The value of the SID security extension: what is read is written back octet for octet.
#include <cstdlib>

#include "core/pki/certificate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const BytesView value{data, size};
  const auto sid = ext::parse_sid(value);
  if (!sid) return 0;
  const Bytes written = ext::sid(*sid);
  const auto again = ext::parse_sid(written);
  if (!again || *again != *sid || ext::sid(*again) != written) std::abort();
  return 0;
}
