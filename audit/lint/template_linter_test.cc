#include "audit/lint/template_linter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/rules.h"
#include "templates/catalogue.h"
#include "templates/edit.h"
#include "templates/rules.h"

namespace mimica::templates {
namespace {

const Sid kTemplateDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kConnector = kTemplateDomain.with_rid(1105);
const Sid kDomainUsers = kTemplateDomain.with_rid(rid::kDomainUsers);

void change(CertificateTemplate& value, const Edit& edit) {
  const auto done = apply_edit(value, edit);
  ASSERT_TRUE(done) << done.error().describe();
}

// A template that follows the article in everything.
CertificateTemplate good() {
  const CatalogueContext context{Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6"), kTemplateDomain};
  CertificateTemplate value = *duplicate(*built_in_template("User", context),
                                         {"IntunePKCS", "", Oid("1.3.6.1.4.1.311.21.8.1.2.3.4.5.6.7.8"), {}});
  change(value, edit::SetCompatibility{3, 3});
  change(value, edit::PublishInAd{false});
  change(value, edit::SupplyInRequest{});
  change(value, edit::SetPermission{kConnector, Right::enroll, edit::Column::allow});
  change(value, edit::RemoveAccount{kDomainUsers});
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
Verdict verdict(const CertificateTemplate& value, const Rule& rule, const LintContext& with = context()) {
  const Trace trace = lint(value, with);
  const Step* step = trace.find(rule.id);
  EXPECT_NE(step, nullptr) << rule.id;
  return step == nullptr ? Verdict::not_applicable : step->verdict;
}
Verdict verdict_after(const Edit& edit, const Rule& rule) {
  CertificateTemplate value = good();
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
  CertificateTemplate built_in = good();
  built_in.flags.set(GeneralFlag::is_default);
  EXPECT_EQ(verdict(built_in, rule::kLintDuplicate), Verdict::warn);
  EXPECT_EQ(verdict_after(edit::SetDisplayName{"Copy of User"}, rule::kLintDisplayName), Verdict::warn);
  CertificateTemplate unnamed = good();
  unnamed.display_name.clear();
  EXPECT_EQ(verdict(unnamed, rule::kLintDisplayName), Verdict::warn);
}

TEST(Linter, KnowsWhatATpmHolds) {
  EXPECT_EQ(verdict_after(edit::SetMinimumKeySize{4096}, rule::kLintKeySizeTpm), Verdict::warn);
  LintContext with = context();
  with.platforms = {Platform::android};
  CertificateTemplate large = good();
  change(large, edit::SetMinimumKeySize{4096});
  EXPECT_EQ(verdict(large, rule::kLintKeySizeTpm, with), Verdict::not_applicable);
}

TEST(Linter, FindsEachMistake) {
  EXPECT_EQ(verdict_after(edit::SetDisplayName{"Intune PKCS"}, rule::kLintName), Verdict::warn);
  EXPECT_EQ(verdict_after(edit::SetCompatibility{1, 1}, rule::kLintCompatibility), Verdict::warn);
  EXPECT_EQ(verdict_after(edit::PublishInAd{true}, rule::kLintPublishInAd), Verdict::warn);
  EXPECT_EQ(verdict_after(edit::AllowExport{false}, rule::kLintExportable), Verdict::fail);
  EXPECT_EQ(verdict_after(edit::SetMinimumKeySize{1024}, rule::kLintKeySize), Verdict::fail);
  EXPECT_EQ(verdict_after(edit::SetMinimumKeySize{4096}, rule::kLintKeySizeApple), Verdict::warn);
  EXPECT_EQ(verdict_after(edit::BuildFromDirectory{{NameFlag::subject_require_common_name}}, rule::kLintSubject),
            Verdict::fail);
  EXPECT_EQ(verdict_after(edit::SetApplicationPolicies{{oids::kClientAuth}}, rule::kLintApplicationPolicies),
            Verdict::fail);
  EXPECT_EQ(verdict_after(edit::SetProofOfOrigin{true}, rule::kLintProofOfOrigin), Verdict::fail);
  EXPECT_EQ(verdict_after(edit::RemoveAccount{kConnector}, rule::kLintConnector), Verdict::fail);
  EXPECT_EQ(verdict_after(edit::SuppressSecurityExtension{true}, rule::kLintSecurityExtension), Verdict::warn);
  EXPECT_EQ(verdict_after(edit::RequireManagerApproval{true}, rule::kLintManagerApproval), Verdict::fail);
  EXPECT_EQ(verdict_after(edit::RequireSignatures{1}, rule::kLintRaSignature), Verdict::fail);
}

TEST(Linter, FindsEsc1BeforeDomainUsersAreRemovedAndNotAfter) {
  CertificateTemplate value = good();
  change(value, edit::SetPermission{kDomainUsers, Right::enroll, edit::Column::allow});
  EXPECT_EQ(verdict(value, rule::kLintLowPrivilegedEnroll), Verdict::fail);

  CertificateTemplate mitigated = value;
  change(mitigated, edit::RequireManagerApproval{true});
  EXPECT_EQ(verdict(mitigated, rule::kLintLowPrivilegedEnroll), Verdict::warn);

  CertificateTemplate harmless = value;
  change(harmless, edit::SetApplicationPolicies{{oids::kSecureEmail}});
  EXPECT_EQ(verdict(harmless, rule::kLintLowPrivilegedEnroll), Verdict::not_applicable);
  change(harmless, edit::SetApplicationPolicies{{}});
  EXPECT_EQ(verdict(harmless, rule::kLintLowPrivilegedEnroll), Verdict::fail);

  CertificateTemplate from_directory = value;
  change(from_directory, edit::BuildFromDirectory{{NameFlag::subject_alt_require_upn}});
  EXPECT_EQ(verdict(from_directory, rule::kLintLowPrivilegedEnroll), Verdict::not_applicable);

  change(value, edit::RemoveAccount{kDomainUsers});
  EXPECT_EQ(verdict(value, rule::kLintLowPrivilegedEnroll), Verdict::pass);
}

TEST(Linter, LeavesOutWhatDoesNotConcernThePlatforms) {
  CertificateTemplate value = good();
  change(value, edit::SetMinimumKeySize{4096});
  change(value, edit::SetProofOfOrigin{true});
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
  CertificateTemplate value = good();
  change(value, edit::UseProviders{edit::ProviderCategory::key_storage, {}});
  change(value, edit::SetKeyAlgorithm{"ECDSA_P256"});
  change(value, edit::SetMinimumKeySize{256});
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
}  // namespace mimica::templates
