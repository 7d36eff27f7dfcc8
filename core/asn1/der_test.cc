#include "core/asn1/der.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text); }

TEST(DerReader, WalksNestedValues) {
  const Bytes der = hex("3009 0201 05 0c02 6869 0500");
  DerReader outer(der);
  auto inner = outer.enter(tag::kSequence);
  ASSERT_TRUE(inner);
  EXPECT_TRUE(outer.finish());
  EXPECT_EQ(*inner->integer(), 5);
  EXPECT_EQ(inner->peek(), tag::kUtf8String);
  EXPECT_FALSE(inner->finish());
  EXPECT_EQ(*decode_string(*inner->next()), "hi");
  EXPECT_TRUE(inner->expect(tag::kNull));
  EXPECT_TRUE(inner->at_end());
  EXPECT_EQ(inner->peek(), 0);
  EXPECT_FALSE(inner->next());
}

TEST(DerReader, LengthsMustBeDefiniteMinimalAndInside) {
  for (const char* bad : {"", "30", "3080", "308001020000", "0401", "048101ff", "04820001ff", "0485000000000100",
                          "0484ffffffff00", "1f8101", "04820080"}) {
    const Bytes der = hex(bad);
    DerReader reader(der);
    EXPECT_FALSE(reader.next()) << bad;
  }
  const Bytes long_form = der::octet_string(Bytes(200, 0xAA));
  EXPECT_EQ(to_hex(BytesView(long_form).first(3)), "0481c8");
  const Bytes longer = der::octet_string(Bytes(70000, 0xAA));
  EXPECT_EQ(to_hex(BytesView(longer).first(5)), "0483011170");
  DerReader reader(longer);
  EXPECT_EQ(reader.octet_string()->size(), 70000u);
}

TEST(DerReader, FaultsNameCodeAndOffset) {
  const Bytes der = hex("020105 0401");
  DerReader reader(der);
  EXPECT_TRUE(reader.integer());
  const auto missing = reader.octet_string();
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code{HResult::CRYPT_E_ASN1_EOD});
  EXPECT_EQ(missing.error().where.offset, 3u);
  DerReader again(der);
  EXPECT_EQ(again.octet_string().error().code, Code{HResult::CRYPT_E_ASN1_BADTAG});
}

TEST(DerReader, Integers) {
  const std::pair<std::int64_t, const char*> vectors[] = {{0, "020100"},
                                                          {127, "02017f"},
                                                          {128, "02020080"},
                                                          {-1, "0201ff"},
                                                          {-128, "020180"},
                                                          {-129, "0202ff7f"},
                                                          {256, "02020100"},
                                                          {65536, "0203010000"},
                                                          {INT64_MAX, "02087fffffffffffffff"},
                                                          {INT64_MIN, "02088000000000000000"}};
  for (const auto& [number, encoded] : vectors) {
    EXPECT_EQ(to_hex(der::integer(number)), encoded);
    const Bytes der = hex(encoded);
    DerReader reader(der);
    EXPECT_EQ(*reader.integer(), number);
  }
  for (const char* bad : {"0200", "02020001", "0202ffff", "0209010000000000000000"}) {
    const Bytes der = hex(bad);
    DerReader reader(der);
    EXPECT_FALSE(reader.integer()) << bad;
  }
}

TEST(DerReader, BigIntegersAreMagnitudes) {
  EXPECT_EQ(to_hex(der::unsigned_integer(hex("ff"))), "020200ff");
  EXPECT_EQ(to_hex(der::unsigned_integer(hex("0000ff"))), "020200ff");
  EXPECT_EQ(to_hex(der::unsigned_integer({})), "020100");
  const Bytes der = hex("020900b742b5daba3d4deb 020100 0201ff");
  DerReader reader(der);
  EXPECT_EQ(to_hex(*reader.big_integer()), "b742b5daba3d4deb");
  EXPECT_EQ(to_hex(*reader.big_integer()), "00");
  EXPECT_FALSE(reader.big_integer());
}

TEST(DerReader, Booleans) {
  EXPECT_EQ(to_hex(der::boolean(true)), "0101ff");
  const Bytes der = hex("0101ff 010100 010101");
  DerReader reader(der);
  EXPECT_TRUE(*reader.boolean());
  EXPECT_FALSE(*reader.boolean());
  EXPECT_FALSE(reader.boolean().has_value());
}

TEST(DerReader, Times) {
  EXPECT_EQ(to_hex(der::time(*parse_iso("2049-12-31T23:59:59Z"))),
            to_hex(der::tlv(tag::kUtcTime, as_bytes("491231235959Z"))));
  EXPECT_EQ(to_hex(der::time(*parse_iso("2050-01-01"))),
            to_hex(der::tlv(tag::kGeneralizedTime, as_bytes("20500101000000Z"))));
  for (const char* iso :
       {"1950-01-01T00:00:00Z", "1949-12-31T00:00:00Z", "2025-09-10T08:00:00Z", "9999-12-31T23:59:59Z"}) {
    const Bytes der = der::time(*parse_iso(iso));
    DerReader reader(der);
    EXPECT_EQ(to_iso(*reader.time()), iso);
  }
  for (const char* text : {"2509100800Z", "250910080000", "20250910080000.5Z", "20250910080000Z"}) {
    const Bytes der = der::tlv(tag::kUtcTime, as_bytes(text));
    DerReader reader(der);
    EXPECT_FALSE(reader.time()) << text;
  }
  const Bytes fraction = der::tlv(tag::kGeneralizedTime, as_bytes("20250910080000.5Z"));
  EXPECT_FALSE(DerReader(fraction).time());
}

TEST(DerReader, BitStrings) {
  const Bytes der = hex("0303 00a0b0 0302 05a0 0301 00 0300");
  DerReader reader(der);
  EXPECT_EQ(to_hex(*reader.bit_string()), "a0b0");
  EXPECT_FALSE(reader.bit_string());
  EXPECT_EQ(to_hex(*reader.bit_string()), "");
  EXPECT_FALSE(reader.bit_string());
  EXPECT_EQ(to_hex(der::bit_string(hex("a0"), 5)), "030205a0");
}

TEST(DerStrings, EveryTypeBecomesUtf8) {
  const auto decode = [](std::uint8_t string_tag, std::string_view content) {
    const Bytes bytes = hex(content);
    return decode_string(Tlv{string_tag, bytes, {}});
  };
  EXPECT_EQ(*decode(tag::kUtf8String, "c3a4"), "\xC3\xA4");
  EXPECT_EQ(*decode(tag::kTeletexString, "e4"), "\xC3\xA4");
  EXPECT_EQ(*decode(tag::kBmpString, "00e4d83dde00"), "\xC3\xA4\xF0\x9F\x98\x80");
  EXPECT_EQ(*decode(tag::kUniversalString, "000000e40001f600"), "\xC3\xA4\xF0\x9F\x98\x80");
  EXPECT_EQ(*decode(tag::kIa5String, "6a40"), "j@");
  for (const auto& [string_tag, content] :
       std::initializer_list<std::pair<std::uint8_t, const char*>>{{tag::kUtf8String, "c3"},
                                                                   {tag::kPrintableString, "e4"},
                                                                   {tag::kBmpString, "00"},
                                                                   {tag::kBmpString, "d800"},
                                                                   {tag::kUniversalString, "00110000"},
                                                                   {tag::kUniversalString, "0000d800"},
                                                                   {tag::kOctetString, "41"}})
    EXPECT_FALSE(decode(string_tag, content)) << content;
}

TEST(DerWriter, SetsAreSorted) {
  EXPECT_EQ(to_hex(der::set_of({hex("020105"), hex("0101ff"), hex("020103")})), "31090101ff020103020105");
  EXPECT_EQ(to_hex(der::set_of({})), "3100");
}

TEST(DerWriter, TemplateNamesOfRealCertificates) {
  EXPECT_EQ(to_hex(der::bmp_string("User")), "1e080055007300650072");
  EXPECT_EQ(to_hex(der::oid(oids::kSidExtension)), "06092b0601040182371902");
}

}  // namespace
}  // namespace mimica
