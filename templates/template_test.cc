#include "templates/template.h"

#include <gtest/gtest.h>

namespace mimica::templates {
namespace {

TEST(Flags, PrintTheNamesOfTheSpecification) {
  EXPECT_EQ(to_string(FlagSet<EnrollmentFlag>(41)), "INCLUDE_SYMMETRIC_ALGORITHMS | PUBLISH_TO_DS | AUTO_ENROLLMENT");
  EXPECT_EQ(
      to_string(FlagSet<NameFlag>(0xA6000000)),
      "SUBJECT_ALT_REQUIRE_UPN | SUBJECT_ALT_REQUIRE_EMAIL | SUBJECT_REQUIRE_EMAIL | SUBJECT_REQUIRE_DIRECTORY_PATH");
  EXPECT_EQ(to_string(FlagSet<PrivateKeyFlag>(0x03030010)), "EXPORTABLE_KEY | 0x3030000");
  EXPECT_EQ(to_string(FlagSet<GeneralFlag>(0x10240)), "MACHINE_TYPE | ADD_TEMPLATE_NAME | IS_DEFAULT");
  EXPECT_EQ(to_string(FlagSet<GeneralFlag>()), "0");
  EXPECT_EQ(FlagSet<NameFlag>(0xA6000000).as_integer(), -1509949440);
}

TEST(KeyUsage, ReadsOneAndTwoOctets) {
  const KeyUsage two({0xA0, 0x00}), one({0xE0}), wide({0x08, 0x80});
  EXPECT_EQ(two.names(), (std::vector<std::string>{"digitalSignature", "keyEncipherment"}));
  EXPECT_TRUE(one.has(KeyUsage::Bit::non_repudiation));
  EXPECT_FALSE(two.has(KeyUsage::Bit::non_repudiation));
  EXPECT_TRUE(wide.has(KeyUsage::Bit::decipher_only));
  EXPECT_FALSE(one.has(KeyUsage::Bit::decipher_only));
  EXPECT_TRUE(KeyUsage({0, 0}).empty());
}

TEST(KeyUsage, IsSavedInOneOctetAsTheConsoleDoes) {
  KeyUsage usage({0xA0, 0x00});
  usage.set(KeyUsage::Bit::non_repudiation, false);
  EXPECT_EQ(usage.octets(), (Bytes{0xA0, 0x00}));  // nothing changed
  usage.set(KeyUsage::Bit::non_repudiation, true);
  EXPECT_EQ(usage.octets(), (Bytes{0xE0}));
  usage.set(KeyUsage::Bit::decipher_only, true);
  EXPECT_EQ(usage.octets(), (Bytes{0xE0, 0x80}));
}

TEST(Period, HasTheOctetsOfRealTemplates) {
  const std::pair<Seconds, std::string_view> kKnown[] = {
      {kHour, "00983b9ef7ffffff"},      {kDay, "004096d536ffffff"},       {2 * kDay, "00802cab6dfeffff"},
      {7 * kDay, "00c01bd77ffaffff"},   {14 * kDay, "008037aefff4ffff"},  {42 * kDay, "0080a60affdeffff"},
      {365 * kDay, "004039872ee1feff"}, {730 * kDay, "0080720e5dc2fdff"}, {3650 * kDay, "00803c48d1cbf4ff"},
  };
  for (const auto& [period, hex] : kKnown) {
    const Bytes octets = *from_hex(hex);
    EXPECT_EQ(period_to_octets(period), octets);
    EXPECT_EQ(*period_from_octets(octets), period);
  }
  EXPECT_EQ(*period_from_octets(Bytes(8)), 0);
}

TEST(Period, RefusesWhatIsNoPeriod) {
  EXPECT_FALSE(period_from_octets(Bytes(7)));
  EXPECT_FALSE(period_from_octets(*from_hex("0040000000000000")));  // positive
  EXPECT_FALSE(period_from_octets(*from_hex("ffffffffffffffff")));  // 100 ns
  EXPECT_FALSE(period_from_octets(*from_hex("0000000000000080")));
}

// Observed in templates of the TameMyCerts project.
constexpr std::string_view kPacked =
    "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA1`msPKI-Key-Usage`DWORD`16777215`"
    "msPKI-Symmetric-Algorithm`PZPWSTR`3DES`msPKI-Symmetric-Key-Length`DWORD`168`";

TEST(PackedProperties, ReadAndWriteARealValue) {
  const auto packed = parse_packed(kPacked);
  ASSERT_TRUE(packed);
  ASSERT_EQ(packed->others.size(), 5u);
  EXPECT_EQ(packed->others[2], (KeyProperty{"msPKI-Key-Usage", 16777215U}));
  EXPECT_EQ(write_packed({}, packed->others), kPacked);
}

TEST(PackedProperties, HoldTheRaPolicies) {
  const auto packed =
      parse_packed("msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-RA-Application-Policies`PZPWSTR`1.2.3, 1.2.4`");
  ASSERT_TRUE(packed);
  EXPECT_EQ(packed->ra_application_policies, (std::vector<Oid>{Oid("1.2.3"), Oid("1.2.4")}));
  EXPECT_EQ(write_packed(packed->ra_application_policies,
                         {{"msPKI-Hash-Algorithm", "SHA256"}, {"msPKI-Symmetric-Algorithm", "AES"}}),
            "msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-RA-Application-Policies`PZPWSTR`1.2.3,1.2.4`"
            "msPKI-Symmetric-Algorithm`PZPWSTR`AES`");
}

TEST(PackedProperties, RefuseDamage) {
  for (const char* text : {"a", "a`PZPWSTR`b", "a`DWORD`x`", "a`DWORD``", "a`DWORD`4294967296`", "a`QWORD`1`",
                           "msPKI-RA-Application-Policies`PZPWSTR`not an OID`"}) {
    EXPECT_FALSE(parse_packed(text)) << text;
  }
  std::string many;
  for (int i = 0; i < 100; ++i) many += "a`DWORD`1`";
  EXPECT_FALSE(parse_packed(many));
}

TEST(CertificateTemplate, KeepsPropertiesInAlphabeticalOrder) {
  CertificateTemplate value;
  value.set_key_property("msPKI-Hash-Algorithm", "SHA1");
  value.set_key_property("msPKI-Asymmetric-Algorithm", "RSA");
  value.set_key_property("msPKI-Hash-Algorithm", "SHA256");
  EXPECT_EQ(write_packed({}, *value.key_properties),
            "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA256`");
  EXPECT_NE(value.key_property("mspki-hash-algorithm"), nullptr);
  EXPECT_EQ(value.key_property("msPKI-Key-Usage"), nullptr);
}

TEST(CertificateTemplate, ReadsItsCompatibility) {
  CertificateTemplate value;
  value.private_key_flags = FlagSet<PrivateKeyFlag>(50528272);
  EXPECT_EQ(value.ca_version(), 3);
  EXPECT_EQ(value.recipient_version(), 3);
  EXPECT_TRUE(value.is_exportable());
  value.set_compatibility(6, 5);
  EXPECT_EQ(value.private_key_flags.bits(), 0x05060010u);
}

}  // namespace
}  // namespace mimica::templates
