#include "core/windows/guid.h"

#include <algorithm>

namespace mimica {
namespace {

// Text position (octet of the big-endian text form) of each wire octet.
constexpr std::array<std::size_t, 16> kOrder{3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

Guid well_known(std::string_view text) { return *Guid::parse(text); }

}  // namespace

Result<Guid> Guid::parse(std::string_view text) {
  const Fault bad = fault(HResult::E_INVALIDARG, "'" + std::string(text.substr(0, 80)) + "' is not a GUID", {},
                          "a GUID reads 0e10c968-78fb-11d2-90d4-00c04f79dc55, with or without braces");
  std::string_view body = text;
  if (body.size() == 38 && body.front() == '{' && body.back() == '}') body = body.substr(1, 36);
  if (body.size() != 36) return bad;
  std::string digits;
  for (std::size_t i = 0; i < body.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = body[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return bad;
    if (!dash) digits += c;
  }
  const auto octets = from_hex(digits);
  if (!octets) return bad;
  Guid guid;
  for (std::size_t i = 0; i < 16; ++i) guid.wire_[i] = (*octets)[kOrder[i]];
  return guid;
}

Result<Guid> Guid::from_binary(BytesView sixteen_octets) {
  if (sixteen_octets.size() != 16) {
    return fault(HResult::E_INVALIDARG, "a GUID has 16 octets, not " + std::to_string(sixteen_octets.size()));
  }
  Guid guid;
  std::copy(sixteen_octets.begin(), sixteen_octets.end(), guid.wire_.begin());
  return guid;
}

Guid Guid::random(Entropy& entropy) {
  Guid guid;
  entropy.fill(guid.wire_);
  // RFC 4122 4.4: version in the high octet of Data3, variant in the first octet of Data4.
  guid.wire_[7] = static_cast<std::uint8_t>((guid.wire_[7] & 0x0F) | 0x40);
  guid.wire_[8] = static_cast<std::uint8_t>((guid.wire_[8] & 0x3F) | 0x80);
  return guid;
}

std::string Guid::to_string() const {
  std::array<std::uint8_t, 16> text{};
  for (std::size_t i = 0; i < 16; ++i) text[kOrder[i]] = wire_[i];
  const std::string hex = to_hex(text);
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' +
         hex.substr(20);
}

Bytes Guid::to_binary() const { return {wire_.begin(), wire_.end()}; }

namespace guids {
const Guid kEnroll = well_known("0e10c968-78fb-11d2-90d4-00c04f79dc55");
const Guid kAutoEnroll = well_known("a05b8cc2-17bc-4802-a710-e7c15ab866a2");
}  // namespace guids

}  // namespace mimica
