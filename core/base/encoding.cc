#include "core/base/encoding.h"

namespace mimica {
namespace {

bool starts_with(BytesView file, std::string_view mark) { return as_text(file).starts_with(mark); }

std::optional<std::u16string> units(BytesView octets, std::size_t low) {
  if (octets.size() % 2 != 0) return std::nullopt;
  std::u16string out(octets.size() / 2, u'\0');
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<char16_t>(octets[2 * i + low] | octets[2 * i + 1 - low] << 8U);
  return out;
}

}  // namespace

TextEncoding sniff_encoding(BytesView file) {
  if (starts_with(file, "\xEF\xBB\xBF")) return TextEncoding::utf8;
  if (starts_with(file, "\xFF\xFE")) return TextEncoding::utf16_le;
  if (starts_with(file, "\xFE\xFF")) return TextEncoding::utf16_be;
  return TextEncoding::unmarked;
}

std::string_view without_utf8_mark(std::string_view text) {
  return sniff_encoding(as_bytes(text)) == TextEncoding::utf8 ? text.substr(3) : text;
}

std::optional<std::u16string> utf16_from_le(BytesView octets) { return units(octets, 0); }
std::optional<std::u16string> utf16_from_be(BytesView octets) { return units(octets, 1); }

Bytes utf16_be(std::u16string_view text) {
  Bytes out;
  out.reserve(text.size() * 2);
  for (const char16_t unit : text) {
    out.push_back(static_cast<std::uint8_t>(unit >> 8U));
    out.push_back(static_cast<std::uint8_t>(unit & 0xFFU));
  }
  return out;
}

Result<std::string> decode_text(BytesView file) {
  const TextEncoding encoding = sniff_encoding(file);
  if (encoding == TextEncoding::unmarked) return to_string(file);
  if (encoding == TextEncoding::utf8) {
    const std::string_view text = as_text(file.subspan(3));
    if (!is_valid_utf8(text)) return fault(HResult::E_INVALIDARG, "malformed UTF-8");
    return std::string(text);
  }
  const BytesView octets = file.subspan(2);
  const auto wide = encoding == TextEncoding::utf16_le ? utf16_from_le(octets) : utf16_from_be(octets);
  if (!wide) return fault(HResult::E_INVALIDARG, "half a character of UTF-16 at the end");
  auto text = utf16_to_utf8(*wide);
  if (!text) return fault(HResult::E_INVALIDARG, "malformed UTF-16");
  return *std::move(text);
}

}  // namespace mimica
