// Textual and encoded names. What is read is written in a form that reads back as the same name.
#include <cstdint>
#include <cstdlib>

#include "core/asn1/name.h"

namespace {

using namespace mimica;

void require(bool condition) {
  if (!condition) std::abort();
}

// The encoding sorts the values of a multi-valued RDN, so names are compared after one encoding.
void check_name(const Name& name) {
  const Bytes der = name.to_der();
  const auto decoded = Name::from_der(der);
  require(decoded.has_value() && decoded->to_der() == der);
  const auto reread = Name::parse_rfc4514(name.to_rfc4514());
  require(reread.has_value() && *reread == name);
  if (!name.empty()) require(!normalise_dn(name.to_rfc4514()).empty());
  static_cast<void>(name.to_alt_security().size() + name.last(oids::kCommonName).size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  const std::string_view text = as_text(bytes);
  if (const auto name = Name::parse_rfc4514(text)) check_name(*name);
  if (const auto name = Name::from_der(bytes)) check_name(*name);
  if (const auto name = Name::parse_cert_str(text)) {
    check_name(*name);
    const auto again = Name::parse_cert_str(name->to_cert_str());
    require(again.has_value() && *again == *name);
  }
  const std::string normal = normalise_dn(text);
  require(normal.empty() || normalise_dn(normal) == normal);
  require(normal.empty() || dn_is_under(text, text));
  static_cast<void>(parent_dn(text).size());
  static_cast<void>(leaf_value(text).size());
  if (is_valid_utf8(text)) require(leaf_value("CN=" + escape_dn_value(text)) == text);
  return 0;
}
