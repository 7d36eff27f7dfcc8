#include "audit/lint/template_weakness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/lint/template_weakness_rules.h"
#include "templates/catalogue.h"
#include "templates/edit.h"

namespace mimica::audit {
namespace {

const Sid kDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kWeakDomainUsers = kDomain.with_rid(rid::kDomainUsers);
const Sid kHelpDesk = kDomain.with_rid(1201);
const Oid kPolicy("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.99.1");

templates::CatalogueContext weak_forest() { return {Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kDomain}; }

templates::CertificateTemplate built_in(std::string_view cn) { return *built_in_template(cn, weak_forest()); }

// A duplicate of User that Domain Users may enroll for: nothing wrong with it.
templates::CertificateTemplate sound() {
  return *duplicate(built_in("User"), {"Sound", "", Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.7.8"), {}});
}
templates::CertificateTemplate with(templates::CertificateTemplate value, const std::vector<templates::Edit>& edits) {
  for (const templates::Edit& edit : edits) {
    const auto done = apply_edit(value, edit);
    EXPECT_TRUE(done) << done.error().describe();
  }
  return value;
}
Verdict weakness_verdict(const templates::CertificateTemplate& value, const Rule& rule, const Exposure& exposure = {}) {
  const Trace trace = lint_weaknesses(value, exposure);
  const Step* step = trace.find(rule.id);
  EXPECT_NE(step, nullptr) << rule.id;
  return step == nullptr ? Verdict::not_applicable : step->verdict;
}
templates::CertificateTemplate granting(std::uint32_t mask, const std::optional<Guid>& type = {},
                                        const Sid& who = kWeakDomainUsers) {
  templates::CertificateTemplate value = sound();
  grant(*value.security, who, mask, type);
  return value;
}

// Every way in which something may stand in between turns a finding into a pass.
void expect_barriers(const templates::CertificateTemplate& hole, const Rule& rule, Exposure exposure = {}) {
  EXPECT_EQ(weakness_verdict(hole, rule, exposure), Verdict::fail) << rule.id;
  EXPECT_EQ(weakness_verdict(with(hole, {templates::edit::RemoveAccount{kWeakDomainUsers}}), rule, exposure),
            Verdict::pass)
      << rule.id;
  if (hole.schema_version > 1) {
    EXPECT_EQ(weakness_verdict(with(hole, {templates::edit::RequireManagerApproval{true}}), rule, exposure),
              Verdict::pass)
        << rule.id;
    EXPECT_EQ(weakness_verdict(with(hole, {templates::edit::RequireSignatures{1}}), rule, exposure), Verdict::pass)
        << rule.id;
  }
  exposure.published = false;
  EXPECT_EQ(weakness_verdict(hole, rule, exposure), Verdict::pass) << rule.id;
  exposure.published = true;
  exposure.requests_open = false;
  EXPECT_EQ(weakness_verdict(hole, rule, exposure), Verdict::pass) << rule.id;
}

TEST(Weakness, FindsNothingInASoundTemplate) {
  const Trace trace = lint_weaknesses(sound(), {});
  for (const Step& step : trace.steps()) EXPECT_EQ(step.verdict, Verdict::pass) << step.rule->id << ": " << step.found;
}

TEST(Weakness, FindsNothingInTheBuiltInTemplatesOfAPatchedCa) {
  for (const templates::CertificateTemplate& value : built_in_templates(weak_forest())) {
    const Trace trace = lint_weaknesses(value, {});
    for (const Step& step : trace.steps())
      EXPECT_EQ(step.verdict, Verdict::pass) << value.cn << ' ' << step.rule->id << ": " << step.found;
  }
}

TEST(Weakness, Esc1IsASuppliedSubjectThatAuthenticates) {
  const templates::CertificateTemplate hole = with(sound(), {templates::edit::SupplyInRequest{}});
  expect_barriers(hole, rule::kWeaknessEsc1);
  EXPECT_EQ(weakness_verdict(with(hole, {templates::edit::SetApplicationPolicies{{oids::kAnyExtendedKeyUsage}}}),
                             rule::kWeaknessEsc1),
            Verdict::fail);
  EXPECT_EQ(weakness_verdict(with(hole, {templates::edit::SetApplicationPolicies{{}}}), rule::kWeaknessEsc1),
            Verdict::fail);
  EXPECT_EQ(
      weakness_verdict(with(hole, {templates::edit::SetApplicationPolicies{{oids::kServerAuth}}}), rule::kWeaknessEsc1),
      Verdict::pass);
}

TEST(Weakness, Esc1IsNotTheFlagForTheAlternativeNameThatCasIgnore) {
  templates::CertificateTemplate value = sound();
  value.name_flags.set(templates::NameFlag::enrollee_supplies_subject_alt_name);
  EXPECT_EQ(weakness_verdict(value, rule::kWeaknessEsc1), Verdict::pass);
}

TEST(Weakness, Esc2IsAnyPurposeOrNone) {
  expect_barriers(with(sound(), {templates::edit::SetApplicationPolicies{{}}}), rule::kWeaknessEsc2);
  expect_barriers(with(sound(), {templates::edit::SetApplicationPolicies{{oids::kAnyExtendedKeyUsage}}}),
                  rule::kWeaknessEsc2);
  EXPECT_EQ(weakness_verdict(with(sound(), {templates::edit::SetApplicationPolicies{{oids::kClientAuth}}}),
                             rule::kWeaknessEsc2),
            Verdict::pass);
}

TEST(Weakness, Esc3NeedsATargetAndAnUnrestrictedAgent) {
  const templates::CertificateTemplate agent =
      with(sound(), {templates::edit::SetApplicationPolicies{{oids::kCertificateRequestAgent}}});
  Exposure exposure;
  exposure.agent_targets = {"User"};
  expect_barriers(agent, rule::kWeaknessEsc3, exposure);
  EXPECT_EQ(weakness_verdict(sound(), rule::kWeaknessEsc3, exposure), Verdict::pass);
  exposure.agents_open = false;
  EXPECT_EQ(weakness_verdict(agent, rule::kWeaknessEsc3, exposure), Verdict::pass);
  EXPECT_EQ(weakness_verdict(agent, rule::kWeaknessEsc3, Exposure{}), Verdict::pass);
}

TEST(Weakness, AgentsAreTakenBySchemaOneAndBySignedRequests) {
  EXPECT_TRUE(accepts_agent(built_in("User")));
  EXPECT_TRUE(accepts_agent(built_in("SmartcardUser")));
  EXPECT_FALSE(accepts_agent(built_in("WebServer")));
  EXPECT_FALSE(accepts_agent(sound()));
  const templates::CertificateTemplate signed_for =
      with(sound(), {templates::edit::RequireSignatures{1},
                     templates::edit::SetRaApplicationPolicies{{oids::kCertificateRequestAgent}}});
  EXPECT_TRUE(accepts_agent(signed_for));
  EXPECT_FALSE(accepts_agent(with(signed_for, {templates::edit::RequireSignatures{2}})));
  EXPECT_FALSE(accepts_agent(with(signed_for, {templates::edit::RequireManagerApproval{true}})));
  EXPECT_FALSE(accepts_agent(with(signed_for, {templates::edit::SetRaApplicationPolicies{{oids::kClientAuth}}})));
}

TEST(Weakness, Esc4IsEveryWayToChangeTheObject) {
  const Guid enrollment_flag = *Guid::parse("d15ef7d8-f226-46db-ae79-b34e560bd12c");
  const std::pair<templates::CertificateTemplate, std::string> holes[] = {
      {granting(access::kWriteDac), "WriteDacl"},
      {granting(access::kWriteOwner), "WriteOwner"},
      {granting(access::kWriteProperty), "WriteProperty"},
      {granting(access::kGenericWrite), "WriteProperty"},
      {granting(access::kFullControl), "GenericAll"},
      {granting(0x10000000), "GenericAll"},
      {granting(0x40000000), "WriteProperty"},
      {granting(access::kWriteProperty, enrollment_flag), "Write msPKI-Enrollment-Flag"},
  };
  for (const auto& [value, right] : holes) {
    EXPECT_EQ(weakness_verdict(value, rule::kWeaknessEsc4), Verdict::fail) << right;
    EXPECT_THAT(low_privileged_writers(*value.security), testing::ElementsAre(WriteAccess{kWeakDomainUsers, {right}}));
  }
  templates::CertificateTemplate owned = sound();
  owned.security->owner = kWeakDomainUsers;
  EXPECT_EQ(weakness_verdict(owned, rule::kWeaknessEsc4), Verdict::fail);
  templates::CertificateTemplate open = sound();
  open.security->dacl.reset();
  EXPECT_EQ(weakness_verdict(open, rule::kWeaknessEsc4), Verdict::fail);

  Exposure unpublished;
  unpublished.published = false;
  EXPECT_EQ(weakness_verdict(holes[0].first, rule::kWeaknessEsc4, unpublished), Verdict::warn);
}

TEST(Weakness, Esc4IsNotWhatOnlyLooksLikeWriting) {
  // The Enroll entries of the built-in templates carry the bit for writing properties.
  EXPECT_EQ(weakness_verdict(sound(), rule::kWeaknessEsc4), Verdict::pass);
  EXPECT_EQ(weakness_verdict(granting(access::kSelf), rule::kWeaknessEsc4), Verdict::pass);
  EXPECT_EQ(weakness_verdict(granting(access::kFullControl, {}, kHelpDesk), rule::kWeaknessEsc4), Verdict::pass);
  const Guid display_name = *Guid::parse("bf967953-0de6-11d0-a285-00aa003049e2");
  EXPECT_EQ(weakness_verdict(granting(access::kWriteProperty, display_name), rule::kWeaknessEsc4), Verdict::pass);
  templates::CertificateTemplate denied = granting(access::kWriteDac);
  deny(*denied.security, kWeakDomainUsers, access::kWriteDac);
  EXPECT_EQ(weakness_verdict(denied, rule::kWeaknessEsc4), Verdict::pass);
  templates::CertificateTemplate inherit_only = granting(access::kWriteDac);
  for (Ace& ace : inherit_only.security->dacl->aces)
    if (ace.trustee == kWeakDomainUsers && !ace.object_type) ace.flags = 0x0A;
  EXPECT_EQ(weakness_verdict(inherit_only, rule::kWeaknessEsc4), Verdict::pass);
}

TEST(Weakness, Esc9IsASuppressedSidWhereItCounts) {
  const templates::CertificateTemplate hole = with(sound(), {templates::edit::SuppressSecurityExtension{true}});
  expect_barriers(hole, rule::kWeaknessEsc9);
  EXPECT_EQ(weakness_verdict(with(hole, {templates::edit::SetApplicationPolicies{{oids::kSecureEmail}}}),
                             rule::kWeaknessEsc9),
            Verdict::pass);
}

TEST(Weakness, Esc13IsAPolicyThatIsLinkedToAGroup) {
  Exposure exposure;
  exposure.linked_policies = {{kPolicy, "Vault", "CN=Vault Admins,DC=contoso,DC=com"}};
  const templates::CertificateTemplate hole = with(sound(), {templates::edit::SetIssuancePolicies{{kPolicy}}});
  expect_barriers(hole, rule::kWeaknessEsc13, exposure);
  EXPECT_EQ(weakness_verdict(hole, rule::kWeaknessEsc13), Verdict::pass);
  EXPECT_EQ(weakness_verdict(sound(), rule::kWeaknessEsc13, exposure), Verdict::pass);
  EXPECT_EQ(weakness_verdict(with(hole, {templates::edit::SetApplicationPolicies{{oids::kServerAuth}}}),
                             rule::kWeaknessEsc13, exposure),
            Verdict::pass);
}

TEST(Weakness, LinkedPoliciesComeFromOidObjects) {
  ldap::Entry plain("CN=1,CN=OID,CN=x"), linked("CN=2,CN=OID,CN=x");
  plain.set("msPKI-Cert-Template-OID", "1.2.3.4");
  linked.set("msPKI-Cert-Template-OID", kPolicy.dotted());
  linked.set("displayName", "Vault");
  linked.set("msDS-OIDToGroupLink", "CN=Vault Admins,DC=contoso,DC=com");
  const auto found = linked_policies({plain, linked});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].policy, kPolicy);
  EXPECT_EQ(found[0].group, "CN=Vault Admins,DC=contoso,DC=com");
}

TEST(Weakness, Esc15IsSchemaOneOnAnUnpatchedCa) {
  templates::CertificateTemplate hole = built_in("WebServer");
  Exposure unpatched;
  unpatched.application_policy_update = false;
  EXPECT_EQ(weakness_verdict(hole, rule::kWeaknessEsc15, unpatched), Verdict::pass) << "administrators only";
  hole = with(hole, {templates::edit::SetPermission{kWeakDomainUsers, templates::Right::enroll,
                                                    templates::edit::Column::allow}});
  expect_barriers(hole, rule::kWeaknessEsc15, unpatched);
  EXPECT_EQ(weakness_verdict(hole, rule::kWeaknessEsc15), Verdict::pass);
  EXPECT_EQ(weakness_verdict(built_in("User"), rule::kWeaknessEsc15, unpatched), Verdict::pass);
  EXPECT_EQ(weakness_verdict(with(sound(), {templates::edit::SupplyInRequest{}}), rule::kWeaknessEsc15, unpatched),
            Verdict::pass);
}

TEST(Weakness, IsNotJudgedWithoutASecurityDescriptor) {
  templates::CertificateTemplate value = with(sound(), {templates::edit::SupplyInRequest{}});
  value.security.reset();
  const Trace trace = lint_weaknesses(value, {});
  for (const Step& step : trace.steps()) EXPECT_EQ(step.verdict, Verdict::not_applicable) << step.rule->id;
}

}  // namespace
}  // namespace mimica::audit
