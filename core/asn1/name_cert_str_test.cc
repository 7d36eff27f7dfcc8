#include <gtest/gtest.h>

#include "core/asn1/der.h"
#include "core/asn1/name.h"

namespace mimica {
namespace {

const Oid kOrganization{"2.5.4.10"};
const Oid kOrganizationalUnit{"2.5.4.11"};

Name forward(std::string_view text) {
  auto name = Name::parse_cert_str(text, false);
  EXPECT_TRUE(name) << text << ": " << (name ? "" : name.error().describe());
  return name ? *name : Name();
}

Code refusal(std::string_view text) {
  const auto name = Name::parse_cert_str(text);
  EXPECT_FALSE(name) << text;
  return name ? Code{} : name.error().code;
}

TEST(CertStr, SeparatorsMayBeMixed) {
  const Name name = forward("CN=Jane Doe,OU=Mobile;O=Finance Group");
  ASSERT_EQ(name.rdns.size(), 3u);
  EXPECT_EQ(name.rdns[0][0].value, "Jane Doe");
  EXPECT_EQ(name.rdns[1][0].type, kOrganizationalUnit);
  EXPECT_EQ(name.rdns[2][0].value, "Finance Group");
}

TEST(CertStr, QuotesHoldSeparators) {
  EXPECT_EQ(forward("CN=\"Doe, Jane\",OU=Users").last(oids::kCommonName), "Doe, Jane");
  EXPECT_EQ(forward("CN=\"User \"\"one\"\"\"").last(oids::kCommonName), "User \"one\"");
  EXPECT_EQ(forward("CN=\"\" , O=x").rdns.size(), 2u);
}

TEST(CertStr, ABackslashIsNoEscape) {
  EXPECT_EQ(refusal("CN=Doe\\, Jane,OU=Users"), Code{HResult::CRYPT_E_INVALID_X500_STRING});
  EXPECT_EQ(refusal("CN=Test User (TestCompany\\, LLC),OU=x"), Code{HResult::CRYPT_E_INVALID_X500_STRING});
  EXPECT_EQ(forward("CN=a\\b").last(oids::kCommonName), "a\\b");
  EXPECT_EQ(forward("CN=\"Test User (TestCompany, LLC)\",OU=x").last(oids::kCommonName),
            "Test User (TestCompany, LLC)");
}

TEST(CertStr, PlusJoinsValuesOfOneRdn) {
  const Name name = forward("CN=A+OU=B,O=C");
  ASSERT_EQ(name.rdns.size(), 2u);
  EXPECT_EQ(name.rdns[0].size(), 2u);
  EXPECT_EQ(name.rdns[0][1].type, kOrganizationalUnit);
}

TEST(CertStr, KeysMayBeOidsAndBlanksAreIgnored) {
  const Name name = forward("cn = x , 2.5.4.11 = y , OID.2.5.4.10=z");
  EXPECT_EQ(name.last(oids::kCommonName), "x");
  EXPECT_EQ(name.last(kOrganizationalUnit), "y");
  EXPECT_EQ(name.last(kOrganization), "z");
}

TEST(CertStr, HexadecimalBecomesAnOctetString) {
  const Name name = forward("1.2.3=#04 02 AB CD");
  EXPECT_EQ(to_hex(name.rdns.at(0).at(0).raw), "04040402abcd");
  EXPECT_EQ(forward("1.2.3 = # AB CD 01"), forward("1.2.3=#ABCD01"));
  EXPECT_EQ(refusal("1.2.3=#ABC"), Code{HResult::CRYPT_E_INVALID_X500_STRING});
  EXPECT_EQ(refusal("1.2.3=#xy"), Code{HResult::CRYPT_E_INVALID_X500_STRING});
}

TEST(CertStr, CharactersMustFitTheStringType) {
  EXPECT_EQ(refusal("E=j\xC3\xA4ne@contoso.com"), Code{HResult::CRYPT_E_INVALID_IA5_STRING});
  EXPECT_EQ(refusal("C=USA!"), Code{HResult::CRYPT_E_INVALID_PRINTABLE_STRING});
  EXPECT_EQ(refusal("C=U_S"), Code{HResult::CRYPT_E_INVALID_PRINTABLE_STRING});
  EXPECT_EQ(refusal("SERIALNUMBER=ab_1"), Code{HResult::CRYPT_E_INVALID_PRINTABLE_STRING});
  EXPECT_EQ(forward("CN=j\xC3\xA4ne").last(oids::kCommonName), "j\xC3\xA4ne");
}

TEST(CertStr, UnknownKeysAndBareNamesAreRefused) {
  for (const char* text : {"UID=jdoe", "Jane Doe", "DNQ=x", "POSTALCODE=1", "MAIL=x", "USERID=x", "=x", "CN=a,,O=b",
                           "CN=\"a", "CN=\"a\" b", "CN=a\"b\"", "CN=a+", "3.1.2=x", "OID.=x"})
    EXPECT_EQ(refusal(text), Code{HResult::CRYPT_E_INVALID_X500_STRING}) << text;
  EXPECT_EQ(refusal("CN=\xFF"), Code{HResult::CRYPT_E_INVALID_X500_STRING});
  EXPECT_EQ(forward("0.9.2342.19200300.100.1.1=jdoe"), forward("OID.0.9.2342.19200300.100.1.1=jdoe"));
}

TEST(CertStr, AQuotedDistinguishedNameIsOneValue) {
  const Name name = forward("CN=\"CN=Jane Doe,OU=U,DC=c\"");
  ASSERT_EQ(name.rdns.size(), 1u);
  EXPECT_EQ(name.rdns[0][0].value, "CN=Jane Doe,OU=U,DC=c");
}

TEST(CertStr, EveryDocumentedKeyIsRead) {
  const std::pair<const char*, const char*> keys[] = {{"CN", "2.5.4.3"},
                                                      {"SN", "2.5.4.4"},
                                                      {"SERIALNUMBER", "2.5.4.5"},
                                                      {"C", "2.5.4.6"},
                                                      {"L", "2.5.4.7"},
                                                      {"S", "2.5.4.8"},
                                                      {"ST", "2.5.4.8"},
                                                      {"STREET", "2.5.4.9"},
                                                      {"O", "2.5.4.10"},
                                                      {"OU", "2.5.4.11"},
                                                      {"T", "2.5.4.12"},
                                                      {"Title", "2.5.4.12"},
                                                      {"G", "2.5.4.42"},
                                                      {"GN", "2.5.4.42"},
                                                      {"GivenName", "2.5.4.42"},
                                                      {"I", "2.5.4.43"},
                                                      {"Initials", "2.5.4.43"},
                                                      {"E", "1.2.840.113549.1.9.1"},
                                                      {"Email", "1.2.840.113549.1.9.1"},
                                                      {"DC", "0.9.2342.19200300.100.1.25"}};
  for (const auto& [key, oid] : keys)
    for (const std::string& spelling : {std::string(key), to_lower(key), to_upper(key)})
      EXPECT_EQ(forward(spelling + "=x").rdns.at(0).at(0).type.dotted(), oid) << spelling;
}

TEST(CertStr, TheDefaultOrderIsThatOfCertEnroll) {
  const std::string_view text = "CN=jane,E=jane@contoso.com,OU=OU,O=O,L=L,ST=ST,C=US";
  const auto reversed = Name::parse_cert_str(text);
  ASSERT_TRUE(reversed);
  EXPECT_EQ(reversed->rdns.front()[0].value, "US");
  EXPECT_EQ(reversed->rdns.back()[0].value, "jane");
  EXPECT_EQ(reversed->to_cert_str(","), "CN=jane,E=jane@contoso.com,OU=OU,O=O,L=L,S=ST,C=US");
  EXPECT_EQ(forward(text).rdns.front()[0].value, "jane");
}

TEST(CertStr, BoundaryForms) {
  EXPECT_TRUE(forward("").empty());
  EXPECT_TRUE(forward("   ").empty());
  EXPECT_EQ(forward("CN=a,").rdns.size(), 1u);
  EXPECT_EQ(forward("CN=").rdns.at(0).at(0).value, "");
  EXPECT_EQ(forward("CN=,O=x").rdns.size(), 2u);
}

TEST(CertStr, PrintingQuotesWhereNeeded) {
  const auto print = [](std::string value) {
    Name name;
    name.rdns = {{Ava{oids::kCommonName, std::move(value), 0, {}}}};
    return name.to_cert_str();
  };
  EXPECT_EQ(print("plain value"), "CN=plain value");
  EXPECT_EQ(print("Doe, Jane"), "CN=\"Doe, Jane\"");
  EXPECT_EQ(print("say \"hi\""), "CN=\"say \"\"hi\"\"\"");
  EXPECT_EQ(print(" x"), "CN=\" x\"");
  EXPECT_EQ(print(""), "CN=\"\"");
  for (const char* special : {"a+b", "a=b", "a<b", "a>b", "a#b", "a;b", "a\nb", "a\rb"})
    EXPECT_EQ(print(special), "CN=\"" + std::string(special) + "\"");
  EXPECT_EQ(print("a\\b@c"), "CN=a\\b@c");
}

TEST(CertStr, PrintingIsReadBack) {
  for (const char* text : {"CN=Jane, OU=\"a,b\", DC=com", "S=NRW, OID.1.2.3=x", "CN=a + OU=b, O=\"\"", "1.2.3=#ABCD01",
                           "T=x, G=y, I=z, SN=s, SERIALNUMBER=1, STREET=q"}) {
    const auto name = Name::parse_cert_str(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(*Name::parse_cert_str(name->to_cert_str()), *name) << text;
  }
}

}  // namespace
}  // namespace mimica
