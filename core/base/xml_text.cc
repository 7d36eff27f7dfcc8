#include "core/base/xml_text.h"

#include "core/base/bytes.h"

namespace mimica {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Calls `piece` with each character of the text, and with U+FFFD for each malformed byte.
template <typename Piece>
void for_each_character(std::string_view text, Piece piece) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 0;
    const std::string_view character = text.substr(i, length);
    const bool well_formed = length != 0 && character.size() == length && is_valid_utf8(character);
    piece(well_formed ? character : kReplacement);
    i += well_formed ? length : 1;
  }
}

std::string_view escaped(std::string_view character) {
  if (character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF") return kReplacement;
  if (character.size() != 1) return character;
  switch (character[0]) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return static_cast<unsigned char>(character[0]) < 0x20 ? kReplacement : character;
  }
}

}  // namespace

std::string xml_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](std::string_view character) { out += escaped(character); });
  return out;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for_each_character(text, [&](std::string_view character) { out += character; });
  return out;
}

}  // namespace mimica
