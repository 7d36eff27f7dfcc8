// Certificate revocation lists, RFC 5280 5.
#include "core/asn1/der.h"
#include "core/pki/certificate.h"
#include "core/pki/certificate_parts.h"

namespace mimica {
namespace {

bool is_time(std::uint8_t tag) { return tag == tag::kUtcTime || tag == tag::kGeneralizedTime; }

Result<RevokedEntry> parse_entry(DerReader entry) {
  RevokedEntry out;
  MIMICA_TRY(out.serial, entry.big_integer());
  MIMICA_TRY(out.when, entry.time());
  if (entry.at_end()) return out;
  MIMICA_TRY(const Tlv encoded, entry.expect(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(entry.finish());
  MIMICA_TRY(const std::vector<Extension> extensions, parse_extensions(encoded.encoded));
  if (const Extension* reason = find(extensions, oids::kCrlReason)) {
    DerReader reader(reason->value);
    MIMICA_TRY(const Tlv number, reader.expect(tag::kEnumerated));
    MIMICA_RETURN_IF_FAULT(reader.finish());
    if (number.content.size() != 1 || number.content[0] > 10)
      return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the reason of a revocation is unknown");
    out.reason = number.content[0];
  }
  return out;
}

}  // namespace

Result<Crl> Crl::parse(BytesView der) {
  MIMICA_TRY(const detail::Signed parts, detail::parse_signed(der, kMaxCrlSize, "CRL"));
  Crl out;
  DerReader tbs(parts.body_content);
  if (tbs.peek() == tag::kInteger) {
    MIMICA_TRY(const std::int64_t version, tbs.integer());
    if (version != 1) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the version of the CRL is unknown");
  }
  MIMICA_TRY(const Tlv algorithm, tbs.expect(tag::kSequence));
  if (as_text(algorithm.encoded) != as_text(parts.algorithm))
    return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the two signature algorithms of the CRL differ");  // RFC 5280 5.1.1.2
  MIMICA_TRY(const Tlv issuer, tbs.expect(tag::kSequence));
  MIMICA_TRY(out.this_update_, tbs.time());
  if (is_time(tbs.peek())) {
    MIMICA_TRY(out.next_update_, tbs.time());
  }
  if (tbs.peek() == tag::kSequence) {
    MIMICA_TRY(DerReader entries, tbs.enter(tag::kSequence));
    while (!entries.at_end()) {
      MIMICA_TRY(DerReader entry, entries.enter(tag::kSequence));
      MIMICA_TRY(RevokedEntry revoked, parse_entry(entry));
      out.revoked_.push_back(std::move(revoked));
    }
  }
  if (tbs.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader tagged, tbs.enter(tag::context_constructed(0)));
    MIMICA_TRY(const Tlv extensions, tagged.expect(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(tagged.finish());
    MIMICA_TRY(out.extensions_, parse_extensions(extensions.encoded));
  }
  MIMICA_RETURN_IF_FAULT(tbs.finish());
  MIMICA_RETURN_IF_FAULT(Name::from_der(issuer.encoded));
  out.der_ = to_bytes(der);
  out.issuer_der_ = to_bytes(issuer.encoded);
  out.tbs_ = to_bytes(parts.body);
  out.signature_algorithm_ = to_bytes(parts.algorithm);
  out.signature_ = to_bytes(parts.signature);
  return out;
}

Result<bool> Crl::signed_by(const PublicKey& issuer) const {
  return issuer.verify(signature_algorithm_, tbs_, signature_);
}

}  // namespace mimica
