#include "audit/lint/template_linter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/lint/template_linter_rules.h"
#include "audit/rules.h"
#include "templates/catalogue.h"
#include "templates/edit.h"

namespace mimica::audit {
namespace {

const Sid kTemplateDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kConnector = kTemplateDomain.with_rid(1105);
const Sid kTemplateUsers = kTemplateDomain.with_rid(rid::kDomainUsers);

void change(templates::CertificateTemplate& value, const templates::Edit& edit) {
  const auto done = apply_edit(value, edit);
  ASSERT_TRUE(done) << done.error().describe();
}

// A template that follows the article in everything.
templates::CertificateTemplate good() {
  const templates::CatalogueContext context{Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kTemplateDomain};
  templates::CertificateTemplate value = *duplicate(
      *built_in_template("User", context), {"IntunePKCS", "", Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.7.8"), {}});
  change(value, templates::edit::SetCompatibility{3, 3});
  change(value, templates::edit::PublishInAd{false});
  change(value, templates::edit::SupplyInRequest{});
  change(value, templates::edit::SetPermission{kConnector, templates::Right::enroll, templates::edit::Column::allow});
  change(value, templates::edit::RemoveAccount{kTemplateUsers});
  return value;
}
LintContext context() {
  LintContext context;
  context.platforms = {Platform::windows, Platform::ios};
  context.connector = Token{kConnector, {kConnector, sids::kAuthenticatedUsers}};
  context.connector_name = "CONTOSO\\CONNECTOR01$";
  context.published = context.may_request = context.may_revoke = true;
  return context;
}
Verdict verdict(const templates::CertificateTemplate& value, const Rule& rule, const LintContext& with = context()) {
  const Trace trace = lint(value, with);
  const Step* step = trace.find(rule.id);
  EXPECT_NE(step, nullptr) << rule.id;
  return step == nullptr ? Verdict::not_applicable : step->verdict;
}
Verdict verdict_after(const templates::Edit& edit, const Rule& rule) {
  templates::CertificateTemplate value = good();
  change(value, edit);
  return verdict(value, rule);
}

TEST(Linter, FindsNothingInATemplateThatFollowsTheArticle) {
  const Trace trace = lint(good(), context());
  for (const Step& step : trace.steps()) EXPECT_EQ(step.verdict, Verdict::pass) << step.rule->id << ": " << step.found;
  std::size_t lint_rules = 0;
  for (const Rule* rule : audit::rules())
    lint_rules += rule->id.starts_with("templates.lint.") && !rule->id.starts_with("templates.lint.esc") ? 1 : 0;
  EXPECT_EQ(trace.steps().size(), lint_rules);
}

TEST(Linter, LooksAtTheCaAroundTheTemplate) {
  LintContext with = context();
  with.published = false;
  EXPECT_EQ(verdict(good(), rule::kLintPublished, with), Verdict::fail);
  with.may_revoke = false;
  EXPECT_EQ(verdict(good(), rule::kLintCaRights, with), Verdict::warn);
  with.may_request = false;
  EXPECT_EQ(verdict(good(), rule::kLintCaRights, with), Verdict::fail);
  with.published.reset();
  with.may_request.reset();
  EXPECT_EQ(verdict(good(), rule::kLintPublished, with), Verdict::not_applicable);
  EXPECT_EQ(verdict(good(), rule::kLintCaRights, with), Verdict::not_applicable);
}

TEST(Linter, WantsADuplicateWithANameOfItsOwn) {
  templates::CertificateTemplate built_in = good();
  built_in.flags.set(templates::GeneralFlag::is_default);
  EXPECT_EQ(verdict(built_in, rule::kLintDuplicate), Verdict::warn);
  EXPECT_EQ(verdict_after(templates::edit::SetDisplayName{"Copy of User"}, rule::kLintDisplayName), Verdict::warn);
  templates::CertificateTemplate unnamed = good();
  unnamed.display_name.clear();
  EXPECT_EQ(verdict(unnamed, rule::kLintDisplayName), Verdict::warn);
}

TEST(Linter, KnowsWhatATpmHolds) {
  EXPECT_EQ(verdict_after(templates::edit::SetMinimumKeySize{4096}, rule::kLintKeySizeTpm), Verdict::warn);
  LintContext with = context();
  with.platforms = {Platform::android};
  templates::CertificateTemplate large = good();
  change(large, templates::edit::SetMinimumKeySize{4096});
  EXPECT_EQ(verdict(large, rule::kLintKeySizeTpm, with), Verdict::not_applicable);
}

TEST(Linter, FindsEachMistake) {
  EXPECT_EQ(verdict_after(templates::edit::SetDisplayName{"Intune PKCS"}, rule::kLintName), Verdict::warn);
  EXPECT_EQ(verdict_after(templates::edit::SetCompatibility{1, 1}, rule::kLintCompatibility), Verdict::warn);
  EXPECT_EQ(verdict_after(templates::edit::PublishInAd{true}, rule::kLintPublishInAd), Verdict::warn);
  EXPECT_EQ(verdict_after(templates::edit::AllowExport{false}, rule::kLintExportable), Verdict::fail);
  EXPECT_EQ(verdict_after(templates::edit::SetMinimumKeySize{1024}, rule::kLintKeySize), Verdict::fail);
  EXPECT_EQ(verdict_after(templates::edit::SetMinimumKeySize{4096}, rule::kLintKeySizeApple), Verdict::warn);
  EXPECT_EQ(verdict_after(templates::edit::BuildFromDirectory{{templates::NameFlag::subject_require_common_name}},
                          rule::kLintSubject),
            Verdict::fail);
  EXPECT_EQ(verdict_after(templates::edit::SetApplicationPolicies{{oids::kClientAuth}}, rule::kLintApplicationPolicies),
            Verdict::fail);
  EXPECT_EQ(verdict_after(templates::edit::SetProofOfOrigin{true}, rule::kLintProofOfOrigin), Verdict::fail);
  EXPECT_EQ(verdict_after(templates::edit::RemoveAccount{kConnector}, rule::kLintConnector), Verdict::fail);
  EXPECT_EQ(verdict_after(templates::edit::SuppressSecurityExtension{true}, rule::kLintSecurityExtension),
            Verdict::warn);
  EXPECT_EQ(verdict_after(templates::edit::RequireManagerApproval{true}, rule::kLintManagerApproval), Verdict::fail);
  EXPECT_EQ(verdict_after(templates::edit::RequireSignatures{1}, rule::kLintRaSignature), Verdict::fail);
}

TEST(Linter, FindsEsc1BeforeDomainUsersAreRemovedAndNotAfter) {
  templates::CertificateTemplate value = good();
  change(value,
         templates::edit::SetPermission{kTemplateUsers, templates::Right::enroll, templates::edit::Column::allow});
  EXPECT_EQ(verdict(value, rule::kLintLowPrivilegedEnroll), Verdict::fail);

  templates::CertificateTemplate mitigated = value;
  change(mitigated, templates::edit::RequireManagerApproval{true});
  EXPECT_EQ(verdict(mitigated, rule::kLintLowPrivilegedEnroll), Verdict::warn);

  templates::CertificateTemplate harmless = value;
  change(harmless, templates::edit::SetApplicationPolicies{{oids::kSecureEmail}});
  EXPECT_EQ(verdict(harmless, rule::kLintLowPrivilegedEnroll), Verdict::not_applicable);
  change(harmless, templates::edit::SetApplicationPolicies{{}});
  EXPECT_EQ(verdict(harmless, rule::kLintLowPrivilegedEnroll), Verdict::fail);

  templates::CertificateTemplate from_directory = value;
  change(from_directory, templates::edit::BuildFromDirectory{{templates::NameFlag::subject_alt_require_upn}});
  EXPECT_EQ(verdict(from_directory, rule::kLintLowPrivilegedEnroll), Verdict::not_applicable);

  change(value, templates::edit::RemoveAccount{kTemplateUsers});
  EXPECT_EQ(verdict(value, rule::kLintLowPrivilegedEnroll), Verdict::pass);
}

TEST(Linter, LeavesOutWhatDoesNotConcernThePlatforms) {
  templates::CertificateTemplate value = good();
  change(value, templates::edit::SetMinimumKeySize{4096});
  change(value, templates::edit::SetProofOfOrigin{true});
  LintContext windows = context();
  windows.platforms = {Platform::windows};
  windows.connector.reset();
  EXPECT_EQ(verdict(value, rule::kLintKeySizeApple, windows), Verdict::not_applicable);
  EXPECT_EQ(verdict(value, rule::kLintProofOfOrigin, windows), Verdict::not_applicable);
  EXPECT_EQ(verdict(value, rule::kLintConnector, windows), Verdict::not_applicable);
  LintContext unknown;
  EXPECT_EQ(verdict(value, rule::kLintProofOfOrigin, unknown), Verdict::warn);
  LintContext mac;
  mac.platforms = {Platform::macos};
  EXPECT_EQ(verdict(value, rule::kLintKeySizeApple, mac), Verdict::warn);
  EXPECT_EQ(verdict(value, rule::kLintProofOfOrigin, mac), Verdict::not_applicable);
}

TEST(Linter, MeasuresEllipticCurvesByTheirOwnFloor) {
  templates::CertificateTemplate value = good();
  change(value, templates::edit::UseProviders{templates::edit::ProviderCategory::key_storage, {}});
  change(value, templates::edit::SetKeyAlgorithm{"ECDSA_P256"});
  change(value, templates::edit::SetMinimumKeySize{256});
  EXPECT_EQ(verdict(value, rule::kLintKeySize), Verdict::pass);
}

TEST(Linter, KnowsTheBroadGroups) {
  for (const char* sid : {"S-1-1-0", "S-1-5-7", "S-1-5-11", "S-1-5-32-545", "S-1-5-32-546", "S-1-5-32-554",
                          "S-1-5-21-1-2-3-513", "S-1-5-21-1-2-3-514", "S-1-5-21-1-2-3-515"}) {
    EXPECT_TRUE(is_low_privileged(*Sid::parse(sid))) << sid;
  }
  for (const char* sid : {"S-1-5-21-1-2-3-512", "S-1-5-32-544", "S-1-5-18", "S-1-5-21-1-2-3-1513", "S-1-5-513"}) {
    EXPECT_FALSE(is_low_privileged(*Sid::parse(sid))) << sid;
  }
}

}  // namespace
}  // namespace mimica::audit
