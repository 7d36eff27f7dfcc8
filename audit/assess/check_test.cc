#include "audit/assess/check.h"

#include <gtest/gtest.h>

#include "audit/assess/certificate_rules.h"
#include "core/pki/testing/pki_test.h"

namespace mimica::audit {
namespace {

const Timestamp kCheckedAt = pki::at("2025-06-01");

std::vector<Extension> good_extensions() {
  GeneralName upn;
  upn.kind = GeneralName::Kind::upn;
  upn.text = "jane@contoso.com";
  return {{oids::kSubjectAltName, false, encode_general_names({upn})},
          {oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-1105"))},
          {oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})}};
}

Trace checked(std::vector<Extension> extensions, Timestamp at = kCheckedAt) {
  static const pki::Party issuer = pki::root();
  return check_certificate(pki::certify("CN=jane", &issuer, std::move(extensions)).certificate, at);
}

TEST(CheckCertificate, AGoodCertificatePassesEverything) {
  const Trace trace = checked(good_extensions());
  for (const Rule* rule :
       {&rule::kCertificateTime, &rule::kCertificateSid, &rule::kCertificatePurpose, &rule::kCertificateName})
    EXPECT_TRUE(trace.has(rule->id, Verdict::pass)) << rule->id << explain(trace);
}

TEST(CheckCertificate, ABareCertificateIsWarnedAbout) {
  const Trace trace = checked({});
  for (const Rule* rule : {&rule::kCertificateSid, &rule::kCertificatePurpose, &rule::kCertificateName})
    EXPECT_TRUE(trace.has(rule->id, Verdict::warn)) << rule->id << explain(trace);
  EXPECT_EQ(trace.deciding(), nullptr);
}

TEST(CheckCertificate, OutsideItsValidityACertificateFails) {
  for (const char* at : {"2024-01-01", "2027-01-01"}) {
    const Trace trace = checked(good_extensions(), pki::at(at));
    ASSERT_NE(trace.deciding(), nullptr);
    EXPECT_EQ(trace.deciding()->rule->id, rule::kCertificateTime.id);
    EXPECT_EQ(trace.deciding()->code, Code{HResult::CERT_E_EXPIRED});
  }
}

TEST(CheckCertificate, AMalformedSidExtensionFails) {
  std::vector<Extension> extensions = good_extensions();
  extensions[1].value.push_back(0);
  const Trace trace = checked(extensions);
  ASSERT_NE(trace.deciding(), nullptr);
  EXPECT_EQ(trace.deciding()->rule->id, rule::kCertificateSid.id);
}

TEST(CheckCertificate, ASidAsUriIsWarnedAbout) {
  GeneralName uri;
  uri.kind = GeneralName::Kind::uri;
  uri.text = "tag:microsoft.com,2022-09-14:sid:S-1-5-21-1-2-3-1105";
  EXPECT_TRUE(checked({{oids::kSubjectAltName, false, encode_general_names({uri})}})
                  .has(rule::kCertificateSid.id, Verdict::warn));
}

TEST(CheckCertificate, ACertificateOfAnAuthorityNeedsNoSid) {
  EXPECT_TRUE(
      check_certificate(pki::root().certificate, kCheckedAt).has(rule::kCertificateSid.id, Verdict::not_applicable));
}

}  // namespace
}  // namespace mimica::audit
