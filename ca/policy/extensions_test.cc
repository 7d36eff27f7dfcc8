#include "ca/policy/extensions.h"

#include <gtest/gtest.h>

#include "ca/issue/issue.h"
#include "ca/testing/test_policy.h"

namespace mimica::ca {
namespace {

using templates::EnrollmentFlag;
using templates::FlagSet;
using templates::GeneralFlag;

constexpr const char* kV1 = "1.3.6.1.4.1.311.20.2";
constexpr const char* kV2 = "1.3.6.1.4.1.311.21.7";
constexpr const char* kPolicies = "1.3.6.1.4.1.311.21.10";
constexpr const char* kSid = "1.3.6.1.4.1.311.25.2";
constexpr const char* kSmime = "1.2.840.113549.1.9.15";
constexpr const char* kSki = "2.5.29.14";
constexpr const char* kKu = "2.5.29.15";
constexpr const char* kSan = "2.5.29.17";
constexpr const char* kCdp = "2.5.29.31";
constexpr const char* kAki = "2.5.29.35";
constexpr const char* kEku = "2.5.29.37";
constexpr const char* kAia = "1.3.6.1.5.5.7.1.1";

Extension any(const Oid& oid, Bytes value = {0x05, 0x00}) { return {oid, false, std::move(value)}; }

// Orders of certificates that Windows CAs issued (observed).
TEST(ExtensionOrder, WithoutRequestedExtensions) {
  PolicyCase request;
  EXPECT_EQ(extension_order(request.issued()),
            (std::vector<std::string>{kSki, kAki, kCdp, kAia, kV1, kKu, kEku, kSan, kSid, kSmime}));
}

TEST(ExtensionOrder, WithoutRequestedExtensionsVersion2) {
  PolicyCase request;
  request.version2();
  EXPECT_EQ(extension_order(request.issued()),
            (std::vector<std::string>{kSki, kAki, kCdp, kAia, kKu, kV2, kEku, kPolicies, kSan, kSid, kSmime}));
}

TEST(ExtensionOrder, OfAWindowsClientsRequest) {
  PolicyCase request("DomainController");
  request.be_computer("dc1.contoso.com");
  request.extensions = {any(oids::kTemplateName, ext::template_name("DomainController")),
                        any(oids::kExtendedKeyUsage, ext::oid_list({oids::kClientAuth, oids::kServerAuth})),
                        any(oids::kKeyUsage, ext::key_usage(Bytes{0xA0})), any(oids::kSmimeCapabilities, {0x30, 0x00}),
                        any(oids::kSubjectKeyIdentifier, ext::subject_key_identifier(Bytes(20, 7)))};
  const Certificate certificate = request.issued();
  EXPECT_EQ(extension_order(certificate),
            (std::vector<std::string>{kV1, kEku, kKu, kSmime, kSki, kAki, kCdp, kAia, kSan, kSid}));
  EXPECT_EQ(certificate.subject_key_identifier(), Bytes(20, 7));
  EXPECT_EQ(certificate.extension(oids::kSmimeCapabilities)->value, (Bytes{0x30, 0x00}));
  EXPECT_TRUE(certificate.extension(oids::kKeyUsage)->critical);
}

TEST(ExtensionOrder, OfCertmongersRequest) {
  PolicyCase request("Machine");
  request.be_computer("pc01.contoso.com");
  GeneralName dns;
  dns.kind = GeneralName::Kind::dns;
  dns.text = "other.contoso.com";
  request.extensions = {any(oids::kExtendedKeyUsage, ext::oid_list({oids::kServerAuth})),
                        any(oids::kSubjectKeyIdentifier, ext::subject_key_identifier(Bytes(20, 7))),
                        any(oids::kTemplateName, ext::template_name("Machine")), san_extension({dns})};
  const Certificate certificate = request.issued();
  EXPECT_EQ(extension_order(certificate),
            (std::vector<std::string>{kEku, kSki, kV1, kSan, kAki, kCdp, kAia, kKu, kSid}));
  EXPECT_EQ(to_string(certificate.subject_alt_names().front()), "DNS=pc01.contoso.com");
}

TEST(ExtensionValues, MatchTheTestVectors) {
  PolicyCase request;
  const Certificate v1 = request.issued();
  const auto hex = [](const Certificate& certificate, const Oid& oid) {
    return to_hex_upper(certificate.extension(oid)->value);
  };
  EXPECT_EQ(hex(v1, oids::kTemplateName), "1E080055007300650072");
  EXPECT_EQ(hex(v1, oids::kKeyUsage), "030205A0");
  EXPECT_EQ(hex(v1, oids::kExtendedKeyUsage), "3020060A2B0601040182370A030406082B0601050507030406082B06010505070302");
  EXPECT_EQ(
      hex(v1, oids::kSmimeCapabilities),
      "3035300E06082A864886F70D030202020080300E06082A864886F70D030402020080300706052B0E030207300A06082A864886F70D0307");
  EXPECT_EQ(hex(v1, oids::kAuthorityKeyIdentifier).substr(0, 8), "30168014");

  auto& value = request.version2();
  value.oid = Oid("1.3.6.1.4.1.311.21.8.15886664.4298044.8996776.14853544.7902291.169.5191136.12906913");
  value.minor_revision = 5;
  value.application_policies = {oids::kClientAuth};
  const Certificate v2 = request.issued();
  EXPECT_EQ(hex(v2, oids::kTemplateInfo),
            "302F06272B060104018237150887C9D2488286AA3C84A58F28878ACB2883E2A853812982BCEB608693E321020164020105");
  EXPECT_EQ(hex(v2, oids::kApplicationPolicies), "300C300A06082B06010505070302");
}

TEST(ExtensionValues, SidExtensionMatchesTheTestVector) {
  PolicyCase request;
  request.account.sid = *Sid::parse("S-1-5-21-1381186052-4247692386-135928078-1225");
  EXPECT_EQ(to_base64(request.issued().extension(oids::kSidExtension)->value),
            "MD+gPQYKKwYBBAGCNxkCAaAvBC1TLTEtNS0yMS0xMzgxMTg2MDUyLTQyNDc2OTIzODYtMTM1OTI4MDc4LTEyMjU=");
}

TEST(SidExtension, OfADirectorySubjectIsTheRequesters) {
  PolicyCase request;
  request.extensions = {any(oids::kSidExtension, ext::sid(kTestDomain.with_rid(500)))};
  EXPECT_STEP(request, kExtensionSid, pass);
  EXPECT_EQ(request.issued().sid(), request.account.sid);
}

TEST(SidExtension, OfASuppliedSubjectComesFromTheRequestOnly) {
  PolicyCase request;
  request.supply();
  request.subject = "CN=jane";
  EXPECT_STEP(request, kExtensionSid, warn);
  EXPECT_FALSE(request.issued().extension(oids::kSidExtension));
  request.extensions = {any(oids::kSidExtension, ext::sid(kTestDomain.with_rid(1199)))};
  EXPECT_STEP(request, kExtensionSid, pass);
  EXPECT_EQ(request.issued().sid(), kTestDomain.with_rid(1199));
  request.extensions = {any(oids::kSidExtension)};  // passed through as it is, but worth a warning
  EXPECT_STEP(request, kExtensionSid, warn);
}

TEST(SidExtension, IsSuppressedByTemplateListAndMissingUpdate) {
  for (const bool supplied : {false, true}) {
    PolicyCase request;
    if (supplied) {
      request.supply();
      request.subject = "CN=jane";
      request.extensions = {any(oids::kSidExtension, ext::sid(kTestDomain.with_rid(1199)))};
    }
    EXPECT_TRUE(request.issued().sid());
    PolicyCase by_flag = request;
    by_flag.of("User").enrollment_flags.set(EnrollmentFlag::no_security_extension);
    EXPECT_STEP(by_flag, kExtensionSid, warn);
    EXPECT_FALSE(by_flag.issued().sid());
    PolicyCase by_list = request;
    by_list.config.DisableExtensionList = {oids::kSidExtension};
    EXPECT_FALSE(by_list.issued().sid());
    by_list.config.EditFlags &= ~editf::kDisableExtensionList;
    EXPECT_TRUE(by_list.issued().sid());
    PolicyCase by_age = request;
    by_age.config.SidExtensionUpdate = false;
    EXPECT_FALSE(by_age.issued().sid());
  }
}

TEST(RequestedExtensions, OnlyListedOnesAreTaken) {
  const Oid custom("1.3.6.1.5.5.7.1.24");
  PolicyCase request;
  request.extensions = {any(custom, {0x30, 0x03, 0x02, 0x01, 0x05}),
                        {oids::kBasicConstraints, true, ext::basic_constraints(true, std::nullopt)}};
  EXPECT_STEP(request, kExtensionRequested, pass);
  EXPECT_FALSE(request.issued().extension(custom));
  EXPECT_FALSE(request.issued().is_ca());
  const auto plan = request.decide();
  const auto& rows = plan.granted->content().extensions;
  EXPECT_EQ(rows.front().flags, 0x10002U);  // origin request, disabled
  EXPECT_EQ(rows[1].flags, 0x20003U);       // basic constraints of policy: critical, disabled (observed)

  request.config.EnableRequestExtensionList.push_back(custom);
  EXPECT_TRUE(request.issued().extension(custom));
  request.config.EditFlags &= ~editf::kRequestExtensionList;
  EXPECT_FALSE(request.issued().extension(custom));
  request.config.EditFlags |= editf::kEnableRequestExtensions;
  EXPECT_TRUE(request.issued().extension(custom));
  EXPECT_FALSE(request.issued().is_ca());
}

TEST(RequestedExtensions, EnrolleeListAppliesToSuppliedSubjects) {
  const Oid custom("1.3.6.1.5.5.7.1.24");
  PolicyCase request;
  request.config.EnableEnrolleeRequestExtensionList.push_back(custom);
  request.subject = "CN=x";
  request.extensions = {any(custom)};
  EXPECT_FALSE(request.issued().extension(custom));
  request.supply();
  EXPECT_TRUE(request.issued().extension(custom));
}

TEST(RequestedExtensions, RevocationAndAuthorityAreTheCas) {
  PolicyCase request;
  request.config.EditFlags |= editf::kEnableRequestExtensions;
  request.extensions = {any(oids::kCrlDistributionPoints, ext::distribution_points({"http://evil/x.crl"})),
                        any(oids::kAuthorityKeyIdentifier, ext::authority_key_identifier(Bytes(20, 9)))};
  const Certificate certificate = request.issued();
  EXPECT_EQ(certificate.extension(oids::kCrlDistributionPoints)->value, request.revocation);
  EXPECT_EQ(must(ext::parse_authority_key_identifier(certificate.extension(oids::kAuthorityKeyIdentifier)->value)),
            request.key_id);
}

// CVE-2024-49019: version 1, subject from the request, CA without the update of November 2024.
TEST(RequestedExtensions, ApplicationPoliciesOfVersion1) {
  PolicyCase request("WebServer");
  grant(*request.of("WebServer").security, request.account.sid, access::kControlAccess, guids::kEnroll);
  request.subject = "CN=web";
  request.extensions = {any(oids::kApplicationPolicies, ext::policies({oids::kClientAuth}))};
  EXPECT_FALSE(request.issued().extension(oids::kApplicationPolicies));
  request.config.ApplicationPolicyUpdate = false;
  EXPECT_STEP(request, kExtensionRequested, warn);
  EXPECT_TRUE(request.issued().extension(oids::kApplicationPolicies));
  request.extensions.clear();
  request.attributes += "\nApplicationPolicies:1.3.6.1.5.5.7.3.2&1.3.6.1.4.1.311.20.2.1";
  EXPECT_EQ(must(ext::parse_policies(request.issued().extension(oids::kApplicationPolicies)->value)).size(), 2U);
}

TEST(TemplateFlags, RevocationInformationAndOcsp) {
  PolicyCase request;
  request.of("User").enrollment_flags.set(EnrollmentFlag::no_revocation_info_in_issued_certs);
  EXPECT_FALSE(request.issued().extension(oids::kCrlDistributionPoints));
  EXPECT_TRUE(request.issued().extension(oids::kAuthorityInfoAccess));

  PolicyCase ocsp("OCSPResponseSigning");
  ocsp.be_computer("ocsp.contoso.com");
  ocsp.key = fixed_key("rsa-2048");
  grant(*ocsp.of("OCSPResponseSigning").security, ocsp.account.sid, access::kControlAccess, guids::kEnroll);
  const Certificate responder = ocsp.issued();
  EXPECT_FALSE(responder.extension(oids::kCrlDistributionPoints));
  EXPECT_FALSE(responder.extension(oids::kAuthorityInfoAccess));
  EXPECT_EQ(responder.extension(oids::kOcspNoCheck)->value, (Bytes{0x05, 0x00}));
}

TEST(TemplateFlags, BasicConstraints) {
  PolicyCase ca("SubCA");
  grant(*ca.of("SubCA").security, ca.account.sid, access::kControlAccess, guids::kEnroll);
  ca.subject = "CN=Sub";
  const Certificate certificate = ca.issued();
  EXPECT_TRUE(certificate.is_ca());
  EXPECT_TRUE(certificate.extension(oids::kBasicConstraints)->critical);
  EXPECT_FALSE(must(ext::parse_basic_constraints(certificate.extension(oids::kBasicConstraints)->value)).path_length);
  ca.of("SubCA").max_issuing_depth = 0;
  EXPECT_EQ(must(ext::parse_basic_constraints(ca.issued().extension(oids::kBasicConstraints)->value)).path_length, 0);

  PolicyCase user;
  user.of("User").enrollment_flags.set(EnrollmentFlag::include_basic_constraints_for_ee_certs);
  ASSERT_TRUE(user.issued().extension(oids::kBasicConstraints));
  EXPECT_FALSE(user.issued().is_ca());
}

TEST(TemplateFlags, CriticalExtensionsAndDisabledAki) {
  PolicyCase request;
  request.of("User").critical_extensions = {oids::kSubjectAltName};
  EXPECT_TRUE(request.issued().extension(oids::kSubjectAltName)->critical);
  EXPECT_FALSE(request.issued().extension(oids::kKeyUsage)->critical);
  request.config.EditFlags &= ~editf::kEnableAkiKeyId;
  EXPECT_FALSE(request.issued().extension(oids::kAuthorityKeyIdentifier));
  request.config.EditFlags &= ~editf::kEnableDefaultSmime;
  EXPECT_FALSE(request.issued().extension(oids::kSmimeCapabilities));
}

TEST(SubjectKeyIdentifier, MalformedOnesAreReplaced) {
  PolicyCase request;
  request.extensions = {any(oids::kSubjectKeyIdentifier, {0x05, 0x00})};
  EXPECT_EQ(request.issued().subject_key_identifier(), request.key.public_key().key_identifier());
}

TEST(SerialNumber, HasTheObservedShape) {
  SeededEntropy entropy("serial");
  const std::string serial = to_hex_upper(make_serial(0x62, 0x32, 0, entropy));
  EXPECT_EQ(serial.size(), 38U);
  EXPECT_EQ(serial.substr(0, 10), "6200000032");
  EXPECT_EQ(serial.substr(26), "000000000032");
  EXPECT_EQ(make_serial(0x80, 1, 0, entropy).front(), 0x61);  // the top bit goes, nothing is left
  EXPECT_EQ(make_serial(0x05, 1, 0, entropy).front(), 0x15);  // no leading zero nibble
  EXPECT_EQ(make_serial(0xD2, 1, 0, entropy).front(), 0x52);
  EXPECT_NE(make_serial(0x62, 1, 0, entropy), make_serial(0x62, 1, 0, entropy));
}

}  // namespace
}  // namespace mimica::ca
