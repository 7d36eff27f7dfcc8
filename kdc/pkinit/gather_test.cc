// Whole logons: a directory with accounts and a PKI, real certificates and revocation lists.
#include "kdc/pkinit/gather.h"

#include <gtest/gtest.h>

#include "kdc/mapping/key_credential.h"
#include "kdc/testing/testing_lab.h"

namespace mimica::kdc {
namespace {

using namespace testing;
class Gather : public DirectoryLab {};

TEST_F(Gather, AStrongUserCertificateLogsOnUnderEveryName) {
  const Certificate certificate = test_pki().ca.issue(jane_spec());
  for (const char* name : {"jane", "JANE", "jane@contoso.com", "jane@CONTOSO.COM"}) {
    const auto got = log_on(name, certificate);
    expect_rule(got, "");
    EXPECT_EQ(got.decision.granted->account.sid, account("jane").sid);
  }
  expect_rule(log_on("nobody", certificate), "kdc.account.exists");
  expect_rule(log_on("nobody@fabrikam.com", certificate), "kdc.account.exists");
  expect_rule(log_on("", certificate), "kdc.account.exists");
}

TEST_F(Gather, AComputerIsFoundWithAndWithoutItsDollar) {
  LeafSpec spec;
  spec.subject = "CN=LAPTOP-01";
  spec.names = {dns("laptop-01.contoso.com")};
  spec.sid = account("LAPTOP-01$").sid;
  const Certificate certificate = test_pki().ca.issue(spec);
  for (const char* name : {"LAPTOP-01$", "laptop-01", "laptop-01@contoso.com"})
    expect_rule(log_on(name, certificate), "");
  expect_rule(log_on("laptop-01@fabrikam.com", certificate), "kdc.account.exists");
}

TEST_F(Gather, AUserLogsOnWithAUpnOfAnotherSuffix) {
  set("jane", "userPrincipalName", {"jane.doe@fabrikam.com"});
  LeafSpec spec = jane_spec();
  expect_rule(log_on("jane.doe@fabrikam.com", test_pki().ca.issue(spec)), "");
  spec.names = {upn("jane.doe@fabrikam.com")};
  expect_rule(log_on("jane", test_pki().ca.issue(spec)), "");
}

TEST_F(Gather, AnotherAccountsCertificateIsRefused) {
  const Certificate certificate = test_pki().ca.issue(jane_spec());
  expect_rule(log_on("bob", certificate), "kdc.mapping.user_principal_name");
  LeafSpec stolen = jane_spec();
  stolen.names = {upn("bob@contoso.com")};
  const auto got = log_on("bob", test_pki().ca.issue(stolen));
  expect_rule(got, "kdc.mapping.sid");
  ASSERT_EQ(got.events.size(), 1U);
  EXPECT_EQ(got.events[0]["AccountSid"], account("bob").sid.to_string());
  EXPECT_EQ(got.events[0]["CertificateSid"], account("jane").sid.to_string());
  LeafSpec unknown = jane_spec();
  unknown.names = {upn("ghost@contoso.com")};
  expect_rule(log_on("jane", test_pki().ca.issue(unknown)), "kdc.mapping.user_principal_name");
}

TEST_F(Gather, DisabledAccountsAreRefused) {
  set("jane", "userAccountControl", {"514"});
  expect_rule(log_on("jane", test_pki().ca.issue(jane_spec())), "kdc.account.enabled");
}

TEST_F(Gather, AnExplicitMappingBuiltForTheCertificateRepairsALogon) {
  LeafSpec spec = jane_spec();
  spec.sid.reset();
  const Certificate certificate = test_pki().ca.issue(spec);
  expect_rule(log_on("jane", certificate), "kdc.mapping.strong");
  set("jane", "altSecurityIdentities", {to_string(must(identity_for(IdentityForm::issuer_serial, certificate)))});
  expect_rule(log_on("jane", certificate), "");
}

TEST_F(Gather, TheNameBasedPolicyKnowsTheIssuingCa) {
  LeafSpec spec = jane_spec();
  spec.sid.reset();
  spec.policies = {Oid("1.2.3.4")};
  KdcConfig config;
  config.StrongNameMatches = {to_hex(test_pki().ca.certificate.thumbprint()) + "; 1.2.3.4; UpnSuffix=contoso.com"};
  const auto got = log_on("jane", test_pki().ca.issue(spec), config);
  expect_rule(got, "");
  EXPECT_EQ(got.decision.granted->how, "name-policy");
}

TEST_F(Gather, RevocationNeedsACurrentList) {
  const LeafSpec spec = jane_spec();
  const Certificate certificate = test_pki().ca.issue(spec);
  revocation.lists.insert_or_assign(std::string(kCrlUrl), test_pki().ca.crl({spec.serial}, kNow - kDay, kNow + kDay));
  auto got = log_on("jane", certificate);
  expect_rule(got, "kdc.chain.revocation");
  EXPECT_EQ(got.decision.code, Code{KrbError::KDC_ERR_CLIENT_NOT_TRUSTED});
  revocation.lists.insert_or_assign(std::string(kCrlUrl), test_pki().ca.crl({}, kNow - 2 * kDay, kNow - kDay));
  expect_rule(log_on("jane", certificate), "kdc.chain.revocation");
  revocation.lists.insert_or_assign(std::string(kCrlUrl), to_bytes("not a list"));
  expect_rule(log_on("jane", certificate), "kdc.chain.revocation");
  revocation.lists.clear();
  expect_rule(log_on("jane", certificate), "kdc.chain.revocation");
  KdcConfig config;
  config.revocation_unknown_ignored = true;
  expect_rule(log_on("jane", certificate, config), "");
}

TEST_F(Gather, ListsComeFromTheFirstPointThatHasACurrentOne) {
  LeafSpec spec = jane_spec();
  const std::string dn = "CN=CONTOSO-CA,CN=AIA,CN=Public Key Services,CN=Services," + contexts.configuration;
  const std::string ldap_url = "ldap:///CN=CONTOSO-CA,CN=AIA,CN=Public%20Key%20Services,CN=Services," +
                               contexts.configuration +
                               "?certificateRevocationList?base?objectClass=cRLDistributionPoint";
  spec.crl_urls = {"http://gone.contoso.com/x.crl", ldap_url, std::string(kCrlUrl)};
  revocation.lists.clear();
  expect_rule(log_on("jane", test_pki().ca.issue(spec)), "kdc.chain.revocation");  // only the placeholder is there
  const Bytes list = test_pki().ca.crl({}, kNow - kDay, kNow + kDay);
  ok(directory->modify(
      dn, {{ldap::Modification::Kind::replace, {"certificateRevocationList", {mimica::to_string(BytesView(list))}}}}));
  revocation.fetches = 0;
  expect_rule(log_on("jane", test_pki().ca.issue(spec)), "");
  EXPECT_EQ(revocation.fetches, 1) << "the third point is not needed";
  revocation.lists.emplace(kCrlUrl, to_bytes(to_pem("X509 CRL", list)));
  spec.crl_urls = {std::string(kCrlUrl)};
  expect_rule(log_on("jane", test_pki().ca.issue(spec)), "");
  spec.crl_urls = {};
  expect_rule(log_on("jane", test_pki().ca.issue(spec)), "kdc.chain.revocation");
}

TEST_F(Gather, ChainsEndInARootOfTheDirectory) {
  const TestCa rogue_root{"CN=ROGUE-ROOT", key(2)};
  const TestCa rogue{"CN=CONTOSO-CA,DC=contoso,DC=com", key(3), &rogue_root};
  const auto got = log_on("jane", rogue.issue(jane_spec()), {}, {rogue.certificate, rogue_root.certificate});
  expect_rule(got, "kdc.chain.trusted");
  ASSERT_EQ(got.events.size(), 1U);
  EXPECT_EQ(got.events[0].id(), 21);
  EXPECT_EQ(got.events[0]["Domain"], "CONTOSO");
  LeafSpec expired = jane_spec();
  expired.not_after = kNow - 1;
  expect_rule(log_on("jane", test_pki().ca.issue(expired)), "kdc.chain.valid_time");
}

TEST_F(Gather, TheIssuingCaMustBeInNtAuth) {
  const TestCa second{"CN=CONTOSO-CA2,DC=contoso,DC=com", key(2), &test_pki().root};
  revocation.lists.insert_or_assign(std::string(kCrlUrl), second.crl({}, kNow - kDay, kNow + kDay));
  const Certificate certificate = second.issue(jane_spec());
  expect_rule(log_on("jane", certificate), "kdc.chain.trusted");  // the CA is nowhere in the directory
  const auto got = log_on("jane", certificate, {}, {second.certificate});
  expect_rule(got, "kdc.ntauth.trusted");
  ASSERT_EQ(got.events.size(), 1U);
  EXPECT_EQ(got.events[0].id(), 21);
  ok(directory->modify(
      contexts.nt_auth(),
      {{ldap::Modification::Kind::add, {"cACertificate", {mimica::to_string(BytesView(second.certificate.der()))}}}}));
  expect_rule(log_on("jane", certificate), "");
}

TEST_F(Gather, KeyTrustFindsTheOwnerOfTheKey) {
  const TestCa self{"CN=S-1-12-1-1", rsa_key()};
  expect_rule(log_on("jane", self.certificate), "kdc.chain.trusted");
  const Bytes blob = must(make_key_credential(rsa_key().public_key(), {}, kNow));
  set("jane", "msDS-KeyCredentialLink", {dn_binary(blob, account("jane").dn)});
  const auto got = log_on("jane", self.certificate);
  expect_rule(got, "");
  EXPECT_EQ(got.decision.granted->how, "key-trust");
  expect_rule(log_on("bob", self.certificate), "kdc.key_trust.account");
}

}  // namespace
}  // namespace mimica::kdc
