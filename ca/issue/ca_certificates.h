// What the certificates of a CA itself carry: first ones, renewed ones, and cross certificates between its keys. Pure.
#pragma once

#include <string>
#include <vector>

#include "ca/publication/names.h"
#include "ca/registry/config.h"
#include "core/base/entropy.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::ca {

struct CaCertificateTerms {
  Bytes serial;
  Bytes subject_der;
  PublicKey key;
  Timestamp not_before, not_after;
  int certificate_index = 0;
  int key_index = 0;
  const Certificate* previous = nullptr;  // the certificate that is renewed
};
// A self-signed one, extensions in the order that Windows Server 2016 writes (key usage not critical).
CertificateFields root_certificate(const CaCertificateTerms& terms);

struct CaIssuer {
  const Certificate* certificate = nullptr;
  std::vector<std::string> distribution_points;
  std::vector<std::string> issuer_locations;  // caIssuers
};
// The issuer with the http locations of its lists and certificates: those of a stand-alone root have no others.
CaIssuer issuer_over_http(const Certificate& certificate, const CaConfig& config, const UrlTokens& tokens);
// 16 random octets, positive and without a leading zero nibble.
Bytes root_serial(Entropy& entropy);

// Template SubCA. The validity is cut to the issuer's.
CertificateFields subordinate_certificate(const CaCertificateTerms& terms, const CaIssuer& issuer);

// `issuer` certifies the key of `subject`, another certificate of the same CA; template CrossCA, valid while both are.
CertificateFields cross_certificate(const Certificate& subject, Bytes serial, const CaIssuer& issuer);

// Signs and reads back.
Result<Certificate> certify(const CertificateFields& fields, const PrivateKey& key, Digest digest);

// CertificatePair of the attribute crossCertificatePair (RFC 4523 2.2).
Bytes cross_certificate_pair(const Certificate& forward, const Certificate& reverse);

}  // namespace mimica::ca
