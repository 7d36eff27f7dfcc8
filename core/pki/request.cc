// PKCS#10 certification requests (RFC 2986) with Microsoft's attributes (MS-WCCE 2.2.2.7).
#include "core/asn1/der.h"
#include "core/pki/certificate.h"
#include "core/pki/certificate_parts.h"

namespace mimica {
namespace {

constexpr std::size_t kMaxAttributes = 256;

Result<std::pair<std::string, std::string>> parse_name_value_pair(BytesView value) {
  DerReader outer(value);
  MIMICA_TRY(DerReader pair, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(const Tlv name, pair.next());
  MIMICA_TRY(const Tlv text, pair.next());
  MIMICA_RETURN_IF_FAULT(pair.finish());
  std::pair<std::string, std::string> out;
  MIMICA_TRY(out.first, decode_string(name));
  MIMICA_TRY(out.second, decode_string(text));
  return out;
}

Bytes attribute(const Oid& type, std::vector<Bytes> values) {
  return der::sequence({der::oid(type), der::set_of(std::move(values))});
}

}  // namespace

Result<CertificateRequest> CertificateRequest::parse(BytesView der) {
  MIMICA_TRY(const detail::Signed parts, detail::parse_signed(der, kMaxRequestSize, "certificate request"));
  CertificateRequest out;
  DerReader info(parts.body_content);
  MIMICA_TRY(const std::int64_t version, info.integer());
  if (version != 0) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the version of the certificate request is unknown");
  MIMICA_TRY(const Tlv subject, info.expect(tag::kSequence));
  MIMICA_TRY(const Tlv spki, info.expect(tag::kSequence));
  // RFC 2986 demands the attributes, but tools leave out an empty set.
  DerReader attributes{BytesView()};
  if (!info.at_end()) {
    MIMICA_TRY(attributes, info.enter(tag::context_constructed(0)));
  }
  MIMICA_RETURN_IF_FAULT(info.finish());
  while (!attributes.at_end()) {
    if (out.attributes_.size() == kMaxAttributes)
      return fault(HResult::CRYPT_E_ASN1_CORRUPT,
                   "the certificate request has more than " + std::to_string(kMaxAttributes) + " attributes");
    MIMICA_TRY(DerReader one, attributes.enter(tag::kSequence));
    MIMICA_TRY(Oid type, one.oid());
    MIMICA_TRY(DerReader set, one.enter(tag::kSet));
    MIMICA_RETURN_IF_FAULT(one.finish());
    std::vector<Bytes> values;
    while (!set.at_end()) {
      MIMICA_TRY(const Tlv value, set.next());
      values.push_back(to_bytes(value.encoded));
    }
    for (const Bytes& value : values) {
      if (type == oids::kExtensionRequest || type == oids::kMsExtensionRequest) {
        MIMICA_TRY(std::vector<Extension> more, parse_extensions(value));
        out.extensions_.insert(out.extensions_.end(), std::make_move_iterator(more.begin()),
                               std::make_move_iterator(more.end()));
      } else if (type == oids::kNameValuePair) {
        MIMICA_TRY(auto pair, parse_name_value_pair(value));
        out.name_value_pairs_.push_back(std::move(pair));
      }
    }
    out.attributes_.emplace_back(std::move(type), std::move(values));
  }
  MIMICA_TRY(out.subject_, Name::from_der(subject.encoded));
  MIMICA_TRY(out.public_key_, PublicKey::from_spki(spki.encoded));
  out.der_ = to_bytes(der);
  out.subject_der_ = to_bytes(subject.encoded);
  out.info_ = to_bytes(parts.body);
  out.signature_algorithm_ = to_bytes(parts.algorithm);
  out.signature_ = to_bytes(parts.signature);
  return out;
}

Result<CertificateRequest> CertificateRequest::parse_pem_or_der(BytesView text) {
  MIMICA_TRY(const Bytes der,
             detail::pem_or_der(text, {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"}, "certificate request"));
  return parse(der);
}

Result<bool> CertificateRequest::signature_valid() const {
  return public_key_.verify(signature_algorithm_, info_, signature_);
}

Result<Bytes> make_request(const RequestSpec& spec, const PrivateKey& key) {
  std::vector<Bytes> attributes;
  if (!spec.extensions.empty())
    attributes.push_back(attribute(oids::kExtensionRequest, {detail::encode_extensions(spec.extensions)}));
  // One attribute for each pair: the values of one attribute are a SET, which has no order.
  for (const auto& [name, value] : spec.name_value_pairs)
    attributes.push_back(
        attribute(oids::kNameValuePair, {der::sequence({der::bmp_string(name), der::bmp_string(value)})}));
  for (const auto& [type, values] : spec.attributes) attributes.push_back(attribute(type, values));
  Bytes content;
  for (const Bytes& one : attributes) content.insert(content.end(), one.begin(), one.end());
  const Bytes info = der::sequence({der::integer(0), spec.subject.to_der(), key.public_key().spki(),
                                    der::tlv(tag::context_constructed(0), content)});
  return detail::sign_body(info, key, Digest::sha256);
}

}  // namespace mimica
