// What the database's columns take from names, keys and certificates. Pure.
#pragma once

#include "ca/store/database.h"
#include "core/asn1/name.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::ca {

SubjectParts subject_parts(const Name& name);

// DistinguishedName, RawName and the subject parts. `der` is the name as encoded in the request or certificate.
void set_subject(RequestRow& row, const Name& subject, BytesView der);
void set_subject(CertificateRow& row, const Name& subject, BytesView der);

// PublicKeyAlgorithm, RawPublicKeyAlgorithmParameters, RawPublicKey and PublicKeyLength from a SubjectPublicKeyInfo; an
// encoding that is none leaves them empty.
void set_public_key(CertificateRow& row, BytesView spki, int bits);

// Everything that the certificate itself tells: all columns but the template's flags, IssuerNameID and
// PublishExpiredCertInCRL. CertificateTemplate is the OID of the version 2 extension, else the name of version 1's.
CertificateRow certificate_row(const Certificate& certificate);

}  // namespace mimica::ca
