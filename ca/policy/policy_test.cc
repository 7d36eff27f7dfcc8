#include "ca/policy/policy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>

#include "ca/testing/test_policy.h"
#include "templates/rules.h"

namespace mimica::ca {
namespace {

using templates::EnrollmentFlag;
using templates::FlagSet;
using templates::PrivateKeyFlag;

static_assert(!std::is_default_constructible_v<Plan>);
static_assert(!std::is_constructible_v<Plan, Plan::Content>);

TEST(Policy, IssuesAUserCertificateAndTracesEveryCheck) {
  PolicyCase request;
  const auto decision = request.decide();
  ASSERT_TRUE(decision) << explain(decision.trace);
  const std::vector<std::string_view> expected = {kRequestSignature.id,
                                                  kPermissionRequest.id,
                                                  kTemplateNamed.id,
                                                  kTemplateAgreement.id,
                                                  "templates.catalog.exists",
                                                  "templates.catalog.schema",
                                                  "templates.catalog.published",
                                                  "templates.catalog.ca_version",
                                                  kTemplateVersion.id,
                                                  "templates.permission.enroll",
                                                  kSubjectEmail.id,
                                                  kSubjectUpn.id,
                                                  kSubjectEmail.id,
                                                  kSubjectFromDirectory.id,
                                                  kSubjectLengths.id,
                                                  kSignatureRequired.id,
                                                  kKeyLength.id,
                                                  kKeyStrength.id,
                                                  kKeyArchival.id,
                                                  kAuthorityCertificate.id,
                                                  kValidityPeriod.id,
                                                  kDispositionPending.id,
                                                  kExtensionSid.id};
  std::vector<std::string_view> found;
  for (const Step& step : decision.trace.steps()) found.push_back(step.rule->id);
  EXPECT_EQ(found, expected) << explain(decision.trace);
  EXPECT_FALSE(decision.granted->pending());
  EXPECT_EQ(decision.granted->content().template_column, "User");
}

TEST(Policy, RequestSignature) {
  PolicyCase request;
  request.request = request_der(request.key, "CN=x");
  request.request.back() ^= 1U;
  EXPECT_REFUSED(request, kRequestSignature, NTE_BAD_SIGNATURE);
  EXPECT_TRUE(is_processing_error(kRequestSignature));
}

TEST(Policy, PermissionOnTheCa) {
  PolicyCase request;
  remove_trustee(request.config.Security, sids::kAuthenticatedUsers);
  EXPECT_REFUSED(request, kPermissionRequest, CERTSRV_E_ENROLL_DENIED);
  grant(request.config.Security, request.account.sid, ca_access::kRequestCertificates);
  EXPECT_STEP(request, kPermissionRequest, pass);
  deny(request.config.Security, kTestDomain.with_rid(rid::kDomainUsers), ca_access::kRequestCertificates);
  EXPECT_REFUSED(request, kPermissionRequest, CERTSRV_E_ENROLL_DENIED);
  request.new_request = false;
  EXPECT_STEP(request, kPermissionRequest, not_applicable);
}

TEST(Policy, TemplateNamed) {
  PolicyCase request("");
  request.publication.published = {"User"};
  EXPECT_REFUSED(request, kTemplateNamed, CERTSRV_E_NO_CERT_TYPE);
  request.extensions = {{oids::kTemplateName, false, ext::template_name("User")}};
  EXPECT_STEP(request, kTemplateNamed, pass);
}

TEST(Policy, TemplateExistsAndIsPublished) {
  PolicyCase request("NoSuchTemplate");
  EXPECT_REFUSED(request, templates::rule::kCatalogExists, CERTSRV_E_UNSUPPORTED_CERT_TYPE);
  PolicyCase unpublished;
  unpublished.publication.published = {"WebServer"};
  EXPECT_REFUSED(unpublished, templates::rule::kCatalogPublished, CERTSRV_E_UNSUPPORTED_CERT_TYPE);
  PolicyCase other_case;
  other_case.attributes = "CertificateTemplate:uSER";
  EXPECT_STEP(other_case, templates::rule::kCatalogPublished, pass);
}

TEST(Policy, DisplayNameIsNoTemplateNameAndTheHintSaysSo) {
  PolicyCase request;
  request.of("User").display_name = "Intune User";
  request.attributes = "CertificateTemplate:Intune User";
  const auto decision = request.decide();
  EXPECT_EQ(decision.code, Code{HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE});
  ASSERT_NE(decision.trace.deciding(), nullptr);
  EXPECT_NE(decision.trace.deciding()->hint.find("\"User\""), std::string::npos);
}

TEST(Policy, TemplateAgreement) {
  PolicyCase request;
  request.extensions = {{oids::kTemplateName, false, ext::template_name("WebServer")}};
  EXPECT_REFUSED(request, kTemplateAgreement, CERTSRV_E_TEMPLATE_CONFLICT);
  request.extensions = {{oids::kTemplateName, false, ext::template_name("user")}};
  EXPECT_STEP(request, kTemplateAgreement, pass);
  // One identifier that means nothing is an unknown template, not a conflict.
  request.extensions = {{oids::kTemplateName, false, ext::template_name("Nothing")}};
  EXPECT_REFUSED(request, templates::rule::kCatalogExists, CERTSRV_E_UNSUPPORTED_CERT_TYPE);
}

TEST(Policy, TemplateSchemaAndCaVersion) {
  PolicyCase request;
  request.of("User").schema_version = 5;
  EXPECT_REFUSED(request, templates::rule::kCatalogSchema, CERTSRV_E_UNSUPPORTED_CERT_TYPE);
  PolicyCase newer;
  newer.of("User").set_compatibility(6, 6);
  EXPECT_STEP(newer, templates::rule::kCatalogCaVersion, pass);
  newer.publication.ca_version = 3;
  EXPECT_REFUSED(newer, templates::rule::kCatalogCaVersion, CERTSRV_E_UNSUPPORTED_CERT_TYPE);
}

TEST(Policy, TemplateVersion) {
  PolicyCase request;
  const auto& value = request.version2();
  const auto ask = [&](std::int64_t major, std::int64_t minor) {
    request.extensions = {{oids::kTemplateInfo, false, ext::template_info({value.oid, major, minor})}};
  };
  ask(100, 4);
  EXPECT_STEP(request, kTemplateVersion, pass);
  ask(99, 7);
  EXPECT_STEP(request, kTemplateVersion, pass);
  ask(100, 5);
  EXPECT_REFUSED(request, kTemplateVersion, CERTSRV_E_BAD_TEMPLATE_VERSION);
  ask(101, 0);
  EXPECT_REFUSED(request, kTemplateVersion, CERTSRV_E_BAD_TEMPLATE_VERSION);
}

TEST(Policy, CaMustReadTheTemplate) {
  PolicyCase request;
  request.ca_token = Token{kTestDomain.with_rid(1200), {kTestDomain.with_rid(1200), sids::kAuthenticatedUsers}};
  EXPECT_STEP(request, templates::rule::kPermissionRead, pass);
  request.ca_token->sids.erase(sids::kAuthenticatedUsers);
  EXPECT_REFUSED(request, templates::rule::kPermissionRead, CERTSRV_E_UNSUPPORTED_CERT_TYPE);
}

TEST(Policy, EnrollOnTheTemplate) {
  PolicyCase request;
  EXPECT_STEP(request, templates::rule::kPermissionEnroll, pass);
  request.token.sids.erase(kTestDomain.with_rid(rid::kDomainUsers));
  EXPECT_REFUSED(request, templates::rule::kPermissionEnroll, CERTSRV_E_TEMPLATE_DENIED);
  // A certificate manager may issue it all the same.
  request.new_request = false;
  EXPECT_STEP(request, templates::rule::kPermissionEnroll, not_applicable);
}

TEST(Policy, AuthorisedSignature) {
  PolicyCase request;
  request.of("User").ra_signatures = 1;
  EXPECT_REFUSED(request, kSignatureRequired, CERTSRV_E_SIGNATURE_POLICY_REQUIRED);
  request.of("User").ra_signatures = 0;
  EXPECT_STEP(request, kSignatureRequired, pass);
}

TEST(Policy, KeyLength) {
  PolicyCase request;
  request.key = fixed_key("rsa-1024");
  EXPECT_STEP(request, kKeyLength, not_applicable);  // version 1 templates set none
  request.version2().minimal_key_size = 2048;
  EXPECT_REFUSED(request, kKeyLength, CERTSRV_E_KEY_LENGTH);
  request.key = fixed_key("rsa-2048");
  EXPECT_STEP(request, kKeyLength, pass);
  request.key = fixed_key("p-256");  // only the number of bits counts
  EXPECT_REFUSED(request, kKeyLength, CERTSRV_E_KEY_LENGTH);
}

TEST(Policy, KeyStrength) {
  PolicyCase request;
  request.key = must(PrivateKey::generate({KeyKind::rsa, 512}));
  EXPECT_REFUSED(request, kKeyStrength, CERTSRV_E_WEAK_SIGNATURE_OR_KEY);
  request.key = fixed_key("rsa-1024");
  EXPECT_STEP(request, kKeyStrength, pass);
}

TEST(Policy, ArchivalAndAttestation) {
  PolicyCase archival;
  EXPECT_STEP(archival, kKeyArchival, pass);
  archival.of("User").private_key_flags.set(PrivateKeyFlag::require_private_key_archival);
  EXPECT_REFUSED(archival, kKeyArchival, CERTSRV_E_ARCHIVED_KEY_REQUIRED);
  PolicyCase attestation;
  attestation.of("User").private_key_flags.set(PrivateKeyFlag::attest_preferred);
  EXPECT_TRUE(attestation.decide());
  attestation.of("User").private_key_flags.set(PrivateKeyFlag::attest_required);
  EXPECT_REFUSED(attestation, kKeyAttestation, CERTSRV_E_KEY_ATTESTATION);
}

TEST(Policy, CaCertificateMustBeInForce) {
  PolicyCase request;
  request.now = request.ca_certificate.not_after() + 1;
  EXPECT_REFUSED(request, kAuthorityCertificate, CERT_E_EXPIRED);
  request.now = request.ca_certificate.not_before() - 1;
  EXPECT_REFUSED(request, kAuthorityCertificate, CERT_E_EXPIRED);
}

TEST(Policy, ValidityIsBackdatedAndRunsForTheTemplatesPeriod) {
  PolicyCase request;
  const Certificate certificate = request.issued();
  EXPECT_EQ(certificate.not_before(), request.now - 10 * kMinute);
  EXPECT_EQ(certificate.not_after(), certificate.not_before() + 365 * kDay);
  EXPECT_STEP(request, kValidityPeriod, pass);
}

TEST(Policy, ValidityIsCutByTheCa) {
  PolicyCase by_configuration;
  by_configuration.config.ValidityPeriod = 30 * kDay;
  EXPECT_STEP(by_configuration, kValidityPeriod, warn);
  EXPECT_EQ(by_configuration.issued().not_after(), by_configuration.now - 10 * kMinute + 30 * kDay);
  PolicyCase by_certificate;
  by_certificate.now = by_certificate.ca_certificate.not_after() - kDay;
  EXPECT_EQ(by_certificate.issued().not_after(), by_certificate.ca_certificate.not_after());
  EXPECT_EQ(by_certificate.decide().granted->content().warnings.size(), 1U);
  PolicyCase at_the_start;
  at_the_start.now = at_the_start.ca_certificate.not_before() + 60;
  EXPECT_EQ(at_the_start.issued().not_before(), at_the_start.ca_certificate.not_before());
}

TEST(Policy, RequestedValidityNeedsTheFlagAndOnlyShortens) {
  PolicyCase request;
  request.attributes += "\nValidityPeriod:Days\nValidityPeriodUnits:30";
  const Timestamp start = request.now - 10 * kMinute;
  EXPECT_STEP(request, kValidityRequested, warn);
  EXPECT_EQ(request.issued().not_after(), start + 365 * kDay);
  request.config.EditFlags |= editf::kAttributeEndDate;
  EXPECT_STEP(request, kValidityRequested, pass);
  EXPECT_EQ(request.issued().not_after(), start + 30 * kDay);
  request.attributes = "CertificateTemplate:User\nValidityPeriod:Years\nValidityPeriodUnits:9";
  EXPECT_EQ(request.issued().not_after(), start + 365 * kDay);
  request.attributes = "CertificateTemplate:User\nExpirationDate:Sun, 01 Dec 2024 00:00:00 GMT";
  EXPECT_EQ(to_iso(request.issued().not_after()), "2024-12-01T00:00:00Z");
  request.attributes = "CertificateTemplate:User\nExpirationDate:Tue, 01 Dec 2020 00:00:00 GMT";
  EXPECT_REFUSED(request, kValidityRequested, ERROR_INVALID_DATA);
  request.attributes = "CertificateTemplate:User\nExpirationDate:tomorrow";
  EXPECT_REFUSED(request, kValidityRequested, ERROR_INVALID_DATA);
}

TEST(Policy, PendingByTemplateAndByCa) {
  PolicyCase request;
  EXPECT_FALSE(request.decide().granted->pending());
  request.of("User").enrollment_flags.set(EnrollmentFlag::pend_all_requests);
  EXPECT_TRUE(request.decide().granted->pending());
  request.new_request = false;
  EXPECT_FALSE(request.decide().granted->pending());
  PolicyCase by_ca;
  for (const std::uint32_t disposition : {0U, 0x101U}) {
    by_ca.config.RequestDisposition = disposition;
    EXPECT_TRUE(by_ca.decide().granted->pending());
  }
  by_ca.config.RequestDisposition = reqdisp::kUseRequestAttribute;
  EXPECT_FALSE(by_ca.decide().granted->pending());
  by_ca.attributes += "\nDisposition:Pending";
  EXPECT_TRUE(by_ca.decide().granted->pending());
}

TEST(Policy, DenyingCa) {
  PolicyCase request;
  request.config.RequestDisposition = reqdisp::kDeny;
  EXPECT_REFUSED(request, kDispositionDeny, CERTSRV_E_ADMIN_DENIED_REQUEST);
  request.config.RequestDisposition = reqdisp::kUseRequestAttribute;
  EXPECT_TRUE(request.decide());
  request.attributes += "\nDisposition:Deny";
  EXPECT_REFUSED(request, kDispositionDeny, CERTSRV_E_ADMIN_DENIED_REQUEST);
}

TEST(Policy, StandaloneCaKnowsNoTemplates) {
  PolicyCase request;
  request.config = default_config(CaType::standalone_root, kTestDomain);
  EXPECT_REFUSED(request, kTemplateSupport, CERTSRV_E_UNSUPPORTED_CERT_TYPE);
  request.attributes = "CertificateUsage:1.3.6.1.5.5.7.3.2";
  request.subject = "CN=device";
  EXPECT_STEP(request, kTemplateSupport, not_applicable);
  EXPECT_TRUE(request.decide().granted->pending());
  request.new_request = false;
  const Certificate certificate = request.issued();
  EXPECT_EQ(certificate.extended_key_usage(), std::vector<Oid>{oids::kClientAuth});
  EXPECT_FALSE(certificate.sid());
}

TEST(Policy, DecidingStepGivesTheCode) {
  for (const Rule* rule : rules()) {
    EXPECT_FALSE(rule->title.empty()) << rule->id;
    EXPECT_FALSE(rule->citation.empty()) << rule->id;
    EXPECT_FALSE(rule->hint.empty()) << rule->id;
    EXPECT_EQ(rule->id.substr(0, 3), "ca.") << rule->id;
    EXPECT_EQ(std::count_if(rules_in_traces().begin(), rules_in_traces().end(),
                            [&](const Rule* other) { return other->id == rule->id; }),
              1)
        << rule->id;
  }
}

}  // namespace
}  // namespace mimica::ca
