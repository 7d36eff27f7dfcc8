// What must hold of every decision, over generated certificates, accounts and configurations. The seed is fixed, so a
// finding can be repeated.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "kdc/pkinit/logon.h"
#include "kdc/rules.h"
#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

constexpr int kCases = 4000;

const std::set<KrbError> kDocumented = {
    KrbError::KDC_ERR_C_PRINCIPAL_UNKNOWN,
    KrbError::KDC_ERR_PRINCIPAL_NOT_UNIQUE,
    KrbError::KDC_ERR_POLICY,
    KrbError::KDC_ERR_PADATA_TYPE_NOSUPP,
    KrbError::KDC_ERR_CLIENT_REVOKED,
    KrbError::KDC_ERR_KEY_EXPIRED,
    KrbError::KDC_ERR_CLIENT_NOT_TRUSTED,
    KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
    KrbError::KDC_ERR_CLIENT_NAME_MISMATCH,
    KrbError::KDC_ERR_INCONSISTENT_KEY_PURPOSE,
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  std::size_t below(std::size_t bound) { return random_() % bound; }
  template <typename T>
  const T& one_of(const std::vector<T>& list) {
    return list[below(list.size())];
  }
  std::mt19937& engine() { return random_; }

 private:
  std::mt19937 random_;
};

// Real certificates, made once: every mix of names, SIDs and purposes.
const std::vector<Certificate>& certificates() {
  static const std::vector<Certificate> all = [] {
    Generator pick(7);
    std::vector<Certificate> out;
    for (int i = 0; i < 120; ++i) {
      LeafSpec spec;
      spec.serial = {0x2B, static_cast<std::uint8_t>(i + 1)};
      if (pick.chance(60)) spec.names.push_back(upn("jane@contoso.com"));
      if (pick.chance(40)) spec.names.push_back(dns("laptop-01.contoso.com"));
      if (pick.chance(30)) spec.names.push_back(email("jane@contoso.com"));
      if (pick.chance(25)) spec.names.push_back(uri(sid_uri(pick.chance(60) ? kJaneSid : kOtherSid)));
      if (pick.chance(40)) spec.sid = pick.chance(60) ? kJaneSid : kOtherSid;
      if (pick.chance(5)) spec.sid_value = Bytes{0x30, 0x00};
      if (pick.chance(30)) spec.policies = {Oid("1.2.3.4")};
      if (pick.chance(10)) spec.purposes = std::vector<Oid>{oids::kServerAuth};
      if (pick.chance(5)) spec.key_usage = Bytes{0x20};
      spec.not_before = at("2024-01-01") + (pick.chance(50) ? 1 : -1) * static_cast<Seconds>(pick.below(1200));
      spec.not_after = at("2027-01-01");
      out.push_back(test_pki().ca.issue(spec));
    }
    return out;
  }();
  return all;
}

struct DrawnCase {
  LogonFacts facts;
  KdcConfig config;
  Timestamp when;
};

std::string value_for(IdentityForm form, const Certificate& certificate) {
  const auto identity = identity_for(form, certificate);
  return identity ? to_string(*identity) : "X509:<SKI>00";
}

ldap::Account account_for(Generator& pick, const Certificate& certificate) {
  ldap::Account account = pick.chance(70) ? jane() : laptop();
  const std::size_t count = pick.chance(50) ? 0 : 1 + pick.below(4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto form = kIdentityForms[pick.below(std::size(kIdentityForms))];
    account.alt_security_identities.push_back(
        value_for(form, pick.chance(75) ? certificate : pick.one_of(certificates())));
  }
  if (pick.chance(5)) account.user_account_control |= ldap::uac::kDisabled;
  if (pick.chance(3)) account.expires = at("2025-01-01");
  if (pick.chance(3)) account.locked_since = at("2025-01-01");
  if (pick.chance(3)) account.logon_hours = Bytes(21, 0);
  if (pick.chance(3)) account.password_must_change = true;
  return account;
}

KdcConfig config_for(Generator& pick, Profile profile) {
  KdcConfig config;
  config.profile = profile;
  if (pick.chance(75)) config.StrongCertificateBindingEnforcement = static_cast<int>(pick.below(3));
  if (pick.chance(30)) config.CertificateBackdatingCompensation = static_cast<Seconds>(pick.below(2000));
  if (pick.chance(75)) config.AllowNtAuthPolicyBypass = static_cast<int>(pick.below(3));
  config.UseSubjectAltName = pick.chance(85);
  config.os_version = pick.one_of(std::vector<int>{2016, 2019, 2022, 2025});
  config.has_kdc_certificate = pick.chance(97);
  config.revocation_unknown_ignored = pick.chance(30);
  for (bool* flag :
       {&config.uri_mismatch_refused, &config.uri_list_accepted, &config.sid_alone_maps, &config.unresolved_upn_refused,
        &config.computer_upn_maps, &config.nt_auth_before_upn, &config.nt_auth_bypass_all_forms,
        &config.sha1_pukey_takes_key_hash, &config.password_change_refused, &config.application_policies_count})
    *flag = pick.chance(20) ? !*flag : *flag;
  if (pick.chance(30))
    config.StrongNameMatches = {to_hex(test_pki().ca.certificate.thumbprint()) +
                                "; 1.2.3.4; IssuerSubject, UpnSuffix=contoso.com"};
  if (pick.chance(3)) config.StrongNameMatches.emplace_back("nonsense");
  return config;
}

DrawnCase make_case(Generator& pick, Profile profile = Profile::windows) {
  const Certificate& certificate = pick.one_of(certificates());
  const ldap::Account account = account_for(pick, certificate);
  const UpnOwner owner =
      pick.chance(70)
          ? UpnOwner::this_account
          : pick.one_of(std::vector<UpnOwner>{UpnOwner::another_account, UpnOwner::nobody, UpnOwner::ambiguous});
  DrawnCase out{facts_for(certificate, account, test_pki().ca, owner, pick.chance(75)), config_for(pick, profile), {}};
  if (pick.chance(10))
    out.facts.chain.status =
        pick.one_of(std::vector<ChainStatus>{ChainStatus::untrusted_root, ChainStatus::revoked,
                                             ChainStatus::not_time_valid, ChainStatus::revocation_unknown});
  if (pick.chance(5)) out.facts.key_owner = KeyOwner{pick.chance(50) ? kJaneSid : kOtherSid, "somebody"};
  if (pick.chance(3)) out.facts.account.reset();
  out.when = at("2022-01-01") + static_cast<Seconds>(pick.below(4 * 365)) * kDay;
  return out;
}

LogonDecision decide_case(const DrawnCase& one) { return decide(one.facts, effective(one.config, one.when), one.when); }

bool allowed(const DrawnCase& one) { return static_cast<bool>(decide_case(one).decision); }

bool allowed_with(const DrawnCase& one, Enforcement enforcement) {
  Policy policy = effective(one.config, one.when);
  policy.enforcement = enforcement;
  return static_cast<bool>(decide(one.facts, policy, one.when).decision);
}

// The same facts with other explicit mappings.
DrawnCase with_values(const DrawnCase& one, std::vector<std::string> values) {
  DrawnCase out = one;
  ldap::Account account = one.facts.account->account;
  account.alt_security_identities = std::move(values);
  out.facts.account =
      account_facts(account, one.facts.account->realm, one.facts.account->upn_owner, one.facts.account->upn_owner_name);
  return out;
}

std::string told(const DrawnCase& one) {
  const auto got = decide_case(one);
  std::string text = explain(got.decision.trace, "logon", got.decision.code, Colour::none);
  if (one.facts.account)
    for (const std::string& value : one.facts.account->account.alt_security_identities) text += "  " + value + "\n";
  return text + "at " + to_iso(one.when);
}

template <typename Check>
void for_each_case(unsigned seed, Profile profile, const Check& check) {
  Generator pick(seed);
  for (int i = 0; i < kCases && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(i);
    check(make_case(pick, profile), pick);
  }
}

// Samba's compatibility is the exception: there a weak value that is too old hides a strong one behind it, which full
// enforcement finds.
TEST(DecisionProperties, AStricterModeNeverAllowsMore) {
  for (const Profile profile : {Profile::windows, Profile::samba})
    for_each_case(1, profile, [&](const DrawnCase& one, Generator&) {
      // The switch lets the SID alone map where strong mapping is judged at all; that is not what Disabled mode does.
      DrawnCase plain = one;
      plain.config.sid_alone_maps = false;
      const bool full = allowed_with(plain, Enforcement::full),
                 compatibility = allowed_with(plain, Enforcement::compatibility);
      EXPECT_LE(compatibility, allowed_with(plain, Enforcement::disabled)) << told(plain);
      EXPECT_LE(full, allowed_with(plain, Enforcement::disabled)) << told(plain);
      const bool hidden = profile == Profile::samba && one.facts.account &&
                          one.facts.account->account.alt_security_identities.size() > 1;
      if (hidden) return;
      EXPECT_LE(full, compatibility) << told(plain);
      EXPECT_LE(allowed_with(one, Enforcement::full), allowed_with(one, Enforcement::compatibility)) << told(one);
    });
}

TEST(DecisionProperties, RemovingAnExplicitMappingNeverAllowsMore) {
  for_each_case(2, Profile::windows, [](const DrawnCase& one, Generator& pick) {
    if (!one.facts.account || one.facts.account->account.alt_security_identities.empty()) return;
    std::vector<std::string> values = one.facts.account->account.alt_security_identities;
    values.erase(values.begin() + static_cast<std::ptrdiff_t>(pick.below(values.size())));
    EXPECT_LE(allowed(with_values(one, values)), allowed(one)) << told(one);
  });
}

// Samba is the exception: its search ends at the first weak value, so that a value before a strong one can refuse.
TEST(DecisionProperties, AddingAnExplicitMappingNeverRefusesMore) {
  int differs = 0;
  for (const Profile profile : {Profile::windows, Profile::samba})
    for_each_case(3, profile, [&](const DrawnCase& one, Generator& pick) {
      if (!one.facts.account) return;
      std::vector<std::string> values = one.facts.account->account.alt_security_identities;
      const auto form = kIdentityForms[pick.below(std::size(kIdentityForms))];
      values.insert(values.begin(), value_for(form, one.facts.certificate.certificate));
      const DrawnCase more = with_values(one, values);
      if (profile == Profile::windows)
        EXPECT_LE(allowed(one), allowed(more)) << told(one) << told(more);
      else
        differs += allowed(one) && !allowed(more) ? 1 : 0;
    });
  EXPECT_GT(differs, 0) << "the documented exception does occur";
}

// A certificate that carries the account's SID is no worse off than the same one without. The exceptions need a SID
// that contradicts, or a SAN URI of another account beside an extension that would have overridden it.
TEST(DecisionProperties, RemovingTheAccountsSidNeverAllowsMore) {
  for (const Profile profile : {Profile::windows, Profile::samba})
    for_each_case(4, profile, [](const DrawnCase& one, Generator&) {
      if (!one.facts.account || one.facts.certificate.sid != std::optional(kJaneSid)) return;
      DrawnCase less = one;
      less.facts.certificate.sid.reset();
      std::erase_if(less.facts.certificate.keys,
                    [](const IdentityKey& key) { return key.form == IdentityForm::issuer_sid; });
      EXPECT_LE(allowed(less), allowed(one)) << told(one) << told(less);
    });
}

// Dates add checks for certificates that were weakly mapped. What newer updates newly accept, strong mappings by SAN
// URI, <SID> and the name policy, is left out.
TEST(DecisionProperties, ALaterDateNeverAllowsMore) {
  for_each_case(5, Profile::windows, [](const DrawnCase& one, Generator& pick) {
    DrawnCase early = one;
    early.config.os_version = 2016;
    early.config.StrongNameMatches.clear();
    early.config.sid_alone_maps = false;
    if (early.facts.account) early.facts.account->account.locked_since.reset();
    DrawnCase late = early;
    late.when = early.when + static_cast<Seconds>(pick.below(1500)) * kDay;
    EXPECT_LE(allowed(late), allowed(early)) << told(early) << told(late);
  });
}

TEST(DecisionProperties, TheOrderOfExplicitMappingsDoesNotMatter) {
  for_each_case(6, Profile::windows, [](const DrawnCase& one, Generator& pick) {
    if (!one.facts.account || one.facts.account->account.alt_security_identities.size() < 2) return;
    std::vector<std::string> values = one.facts.account->account.alt_security_identities;
    std::shuffle(values.begin(), values.end(), pick.engine());
    const auto before = decide_case(one), after = decide_case(with_values(one, values));
    EXPECT_EQ(static_cast<bool>(before.decision), static_cast<bool>(after.decision)) << told(one);
    EXPECT_EQ(before.decision.code, after.decision.code);
    EXPECT_EQ(before.decision.rule(), after.decision.rule());
    EXPECT_EQ(before.events, after.events);
  });
}

TEST(DecisionProperties, ARefusalHasOneFailingStepAndADocumentedCode) {
  for (const Profile profile : {Profile::windows, Profile::samba})
    for_each_case(7, profile, [](const DrawnCase& one, Generator&) {
      const auto got = decide_case(one);
      const auto& steps = got.decision.trace.steps();
      const auto failing =
          std::count_if(steps.begin(), steps.end(), [](const Step& step) { return step.verdict == Verdict::fail; });
      EXPECT_EQ(failing, got.decision ? 0 : 1) << told(one);
      if (got.decision) return;
      EXPECT_EQ(steps.back().verdict, Verdict::fail) << told(one);
      const auto* code = std::get_if<KrbError>(&got.decision.code);
      ASSERT_NE(code, nullptr);
      EXPECT_TRUE(kDocumented.contains(*code)) << symbol(got.decision.code);
    });
}

TEST(DecisionProperties, EventsFollowTheOutcome) {
  for (const Profile profile : {Profile::windows, Profile::samba})
    for_each_case(8, profile, [&](const DrawnCase& one, Generator&) {
      const auto got = decide_case(one);
      const auto has = [&](int id, EventLevel level) {
        return std::any_of(got.events.begin(), got.events.end(),
                           [&](const Event& event) { return event.id() == id && event.level == level; });
      };
      const std::string_view rule = got.decision.rule();
      const bool writes = profile == Profile::windows;
      const bool weak = effective(one.config, one.when).enforcement == Enforcement::compatibility && got.decision &&
                        got.decision.trace.has("kdc.mapping.strong", Verdict::warn);
      EXPECT_EQ(has(39, EventLevel::error), writes && rule == kMappingStrong.id) << told(one);
      EXPECT_EQ(has(39, EventLevel::warning), writes && weak) << told(one);
      EXPECT_EQ(has(40, EventLevel::error), writes && rule == kMappingBackdating.id) << told(one);
      EXPECT_EQ(has(41, EventLevel::error), writes && rule == kMappingSid.id) << told(one);
      EXPECT_EQ(has(21, EventLevel::warning), writes && (rule == kNtAuthTrusted.id || rule.starts_with("kdc.chain.")))
          << told(one);
      EXPECT_EQ(got.audit["Status"] == "0x0", static_cast<bool>(got.decision));
    });
}

TEST(DecisionProperties, TheGeneratorReachesEveryRule) {
  std::set<std::string_view> refused, granted;
  for (const Profile profile : {Profile::windows, Profile::samba})
    for_each_case(9, profile, [&](const DrawnCase& one, Generator&) {
      const auto got = decide_case(one);
      if (got.decision)
        granted.insert(got.decision.granted->how == "weak" ? "weak" : got.decision.trace.steps().back().rule->id);
      else
        refused.insert(got.decision.rule());
    });
  for (const Rule* rule :
       {&kPkinitAvailable, &kAccountExists, &kAccountEnabled, &kAccountNotLockedOut, &kAccountNotExpired,
        &kAccountLogonHours, &kAccountPasswordChange, &kKeyTrustAccount, &kChainTrusted, &kChainValidTime,
        &kChainRevocation, &kKeyUsageDigitalSignature, &kEkuClientAuthentication, &kMappingUpn, &kNtAuthTrusted,
        &kMappingFound, &kMappingSid, &kMappingBackdating, &kMappingStrong})
    EXPECT_TRUE(refused.contains(rule->id)) << rule->id;
  for (const std::string_view rule :
       {"kdc.mapping.strong", "kdc.mapping.sid", "kdc.mapping.name_policy", "kdc.key_trust.account", "weak"})
    EXPECT_TRUE(granted.contains(rule)) << rule;
}

}  // namespace
}  // namespace mimica::kdc
