// Certificates and CRLs assembled and signed.
#include "core/asn1/der.h"
#include "core/pki/certificate.h"
#include "core/pki/certificate_parts.h"

namespace mimica {
namespace {

const Bytes& version(int number) {
  static const Bytes v2 = der::integer(1);                                                    // CRLs write it bare
  static const Bytes v3 = der::tlv(tag::context_constructed(0), BytesView(der::integer(2)));  // certificates tagged
  return number == 2 ? v2 : v3;
}

Bytes entry(const RevokedEntry& revoked) {
  Bytes extensions;
  if (revoked.reason != 0) {
    const std::uint8_t reason = static_cast<std::uint8_t>(revoked.reason);
    extensions = detail::encode_extensions(
        {Extension{oids::kCrlReason, false, der::tlv(tag::kEnumerated, BytesView(&reason, 1))}});
  }
  return der::sequence({der::unsigned_integer(revoked.serial), der::time(revoked.when), extensions});
}

Bytes tagged_extensions(unsigned number, const std::vector<Extension>& extensions) {
  if (extensions.empty()) return {};
  return der::tlv(tag::context_constructed(number), BytesView(detail::encode_extensions(extensions)));
}

}  // namespace

Result<Bytes> sign_certificate(const CertificateFields& fields, const PrivateKey& key, Digest digest) {
  if (fields.serial.empty() || fields.issuer_der.empty() || fields.subject_der.empty() || fields.spki.empty())
    return fault(HResult::E_INVALIDARG, "a certificate needs a serial number, an issuer, a subject and a public key");
  const Bytes tbs =
      der::sequence({version(3), der::unsigned_integer(fields.serial), key.signature_algorithm(digest),
                     fields.issuer_der, der::sequence({der::time(fields.not_before), der::time(fields.not_after)}),
                     fields.subject_der, fields.spki, tagged_extensions(3, fields.extensions)});
  return detail::sign_body(tbs, key, digest);
}

Result<Bytes> sign_crl(const CrlFields& fields, const PrivateKey& key, Digest digest) {
  if (fields.issuer_der.empty()) return fault(HResult::E_INVALIDARG, "a CRL needs an issuer");
  Bytes entries;
  for (const RevokedEntry& revoked : fields.revoked) {
    if (revoked.reason < 0 || revoked.reason > 10 || revoked.serial.empty())
      return fault(HResult::E_INVALIDARG, "a revoked certificate has no serial number or a reason outside 0 to 10");
    const Bytes one = entry(revoked);
    entries.insert(entries.end(), one.begin(), one.end());
  }
  const Bytes tbs = der::sequence({version(2), key.signature_algorithm(digest), fields.issuer_der,
                                   der::time(fields.this_update), der::time(fields.next_update),
                                   entries.empty() ? Bytes() : der::tlv(tag::kSequence, BytesView(entries)),
                                   tagged_extensions(0, fields.extensions)});
  return detail::sign_body(tbs, key, digest);
}

}  // namespace mimica
