#include "core/pki/certificate.h"

#include <gtest/gtest.h>

#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

CertificateFields fields_for(const PrivateKey& key) {
  CertificateFields fields;
  fields.serial = *from_hex("6200000032e1a5c3915131097b000000000032");
  fields.issuer_der = Name::parse_rfc4514("CN=CONTOSO-CA,DC=contoso,DC=com")->to_der();
  fields.subject_der = Name::parse_rfc4514("CN=jane,OU=Users,DC=contoso,DC=com")->to_der();
  fields.not_before = pki::at("2025-01-01");
  fields.not_after = pki::at("2051-01-01");
  fields.spki = key.public_key().spki();
  GeneralName upn;
  upn.kind = GeneralName::Kind::upn;
  upn.text = "jane@contoso.com";
  fields.extensions = {
      {oids::kKeyUsage, true, ext::key_usage(*from_hex("A0"))},
      {oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth, oids::kSmartCardLogon})},
      {oids::kSubjectAltName, false, encode_general_names({upn})},
      {oids::kTemplateName, false, ext::template_name("User")},
      {oids::kTemplateInfo, false, ext::template_info({Oid("1.3.6.1.4.1.311.21.8.1"), 100, 3})},
      {oids::kCertificatePolicies, false, ext::policies({Oid("1.2.3")})},
      {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(*from_hex("0102"))},
      {oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-500"))},
  };
  return fields;
}

TEST(Certificate, HoldsWhatWasSigned) {
  const PrivateKey ca = pki::fixed_key("rsa-2048");
  const PrivateKey key = pki::new_key();
  const CertificateFields fields = fields_for(key);
  const auto der = sign_certificate(fields, ca, Digest::sha256);
  ASSERT_TRUE(der);
  const auto certificate = Certificate::parse(*der);
  ASSERT_TRUE(certificate) << certificate.error().describe();
  EXPECT_EQ(certificate->der(), *der);
  EXPECT_EQ(certificate->serial(), fields.serial);
  EXPECT_EQ(certificate->serial_hex(), "6200000032e1a5c3915131097b000000000032");
  EXPECT_EQ(certificate->issuer().to_rfc4514(), "CN=CONTOSO-CA,DC=contoso,DC=com");
  EXPECT_EQ(certificate->subject().to_rfc4514(), "CN=jane,OU=Users,DC=contoso,DC=com");
  EXPECT_EQ(to_bytes(certificate->issuer_der()), fields.issuer_der);
  EXPECT_EQ(to_bytes(certificate->subject_der()), fields.subject_der);
  EXPECT_EQ(certificate->not_before(), fields.not_before);
  EXPECT_EQ(certificate->not_after(), fields.not_after);
  EXPECT_EQ(certificate->public_key().spki(), fields.spki);
  EXPECT_EQ(certificate->extensions(), fields.extensions);
  EXPECT_TRUE(*certificate->signed_by(ca.public_key()));
  EXPECT_FALSE(*certificate->signed_by(pki::fixed_key("rsa-1024").public_key()));
  EXPECT_EQ(certificate->thumbprint(), digest(Digest::sha1, *der));
  EXPECT_FALSE(certificate->self_issued());
  EXPECT_EQ(certificate->sid()->to_string(), "S-1-5-21-1-2-3-500");
  EXPECT_EQ(certificate->upn(), "jane@contoso.com");
  EXPECT_EQ(certificate->subject_alt_names().size(), 1u);
  EXPECT_EQ(certificate->extended_key_usage(), (std::vector<Oid>{oids::kClientAuth, oids::kSmartCardLogon}));
  EXPECT_EQ(certificate->policies(), std::vector<Oid>{Oid("1.2.3")});
  EXPECT_EQ(certificate->template_name(), "User");
  EXPECT_EQ(certificate->template_info()->major, 100);
  EXPECT_EQ(certificate->subject_key_identifier(), *from_hex("0102"));
  EXPECT_FALSE(certificate->is_ca());
}

TEST(Certificate, WithoutExtensionsHasNoneOfTheirValues) {
  CertificateFields fields = fields_for(pki::new_key());
  fields.extensions.clear();
  const auto certificate = Certificate::parse(*sign_certificate(fields, pki::new_key(), Digest::sha384));
  ASSERT_TRUE(certificate);
  EXPECT_FALSE(certificate->sid());
  EXPECT_FALSE(certificate->upn());
  EXPECT_FALSE(certificate->template_name());
  EXPECT_FALSE(certificate->template_info());
  EXPECT_FALSE(certificate->subject_key_identifier());
  EXPECT_TRUE(certificate->extended_key_usage().empty());
  EXPECT_TRUE(certificate->policies().empty());
}

TEST(Certificate, MalformedExtensionValuesReadAsAbsent) {
  CertificateFields fields = fields_for(pki::new_key());
  for (Extension& extension : fields.extensions) extension.value = {0x30, 0x05, 0x01};
  const auto certificate = Certificate::parse(*sign_certificate(fields, pki::new_key(), Digest::sha256));
  ASSERT_TRUE(certificate);
  EXPECT_FALSE(certificate->sid());
  EXPECT_TRUE(certificate->subject_alt_names().empty());
  EXPECT_FALSE(certificate->is_ca());
  EXPECT_NE(certificate->extension(oids::kSidExtension), nullptr);
}

TEST(Certificate, IsReadFromPemAndBase64) {
  const pki::Party root = pki::root();
  const std::string pem = root.certificate.pem();
  EXPECT_EQ(Certificate::parse_pem_or_der(as_bytes("text before\n" + pem + pem))->der(), root.certificate.der());
  EXPECT_EQ(Certificate::parse_pem_or_der(root.certificate.der())->der(), root.certificate.der());
  EXPECT_EQ(Certificate::parse_pem_or_der(as_bytes(to_base64(root.certificate.der())))->der(), root.certificate.der());
  for (const char* text :
       {"", "junk", "-----BEGIN CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----"})
    EXPECT_FALSE(Certificate::parse_pem_or_der(as_bytes(text))) << text;
  EXPECT_TRUE(root.certificate.self_issued());
  EXPECT_TRUE(root.certificate.is_ca());
}

TEST(Certificate, EveryTruncationAndTrailingOctetIsRefused) {
  const Bytes der = pki::root().certificate.der();
  for (std::size_t i = 0; i < der.size(); ++i) EXPECT_FALSE(Certificate::parse(BytesView(der).first(i))) << i;
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(Certificate::parse(longer));
  EXPECT_FALSE(Certificate::parse(Bytes(kMaxCertificateSize + 1, 0x30)));
}

TEST(Certificate, AnyChangedOctetBreaksParsingOrTheSignature) {
  const pki::Party root = pki::root();
  for (std::size_t i = 0; i < root.certificate.der().size(); ++i) {
    Bytes der = root.certificate.der();
    der[i] ^= 0x01;
    const auto changed = Certificate::parse(der);
    if (!changed) continue;
    EXPECT_FALSE(changed->signed_by(root.key.public_key()).value_or(false)) << i;
  }
}

TEST(Certificate, ExtensionsMayNotRepeat) {
  CertificateFields fields = fields_for(pki::new_key());
  fields.extensions.push_back({oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-512"))});
  EXPECT_FALSE(Certificate::parse(*sign_certificate(fields, pki::new_key(), Digest::sha256)));
}

TEST(Certificate, NeedsItsParts) {
  const PrivateKey key = pki::new_key();
  CertificateFields fields = fields_for(key);
  fields.serial.clear();
  EXPECT_FALSE(sign_certificate(fields, key, Digest::sha256));
  EXPECT_FALSE(sign_certificate(fields_for(key), PrivateKey(), Digest::sha256));
}

TEST(Certificate, SerialNumbersAreMagnitudes) {
  CertificateFields fields = fields_for(pki::new_key());
  fields.serial = *from_hex("00ff01");
  const auto certificate = Certificate::parse(*sign_certificate(fields, pki::new_key(), Digest::sha256));
  EXPECT_EQ(certificate->serial_hex(), "ff01");
}

TEST(Pem, LabelsAndLines) {
  const std::string pem = to_pem("X509 CRL", Bytes(100, 1));
  EXPECT_EQ(pem.substr(0, 25), "-----BEGIN X509 CRL-----\n");
  EXPECT_EQ(pem.find('\n', 25) - 25, 64u);
  EXPECT_EQ(from_pem("X509 CRL", pem), Bytes(100, 1));
  EXPECT_EQ(from_pem("CERTIFICATE", pem), std::nullopt);
}

}  // namespace
}  // namespace mimica
