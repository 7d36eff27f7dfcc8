#include "templates/codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/catalogue.h"

namespace mimica::templates {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::string_view kCodecConfiguration = "CN=Configuration,DC=contoso,DC=com";

CertificateTemplate user() {
  return *built_in_template("User", {Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), *Sid::parse("S-1-5-21-1-2-3")});
}

TEST(TemplateCodec, RoundTripsEveryBuiltInTemplate) {
  for (const CertificateTemplate& value :
       built_in_templates({Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), *Sid::parse("S-1-5-21-1-2-3")})) {
    const auto again = decode(encode(value, kCodecConfiguration));
    ASSERT_TRUE(again) << value.cn << ": " << again.error().describe();
    EXPECT_EQ(*again, value) << value.cn;
  }
}

TEST(TemplateCodec, KeepsAndReportsWhatItDoesNotKnow) {
  ldap::Entry entry = encode(user(), kCodecConfiguration);
  entry.set("objectGUID", "0123456789abcdef");
  entry.set("whenCreated", "20230610111017.0Z");
  entry.set("vendorPolicy", std::vector<std::string>{"b", "a"});
  entry.set("instanceType", "36");
  const auto value = decode(entry);
  ASSERT_TRUE(value);
  EXPECT_THAT(unrecognised_attributes(*value), ElementsAre("vendorPolicy"));
  const ldap::Entry again = encode(*value, kCodecConfiguration);
  EXPECT_THAT(again.values("vendorPolicy"), ElementsAre("b", "a"));
  EXPECT_EQ(again.first("objectGUID"), "0123456789abcdef");
  EXPECT_EQ(again.first("instanceType"), "36");
  EXPECT_EQ(again.attributes().size(), entry.attributes().size());
}

TEST(TemplateCodec, TakesDocumentedDefaultsForMissingAttributes) {
  ldap::Entry entry("CN=Bare,CN=Certificate Templates,DC=contoso,DC=com");
  const auto value = decode(entry);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->cn, "Bare");
  EXPECT_EQ(value->schema_version, 1);
  EXPECT_TRUE(value->oid.empty());
  EXPECT_FALSE(value->security);
  EXPECT_EQ(value->default_key_spec, DefaultKeySpec::key_exchange);
}

TEST(TemplateCodec, ReadsNumbersInBothSigns) {
  ldap::Entry entry = encode(user(), kCodecConfiguration);
  entry.set("msPKI-Certificate-Name-Flag", "2785017856");
  EXPECT_EQ(decode(entry)->name_flags, user().name_flags);
  entry.set("pKIMaxIssuingDepth", "-1");
  EXPECT_EQ(decode(entry)->max_issuing_depth, -1);
}

TEST(TemplateCodec, ReadsOtherSpellingsOfProviders) {
  ldap::Entry entry = encode(user(), kCodecConfiguration);
  entry.set("pKIDefaultCSPs", std::vector<std::string>{"1, Some Provider", "Unnumbered, Provider"});
  const auto value = decode(entry);
  ASSERT_TRUE(value);
  EXPECT_THAT(value->default_providers, ElementsAre(Provider{1, "Some Provider"}, Provider{0, "Unnumbered, Provider"}));
  EXPECT_THAT(encode(*value, kCodecConfiguration).values("pKIDefaultCSPs"),
              ElementsAre("1,Some Provider", "Unnumbered, Provider"));
}

TEST(TemplateCodec, EscapesTheNameInTheDn) {
  EXPECT_EQ(
      template_dn("A, B+C", kCodecConfiguration),
      "CN=A\\, B\\+C,CN=Certificate Templates,CN=Public Key Services,CN=Services,CN=Configuration,DC=contoso,DC=com");
}

TEST(TemplateCodec, FaultsNameTheAttribute) {
  const auto fault_of = [](std::string_view name, std::vector<std::string> values) {
    ldap::Entry entry = encode(user(), kCodecConfiguration);
    entry.set(name, std::move(values));
    const auto value = decode(entry);
    return value ? std::string() : value.error().what;
  };
  EXPECT_THAT(fault_of("flags", {"x"}), HasSubstr("flags"));
  EXPECT_THAT(fault_of("flags", {"4294967296"}), HasSubstr("32-bit"));
  EXPECT_THAT(fault_of("flags", {"-2147483649"}), HasSubstr("32-bit"));
  EXPECT_THAT(fault_of("flags", {"99999999999999999999"}), HasSubstr("32-bit"));
  EXPECT_THAT(fault_of("flags", {"1", "2"}), HasSubstr("single-valued"));
  EXPECT_THAT(fault_of("pKIKeyUsage", {""}), HasSubstr("pKIKeyUsage"));
  EXPECT_THAT(fault_of("pKIKeyUsage", {"abc"}), HasSubstr("pKIKeyUsage"));
  EXPECT_THAT(fault_of("pKIOverlapPeriod", {"abc"}), HasSubstr("pKIOverlapPeriod"));
  EXPECT_THAT(fault_of("pKIExtendedKeyUsage", {"Client Authentication"}), HasSubstr("pKIExtendedKeyUsage"));
  EXPECT_THAT(fault_of("msPKI-Cert-Template-OID", {"1.2", "1.3"}), HasSubstr("msPKI-Cert-Template-OID"));
  EXPECT_THAT(fault_of("msPKI-RA-Application-Policies", {"a`b"}), HasSubstr("msPKI-RA-Application-Policies"));
  EXPECT_THAT(fault_of("nTSecurityDescriptor", {"short"}), HasSubstr("nTSecurityDescriptor"));
  EXPECT_THAT(fault_of("objectClass", {"top", "user"}), HasSubstr("pKICertificateTemplate"));
  EXPECT_THAT(decode(ldap::Entry()).error().what, HasSubstr("no name"));
}

}  // namespace
}  // namespace mimica::templates
