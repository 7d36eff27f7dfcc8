// What the rows of kdc/pkinit/decision_table.json do not single out: hints, dates in warnings, switches, forms.
#include "kdc/mapping/mapping.h"

#include <gtest/gtest.h>

#include "kdc/rules.h"
#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

Decision<Mapped> map(const Certificate& certificate, const ldap::Account& account, const Policy& policy,
                     bool in_nt_auth = true, UpnOwner owner = UpnOwner::this_account) {
  const LogonFacts facts = facts_for(certificate, account, test_pki().ca, owner, in_nt_auth);
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
  return test_pki().ca.issue(spec);
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
    const LogonFacts facts = facts_for(certificate, account, test_pki().ca, UpnOwner::this_account, false);
    const auto got = decide(facts, effective(config, at("2025-05-01")), at("2025-05-01"));
    EXPECT_EQ(static_cast<bool>(got.decision), c.allowed);
    std::vector<int> ids;
    for (const Event& event : got.events) ids.push_back(event.id());
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

TEST(NtAuth, TheBypassCanBeLimitedToTheListedForms) {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com"), email("jane@contoso.com")};
  spec.sid = kJaneSid;
  const Certificate certificate = test_pki().ca.issue(spec);
  KdcConfig config;
  config.AllowNtAuthPolicyBypass = 1;
  for (const IdentityForm form : kIdentityForms) {
    SCOPED_TRACE(to_string(form));
    ldap::Account account = jane();
    account.alt_security_identities = {to_string(must(identity_for(form, certificate)))};
    const auto allowed = [&] {
      return static_cast<bool>(map(certificate, account, effective(config, at("2025-08-01")), false));
    };
    config.nt_auth_bypass_all_forms = true;
    EXPECT_EQ(allowed(), form != IdentityForm::issuer);
    config.nt_auth_bypass_all_forms = false;
    EXPECT_EQ(allowed(), form == IdentityForm::issuer_serial || form == IdentityForm::subject_key_identifier ||
                             form == IdentityForm::sha1_public_key || form == IdentityForm::issuer_subject);
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
  KdcConfig config;
  UpnOwner owner = UpnOwner::this_account;
  const auto by = [&](std::vector<GeneralName> names, std::vector<std::string> values = {}) {
    LeafSpec spec;
    spec.subject = "CN=LAPTOP-01";
    spec.names = std::move(names);
    spec.sid = kJaneSid;
    ldap::Account account = laptop();
    account.alt_security_identities = std::move(values);
    return map(test_pki().ca.issue(spec), account, effective(config, at("2025-12-01")), true, owner);
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
  const auto by_upn = by({upn("LAPTOP-01$@contoso.com")});
  ASSERT_TRUE(by_upn) << "the fall-back of the UPN look-up";
  EXPECT_TRUE(by_upn.trace.has("kdc.mapping.user_principal_name", Verdict::pass));
  owner = UpnOwner::another_account;
  EXPECT_EQ(by({upn("jane@contoso.com")}).rule(), "kdc.mapping.found");
  EXPECT_TRUE(by({upn("jane@contoso.com"), dns("laptop-01.contoso.com")})) << "the DNS name comes first";
  owner = UpnOwner::this_account;
  config.computer_upn_maps = false;
  EXPECT_EQ(by({upn("LAPTOP-01$@contoso.com")}).rule(), "kdc.mapping.found");
  const auto explicitly = by({}, {"X509:<S>CN=laptop-01"});
  ASSERT_TRUE(explicitly);
  EXPECT_TRUE(explicitly.trace.has("kdc.mapping.alt_security_identity", Verdict::pass));
}

TEST(Mapping, WeakFormsOfExplicitMappingsNeedTheSid) {
  LeafSpec spec;
  spec.names = {email("jane@contoso.com")};
  const Certificate certificate = test_pki().ca.issue(spec);
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
  const Certificate certificate = test_pki().ca.issue(spec);
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
  auto got = map(test_pki().ca.issue(spec), jane(), full());
  EXPECT_EQ(got.rule(), "kdc.mapping.strong");
  EXPECT_TRUE(got.trace.has("kdc.mapping.sid", Verdict::warn));
  spec.names.push_back(uri(sid_uri(kJaneSid)));
  EXPECT_TRUE(map(test_pki().ca.issue(spec), jane(), full()));
}

TEST(Mapping, AJoinedUriIsASwitch) {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com"), uri(sid_uri(kJaneSid) + ", other://x")};
  KdcConfig config;
  EXPECT_EQ(map(test_pki().ca.issue(spec), jane(), effective(config, at("2025-12-01"))).rule(), "kdc.mapping.strong");
  config.uri_list_accepted = true;
  EXPECT_TRUE(map(test_pki().ca.issue(spec), jane(), effective(config, at("2025-12-01"))));
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
    return std::string(map(test_pki().ca.issue(spec), account, effective(config, at("2024-07-01"))).rule());
  };
  EXPECT_EQ(rule("2024-06-01T11:50:00Z", 600), "");
  EXPECT_EQ(rule("2024-06-01T11:49:59Z", 600), "kdc.mapping.backdating");
  EXPECT_EQ(rule("2023-06-02T12:00:00Z", 0x1E13380), "");
  EXPECT_EQ(rule("2023-06-02T11:59:59Z", 0x1E13380), "kdc.mapping.backdating");
}

class NamePolicyRow : public ::testing::Test {
 protected:
  std::string thumbprint = to_hex(test_pki().ca.certificate.thumbprint());

  Decision<Mapped> map_with(std::vector<std::string> tuples, const ldap::Account& account,
                            std::vector<Oid> policies = {Oid("1.2.3.4")}) {
    LeafSpec spec;
    spec.names = {upn("jane@contoso.com"), dns("laptop-01.contoso.com")};
    spec.policies = std::move(policies);
    KdcConfig config;
    config.StrongNameMatches = std::move(tuples);
    return map(test_pki().ca.issue(spec), account, effective(config, at("2025-12-01")));
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
      decide(facts_for(test_pki().ca.issue(spec), jane()), effective(config, at("2025-12-01")), at("2025-12-01"));
  EXPECT_EQ(got.decision.rule(), "kdc.mapping.strong");
  EXPECT_TRUE(got.decision.trace.has("kdc.mapping.name_policy", Verdict::warn));
  ASSERT_EQ(got.events.size(), 2U);
  EXPECT_EQ(got.events[0].id(), 313);
  EXPECT_EQ(got.events[0].kind->channel, "Microsoft-Windows-Kerberos-Key-Distribution-Center/Operational");
  EXPECT_EQ(got.events[0]["Tuple"], config.StrongNameMatches[1]);
  EXPECT_EQ(got.events[1].id(), 39);
}

}  // namespace
}  // namespace mimica::kdc
