#include "ca/store/row_names.h"

#include <gtest/gtest.h>

#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

TEST(RowNames, FillsEachPartFromItsAttributeType) {
  const std::vector<std::pair<const char*, std::string SubjectParts::*>> all = {
      {"2.5.4.6", &SubjectParts::Country},
      {"2.5.4.10", &SubjectParts::Organization},
      {"2.5.4.11", &SubjectParts::OrgUnit},
      {"2.5.4.3", &SubjectParts::CommonName},
      {"2.5.4.7", &SubjectParts::Locality},
      {"2.5.4.8", &SubjectParts::State},
      {"2.5.4.12", &SubjectParts::Title},
      {"2.5.4.42", &SubjectParts::GivenName},
      {"2.5.4.43", &SubjectParts::Initials},
      {"2.5.4.4", &SubjectParts::SurName},
      {"0.9.2342.19200300.100.1.25", &SubjectParts::DomainComponent},
      {"1.2.840.113549.1.9.1", &SubjectParts::EMail},
      {"2.5.4.9", &SubjectParts::StreetAddress},
      {"1.2.840.113549.1.9.2", &SubjectParts::UnstructuredName},
      {"1.2.840.113549.1.9.8", &SubjectParts::UnstructuredAddress},
      {"2.5.4.5", &SubjectParts::DeviceSerialNumber},
  };
  for (const auto& [oid, part] : all) {
    Name name;
    name.rdns = {{{Oid(oid), "one", 0, {}}}, {{Oid("2.5.4.65"), "pseudonym", 0, {}}}, {{Oid(oid), "two", 0, {}}}};
    SubjectParts expected;
    expected.*part = part == &SubjectParts::CommonName ? "two" : "one\ntwo";
    EXPECT_EQ(subject_parts(name), expected) << oid;
  }
}

TEST(RowNames, ReadsPublicKeys) {
  CertificateRow rsa;
  set_public_key(rsa, fixed_key("rsa-2048").public_key().spki(), 2048);
  EXPECT_EQ(rsa.PublicKeyAlgorithm, "1.2.840.113549.1.1.1");
  EXPECT_EQ(to_hex(rsa.RawPublicKeyAlgorithmParameters), "0500");
  EXPECT_EQ(rsa.RawPublicKey.front(), tag::kSequence);
  CertificateRow ec;
  set_public_key(ec, fixed_key("p-256").public_key().spki(), 256);
  EXPECT_EQ(ec.PublicKeyAlgorithm, "1.2.840.10045.2.1");
  EXPECT_EQ(to_hex(ec.RawPublicKeyAlgorithmParameters), "06082a8648ce3d030107");
  EXPECT_EQ(ec.RawPublicKey.size(), 65U);
  CertificateRow none;
  set_public_key(none, Bytes{0x30, 0x03, 0x02, 0x01, 0x00}, 0);
  EXPECT_TRUE(none.PublicKeyAlgorithm.empty());
}

// What perform() writes from its plan equals what the certificate says.
TEST(RowNames, AgreeWithTheRowOfAnIssuedCertificate) {
  TestLab lab;
  lab.start();
  lab.add_user("jane", "jane@contoso.com");
  const SubmitOutcome outcome =
      must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}));
  ASSERT_EQ(outcome.disposition, Disposition::issued);
  const CertificateRow stored = *must(lab.database->by_request_id(*outcome.request_id))->certificate;
  const CertificateRow read = certificate_row(must(Certificate::parse(outcome.certificate)));
  EXPECT_EQ(static_cast<const SubjectParts&>(stored), static_cast<const SubjectParts&>(read));
  EXPECT_EQ(stored.DomainComponent, "com\ncontoso");
  EXPECT_EQ(stored.RawCertificate, read.RawCertificate);
  EXPECT_EQ(stored.CertificateHash, read.CertificateHash);
  EXPECT_EQ(stored.CertificateTemplate, read.CertificateTemplate);
  EXPECT_EQ(stored.SerialNumber, read.SerialNumber);
  EXPECT_EQ(stored.NotBefore, read.NotBefore);
  EXPECT_EQ(stored.NotAfter, read.NotAfter);
  EXPECT_EQ(stored.SubjectKeyIdentifier, read.SubjectKeyIdentifier);
  EXPECT_EQ(stored.RawPublicKey, read.RawPublicKey);
  EXPECT_EQ(stored.PublicKeyLength, read.PublicKeyLength);
  EXPECT_EQ(stored.PublicKeyAlgorithm, read.PublicKeyAlgorithm);
  EXPECT_EQ(stored.RawPublicKeyAlgorithmParameters, read.RawPublicKeyAlgorithmParameters);
  EXPECT_EQ(stored.UPN, read.UPN);
  EXPECT_EQ(stored.DistinguishedName, read.DistinguishedName);
  EXPECT_EQ(stored.RawName, read.RawName);
}

}  // namespace
}  // namespace mimica::ca
