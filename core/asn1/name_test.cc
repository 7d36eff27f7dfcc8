#include "core/asn1/name.h"

#include <gtest/gtest.h>

#include "core/asn1/der.h"

namespace mimica {
namespace {

Name rfc4514(std::string_view text) {
  auto name = Name::parse_rfc4514(text);
  EXPECT_TRUE(name) << text << ": " << (name ? "" : name.error().describe());
  return name ? *name : Name();
}

TEST(Name, EncodesOutermostFirstWithTheStringTypesOfAWindowsCa) {
  const Name name = rfc4514("E=d.baker@scepter.htb,CN=d.baker,CN=Users,DC=scepter,DC=htb");
  const Bytes der = *from_hex(
      "3074"
      "31133011060a0992268993f22c6401191603687462"
      "31173015060a0992268993f22c640119160773636570746572"
      "310e300c060355040313055573657273"
      "3110300e06035504031307642e62616b6572"
      "3122302006092a864886f70d0109011613642e62616b657240736365707465722e687462");
  EXPECT_EQ(to_hex(name.to_der()), to_hex(der));
  const auto back = Name::from_der(der);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, name);
  EXPECT_EQ(back->to_rfc4514(), "E=d.baker@scepter.htb,CN=d.baker,CN=Users,DC=scepter,DC=htb");
  EXPECT_EQ(back->last(oids::kCommonName), "d.baker");
  EXPECT_EQ(back->last(oids::kDomainComponent), "scepter");
  EXPECT_EQ(back->last(oids::kUpn), "");
}

TEST(Name, StringTypesFollowTheCharacters) {
  const auto tag_of = [](std::string_view text) {
    const Bytes der = rfc4514(text).to_der();
    DerReader outer(der);
    auto set = outer.enter(tag::kSequence)->enter(tag::kSet)->enter(tag::kSequence);
    EXPECT_TRUE(set->oid());
    return set->peek();
  };
  EXPECT_EQ(tag_of("CN=Jane Doe"), tag::kPrintableString);
  EXPECT_EQ(tag_of("CN=jane@contoso.com"), tag::kUtf8String);
  EXPECT_EQ(tag_of("CN=jane_doe"), tag::kUtf8String);
  EXPECT_EQ(tag_of("CN=R&D"), tag::kUtf8String);
  EXPECT_EQ(tag_of("DC=contoso"), tag::kIa5String);
  EXPECT_EQ(tag_of("DC=b\xC3\xBC"), tag::kUtf8String);
  EXPECT_EQ(tag_of("E=jane@contoso.com"), tag::kIa5String);
  EXPECT_EQ(tag_of("C=US"), tag::kPrintableString);
}

TEST(Name, EveryStringTypeSurvivesReencoding) {
  for (const char* value : {"0c02c3a4", "1e0400e40041", "1402e441", "1c04000000e4", "130141", "160141", "120131"}) {
    const Bytes der =
        der::sequence({der::tlv(tag::kSet, BytesView(der::sequence({der::oid(oids::kCommonName), *from_hex(value)})))});
    const auto name = Name::from_der(der);
    ASSERT_TRUE(name) << value;
    EXPECT_EQ(to_hex(name->to_der()), to_hex(der)) << value;
  }
}

TEST(Name, ValuesThatAreNoStringsAreKept) {
  // An OCTET STRING, and a UTF8String that is not UTF-8.
  for (const char* value : {"0402abcd", "0c01ff"}) {
    const Bytes der =
        der::sequence({der::tlv(tag::kSet, BytesView(der::sequence({der::oid(Oid("1.2.3")), *from_hex(value)})))});
    const auto name = Name::from_der(der);
    ASSERT_TRUE(name);
    EXPECT_EQ(to_hex(name->to_der()), to_hex(der));
    EXPECT_EQ(name->to_rfc4514(), "1.2.3=#" + std::string(value));
    EXPECT_EQ(rfc4514(name->to_rfc4514()), *name);
  }
}

TEST(Name, MalformedDerIsRefused) {
  for (const char* hex : {"", "30", "3100", "30023100", "300431023000", "30053103300105",
                          "300b3109300706035504030c0141", "3000ff", "300d310b30090603550403 13014131"})
    EXPECT_FALSE(Name::from_der(*from_hex(hex))) << hex;
  EXPECT_TRUE(Name::from_der(*from_hex("3000"))->empty());
}

TEST(Rfc4514, ReadsEscapes) {
  EXPECT_EQ(rfc4514("CN=Doe\\, Jane,OU=U").last(oids::kCommonName), "Doe, Jane");
  EXPECT_EQ(rfc4514("CN=\\4c\\75\\C4\\8Di\\C4\\87").last(oids::kCommonName), "Lu\xC4\x8Di\xC4\x87");
  EXPECT_EQ(rfc4514("CN=James \\\"Jim\\\" Smith\\, III").last(oids::kCommonName), "James \"Jim\" Smith, III");
  EXPECT_EQ(rfc4514("CN=Before\\0dAfter").last(oids::kCommonName), "Before\rAfter");
  EXPECT_EQ(rfc4514("CN=\\ a \\ ").last(oids::kCommonName), " a  ");
  EXPECT_EQ(rfc4514(" CN = a b , O = x ").last(oids::kCommonName), "a b");
  EXPECT_EQ(rfc4514("CN=\"a, b\",O=x").last(oids::kCommonName), "a, b");
  EXPECT_EQ(rfc4514("CN=a=b").last(oids::kCommonName), "a=b");
  EXPECT_EQ(rfc4514("CN=,O=x").rdns.size(), 2u);
  EXPECT_EQ(rfc4514("CN=#13024a44").last(oids::kCommonName), "JD");
  EXPECT_EQ(rfc4514("OID.2.5.4.3=x"), rfc4514("commonName=x"));
  EXPECT_TRUE(rfc4514("").empty());
}

TEST(Rfc4514, ReadsMultiValuedNames) {
  const Name name = rfc4514("OU=Sales+CN=J. Smith,DC=example,DC=net");
  ASSERT_EQ(name.rdns.size(), 3u);
  EXPECT_EQ(name.rdns[2].size(), 2u);
  EXPECT_EQ(name.to_rfc4514(), "OU=Sales+CN=J. Smith,DC=example,DC=net");
}

TEST(Rfc4514, RefusesMalformedText) {
  for (const char* text : {"CN",       "=x",     "CN=a,",     "CN=a+",   ",CN=a",    "CN=a,,O=b", "CN=a\\", "CN=a\\zz",
                           "CN=\\4",   "CN=\"a", "CN=\"a\"b", "CN=a\"b", "CN=a;O=b", "CN=#",      "CN=#1",  "CN=#xx",
                           "CN=#0c05", "XYZ=a",  "1.=a",      "CN=\\ff", "C N=a",    "CN,O=x"})
    EXPECT_FALSE(Name::parse_rfc4514(text)) << text;
  EXPECT_EQ(Name::parse_rfc4514("CN=a,O").error().code, Code{HResult::CRYPT_E_INVALID_X500_STRING});
}

TEST(Rfc4514, WritesWhatItReads) {
  for (const char* text : {"CN=Doe\\, Jane,OU=Users", "CN=\\#a,DC=x", "CN=\\ a\\ ,DC=x", "CN=a\\0ab,DC=x",
                           "CN=a\\\\b\\\"c\\<d\\>e\\;f\\+g=h", "UID=jdoe,1.2.3.4=x", "CN=J\xC3\xBCrgen", "CN="})
    EXPECT_EQ(rfc4514(text).to_rfc4514(), text);
}

TEST(AltSecurity, PrintsEncodedOrderWithCryptoApiKeywords) {
  EXPECT_EQ(rfc4514("CN=CONTOSO-DC-CA,DC=contoso,DC=com").to_alt_security(), "DC=com,DC=contoso,CN=CONTOSO-DC-CA");
  EXPECT_EQ(rfc4514("E=j@x.de,title=Dr,ST=NRW,givenName=J,C=DE").to_alt_security(), "C=DE,G=J,S=NRW,T=Dr,E=j@x.de");
  EXPECT_EQ(rfc4514("UID=7,postalCode=12345").to_alt_security(), "PostalCode=12345,OID.0.9.2342.19200300.100.1.1=7");
  EXPECT_EQ(rfc4514("CN=JANE DOE+UID=25001003151020,C=US").to_alt_security(),
            "C=US,CN=JANE DOE OID.0.9.2342.19200300.100.1.1=25001003151020");
  EXPECT_EQ(rfc4514("CN=Doe\\, Jane,DC=x").to_alt_security(), "DC=x,CN=\"Doe, Jane\"");
}

}  // namespace
}  // namespace mimica
