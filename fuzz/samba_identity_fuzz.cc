// altSecurityIdentities values as Samba reads them: total, and a name turned round twice is the name again.
#include <cstdlib>

#include "kdc/mapping/samba_mapping.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const std::string_view text = as_text({data, size});
  const auto read = kdc::parse_samba_identity(text);
  if (!read) return 0;
  if (!text.starts_with("X509:")) std::abort();
  if (!read->issuer && !read->subject && !read->mail && !read->serial && !read->subject_key_identifier &&
      !read->thumbprint)
    std::abort();
  if (!read->subject) return 0;
  const auto turned = kdc::parse_samba_identity("X509:<S>" + *read->subject);
  if (!turned) std::abort();
  const auto back = kdc::parse_samba_identity("X509:<S>" + *turned->subject);
  if (!back || back->subject != read->subject) std::abort();
  return 0;
}
