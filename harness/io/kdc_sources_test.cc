#include "harness/io/kdc_sources.h"

#include <gtest/gtest.h>

#include "audit/import/certificates.h"
#include "core/pki/pfx.h"
#include "harness/io/certificate_files.h"
#include "kdc/testing/testing.h"
#include "ldap/io/testing/slapd_test_peer.h"
#include "ldap/store/ldif.h"

namespace mimica::harness {
namespace {

using namespace kdc::testing;

const Timestamp kSourcesNow = at("2025-12-01");

Certificate jane_certificate() {
  LeafSpec spec;
  spec.names = {upn("jane@lab.example")};
  return test_pki().ca.issue(spec);
}

void trust_lab(KdcJudge& judge) {
  judge.source.trust.anchors = {test_pki().root.certificate};
  judge.source.trust.nt_auth = {test_pki().ca.certificate};
  judge.config.revocation_unknown_ignored = true;
  judge.at = kSourcesNow;
}

constexpr std::string_view kAccounts =
    "dn: CN=jane,CN=Users,DC=lab,DC=example\nobjectClass: user\nsAMAccountName: jane\n"
    "userPrincipalName: jane@lab.example\nobjectSid: S-1-5-21-1-2-3-1105\nuserAccountControl: 512\n"
    "whenCreated: 20240101000000.0Z\n\n";

TEST(KdcSources, AnExportSaysWhatItLacks) {
  auto opened = open_directory({.ldif_text = std::string(kAccounts)});
  ASSERT_TRUE(opened) << opened.error().describe();
  EXPECT_EQ(opened->notes.size(), 2U);
  EXPECT_EQ(opened->trust.realm, "lab.example");
  EXPECT_EQ(opened->trust.domain, "LAB");
  EXPECT_FALSE(open_directory({}));
  EXPECT_FALSE(open_directory({.ldif = {"a"}, .ldap_url = "ldap://x"}));
}

TEST(KdcSources, JudgesEveryAccountThatTheCertificateLeadsTo) {
  KdcJudge judge;
  judge.source = must(open_directory({.ldif_text = std::string(kAccounts)}));
  trust_lab(judge);
  auto answer = must(judge.check({}, {test_pki().ca.certificate, jane_certificate()}));
  ASSERT_EQ(answer.assessments.size(), 1U);
  EXPECT_EQ(answer.assessments[0].account->sam_account_name, "jane");
  EXPECT_EQ(answer.assessments[0].now.rule, "kdc.mapping.strong");
  EXPECT_FALSE(answer.allowed);
  LeafSpec nobody;
  nobody.names = {upn("nobody@lab.example")};
  answer = must(judge.check({}, {test_pki().ca.issue(nobody)}));
  ASSERT_EQ(answer.assessments.size(), 1U);
  EXPECT_FALSE(answer.assessments[0].account);
}

TEST(KdcSources, ListsAnswerForTheirIssuer) {
  KdcJudge judge;
  judge.source = must(open_directory({.ldif_text = std::string(kAccounts)}));
  trust_lab(judge);
  judge.config.revocation_unknown_ignored = false;
  judge.check_revocation = true;
  const Certificate leaf = jane_certificate();
  const auto rule = [&] { return must(judge.check("jane", {leaf})).assessments[0].now.rule; };
  EXPECT_EQ(rule(), "kdc.chain.revocation");
  ASSERT_TRUE(judge.lists.add(test_pki().ca.crl({}, kSourcesNow - kDay, kSourcesNow + kDay), "list"));
  EXPECT_EQ(rule(), "kdc.mapping.strong");
  ASSERT_TRUE(judge.lists.add(test_pki().ca.crl({leaf.serial()}, kSourcesNow - kHour, kSourcesNow + kDay), "newer"));
  ASSERT_TRUE(judge.lists.add(test_pki().ca.crl({}, kSourcesNow - 3 * kDay, kSourcesNow + kDay), "older"));
  EXPECT_EQ(rule(), "kdc.chain.revocation");
  EXPECT_FALSE(judge.lists.add(Bytes{1, 2, 3}, "garbage"));
}

TEST(CertificateFiles, AllForms) {
  const Certificate leaf = jane_certificate();
  const std::string chain = test_pki().ca.certificate.pem() + "between\n" + leaf.pem();
  EXPECT_EQ(must(audit::parse_certificates(chain, "f")).size(), 2U);
  EXPECT_EQ(audit::leaf_first(must(audit::parse_certificates(chain, "f"))).front().der(), leaf.der());
  EXPECT_EQ(must(audit::parse_certificates(as_text(leaf.der()), "f")).size(), 1U);
  const Bytes pfx = must(make_pfx({key(5), leaf, {test_pki().ca.certificate}, "jane"}, "secret"));
  EXPECT_EQ(must(audit::parse_certificates(as_text(pfx), "f", "secret")).size(), 2U);
  EXPECT_FALSE(audit::parse_certificates(as_text(pfx), "f", "wrong"));
  const auto cut = audit::parse_certificates(chain.substr(0, chain.size() - 40), "f");
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().where.source, "f");
  EXPECT_GT(cut.error().where.line, 2);
  EXPECT_FALSE(audit::parse_certificates("", "f"));
  EXPECT_FALSE(audit::parse_certificates("garbage", "f"));
  EXPECT_FALSE(read_certificates("/nowhere/file"));
}

class OverSlapd : public ::testing::TestWithParam<bool> {};

TEST_P(OverSlapd, TheSuggestionRepairsTheLogon) {
  using ldap::testing::SlapdPeer;
  if (!SlapdPeer::installed()) GTEST_SKIP() << "slapd is not installed";
  SlapdPeer slapd;
  auto manager = must(slapd.connect_as_manager(100));
  const std::string sid = to_base64(must(Sid::parse("S-1-5-21-1-2-3-1105")).to_binary());
  const std::string guid = to_base64(Bytes(16, 7));
  const auto content = must(ldap::parse_ldif(
      "dn: DC=lab,DC=example\nobjectClass: domainDNS\ndc: lab\n\n"
      "dn: CN=Users,DC=lab,DC=example\nobjectClass: container\ncn: Users\n\n"
      "dn: CN=Configuration,DC=lab,DC=example\nobjectClass: configuration\ncn: Configuration\n\n"
      "dn: CN=Partitions,CN=Configuration,DC=lab,DC=example\nobjectClass: crossRefContainer\ncn: Partitions\n\n"
      "dn: CN=LAB,CN=Partitions,CN=Configuration,DC=lab,DC=example\nobjectClass: crossRef\ncn: LAB\n"
      "nCName: DC=lab,DC=example\nnETBIOSName: LAB\n\n"
      "dn: CN=jane,CN=Users,DC=lab,DC=example\nobjectClass: user\ncn: jane\nsAMAccountName: jane\n"
      "userPrincipalName: jane@lab.example\nobjectSid:: " +
      sid + "\nobjectGUID:: " + guid + "\nuserAccountControl: 512\nwhenCreated: 20240101000000.0Z\n"));
  const auto planted = ldap::apply_ldif(*manager, content);
  ASSERT_TRUE(planted) << planted.error().describe();

  const auto check = [&] {
    KdcJudge judge;
    judge.source = must(open_directory(
        {.ldap_url = slapd.url(), .bind_dn = SlapdPeer::manager(), .password = "secret", .for_many = GetParam()}));
    trust_lab(judge);
    return must(judge.check({}, {jane_certificate()})).assessments.front();
  };
  const audit::Assessment before = check();
  EXPECT_EQ(before.now.rule, "kdc.mapping.strong");
  ASSERT_FALSE(before.mappings.empty());
  const auto repaired =
      ldap::apply_ldif(*manager, must(ldap::parse_ldif(audit::ldif_of(*before.account, before.mappings.front()))));
  ASSERT_TRUE(repaired) << repaired.error().describe();
  EXPECT_TRUE(check().now.allowed);

  const auto refused = open_directory({.ldap_url = slapd.url(), .bind_dn = SlapdPeer::manager(), .password = "wrong"});
  EXPECT_FALSE(refused);
}

INSTANTIATE_TEST_SUITE_P(Every, OverSlapd, ::testing::Bool(),
                         [](const auto& one) { return one.param ? "ReadOnce" : "Asked"; });

}  // namespace
}  // namespace mimica::harness
