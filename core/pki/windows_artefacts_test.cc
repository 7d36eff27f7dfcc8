// Certificates and CRLs that a Windows Server 2016 CA issued, where the data folder is at hand.
#include <gtest/gtest.h>

#include "core/pki/chain.h"
#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

class WindowsArtefacts : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("MIMICA_SHARED_DATA");
    if (folder == nullptr) GTEST_SKIP() << "MIMICA_SHARED_DATA is not set";
    const std::string pem =
        pki::read_file(std::filesystem::path(folder) / "windows-exports" / "ws2016-ca-artefacts.pem");
    root_ = parse(pem, 0);
    issued_ = parse(pem, pem.find("-----BEGIN CERTIFICATE", pem.find("-----END CERTIFICATE")));
    const auto first = from_pem("X509 CRL", pem);
    const auto second = from_pem("X509 CRL", std::string_view(pem).substr(pem.find("-----END X509 CRL")));
    ASSERT_TRUE(first && second);
    base_ = *first;
    delta_ = *second;
  }
  static Certificate parse(const std::string& pem, std::size_t at) {
    auto certificate = Certificate::parse_pem_or_der(as_bytes(pem).subspan(at));
    EXPECT_TRUE(certificate) << certificate.error().describe();
    return certificate ? *certificate : Certificate();
  }
  Certificate root_, issued_;
  Bytes base_, delta_;
};

TEST_F(WindowsArtefacts, TheRootIsSelfSigned) {
  EXPECT_EQ(root_.subject().to_rfc4514(), "CN=dom-ADCS-CA,DC=dom,DC=local");
  EXPECT_EQ(root_.subject().to_alt_security(), "DC=local,DC=dom,CN=dom-ADCS-CA");
  EXPECT_EQ(root_.subject().to_der(), to_bytes(root_.subject_der()));
  EXPECT_EQ(root_.serial_hex(), "5dd4f658eb09339f4247411ee1f92c09");
  EXPECT_EQ(root_.public_key().spec(), (KeySpec{KeyKind::rsa, 4096}));
  EXPECT_TRUE(root_.is_ca());
  EXPECT_TRUE(*root_.signed_by(root_.public_key()));
  EXPECT_EQ(root_.public_key().key_identifier(), root_.subject_key_identifier());
  EXPECT_EQ(to_hex(root_.extension(oids::kCaVersion)->value), "020100");
  EXPECT_EQ(to_hex(root_.extension(oids::kKeyUsage)->value), "03020186");
}

TEST_F(WindowsArtefacts, TheIssuedCertificateTellsItsTemplateAndAccount) {
  EXPECT_TRUE(*issued_.signed_by(root_.public_key()));
  EXPECT_EQ(issued_.subject().to_rfc4514(), "CN=DC1.dom.local");
  EXPECT_EQ(issued_.template_name(), "DomainController");
  EXPECT_FALSE(issued_.template_info());
  EXPECT_EQ(issued_.sid()->to_string(), "S-1-5-21-1047456448-2337630968-2720937775-1000");
  EXPECT_EQ(issued_.extended_key_usage(), (std::vector<Oid>{oids::kClientAuth, oids::kServerAuth}));
  const auto names = issued_.subject_alt_names();
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[0].kind, GeneralName::Kind::directory_guid);
  EXPECT_EQ(to_string(names[1]), "DNS=DC1.dom.local");
  EXPECT_EQ(*ext::parse_authority_key_identifier(issued_.extension(oids::kAuthorityKeyIdentifier)->value),
            root_.subject_key_identifier());
  const auto points = ext::parse_distribution_points(issued_.extension(oids::kCrlDistributionPoints)->value);
  ASSERT_TRUE(points);
  ASSERT_EQ(points->size(), 1u);
  EXPECT_TRUE(
      starts_with_ignore_case(points->front(), "ldap:///CN=dom-ADCS-CA,CN=ADCS,CN=CDP,CN=Public%20Key%20Services"));
  const auto access = ext::parse_authority_info_access(issued_.extension(oids::kAuthorityInfoAccess)->value);
  ASSERT_TRUE(access);
  EXPECT_EQ(access->front().method.dotted(), "1.3.6.1.5.5.7.48.2");
}

TEST_F(WindowsArtefacts, OurEncodersWriteTheSameBytes) {
  const auto value = [&](const Oid& oid) { return issued_.extension(oid)->value; };
  EXPECT_EQ(ext::sid(*issued_.sid()), value(oids::kSidExtension));
  EXPECT_EQ(ext::template_name(*issued_.template_name()), value(oids::kTemplateName));
  EXPECT_EQ(ext::oid_list(issued_.extended_key_usage()), value(oids::kExtendedKeyUsage));
  EXPECT_EQ(encode_general_names(issued_.subject_alt_names()), value(oids::kSubjectAltName));
  EXPECT_EQ(ext::distribution_points(*ext::parse_distribution_points(value(oids::kCrlDistributionPoints))),
            value(oids::kCrlDistributionPoints));
  EXPECT_EQ(ext::authority_info_access(*ext::parse_authority_info_access(value(oids::kAuthorityInfoAccess))),
            value(oids::kAuthorityInfoAccess));
  EXPECT_EQ(ext::authority_key_identifier(*ext::parse_authority_key_identifier(value(oids::kAuthorityKeyIdentifier))),
            value(oids::kAuthorityKeyIdentifier));
  EXPECT_EQ(ext::key_usage(*from_hex("A0")), value(oids::kKeyUsage));
}

TEST_F(WindowsArtefacts, TheRevocationListsVerify) {
  for (const Bytes& der : {base_, delta_}) {
    const auto crl = Crl::parse(der);
    ASSERT_TRUE(crl) << crl.error().describe();
    EXPECT_TRUE(*crl->signed_by(root_.public_key()));
    EXPECT_TRUE(crl->revoked().empty());
    EXPECT_EQ(to_iso(crl->this_update()), "2023-06-10T11:00:21Z");
    EXPECT_NE(find(crl->extensions(), oids::kCrlNextPublish), nullptr);
  }
  EXPECT_EQ(to_iso(*Crl::parse(base_)->next_update()), "2023-06-17T23:20:21Z");
}

TEST_F(WindowsArtefacts, TheChainHoldsInJune2023) {
  ChainInput input{issued_, {}, {root_}, {base_}, pki::at("2023-06-12"), true};
  const ChainResult result = build_chain(input);
  EXPECT_EQ(result.status, ChainStatus::ok) << result.detail;
  input.at = pki::at("2023-06-18");
  EXPECT_EQ(build_chain(input).status, ChainStatus::revocation_unknown);
  input.at = pki::at("2024-07-01");
  input.check_revocation = false;
  EXPECT_EQ(build_chain(input).status, ChainStatus::not_time_valid);
}

}  // namespace
}  // namespace mimica
