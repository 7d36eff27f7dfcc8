#include "core/base/bytes.h"
#include "core/base/text.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

TEST(Bytes, HexadecimalBothWays) {
  const Bytes value{0x00, 0x1F, 0xAB, 0xFF};
  EXPECT_EQ(to_hex(value), "001fabff");
  EXPECT_EQ(to_hex_upper(value), "001FABFF");
  EXPECT_EQ(from_hex("00 1f:AB\nff"), value);
  EXPECT_EQ(from_hex(""), Bytes());
  for (const char* text : {"0", "0g", "0 0", "0x00", "00-11"}) EXPECT_EQ(from_hex(text), std::nullopt) << text;
}

TEST(Bytes, Base64OfRfc4648) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(as_bytes(plain)), encoded);
    EXPECT_EQ(from_base64(encoded), to_bytes(std::string_view(plain)));
  }
  EXPECT_EQ(from_base64(" Zm9v\r\nYmFy "), to_bytes(std::string_view("foobar")));
  for (const char* text : {"Z", "Zg", "Zg=", "Zg==Zg==", "=", "Z===", "Zm9v!", "Zm=v"})
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
}

TEST(Bytes, AsciiCase) {
  EXPECT_EQ(to_lower("ABCxyz-\xC3\x84"), "abcxyz-\xC3\x84");
  EXPECT_EQ(to_upper("abcXYZ"), "ABCXYZ");
  EXPECT_TRUE(equals_ignore_case("CN", "cn"));
  EXPECT_FALSE(equals_ignore_case("CN", "cnx"));
  EXPECT_TRUE(starts_with_ignore_case("OID.1.2", "oid."));
  EXPECT_FALSE(starts_with_ignore_case("OI", "oid."));
}

TEST(Bytes, CuttingAndJoining) {
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim("  "), "");
  const auto parts = split("a,,b", ',');
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[1], "");
  EXPECT_EQ(split("", ',').size(), 1u);
  const std::vector<std::string> words{"a", "b", "c"};
  EXPECT_EQ(join(words, ", "), "a, b, c");
}

TEST(Bytes, Utf8AndUtf16) {
  const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80";  // a, ä, €, an emoji
  const auto wide = utf8_to_utf16(text);
  ASSERT_TRUE(wide);
  EXPECT_EQ(*wide, u"a\u00e4\u20ac\U0001F600");
  EXPECT_EQ(utf16_to_utf8(*wide), text);
  EXPECT_EQ(to_hex(utf16_le(u"A\u20ac")), "4100ac20");
}

TEST(Bytes, MalformedUnicodeIsRefused) {
  for (const char* text :
       {"\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xC3", "\xF8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_valid_utf8(text));
    EXPECT_FALSE(utf8_to_utf16(text));
  }
  EXPECT_FALSE(utf16_to_utf8(std::u16string{char16_t{0xD800}}));
  EXPECT_FALSE(utf16_to_utf8(std::u16string{char16_t{0xDC00}, char16_t{0xD800}}));
  EXPECT_TRUE(is_valid_utf8(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace mimica
