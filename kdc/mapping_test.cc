// Rows and gates of the decision table for certificate logons, and the rules that the rows do not single out.
#include "kdc/mapping.h"

#include <gtest/gtest.h>

#include <functional>

#include "kdc/rules.h"
#include "kdc/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

// What the certificate has, and what the account has.
enum class Names {
  none,
  upn,
  upn_of_another,
  upn_of_nobody,
  weak_value,
  strong_value,
  weak_and_strong,
  upn_and_strong
};
enum class Sids { absent, equal, different };
enum class Age { young, old };

struct Row {
  const char* name;
  std::vector<int> modes;  // effective modes
  Names names;
  Sids extension;
  Sids uri;
  Age age;
  // Expected
  KrbError code;          // KDC_ERR_NONE: allowed
  std::string_view rule;  // deciding rule of a refusal, or how an allowed logon mapped
  std::vector<int> events;
  std::function<void(KdcConfig&)> change = {};
};

Policy policy_of(int mode_value, const std::function<void(KdcConfig&)>& change) {
  KdcConfig config = mode(mode_value);
  if (change) change(config);
  // 2024-10-01: compatibility and full can both be configured. Disabled mode was honoured until April 2023.
  return effective(config, mode_value == 0 ? at("2023-04-10") : at("2025-08-01"));
}

LogonDecision run(const Row& row, int mode_value) {
  LeafSpec spec;
  spec.not_before = row.age == Age::young ? at("2024-01-01") - 600 : at("2024-01-01") - 601;
  const bool has_upn = row.names == Names::upn || row.names == Names::upn_of_another ||
                       row.names == Names::upn_of_nobody || row.names == Names::upn_and_strong;
  if (has_upn) spec.names.push_back(upn("jane@contoso.com"));
  if (row.extension != Sids::absent) spec.sid = row.extension == Sids::equal ? kJaneSid : kOtherSid;
  if (row.uri != Sids::absent) spec.names.push_back(uri(sid_uri(row.uri == Sids::equal ? kJaneSid : kOtherSid)));
  const Certificate certificate = pki().ca.issue(spec);
  ldap::Account account = jane();
  const auto value = [&](IdentityForm form) { return to_string(must(identity_for(form, certificate))); };
  if (row.names == Names::weak_value || row.names == Names::weak_and_strong)
    account.alt_security_identities.push_back(value(IdentityForm::issuer_subject));
  if (row.names == Names::strong_value || row.names == Names::weak_and_strong || row.names == Names::upn_and_strong)
    account.alt_security_identities.push_back(value(IdentityForm::issuer_serial));
  const UpnOwner owner = row.names == Names::upn_of_another  ? UpnOwner::another_account
                         : row.names == Names::upn_of_nobody ? UpnOwner::nobody
                                                             : UpnOwner::this_account;
  return decide(facts_for(certificate, account, pki().ca, owner), policy_of(mode_value, row.change), at("2025-08-01"));
}

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

constexpr auto kNone = KrbError::KDC_ERR_NONE;
constexpr auto kMismatch = KrbError::KDC_ERR_CERTIFICATE_MISMATCH;
constexpr auto kName = KrbError::KDC_ERR_CLIENT_NAME_MISMATCH;
constexpr auto kA = Sids::absent, kE = Sids::equal, kD = Sids::different;
constexpr auto kYoung = Age::young, kOld = Age::old;
const auto kServer2016 = [](KdcConfig& c) { c.os_version = 2016; };
const auto kNoSan = [](KdcConfig& c) { c.UseSubjectAltName = false; };

const Row kRows[] = {
    {"1_nothing_maps", {0, 1, 2}, Names::none, kA, kA, kYoung, kName, "kdc.mapping.found", {}},
    {"1_upn_of_another",
     {0, 1, 2},
     Names::upn_of_another,
     kE,
     kA,
     kYoung,
     kName,
     "kdc.mapping.user_principal_name",
     {}},
    {"1_upn_of_nobody", {0, 1, 2}, Names::upn_of_nobody, kE, kA, kYoung, kName, "kdc.mapping.user_principal_name", {}},
    {"4_disabled_weak_any_sid", {0}, Names::upn, kD, kD, kOld, kNone, "weak", {}},
    {"4_disabled_strong", {0}, Names::strong_value, kD, kA, kOld, kNone, "alt-security-identity", {}},
    {"5_strong_value", {1, 2}, Names::strong_value, kA, kA, kOld, kNone, "alt-security-identity", {}},
    {"5_strong_value_other_sid", {1, 2}, Names::strong_value, kD, kD, kOld, kNone, "alt-security-identity", {}},
    {"5_strong_after_weak", {1, 2}, Names::weak_and_strong, kD, kA, kOld, kNone, "alt-security-identity", {}},
    {"5_upn_and_strong", {1, 2}, Names::upn_and_strong, kD, kA, kOld, kNone, "alt-security-identity", {}},
    {"7_sid_equal", {1, 2}, Names::upn, kE, kA, kOld, kNone, "sid", {}},
    {"7_sid_equal_uri_differs", {1, 2}, Names::upn, kE, kD, kOld, kNone, "sid", {}},
    {"7_sid_equal_weak_value", {1, 2}, Names::weak_value, kE, kA, kOld, kNone, "sid", {}},
    {"8_sid_differs", {1, 2}, Names::upn, kD, kA, kYoung, kMismatch, "kdc.mapping.sid", {41}},
    {"8_sid_differs_uri_equal", {1, 2}, Names::upn, kD, kE, kYoung, kMismatch, "kdc.mapping.sid", {41}},
    {"9_uri_equal", {1, 2}, Names::upn, kA, kE, kOld, kNone, "uri", {}},
    {"10_uri_differs", {1, 2}, Names::upn, kA, kD, kYoung, kMismatch, "kdc.mapping.sid", {41}},
    {"10_switch_compatibility",
     {1},
     Names::upn,
     kA,
     kD,
     kYoung,
     kNone,
     "weak",
     {39},
     [](KdcConfig& c) { c.uri_mismatch_refused = false; }},
    {"10_switch_full",
     {2},
     Names::upn,
     kA,
     kD,
     kYoung,
     kMismatch,
     "kdc.mapping.strong",
     {39},
     [](KdcConfig& c) { c.uri_mismatch_refused = false; }},
    {"11_compatibility_young", {1}, Names::upn, kA, kA, kYoung, kNone, "weak", {39}},
    {"11_compatibility_young_weak_value", {1}, Names::weak_value, kA, kA, kYoung, kNone, "weak", {39}},
    {"12_compatibility_old", {1}, Names::upn, kA, kA, kOld, kMismatch, "kdc.mapping.backdating", {40}},
    {"13_full", {2}, Names::upn, kA, kA, kYoung, kMismatch, "kdc.mapping.strong", {39}},
    {"13_full_weak_value", {2}, Names::weak_value, kA, kA, kYoung, kMismatch, "kdc.mapping.strong", {39}},
    {"14_server_2016_young", {1}, Names::upn, kA, kE, kYoung, kNone, "weak", {39}, kServer2016},
    {"14_server_2016_old", {1}, Names::upn, kA, kE, kOld, kMismatch, "kdc.mapping.backdating", {40}, kServer2016},
    {"15_server_2016_full", {2}, Names::upn, kA, kE, kYoung, kMismatch, "kdc.mapping.strong", {39}, kServer2016},
    {"16_no_san_young", {1}, Names::weak_value, kE, kE, kYoung, kNone, "weak", {39}, kNoSan},
    {"16_no_san_old", {1}, Names::weak_value, kE, kE, kOld, kMismatch, "kdc.mapping.backdating", {40}, kNoSan},
    {"16_no_san_full", {2}, Names::weak_value, kE, kE, kYoung, kMismatch, "kdc.mapping.strong", {39}, kNoSan},
    {"17_no_san_only_upn", {1, 2}, Names::upn, kE, kE, kYoung, kName, "kdc.mapping.found", {}, kNoSan},
    {"18_sid_alone", {1, 2}, Names::none, kE, kA, kYoung, kName, "kdc.mapping.found", {}},
    {"18_switch", {1, 2}, Names::none, kE, kA, kOld, kNone, "sid", {}, [](KdcConfig& c) { c.sid_alone_maps = true; }},
    {"18_switch_other_sid",
     {1, 2},
     Names::none,
     kD,
     kA,
     kOld,
     kName,
     "kdc.mapping.found",
     {},
     [](KdcConfig& c) { c.sid_alone_maps = true; }},
    {"upn_of_nobody_switch",
     {2},
     Names::upn_of_nobody,
     kE,
     kA,
     kYoung,
     kName,
     "kdc.mapping.found",
     {},
     [](KdcConfig& c) { c.unresolved_upn_refused = false; }},
};

class DecisionTable : public ::testing::TestWithParam<Row> {};

TEST_P(DecisionTable, Row) {
  const Row& row = GetParam();
  for (const int value : row.modes) {
    SCOPED_TRACE(value);
    const LogonDecision got = run(row, value);
    const std::string why = explain(got.decision.trace, row.name, got.decision.code, Colour::none);
    std::vector<int> ids;
    for (const Event& event : got.events) ids.push_back(event.id);
    EXPECT_EQ(ids, row.events) << why;
    if (row.code == kNone) {
      ASSERT_TRUE(got.decision) << why;
      EXPECT_EQ(got.decision.granted->how, row.rule) << why;
      EXPECT_EQ(got.decision.granted->strong, row.rule != "weak") << why;
      for (const Event& event : got.events) EXPECT_EQ(event.level, Event::Level::warning);
      EXPECT_EQ(got.audit["Status"], "0x0");
    } else {
      ASSERT_FALSE(got.decision) << why;
      EXPECT_EQ(got.decision.code, Code{row.code}) << why;
      EXPECT_EQ(got.decision.rule(), row.rule) << why;
      for (const Event& event : got.events) EXPECT_EQ(event.level, Event::Level::error);
      EXPECT_EQ(got.audit["Status"], row.code == kMismatch ? "0x42" : "0x4b");
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Mapping, DecisionTable, ::testing::ValuesIn(kRows),
                         [](const auto& row) { return std::string("Row") + row.param.name; });

Decision<Mapped> map(const Certificate& certificate, const ldap::Account& account, const Policy& policy,
                     bool in_nt_auth = true, UpnOwner owner = UpnOwner::this_account) {
  const LogonFacts facts = facts_for(certificate, account, pki().ca, owner, in_nt_auth);
  return map_certificate(facts.certificate, *facts.account, policy);
}
const Policy& full() {
  static const Policy policy = effective({}, at("2025-12-01"));
  return policy;
}
Certificate jane_certificate(std::optional<Sid> its_sid = {}) {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com")};
  spec.sid = std::move(its_sid);
  return pki().ca.issue(spec);
}

TEST(Mapping, RefusalForLackOfASidSaysHowToRepairIt) {
  const auto got = map(jane_certificate(), jane(), full());
  ASSERT_FALSE(got);
  const Step* step = got.trace.deciding();
  EXPECT_EQ(step->rule, &kMappingStrong);
  EXPECT_NE(step->hint.find("EnableSidSecurityExtension"), std::string::npos);
  const std::string value = "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>1200000000ac11000000002b";
  ASSERT_NE(step->hint.find(value), std::string::npos);
  ldap::Account repaired = jane();
  repaired.alt_security_identities = {value};
  EXPECT_TRUE(map(jane_certificate(), repaired, full()));
}

TEST(Mapping, WarningsCarryTheDateFromWhichTheyAreRefusals) {
  const auto text = [](const KdcConfig& config, std::string_view when) {
    const auto got = map(jane_certificate(), jane(), effective(config, at(when)));
    EXPECT_TRUE(got);
    const Step* step = got.trace.find("kdc.mapping.strong");
    return step != nullptr && step->verdict == Verdict::warn ? step->found : std::string();
  };
  EXPECT_NE(text(mode(1), "2025-03-01").find("allowed now, refused from 2025-09-09"), std::string::npos);
  EXPECT_NE(text({}, "2024-11-20").find("allowed now, refused from 2025-02-11"), std::string::npos);
  EXPECT_NE(text({}, "2022-01-01").find("refused from 2025-02-11"), std::string::npos) << "Disabled mode warns too";
}

// NTAuth: gates G3, G4, G4b over the values of AllowNtAuthPolicyBypass.
TEST(NtAuth, AppliesTheBypassOnlyToExplicitMappings) {
  struct Case {
    int bypass;
    bool explicit_value;
    bool allowed;
    std::vector<int> events;
  };
  const Case cases[] = {{2, true, false, {21}},  {1, true, true, {45}},   {0, true, true, {}},
                        {2, false, false, {21}}, {1, false, false, {21}}, {0, false, false, {21}}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.bypass);
    SCOPED_TRACE(c.explicit_value);
    KdcConfig config;
    config.AllowNtAuthPolicyBypass = c.bypass;
    const Certificate certificate = jane_certificate(kJaneSid);
    ldap::Account account = jane();
    if (c.explicit_value)
      account.alt_security_identities = {
          to_string(must(identity_for(IdentityForm::subject_key_identifier, certificate)))};
    const LogonFacts facts = facts_for(certificate, account, pki().ca, UpnOwner::this_account, false);
    const auto got = decide(facts, effective(config, at("2025-05-01")), at("2025-05-01"));
    EXPECT_EQ(static_cast<bool>(got.decision), c.allowed);
    std::vector<int> ids;
    for (const Event& event : got.events) ids.push_back(event.id);
    EXPECT_EQ(ids, c.events);
    if (!c.allowed) {
      EXPECT_EQ(got.decision.rule(), "kdc.ntauth.trusted");
      EXPECT_EQ(got.decision.code, Code{KrbError::KDC_ERR_CLIENT_NOT_TRUSTED});
      EXPECT_EQ(to_hex_upper(got.events.front().binary), "1800000012010B800000000001000000");
    } else {
      EXPECT_TRUE(got.decision.trace.has("kdc.ntauth.trusted", Verdict::warn));
    }
  }
}

TEST(NtAuth, TheOrderAgainstAForeignUpnIsASwitch) {
  KdcConfig config;
  const auto rule = [&] {
    return std::string(
        map(jane_certificate(kJaneSid), jane(), effective(config, at("2025-12-01")), false, UpnOwner::another_account)
            .rule());
  };
  EXPECT_EQ(rule(), "kdc.mapping.user_principal_name");
  config.nt_auth_before_upn = true;
  EXPECT_EQ(rule(), "kdc.ntauth.trusted");
}

TEST(Mapping, ComputersMapByDnsName) {
  const auto by = [](std::vector<GeneralName> names, std::vector<std::string> values = {}) {
    LeafSpec spec;
    spec.subject = "CN=LAPTOP-01";
    spec.names = std::move(names);
    spec.sid = kJaneSid;
    ldap::Account account = laptop();
    account.alt_security_identities = std::move(values);
    return map(pki().ca.issue(spec), account, full());
  };
  EXPECT_TRUE(by({dns("laptop-01.CONTOSO.com")}));
  EXPECT_TRUE(by({dns("other.contoso.com"), dns("LAPTOP-01.contoso.com")}));
  for (const char* other :
       {"laptop-02.contoso.com", "laptop-01.fabrikam.com", "laptop-01", "laptop-01.sub.contoso.com"}) {
    const auto got = by({dns(other)});
    ASSERT_FALSE(got) << other;
    EXPECT_EQ(got.rule(), "kdc.mapping.found");
    EXPECT_TRUE(got.trace.has("kdc.mapping.dns_name", Verdict::not_applicable));
  }
  EXPECT_EQ(by({upn("LAPTOP-01$@contoso.com")}).rule(), "kdc.mapping.found") << "a UPN maps users only";
  const auto explicitly = by({}, {"X509:<S>CN=laptop-01"});
  ASSERT_TRUE(explicitly);
  EXPECT_TRUE(explicitly.trace.has("kdc.mapping.alt_security_identity", Verdict::pass));
}

TEST(Mapping, WeakFormsOfExplicitMappingsNeedTheSid) {
  LeafSpec spec;
  spec.names = {email("jane@contoso.com")};
  const Certificate certificate = pki().ca.issue(spec);
  for (const IdentityForm form : kIdentityForms) {
    if (form == IdentityForm::issuer_sid) continue;
    SCOPED_TRACE(to_string(form));
    ldap::Account account = jane();
    account.alt_security_identities = {"Kerberos:jane@CONTOSO.COM", "X509:<broken",
                                       to_string(must(identity_for(form, certificate)))};
    const auto got = map(certificate, account, full());
    EXPECT_EQ(static_cast<bool>(got), is_strong(form));
    if (is_strong(form)) continue;
    // The issuer alone is Schannel's; the KDC does not look for it.
    EXPECT_EQ(got.rule(), form == IdentityForm::issuer ? "kdc.mapping.found" : "kdc.mapping.strong");
  }
}

TEST(Mapping, IssuerAndSidNeedsTheUpdateAndWorksWithoutTheSan) {
  const Certificate certificate = jane_certificate(kJaneSid);
  ldap::Account account = jane();
  account.alt_security_identities = {"X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SID>" + kJaneSid.to_string()};
  KdcConfig config;
  config.UseSubjectAltName = false;
  EXPECT_TRUE(map(certificate, account, effective(config, at("2025-06-10"))));
  EXPECT_EQ(map(certificate, account, effective(config, at("2025-06-09"))).rule(), "kdc.mapping.found");
  config.os_version = 2019;
  EXPECT_EQ(map(certificate, account, effective(config, at("2025-06-10"))).rule(), "kdc.mapping.found");
}

TEST(Mapping, TheHashOfTheKeyIsASwitch) {
  const Certificate certificate = jane_certificate();
  ldap::Account account = jane();
  account.alt_security_identities = {"X509:<SHA1-PUKEY>" + to_hex(certificate.public_key().key_identifier())};
  KdcConfig config;
  EXPECT_FALSE(map(certificate, account, effective(config, at("2025-12-01"))));
  config.sha1_pukey_takes_key_hash = true;
  EXPECT_TRUE(map(certificate, account, effective(config, at("2025-12-01"))));
}

TEST(Mapping, NearMissesAndUnreadableValuesShowInTheHint) {
  LeafSpec spec;
  const Certificate certificate = pki().ca.issue(spec);
  ldap::Account account = jane();
  account.alt_security_identities = {"X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>2B0000000011AC0000000012"};
  auto got = map(certificate, account, full());
  EXPECT_NE(got.trace.deciding()->hint.find("not reversed"), std::string::npos);
  account.alt_security_identities = {"X509:<I>CN=CA<SR>xyz"};
  got = map(certificate, account, full());
  EXPECT_NE(got.trace.deciding()->hint.find("hexadecimal"), std::string::npos);
  got = map(certificate, jane(), full());
  EXPECT_NE(got.trace.deciding()->hint.find("X509:<I>"), std::string::npos);
}

TEST(Mapping, AMalformedSidExtensionCountsAsAbsent) {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com")};
  spec.sid_value = Bytes{0x30, 0x00};
  auto got = map(pki().ca.issue(spec), jane(), full());
  EXPECT_EQ(got.rule(), "kdc.mapping.strong");
  EXPECT_TRUE(got.trace.has("kdc.mapping.sid", Verdict::warn));
  spec.names.push_back(uri(sid_uri(kJaneSid)));
  EXPECT_TRUE(map(pki().ca.issue(spec), jane(), full()));
}

TEST(Mapping, AJoinedUriIsASwitch) {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com"), uri(sid_uri(kJaneSid) + ", other://x")};
  KdcConfig config;
  EXPECT_EQ(map(pki().ca.issue(spec), jane(), effective(config, at("2025-12-01"))).rule(), "kdc.mapping.strong");
  config.uri_list_accepted = true;
  EXPECT_TRUE(map(pki().ca.issue(spec), jane(), effective(config, at("2025-12-01"))));
}

// A CA that dates back by ten minutes issues for an account of the same second.
TEST(Backdating, CountsFromTheCreationOfTheAccount) {
  const auto rule = [](std::string_view not_before, Seconds compensation) {
    LeafSpec spec;
    spec.names = {upn("jane@contoso.com")};
    spec.not_before = at(not_before);
    ldap::Account account = jane();
    account.when_created = at("2024-06-01T12:00:00Z");
    KdcConfig config = mode(1);
    config.CertificateBackdatingCompensation = compensation;
    return std::string(map(pki().ca.issue(spec), account, effective(config, at("2024-07-01"))).rule());
  };
  EXPECT_EQ(rule("2024-06-01T11:50:00Z", 600), "");
  EXPECT_EQ(rule("2024-06-01T11:49:59Z", 600), "kdc.mapping.backdating");
  EXPECT_EQ(rule("2023-06-02T12:00:00Z", 0x1E13380), "");
  EXPECT_EQ(rule("2023-06-02T11:59:59Z", 0x1E13380), "kdc.mapping.backdating");
}

class NamePolicyRow : public ::testing::Test {
 protected:
  std::string thumbprint = to_hex(pki().ca.certificate.thumbprint());

  Decision<Mapped> map_with(std::vector<std::string> tuples, const ldap::Account& account,
                            std::vector<Oid> policies = {Oid("1.2.3.4")}) {
    LeafSpec spec;
    spec.names = {upn("jane@contoso.com"), dns("laptop-01.contoso.com")};
    spec.policies = std::move(policies);
    KdcConfig config;
    config.StrongNameMatches = std::move(tuples);
    return map(pki().ca.issue(spec), account, effective(config, at("2025-12-01")));
  }
};

TEST_F(NamePolicyRow, AListedNameIsStrong) {
  const auto got = map_with({thumbprint + "; 1.2.3.9, 1.2.3.4; UpnSuffix=contoso.com"}, jane());
  ASSERT_TRUE(got);
  EXPECT_EQ(got.granted->how, "name-policy");
  EXPECT_TRUE(got.trace.has("kdc.mapping.name_policy", Verdict::pass));
  ldap::Account account = jane();
  account.alt_security_identities = {"X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<S>DC=com,DC=contoso,CN=Users,CN=jane"};
  EXPECT_TRUE(map_with({thumbprint + "; 1.2.3.4; IssuerSubject"}, account));
}

TEST_F(NamePolicyRow, EverythingElseFallsThrough) {
  const std::string other(40, 'a');
  for (const std::string& tuple :
       {other + "; 1.2.3.4; UpnSuffix=contoso.com", thumbprint + "; 1.2.3.5; UpnSuffix=contoso.com",
        thumbprint + "; 1.2.3.4; UpnSuffix=oso.com", thumbprint + "; 1.2.3.4; IssuerSubject"}) {
    SCOPED_TRACE(tuple);
    const auto got = map_with({tuple}, jane());
    EXPECT_EQ(got.rule(), "kdc.mapping.strong");
    EXPECT_TRUE(got.trace.has("kdc.mapping.name_policy", Verdict::not_applicable));
  }
  const auto computer = map_with({thumbprint + "; 1.2.3.4; UpnSuffix=contoso.com"}, laptop());
  EXPECT_EQ(computer.rule(), "kdc.mapping.strong") << "users only";
}

TEST_F(NamePolicyRow, AnUnreadablePolicyIsOffAndLogged) {
  KdcConfig config;
  config.StrongNameMatches = {thumbprint + "; 1.2.3.4; UpnSuffix=contoso.com",
                              thumbprint + "; 1.2.3.5; UpnSuffix=contoso.com"};
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com")};
  spec.policies = {Oid("1.2.3.4")};
  const auto got =
      decide(facts_for(pki().ca.issue(spec), jane()), effective(config, at("2025-12-01")), at("2025-12-01"));
  EXPECT_EQ(got.decision.rule(), "kdc.mapping.strong");
  EXPECT_TRUE(got.decision.trace.has("kdc.mapping.name_policy", Verdict::warn));
  ASSERT_EQ(got.events.size(), 2U);
  EXPECT_EQ(got.events[0].id, 313);
  EXPECT_EQ(got.events[0].log, Event::Log::operational);
  EXPECT_EQ(got.events[0]["Tuple"], config.StrongNameMatches[1]);
  EXPECT_EQ(got.events[1].id, 39);
}

}  // namespace
}  // namespace mimica::kdc
