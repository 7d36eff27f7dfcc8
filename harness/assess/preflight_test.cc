#include "harness/assess/preflight.h"

#include <gtest/gtest.h>

#include "core/pki/testing/pki_test.h"

namespace mimica::harness {
namespace {

const Timestamp kNow = pki::at("2025-06-01");

std::vector<audit::Finding> checked(std::string_view content) {
  auto result = preflight("file", content, kNow);
  EXPECT_TRUE(result) << (result ? "" : result.error().describe());
  return result ? *result : std::vector<audit::Finding>{};
}

TEST(Preflight, ReadsPemAndDer) {
  const Certificate certificate = pki::root().certificate;
  EXPECT_EQ(checked(certificate.pem()).size(), 1U);
  EXPECT_TRUE(checked(as_text(certificate.der()))[0].sound());
  EXPECT_FALSE(preflight("file", "0\x80\xff", kNow));
}

TEST(Preflight, ReadsProfiles) {
  const std::string text = pki::read_file(MIMICA_SOURCE_DIR "/scenarios/profiles/windows-user-pkcs.json");
  const auto good = checked(text);
  ASSERT_EQ(good.size(), 1U);
  EXPECT_TRUE(good[0].sound()) << explain(good[0].trace);
  std::string bad = text;
  bad.replace(bad.find("\"renewalThresholdPercentage\": 20"), 32, "\"renewalThresholdPercentage\": 200");
  ASSERT_EQ(checked(bad).size(), 1U);
  EXPECT_EQ(checked(bad)[0].trace.deciding()->rule->id, "connector.profile.renewal_threshold");
  EXPECT_FALSE(checked("{]")[0].faults.empty());
}

TEST(Preflight, ReadsScenarios) {
  EXPECT_TRUE(checked("scenario: x\nsteps: []\n")[0].sound());
  const auto bad = checked("scenario: x\nstep: []\n");
  ASSERT_EQ(bad[0].faults.size(), 1U);
  EXPECT_EQ(describe(bad[0].faults[0].where), "file:2:1");
}

TEST(Preflight, TemplatesAreFoundInLdif) {
  const auto found =
      checked("dn: CN=T,DC=x\nobjectClass: pKICertificateTemplate\ncn: T\n\ndn: CN=u,DC=x\nobjectClass: user\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, audit::Finding::Kind::certificate_template);
  EXPECT_EQ(found[0].subject, "T");
  EXPECT_FALSE(preflight("file", "dn: CN=u,DC=x\nobjectClass: user\n", kNow));
}

TEST(Preflight, AnythingElseIsRefused) {
  EXPECT_FALSE(preflight("file", "", kNow));
  EXPECT_FALSE(preflight("file", "hello world", kNow));
}

}  // namespace
}  // namespace mimica::harness
