#include "harness/lab/request_builder.h"

#include <algorithm>

#include "ca/request/signed_request.h"

namespace mimica::harness {

Result<RequestedNames> parse_requested_names(const std::vector<std::string>& entries) {
  RequestedNames out;
  for (const std::string& entry : entries) {
    const auto at = entry.find('=');
    const std::string kind = to_lower(trim(std::string_view(entry).substr(0, at)));
    const std::string value =
        at == std::string::npos ? std::string() : std::string(trim(std::string_view(entry).substr(at + 1)));
    GeneralName name;
    name.text = value;
    if (value.empty()) {
      return fault(HResult::E_INVALIDARG, "the name '" + entry + "' has no value", {},
                   "write it as upn=jane@contoso.com");
    } else if (kind == "upn") {
      name.kind = GeneralName::Kind::upn;
    } else if (kind == "dns") {
      name.kind = GeneralName::Kind::dns;
    } else if (kind == "email") {
      name.kind = GeneralName::Kind::email;
    } else if (kind == "url" || kind == "uri") {
      name.kind = GeneralName::Kind::uri;
    } else if (kind == "sid") {
      MIMICA_TRY(Sid sid, Sid::parse(value));
      if (out.sid) return fault(HResult::E_INVALIDARG, "a request carries one SID, not two");
      out.sid = std::move(sid);
      continue;
    } else {
      return fault(HResult::E_INVALIDARG, "'" + kind + "' is no kind of name", {}, "use upn, dns, email, url or sid");
    }
    out.names.push_back(std::move(name));
  }
  return out;
}

Result<Bytes> build_request(const EnrollSpec& spec, const PrivateKey& key) {
  ca::SignedRequestSpec whole;
  RequestSpec& request = whole.request;
  if (!spec.subject.empty()) {
    MIMICA_TRY(request.subject, Name::parse_cert_str(spec.subject));
  }
  MIMICA_TRY(const RequestedNames names, parse_requested_names(spec.sans));
  if (!names.names.empty())
    request.extensions.push_back({oids::kSubjectAltName, false, encode_general_names(names.names)});
  if (names.sid) request.extensions.push_back({oids::kSidExtension, false, ext::sid(*names.sid)});
  if (!spec.is_signed()) return make_request(request, key);
  if (spec.format != "pkcs7" && spec.format != "cmc" && !spec.format.empty())
    return fault(HResult::E_INVALIDARG, "'" + spec.format + "' is no format of signed requests", {},
                 "use pkcs7 or cmc");
  whole.format = spec.format == "pkcs7" ? ca::RequestFormat::pkcs7 : ca::RequestFormat::cmc;
  whole.key = key;
  for (const KeyedCertificate& signer : spec.signers) whole.signers.push_back({signer.key, signer.certificate});
  if (spec.renews) {
    whole.renews = spec.renews->certificate;
    whole.signers.insert(whole.signers.begin(), {spec.renews->key, spec.renews->certificate});
  }
  whole.requester_name = spec.on_behalf_of;
  return ca::make_signed_request(whole);
}

CertificateSummary summarise_certificate(const Certificate& certificate,
                                         const std::function<std::string(const Oid&)>& template_name_of) {
  CertificateSummary out;
  out.subject = certificate.subject().to_cert_str();
  out.issuer = certificate.issuer().to_cert_str();
  out.serial = certificate.serial_hex();
  if (const auto name = certificate.template_name()) {
    out.template_name = *name;
  } else if (const auto info = certificate.template_info()) {
    out.template_name = template_name_of(info->oid);
    if (out.template_name.empty()) out.template_name = info->oid.dotted();
  }
  for (const GeneralName& name : certificate.subject_alt_names()) out.sans.push_back(to_string(name));
  if (const auto sid = certificate.sid()) out.sid = sid->to_string();
  out.not_before = certificate.not_before();
  out.not_after = certificate.not_after();
  out.key = to_string(certificate.public_key().spec());
  for (const Oid& oid : certificate.extended_key_usage()) {
    const std::string_view name = display_name(oid);
    out.ekus.push_back(name.empty() ? oid.dotted() : std::string(name));
  }
  return out;
}

}  // namespace mimica::harness
