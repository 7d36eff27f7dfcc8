#include "ldap/wire/ber_reader.h"

namespace mimica::ldap {

Fault BerReader::bad(std::string what) const {
  return fault(LdapCode::protocolError, "bad LDAP message: " + std::move(what),
               {.source = "message", .line = 0, .column = 0, .offset = base_ + at_});
}

Result<BerElement> BerReader::next() {
  if (input_.size() - at_ < 2) return bad("an element is cut short");
  BerElement out;
  out.tag = input_[at_];
  if ((out.tag & 0x1F) == 0x1F) return bad("a tag has several octets");
  std::size_t position = at_ + 1;
  std::size_t length = input_[position++];
  if (length == 0x80) return bad("a length is indefinite");
  if (length > 0x80) {
    const std::size_t octets = length & 0x7F;
    constexpr std::size_t kMostLengthOctets = 8;
    if (octets > kMostLengthOctets || octets > input_.size() - position)
      return bad("a length is cut short or too long");
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) {
      if (length > (SIZE_MAX >> 8)) return bad("a length is too long");
      length = length << 8 | input_[position++];
    }
  }
  if (length > input_.size() - position) return bad("an element is longer than what holds it");
  out.content = input_.subspan(position, length);
  at_ = position + length;
  return out;
}

Result<BerElement> BerReader::expect(std::uint8_t tag, const char* what) {
  if (at_end() || peek() != tag) return bad(std::string("expected ") + what);
  return next();
}

Result<BerReader> BerReader::enter(std::uint8_t tag, const char* what) {
  MIMICA_TRY(const auto element, expect(tag, what));
  return inside(element);
}

BerReader BerReader::inside(const BerElement& element) const {
  return {element.content, base_ + static_cast<std::size_t>(element.content.data() - input_.data())};
}

Result<std::string> BerReader::text(std::uint8_t tag, const char* what) {
  MIMICA_TRY(const auto element, expect(tag, what));
  return to_string(element.content);
}

Result<std::int64_t> BerReader::number(std::uint8_t tag, const char* what) {
  MIMICA_TRY(const auto element, expect(tag, what));
  constexpr std::size_t kMostOctets = 8;
  if (element.content.empty() || element.content.size() > kMostOctets)
    return bad(std::string(what) + " has no usable size");
  std::uint64_t value = (element.content[0] & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const std::uint8_t octet : element.content) value = value << 8 | octet;
  return static_cast<std::int64_t>(value);
}

Result<bool> BerReader::boolean(std::uint8_t tag, const char* what) {
  MIMICA_TRY(const auto element, expect(tag, what));
  if (element.content.size() != 1) return bad(std::string(what) + " is not one octet");
  return element.content[0] != 0;
}

Result<void> BerReader::finish(const char* what) const {
  if (!at_end()) return bad(std::string("octets follow ") + what);
  return {};
}

}  // namespace mimica::ldap
