#include "core/pki/ocsp.h"

#include <algorithm>

#include "core/asn1/algorithms.h"
#include "core/asn1/der.h"
#include "core/pki/certificate_parts.h"
#include "core/pki/cms.h"

namespace mimica {
namespace {

const Oid kBasicResponse{"1.3.6.1.5.5.7.48.1.1"};
const Oid kNonce{"1.3.6.1.5.5.7.48.1.2"};

Fault corrupt(std::string what) { return fault(HResult::CRYPT_E_ASN1_CORRUPT, std::move(what)); }
Fault no_answer(std::string what) { return fault(HResult::CRYPT_E_NO_REVOCATION_CHECK, std::move(what)); }

// ---- reading -------------------------------------------------------------------------------------------------------

Result<Timestamp> generalized_time(DerReader& reader) {
  if (reader.peek() != tag::kGeneralizedTime) return corrupt("a time is no GeneralizedTime");
  return reader.time();
}

// nullopt for a hash algorithm that we do not know.
Result<std::optional<OcspCertId>> parse_cert_id(DerReader reader) {
  OcspCertId out;
  MIMICA_TRY(DerReader algorithm, reader.enter(tag::kSequence));
  MIMICA_TRY(const Oid oid, algorithm.oid());
  MIMICA_TRY(out.issuer_name_hash, reader.octet_string());
  MIMICA_TRY(out.issuer_key_hash, reader.octet_string());
  MIMICA_TRY(out.serial, reader.big_integer());
  MIMICA_RETURN_IF_FAULT(reader.finish());
  const auto hash = digest_named(oid);
  if (!hash) return std::optional<OcspCertId>();
  out.hash = *hash;
  return std::optional<OcspCertId>(std::move(out));
}

struct Extensions {
  Bytes nonce;
  bool has_unknown_critical = false;
};

// Extensions in an explicit tag, if they come next.
Result<Extensions> parse_tagged_extensions(DerReader& reader, unsigned number) {
  Extensions out;
  if (reader.peek() != tag::context_constructed(number)) return out;
  MIMICA_TRY(DerReader tagged, reader.enter(tag::context_constructed(number)));
  MIMICA_TRY(const Tlv list, tagged.expect(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(tagged.finish());
  MIMICA_TRY(const auto extensions, parse_extensions(list.encoded));
  for (const Extension& extension : extensions) {
    if (extension.oid != kNonce) {
      out.has_unknown_critical = out.has_unknown_critical || extension.critical;
      continue;
    }
    DerReader value(extension.value);
    MIMICA_TRY(out.nonce, value.octet_string());
    MIMICA_RETURN_IF_FAULT(value.finish());
  }
  return out;
}

Result<void> parse_status(DerReader& reader, OcspEntry& entry) {
  MIMICA_TRY(const Tlv choice, reader.next());
  if (choice.tag == tag::context(0) || choice.tag == tag::context(2)) {
    if (!choice.content.empty()) return corrupt("a certificate status is malformed");
    entry.status = choice.tag == tag::context(0) ? OcspStatus::good : OcspStatus::unknown;
    return {};
  }
  if (choice.tag != tag::context_constructed(1)) return corrupt("a certificate status is none of the three");
  entry.status = OcspStatus::revoked;
  DerReader info(choice.content);
  MIMICA_TRY(entry.revoked_at, generalized_time(info));
  if (!info.at_end()) {
    MIMICA_TRY(DerReader tagged, info.enter(tag::context_constructed(0)));
    MIMICA_TRY(const Tlv reason, tagged.expect(tag::kEnumerated));
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    if (reason.content.size() != 1 || reason.content[0] > 10) return corrupt("the reason of a revocation is unknown");
    entry.reason = reason.content[0];
  }
  return info.finish();
}

// nullopt for a certificate that is named by a hash that we do not know.
Result<std::optional<OcspEntry>> parse_single_response(DerReader reader) {
  OcspEntry out;
  MIMICA_TRY(const DerReader id, reader.enter(tag::kSequence));
  MIMICA_TRY(std::optional<OcspCertId> named, parse_cert_id(id));
  MIMICA_RETURN_IF_FAULT(parse_status(reader, out));
  MIMICA_TRY(out.this_update, generalized_time(reader));
  if (reader.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader tagged, reader.enter(tag::context_constructed(0)));
    MIMICA_TRY(out.next_update, generalized_time(tagged));
    MIMICA_RETURN_IF_FAULT(tagged.finish());
  }
  MIMICA_TRY(const Extensions extensions, parse_tagged_extensions(reader, 1));
  MIMICA_RETURN_IF_FAULT(reader.finish());
  if (!named) return std::optional<OcspEntry>();
  out.id = *std::move(named);
  out.has_unknown_critical = extensions.has_unknown_critical;
  return std::optional<OcspEntry>(std::move(out));
}

Result<void> parse_response_data(DerReader reader, OcspResponse& out) {
  if (reader.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader tagged, reader.enter(tag::context_constructed(0)));
    MIMICA_TRY(const std::int64_t version, tagged.integer());
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    if (version != 0) return corrupt("the version of the OCSP response is unknown");
  }
  if (reader.peek() == tag::context_constructed(1)) {
    MIMICA_TRY(DerReader tagged, reader.enter(tag::context_constructed(1)));
    MIMICA_TRY(const Tlv name, tagged.expect(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    out.responder_name = to_bytes(name.encoded);
  } else {
    MIMICA_TRY(DerReader tagged, reader.enter(tag::context_constructed(2)));
    MIMICA_TRY(out.responder_key_hash, tagged.octet_string());
    MIMICA_RETURN_IF_FAULT(tagged.finish());
  }
  MIMICA_TRY(out.produced_at, generalized_time(reader));
  MIMICA_TRY(DerReader entries, reader.enter(tag::kSequence));
  for (std::size_t count = 0; !entries.at_end(); ++count) {
    if (count == kMaxOcspEntries) return corrupt("the OCSP response speaks of too many certificates");
    MIMICA_TRY(const DerReader one, entries.enter(tag::kSequence));
    MIMICA_TRY(std::optional<OcspEntry> entry, parse_single_response(one));
    if (entry) out.entries.push_back(*std::move(entry));
  }
  MIMICA_TRY(Extensions extensions, parse_tagged_extensions(reader, 1));
  out.nonce = std::move(extensions.nonce);
  out.has_unknown_critical = extensions.has_unknown_critical;
  return reader.finish();
}

Result<void> parse_basic_response(BytesView der, OcspResponse& out) {
  DerReader outer(der);
  MIMICA_TRY(DerReader basic, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(const Tlv data, basic.expect(tag::kSequence));
  MIMICA_TRY(const Tlv algorithm, basic.expect(tag::kSequence));
  MIMICA_TRY(const BytesView signature, basic.bit_string());
  MIMICA_RETURN_IF_FAULT(parse_response_data(DerReader(data.content), out));
  if (!basic.at_end()) {
    MIMICA_TRY(DerReader tagged, basic.enter(tag::context_constructed(0)));
    MIMICA_TRY(DerReader list, tagged.enter(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    while (!list.at_end()) {
      MIMICA_TRY(const Tlv one, list.expect(tag::kSequence));
      if (out.certificates.size() == kMaxOcspCertificates) continue;
      if (auto certificate = Certificate::parse(one.encoded)) out.certificates.push_back(*std::move(certificate));
    }
  }
  MIMICA_RETURN_IF_FAULT(basic.finish());
  out.signed_octets = to_bytes(data.encoded);
  out.signature_algorithm = to_bytes(algorithm.encoded);
  out.signature = to_bytes(signature);
  return {};
}

// ---- judging -------------------------------------------------------------------------------------------------------

bool names_signer(const OcspResponse& response, const Certificate& candidate) {
  if (!response.responder_name.empty()) return as_text(response.responder_name) == as_text(candidate.subject_der());
  return response.responder_key_hash == candidate.public_key().key_identifier();
}

bool verifies(const OcspResponse& response, const PublicKey& key) {
  return key.verify(response.signature_algorithm, response.signed_octets, response.signature).value_or(false);
}

// Why the issuer has not authorised this signer (RFC 6960 4.2.2.2); empty when it has.
std::string objection(const Certificate& signer, const OcspQuestion& question) {
  constexpr std::uint16_t kDigitalSignature = 0x8000;
  const auto eku = signer.extended_key_usage();
  if (std::find(eku.begin(), eku.end(), kOcspSigning) == eku.end())
    return "its certificate lacks the purpose OCSP signing";
  if (as_text(signer.issuer_der()) != as_text(question.issuer.subject_der()) ||
      !signer.signed_by(question.issuer.public_key()).value_or(false))
    return "its certificate was not issued by " + question.issuer.subject().to_cert_str();
  if (question.at < signer.not_before() || question.at > signer.not_after())
    return "its certificate is not within its validity";
  if (const Extension* usage = signer.extension(oids::kKeyUsage))
    if ((ext::parse_key_usage(usage->value).value_or(0) & kDigitalSignature) == 0)
      return "the key usage of its certificate does not allow signatures";
  return {};
}

Result<void> check_signer(const OcspResponse& response, const OcspQuestion& question) {
  constexpr std::string_view kBad = "the signature of the OCSP response does not verify";
  if (names_signer(response, question.issuer) && verifies(response, question.issuer.public_key())) return {};
  Fault why = no_answer(names_signer(response, question.issuer)
                            ? std::string(kBad)
                            : "the OCSP response names a responder whose certificate is not there");
  for (const Certificate& candidate : response.certificates) {
    if (!names_signer(response, candidate)) continue;
    const std::string problem = objection(candidate, question);
    if (!problem.empty()) {
      why = no_answer("the responder " + candidate.subject().to_cert_str() + " is not authorised: " + problem);
    } else if (!verifies(response, candidate.public_key())) {
      why = no_answer(std::string(kBad));
    } else {
      return {};
    }
  }
  return why;
}

Result<void> check_times(const OcspEntry& entry, Timestamp at) {
  if (entry.this_update > at + kOcspTolerance)
    return no_answer("the OCSP answer is not valid before " + to_iso(entry.this_update));
  // Without nextUpdate only an answer made just now is known to be the newest (RFC 6960 4.2.2.1).
  const Timestamp end = entry.next_update.value_or(entry.this_update);
  if (end < entry.this_update || end + kOcspTolerance < at)
    return no_answer("the OCSP answer expired at " + to_iso(end));
  return {};
}

// ---- writing -------------------------------------------------------------------------------------------------------

Bytes generalized_time(Timestamp t) { return der::tlv(tag::kGeneralizedTime, as_bytes(to_generalized(t))); }
Bytes explicit_tag(unsigned number, BytesView content) { return der::tlv(tag::context_constructed(number), content); }

Bytes encode(const OcspCertId& id) {
  const Oid hash(digest_algorithms()[static_cast<std::size_t>(id.hash)].oid);
  return der::sequence({der::sequence({der::oid(hash), der::null()}), der::octet_string(id.issuer_name_hash),
                        der::octet_string(id.issuer_key_hash), der::unsigned_integer(id.serial)});
}

Bytes nonce_extensions(unsigned number, const Bytes& nonce) {
  if (nonce.empty()) return {};
  return explicit_tag(number, detail::encode_extensions({Extension{kNonce, false, der::octet_string(nonce)}}));
}

Bytes encode_status(const OcspEntry& entry) {
  if (entry.status == OcspStatus::good) return der::tlv(tag::context(0), BytesView());
  if (entry.status == OcspStatus::unknown) return der::tlv(tag::context(2), BytesView());
  Bytes reason;
  if (entry.reason != 0) {
    const auto number = static_cast<std::uint8_t>(entry.reason);
    reason = explicit_tag(0, der::tlv(tag::kEnumerated, BytesView(&number, 1)));
  }
  return explicit_tag(1, der::concat({generalized_time(entry.revoked_at), reason}));
}

Bytes encode(const OcspEntry& entry) {
  return der::sequence({encode(entry.id), encode_status(entry), generalized_time(entry.this_update),
                        entry.next_update ? explicit_tag(0, generalized_time(*entry.next_update)) : Bytes()});
}

Bytes enumerated(OcspResponseStatus status) {
  const auto number = static_cast<std::uint8_t>(status);
  return der::tlv(tag::kEnumerated, BytesView(&number, 1));
}

}  // namespace

std::string_view to_string(OcspResponseStatus status) {
  switch (status) {
    case OcspResponseStatus::successful:
      return "successful";
    case OcspResponseStatus::malformed_request:
      return "malformedRequest";
    case OcspResponseStatus::internal_error:
      return "internalError";
    case OcspResponseStatus::try_later:
      return "tryLater";
    case OcspResponseStatus::sig_required:
      return "sigRequired";
    case OcspResponseStatus::unauthorized:
      return "unauthorized";
  }
  return "unknown";
}

std::string_view to_string(OcspStatus status) {
  return status == OcspStatus::good ? "good" : status == OcspStatus::revoked ? "revoked" : "unknown";
}

OcspCertId ocsp_cert_id(const Certificate& certificate, const Certificate& issuer, Digest hash) {
  OcspCertId out;
  out.hash = hash;
  out.issuer_name_hash = digest(hash, certificate.issuer_der());
  out.serial = certificate.serial();
  // The hash covers the BIT STRING's content. A PublicKey's SubjectPublicKeyInfo is always well-formed.
  DerReader outer(issuer.public_key().spki());
  if (auto spki = outer.enter(tag::kSequence); spki && spki->next())
    if (const auto bits = spki->bit_string()) out.issuer_key_hash = digest(hash, *bits);
  return out;
}

Bytes make_ocsp_request(const OcspRequest& request) {
  Bytes list;
  for (const OcspCertId& id : request.certificates) {
    const Bytes one = der::sequence({encode(id)});
    list.insert(list.end(), one.begin(), one.end());
  }
  return der::sequence(
      {der::sequence({der::tlv(tag::kSequence, BytesView(list)), nonce_extensions(2, request.nonce)})});
}

Result<OcspRequest> parse_ocsp_request(BytesView der) {
  if (der.size() > kMaxOcspSize) return corrupt("the OCSP request is too large");
  OcspRequest out;
  DerReader reader(der);
  MIMICA_TRY(DerReader outer, reader.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(reader.finish());
  MIMICA_TRY(DerReader body, outer.enter(tag::kSequence));
  if (!outer.at_end()) MIMICA_RETURN_IF_FAULT(outer.expect(tag::context_constructed(0)));  // optionalSignature
  MIMICA_RETURN_IF_FAULT(outer.finish());
  if (body.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader tagged, body.enter(tag::context_constructed(0)));
    MIMICA_TRY(const std::int64_t version, tagged.integer());
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    if (version != 0) return corrupt("the version of the OCSP request is unknown");
  }
  if (body.peek() == tag::context_constructed(1)) MIMICA_RETURN_IF_FAULT(body.next());  // requestorName
  MIMICA_TRY(DerReader list, body.enter(tag::kSequence));
  for (std::size_t count = 0; !list.at_end(); ++count) {
    if (count == kMaxOcspEntries) return corrupt("the OCSP request asks for too many certificates");
    MIMICA_TRY(DerReader one, list.enter(tag::kSequence));
    MIMICA_TRY(const DerReader id, one.enter(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(parse_tagged_extensions(one, 0));
    MIMICA_RETURN_IF_FAULT(one.finish());
    MIMICA_TRY(std::optional<OcspCertId> named, parse_cert_id(id));
    if (named) out.certificates.push_back(*std::move(named));
  }
  MIMICA_TRY(Extensions extensions, parse_tagged_extensions(body, 2));
  MIMICA_RETURN_IF_FAULT(body.finish());
  out.nonce = std::move(extensions.nonce);
  return out;
}

Result<OcspResponse> parse_ocsp_response(BytesView der) {
  if (der.size() > kMaxOcspSize) return corrupt("the OCSP response is too large");
  OcspResponse out;
  DerReader reader(der);
  MIMICA_TRY(DerReader outer, reader.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(reader.finish());
  MIMICA_TRY(const Tlv status, outer.expect(tag::kEnumerated));
  if (status.content.size() != 1 || status.content[0] > 6 || status.content[0] == 4)
    return corrupt("the status of the OCSP response is unknown");
  out.status = static_cast<OcspResponseStatus>(status.content[0]);
  if (out.status != OcspResponseStatus::successful) return out;
  MIMICA_TRY(DerReader tagged, outer.enter(tag::context_constructed(0)));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(DerReader response, tagged.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(tagged.finish());
  MIMICA_TRY(const Oid type, response.oid());
  if (type != kBasicResponse) return corrupt("the OCSP response is of the type " + type.dotted());
  MIMICA_TRY(const Tlv basic, response.expect(tag::kOctetString));
  MIMICA_RETURN_IF_FAULT(response.finish());
  MIMICA_RETURN_IF_FAULT(parse_basic_response(basic.content, out));
  return out;
}

Result<OcspEntry> judge_ocsp_response(BytesView der, const OcspQuestion& question) {
  MIMICA_TRY(const OcspResponse response, parse_ocsp_response(der));
  if (response.status != OcspResponseStatus::successful)
    return fault(HResult::CRYPT_E_REVOCATION_OFFLINE,
                 "the responder answers " + std::string(to_string(response.status)));
  const OcspEntry* newest = nullptr;
  for (const OcspEntry& entry : response.entries) {
    if (entry.id != ocsp_cert_id(question.certificate, question.issuer, entry.id.hash)) continue;
    if (newest == nullptr || entry.this_update > newest->this_update) newest = &entry;
  }
  if (newest == nullptr) return no_answer("the OCSP response does not speak of this certificate");
  if (response.has_unknown_critical || newest->has_unknown_critical)
    return no_answer("the OCSP response has a critical extension that is not understood");
  MIMICA_RETURN_IF_FAULT(check_signer(response, question));
  if (!question.nonce.empty() && !response.nonce.empty() && question.nonce != response.nonce)
    return no_answer("the OCSP response has the nonce of another request");
  MIMICA_RETURN_IF_FAULT(check_times(*newest, question.at));
  return *newest;
}

Result<Bytes> make_ocsp_response(const OcspResponseFields& fields, const PrivateKey& key, Digest digest) {
  if (fields.signer.public_key().spki() != key.public_key().spki())
    return fault(HResult::E_INVALIDARG, "the certificate of the responder belongs to another key");
  Bytes entries;
  for (const OcspEntry& entry : fields.entries) {
    if (entry.reason < 0 || entry.reason > 10)
      return fault(HResult::E_INVALIDARG, "the reason of a revocation lies outside 0 to 10");
    const Bytes one = encode(entry);
    entries.insert(entries.end(), one.begin(), one.end());
  }
  const Bytes responder = fields.responder_id == OcspResponseFields::ResponderId::name
                              ? explicit_tag(1, fields.signer.subject_der())
                              : explicit_tag(2, der::octet_string(key.public_key().key_identifier()));
  const Bytes data = der::sequence({responder, generalized_time(fields.produced_at),
                                    der::tlv(tag::kSequence, BytesView(entries)), nonce_extensions(1, fields.nonce)});
  MIMICA_TRY(const Bytes signature, key.sign(digest, data));
  const Bytes certificates =
      fields.delegated ? explicit_tag(0, der::sequence({BytesView(fields.signer.der())})) : Bytes();
  const Bytes basic = der::sequence({data, key.signature_algorithm(digest), der::bit_string(signature), certificates});
  return der::sequence({enumerated(OcspResponseStatus::successful),
                        explicit_tag(0, der::sequence({der::oid(kBasicResponse), der::octet_string(basic)}))});
}

Bytes make_ocsp_error(OcspResponseStatus status) { return der::sequence({enumerated(status)}); }

}  // namespace mimica
