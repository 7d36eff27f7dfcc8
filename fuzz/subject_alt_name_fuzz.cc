// The value of a subject alternative name: what is read is written so that it reads back equal, and every name that the
// KDC looks at can be printed and judged.
#include <cstdlib>

#include "core/pki/certificate.h"
#include "kdc/mapping/alt_security_identities.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const auto names = parse_general_names({data, size});
  if (!names) return 0;
  const Bytes written = encode_general_names(*names);
  const auto again = parse_general_names(written);
  if (!again || *again != *names || encode_general_names(*again) != written) std::abort();
  for (const GeneralName& name : *names) {
    if (to_string(name).empty()) std::abort();
    if (name.kind != GeneralName::Kind::uri) continue;
    const auto strict = kdc::sid_from_uri(name.text), lenient = kdc::sid_from_uri(name.text, true);
    if (strict && (!kdc::is_sid_uri(name.text) || lenient != strict)) std::abort();
    if (strict && kdc::sid_from_uri(kdc::sid_uri(*strict)) != strict) std::abort();
  }
  return 0;
}
