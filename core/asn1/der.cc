#include "core/asn1/der.h"

#include <algorithm>
#include <array>

#include "core/base/encoding.h"

namespace mimica {
namespace {

Fault der_fault(HResult code, std::string what, std::size_t offset) {
  return fault(code, std::move(what), Where{{}, 0, 0, offset});
}

std::string tag_text(std::uint8_t tag) { return "0x" + to_hex(BytesView(&tag, 1)); }

void append(Bytes& out, BytesView part) { out.insert(out.end(), part.begin(), part.end()); }

// Writes tag and length.
void put_header(Bytes& out, std::uint8_t tag, std::size_t length) {
  out.push_back(tag);
  if (length < 0x80) {
    out.push_back(static_cast<std::uint8_t>(length));
    return;
  }
  int octets = 1;
  while (octets < 8 && length >> (8 * octets) != 0) ++octets;
  out.push_back(static_cast<std::uint8_t>(0x80 | octets));
  while (octets-- > 0) out.push_back(static_cast<std::uint8_t>(length >> (8 * octets)));
}

// A value of type INTEGER: at least one octet, and no octet that the sign does not need.
Result<BytesView> integer_content(DerReader& reader) {
  const std::size_t at = reader.offset();
  MIMICA_TRY(const Tlv value, reader.expect(tag::kInteger));
  const BytesView c = value.content;
  if (c.empty()) return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "an INTEGER has no content", at);
  if (c.size() > 1 && ((c[0] == 0 && c[1] < 0x80) || (c[0] == 0xFF && c[1] >= 0x80)))
    return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "an INTEGER is not in its shortest form", at);
  return c;
}

Result<std::string> wide_string(BytesView content, std::size_t unit) {
  const auto bad = [] { return fault(HResult::CRYPT_E_ASN1_CORRUPT, "a BMPString or UniversalString is malformed"); };
  if (content.size() % unit != 0) return bad();
  std::u16string text;
  text.reserve(content.size() / unit);
  for (std::size_t i = 0; i < content.size(); i += unit) {
    std::uint32_t point = 0;
    for (std::size_t k = 0; k < unit; ++k) point = point << 8 | content[i + k];
    if (unit == 4 && (point > 0x10FFFF || (point >= 0xD800 && point < 0xE000))) return bad();
    if (point >= 0x10000) {
      text.push_back(static_cast<char16_t>(0xD800 + ((point - 0x10000) >> 10)));
      text.push_back(static_cast<char16_t>(0xDC00 + ((point - 0x10000) & 0x3FF)));
    } else {
      text.push_back(static_cast<char16_t>(point));
    }
  }
  auto utf8 = utf16_to_utf8(text);
  if (!utf8) return bad();
  return *std::move(utf8);
}

}  // namespace

Result<Tlv> DerReader::next() {
  const auto bad = [&](HResult code, std::string what) { return der_fault(code, std::move(what), at_); };
  const std::size_t left = input_.size() - at_;
  if (left < 2) return bad(HResult::CRYPT_E_ASN1_EOD, "the encoding ends where a value is expected");
  const std::uint8_t tag = input_[at_];
  if ((tag & 0x1F) == 0x1F) return bad(HResult::CRYPT_E_ASN1_BADTAG, "a tag of more than one octet is not supported");
  std::size_t header = 2;
  std::size_t length = input_[at_ + 1];
  if (length >= 0x80) {
    const std::size_t octets = length & 0x7F;
    if (octets == 0 || octets > 4)
      return bad(HResult::CRYPT_E_ASN1_CORRUPT, "a length is indefinite or longer than four octets");
    if (left < 2 + octets) return bad(HResult::CRYPT_E_ASN1_EOD, "the encoding ends inside a length");
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = length << 8 | input_[at_ + 2 + i];
    if (length < 0x80 || length >> (8 * (octets - 1)) == 0)
      return bad(HResult::CRYPT_E_ASN1_CORRUPT, "a length is not in its shortest form");
    header += octets;
  }
  if (length > left - header)
    return bad(HResult::CRYPT_E_ASN1_EOD, "a value of " + std::to_string(length) + " octets exceeds its container");
  Tlv out{tag, input_.subspan(at_ + header, length), input_.subspan(at_, header + length)};
  at_ += header + length;
  return out;
}

Result<Tlv> DerReader::expect(std::uint8_t wanted_tag) {
  if (at_end())
    return der_fault(HResult::CRYPT_E_ASN1_EOD, "a value with tag " + tag_text(wanted_tag) + " is missing", at_);
  if (peek() != wanted_tag)
    return der_fault(HResult::CRYPT_E_ASN1_BADTAG,
                     "found tag " + tag_text(peek()) + " instead of " + tag_text(wanted_tag), at_);
  return next();
}

Result<DerReader> DerReader::enter(std::uint8_t wanted_tag) {
  MIMICA_TRY(const Tlv value, expect(wanted_tag));
  return DerReader(value.content);
}

Result<Oid> DerReader::oid() {
  MIMICA_TRY(const Tlv value, expect(tag::kOid));
  return Oid::from_der_content(value.content);
}

Result<bool> DerReader::boolean() {
  const std::size_t at = at_;
  MIMICA_TRY(const Tlv value, expect(tag::kBoolean));
  if (value.content.size() != 1 || (value.content[0] != 0 && value.content[0] != 0xFF))
    return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "a BOOLEAN is neither 00 nor FF", at);
  return value.content[0] != 0;
}

Result<std::int64_t> DerReader::integer() {
  const std::size_t at = at_;
  MIMICA_TRY(const BytesView content, integer_content(*this));
  if (content.size() > 8) return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "an INTEGER exceeds 64 bits", at);
  std::uint64_t value = content[0] >= 0x80 ? ~std::uint64_t{0} : 0;
  for (std::uint8_t octet : content) value = value << 8 | octet;
  return static_cast<std::int64_t>(value);
}

Result<Bytes> DerReader::big_integer() {
  const std::size_t at = at_;
  MIMICA_TRY(const BytesView content, integer_content(*this));
  if (content[0] >= 0x80) return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "an INTEGER is negative", at);
  return to_bytes(content.size() > 1 && content[0] == 0 ? content.subspan(1) : content);
}

Result<Timestamp> DerReader::time() {
  const std::size_t at = at_;
  MIMICA_TRY(const Tlv value, next());
  const bool utc = value.tag == tag::kUtcTime;
  if (!utc && value.tag != tag::kGeneralizedTime)
    return der_fault(HResult::CRYPT_E_ASN1_BADTAG, "found tag " + tag_text(value.tag) + " instead of a time", at);
  // RFC 5280 4.1.2.5: seconds are there, fractions are not, the zone is Z.
  auto time = parse_generalized(as_text(value.content));
  if (!time || value.content.size() != (utc ? 13U : 15U))
    return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "a time is not in the form of RFC 5280", at);
  return *time;
}

Result<Bytes> DerReader::octet_string() {
  MIMICA_TRY(const Tlv value, expect(tag::kOctetString));
  return to_bytes(value.content);
}

Result<BytesView> DerReader::bit_string() {
  const std::size_t at = at_;
  MIMICA_TRY(const Tlv value, expect(tag::kBitString));
  if (value.content.empty() || value.content[0] != 0)
    return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "a BIT STRING does not hold whole octets", at);
  return value.content.subspan(1);
}

Result<void> DerReader::finish() const {
  if (at_end()) return {};
  return der_fault(HResult::CRYPT_E_ASN1_CORRUPT, "unexpected octets follow the last value", at_);
}

Result<std::string> decode_string(const Tlv& value) {
  switch (value.tag) {
    case tag::kUtf8String:
      if (!is_valid_utf8(as_text(value.content)))
        return fault(HResult::CRYPT_E_ASN1_CORRUPT, "a UTF8String is not valid UTF-8");
      return to_string(value.content);
    case tag::kPrintableString:
    case tag::kNumericString:
    case tag::kIa5String:
      if (std::any_of(value.content.begin(), value.content.end(), [](std::uint8_t c) { return c >= 0x80; }))
        return fault(HResult::CRYPT_E_ASN1_CORRUPT, "a seven-bit string holds an octet above 7F");
      return to_string(value.content);
    case tag::kTeletexString: {
      std::string out;
      for (std::uint8_t c : value.content) {
        if (c < 0x80) {
          out.push_back(static_cast<char>(c));
        } else {
          out.push_back(static_cast<char>(0xC0 | c >> 6));
          out.push_back(static_cast<char>(0x80 | (c & 0x3F)));
        }
      }
      return out;
    }
    case tag::kBmpString:
      return wide_string(value.content, 2);
    case tag::kUniversalString:
      return wide_string(value.content, 4);
    default:
      return fault(HResult::CRYPT_E_ASN1_BADTAG, "tag " + tag_text(value.tag) + " is not a character string type");
  }
}

namespace der {

Bytes tlv(std::uint8_t tag, BytesView content) {
  Bytes out;
  out.reserve(content.size() + 6);
  put_header(out, tag, content.size());
  append(out, content);
  return out;
}

Bytes tlv(std::uint8_t tag, std::initializer_list<BytesView> parts) {
  std::size_t total = 0;
  for (const BytesView& part : parts) total += part.size();
  Bytes out;
  out.reserve(total + 6);
  put_header(out, tag, total);
  for (const BytesView& part : parts) append(out, part);
  return out;
}

Bytes sequence(std::initializer_list<BytesView> parts) { return tlv(tag::kSequence, parts); }

Bytes set_of(std::vector<Bytes> elements) {
  std::sort(elements.begin(), elements.end(), [](const Bytes& a, const Bytes& b) { return as_text(a) < as_text(b); });
  Bytes content;
  for (const Bytes& element : elements) append(content, element);
  return tlv(tag::kSet, content);
}

Bytes oid(const Oid& oid) { return tlv(tag::kOid, oid.der_content()); }

Bytes integer(std::int64_t value) {
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < 8; ++i)
    octets[i] = static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> (56 - 8 * i));
  std::size_t start = 0;
  while (start < 7 &&
         ((octets[start] == 0 && octets[start + 1] < 0x80) || (octets[start] == 0xFF && octets[start + 1] >= 0x80)))
    ++start;
  return tlv(tag::kInteger, BytesView(octets).subspan(start));
}

Bytes unsigned_integer(BytesView big_endian_magnitude) {
  while (!big_endian_magnitude.empty() && big_endian_magnitude[0] == 0)
    big_endian_magnitude = big_endian_magnitude.subspan(1);
  constexpr std::array<std::uint8_t, 1> kZero{0};
  if (big_endian_magnitude.empty() || big_endian_magnitude[0] >= 0x80)
    return tlv(tag::kInteger, {BytesView(kZero), big_endian_magnitude});
  return tlv(tag::kInteger, big_endian_magnitude);
}

Bytes boolean(bool value) { return {tag::kBoolean, 1, static_cast<std::uint8_t>(value ? 0xFF : 0x00)}; }
Bytes null() { return {tag::kNull, 0}; }
Bytes octet_string(BytesView content) { return tlv(tag::kOctetString, content); }

Bytes bit_string(BytesView content, unsigned unused_bits) {
  const std::array<std::uint8_t, 1> unused{static_cast<std::uint8_t>(unused_bits)};
  return tlv(tag::kBitString, {BytesView(unused), content});
}

Bytes utf8_string(std::string_view text) { return tlv(tag::kUtf8String, as_bytes(text)); }
Bytes printable_string(std::string_view text) { return tlv(tag::kPrintableString, as_bytes(text)); }
Bytes ia5_string(std::string_view text) { return tlv(tag::kIa5String, as_bytes(text)); }

Bytes bmp_string(std::string_view utf8) {
  return tlv(tag::kBmpString, utf16_be(utf8_to_utf16(utf8).value_or(std::u16string())));
}

Bytes time(Timestamp t) {
  const int year = to_civil(t).year;
  if (year >= 1950 && year < 2050) return tlv(tag::kUtcTime, as_bytes(to_utc_time(t)));
  return tlv(tag::kGeneralizedTime, as_bytes(to_generalized(t)));
}

Bytes concat(std::initializer_list<BytesView> parts) {
  Bytes out;
  for (const BytesView& part : parts) append(out, part);
  return out;
}

}  // namespace der
}  // namespace mimica
