#include "audit/import/certificates.h"

#include <algorithm>

#include "core/pki/pfx.h"

namespace mimica::audit {
namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";

Result<std::vector<Certificate>> parse_pem(std::string_view text, const std::string& source) {
  std::vector<Certificate> out;
  std::size_t at = 0;
  while ((at = text.find(kBegin, at)) != std::string_view::npos) {
    const int line =
        1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
    const Where where{source, line, 0, {}};
    const std::size_t end = text.find(kEnd, at);
    if (end == std::string_view::npos) return fault("the PEM block does not end", where, "the file may be cut off");
    const auto der = from_pem("CERTIFICATE", text.substr(at, end + kEnd.size() - at));
    if (!der) return fault("the PEM block is no base64", where);
    auto certificate = Certificate::parse(*der);
    if (!certificate) return fault("the PEM block is no certificate: " + certificate.error().what, where);
    if (out.size() == kMaxCertificatesInFile) return fault("too many certificates in one file", where);
    out.push_back(*std::move(certificate));
    at = end + kEnd.size();
  }
  return out;
}

Fault not_a_certificate(const std::string& source, std::string what) {
  return fault(std::move(what), {source, 0, 0, {}},
               "give an X.509 certificate as PEM or DER, or PKCS#12 with its password");
}

// A PFX begins with SEQUENCE { INTEGER 3, ...; a certificate with SEQUENCE { SEQUENCE.
bool looks_like_pfx(std::string_view der) {
  if (der.size() < 8 || der[0] != 0x30) return false;
  const auto length = static_cast<unsigned char>(der[1]);
  const std::size_t content = length < 0x80 ? 2 : length == 0x80 ? 2 : 2U + (length & 0x7FU);
  return content + 3 <= der.size() && der.substr(content, 3) == std::string_view("\x02\x01\x03", 3);
}

}  // namespace

Result<std::vector<Certificate>> parse_certificates(std::string_view content, const std::string& source,
                                                    const std::string& password) {
  if (content.empty()) return not_a_certificate(source, "the file is empty");
  if (content.find(kBegin) != std::string_view::npos) return parse_pem(content, source);
  if (looks_like_pfx(content)) {
    auto pfx = open_pfx(as_bytes(content), password);
    if (!pfx)
      return fault("the PKCS#12 file cannot be opened: " + pfx.error().what, {source, 0, 0, {}},
                   "give its password with --cert-password-file or --cert-password-env");
    std::vector<Certificate> out{std::move(pfx->certificate)};
    out.insert(out.end(), pfx->chain.begin(), pfx->chain.end());
    return out;
  }
  auto certificate = Certificate::parse_pem_or_der(as_bytes(content));
  if (!certificate) return not_a_certificate(source, "this is no certificate: " + certificate.error().what);
  return std::vector<Certificate>{*std::move(certificate)};
}

std::vector<Certificate> leaf_first(std::vector<Certificate> certificates) {
  const auto leaf = std::find_if(certificates.begin(), certificates.end(),
                                 [](const Certificate& certificate) { return !certificate.is_ca(); });
  if (leaf != certificates.end()) std::rotate(certificates.begin(), leaf, leaf + 1);
  return certificates;
}

}  // namespace mimica::audit
