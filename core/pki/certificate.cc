#include "core/pki/certificate.h"

#include "core/pki/certificate_parts.h"

namespace mimica {
namespace {

Fault bad_certificate(std::string what) { return fault(HResult::CRYPT_E_ASN1_CORRUPT, std::move(what)); }

}  // namespace

namespace detail {

Result<Signed> parse_signed(BytesView der, std::size_t limit, std::string_view what) {
  if (der.size() > limit)
    return fault(HResult::ERROR_INVALID_DATA,
                 "the " + std::string(what) + " exceeds " + std::to_string(limit) + " octets");
  DerReader outer(der);
  MIMICA_TRY(DerReader sequence, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  Signed out;
  MIMICA_TRY(const Tlv body, sequence.expect(tag::kSequence));
  MIMICA_TRY(const Tlv algorithm, sequence.expect(tag::kSequence));
  MIMICA_TRY(out.signature, sequence.bit_string());
  MIMICA_RETURN_IF_FAULT(sequence.finish());
  out.body = body.encoded;
  out.body_content = body.content;
  out.algorithm = algorithm.encoded;
  return out;
}

Result<Bytes> pem_or_der(BytesView text, std::initializer_list<std::string_view> labels, std::string_view what) {
  if (!text.empty() && text[0] == tag::kSequence) return to_bytes(text);
  for (std::string_view label : labels)
    if (auto der = from_pem(label, as_text(text))) return *std::move(der);
  if (auto bare = from_base64(as_text(text)); bare && !bare->empty()) return *std::move(bare);
  return fault(HResult::ERROR_INVALID_DATA, "the input is no " + std::string(what) + " in DER, PEM or base64");
}

Result<Bytes> sign_body(BytesView body, const PrivateKey& key, Digest digest) {
  MIMICA_TRY(const Bytes signature, key.sign(digest, body));
  return der::sequence({body, key.signature_algorithm(digest), der::bit_string(signature)});
}

}  // namespace detail

Result<Certificate> Certificate::parse(BytesView der) {
  MIMICA_TRY(const detail::Signed parts, detail::parse_signed(der, kMaxCertificateSize, "certificate"));
  Certificate out;
  DerReader tbs(parts.body_content);
  if (tbs.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader version, tbs.enter(tag::context_constructed(0)));
    MIMICA_TRY(const std::int64_t number, version.integer());
    MIMICA_RETURN_IF_FAULT(version.finish());
    if (number < 0 || number > 2) return bad_certificate("the version of the certificate is unknown");
  }
  MIMICA_TRY(out.serial_, tbs.big_integer());
  MIMICA_TRY(const Tlv algorithm, tbs.expect(tag::kSequence));
  if (as_text(algorithm.encoded) != as_text(parts.algorithm))
    return bad_certificate("the two signature algorithms of the certificate differ");  // RFC 5280 4.1.1.2
  MIMICA_TRY(const Tlv issuer, tbs.expect(tag::kSequence));
  MIMICA_TRY(DerReader validity, tbs.enter(tag::kSequence));
  MIMICA_TRY(out.not_before_, validity.time());
  MIMICA_TRY(out.not_after_, validity.time());
  MIMICA_RETURN_IF_FAULT(validity.finish());
  MIMICA_TRY(const Tlv subject, tbs.expect(tag::kSequence));
  MIMICA_TRY(const Tlv spki, tbs.expect(tag::kSequence));
  for (unsigned unique_id : {1U, 2U})  // issuerUniqueID and subjectUniqueID: nobody uses them
    if (tbs.peek() == tag::context(unique_id)) MIMICA_RETURN_IF_FAULT(tbs.next());
  if (tbs.peek() == tag::context_constructed(3)) {
    MIMICA_TRY(DerReader tagged, tbs.enter(tag::context_constructed(3)));
    MIMICA_TRY(const Tlv extensions, tagged.expect(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    MIMICA_TRY(out.extensions_, parse_extensions(extensions.encoded));
  }
  MIMICA_RETURN_IF_FAULT(tbs.finish());
  for (std::size_t i = 0; i < out.extensions_.size(); ++i)
    if (find(out.extensions_, out.extensions_[i].oid) != &out.extensions_[i])
      return bad_certificate("the extension " + out.extensions_[i].oid.dotted() +
                             " stands there twice");  // RFC 5280 4.2
  MIMICA_TRY(out.issuer_, Name::from_der(issuer.encoded));
  MIMICA_TRY(out.subject_, Name::from_der(subject.encoded));
  MIMICA_TRY(out.public_key_, PublicKey::from_spki(spki.encoded));
  out.der_ = to_bytes(der);
  out.issuer_der_ = to_bytes(issuer.encoded);
  out.subject_der_ = to_bytes(subject.encoded);
  out.tbs_ = to_bytes(parts.body);
  out.signature_algorithm_ = to_bytes(parts.algorithm);
  out.signature_ = to_bytes(parts.signature);
  return out;
}

Result<Certificate> Certificate::parse_pem_or_der(BytesView text) {
  MIMICA_TRY(const Bytes der, detail::pem_or_der(text, {"CERTIFICATE", "X509 CERTIFICATE"}, "certificate"));
  return parse(der);
}

std::string Certificate::pem() const { return to_pem("CERTIFICATE", der_); }
std::string Certificate::serial_hex() const { return to_hex(serial_); }
Bytes Certificate::thumbprint() const { return digest(Digest::sha1, der_); }
bool Certificate::self_issued() const { return subject_der_ == issuer_der_; }

Result<bool> Certificate::signed_by(const PublicKey& issuer) const {
  return issuer.verify(signature_algorithm_, tbs_, signature_);
}

namespace {

// The parsed value of an extension; empty when it is absent or malformed.
template <typename T>
std::optional<T> read(const Certificate& certificate, const Oid& oid, Result<T> (*parse)(BytesView)) {
  const Extension* extension = certificate.extension(oid);
  if (extension == nullptr) return std::nullopt;
  auto value = parse(extension->value);
  if (!value) return std::nullopt;
  return *std::move(value);
}

Result<Bytes> parse_key_id(BytesView value) {
  DerReader reader(value);
  MIMICA_TRY(Bytes id, reader.octet_string());
  MIMICA_RETURN_IF_FAULT(reader.finish());
  return id;
}

}  // namespace

std::optional<Sid> Certificate::sid() const { return read(*this, oids::kSidExtension, ext::parse_sid); }

std::vector<GeneralName> Certificate::subject_alt_names() const {
  return read(*this, oids::kSubjectAltName, parse_general_names).value_or(std::vector<GeneralName>());
}

std::optional<std::string> Certificate::upn() const {
  for (GeneralName& name : subject_alt_names())
    if (name.kind == GeneralName::Kind::upn) return std::move(name.text);
  return std::nullopt;
}

std::vector<Oid> Certificate::extended_key_usage() const {
  return read(*this, oids::kExtendedKeyUsage, ext::parse_oid_list).value_or(std::vector<Oid>());
}

std::vector<Oid> Certificate::policies() const {
  return read(*this, oids::kCertificatePolicies, ext::parse_policies).value_or(std::vector<Oid>());
}

std::optional<std::string> Certificate::template_name() const {
  return read(*this, oids::kTemplateName, ext::parse_template_name);
}

std::optional<ext::TemplateInfo> Certificate::template_info() const {
  return read(*this, oids::kTemplateInfo, ext::parse_template_info);
}

std::optional<Bytes> Certificate::subject_key_identifier() const {
  return read(*this, oids::kSubjectKeyIdentifier, parse_key_id);
}

bool Certificate::is_ca() const {
  const auto constraints = read(*this, oids::kBasicConstraints, ext::parse_basic_constraints);
  return constraints && constraints->ca;
}

}  // namespace mimica
