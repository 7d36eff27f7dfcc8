// Signed requests: what each check lets pass and refuses, one change from a good request at a time.
#include <gtest/gtest.h>

#include "ca/policy/restrictions.h"
#include "ca/request/cmc.h"
#include "ca/testing/test_signed.h"
#include "core/pki/cms.h"

namespace mimica::ca {
namespace {

using templates::EnrollmentFlag;
using templates::FlagSet;
using templates::NameFlag;
using templates::PrivateKeyFlag;

#define EXPECT_READ(policy_case, rule_constant, wanted)                                        \
  do {                                                                                         \
    const auto read_ = (policy_case).read();                                                   \
    EXPECT_TRUE(read_) << explain(read_.trace);                                                \
    EXPECT_TRUE(read_.trace.has((rule_constant).id, Verdict::wanted)) << explain(read_.trace); \
  } while (false)

TEST(OnBehalf, TheCertificateGetsTheNamesOfTheSubjectInBothFormats) {
  for (const RequestFormat format : {RequestFormat::pkcs7, RequestFormat::cmc}) {
    const OnBehalf good(format);
    const auto incoming = good.read();
    ASSERT_TRUE(incoming) << explain(incoming.trace);
    EXPECT_EQ(incoming.granted->format, format);
    EXPECT_EQ(incoming.granted->requester_name, "CONTOSO\\jane");
    const Certificate issued = good.issued();
    EXPECT_EQ(issued.upn(), "jane@contoso.com");
    EXPECT_EQ(issued.sid(), kTestDomain.with_rid(1104));
    EXPECT_STEP(good, kAgentSubject, pass);
    EXPECT_STEP(good, kAgentCertificate, pass);
    EXPECT_STEP(good, kAgentTemplate, pass);
    EXPECT_STEP(good, kAgentRestriction, not_applicable);
    EXPECT_STEP(good, kSignatureTrusted, pass);
    EXPECT_READ(good, kRequestSigners, pass);
  }
}

TEST(OnBehalf, RequestAttributesBesideTheMessageNameNobody) {
  PolicyCase request;
  request.attributes += "\nrequestername:CONTOSO\\oskar";
  EXPECT_TRUE(request.read().granted->requester_name.empty());
  EXPECT_EQ(request.issued().upn(), "jane@contoso.com");
}

TEST(OnBehalf, TheSignerNeedsTheAgentsPurpose) {
  const OnBehalf other(RequestFormat::pkcs7, {{oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})}});
  EXPECT_REFUSED(other, kAgentCertificate, CERT_E_WRONG_USAGE);
  EXPECT_TRUE(is_processing_error(kAgentCertificate));
  // Any purpose, and no purpose at all, contain it: what makes ESC2 a way to ESC3.
  EXPECT_TRUE(
      OnBehalf(RequestFormat::pkcs7, {{oids::kExtendedKeyUsage, false, ext::oid_list({oids::kAnyExtendedKeyUsage})}})
          .decide());
  EXPECT_TRUE(OnBehalf(RequestFormat::pkcs7, {}).decide());
}

TEST(OnBehalf, NobodySigned) {
  OnBehalf request(RequestFormat::cmc);
  request.spec.signers.clear();
  request.sign();
  EXPECT_REFUSED(request, kAgentCertificate, CERTSRV_E_SIGNATURE_POLICY_REQUIRED);
}

TEST(OnBehalf, TemplatesFromVersion2OnMustDemandAnAgentsSignature) {
  OnBehalf request;
  templates::CertificateTemplate& value = request.version2();
  EXPECT_REFUSED(request, kAgentTemplate, CERTSRV_E_BAD_RENEWAL_SUBJECT);
  value.ra_signatures = 1;
  EXPECT_REFUSED(request, kAgentTemplate, CERTSRV_E_BAD_RENEWAL_SUBJECT);
  value.ra_application_policies = {oids::kCertificateRequestAgent};
  EXPECT_STEP(request, kAgentTemplate, pass);
  EXPECT_STEP(request, kSignaturePolicies, pass);
}

TEST(OnBehalf, RestrictedAgents) {
  OnBehalf request;
  const Sid agents = kTestDomain.with_rid(1300);
  request.token.sids.insert(agents);
  const Sid clinic = kTestDomain.with_rid(1301);
  const auto restrict_to = [&](std::vector<Restriction> list) {
    request.config.EnrollmentAgentRights = make_restrictions(list);
  };
  restrict_to({});
  EXPECT_REFUSED(request, kAgentRestriction, CERTSRV_E_RESTRICTEDOFFICER);
  EXPECT_TRUE(is_processing_error(kAgentRestriction));
  restrict_to({{agents, true, {clinic}, "User"}});
  EXPECT_REFUSED(request, kAgentRestriction, CERTSRV_E_RESTRICTEDOFFICER);
  request.behalf_token.sids.insert(clinic);
  EXPECT_STEP(request, kAgentRestriction, pass);
  restrict_to({{agents, true, {clinic}, "WebServer"}});
  EXPECT_REFUSED(request, kAgentRestriction, CERTSRV_E_RESTRICTEDOFFICER);
  restrict_to({{agents, true, {sids::kEveryone}, ""}});
  EXPECT_STEP(request, kAgentRestriction, pass);
  restrict_to({{agents, false, {clinic}, ""}, {agents, true, {sids::kEveryone}, ""}});
  EXPECT_REFUSED(request, kAgentRestriction, CERTSRV_E_RESTRICTEDOFFICER);
  request.config.EnrollmentAgentRights->dacl->aces.front().application_data = {9, 0};
  EXPECT_REFUSED(request, kAgentRestriction, CERTSRV_E_RESTRICTEDOFFICER);
}

TEST(Restrictions, SurviveTheBinaryForm) {
  const std::vector<Restriction> list = {{kTestDomain.with_rid(1300), true, {sids::kEveryone}, "User"},
                                         {kTestDomain.with_rid(1301), false, {kTestDomain.with_rid(513)}, ""}};
  const Bytes binary = make_restrictions(list).to_binary();
  const auto parsed = parse_restrictions(must(SecurityDescriptor::from_binary(binary)));
  ASSERT_TRUE(parsed) << parsed.error().describe();
  EXPECT_EQ(*parsed, list);
  SecurityDescriptor other = make_restrictions(list);
  other.dacl->aces.front().type = Ace::Type::allow;
  EXPECT_FALSE(parse_restrictions(other));
}

TEST(SignedRequest, TheSignersChainDecides) {
  OnBehalf request;
  request.signers = {{ChainStatus::not_time_valid, "expired"}};
  EXPECT_REFUSED(request, kSignatureTrusted, CERT_E_EXPIRED);
  request.signers = {{ChainStatus::revoked, "revoked"}};
  EXPECT_REFUSED(request, kSignatureTrusted, CRYPT_E_REVOKED);
  request.signers = {{ChainStatus::untrusted_root, "rogue"}};
  EXPECT_REFUSED(request, kSignatureTrusted, CERT_E_UNTRUSTEDROOT);
  EXPECT_FALSE(is_processing_error(kSignatureTrusted));
}

TEST(SignedRequest, AuthorisedSignatures) {
  PolicyCase plain;
  plain.version2().ra_signatures = 1;
  EXPECT_REFUSED(plain, kSignatureRequired, CERTSRV_E_SIGNATURE_POLICY_REQUIRED);

  OnBehalf request;
  request.behalf.reset();  // signed by somebody, for the caller itself
  request.spec.requester_name.clear();
  request.sign();
  templates::CertificateTemplate& value = request.version2();
  value.ra_signatures = 1;
  EXPECT_STEP(request, kSignatureRequired, pass);
  EXPECT_STEP(request, kSignatureCount, pass);
  value.ra_signatures = 2;
  EXPECT_REFUSED(request, kSignatureCount, CERTSRV_E_SIGNATURE_COUNT);
  value.ra_signatures = 1;
  value.ra_application_policies = {oids::kSmartCardLogon};
  EXPECT_REFUSED(request, kSignaturePolicies, CERTSRV_E_SIGNATURE_REJECTED);
  value.ra_application_policies = {oids::kCertificateRequestAgent};
  EXPECT_STEP(request, kSignaturePolicies, pass);
  value.ra_issuance_policies = {kIssuancePolicy};
  EXPECT_REFUSED(request, kSignaturePolicies, CERTSRV_E_SIGNATURE_REJECTED);
  request.spec.signers = {
      {request.agent_key,
       request.certify(request.agent_key,
                       {kAgentPurpose, {oids::kCertificatePolicies, false, ext::policies({kIssuancePolicy})}})}};
  request.sign();
  EXPECT_STEP(request, kSignaturePolicies, pass);
}

TEST(SignedRequest, EverySignatureMustVerify) {
  OnBehalf request;
  request.spec.signers = {{fixed_key("p-256", 3), request.spec.signers.front().certificate}};  // another key
  request.sign();
  EXPECT_REFUSED(request, kRequestSigners, NTE_BAD_SIGNATURE);
  EXPECT_TRUE(is_processing_error(kRequestSigners));
}

TEST(SignedRequest, MessagesThatAreNoRequests) {
  PolicyCase request;
  const Bytes pkcs10 = request_der(request.key);
  CmsFields fields;
  fields.content = pkcs10;
  request.request = must(make_signed_data(fields));
  EXPECT_REFUSED(request, kRequestSigners, CRYPT_E_NO_SIGNER);
  CmsSignerFields signer;
  signer.key = request.key;
  fields.signers = {signer};
  fields.content_type = oids::kPkiResponse;
  request.request = must(make_signed_data(fields));
  EXPECT_REFUSED(request, kRequestWellFormed, ERROR_INVALID_DATA);
  fields.content_type = oids::kPkiData;  // a bare PKCS#10 where a PKIData belongs
  request.request = must(make_signed_data(fields));
  EXPECT_FALSE(request.decide());
  request.request = der::sequence({der::oid(oids::kCmsData)});
  EXPECT_REFUSED(request, kRequestWellFormed, CRYPT_E_INVALID_MSG_TYPE);
  // The certificate of the signer is missing.
  const PrivateKey agent = fixed_key("p-256", 2);
  fields.content_type = oids::kCmsData;
  signer.key = agent;
  signer.certificate = request.certify(agent, {});
  fields.signers = {signer};
  request.request = must(make_signed_data(fields));
  EXPECT_REFUSED(request, kRequestSigners, CRYPT_E_NO_SIGNER);
}

TEST(SignedRequest, NestingHasABound) {
  PolicyCase request;
  CmsSignerFields signer;
  signer.key = request.key;
  Bytes content = request_der(request.key);
  for (int depth = 1; depth <= kMaxEnvelopes + 1; ++depth) {
    CmsFields fields;
    fields.content = content;
    fields.signers = {signer};
    content = must(make_signed_data(fields));
    request.request = content;
    if (depth <= kMaxEnvelopes) {
      EXPECT_TRUE(request.decide()) << depth;
    } else {
      EXPECT_REFUSED(request, kRequestWellFormed, ERROR_INVALID_DATA);
    }
  }
}

TEST(SignedRequest, NullSignatureCountsInsideAMessageOnly) {
  PolicyCase request;
  const Bytes real = request_der(request.key);
  DerReader outer(real);
  DerReader sequence = must(outer.enter(tag::kSequence));
  const Tlv info = must(sequence.next());
  const Bytes hash = digest(Digest::sha256, info.encoded);
  const auto with = [&](const Bytes& octets) {
    return der::sequence(
        {info.encoded, der::sequence({der::oid(Oid("2.16.840.1.101.3.4.2.1")), der::null()}), der::bit_string(octets)});
  };
  request.request = with(hash);
  EXPECT_REFUSED(request, kRequestSignature, NTE_BAD_SIGNATURE);
  const auto in_cmc = [&](const Bytes& pkcs10) {
    PkiData data;
    data.pkcs10 = pkcs10;
    CmsSignerFields signer;
    signer.key = request.key;
    CmsFields fields;
    fields.content_type = oids::kPkiData;
    fields.content = make_pki_data(data);
    fields.signers = {signer};
    return must(make_signed_data(fields));
  };
  request.request = in_cmc(with(hash));
  EXPECT_STEP(request, kRequestSignature, pass);
  request.request = in_cmc(with(digest(Digest::sha256, to_bytes("other"))));
  EXPECT_REFUSED(request, kRequestSignature, NTE_BAD_SIGNATURE);
}

TEST(Cmc, AttributesAndExtensionsOfControlsCount) {
  PolicyCase request("");
  request.publication.published = {"WebServer"};
  request.token.sids.insert(kTestDomain.with_rid(rid::kDomainAdmins));
  PkiData data;
  RequestSpec inner;
  inner.subject = must(Name::parse_rfc4514("CN=web"));
  data.pkcs10 = must(make_request(inner, request.key));
  data.registration_info = {{"CertificateTemplate", "WebServer"}, {"note", "50%&more=fun"}};
  GeneralName dns;
  dns.kind = GeneralName::Kind::dns;
  dns.text = "web.contoso.com";
  data.added_extensions = {san_extension({dns})};
  const auto again = parse_pki_data(make_pki_data(data));
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_EQ(again->registration_info, data.registration_info);
  CmsSignerFields signer;
  signer.key = request.key;
  CmsFields fields;
  fields.content_type = oids::kPkiData;
  fields.content = make_pki_data(data);
  fields.signers = {signer};
  request.request = must(make_signed_data(fields));
  const Certificate issued = request.issued();
  ASSERT_EQ(issued.subject_alt_names().size(), 1U);
  EXPECT_EQ(issued.subject_alt_names().front().text, "web.contoso.com");
}

TEST(Cmc, ExactlyOneRequest) {
  const Bytes pkcs10 = request_der(fixed_key("p-256"));
  const Bytes tagged = der::tlv(tag::context_constructed(0), {der::integer(1), pkcs10});
  const auto with = [](const Bytes& requests) {
    return parse_pki_data(
        der::sequence({der::sequence({}), der::tlv(tag::kSequence, requests), der::sequence({}), der::sequence({})}));
  };
  EXPECT_TRUE(with(tagged));
  for (const Bytes& requests : {Bytes{}, der::concat({tagged, tagged})}) {
    const auto refused = with(requests);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code{HResult::ERROR_INVALID_DATA});
  }
}

TEST(Renewal, IsReadInBothFormats) {
  for (const RequestFormat format : {RequestFormat::pkcs7, RequestFormat::cmc}) {
    const Renewal good(format);
    ASSERT_TRUE(good.read());
    EXPECT_EQ(good.read().granted->old_certificate->der(), good.old.der());
    EXPECT_READ(good, kRenewalCertificateSigned, pass);
    EXPECT_STEP(good, kRenewalTemplate, pass);
    EXPECT_STEP(good, kRenewalOverlap, pass);
  }
}

TEST(Renewal, TheAttributeMustFitTheMessage) {
  Renewal request;
  request.spec.signers = {{fixed_key("p-256", 5), request.certify(fixed_key("p-256", 5), {})}};
  request.sign();
  EXPECT_REFUSED(request, kRenewalCertificateSigned, CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE);
  // In the message, but its key did not sign.
  CmsFields fields;
  RequestSpec inner;
  inner.attributes = {{kRenewalCertificate, {request.old.der()}}};
  fields.content = must(make_request(inner, request.key));
  fields.certificates = {request.old};
  CmsSignerFields signer;
  signer.key = request.key;
  fields.signers = {signer};
  request.request = must(make_signed_data(fields));
  EXPECT_REFUSED(request, kRenewalCertificateSigned, CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE);
  inner.attributes = {{kRenewalCertificate, {der::null()}}};
  fields.content = must(make_request(inner, request.key));
  request.request = must(make_signed_data(fields));
  EXPECT_REFUSED(request, kRenewalCertificateSigned, CERTSRV_E_BAD_RENEWAL_CERT_ATTRIBUTE);
  EXPECT_TRUE(is_processing_error(kRenewalCertificateSigned));
  // Without a message around it, it is a new request.
  inner.attributes = {{kRenewalCertificate, {request.old.der()}}};
  request.request = must(make_request(inner, request.key));
  EXPECT_READ(request, kRenewalCertificateSigned, not_applicable);
}

TEST(Renewal, OfAnotherTemplate) {
  Renewal request;
  request.old = request.certify(request.old_key, {{oids::kTemplateName, false, ext::template_name("WebServer")}});
  request.spec.renews = request.old;
  request.spec.signers = {{request.old_key, request.old}};
  request.sign();
  EXPECT_REFUSED(request, kRenewalTemplate, CERTSRV_E_TEMPLATE_CONFLICT);
}

TEST(Renewal, WithTheSameKey) {
  Renewal request;
  request.value().private_key_flags.set(PrivateKeyFlag::require_same_key_renewal, true);
  EXPECT_REFUSED(request, kRenewalKey, CERTSRV_E_RENEWAL_BAD_PUBLIC_KEY);
  request.spec.key = request.old_key;
  request.sign();
  EXPECT_STEP(request, kRenewalKey, pass);
}

TEST(Renewal, OverlapMustBeShorterThanTheValidity) {
  Renewal request;
  request.value().validity = request.value().overlap;
  EXPECT_REFUSED(request, kRenewalOverlap, CERTSRV_E_CERT_TYPE_OVERLAP);
}

TEST(Renewal, PreviousApprovalStandsInForManagerAndSignatures) {
  Renewal request;
  templates::CertificateTemplate& value = request.value();
  value.enrollment_flags.set(EnrollmentFlag::pend_all_requests, true);
  value.ra_signatures = 1;
  value.ra_application_policies = {Oid("1.3.6.1.5.5.7.3.3")};
  EXPECT_REFUSED(request, kSignaturePolicies, CERTSRV_E_SIGNATURE_REJECTED);
  value.enrollment_flags.set(EnrollmentFlag::previous_approval_validate_reenrollment, true);
  EXPECT_STEP(request, kRenewalApproval, pass);
  EXPECT_FALSE(request.decide().granted->pending());
  // The account has another UPN by now.
  request.account.upn = "jane.roe@contoso.com";
  const auto decided = request.decide();
  EXPECT_TRUE(decided.trace.has(kRenewalApproval.id, Verdict::warn)) << explain(decided.trace);
  EXPECT_REFUSED(request, kSignaturePolicies, CERTSRV_E_SIGNATURE_REJECTED);
}

TEST(Renewal, OfASuppliedSubjectKeepsNamesAndMayReplaceTheRight) {
  Renewal request;
  templates::CertificateTemplate& value = request.supply();
  value.enrollment_flags.set(EnrollmentFlag::previous_approval_validate_reenrollment, true);
  request.spec.request.subject = must(Name::parse_rfc4514("CN=Jane Doe"));
  request.sign();
  EXPECT_STEP(request, kRenewalApproval, pass);
  EXPECT_EQ(request.issued().upn(), "jane@contoso.com");  // of the earlier certificate
  request.token.sids = {request.account.sid};             // no group with Enroll
  EXPECT_FALSE(request.decide());
  value.enrollment_flags.set(EnrollmentFlag::allow_previous_approval_key_based_renewal_validate_reenrollment, true);
  request.token.sids.insert(sids::kAuthenticatedUsers);  // may request on the CA
  EXPECT_TRUE(request.decide()) << explain(request.decide().trace);
  request.spec.request.subject = must(Name::parse_rfc4514("CN=Somebody Else"));
  request.sign();
  EXPECT_FALSE(request.decide());
}

TEST(Policy, IssuancePoliciesFromTheRequest) {
  PolicyCase request;
  templates::CertificateTemplate& value = request.version2();
  const Oid other("1.3.6.1.4.1.311.21.8.1.1.402");
  value.issuance_policies = {kIssuancePolicy, other};
  EXPECT_EQ(request.issued().policies(), (std::vector<Oid>{kIssuancePolicy, other}));
  value.enrollment_flags.set(EnrollmentFlag::issuance_policies_from_request, true);
  request.extensions = {{oids::kCertificatePolicies, false, ext::policies({other})}};
  EXPECT_STEP(request, kExtensionPolicies, pass);
  EXPECT_EQ(request.issued().policies(), std::vector<Oid>{other});
  value.issuance_policies.clear();
  EXPECT_REFUSED(request, kExtensionPolicies, CERTSRV_E_TEMPLATE_CONFLICT);
}

TEST(Policy, ArchivedKeys) {
  const auto with_key = [](PolicyCase& request) {
    CmsSignerFields signer;
    signer.key = request.key;
    signer.unsigned_attributes = {{Oid("1.3.6.1.4.1.311.21.13"), {der::null()}}};
    PkiData data;
    data.pkcs10 = request_der(request.key);
    CmsFields fields;
    fields.content_type = oids::kPkiData;
    fields.content = make_pki_data(data);
    fields.signers = {signer};
    request.request = must(make_signed_data(fields));
  };
  PolicyCase request;
  EXPECT_STEP(request, kKeyArchival, pass);
  with_key(request);
  EXPECT_REFUSED(request, kKeyArchival, CERTSRV_E_ARCHIVED_KEY_UNEXPECTED);
  request.version2().private_key_flags.set(PrivateKeyFlag::require_private_key_archival, true);
  EXPECT_REFUSED(request, kKeyArchival, CERTSRV_E_KEY_ARCHIVAL_NOT_CONFIGURED);
  request.request.clear();
  EXPECT_REFUSED(request, kKeyArchival, CERTSRV_E_ARCHIVED_KEY_REQUIRED);
}

TEST(Spkac, NamesItsSubjectBesideTheRequest) {
  PolicyCase request("WebServer");
  request.token.sids.insert(kTestDomain.with_rid(rid::kDomainAdmins));
  const auto spkac = [&](const std::string& challenge, bool good = true) {
    const Bytes body = der::sequence({request.key.public_key().spki(), der::ia5_string(challenge)});
    Bytes signature = must(request.key.sign(Digest::sha256, good ? body : Bytes{1}));
    return der::sequence({body, request.key.signature_algorithm(Digest::sha256), der::bit_string(signature)});
  };
  request.request = spkac("");
  EXPECT_REFUSED(request, kRequestWellFormed, CERTSRV_E_BAD_REQUESTSUBJECT);
  request.attributes += "\nCN:web.contoso.com\nO:Contoso";
  EXPECT_READ(request, kRequestChallenge, pass);
  EXPECT_EQ(request.read().granted->format, RequestFormat::keygen);
  EXPECT_EQ(request.issued().subject().last(oids::kCommonName), "web.contoso.com");
  request.request = spkac("secret");
  EXPECT_REFUSED(request, kRequestChallenge, ERROR_INVALID_DATA);
  EXPECT_TRUE(is_processing_error(kRequestChallenge));
  request.attributes += "\nchallenge:secret";
  EXPECT_TRUE(request.decide()) << explain(request.decide().trace);
  request.request = spkac("secret", false);
  EXPECT_REFUSED(request, kRequestSignature, NTE_BAD_SIGNATURE);
}

TEST(SignedRequest, BrokenBytesNeverGetThrough) {
  const Renewal good;
  Renewal cut;
  for (std::size_t size = 1; size < good.request.size(); size += 7) {
    cut.request.assign(good.request.begin(), good.request.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_FALSE(cut.decide()) << size;
  }
}

}  // namespace
}  // namespace mimica::ca
