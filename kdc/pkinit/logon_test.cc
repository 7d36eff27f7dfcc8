#include "kdc/pkinit/logon.h"

#include <gtest/gtest.h>

#include <set>

#include "kdc/rules.h"
#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

const Timestamp kLogonNow = at("2025-12-01");

LogonFacts good_facts(const LeafSpec& change = {}) {
  LeafSpec spec = change;
  spec.names = {upn("jane@contoso.com")};
  spec.sid = kJaneSid;
  return facts_for(test_pki().ca.issue(spec), jane());
}
LogonDecision decide_now(const LogonFacts& facts, const KdcConfig& config = {}) {
  return decide(facts, effective(config, kLogonNow), kLogonNow);
}

void expect_refused(const LogonDecision& got, std::string_view rule, KrbError code, std::vector<int> events) {
  ASSERT_FALSE(got.decision);
  EXPECT_EQ(got.decision.rule(), rule);
  EXPECT_EQ(got.decision.code, Code{code});
  std::vector<int> ids;
  for (const Event& event : got.events) ids.push_back(event.id());
  EXPECT_EQ(ids, events);
  EXPECT_EQ(got.audit.id(), 4768);
  EXPECT_EQ(got.audit["TargetSid"], "S-1-0-0");
  EXPECT_EQ(got.audit["PreAuthType"], "-");
}

TEST(Logon, AStrongCertificateLogsOn) {
  const auto got = decide_now(good_facts());
  ASSERT_TRUE(got.decision) << explain(got.decision.trace, "logon", got.decision.code, Colour::none);
  EXPECT_EQ(got.decision.granted->account.sid, kJaneSid);
  EXPECT_EQ(got.decision.granted->how, "sid");
  EXPECT_TRUE(got.events.empty());
  EXPECT_EQ(got.audit["TargetSid"], kJaneSid.to_string());
  EXPECT_EQ(got.audit["ServiceName"], "krbtgt");
  EXPECT_EQ(got.audit["PreAuthType"], "16");
  for (const std::string_view id :
       {"kdc.pkinit.available", "kdc.account.unique", "kdc.account.exists", "kdc.account.enabled", "kdc.chain.trusted",
        "kdc.chain.valid_time", "kdc.chain.revocation", "kdc.key_usage.digital_signature",
        "kdc.eku.client_authentication", "kdc.mapping.user_principal_name", "kdc.ntauth.trusted", "kdc.mapping.found",
        "kdc.mapping.sid"})
    EXPECT_TRUE(got.decision.trace.has(id, Verdict::pass)) << id;
}

TEST(Logon, ADomainControllerWithoutCertificateHasNoPkinit) {
  KdcConfig config;
  config.has_kdc_certificate = false;
  expect_refused(decide_now(good_facts(), config), "kdc.pkinit.available", KrbError::KDC_ERR_PADATA_TYPE_NOSUPP, {19});
}

TEST(Logon, TheAccountMustExistOnceAndBeEnabled) {
  LogonFacts facts = good_facts();
  facts.account.reset();
  expect_refused(decide_now(facts), "kdc.account.exists", KrbError::KDC_ERR_C_PRINCIPAL_UNKNOWN, {});
  facts.ambiguous = true;
  expect_refused(decide_now(facts), "kdc.account.unique", KrbError::KDC_ERR_PRINCIPAL_NOT_UNIQUE, {});
  facts = good_facts();
  facts.account->account.user_account_control |= ldap::uac::kDisabled;
  expect_refused(decide_now(facts), "kdc.account.enabled", KrbError::KDC_ERR_CLIENT_REVOKED, {});
}

// Gate G1.
TEST(Logon, EveryBrokenChainAnswersClientNotTrusted) {
  struct Case {
    ChainStatus status;
    std::string_view rule;
    HResult in_event;
  };
  const Case cases[] = {
      {ChainStatus::untrusted_root, "kdc.chain.trusted", HResult::CERT_E_UNTRUSTEDROOT},
      {ChainStatus::incomplete, "kdc.chain.trusted", HResult::CERT_E_CHAINING},
      {ChainStatus::bad_signature, "kdc.chain.trusted", to_hresult(ChainStatus::bad_signature)},
      {ChainStatus::not_a_ca, "kdc.chain.trusted", to_hresult(ChainStatus::not_a_ca)},
      {ChainStatus::other, "kdc.chain.trusted", to_hresult(ChainStatus::other)},
      {ChainStatus::not_time_valid, "kdc.chain.valid_time", HResult::CERT_E_EXPIRED},
      {ChainStatus::revoked, "kdc.chain.revocation", to_hresult(ChainStatus::revoked)},
      {ChainStatus::revocation_unknown, "kdc.chain.revocation", HResult::CRYPT_E_REVOCATION_OFFLINE},
  };
  for (const Case& c : cases) {
    LogonFacts facts = good_facts();
    facts.chain.status = c.status;
    const auto got = decide_now(facts);
    expect_refused(got, c.rule, KrbError::KDC_ERR_CLIENT_NOT_TRUSTED, {21});
    EXPECT_EQ(got.audit["Status"], "0x3e");
    EXPECT_EQ(got.events[0]["Domain"], "CONTOSO");
    EXPECT_EQ(got.events[0]["Username"], "jane");
    EXPECT_EQ(got.events[0]["Status"], sentence(c.in_event));
    EXPECT_EQ(got.decision.trace.deciding()->facts.front().value, symbol(c.in_event));
  }
}

TEST(Logon, UnknownRevocationCanBeIgnored) {
  LogonFacts facts = good_facts();
  facts.chain.status = ChainStatus::revocation_unknown;
  KdcConfig config;
  config.revocation_unknown_ignored = true;
  const auto got = decide_now(facts, config);
  EXPECT_TRUE(got.decision);
  EXPECT_TRUE(got.decision.trace.has("kdc.chain.revocation", Verdict::warn));
  facts.chain.status = ChainStatus::revoked;
  EXPECT_FALSE(decide_now(facts, config).decision);
}

// Gate G2.
TEST(Logon, PurposesMustIncludeAnAuthentication) {
  const auto with = [](std::optional<std::vector<Oid>> purposes) {
    LeafSpec spec;
    spec.purposes = std::move(purposes);
    return decide_now(good_facts(spec));
  };
  for (const Oid& oid : {oids::kClientAuth, oids::kSmartCardLogon, oids::kPkinitClient, oids::kAnyExtendedKeyUsage})
    EXPECT_TRUE(with(std::vector<Oid>{oids::kServerAuth, oid}).decision) << oid.dotted();
  EXPECT_TRUE(with(std::nullopt).decision);
  expect_refused(with(std::vector<Oid>{oids::kServerAuth}), "kdc.eku.client_authentication",
                 KrbError::KDC_ERR_INCONSISTENT_KEY_PURPOSE, {});
}

TEST(Logon, ApplicationPoliciesAreASwitch) {
  LeafSpec spec;
  spec.purposes = std::vector<Oid>{oids::kServerAuth};
  spec.application_policies = {oids::kClientAuth};
  KdcConfig config;
  EXPECT_FALSE(decide_now(good_facts(spec), config).decision);
  config.application_policies_count = true;
  EXPECT_TRUE(decide_now(good_facts(spec), config).decision);
}

TEST(Logon, KeyUsageMustAllowSignatures) {
  LeafSpec spec;
  spec.key_usage = Bytes{0x20};
  expect_refused(decide_now(good_facts(spec)), "kdc.key_usage.digital_signature",
                 KrbError::KDC_ERR_INCONSISTENT_KEY_PURPOSE, {});
  spec.key_usage.reset();
  EXPECT_TRUE(decide_now(good_facts(spec)).decision);
}

// Rows 2 and 3.
TEST(Logon, KeyTrustNeedsNoChainButTheRightAccount) {
  LogonFacts facts = good_facts();
  facts.chain.status = ChainStatus::untrusted_root;
  facts.key_owner = KeyOwner{kJaneSid, "jane"};
  const auto got = decide_now(facts);
  ASSERT_TRUE(got.decision);
  EXPECT_EQ(got.decision.granted->how, "key-trust");
  EXPECT_TRUE(got.decision.granted->strong);
  EXPECT_TRUE(got.events.empty());
  facts.key_owner = KeyOwner{kOtherSid, "Administrator"};
  expect_refused(decide_now(facts), "kdc.key_trust.account", KrbError::KDC_ERR_CLIENT_NAME_MISMATCH, {});
}

TEST(Rules, AreUniqueAndComplete) {
  std::set<std::string_view> ids;
  for (const Rule* rule : rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_TRUE(rule->id.starts_with("kdc.")) << rule->id;
    EXPECT_FALSE(rule->title.empty() || rule->citation.empty() || rule->hint.empty()) << rule->id;
  }
}

}  // namespace
}  // namespace mimica::kdc
