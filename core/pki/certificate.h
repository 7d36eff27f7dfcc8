// Certificates, requests and revocation lists as values read from DER. Parsing is by hand, total and bounded; see
// core/asn1/der.h. Nothing here verifies a chain (core/pki/chain.h does).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/asn1/der.h"
#include "core/asn1/general_name.h"
#include "core/asn1/name.h"
#include "core/asn1/oid.h"
#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/pki/key.h"
#include "core/windows/guid.h"
#include "core/windows/sid.h"

namespace mimica {

struct Extension {
  Oid oid;
  bool critical = false;
  Bytes value;  // content of the extnValue OCTET STRING
  bool operator==(const Extension&) const = default;
};
Bytes encode(const Extension& extension);
Result<std::vector<Extension>> parse_extensions(BytesView sequence_of_extension);
const Extension* find(const std::vector<Extension>& extensions, const Oid& oid);

// Microsoft's and RFC 5280's extension values.
namespace ext {
Bytes sid(const Sid& sid);                                 // MS-WCCE 2.2.2.7.7.4
Result<Sid> parse_sid(BytesView value);                    // strict: exactly one element, nothing after it
Bytes template_name(std::string_view name);                // bare BMPString
Result<std::string> parse_template_name(BytesView value);  // any string type, bare or in a SEQUENCE
struct TemplateInfo {
  Oid oid;
  std::int64_t major = 0;
  std::int64_t minor = 0;
};
Bytes template_info(const TemplateInfo& info);
Result<TemplateInfo> parse_template_info(BytesView value);
Bytes oid_list(const std::vector<Oid>& oids);  // extendedKeyUsage
Result<std::vector<Oid>> parse_oid_list(BytesView value);
Bytes policies(const std::vector<Oid>& oids);  // certificatePolicies form, also szOID_APPLICATION_CERT_POLICIES
Result<std::vector<Oid>> parse_policies(BytesView value);
Bytes key_usage(BytesView bits);  // pKIKeyUsage octets, most significant bit first, trailing zeros cut
Result<std::uint16_t> parse_key_usage(BytesView value);  // bit 0 (digitalSignature) = 0x8000
Bytes basic_constraints(bool ca, std::optional<std::int64_t> path_length);
struct BasicConstraints {
  bool ca = false;
  std::optional<std::int64_t> path_length;
};
Result<BasicConstraints> parse_basic_constraints(BytesView value);
Bytes subject_key_identifier(BytesView id);
Bytes authority_key_identifier(BytesView key_id);
Result<Bytes> parse_authority_key_identifier(BytesView value);    // the keyIdentifier; empty when absent
Bytes distribution_points(const std::vector<std::string>& urls);  // one DistributionPoint with all URLs
Result<std::vector<std::string>> parse_distribution_points(BytesView value);
struct AccessDescription {
  Oid method;
  std::string url;
};
Bytes authority_info_access(const std::vector<AccessDescription>& entries);
Result<std::vector<AccessDescription>> parse_authority_info_access(BytesView value);
}  // namespace ext

// At most this many octets are accepted for one certificate, request or CRL respectively.
inline constexpr std::size_t kMaxCertificateSize = 256 * 1024;
inline constexpr std::size_t kMaxRequestSize = 64 * 1024;  // MaxIncomingMessageSize of an AD CS CA
inline constexpr std::size_t kMaxCrlSize = 64 * 1024 * 1024;

class Certificate {
 public:
  Certificate() = default;
  static Result<Certificate> parse(BytesView der);
  // The first certificate of a PEM text, or DER.
  static Result<Certificate> parse_pem_or_der(BytesView text);

  const Bytes& der() const { return der_; }
  std::string pem() const;
  const Bytes& serial() const { return serial_; }  // unsigned, big-endian, no leading zero
  std::string serial_hex() const;                  // lower case, even digits: the form of the CA database
  const Name& issuer() const { return issuer_; }
  const Name& subject() const { return subject_; }
  BytesView issuer_der() const { return issuer_der_; }
  BytesView subject_der() const { return subject_der_; }
  Timestamp not_before() const { return not_before_; }
  Timestamp not_after() const { return not_after_; }
  const PublicKey& public_key() const { return public_key_; }
  const std::vector<Extension>& extensions() const { return extensions_; }
  const Extension* extension(const Oid& oid) const { return find(extensions_, oid); }
  BytesView tbs() const { return tbs_; }
  BytesView signature_algorithm() const { return signature_algorithm_; }
  BytesView signature() const { return signature_; }
  Bytes thumbprint() const;  // SHA-1 of the DER
  bool self_issued() const;  // subject equals issuer
  Result<bool> signed_by(const PublicKey& issuer) const;

  // Conveniences over the extensions; absent or malformed gives empty (diagnose with the ext:: parsers).
  std::optional<Sid> sid() const;  // the security extension
  std::vector<GeneralName> subject_alt_names() const;
  std::optional<std::string> upn() const;  // first UPN of the SAN
  std::vector<Oid> extended_key_usage() const;
  std::vector<Oid> policies() const;
  std::optional<std::string> template_name() const;  // V1
  std::optional<ext::TemplateInfo> template_info() const;
  std::optional<Bytes> subject_key_identifier() const;
  bool is_ca() const;

 private:
  Bytes der_, serial_, issuer_der_, subject_der_, tbs_, signature_algorithm_, signature_;
  Name issuer_, subject_;
  Timestamp not_before_, not_after_;
  PublicKey public_key_;
  std::vector<Extension> extensions_;
};

// PKCS#10 (RFC 2986).
class CertificateRequest {
 public:
  CertificateRequest() = default;
  static Result<CertificateRequest> parse(BytesView der);
  static Result<CertificateRequest> parse_pem_or_der(BytesView text);

  const Bytes& der() const { return der_; }
  const Name& subject() const { return subject_; }
  BytesView subject_der() const { return subject_der_; }
  const PublicKey& public_key() const { return public_key_; }
  // From the PKCS#9 or the Microsoft extension request attribute, whichever is present (both: concatenated).
  const std::vector<Extension>& extensions() const { return extensions_; }
  const Extension* extension(const Oid& oid) const { return find(extensions_, oid); }
  // szOID_ENROLLMENT_NAME_VALUE_PAIR attributes, in order.
  const std::vector<std::pair<std::string, std::string>>& name_value_pairs() const { return name_value_pairs_; }
  // Attribute type and the raw values of each attribute.
  const std::vector<std::pair<Oid, std::vector<Bytes>>>& attributes() const { return attributes_; }
  // Proof of possession: the self-signature verifies with the request's own key.
  Result<bool> signature_valid() const;

 private:
  Bytes der_, subject_der_, info_, signature_algorithm_, signature_;
  Name subject_;
  PublicKey public_key_;
  std::vector<Extension> extensions_;
  std::vector<std::pair<std::string, std::string>> name_value_pairs_;
  std::vector<std::pair<Oid, std::vector<Bytes>>> attributes_;
};

struct RequestSpec {
  Name subject;
  std::vector<Extension> extensions;
  std::vector<std::pair<std::string, std::string>> name_value_pairs;  // for example CertificateTemplate
  std::vector<std::pair<Oid, std::vector<Bytes>>> attributes = {};    // others, DER of each value
};
// Builds and signs a PKCS#10 with SHA-256.
Result<Bytes> make_request(const RequestSpec& spec, const PrivateKey& key);

// Everything of a TBSCertificate that is decided before signing. `sign_certificate` assembles the DER by hand: copying
// the request's SubjectPublicKeyInfo is several times faster than libcrypto's setters.
struct CertificateFields {
  Bytes serial;      // unsigned big-endian
  Bytes issuer_der;  // byte copy of the CA's subject
  Bytes subject_der;
  Timestamp not_before, not_after;
  Bytes spki;
  std::vector<Extension> extensions;
};
Result<Bytes> sign_certificate(const CertificateFields& fields, const PrivateKey& key, Digest digest);

struct RevokedEntry {
  Bytes serial;
  Timestamp when;
  int reason = 0;  // RFC 5280 5.3.1; 0 is written without a reason extension
};
struct CrlFields {
  Bytes issuer_der;
  Timestamp this_update, next_update;
  std::vector<RevokedEntry> revoked;
  std::vector<Extension> extensions;
};
Result<Bytes> sign_crl(const CrlFields& fields, const PrivateKey& key, Digest digest);

class Crl {
 public:
  static Result<Crl> parse(BytesView der);
  const Bytes& der() const { return der_; }
  BytesView issuer_der() const { return issuer_der_; }
  Timestamp this_update() const { return this_update_; }
  std::optional<Timestamp> next_update() const { return next_update_; }
  const std::vector<RevokedEntry>& revoked() const { return revoked_; }
  const std::vector<Extension>& extensions() const { return extensions_; }
  Result<bool> signed_by(const PublicKey& issuer) const;

 private:
  Bytes der_, issuer_der_, tbs_, signature_algorithm_, signature_;
  Timestamp this_update_;
  std::optional<Timestamp> next_update_;
  std::vector<RevokedEntry> revoked_;
  std::vector<Extension> extensions_;
};

std::string to_pem(std::string_view label, BytesView der);  // label: "CERTIFICATE", "X509 CRL", ...
// First block with that label; nullopt when there is none or it is malformed.
std::optional<Bytes> from_pem(std::string_view label, std::string_view pem);

}  // namespace mimica
