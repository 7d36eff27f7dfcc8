// DER (X.690) reading and writing. The reader is total and bounded: every accessor answers a Fault on bytes that do not
// fit, and never looks outside its view. Nesting is bounded by the callers, which descend explicitly.
#pragma once

#include <initializer_list>
#include <string_view>

#include "core/asn1/oid.h"
#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"

namespace mimica {

namespace tag {
inline constexpr std::uint8_t kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kNull = 0x05,
                              kOid = 0x06, kEnumerated = 0x0A, kUtf8String = 0x0C, kSequence = 0x30, kSet = 0x31,
                              kNumericString = 0x12, kPrintableString = 0x13, kTeletexString = 0x14, kIa5String = 0x16,
                              kUtcTime = 0x17, kGeneralizedTime = 0x18, kUniversalString = 0x1C, kBmpString = 0x1E;
inline constexpr std::uint8_t context(unsigned n) { return static_cast<std::uint8_t>(0x80U | n); }
inline constexpr std::uint8_t context_constructed(unsigned n) { return static_cast<std::uint8_t>(0xA0U | n); }
}  // namespace tag

// One tag-length-value. All views point into the original input.
struct Tlv {
  std::uint8_t tag = 0;
  BytesView content;
  BytesView encoded;  // tag, length and content
};

// Reads consecutive TLVs from a view. Only single-octet tags and definite lengths in minimal form (DER); lengths are
// checked against the view. Faults carry CRYPT_E_ASN1_* codes and the offset from the start of the view.
class DerReader {
 public:
  explicit DerReader(BytesView input) : input_(input) {}
  bool at_end() const { return at_ == input_.size(); }
  std::size_t offset() const { return at_; }
  // Tag of the next TLV, 0 at the end.
  std::uint8_t peek() const { return at_end() ? std::uint8_t{0} : input_[at_]; }
  Result<Tlv> next();
  Result<Tlv> expect(std::uint8_t wanted_tag);
  // A constructed value with this tag, as a reader over its content.
  Result<DerReader> enter(std::uint8_t wanted_tag);
  Result<Oid> oid();
  Result<bool> boolean();
  Result<std::int64_t> integer();  // fits in 64 bits, minimal encoding
  Result<Bytes> big_integer();     // unsigned magnitude, big-endian, no leading zero octet; negative is a Fault
  Result<Timestamp> time();        // UTCTime or GeneralizedTime
  Result<Bytes> octet_string();
  Result<BytesView> bit_string();  // whole octets; unused bits must be zero in number for values we read this way
  // Fault unless everything was read.
  Result<void> finish() const;

 private:
  BytesView input_;
  std::size_t at_ = 0;
};

// Any directory or general string type (UTF8, Printable, IA5, Teletex as Latin-1, BMP, Numeric, Universal) to UTF-8.
Result<std::string> decode_string(const Tlv& value);

namespace der {
Bytes tlv(std::uint8_t tag, BytesView content);
Bytes tlv(std::uint8_t tag, std::initializer_list<BytesView> parts);  // concatenated content
Bytes sequence(std::initializer_list<BytesView> parts);
Bytes set_of(std::vector<Bytes> elements);  // sorted as DER demands
Bytes oid(const Oid& oid);
Bytes integer(std::int64_t value);
Bytes unsigned_integer(BytesView big_endian_magnitude);
Bytes boolean(bool value);
Bytes null();
Bytes octet_string(BytesView content);
Bytes bit_string(BytesView content, unsigned unused_bits = 0);
Bytes utf8_string(std::string_view text);
Bytes printable_string(std::string_view text);
Bytes ia5_string(std::string_view text);
Bytes bmp_string(std::string_view utf8);
Bytes time(Timestamp t);  // UTCTime through 2049, GeneralizedTime after (RFC 5280 4.1.2.5)
Bytes concat(std::initializer_list<BytesView> parts);
}  // namespace der

}  // namespace mimica
