// Octet strings and their textual forms.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mimica {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

// Views over the same octets; no copy, the argument must outlive the result.
inline BytesView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(BytesView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
inline Bytes to_bytes(BytesView view) { return {view.begin(), view.end()}; }
inline Bytes to_bytes(std::string_view text) { return to_bytes(as_bytes(text)); }
inline std::string to_string(BytesView view) { return std::string(as_text(view)); }

// Lower-case hexadecimal, no separators.
std::string to_hex(BytesView bytes);
// Upper-case hexadecimal, no separators (the form of KDC events and altSecurityIdentities).
std::string to_hex_upper(BytesView bytes);
// Accepts either case and ignores ASCII white space and ':' between octets; nullopt for anything else or odd digits.
std::optional<Bytes> from_hex(std::string_view text);

// RFC 4648 base64 with padding, on one line.
std::string to_base64(BytesView bytes);
// Ignores ASCII white space; padding is required; nullopt for anything else.
std::optional<Bytes> from_base64(std::string_view text);

// ASCII only: what directory and Windows names need where they are not localised.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool equals_ignore_case(std::string_view a, std::string_view b);
bool starts_with_ignore_case(std::string_view text, std::string_view prefix);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

// UTF-8 to UTF-16 and back. Malformed input gives nullopt; unpaired surrogates count as malformed.
std::optional<std::u16string> utf8_to_utf16(std::string_view text);
std::optional<std::string> utf16_to_utf8(std::u16string_view text);
Bytes utf16_le(std::u16string_view text);
bool is_valid_utf8(std::string_view text);

}  // namespace mimica
