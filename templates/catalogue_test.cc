#include "templates/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "templates/codec.h"
#include "templates/oid_container.h"
#include "templates/permission.h"

namespace mimica::templates {
namespace {

CatalogueContext context() {
  return {Oid("1.3.6.1.4.1.311.21.8.14022710.8053821.4148415.11041814.15190471.213"),
          *Sid::parse("S-1-5-21-1047456448-2337630968-2720937775")};
}
constexpr std::string_view kConfiguration = "CN=Configuration,DC=dom,DC=local";

TEST(Catalogue, HasThirtyThreeTemplatesNumberedInOrder) {
  const std::vector<CertificateTemplate> all = built_in_templates(context());
  ASSERT_EQ(all.size(), 33u);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].oid.dotted(), context().forest_base.dotted() + ".1." + std::to_string(i + 1)) << all[i].cn;
    EXPECT_TRUE(all[i].is_built_in());
    EXPECT_LT(all[i].overlap, all[i].validity);
  }
  EXPECT_EQ(all.front().cn, "User");
  EXPECT_EQ(all.back().cn, "KerberosAuthentication");
}

TEST(Catalogue, PublishesElevenThatExist) {
  ASSERT_EQ(published_by_default().size(), 11u);
  EXPECT_EQ(published_by_default().front(), "DirectoryEmailReplication");
  EXPECT_EQ(published_by_default().back(), "Administrator");
  for (const std::string_view cn : published_by_default()) EXPECT_TRUE(built_in_template(cn, context())) << cn;
  EXPECT_FALSE(built_in_template("No such template", context()));
}

TEST(Catalogue, HasTheRealUserTemplate) {
  const auto user = built_in_template("user", context());
  ASSERT_TRUE(user);
  const ldap::Entry entry = encode(*user, kConfiguration);
  EXPECT_EQ(entry.dn(),
            "CN=User,CN=Certificate Templates,CN=Public Key Services,CN=Services,CN=Configuration,DC=dom,DC=local");
  EXPECT_EQ(entry.first("flags"), "66106");
  EXPECT_EQ(entry.first("revision"), "3");
  EXPECT_EQ(entry.first("msPKI-Template-Minor-Revision"), "1");
  EXPECT_EQ(entry.first("msPKI-Certificate-Name-Flag"), "-1509949440");
  EXPECT_EQ(entry.first("msPKI-Enrollment-Flag"), "41");
  EXPECT_EQ(entry.first("msPKI-Private-Key-Flag"), "16");
  EXPECT_THAT(entry.values("pKIExtendedKeyUsage"),
              testing::ElementsAre("1.3.6.1.4.1.311.10.3.4", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2"));
  EXPECT_THAT(entry.values("pKIDefaultCSPs"), testing::ElementsAre("2,Microsoft Base Cryptographic Provider v1.0",
                                                                   "1,Microsoft Enhanced Cryptographic Provider v1.0"));
  EXPECT_FALSE(entry.has("msPKI-Certificate-Application-Policy"));
  EXPECT_EQ(user->security->to_sddl(context().root_domain, context().root_domain),
            "O:EAG:EAD:PAI(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DA)"
            "(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DU)(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;EA)"
            "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA)(A;;LCRPLORC;;;AU)");
}

TEST(Catalogue, GivesReadOnlyControllersTheSmallerMask) {
  const auto kerberos = built_in_template("KerberosAuthentication", context());
  ASSERT_TRUE(kerberos);
  EXPECT_EQ(kerberos->security->dacl->aces.size(), 11u);
  EXPECT_EQ(kerberos->security->dacl->aces[0].mask, 0x110u);
  EXPECT_THAT(holders(*kerberos, Right::autoenroll),
              testing::ElementsAre(context().root_domain.with_rid(498), context().root_domain.with_rid(516),
                                   sids::kEnterpriseDcs));
}

TEST(Catalogue, CarriesThePackedPropertiesOfTheOcspTemplate) {
  const auto ocsp = built_in_template("OCSPResponseSigning", context());
  ASSERT_TRUE(ocsp);
  EXPECT_TRUE(ocsp->uses_key_storage_provider());
  ASSERT_TRUE(ocsp->key_property("msPKI-Key-Security-Descriptor"));
  EXPECT_EQ(ocsp->key_property("msPKI-Key-Usage")->value, (std::variant<std::uint32_t, std::string>(2U)));
  EXPECT_TRUE(ocsp->enrollment_flags.has(EnrollmentFlag::add_ocsp_nocheck));
}

TEST(OidContainer, DerivesTheForestBaseFromTheContainersGuid) {
  EXPECT_EQ(forest_oid_base(*Guid::parse("7a36f8d5-3de4-4c3f-bfa8-7c16e7c9c7d5")), context().forest_base);
}

TEST(OidContainer, NamesObjectsByTheDigestOfTheirOid) {
  EXPECT_EQ(oid_object_name(Oid(context().forest_base.dotted() + ".1.25")), "25.1F8C368BD6D0420D481A5B718EE77BEE");
  EXPECT_EQ(oid_object_name(Oid(context().forest_base.dotted() + ".1.26")), "26.4CFA91E4357E6C6BE1DCE16DF3CEF089");
}

TEST(OidContainer, HasTwelveObjectsInAFreshForest) {
  const std::vector<ldap::Entry> entries = built_in_oid_entries(context(), kConfiguration);
  ASSERT_EQ(entries.size(), 12u);
  EXPECT_EQ(entries[0].dn(),
            "CN=25.1F8C368BD6D0420D481A5B718EE77BEE,CN=OID,CN=Public Key "
            "Services,CN=Services,CN=Configuration,DC=dom,DC=local");
  EXPECT_EQ(entries[0].first("displayName"), "Cross Certification Authority");
  EXPECT_EQ(entries[0].first("flags"), "1");
  EXPECT_EQ(entries[11].first("displayName"), "High Assurance");
  EXPECT_EQ(entries[11].first("flags"), "2");
  EXPECT_EQ(entries[11].first("msPKI-Cert-Template-OID"), context().forest_base.dotted() + ".1.402");
}

TEST(OidContainer, AllocatesBelowTheBaseWithinItsRanges) {
  SeededEntropy entropy("oid");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const Oid oid = allocate_oid(context().forest_base, entropy);
    EXPECT_TRUE(seen.insert(oid.dotted()).second);
    const auto arcs = split(oid.dotted(), '.');
    ASSERT_EQ(arcs.size(), 17u);
    EXPECT_GE(arcs[15].size(), 7u);
    EXPECT_LE(arcs[15].size(), 8u);
    EXPECT_EQ(arcs[16].size(), 8u);
  }
}

}  // namespace
}  // namespace mimica::templates
