// The facts of -dump for programs.
#include <boost/json.hpp>

#include "ca/faces/certutil/dump.h"
#include "ca/faces/certutil/text.h"
#include "core/pki/pfx.h"

namespace mimica::certutil {
namespace {

namespace json = boost::json;

// Names and texts of outside files may hold anything; JSON holds UTF-8.
json::string clean(std::string_view text) {
  if (is_valid_utf8(text)) return json::string(text);
  return json::string("#" + to_hex(as_bytes(text)));
}

json::array extensions_of(const std::vector<Extension>& extensions) {
  json::array out;
  for (const Extension& extension : extensions) {
    std::string text = dump_extension(extension);
    for (int line = 0; line < 2 && !text.empty(); ++line) text.erase(0, text.find('\n') + 1);
    out.push_back(json::object{{"oid", extension.oid.dotted()},
                               {"name", clean(display_name(extension.oid))},
                               {"critical", extension.critical},
                               {"text", clean(trim(text))},
                               {"value", to_base64(extension.value)}});
  }
  return out;
}

json::object certificate_object(const Certificate& certificate) {
  return {{"kind", "certificate"},
          {"serial", certificate.serial_hex()},
          {"subject", clean(certificate.subject().to_cert_str())},
          {"issuer", clean(certificate.issuer().to_cert_str())},
          {"not_before", to_iso(certificate.not_before())},
          {"not_after", to_iso(certificate.not_after())},
          {"key", to_string(certificate.public_key().spec())},
          {"sha1", to_hex(certificate.thumbprint())},
          {"sha256", to_hex(digest(Digest::sha256, certificate.der()))},
          {"extensions", extensions_of(certificate.extensions())}};
}

}  // namespace

Result<std::string> dump_json(BytesView content, std::string_view password) {
  const Bytes der = unarmoured(content);
  if (const auto certificate = Certificate::parse(der)) return json::serialize(certificate_object(*certificate)) + "\n";
  if (const auto request = CertificateRequest::parse(der)) {
    const auto valid = request->signature_valid();
    return json::serialize(json::object{{"kind", "request"},
                                        {"subject", clean(request->subject().to_cert_str())},
                                        {"key", to_string(request->public_key().spec())},
                                        {"signature_valid", valid && *valid},
                                        {"extensions", extensions_of(request->extensions())}}) +
           "\n";
  }
  if (const auto crl = Crl::parse(der)) {
    json::array revoked;
    for (const RevokedEntry& entry : crl->revoked())
      revoked.push_back(
          json::object{{"serial", to_hex(entry.serial)}, {"when", to_iso(entry.when)}, {"reason", entry.reason}});
    const auto issuer = Name::from_der(crl->issuer_der());
    return json::serialize(json::object{{"kind", "crl"},
                                        {"issuer", clean(issuer ? issuer->to_cert_str() : std::string())},
                                        {"this_update", to_iso(crl->this_update())},
                                        {"next_update", crl->next_update() ? to_iso(*crl->next_update()) : ""},
                                        {"revoked", std::move(revoked)},
                                        {"extensions", extensions_of(crl->extensions())}}) +
           "\n";
  }
  MIMICA_TRY(const Pfx pfx, open_pfx(der, password));
  json::array chain;
  for (const Certificate& one : pfx.chain) chain.push_back(certificate_object(one));
  return json::serialize(json::object{{"kind", "pfx"},
                                      {"certificate", certificate_object(pfx.certificate)},
                                      {"key", to_string(pfx.key.spec())},
                                      {"chain", std::move(chain)}}) +
         "\n";
}

}  // namespace mimica::certutil
