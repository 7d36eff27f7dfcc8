#include "harness/assess/preflight.h"

#include <gtest/gtest.h>

#include "core/pki/testing/pki_test.h"
#include "harness/rules.h"

namespace mimica::harness {
namespace {

const Timestamp kNow = pki::at("2025-06-01");

std::vector<Preflight> checked(std::string_view content) {
  auto result = preflight("file", content, kNow);
  EXPECT_TRUE(result) << (result ? "" : result.error().describe());
  return result ? *result : std::vector<Preflight>{};
}

std::vector<Extension> good_extensions() {
  GeneralName upn;
  upn.kind = GeneralName::Kind::upn;
  upn.text = "jane@contoso.com";
  return {{oids::kSubjectAltName, false, encode_general_names({upn})},
          {oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-1105"))},
          {oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})}};
}

Trace of(std::vector<Extension> extensions, Timestamp at = kNow) {
  static const pki::Party issuer = pki::root();
  return check_certificate(pki::certify("CN=jane", &issuer, std::move(extensions)).certificate, at);
}

TEST(Preflight, AGoodCertificatePassesEverything) {
  const Trace trace = of(good_extensions());
  for (const Rule* rule : {&kCertificateTime, &kCertificateSid, &kCertificatePurpose, &kCertificateName})
    EXPECT_TRUE(trace.has(rule->id, Verdict::pass)) << rule->id << explain(trace);
}

TEST(Preflight, ABareCertificateIsWarnedAbout) {
  const Trace trace = of({});
  for (const Rule* rule : {&kCertificateSid, &kCertificatePurpose, &kCertificateName})
    EXPECT_TRUE(trace.has(rule->id, Verdict::warn)) << rule->id << explain(trace);
  EXPECT_EQ(trace.deciding(), nullptr);
}

TEST(Preflight, OutsideItsValidityACertificateFails) {
  for (const char* at : {"2024-01-01", "2027-01-01"}) {
    const Trace trace = of(good_extensions(), pki::at(at));
    ASSERT_NE(trace.deciding(), nullptr);
    EXPECT_EQ(trace.deciding()->rule->id, kCertificateTime.id);
    EXPECT_EQ(trace.deciding()->code, Code{HResult::CERT_E_EXPIRED});
  }
}

TEST(Preflight, AMalformedSidExtensionFails) {
  std::vector<Extension> extensions = good_extensions();
  extensions[1].value.push_back(0);
  const Trace trace = of(extensions);
  ASSERT_NE(trace.deciding(), nullptr);
  EXPECT_EQ(trace.deciding()->rule->id, kCertificateSid.id);
}

TEST(Preflight, ASidAsUriIsWarnedAbout) {
  GeneralName uri;
  uri.kind = GeneralName::Kind::uri;
  uri.text = "tag:microsoft.com,2022-09-14:sid:S-1-5-21-1-2-3-1105";
  EXPECT_TRUE(of({{oids::kSubjectAltName, false, encode_general_names({uri})}}).has(kCertificateSid.id, Verdict::warn));
}

TEST(Preflight, ACertificateOfAnAuthorityNeedsNoSid) {
  EXPECT_TRUE(check_certificate(pki::root().certificate, kNow).has(kCertificateSid.id, Verdict::not_applicable));
}

TEST(Preflight, ReadsPemAndDer) {
  const Certificate certificate = pki::root().certificate;
  EXPECT_EQ(checked(certificate.pem()).size(), 1U);
  EXPECT_TRUE(checked(as_text(certificate.der()))[0].ok());
  EXPECT_FALSE(preflight("file", "0\x80\xff", kNow));
}

TEST(Preflight, ReadsProfiles) {
  const std::string text = pki::read_file(MIMICA_SOURCE_DIR "/scenarios/profiles/windows-user-pkcs.json");
  const auto good = checked(text);
  ASSERT_EQ(good.size(), 1U);
  EXPECT_TRUE(good[0].ok()) << explain(good[0].trace);
  std::string bad = text;
  bad.replace(bad.find("\"renewalThresholdPercentage\": 20"), 32, "\"renewalThresholdPercentage\": 200");
  ASSERT_EQ(checked(bad).size(), 1U);
  EXPECT_EQ(checked(bad)[0].trace.deciding()->rule->id, "connector.profile.renewal_threshold");
  EXPECT_FALSE(checked("{]")[0].faults.empty());
}

TEST(Preflight, ReadsScenarios) {
  EXPECT_TRUE(checked("scenario: x\nsteps: []\n")[0].ok());
  const auto bad = checked("scenario: x\nstep: []\n");
  ASSERT_EQ(bad[0].faults.size(), 1U);
  EXPECT_EQ(describe(bad[0].faults[0].where), "file:2:1");
}

TEST(Preflight, TemplatesAreFoundInLdif) {
  const auto found =
      checked("dn: CN=T,DC=x\nobjectClass: pKICertificateTemplate\ncn: T\n\ndn: CN=u,DC=x\nobjectClass: user\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].subject, "template T");
  EXPECT_FALSE(preflight("file", "dn: CN=u,DC=x\nobjectClass: user\n", kNow));
}

TEST(Preflight, AnythingElseIsRefused) {
  EXPECT_FALSE(preflight("file", "", kNow));
  EXPECT_FALSE(preflight("file", "hello world", kNow));
}

}  // namespace
}  // namespace mimica::harness
