#include "audit/lint/authority_linter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audit/lint/authority_export.h"
#include "audit/lint/authority_weakness_rules.h"
#include "audit/lint/template_weakness_rules.h"
#include "templates/catalogue.h"
#include "templates/codec.h"
#include "templates/edit.h"

namespace mimica::audit {
namespace {

using templates::CertificateTemplate;
using templates::Edit;
namespace edit = templates::edit;

const Sid kAuthorityDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kAuthorityUsers = kAuthorityDomain.with_rid(rid::kDomainUsers);

ForestFacts fresh_forest() {
  ForestFacts forest;
  forest.templates = templates::built_in_templates({Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kAuthorityDomain});
  return forest;
}
AuthorityFacts fresh_ca() {
  const auto published = templates::published_by_default();
  AuthorityFacts facts = facts_of(default_config(ca::CaType::enterprise_sub, kAuthorityDomain),
                                  std::vector<std::string>(published.begin(), published.end()));
  facts.interface_flags = 0x641;
  return facts;
}
CertificateTemplate& named(ForestFacts& forest, std::string_view cn) {
  for (CertificateTemplate& value : forest.templates)
    if (value.cn == cn) return value;
  ADD_FAILURE() << cn;
  return forest.templates.front();
}
// A duplicate of User, published.
CertificateTemplate& add_template(ForestFacts& forest, AuthorityFacts& authority, const std::string& cn,
                                  const std::vector<Edit>& edits) {
  forest.templates.push_back(*templates::duplicate(
      named(forest, "User"), {cn, "", Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.7." + std::to_string(cn.size())), {}}));
  for (const Edit& one : edits) EXPECT_TRUE(templates::apply_edit(forest.templates.back(), one));
  authority.published.push_back(cn);
  return forest.templates.back();
}
Verdict verdict(const AuthorityFacts& authority, const ForestFacts& forest, const Rule& rule) {
  const Trace trace = lint_configuration(authority, forest);
  const Step* step = trace.find(rule.id);
  EXPECT_NE(step, nullptr) << rule.id;
  return step == nullptr ? Verdict::not_applicable : step->verdict;
}
Verdict verdict_of(const std::vector<Finding>& findings, std::string_view subject, const Rule& rule) {
  for (const Finding& finding : findings)
    if (finding.subject == subject) return finding.trace.find(rule.id)->verdict;
  ADD_FAILURE() << subject;
  return Verdict::not_applicable;
}

TEST(AuthorityLinter, FindsNothingInAFreshInstallation) {
  const auto findings = lint_authority({fresh_ca()}, fresh_forest());
  ASSERT_EQ(findings.size(), 34u);
  for (const Finding& finding : findings) EXPECT_TRUE(finding.sound()) << finding.subject;
}

TEST(AuthorityLinter, Esc6IsWhatTheSidExtensionLeavesOfIt) {
  const ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc6), Verdict::pass);
  *authority.edit_flags |= ca::editf::kAttributeSubjectAltName2;
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc6), Verdict::warn) << "certificates name the requester's SID";

  AuthorityFacts unpatched = authority;
  unpatched.sid_extension_update = false;
  EXPECT_EQ(verdict(unpatched, forest, rule::kWeaknessEsc6), Verdict::fail);

  AuthorityFacts without_sid = authority;
  without_sid.disabled_extensions->push_back(oids::kSidExtension);
  EXPECT_EQ(verdict(without_sid, forest, rule::kWeaknessEsc6), Verdict::fail);
  without_sid.published = {"WebServer"};
  EXPECT_EQ(verdict(without_sid, forest, rule::kWeaknessEsc6), Verdict::warn);

  ForestFacts with_esc9 = forest;
  add_template(with_esc9, authority, "NoSid", {edit::SuppressSecurityExtension{true}});
  EXPECT_EQ(verdict(authority, with_esc9, rule::kWeaknessEsc6), Verdict::fail);

  authority.edit_flags.reset();
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc6), Verdict::not_applicable);
}

TEST(AuthorityLinter, Esc7IsABroadGroupThatAdministers) {
  const ForestFacts forest = fresh_forest();
  for (const std::uint32_t right : {ca::ca_access::kManageCa, ca::ca_access::kIssueAndManage}) {
    AuthorityFacts authority = fresh_ca();
    grant(*authority.security, kAuthorityUsers, right);
    EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc7), Verdict::fail) << right;
    deny(*authority.security, kAuthorityUsers, right);
    EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc7), Verdict::pass) << right;
  }
  AuthorityFacts connector = fresh_ca();
  grant(*connector.security, kAuthorityDomain.with_rid(1105), ca::ca_access::kIssueAndManage);
  EXPECT_EQ(verdict(connector, forest, rule::kWeaknessEsc7), Verdict::pass);
  AuthorityFacts owned = fresh_ca();
  owned.security->owner = kAuthorityUsers;
  EXPECT_EQ(verdict(owned, forest, rule::kWeaknessEsc7), Verdict::fail);
  AuthorityFacts unknown = fresh_ca();
  unknown.security.reset();
  EXPECT_EQ(verdict(unknown, forest, rule::kWeaknessEsc7), Verdict::not_applicable);
}

TEST(AuthorityLinter, Esc8AndEsc11GoByWhatIsKnown) {
  const ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc8), Verdict::not_applicable);
  authority.web_enrollment = true;
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc8), Verdict::warn);
  authority.web_enrollment = false;
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc8), Verdict::pass);
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc11), Verdict::pass);
  authority.interface_flags = 0x41;
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc11), Verdict::fail);
  authority.interface_flags.reset();
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc11), Verdict::not_applicable);
}

TEST(AuthorityLinter, Esc16IsADisabledSidExtension) {
  const ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc16), Verdict::pass);
  authority.disabled_extensions = {Oid("2.5.29.32")};
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc16), Verdict::pass) << "another extension";
  authority.disabled_extensions->push_back(oids::kSidExtension);
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc16), Verdict::fail);
  authority.published = {"WebServer"};
  EXPECT_EQ(verdict(authority, forest, rule::kWeaknessEsc16), Verdict::warn);
  AuthorityFacts unpatched = fresh_ca();
  unpatched.sid_extension_update = false;
  EXPECT_EQ(verdict(unpatched, forest, rule::kWeaknessEsc16), Verdict::fail);
  AuthorityFacts unknown = fresh_ca();
  unknown.disabled_extensions.reset();
  EXPECT_EQ(verdict(unknown, forest, rule::kWeaknessEsc16), Verdict::not_applicable);
}

TEST(AuthorityLinter, TemplatesAreJudgedByTheCasThatPublishThem) {
  ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  add_template(forest, authority, "Hole", {edit::SupplyInRequest{}});
  EXPECT_EQ(verdict_of(lint_authority({authority}, forest), "Hole", rule::kWeaknessEsc1), Verdict::fail);
  EXPECT_EQ(verdict_of(lint_authority({}, forest), "Hole", rule::kWeaknessEsc1), Verdict::fail) << "templates alone";

  AuthorityFacts closed = authority;
  remove_trustee(*closed.security, sids::kAuthenticatedUsers);
  EXPECT_EQ(verdict_of(lint_authority({closed}, forest), "Hole", rule::kWeaknessEsc1), Verdict::pass);
  EXPECT_EQ(verdict_of(lint_authority({closed, authority}, forest), "Hole", rule::kWeaknessEsc1), Verdict::fail)
      << "the weaker CA decides";
  EXPECT_EQ(verdict_of(lint_authority({fresh_ca()}, forest), "Hole", rule::kWeaknessEsc1), Verdict::pass)
      << "not published";
}

TEST(AuthorityLinter, AgentsNeedATargetAndNoRestriction) {
  ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  add_template(forest, authority, "Agent", {edit::SetApplicationPolicies{{oids::kCertificateRequestAgent}}});
  EXPECT_EQ(verdict_of(lint_authority({authority}, forest), "Agent", rule::kWeaknessEsc3), Verdict::fail);

  AuthorityFacts no_target = authority;
  no_target.published = {"Agent", "WebServer"};
  EXPECT_EQ(verdict_of(lint_authority({no_target}, forest), "Agent", rule::kWeaknessEsc3), Verdict::pass);

  SecurityDescriptor rights;
  Ace ace;
  ace.type = Ace::Type::allow_callback;
  ace.mask = 0x10000;
  ace.trustee = kAuthorityDomain.with_rid(1201);
  rights.dacl = Acl{2, {ace}};
  authority.enrollment_agent_rights = rights;
  EXPECT_EQ(verdict_of(lint_authority({authority}, forest), "Agent", rule::kWeaknessEsc3), Verdict::pass);
  authority.enrollment_agent_rights->dacl->aces[0].trustee = sids::kEveryone;
  EXPECT_EQ(verdict_of(lint_authority({authority}, forest), "Agent", rule::kWeaknessEsc3), Verdict::fail);
}

TEST(AuthorityLinter, Esc15GoesByTheUpdateOfThePublishingCa) {
  ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  ASSERT_TRUE(templates::apply_edit(
      named(forest, "WebServer"), edit::SetPermission{kAuthorityUsers, templates::Right::enroll, edit::Column::allow}));
  EXPECT_EQ(verdict_of(lint_authority({authority}, forest), "WebServer", rule::kWeaknessEsc15), Verdict::pass);
  authority.application_policy_update = false;
  EXPECT_EQ(verdict_of(lint_authority({authority}, forest), "WebServer", rule::kWeaknessEsc15), Verdict::fail);
}

TEST(AuthorityLinter, SumsUpTheWorstVerdictOfEachRule) {
  ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  add_template(forest, authority, "Hole", {edit::SupplyInRequest{}});
  add_template(forest, authority, "Second", {edit::SupplyInRequest{}});
  const Trace all = summary(lint_authority({authority}, forest));
  const Step* esc1 = all.find(rule::kWeaknessEsc1.id);
  ASSERT_NE(esc1, nullptr);
  EXPECT_EQ(esc1->verdict, Verdict::fail);
  EXPECT_THAT(esc1->found, testing::AllOf(testing::HasSubstr("Hole: "), testing::HasSubstr("Second: ")));
  EXPECT_TRUE(all.has(rule::kWeaknessEsc2.id, Verdict::pass));
  EXPECT_TRUE(all.has(rule::kWeaknessEsc7.id, Verdict::pass));
}

TEST(AuthorityLinter, WritesJsonAndText) {
  ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  add_template(forest, authority, "Hole", {edit::SupplyInRequest{}});
  const auto findings = lint_authority({authority}, forest);
  const auto json = boost::json::parse(to_json(findings)).as_object();
  EXPECT_FALSE(json.at("sound").as_bool());
  EXPECT_EQ(json.at("findings").as_array().size(), findings.size());
  EXPECT_EQ(json.at("findings").as_array()[0].as_object().at("kind").as_string(), "ca");
  const std::string text = to_text(findings);
  EXPECT_THAT(text, testing::HasSubstr("template Hole\n"));
  EXPECT_THAT(text, testing::HasSubstr("1 with a known weakness"));
}

TEST(AuthorityLinter, ReadsAnExport) {
  constexpr std::string_view kConfiguration = "CN=Configuration,DC=contoso,DC=com";
  ForestFacts forest = fresh_forest();
  AuthorityFacts authority = fresh_ca();
  add_template(forest, authority, "Hole", {edit::SupplyInRequest{}});
  std::vector<ldap::Entry> entries;
  for (const CertificateTemplate& value : forest.templates) entries.push_back(templates::encode(value, kConfiguration));
  ldap::Entry service("CN=CONTOSO-CA,CN=Enrollment Services,CN=Public Key Services,CN=Services,CN=Configuration");
  service.set("objectClass", std::vector<std::string>{"top", "pKIEnrollmentService"});
  service.set("certificateTemplates", authority.published);
  entries.push_back(service);
  entries.push_back(ldap::Entry("CN=something else"));
  ldap::Entry broken("CN=Broken,CN=Certificate Templates");
  broken.set("objectClass", std::vector<std::string>{"top", "pKICertificateTemplate"});
  broken.set("flags", "many");
  entries.push_back(broken);

  const ExportedForest read = forest_of(entries);
  EXPECT_EQ(read.forest.templates.size(), forest.templates.size());
  ASSERT_EQ(read.authorities.size(), 1u);
  EXPECT_EQ(read.authorities[0].name, "CONTOSO-CA");
  EXPECT_EQ(read.unreadable.size(), 1u);
  const auto findings = lint_authority(read.authorities, read.forest);
  EXPECT_EQ(verdict_of(findings, "Hole", rule::kWeaknessEsc1), Verdict::fail);
  EXPECT_EQ(verdict_of(findings, "CONTOSO-CA", rule::kWeaknessEsc7), Verdict::not_applicable);
}

}  // namespace
}  // namespace mimica::audit
