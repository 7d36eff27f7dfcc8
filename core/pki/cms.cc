#include "core/pki/cms.h"

#include <openssl/cms.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "core/asn1/algorithms.h"

namespace mimica {
namespace {

constexpr std::uint8_t kIndefinite = 0x80;

const DigestAlgorithm& names_of(Digest digest) { return digest_algorithms()[static_cast<std::size_t>(digest)]; }

Bytes algorithm_identifier(const Oid& oid, bool with_null) {
  return with_null ? der::sequence({der::oid(oid), der::null()}) : der::sequence({der::oid(oid)});
}

Result<Bytes> definite(BytesView der) {
  const unsigned char* at = der.data();
  const std::unique_ptr<CMS_ContentInfo, decltype(&CMS_ContentInfo_free)> message(
      d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(der.size())), &CMS_ContentInfo_free);
  if (message == nullptr || at != der.data() + der.size())
    return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the message of indefinite length cannot be read");
  unsigned char* out = nullptr;
  const int size = i2d_CMS_ContentInfo(message.get(), &out);
  if (size <= 0) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the message of indefinite length cannot be read");
  Bytes bytes(out, out + size);
  OPENSSL_free(out);
  return bytes;
}

Result<std::vector<CmsAttribute>> parse_attributes(BytesView content) {
  std::vector<CmsAttribute> attributes;
  DerReader reader(content);
  while (!reader.at_end()) {
    if (attributes.size() == kMaxCmsAttributes)
      return fault(HResult::CRYPT_E_ASN1_CORRUPT,
                   "a signer has more than " + std::to_string(kMaxCmsAttributes) + " attributes");
    MIMICA_TRY(DerReader one, reader.enter(tag::kSequence));
    CmsAttribute attribute;
    MIMICA_TRY(attribute.type, one.oid());
    MIMICA_TRY(DerReader set, one.enter(tag::kSet));
    MIMICA_RETURN_IF_FAULT(one.finish());
    while (!set.at_end()) {
      MIMICA_TRY(const Tlv value, set.next());
      attribute.values.push_back(to_bytes(value.encoded));
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

const CmsAttribute* find_attribute(const std::vector<CmsAttribute>& attributes, const Oid& type) {
  const auto it = std::find_if(attributes.begin(), attributes.end(),
                               [&](const CmsAttribute& attribute) { return attribute.type == type; });
  return it == attributes.end() ? nullptr : &*it;
}

Bytes encode_attributes(const std::vector<CmsAttribute>& attributes) {
  std::vector<Bytes> encoded;
  for (const CmsAttribute& attribute : attributes)
    encoded.push_back(der::sequence({der::oid(attribute.type), der::set_of(attribute.values)}));
  return der::set_of(std::move(encoded));
}

Bytes with_tag(Bytes encoded, std::uint8_t new_tag) {
  encoded.front() = new_tag;
  return encoded;
}

Bytes signed_data(std::int64_t version, const std::vector<Bytes>& digests, const Oid& content_type,
                  const Bytes* content, const std::vector<Certificate>& certificates,
                  const std::vector<Bytes>& signers) {
  Bytes encapsulated = der::oid(content_type);
  if (content != nullptr) {
    const Bytes inner = der::tlv(tag::context_constructed(0), der::octet_string(*content));
    encapsulated.insert(encapsulated.end(), inner.begin(), inner.end());
  }
  Bytes chosen;
  if (!certificates.empty()) {
    std::vector<Bytes> encoded;
    for (const Certificate& certificate : certificates) encoded.push_back(certificate.der());
    chosen = with_tag(der::set_of(std::move(encoded)), tag::context_constructed(0));
  }
  const Bytes body = der::sequence({der::integer(version), der::set_of(digests), der::tlv(tag::kSequence, encapsulated),
                                    chosen, der::set_of(signers)});
  return der::sequence({der::oid(oids::kCmsSignedData), der::tlv(tag::context_constructed(0), body)});
}

Result<Bytes> make_signer(const CmsSignerFields& fields, const CmsFields& message) {
  const DigestAlgorithm& names = names_of(fields.digest);
  std::vector<CmsAttribute> attributes = fields.signed_attributes;
  attributes.push_back({oids::kContentType, {der::oid(message.content_type)}});
  attributes.push_back({oids::kMessageDigest, {der::octet_string(digest(fields.digest, message.content))}});
  const Bytes covered = encode_attributes(attributes);
  MIMICA_TRY(const Bytes signature, fields.key.sign(fields.digest, covered));
  Bytes name;
  if (fields.certificate) {
    name = der::sequence({fields.certificate->issuer_der(), der::unsigned_integer(fields.certificate->serial())});
  } else {
    name = der::tlv(tag::context(0), fields.key.public_key().key_identifier());
  }
  Bytes unsigned_attributes;
  if (!fields.unsigned_attributes.empty())
    unsigned_attributes = with_tag(encode_attributes(fields.unsigned_attributes), tag::context_constructed(1));
  return der::sequence({der::integer(fields.certificate ? 1 : 3), name, algorithm_identifier(Oid(names.oid), true),
                        with_tag(covered, tag::context_constructed(0)), fields.key.signature_algorithm(fields.digest),
                        der::octet_string(signature), unsigned_attributes});
}

}  // namespace

std::optional<Digest> digest_named(const Oid& algorithm) {
  for (const Digest one : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512})
    if (algorithm.dotted() == names_of(one).oid) return one;
  return std::nullopt;
}

bool CmsSigner::names(const Certificate& certificate) const {
  if (key_identifier.empty())
    return std::ranges::equal(certificate.issuer_der(), issuer_der) && certificate.serial() == serial;
  const auto declared = certificate.subject_key_identifier();
  return declared ? *declared == key_identifier : certificate.public_key().key_identifier() == key_identifier;
}

const CmsAttribute* CmsSigner::signed_attribute(const Oid& type) const {
  return find_attribute(signed_attributes, type);
}
const CmsAttribute* CmsSigner::unsigned_attribute(const Oid& type) const {
  return find_attribute(unsigned_attributes, type);
}

bool SignedData::is_content_info(BytesView der) {
  if (der.size() < 4 || der[0] != tag::kSequence) return false;
  const std::size_t header = der[1] < kIndefinite ? 2 : 2 + (der[1] & 0x7FU);
  return header < der.size() && der[header] == tag::kOid;
}

Result<SignedData> SignedData::parse(BytesView der) {
  if (der.size() > kMaxCmsSize)
    return fault(HResult::ERROR_INVALID_DATA, "the message has more than " + std::to_string(kMaxCmsSize) + " octets");
  Bytes rewritten;
  if (der.size() > 1 && der[1] == kIndefinite) {
    MIMICA_TRY(rewritten, definite(der));
    der = rewritten;
  }
  SignedData out;
  DerReader outer(der);
  MIMICA_TRY(DerReader info, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(const Oid type, info.oid());
  if (type != oids::kCmsSignedData)
    return fault(HResult::CRYPT_E_INVALID_MSG_TYPE, "the message is " + type.dotted() + ", not signed data");
  MIMICA_TRY(DerReader wrapper, info.enter(tag::context_constructed(0)));
  MIMICA_RETURN_IF_FAULT(info.finish());
  MIMICA_TRY(DerReader body, wrapper.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(wrapper.finish());
  MIMICA_TRY(const std::int64_t version, body.integer());
  if (version < 1 || version > 5)
    return fault(HResult::CRYPT_E_ASN1_CORRUPT, "signed data of version " + std::to_string(version) + " is unknown");
  MIMICA_RETURN_IF_FAULT(body.expect(tag::kSet));  // digest algorithms; each signer names its own
  MIMICA_TRY(DerReader encapsulated, body.enter(tag::kSequence));
  MIMICA_TRY(out.content_type_, encapsulated.oid());
  if (!encapsulated.at_end()) {
    MIMICA_TRY(DerReader content, encapsulated.enter(tag::context_constructed(0)));
    // PKCS #7 1.5 allows any type here; RFC 5652 an OCTET STRING.
    MIMICA_TRY(const Tlv value, content.next());
    MIMICA_RETURN_IF_FAULT(content.finish());
    out.content_ = to_bytes(value.tag == tag::kOctetString ? value.content : value.encoded);
    MIMICA_RETURN_IF_FAULT(encapsulated.finish());
  }
  if (body.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader certificates, body.enter(tag::context_constructed(0)));
    while (!certificates.at_end()) {
      if (out.certificates_.size() == kMaxCmsCertificates)
        return fault(HResult::CRYPT_E_ASN1_CORRUPT,
                     "the message holds more than " + std::to_string(kMaxCmsCertificates) + " certificates");
      MIMICA_TRY(const Tlv one, certificates.next());
      if (one.tag != tag::kSequence) continue;  // extended and attribute certificates
      MIMICA_TRY(Certificate certificate, Certificate::parse(one.encoded));
      out.certificates_.push_back(std::move(certificate));
    }
  }
  if (body.peek() == tag::context_constructed(1)) {
    MIMICA_RETURN_IF_FAULT(body.next());  // revocation lists: nobody needs them here
  }
  MIMICA_TRY(DerReader signers, body.enter(tag::kSet));
  MIMICA_RETURN_IF_FAULT(body.finish());
  while (!signers.at_end()) {
    if (out.signers_.size() == kMaxCmsSigners)
      return fault(HResult::CRYPT_E_ASN1_CORRUPT,
                   "the message has more than " + std::to_string(kMaxCmsSigners) + " signers");
    MIMICA_TRY(DerReader one, signers.enter(tag::kSequence));
    CmsSigner signer;
    MIMICA_RETURN_IF_FAULT(one.integer());  // version 1 or 3, told by the form of the name
    if (one.peek() == tag::context(0)) {
      MIMICA_TRY(const Tlv id, one.next());
      if (id.content.empty()) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "a signer has an empty key identifier");
      signer.key_identifier = to_bytes(id.content);
    } else {
      MIMICA_TRY(DerReader name, one.enter(tag::kSequence));
      MIMICA_TRY(const Tlv issuer, name.expect(tag::kSequence));
      signer.issuer_der = to_bytes(issuer.encoded);
      MIMICA_TRY(signer.serial, name.big_integer());
      MIMICA_RETURN_IF_FAULT(name.finish());
    }
    MIMICA_TRY(DerReader digest_algorithm, one.enter(tag::kSequence));
    MIMICA_TRY(signer.digest_algorithm, digest_algorithm.oid());
    if (one.peek() == tag::context_constructed(0)) {
      MIMICA_TRY(const Tlv attributes, one.next());
      MIMICA_TRY(signer.signed_attributes, parse_attributes(attributes.content));
      signer.signed_attributes_der_ = with_tag(to_bytes(attributes.encoded), tag::kSet);
    }
    MIMICA_TRY(const Tlv algorithm, one.expect(tag::kSequence));
    DerReader algorithm_reader(algorithm.content);
    MIMICA_TRY(signer.signature_algorithm, algorithm_reader.oid());
    signer.signature_algorithm_der_ = to_bytes(algorithm.encoded);
    MIMICA_TRY(signer.signature, one.octet_string());
    if (one.peek() == tag::context_constructed(1)) {
      MIMICA_TRY(const Tlv attributes, one.next());
      MIMICA_TRY(signer.unsigned_attributes, parse_attributes(attributes.content));
    }
    MIMICA_RETURN_IF_FAULT(one.finish());
    out.signers_.push_back(std::move(signer));
  }
  return out;
}

const Certificate* SignedData::certificate_of(const CmsSigner& signer) const {
  const auto it = std::find_if(certificates_.begin(), certificates_.end(),
                               [&](const Certificate& certificate) { return signer.names(certificate); });
  return it == certificates_.end() ? nullptr : &*it;
}

// What the signature covers; a Fault when the signed attributes speak about something else.
Result<Bytes> SignedData::covered(const CmsSigner& signer) const {
  if (signer.signed_attributes_der_.empty()) return content_;
  const std::optional<Digest> algorithm = digest_named(signer.digest_algorithm);
  if (!algorithm)
    return fault(HResult::NTE_BAD_ALGID, "the digest " + signer.digest_algorithm.dotted() + " is unknown");
  const CmsAttribute* type = signer.signed_attribute(oids::kContentType);
  const CmsAttribute* message_digest = signer.signed_attribute(oids::kMessageDigest);
  const Bytes expected = der::octet_string(digest(*algorithm, content_));
  if (type == nullptr || type->values != std::vector<Bytes>{der::oid(content_type_)} || message_digest == nullptr ||
      message_digest->values != std::vector<Bytes>{expected})
    return fault(HResult::NTE_BAD_SIGNATURE, "the signed attributes do not belong to the content of the message");
  return signer.signed_attributes_der_;
}

Result<bool> SignedData::verify(const CmsSigner& signer, const PublicKey& key) const {
  const Result<Bytes> octets = covered(signer);
  if (!octets) {
    if (octets.error().code == Code{HResult::NTE_BAD_SIGNATURE}) return false;
    return octets.error();
  }
  Bytes algorithm = signer.signature_algorithm_der_;
  const bool rsa = signer.signature_algorithm.dotted() == kRsaEncryptionOid;
  if (rsa || signer.signature_algorithm.dotted() == kEcPublicKeyOid) {
    // The algorithm of the key alone: the digest is named beside it (RFC 3370 3.2).
    const std::optional<Digest> digest = digest_named(signer.digest_algorithm);
    if (!digest) return fault(HResult::NTE_BAD_ALGID, "the digest " + signer.digest_algorithm.dotted() + " is unknown");
    algorithm = algorithm_identifier(Oid(rsa ? names_of(*digest).with_rsa : names_of(*digest).with_ecdsa), rsa);
  }
  return key.verify(algorithm, *octets, signer.signature);
}

bool SignedData::verify_no_signature(const CmsSigner& signer) const {
  if (signer.signature_algorithm != oids::kNoSignature) return false;
  const std::optional<Digest> algorithm = digest_named(signer.digest_algorithm);
  const Result<Bytes> octets = covered(signer);
  return algorithm && octets && digest(*algorithm, *octets) == signer.signature;
}

Result<Bytes> make_signed_data(const CmsFields& fields) {
  std::vector<Bytes> digests;
  std::vector<Bytes> signers;
  std::int64_t version = fields.content_type == oids::kCmsData ? 1 : 3;
  for (const CmsSignerFields& signer : fields.signers) {
    if (!signer.certificate) version = 3;
    Bytes algorithm = algorithm_identifier(Oid(names_of(signer.digest).oid), true);
    if (std::find(digests.begin(), digests.end(), algorithm) == digests.end()) digests.push_back(std::move(algorithm));
    MIMICA_TRY(Bytes encoded, make_signer(signer, fields));
    signers.push_back(std::move(encoded));
  }
  return signed_data(version, digests, fields.content_type, &fields.content, fields.certificates, signers);
}

Bytes make_certificates_only(const std::vector<Certificate>& certificates) {
  return signed_data(1, {}, oids::kCmsData, nullptr, certificates, {});
}

}  // namespace mimica
