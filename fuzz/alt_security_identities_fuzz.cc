// altSecurityIdentities values: parse -> print -> parse is stable, and so is the match key.
#include <cstdlib>

#include "kdc/mapping/alt_security_identities.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const std::string_view text = as_text({data, size});
  static_cast<void>(kdc::sid_from_uri(text, true));
  const auto first = kdc::parse_alt_security_identity(text);
  if (!first) return 0;
  if (!kdc::is_x509_identity(text)) std::abort();
  const std::string printed = kdc::to_string(*first);
  const auto again = kdc::parse_alt_security_identity(printed);
  if (!again || !(*again == *first) || kdc::to_string(*again) != printed) std::abort();
  if (kdc::match_key(*first).key != kdc::match_key(*again).key) std::abort();
  return 0;
}
