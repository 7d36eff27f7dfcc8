#include "core/base/encoding.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

using namespace std::string_literals;

std::optional<std::string> decoded(const std::string& file) {
  auto text = decode_text(as_bytes(file));
  if (!text) {
    EXPECT_EQ(text.error().code, Code{HResult::E_INVALIDARG});
    return std::nullopt;
  }
  return *text;
}

TEST(Encoding, AMarkTellsWhatTheFileIsWrittenIn) {
  const std::pair<std::string, TextEncoding> files[] = {
      {"", TextEncoding::unmarked},         {"dn: x", TextEncoding::unmarked},   {"\xEF\xBB", TextEncoding::unmarked},
      {"\xFF", TextEncoding::unmarked},     {"\xFE", TextEncoding::unmarked},    {"\xEF\xBB\xBF", TextEncoding::utf8},
      {"\xFF\xFE", TextEncoding::utf16_le}, {"\xFE\xFF", TextEncoding::utf16_be}};
  for (const auto& [file, encoding] : files) EXPECT_EQ(sniff_encoding(as_bytes(file)), encoding);
}

TEST(Encoding, EachEncodingReadsToTheSameText) {
  const std::string text = "J\xC3\xA4ne \xE2\x82\xAC \xF0\x9F\x94\x91";  // beyond the basic plane, too
  const std::u16string wide = *utf8_to_utf16(text);
  EXPECT_EQ(decoded(text), text);
  EXPECT_EQ(decoded("\xEF\xBB\xBF" + text), text);
  EXPECT_EQ(decoded("\xFF\xFE" + to_string(utf16_le(wide))), text);
  EXPECT_EQ(decoded("\xFE\xFF" + to_string(utf16_be(wide))), text);
}

TEST(Encoding, AMarkAloneIsEmptyText) {
  for (const char* mark : {"", "\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"}) EXPECT_EQ(decoded(mark), "");
}

TEST(Encoding, HalfAUnitIsRefused) {
  EXPECT_EQ(decoded("\xFF\xFE\x41"s), std::nullopt);
  EXPECT_EQ(decoded("\xFE\xFF\x00\x41\x00"s), std::nullopt);
  EXPECT_EQ(utf16_from_le(Bytes{0x41}), std::nullopt);
  EXPECT_EQ(utf16_from_be(Bytes{0x41}), std::nullopt);
}

TEST(Encoding, UnpairedSurrogatesAreRefused) {
  EXPECT_EQ(decoded("\xFF\xFE\x00\xD8"s), std::nullopt);                  // high at the end
  EXPECT_EQ(decoded("\xFF\xFE\x00\xDC\x41\x00"s), std::nullopt);          // low first
  EXPECT_EQ(decoded("\xFE\xFF\xD8\x00\x00\x41"s), std::nullopt);          // high before a letter
  EXPECT_EQ(decoded("\xFE\xFF\xD8\x00\xD8\x00\xDC\x00"s), std::nullopt);  // two high
}

TEST(Encoding, MalformedUtf8IsRefusedBehindAMarkAndKeptWithout) {
  EXPECT_EQ(decoded("\xEF\xBB\xBFJ\xE4ne"), std::nullopt);
  EXPECT_EQ(decoded("J\xE4ne"), "J\xE4ne");  // Windows-1252
}

TEST(Encoding, OnlyOneMarkIsTaken) {
  EXPECT_EQ(without_utf8_mark("\xEF\xBB\xBF{}"), "{}");
  EXPECT_EQ(without_utf8_mark("\xEF\xBB\xBF\xEF\xBB\xBF"), "\xEF\xBB\xBF");
  EXPECT_EQ(without_utf8_mark("\xEF\xBB{}"), "\xEF\xBB{}");
  EXPECT_EQ(without_utf8_mark(""), "");
}

}  // namespace
}  // namespace mimica
