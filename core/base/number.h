// Numbers to and from text. A number is all of its text: no white space, no '+', nothing before or after the digits.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

// The value of a hexadecimal digit of either case; -1 for anything else.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Decimal digits, a signed type with '-' before them; nullopt when the value is not from `low` to `high`.
template <std::integral T>
std::optional<T> parse_decimal(std::string_view text, T low = std::numeric_limits<T>::min(),
                               T high = std::numeric_limits<T>::max()) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
  return value;
}

// Hexadecimal digits of either case, without sign or prefix.
template <std::integral T>
std::optional<T> parse_hexadecimal(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-') return std::nullopt;
  return value;
}

// As Windows tools read a number: hexadecimal after "0x", decimal otherwise.
template <std::integral T>
std::optional<T> parse_number(std::string_view text) {
  return starts_with_ignore_case(text, "0x") ? parse_hexadecimal<T>(text.substr(2)) : parse_decimal<T>(text);
}

// The number at the start of the text, which is moved behind its digits; nullopt, and the text untouched, without one.
template <std::integral T>
std::optional<T> take_decimal(std::string_view& text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

// E_INVALIDARG, "'12x' is no request id"; long texts are cut.
Fault not_a_number(std::string_view text, std::string_view what);

template <std::integral T>
Result<T> require_decimal(std::string_view text, std::string_view what, T low = std::numeric_limits<T>::min(),
                          T high = std::numeric_limits<T>::max()) {
  if (const auto value = parse_decimal<T>(text, low, high)) return *value;
  return not_a_number(text, what);
}

template <std::integral T>
Result<T> require_number(std::string_view text, std::string_view what) {
  if (const auto value = parse_number<T>(text)) return *value;
  return not_a_number(text, what);
}

// "0x1f"; with leading zeros up to `digits`: "0x0000001f".
std::string to_0x(std::uint64_t value, int digits = 1);

}  // namespace mimica
