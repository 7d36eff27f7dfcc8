#include "templates/edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/catalogue.h"
#include "templates/codec.h"
#include "templates/edit_verbs.h"
#include "templates/oid_container.h"

namespace mimica::templates {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Sid kDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kAdministrator = kDomain.with_rid(rid::kAdministrator);
const Sid kConnector = kDomain.with_rid(1105);
const Sid kDomainUsers = kDomain.with_rid(rid::kDomainUsers);
const Oid kNewOid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.5191136.12906913");

CatalogueContext edit_context() { return {Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kDomain}; }
CertificateTemplate copy_of(std::string_view cn) {
  return *duplicate(*built_in_template(cn, edit_context()), {"Intune PKCS", "", kNewOid, kAdministrator});
}
Result<Sid> sid_of(std::string_view account) {
  if (account == "CONNECTOR01$") return kConnector;
  if (account == "Domain Users") return kDomainUsers;
  return fault("unknown account '" + std::string(account) + "'");
}
Edit edit_of(std::string_view verb, std::string_view argument) {
  auto parsed = parse_edit(verb, argument, sid_of);
  EXPECT_TRUE(parsed) << verb << ": " << (parsed ? "" : parsed.error().describe());
  return *parsed;
}
void saved(CertificateTemplate& value, std::vector<std::pair<std::string_view, std::string_view>> pairs) {
  std::vector<Edit> edits;
  for (const auto& [verb, argument] : pairs) edits.push_back(edit_of(verb, argument));
  const auto done = save(value, edits);
  EXPECT_TRUE(done) << (done ? "" : done.error().describe());
}
std::string sddl(const CertificateTemplate& value) { return value.security->to_sddl(kDomain, kDomain); }

TEST(Duplicate, BecomesAModifiedSchema2Template) {
  const CertificateTemplate copy = copy_of("User");
  EXPECT_EQ(copy.cn, "IntunePKCS");
  EXPECT_EQ(copy.display_name, "Intune PKCS");
  EXPECT_EQ(copy.flags.bits(), 0x2023Au);
  EXPECT_EQ(copy.schema_version, 2);
  EXPECT_EQ(copy.major_revision, 100u);
  EXPECT_EQ(copy.minor_revision, 2u);
  EXPECT_EQ(copy.private_key_flags.bits(), 0x01010010u);
  EXPECT_EQ(copy.application_policies, copy.extended_key_usage);
  EXPECT_EQ(copy.oid, kNewOid);
  // The Enroll right of Domain Users stays: that is what REQ-46 is about.
  EXPECT_THAT(holders(copy, Right::enroll), testing::Contains(kDomainUsers));
}

TEST(Duplicate, BelongsToItsCreator) {
  const CertificateTemplate copy = copy_of("User");
  EXPECT_EQ(copy.security->owner, kAdministrator);
  EXPECT_THAT(sddl(copy), HasSubstr("(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;LA)"));
}

TEST(Duplicate, KeepsSchema3AndItsProperties) {
  const CertificateTemplate copy = copy_of("OCSPResponseSigning");
  EXPECT_EQ(copy.schema_version, 3);
  EXPECT_EQ(copy.ca_version(), 2);
  EXPECT_NE(copy.key_property("msPKI-Key-Security-Descriptor"), nullptr);
  EXPECT_EQ(copy_of("Machine").flags.bits(), 131680u);  // observed in real duplicates of Computer
}

TEST(Duplicate, NeedsANameAndAnOid) {
  const CertificateTemplate user = *built_in_template("User", edit_context());
  EXPECT_FALSE(duplicate(user, {" ", "", kNewOid, {}}));
  EXPECT_FALSE(duplicate(user, {"Intune PKCS", "", Oid(), {}}));
  EXPECT_EQ(duplicate(user, {"Intune PKCS", "Other", kNewOid, {}})->cn, "Other");
}

TEST(Duplicate, HasItsOidObject) {
  const ldap::Entry entry = oid_entry(copy_of("User"), "CN=Configuration,DC=corp,DC=local");
  EXPECT_THAT(entry.dn(), HasSubstr("CN=12906913."));
  EXPECT_EQ(entry.first("displayName"), "Intune PKCS");
  EXPECT_EQ(entry.first("flags"), "1");
}

// The duplicate of "User" as the Intune article makes it: the object that results, value by value.
TEST(Duplicate, GivesTheTemplateOfTheArticle) {
  CertificateTemplate value = copy_of("User");
  saved(value, {{"compatibility", "2008 R2 / Windows 7"},
                {"private_key", "exportable"},
                {"minimum_key_size", "2048"},
                {"subject", "supplied_in_request"},
                {"application_policies", "Encrypting File System, Secure Email, Client Authentication"},
                {"proof_of_origin", "false"}});
  saved(value, {{"allow_read", "CONNECTOR01$"}, {"allow_enroll", "CONNECTOR01$"}, {"remove", "Domain Users"}});

  using Values = std::vector<std::string>;
  const std::vector<ldap::Attribute> expected = {
      {"objectClass", {"top", "pKICertificateTemplate"}},
      {"cn", {"IntunePKCS"}},
      {"displayName", {"Intune PKCS"}},
      {"name", {"IntunePKCS"}},
      {"instanceType", {"4"}},
      {"showInAdvancedViewOnly", {"TRUE"}},
      {"objectCategory", {"CN=PKI-Certificate-Template,CN=Schema,CN=Configuration,DC=corp,DC=local"}},
      {"flags", {"131642"}},
      {"revision", {"100"}},
      {"msPKI-Template-Minor-Revision", {"4"}},
      {"msPKI-Template-Schema-Version", {"2"}},
      {"msPKI-Cert-Template-OID", {kNewOid.dotted()}},
      {"pKIDefaultKeySpec", {"1"}},
      {"pKIKeyUsage", {std::string("\xA0\0", 2)}},
      {"pKIMaxIssuingDepth", {"0"}},
      {"pKICriticalExtensions", {"2.5.29.15", "2.5.29.7"}},
      {"pKIExpirationPeriod", {mimica::to_string(BytesView(*from_base64("AEA5hy7h/v8=")))}},
      {"pKIOverlapPeriod", {mimica::to_string(BytesView(*from_base64("AICmCv/e//8=")))}},
      {"pKIExtendedKeyUsage", {"1.3.6.1.4.1.311.10.3.4", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2"}},
      {"pKIDefaultCSPs",
       {"1,Microsoft Enhanced Cryptographic Provider v1.0", "2,Microsoft Base Cryptographic Provider v1.0"}},
      {"msPKI-RA-Signature", {"0"}},
      {"msPKI-Minimal-Key-Size", {"2048"}},
      {"msPKI-Enrollment-Flag", {"9"}},
      {"msPKI-Private-Key-Flag", {"50528272"}},
      {"msPKI-Certificate-Name-Flag", {"1"}},
      {"msPKI-Certificate-Application-Policy", {"1.3.6.1.4.1.311.10.3.4", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.2"}},
  };
  ldap::Entry entry = encode(value, "CN=Configuration,DC=corp,DC=local");
  EXPECT_EQ(
      entry.dn(),
      "CN=IntunePKCS,CN=Certificate Templates,CN=Public Key Services,CN=Services,CN=Configuration,DC=corp,DC=local");
  entry.remove("nTSecurityDescriptor");
  EXPECT_EQ(entry.attributes().size(), expected.size());
  for (const ldap::Attribute& attribute : expected)
    EXPECT_EQ(entry.values(attribute.name), Values(attribute.values)) << attribute.name;

  EXPECT_EQ(sddl(value),
            "O:LAG:EAD:PAI(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;S-1-5-21-1-2-3-1105)"
            "(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DA)(OA;;RPWPCR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;EA)"
            "(A;;LCRPLORC;;;S-1-5-21-1-2-3-1105)"
            "(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;DA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;EA)(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;LA)"
            "(A;;LCRPLORC;;;AU)");

  saved(value, {{"publish_in_ad", "false"}});
  EXPECT_EQ(value.enrollment_flags.bits(), 1u);
}

TEST(Edit, Schema1TemplatesChangeTheirPermissionsOnly) {
  CertificateTemplate user = *built_in_template("User", edit_context());
  EXPECT_FALSE(apply_edit(user, edit::AllowExport{false}));
  saved(user, {{"allow_enroll", "CONNECTOR01$"}});
  EXPECT_EQ(user.minor_revision, 1u);
  EXPECT_FALSE(user.flags.has(GeneralFlag::is_modified));
  EXPECT_THAT(holders(user, Right::enroll), testing::Contains(kConnector));
}

TEST(Edit, SaveIsAllOrNothing) {
  CertificateTemplate value = copy_of("User");
  const CertificateTemplate before = value;
  const std::vector<Edit> edits{edit::AllowExport{false}, edit::SetMinimumKeySize{1}};
  EXPECT_FALSE(save(value, edits));
  EXPECT_EQ(value, before);
  const std::vector<Edit> overlapping{edit::SetValidity{42 * kDay}};
  const auto refused = save(value, overlapping);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code(HResult::CERTSRV_E_CERT_TYPE_OVERLAP));
  EXPECT_EQ(value, before);
}

TEST(Edit, BuildingFromTheDirectoryUndoesSupplyInRequest) {
  CertificateTemplate value = copy_of("User");
  const CertificateTemplate before = value;
  ASSERT_TRUE(apply_edit(value, edit::SupplyInRequest{}));
  ASSERT_TRUE(apply_edit(value, edit_of("subject", "full_dn, include_email, alt_email, alt_upn")));
  EXPECT_EQ(value, before);
}

TEST(Edit, KeyStorageProvidersMakeSchema3) {
  CertificateTemplate value = copy_of("User");
  EXPECT_FALSE(apply_edit(value, edit_of("provider", "ksp")));
  EXPECT_FALSE(apply_edit(value, edit_of("key_algorithm", "RSA")));
  saved(value, {{"compatibility", "2008R2"}, {"provider", "ksp"}, {"hash_algorithm", "SHA256"}});
  EXPECT_EQ(value.schema_version, 3);
  const ldap::Entry entry = encode(value, "DC=x");
  EXPECT_THAT(entry.values("pKIDefaultCSPs"), ElementsAre("1,Microsoft Software Key Storage Provider"));
  EXPECT_EQ(entry.first("msPKI-RA-Application-Policies"),
            "msPKI-Asymmetric-Algorithm`PZPWSTR`RSA`msPKI-Hash-Algorithm`PZPWSTR`SHA256`msPKI-Key-Usage`DWORD`16777215`"
            "msPKI-Symmetric-Algorithm`PZPWSTR`3DES`msPKI-Symmetric-Key-Length`DWORD`168`");
  EXPECT_FALSE(apply_edit(value, edit_of("compatibility", "2003/XP")));
  EXPECT_FALSE(apply_edit(value, edit::SetKeyAlgorithm{"a`b"}));
  ASSERT_TRUE(apply_edit(value, edit_of("provider", "legacy: Some Provider; Other Provider")));
  EXPECT_EQ(value.schema_version, 2);
  EXPECT_FALSE(value.key_properties);
  EXPECT_THAT(value.default_providers, ElementsAre(Provider{1, "Some Provider"}, Provider{2, "Other Provider"}));
}

TEST(Edit, Compatibility2012MakesSchema4) {
  CertificateTemplate value = copy_of("User");
  ASSERT_TRUE(apply_edit(value, edit_of("compatibility", "2012/8")));
  EXPECT_EQ(value.schema_version, 4);
  EXPECT_TRUE(value.private_key_flags.has(PrivateKeyFlag::use_legacy_provider));
  EXPECT_FALSE(value.uses_key_storage_provider());
  ASSERT_TRUE(apply_edit(value, edit_of("provider", "ksp")));
  EXPECT_EQ(value.schema_version, 4);
  EXPECT_TRUE(value.uses_key_storage_provider());
  ASSERT_TRUE(apply_edit(value, edit_of("compatibility", "2016/Windows 7 / Server 2008 R2")));
  EXPECT_EQ(value.schema_version, 3);
  EXPECT_EQ(value.ca_version(), 6);
  EXPECT_EQ(value.recipient_version(), 3);
}

TEST(Edit, PermissionsBehaveLikeTheTickBoxes) {
  CertificateTemplate value = copy_of("User");
  const Token user{kDomainUsers, {kDomainUsers}};
  ASSERT_TRUE(apply_edit(value, edit_of("deny_enroll", "Domain Users")));
  EXPECT_FALSE(holds(value, user, Right::enroll));
  EXPECT_EQ(value.security->dacl->aces.front().type, Ace::Type::deny_object);
  ASSERT_TRUE(apply_edit(value, edit_of("allow_enroll", "Domain Users")));
  EXPECT_TRUE(holds(value, user, Right::enroll));
  ASSERT_TRUE(apply_edit(value, edit_of("clear_enroll", "Domain Users")));
  EXPECT_FALSE(holds(value, user, Right::enroll));
  EXPECT_THAT(sddl(value), testing::Not(HasSubstr(";;DU)")));

  // An account that is new to the list gets Read with whatever it is allowed.
  ASSERT_TRUE(apply_edit(value, edit_of("allow_autoenroll", "CONNECTOR01$")));
  const Token connector{kConnector, {kConnector}};
  EXPECT_EQ(describe(held_rights(value, connector)), "Read, Autoenroll");
  ASSERT_TRUE(apply_edit(value, edit_of("clear_read", "CONNECTOR01$")));
  EXPECT_EQ(describe(held_rights(value, connector)), "Autoenroll");
  ASSERT_TRUE(apply_edit(value, edit_of("allow_full_control", "CONNECTOR01$")));
  EXPECT_EQ(describe(held_rights(value, connector)), "Full Control, Read, Write, Enroll, Autoenroll");
  ASSERT_TRUE(apply_edit(value, edit_of("clear_write", "CONNECTOR01$")));
  EXPECT_EQ(describe(held_rights(value, connector)), "Read, Enroll, Autoenroll");

  value.security.reset();
  EXPECT_FALSE(apply_edit(value, edit_of("remove", "Domain Users")));
}

TEST(Edit, RefusesNumbersOutOfRange) {
  CertificateTemplate value = copy_of("User");
  EXPECT_FALSE(apply_edit(value, edit::SetMinimumKeySize{20000}));
  EXPECT_FALSE(apply_edit(value, edit::SetCompatibility{7, 1}));
  EXPECT_FALSE(apply_edit(value, edit::SetValidity{0}));
  EXPECT_FALSE(apply_edit(value, edit::SetOverlap{-1}));
  EXPECT_FALSE(apply_edit(value, edit::RequireSignatures{101}));
  EXPECT_FALSE(apply_edit(value, edit::SetDisplayName{""}));
}

TEST(Verbs, EachOneParsesAndApplies) {
  CertificateTemplate value = copy_of("User");
  saved(value, {{"compatibility", "2008R2"}, {"provider", "ksp"}});
  for (const VerbInfo& info : verbs()) {
    std::string argument = "true";
    if (info.argument == "account") argument = "CONNECTOR01$";
    if (info.argument.find("duration") != std::string_view::npos) argument = "60 d";
    if (info.argument.find("list of") != std::string_view::npos) argument = "1.2.3, 1.2.4";
    if (info.verb == "subject") argument = "common_name, alt_dns";
    if (info.verb == "compatibility") argument = "2012 R2/8.1";
    if (info.verb == "private_key") argument = "not_exportable";
    if (info.verb == "provider") argument = "Key Storage Provider: Microsoft Software Key Storage Provider";
    if (info.verb == "minimum_key_size") argument = "4096";
    if (info.verb == "ra_signatures") argument = "2";
    const auto done = apply_edit(value, edit_of(info.verb, argument));
    EXPECT_TRUE(done) << info.verb;
  }
}

TEST(Verbs, FaultsHelp) {
  EXPECT_THAT(parse_edit("minimal_key_size", "2048", sid_of).error().hint, HasSubstr("minimum_key_size"));
  EXPECT_THAT(parse_edit("publish_in_ad", "maybe", sid_of).error().hint, HasSubstr("true or false"));
  for (const auto& [verb, argument] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"minimum_key_size", "big"},
                                                                  {"validity", "soon"},
                                                                  {"subject", "whatever"},
                                                                  {"subject", ""},
                                                                  {"compatibility", "1998"},
                                                                  {"provider", "tpm"},
                                                                  {"private_key", "yes"},
                                                                  {"application_policies", "Client Auth"},
                                                                  {"allow_enroll", "nobody"},
                                                                  {"allow_enroll", ""},
                                                                  {"allow_everything", "CONNECTOR01$"},
                                                                  {"ra_signatures", "-1"}}) {
    EXPECT_FALSE(parse_edit(verb, argument, sid_of)) << verb << ' ' << argument;
  }
}

}  // namespace
}  // namespace mimica::templates
