// Tags of RFC 4511 messages.
#pragma once

#include <cstdint>

namespace mimica::ldap::ber {

inline constexpr std::uint8_t kBoolean = 0x01, kInteger = 0x02, kOctetString = 0x04, kEnumerated = 0x0A,
                              kSequence = 0x30, kSet = 0x31;
inline constexpr std::uint8_t application(unsigned n) { return static_cast<std::uint8_t>(0x60U | n); }
inline constexpr std::uint8_t application_primitive(unsigned n) { return static_cast<std::uint8_t>(0x40U | n); }
inline constexpr std::uint8_t context(unsigned n) { return static_cast<std::uint8_t>(0x80U | n); }
inline constexpr std::uint8_t context_constructed(unsigned n) { return static_cast<std::uint8_t>(0xA0U | n); }

}  // namespace mimica::ldap::ber
