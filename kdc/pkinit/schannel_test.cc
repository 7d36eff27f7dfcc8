#include "kdc/pkinit/schannel.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing_lab.h"

namespace mimica::kdc {
namespace {

using namespace testing;
namespace method = mapping_method;

TEST(SchannelConfig, DefaultsChangedWithStrongMapping) {
  EXPECT_EQ(effective_methods({}, at("2022-05-09T23:59:59Z")), 0x1FU);
  EXPECT_EQ(effective_methods({}, at("2022-05-10")), 0x18U);
  EXPECT_EQ(effective_methods({0x4}, at("2025-01-01")), 0x4U);
}

class SchannelTest : public DirectoryLab {
 protected:
  LogonDecision present(const Certificate& certificate, std::optional<std::uint32_t> methods = {}) {
    const auto facts =
        gather_schannel(*directory, {certificate, test_pki().ca.certificate, test_pki().root.certificate});
    if (!facts) ADD_FAILURE() << facts.error().describe();
    return decide_schannel(*facts, {methods}, effective({}, kNow), kNow);
  }
  Certificate without_sid() {
    LeafSpec spec = jane_spec();
    spec.sid.reset();
    return test_pki().ca.issue(spec);
  }
};

TEST_F(SchannelTest, S4uMeetsStrongMapping) {
  const auto strong = present(test_pki().ca.issue(jane_spec()));
  ASSERT_TRUE(strong.decision);
  EXPECT_EQ(strong.decision.granted->how, "sid");
  EXPECT_TRUE(strong.decision.trace.has("kdc.schannel.mapped", Verdict::pass));

  const auto weak = present(without_sid());
  ASSERT_FALSE(weak.decision);
  EXPECT_EQ(weak.decision.rule(), "kdc.schannel.mapped");
  EXPECT_EQ(weak.decision.code, Code{HResult::SEC_E_LOGON_DENIED});
  ASSERT_EQ(weak.events.size(), 1U);
  EXPECT_EQ(weak.events[0].id(), 39);
  EXPECT_EQ(weak.audit["Status"], "0x42");
}

// ESC10 case 2: the UPN bit goes around the KDC, whatever its mode.
TEST_F(SchannelTest, TheUpnBitBypassesStrongMapping) {
  const auto got = present(without_sid(), method::kUpn);
  ASSERT_TRUE(got.decision);
  EXPECT_FALSE(got.decision.granted->strong);
  EXPECT_TRUE(got.events.empty());
  EXPECT_TRUE(got.decision.trace.has("kdc.schannel.mapped", Verdict::warn));
  const auto both = present(without_sid(), method::kUpn | method::kS4u2Self);
  ASSERT_TRUE(both.decision) << "the weaker method is tried after S4U2Self";
  EXPECT_EQ(both.events.size(), 1U);
  set("jane", "userAccountControl", {"514"});
  EXPECT_EQ(present(without_sid(), method::kUpn).decision.rule(), "kdc.account.enabled");
  EXPECT_EQ(present(test_pki().ca.issue(jane_spec())).decision.rule(), "kdc.schannel.mapped");
}

TEST_F(SchannelTest, ExplicitMappingsHaveTheirOwnBits) {
  LeafSpec spec;
  const Certificate certificate = test_pki().ca.issue(spec);
  const auto value = [&](IdentityForm form) { return to_string(must(identity_for(form, certificate))); };
  EXPECT_FALSE(present(certificate).decision);
  set("bob", "altSecurityIdentities", {value(IdentityForm::issuer_serial)});
  const auto strong = present(certificate, method::kS4u2SelfExplicit);
  ASSERT_TRUE(strong.decision);
  EXPECT_EQ(strong.decision.granted->account.sam_account_name, "bob");
  EXPECT_FALSE(present(certificate, method::kS4u2Self).decision);

  set("bob", "altSecurityIdentities", {value(IdentityForm::issuer_subject)});
  EXPECT_FALSE(present(certificate).decision);
  EXPECT_TRUE(present(certificate, method::kSubjectIssuer).decision);
  EXPECT_FALSE(present(certificate, method::kIssuer).decision);

  set("bob", "altSecurityIdentities", {"X509:<I>DC=com,DC=contoso,CN=CONTOSO-ROOT"});
  EXPECT_TRUE(present(certificate, method::kIssuer).decision) << "any issuer of the chain";
  set("jane", "altSecurityIdentities", {"X509:<I>DC=com,DC=contoso,CN=CONTOSO-ROOT"});
  EXPECT_FALSE(present(certificate, method::kIssuer).decision) << "several accounts are nobody";
}

TEST_F(SchannelTest, ComputersAreFoundByServicePrincipalName) {
  set("LAPTOP-01$", "servicePrincipalName", {"host/laptop-01.contoso.com"});
  LeafSpec spec;
  spec.subject = "CN=LAPTOP-01";
  spec.names = {dns("laptop-01.contoso.com")};
  spec.sid = account("LAPTOP-01$").sid;
  const auto got = present(test_pki().ca.issue(spec));
  ASSERT_TRUE(got.decision);
  EXPECT_EQ(got.decision.granted->account.sam_account_name, "LAPTOP-01$");
}

}  // namespace
}  // namespace mimica::kdc
