#include "core/base/number.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

TEST(Number, DecimalIsAllOfTheText) {
  EXPECT_EQ(parse_decimal<int>("0"), 0);
  EXPECT_EQ(parse_decimal<int>("-17"), -17);
  EXPECT_EQ(parse_decimal<int>("007"), 7);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1x", "x", "0x10", "1.0", "--1"})
    EXPECT_EQ(parse_decimal<int>(text), std::nullopt) << text;
  EXPECT_EQ(parse_decimal<int>(std::string_view("1\0", 2)), std::nullopt);
  EXPECT_EQ(parse_decimal<unsigned>("-0"), std::nullopt);
}

TEST(Number, DecimalKeepsToTheLimitsOfItsType) {
  EXPECT_EQ(parse_decimal<std::uint32_t>("4294967295"), 0xFFFFFFFFU);
  EXPECT_EQ(parse_decimal<std::uint32_t>("4294967296"), std::nullopt);
  EXPECT_EQ(parse_decimal<std::int32_t>("-2147483648"), std::numeric_limits<std::int32_t>::min());
  EXPECT_EQ(parse_decimal<std::int32_t>("-2147483649"), std::nullopt);
  EXPECT_EQ(parse_decimal<std::int64_t>("9223372036854775807"), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(parse_decimal<std::int64_t>("9223372036854775808"), std::nullopt);
  EXPECT_EQ(parse_decimal<std::uint64_t>(std::string(1000, '9')), std::nullopt);
  EXPECT_EQ(parse_decimal<std::uint64_t>(std::string(1000, '0') + "1"), 1U);
}

TEST(Number, DecimalKeepsToTheGivenBounds) {
  EXPECT_EQ(parse_decimal<int>("1", 1, 65535), 1);
  EXPECT_EQ(parse_decimal<int>("65535", 1, 65535), 65535);
  EXPECT_EQ(parse_decimal<int>("0", 1, 65535), std::nullopt);
  EXPECT_EQ(parse_decimal<int>("65536", 1, 65535), std::nullopt);
}

TEST(Number, HexadecimalTakesBothCasesAndNoSign) {
  EXPECT_EQ(parse_hexadecimal<std::uint32_t>("fFfFfFfF"), 0xFFFFFFFFU);
  for (const char* text : {"", "100000000", "0x1", "-1", "g", "1 "})
    EXPECT_EQ(parse_hexadecimal<std::uint32_t>(text), std::nullopt) << text;
  EXPECT_EQ(parse_hexadecimal<std::int64_t>("-1"), std::nullopt);
}

TEST(Number, APrefixTellsHexadecimalFromDecimal) {
  EXPECT_EQ(parse_number<std::int64_t>("0x80094012"), 0x80094012);
  EXPECT_EQ(parse_number<std::int64_t>("0X1f"), 31);
  EXPECT_EQ(parse_number<std::int64_t>("-31"), -31);
  EXPECT_EQ(parse_number<std::int64_t>("010"), 10);
  for (const char* text : {"", "0x", "x1", "1f", "0x-1", "-0x1", "0x1g"})
    EXPECT_EQ(parse_number<std::int64_t>(text), std::nullopt) << text;
}

TEST(Number, LeadingDigitsAreTakenFromTheText) {
  std::string_view text = "20 min";
  EXPECT_EQ(take_decimal<std::int64_t>(text), 20);
  EXPECT_EQ(text, " min");
  EXPECT_EQ(take_decimal<std::int64_t>(text), std::nullopt);
  EXPECT_EQ(text, " min");
}

TEST(Number, AFaultQuotesTheTextAndCutsIt) {
  EXPECT_EQ(require_decimal<int>("12", "request id").value(), 12);
  EXPECT_EQ(require_number<int>("0x12", "request id").value(), 18);
  const Fault fault = require_decimal<int>("12x", "request id").error();
  EXPECT_EQ(fault.code, Code{HResult::E_INVALIDARG});
  EXPECT_NE(fault.what.find("'12x'"), std::string::npos);
  EXPECT_LT(require_number<int>(std::string(10'000, '1'), "request id").error().what.size(), 200U);
  EXPECT_EQ(require_decimal<int>("7", "day", 1, 5).error().code, Code{HResult::E_INVALIDARG});
}

TEST(Number, HexadecimalIsWrittenWithItsPrefix) {
  EXPECT_EQ(to_0x(0), "0x0");
  EXPECT_EQ(to_0x(0x80094012), "0x80094012");
  EXPECT_EQ(to_0x(0x1F, 8), "0x0000001f");
  EXPECT_EQ(to_0x(0xFFFFFFFFFFFFFFFF, 2), "0xffffffffffffffff");
  EXPECT_EQ(to_0x(0, 20), "0x" + std::string(20, '0'));
}

TEST(Number, ADigitIsReadInEitherCase) {
  for (int c = 0; c < 256; ++c) {
    const int want = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'a' && c <= 'f' ? c - 87
                     : c >= 'A' && c <= 'F' ? c - 55
                                            : -1;
    EXPECT_EQ(hex_digit(static_cast<char>(c)), want) << c;
  }
}

}  // namespace
}  // namespace mimica
