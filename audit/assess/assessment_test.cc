#include "audit/assess/assessment.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audit/assess/assessment_text.h"
#include "core/base/text.h"
#include "kdc/pkinit/leads.h"
#include "kdc/rules.h"
#include "kdc/testing/testing_lab.h"
#include "ldap/store/ldif.h"

namespace mimica::audit {
namespace {

using namespace kdc::testing;

LeafSpec weak_spec() {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com")};
  return spec;
}

const LogonVerdict& in(const Assessment& what, kdc::Enforcement mode) {
  for (const ModeVerdict& one : what.modes)
    if (one.mode == mode) return one.verdict;
  std::abort();
}

const LogonVerdict& on(const Assessment& what, std::string_view day) {
  for (const Period& period : what.periods)
    if (period.covers(at(day))) return period.verdict;
  std::abort();
}

TEST(Assessment, AWeakMappingBreaksWithFullEnforcement) {
  const Assessment got = assess(facts_for(test_pki().ca.issue(weak_spec()), jane()), {}, at("2024-12-01"));
  EXPECT_TRUE(got.now.allowed);
  EXPECT_EQ(got.now.events, std::vector<int>{39});
  EXPECT_FALSE(got.now.strong);
  EXPECT_TRUE(in(got, kdc::Enforcement::disabled).allowed);
  EXPECT_TRUE(in(got, kdc::Enforcement::compatibility).allowed);
  EXPECT_EQ(in(got, kdc::Enforcement::full).rule, kdc::kMappingStrong.id);
  EXPECT_EQ(in(got, kdc::Enforcement::full).code, Code{KrbError::KDC_ERR_CERTIFICATE_MISMATCH});
  EXPECT_FALSE(got.ready());
  EXPECT_EQ(got.refused_from, at("2025-02-11"));
  EXPECT_EQ(got.weak, std::vector<std::string>{"UPN=jane@contoso.com"});
  EXPECT_TRUE(got.strong.empty());
}

TEST(Assessment, PeriodsCollapseEqualAnswersAndCoverAllTime) {
  const Assessment got = assess(facts_for(test_pki().ca.issue(weak_spec()), jane()), {}, at("2024-12-01"));
  ASSERT_EQ(got.periods.size(), 3U);
  EXPECT_FALSE(got.periods.front().from);
  EXPECT_FALSE(got.periods.back().until);
  for (std::size_t i = 1; i < got.periods.size(); ++i) {
    EXPECT_EQ(got.periods[i].from, got.periods[i - 1].until);
    EXPECT_FALSE(got.periods[i].verdict.same_as(got.periods[i - 1].verdict));
  }
  EXPECT_TRUE(on(got, "2022-01-01").allowed);
  EXPECT_TRUE(on(got, "2022-01-01").events.empty());
  EXPECT_EQ(on(got, "2023-01-01").events, std::vector<int>{39});
  EXPECT_FALSE(on(got, "2025-02-11").allowed);
}

TEST(Assessment, TheRegistryMovesTheDate) {
  const Assessment got = assess(facts_for(test_pki().ca.issue(weak_spec()), jane()), mode(1), at("2024-12-01"));
  EXPECT_TRUE(on(got, "2025-09-08").allowed);
  EXPECT_EQ(got.refused_from, at("2025-09-09"));
}

TEST(Assessment, AStrongMappingNeedsNothing) {
  LeafSpec spec = weak_spec();
  spec.sid = kJaneSid;
  const Assessment got = assess(facts_for(test_pki().ca.issue(spec), jane()), {}, kNow);
  EXPECT_TRUE(got.now.allowed);
  EXPECT_TRUE(got.ready());
  EXPECT_FALSE(got.refused_from);
  EXPECT_TRUE(got.mappings.empty());
  EXPECT_TRUE(got.repairs.empty());
  EXPECT_EQ(got.strong.size(), 1U);
}

TEST(Assessment, EverySuggestedValueMakesTheLogonPassUnderFullEnforcement) {
  LeafSpec spec = weak_spec();
  const Certificate certificate = test_pki().ca.issue(spec);
  const Assessment got = assess(facts_for(certificate, jane()), {}, kNow);
  ASSERT_EQ(got.mappings.size(), 3U);  // no <SID> without a SID
  EXPECT_EQ(got.mappings[0].form, kdc::IdentityForm::issuer_serial);
  EXPECT_EQ(got.mappings[1].form, kdc::IdentityForm::subject_key_identifier);
  EXPECT_EQ(got.mappings[2].form, kdc::IdentityForm::sha1_public_key);
  for (const MappingToAdd& mapping : got.mappings) {
    ldap::Account account = jane();
    account.alt_security_identities = {mapping.value};
    const Assessment again = assess(facts_for(certificate, account), {}, kNow);
    EXPECT_TRUE(again.now.allowed) << mapping.value;
    EXPECT_TRUE(again.ready());
    EXPECT_EQ(again.strong, std::vector<std::string>{mapping.value});
  }
}

TEST(Assessment, TheSidFormNeedsANewEnoughDomainController) {
  // The UPN leads to nobody and may: only the explicit mapping can do it.
  LeafSpec spec;
  spec.sid = kJaneSid;
  const kdc::LogonFacts facts = facts_for(test_pki().ca.issue(spec), jane());
  const auto has_sid_form = [&](int os) {
    kdc::KdcConfig config;
    config.os_version = os;
    const Assessment got = assess(facts, config, kNow);
    return std::any_of(got.mappings.begin(), got.mappings.end(),
                       [](const MappingToAdd& one) { return one.form == kdc::IdentityForm::issuer_sid; });
  };
  EXPECT_TRUE(has_sid_form(2022));
  EXPECT_FALSE(has_sid_form(2019));
}

TEST(Assessment, NoMappingIsSuggestedThatWouldNotHelp) {
  kdc::LogonFacts facts =
      facts_for(test_pki().ca.issue(weak_spec()), jane(), test_pki().ca, kdc::UpnOwner::another_account);
  Assessment got = assess(facts, {}, kNow);
  EXPECT_EQ(got.now.rule, kdc::kMappingUpn.id);
  EXPECT_TRUE(got.mappings.empty());
  ASSERT_EQ(got.repairs.size(), 1U);
  EXPECT_EQ(got.repairs[0].kind, "reissue");

  facts = facts_for(test_pki().ca.issue(weak_spec()), jane());
  facts.chain.status = ChainStatus::untrusted_root;
  got = assess(facts, {}, kNow);
  EXPECT_TRUE(got.mappings.empty());
  ASSERT_EQ(got.repairs.size(), 1U);
  EXPECT_EQ(got.repairs[0].kind, "rule");
}

TEST(Assessment, AnEndedCertificateIsRefusedNowAndStillJudgedByItsMapping) {
  kdc::LogonFacts facts = facts_for(test_pki().ca.issue(weak_spec()), jane());
  facts.chain.status = ChainStatus::not_time_valid;
  const Assessment got = assess(facts, {}, kNow);
  EXPECT_EQ(got.now.rule, kdc::kChainValidTime.id);
  EXPECT_EQ(in(got, kdc::Enforcement::full).rule, kdc::kMappingStrong.id);
  EXPECT_TRUE(in(got, kdc::Enforcement::compatibility).allowed);
}

TEST(Assessment, ALockoutAndTheHourRefuseNowAndSayNothingAboutTheMapping) {
  kdc::LogonFacts facts = facts_for(test_pki().ca.issue(weak_spec()), jane());
  facts.account->account.locked_since = kNow - kHour;
  Assessment got = assess(facts, {}, kNow);
  EXPECT_EQ(got.now.rule, kdc::kAccountNotLockedOut.id);
  EXPECT_EQ(in(got, kdc::Enforcement::full).rule, kdc::kMappingStrong.id);
  EXPECT_EQ(got.mappings.size(), 3U);
  facts.account->account.locked_since.reset();
  facts.account->account.logon_hours = Bytes(21, 0);
  got = assess(facts, {}, kNow);
  EXPECT_EQ(got.now.rule, kdc::kAccountLogonHours.id);
  EXPECT_TRUE(on(got, "2024-01-01").allowed);
  facts.account->account.logon_hours.clear();
  facts.account->account.user_account_control |= ldap::uac::kDisabled;
  EXPECT_EQ(in(assess(facts, {}, kNow), kdc::Enforcement::full).rule, kdc::kAccountEnabled.id);
}

TEST(Assessment, TheNameMatchPolicyIsOfferedWhereItHelps) {
  LeafSpec spec = weak_spec();
  spec.policies = {must(Oid::parse("1.2.3.4"))};
  const kdc::LogonFacts facts = facts_for(test_pki().ca.issue(spec), jane());
  const Assessment got = assess(facts, {}, kNow);
  const auto found = std::find_if(got.repairs.begin(), got.repairs.end(),
                                  [](const Repair& repair) { return repair.kind == "name_policy"; });
  ASSERT_NE(found, got.repairs.end());
  kdc::KdcConfig config;
  config.StrongNameMatches = {found->value};
  EXPECT_TRUE(assess(facts, config, kNow).now.allowed);

  config = {};
  config.os_version = 2016;
  for (const Repair& repair : assess(facts, config, kNow).repairs) EXPECT_NE(repair.kind, "name_policy");
  for (const Repair& repair : assess(facts_for(test_pki().ca.issue(weak_spec()), jane()), {}, kNow).repairs)
    EXPECT_NE(repair.kind, "name_policy");
}

TEST(Assessment, NobodyIsAnAnswerToo) {
  kdc::LogonFacts facts = facts_for(test_pki().ca.issue(weak_spec()), jane());
  facts.account.reset();
  facts.cname = "ghost";
  const Assessment got = assess(facts, {}, kNow);
  EXPECT_FALSE(got.account);
  EXPECT_EQ(got.now.rule, kdc::kAccountExists.id);
  EXPECT_TRUE(got.mappings.empty());
  EXPECT_NE(to_text(got, {}, Colour::none).find("ghost"), std::string::npos);
}

TEST(Assessment, TheLdifIsAChangeThatAddsTheValue) {
  ldap::Account account = jane();
  account.dn = "CN=J\xC3\xA4ne,CN=Users,DC=contoso,DC=com";
  const std::string value = "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>" + std::string(60, 'A');
  const std::string ldif = ldif_of(account, {kdc::IdentityForm::issuer_serial, value, {}});
  EXPECT_TRUE(ldif.starts_with("dn:: "));
  const auto records = must(ldap::parse_ldif(ldif));
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].kind, ldap::LdifRecord::Kind::modify);
  EXPECT_EQ(records[0].entry.dn(), account.dn);
  ASSERT_EQ(records[0].modifications.size(), 1U);
  EXPECT_EQ(records[0].modifications[0].kind, ldap::Modification::Kind::add);
  EXPECT_EQ(records[0].modifications[0].attribute.values, std::vector<std::string>{value});
}

TEST(AssessmentText, ShowsVerdictTablesAndSuggestion) {
  const Assessment got = assess(facts_for(test_pki().ca.issue(weak_spec()), jane()), {}, kNow);
  const std::string text = to_text(got, {"revocation was not checked"}, Colour::none);
  for (const std::string_view part :
       {"REFUSED", "KDC_ERR_CERTIFICATE_MISMATCH (66)", "kdc.mapping.strong", "Compatibility", "from 2025-02-11",
        "changetype: modify", "<SR>", "SID extension", "revocation was not checked"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(to_text(got, {}, Colour::ansi).find("\033["), std::string::npos);
}

TEST(AssessmentText, ACertificateCannotSteerTheTerminal) {
  LeafSpec spec = weak_spec();
  spec.names = {upn("jane\033[2J@contoso.com")};
  const std::string text = to_text(assess(facts_for(test_pki().ca.issue(spec), jane()), {}, kNow), {}, Colour::none);
  EXPECT_EQ(text.find('\033'), std::string::npos);
  EXPECT_NE(text.find("\\x1b[2J"), std::string::npos);
}

TEST(AssessmentJson, HoldsEverything) {
  const Assessment got = assess(facts_for(test_pki().ca.issue(weak_spec()), jane()), {}, kNow);
  const auto json = boost::json::parse(to_json(got, {"note"})).as_object();
  EXPECT_EQ(json.at("format"), "mimica.kdc.check");
  EXPECT_EQ(json.at("now").at("rule"), "kdc.mapping.strong");
  EXPECT_EQ(json.at("now").at("number"), "66");
  EXPECT_EQ(json.at("modes").as_array().size(), 3U);
  EXPECT_EQ(json.at("periods").as_array().size(), got.periods.size());
  EXPECT_EQ(json.at("mappings").at(0).at("form"), "X509IssuerSerialNumber");
  EXPECT_EQ(json.at("notes").as_array().size(), 1U);
  EXPECT_EQ(json.at("refused_from"), "2025-02-11T00:00:00Z");
}

class LeadsOf : public DirectoryLab {
 protected:
  std::vector<std::string> names(const LeafSpec& spec) {
    const kdc::Leads leads = must(find_leads(*directory, must(kdc::read_trust(*directory)), test_pki().ca.issue(spec)));
    std::vector<std::string> out;
    for (const kdc::Lead& lead : leads.accounts)
      out.push_back(lead.account.sam_account_name + " by " + join(lead.by, "+"));
    return out;
  }
};

TEST_F(LeadsOf, NamesMappingsAndSid) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(jane_spec()), Names{"jane by UPN+SID"});
  LeafSpec spec;
  spec.names = {dns("laptop-01.contoso.com"), dns("laptop-01.elsewhere.org")};
  EXPECT_EQ(names(spec), Names{"LAPTOP-01$ by DNS name"});
  spec.names = {uri(kdc::sid_uri(account("bob").sid))};
  EXPECT_EQ(names(spec), Names{"bob by SID"});
  spec.names = {upn("nobody@contoso.com")};
  EXPECT_TRUE(names(spec).empty());
  const auto mapping = must(identity_for(kdc::IdentityForm::issuer_serial, test_pki().ca.issue(spec)));
  set("bob", "altSecurityIdentities", {to_lower(to_string(mapping))});
  EXPECT_EQ(names(spec), Names{"bob by altSecurityIdentities"});
}

}  // namespace
}  // namespace mimica::audit
