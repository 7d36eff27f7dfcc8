#include <gtest/gtest.h>

#include "core/asn1/name.h"

namespace mimica {
namespace {

TEST(Dn, ComparisonFormFoldsWhatDoesNotMatter) {
  const std::string expected = normalise_dn("CN=Jane Doe,OU=Users,DC=contoso,DC=com");
  for (const char* text :
       {"cn=jane doe,ou=users,dc=contoso,dc=com", "CN = Jane  Doe , OU=Users, DC=contoso,DC=COM",
        "2.5.4.3=Jane Doe,OID.2.5.4.11=Users,DC=contoso,DC=com", "CN=\"Jane Doe\",OU=Users,DC=contoso,DC=com",
        "commonName=\\4aane\\20Doe,OU=Users,DC=contoso,DC=com", "CN=#13084a616e6520446f65,OU=Users,DC=contoso,DC=com"})
    EXPECT_EQ(normalise_dn(text), expected) << text;
  EXPECT_NE(normalise_dn("CN=JaneDoe,OU=Users,DC=contoso,DC=com"), expected);
  EXPECT_NE(normalise_dn("CN=Jane Doe,DC=contoso,DC=com"), expected);
}

TEST(Dn, EscapedSeparatorsStayApartFromRealOnes) {
  EXPECT_EQ(normalise_dn("CN=Doe\\, Jane,DC=x"), normalise_dn("CN=\"Doe, Jane\",DC=x"));
  EXPECT_EQ(normalise_dn("CN=Doe\\2C Jane,DC=x"), normalise_dn("CN=Doe\\, Jane,DC=x"));
  EXPECT_NE(normalise_dn("CN=a\\,DC\\=y,DC=x"), normalise_dn("CN=a,DC=y,DC=x"));
  EXPECT_NE(normalise_dn("CN=a\\+b,DC=x"), normalise_dn("CN=a+CN=b,DC=x"));
  EXPECT_EQ(normalise_dn("CN=b+OU=a,DC=x"), normalise_dn("OU=A+CN=B,DC=x"));
}

TEST(Dn, LettersBeyondAsciiFold) {
  EXPECT_EQ(normalise_dn("CN=\xC3\x9C\xC3\xB6,DC=x"), normalise_dn("CN=\xC3\xBC\xC3\x96,DC=x"));  // Üö, üÖ
  EXPECT_EQ(normalise_dn("CN=\xD0\x98\xD0\xB2,DC=x"), normalise_dn("CN=\xD0\xB8\xD0\x92,DC=x"));  // Ив, иВ
  EXPECT_EQ(normalise_dn("CN=\xC5\x81,DC=x"), normalise_dn("CN=\xC5\x82,DC=x"));                  // Ł, ł
  EXPECT_NE(normalise_dn("CN=\xC3\x97,DC=x"), normalise_dn("CN=\xC3\xB7,DC=x"));                  // ×, ÷
}

TEST(Dn, MalformedNamesHaveNoComparisonForm) {
  for (const char* text : {"", "jane", "CN=a,", "CN=a\\", "CN=\"a", "CN=\\ff", "CN=#1", "CN=#0c05", "C N=x", "C!N=x"})
    EXPECT_EQ(normalise_dn(text), "") << text;
  EXPECT_EQ(normalise_dn("msDS-Key=1,DC=x"), "msds-key=1,dc=x");  // an attribute this table does not know
}

TEST(Dn, ParentsAndLeaves) {
  EXPECT_EQ(parent_dn("CN=Doe\\, Jane,OU=Users,DC=x"), "OU=Users,DC=x");
  EXPECT_EQ(parent_dn("CN=\"Doe, Jane\", OU=Users"), "OU=Users");
  EXPECT_EQ(parent_dn("DC=x"), "");
  EXPECT_EQ(parent_dn("CN=a\\"), "");
  EXPECT_EQ(leaf_value("CN=Doe\\, Jane,OU=Users"), "Doe, Jane");
  EXPECT_EQ(leaf_value("CN= a ,DC=x"), "a");
  EXPECT_EQ(leaf_value("jane"), "");
}

TEST(Dn, EscapedValuesReadBack) {
  for (const char* value : {"plain", "Doe, Jane", "#1", " a ", "a\nb", "\"+;<>\\=", "M\xC3\xBCller", "", "a\x7f"})
    EXPECT_EQ(leaf_value("CN=" + escape_dn_value(value) + ",DC=x"), value);
}

TEST(Dn, Ancestry) {
  EXPECT_TRUE(dn_is_under("CN=a,OU=b,DC=x", "ou=B, dc=X"));
  EXPECT_TRUE(dn_is_under("OU=b,DC=x", "OU=b,DC=x"));
  EXPECT_FALSE(dn_is_under("DC=x", "OU=b,DC=x"));
  EXPECT_FALSE(dn_is_under("CN=a\\,DC\\=x", "DC=x"));
  EXPECT_FALSE(dn_is_under("CN=a,DC=xx", "DC=x"));
  EXPECT_TRUE(dn_is_under("DC=x", ""));
  EXPECT_TRUE(dn_is_under("", ""));
  EXPECT_FALSE(dn_is_under("", "DC=x"));
  EXPECT_FALSE(dn_is_under("broken", "DC=x"));
  EXPECT_FALSE(dn_is_under("DC=x", "broken"));
}

}  // namespace
}  // namespace mimica
