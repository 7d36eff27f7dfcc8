#include "audit/import/export_documents.h"
#include "audit/import/formats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audit/import/adcs_template.h"
#include "audit/lint/authority_weakness_rules.h"
#include "ldap/store/ldif.h"
#include "templates/catalogue.h"
#include "templates/codec.h"

namespace mimica::audit {
namespace {

const Sid kDocumentsDomain = *Sid::parse("S-1-5-21-1-2-3");

std::vector<templates::CertificateTemplate> some_templates() {
  const templates::CatalogueContext context{Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kDocumentsDomain};
  return {*templates::built_in_template("User", context), *templates::built_in_template("WebServer", context)};
}
std::string as_ldif() {
  std::vector<ldap::Entry> entries;
  for (const auto& value : some_templates())
    entries.push_back(templates::encode(value, "CN=Configuration,DC=contoso,DC=com"));
  return ldap::write_ldif(entries);
}

TEST(ReadExport, KnowsEveryFormat) {
  const std::pair<std::string, std::string> files[] = {
      {as_ldif(), "LDIF"},
      {write_adcs_template(some_templates().front()), "ADCSTemplate JSON"},
      {write_certipy(certipy_document(some_templates(), {})), "Certipy JSON"},
      {write_bloodhound_templates(bloodhound_document(some_templates(), "x.com", kDocumentsDomain)), "BloodHound JSON"},
      {R"({"objects": [{"dn": "CN=User,CN=x", "class": "pKICertificateTemplate", "attributes": {"cn": ["User"]}}]})",
       "live diff JSON"},
  };
  for (const auto& [bytes, format] : files) {
    const auto read = read_export(bytes, "file");
    ASSERT_TRUE(read) << format << read.error().describe();
    EXPECT_EQ(read->format, format);
    ASSERT_FALSE(read->templates.empty()) << format;
    EXPECT_TRUE(equals_ignore_case(read->templates.front().cn, "User")) << format;
  }
  for (const char* other : {"{}", "[]", "dn without a colon\n"}) EXPECT_FALSE(read_export(other, "file")) << other;
}

TEST(ReadExport, PutsBloodHoundFilesTogether) {
  auto document = bloodhound_document(some_templates(), "x.com", kDocumentsDomain);
  document.templates[0].object_id = "AAAA";
  document.templates[1].object_id = "BBBB";
  const auto of_templates = read_export(write_bloodhound_templates(document), "t");
  const std::string authority =
      R"({"data": [{"Properties": {"caname": "X-CA"}, "EnabledCertTemplates": [{"ObjectIdentifier": "BBBB",
      "ObjectType": "CertTemplate"}], "CARegistryData": {"CASecurity": {"Data": [{"PrincipalSID":
      "S-1-5-21-1-2-3-513", "RightName": "ManageCA"}]}, "IsUserSpecifiesSanEnabled": {"Value": true, "Collected":
      true}, "EnrollmentAgentRestrictions": {"Restrictions": [{"AccessType": "AccessAllowedCallback", "Agent":
      {"ObjectIdentifier": "X.COM-S-1-1-0"}}]}}}], "meta": {"type": "enterprisecas"}})";
  const auto of_authority = read_export(authority, "c");
  ASSERT_TRUE(of_templates && of_authority);
  const ReadExport all = merged({*of_templates, *of_authority});
  ASSERT_EQ(all.authorities.size(), 1u);
  EXPECT_THAT(all.authorities[0].published, testing::ElementsAre("WebServer"));
  const auto findings = lint_authority(all.authorities, {all.templates, {}, {}});
  EXPECT_TRUE(findings[0].trace.has(rule::kWeaknessEsc7.id, Verdict::fail));
  EXPECT_TRUE(findings[0].trace.has(rule::kWeaknessEsc6.id, Verdict::warn));
  ASSERT_TRUE(all.authorities[0].enrollment_agent_rights);
  EXPECT_EQ(all.authorities[0].enrollment_agent_rights->dacl->aces[0].trustee, sids::kEveryone);

  const auto again = read_bloodhound_authorities(authority);
  ASSERT_TRUE(again);
  EXPECT_EQ(boost::json::parse(write_bloodhound_authorities(*again)), boost::json::parse(authority));
  EXPECT_FALSE(read_bloodhound_authorities("{}"));
}

TEST(ReadExport, TakesCertipysFactsOfACa) {
  CertipyDocument document = certipy_document(some_templates(), {});
  document.templates[0].authorities = {"X-CA"};
  CertipyAuthority authority;
  authority.name = "X-CA";
  authority.user_specified_san = true;
  authority.enforces_encryption = false;
  const AuthorityFacts facts = facts_of(authority, document);
  EXPECT_THAT(facts.published, testing::ElementsAre("User"));
  EXPECT_EQ(facts.edit_flags, ca::editf::kAttributeSubjectAltName2);
  EXPECT_EQ(facts.interface_flags, 0U);
  EXPECT_FALSE(facts.security);
}

}  // namespace
}  // namespace mimica::audit
