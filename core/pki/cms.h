// SignedData of the Cryptographic Message Syntax (RFC 5652) as values: read, checked signature by signature, built.
// DER as clients of a CA send it; the one exception is the indefinite outer form of streaming writers, which libcrypto
// turns into definite lengths first.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/pki/certificate.h"

namespace mimica {

inline constexpr std::size_t kMaxCmsSize = 1024 * 1024;  // octets
inline constexpr std::size_t kMaxCmsSigners = 16;
inline constexpr std::size_t kMaxCmsCertificates = 64;
inline constexpr std::size_t kMaxCmsAttributes = 64;  // of one signer

namespace oids {
inline const Oid kCmsData{"1.2.840.113549.1.7.1"};        // id-data
inline const Oid kCmsSignedData{"1.2.840.113549.1.7.2"};  // id-signedData
inline const Oid kPkiData{"1.3.6.1.5.5.7.12.2"};          // id-cct-PKIData, a CMC full request (RFC 5272)
inline const Oid kPkiResponse{"1.3.6.1.5.5.7.12.3"};      // id-cct-PKIResponse
inline const Oid kNoSignature{"1.3.6.1.5.5.7.6.2"};       // id-alg-noSignature (RFC 5272)
inline const Oid kContentType{"1.2.840.113549.1.9.3"};    // signed attribute
inline const Oid kMessageDigest{"1.2.840.113549.1.9.4"};  // signed attribute
}  // namespace oids

struct CmsAttribute {
  Oid type;
  std::vector<Bytes> values;  // DER of each
  bool operator==(const CmsAttribute&) const = default;
};

struct CmsSigner {
  // Named by certificate (issuer and serial number), or by key identifier.
  Bytes issuer_der, serial;
  Bytes key_identifier;
  Oid digest_algorithm;
  Oid signature_algorithm;
  std::vector<CmsAttribute> signed_attributes, unsigned_attributes;
  Bytes signature;
  bool names(const Certificate& certificate) const;
  const CmsAttribute* signed_attribute(const Oid& type) const;
  const CmsAttribute* unsigned_attribute(const Oid& type) const;

 private:
  friend class SignedData;
  Bytes signed_attributes_der_;  // as the SET OF that the signature covers; empty: none
  Bytes signature_algorithm_der_;
};

class SignedData {
 public:
  // A ContentInfo with SignedData. Faults: CRYPT_E_INVALID_MSG_TYPE for another content type, CRYPT_E_ASN1_*.
  static Result<SignedData> parse(BytesView der);
  // Whether the DER looks like a ContentInfo: a SEQUENCE that starts with an OID.
  static bool is_content_info(BytesView der);

  const Oid& content_type() const { return content_type_; }
  const Bytes& content() const { return content_; }  // empty when detached
  const std::vector<Certificate>& certificates() const { return certificates_; }
  const std::vector<CmsSigner>& signers() const { return signers_; }
  // The certificate of the message that the signer names; nullptr when it is not there.
  const Certificate* certificate_of(const CmsSigner& signer) const;
  // The signature verifies with this key, and the signed attributes, if any, name this content (RFC 5652 5.4, 5.6).
  Result<bool> verify(const CmsSigner& signer, const PublicKey& key) const;
  // The No-Signature mechanism of CMC: the signature is the plain digest of the content or the signed attributes.
  bool verify_no_signature(const CmsSigner& signer) const;

 private:
  Result<Bytes> covered(const CmsSigner& signer) const;
  Oid content_type_;
  Bytes content_;
  std::vector<Certificate> certificates_;
  std::vector<CmsSigner> signers_;
};

struct CmsSignerFields {
  PrivateKey key;
  std::optional<Certificate> certificate;  // names the signer; without it the key identifier does
  Digest digest = Digest::sha256;
  std::vector<CmsAttribute> signed_attributes = {};  // content type and message digest are added
  std::vector<CmsAttribute> unsigned_attributes = {};
};
struct CmsFields {
  Oid content_type = oids::kCmsData;
  Bytes content;
  std::vector<CmsSignerFields> signers;
  std::vector<Certificate> certificates;
};
Result<Bytes> make_signed_data(const CmsFields& fields);
// "PKCS #7" with nothing but certificates (a degenerate SignedData, RFC 5652 5.1).
Bytes make_certificates_only(const std::vector<Certificate>& certificates);

// The digest behind its OID; nullopt for one we do not know.
std::optional<Digest> digest_named(const Oid& algorithm);

}  // namespace mimica
