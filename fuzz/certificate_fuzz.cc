// Certificates and CRLs: the accessors are total, the extension codecs stable, and a certificate that is signed again
// from its parts reads back with the same parts.
#include <cstdint>
#include <cstdlib>

#include "core/pki/certificate.h"
#include "core/pki/chain.h"

namespace {

using namespace mimica;

void require(bool condition) {
  if (!condition) std::abort();
}

const PrivateKey& key() {
  static const PrivateKey one = *PrivateKey::generate({KeyKind::ec, 256});
  return one;
}

void check_extension_values(const Extension& extension) {
  const BytesView value = extension.value;
  if (const auto sid = ext::parse_sid(value)) require(*ext::parse_sid(ext::sid(*sid)) == *sid);
  if (const auto name = ext::parse_template_name(value))
    require(*ext::parse_template_name(ext::template_name(*name)) == *name);
  if (const auto info = ext::parse_template_info(value)) {
    const auto again = ext::parse_template_info(ext::template_info(*info));
    require(again.has_value() && again->oid == info->oid && again->major == info->major && again->minor == info->minor);
  }
  if (const auto oids = ext::parse_oid_list(value)) require(ext::oid_list(*oids) == extension.value);
  if (const auto oids = ext::parse_policies(value)) require(*ext::parse_policies(ext::policies(*oids)) == *oids);
  if (const auto urls = ext::parse_distribution_points(value); urls && !urls->empty())
    require(*ext::parse_distribution_points(ext::distribution_points(*urls)) == *urls);
  if (const auto entries = ext::parse_authority_info_access(value))
    require(ext::parse_authority_info_access(ext::authority_info_access(*entries))->size() == entries->size());
  static_cast<void>(ext::parse_key_usage(value).has_value());
  static_cast<void>(ext::parse_basic_constraints(value).has_value());
  static_cast<void>(ext::parse_authority_key_identifier(value).has_value());
}

void check_crl(BytesView data) {
  const auto crl = Crl::parse(data);
  if (!crl) return;
  static_cast<void>(crl->signed_by(key().public_key()).has_value());
  CrlFields fields;
  fields.issuer_der = to_bytes(crl->issuer_der());
  fields.this_update = crl->this_update();
  fields.next_update = crl->next_update().value_or(crl->this_update());
  fields.revoked = crl->revoked();
  fields.extensions = crl->extensions();
  const auto again = Crl::parse(*sign_crl(fields, key(), Digest::sha256));
  require(again.has_value() && again->revoked().size() == fields.revoked.size() &&
          again->extensions() == fields.extensions);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_crl(BytesView(data, size));
  const auto certificate = Certificate::parse_pem_or_der(BytesView(data, size));
  if (!certificate || size > kMaxCertificateSize / 2) return 0;  // signed again it grows a little
  for (const Extension& extension : certificate->extensions()) check_extension_values(extension);
  static_cast<void>(certificate->signed_by(certificate->public_key()).has_value());
  static_cast<void>(certificate->subject().to_cert_str().size() + certificate->issuer().to_alt_security().size());
  static_cast<void>(certificate->upn().has_value() || certificate->is_ca());

  CertificateFields fields;
  fields.serial = certificate->serial();
  fields.issuer_der = to_bytes(certificate->issuer_der());
  fields.subject_der = to_bytes(certificate->subject_der());
  fields.not_before = certificate->not_before();
  fields.not_after = certificate->not_after();
  fields.spki = certificate->public_key().spki();
  fields.extensions = certificate->extensions();
  const auto again = Certificate::parse(*sign_certificate(fields, key(), Digest::sha256));
  require(again.has_value() && again->serial() == fields.serial && again->extensions() == fields.extensions &&
          again->subject() == certificate->subject() && again->not_after() == fields.not_after &&
          again->signed_by(key().public_key()).value_or(false));

  ChainInput input;
  input.leaf = *certificate;
  input.anchors = {*certificate};
  input.at = certificate->not_before();
  static_cast<void>(build_chain(input).status);
  return 0;
}
