#include "ca/store/row_names.h"

#include <array>
#include <utility>

#include "core/asn1/der.h"

namespace mimica::ca {
namespace {

using Part = std::string SubjectParts::*;

// Attribute types behind the columns (MS-WCCE 3.2.1.4.2.1.4.3 names them; RFC 4519, PKCS#9).
const std::array<std::pair<std::string_view, Part>, 16>& parts() {
  static const std::array<std::pair<std::string_view, Part>, 16> all = {{
      {"2.5.4.3", &SubjectParts::CommonName},
      {"2.5.4.4", &SubjectParts::SurName},
      {"2.5.4.5", &SubjectParts::DeviceSerialNumber},
      {"2.5.4.6", &SubjectParts::Country},
      {"2.5.4.7", &SubjectParts::Locality},
      {"2.5.4.8", &SubjectParts::State},
      {"2.5.4.9", &SubjectParts::StreetAddress},
      {"2.5.4.10", &SubjectParts::Organization},
      {"2.5.4.11", &SubjectParts::OrgUnit},
      {"2.5.4.12", &SubjectParts::Title},
      {"2.5.4.42", &SubjectParts::GivenName},
      {"2.5.4.43", &SubjectParts::Initials},
      {"0.9.2342.19200300.100.1.25", &SubjectParts::DomainComponent},
      {"1.2.840.113549.1.9.1", &SubjectParts::EMail},
      {"1.2.840.113549.1.9.2", &SubjectParts::UnstructuredName},
      {"1.2.840.113549.1.9.8", &SubjectParts::UnstructuredAddress},
  }};
  return all;
}

template <typename Row>
void assign_subject(Row& row, const Name& subject, BytesView der) {
  static_cast<SubjectParts&>(row) = subject_parts(subject);
  row.DistinguishedName = subject.to_cert_str();
  row.RawName = to_bytes(der);
}

}  // namespace

SubjectParts subject_parts(const Name& name) {
  SubjectParts out;
  for (const Rdn& rdn : name.rdns) {
    for (const Ava& ava : rdn) {
      for (const auto& [oid, part] : parts()) {
        if (ava.type.dotted() != oid) continue;
        std::string& column = out.*part;
        if (part == &SubjectParts::CommonName) column.clear();  // people search for the leaf: jane, not her container
        if (!column.empty()) column += '\n';
        column += ava.value;
        break;
      }
    }
  }
  return out;
}

void set_subject(RequestRow& row, const Name& subject, BytesView der) { assign_subject(row, subject, der); }
void set_subject(CertificateRow& row, const Name& subject, BytesView der) { assign_subject(row, subject, der); }

void set_public_key(CertificateRow& row, BytesView spki, int bits) {
  row.PublicKeyLength = bits;
  auto info = DerReader(spki).enter(tag::kSequence);
  if (!info) return;
  auto algorithm = info->enter(tag::kSequence);
  if (!algorithm) return;
  const auto oid = algorithm->oid();
  const auto key = info->bit_string();
  if (!oid || !key) return;
  row.PublicKeyAlgorithm = oid->dotted();
  if (const auto parameters = algorithm->next()) row.RawPublicKeyAlgorithmParameters = to_bytes(parameters->encoded);
  row.RawPublicKey = to_bytes(*key);
}

CertificateRow certificate_row(const Certificate& certificate) {
  CertificateRow row;
  set_subject(row, certificate.subject(), certificate.subject_der());
  set_public_key(row, certificate.public_key().spki(), certificate.public_key().spec().bits);
  row.RawCertificate = certificate.der();
  row.CertificateHash = to_hex(certificate.thumbprint());
  row.SerialNumber = certificate.serial_hex();
  row.NotBefore = certificate.not_before();
  row.NotAfter = certificate.not_after();
  row.SubjectKeyIdentifier = to_hex(certificate.subject_key_identifier().value_or(Bytes{}));
  row.UPN = certificate.upn().value_or("");
  if (const auto info = certificate.template_info()) {
    row.CertificateTemplate = info->oid.dotted();
  } else if (const auto name = certificate.template_name()) {
    row.CertificateTemplate = *name;
  }
  return row;
}

}  // namespace mimica::ca
