// msDS-KeyCredentialLink values: what is read keeps the required parts, and DN-Binary text says the same as its blob.
#include <cstdlib>

#include "kdc/mapping/key_credential.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const BytesView value{data, size};
  const auto credential = kdc::parse_key_credential(value);
  if (!credential) return 0;
  if (credential->key_id.size() != 32 || credential->material.empty() || credential->usage == 0) std::abort();
  if (as_text(value).starts_with("B:")) return 0;
  const std::string text = kdc::dn_binary(value, "CN=x");
  const auto again = kdc::parse_key_credential(as_bytes(text));
  if (!again || again->material != credential->material || again->usage != credential->usage) std::abort();
  return 0;
}
