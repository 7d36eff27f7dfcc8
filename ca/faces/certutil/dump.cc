#include "ca/faces/certutil/dump.h"

#include "ca/faces/certutil/text.h"
#include "ca/registry/registry.h"
#include "core/pki/cms.h"
#include "core/pki/pfx.h"

namespace mimica::certutil {
namespace {

constexpr std::string_view kIndent = "    ";

// The three parts of a signed structure.
struct Signed {
  BytesView algorithm, signature;
};
Result<Signed> signed_parts(BytesView der) {
  DerReader reader(der);
  MIMICA_TRY(DerReader parts, reader.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(parts.next());
  MIMICA_TRY(const Tlv algorithm, parts.expect(tag::kSequence));
  MIMICA_TRY(const BytesView signature, parts.bit_string());
  return Signed{algorithm.encoded, signature};
}

std::string version_of(BytesView tbs) {
  DerReader reader(tbs);
  auto fields = reader.enter(tag::kSequence);
  if (!fields || fields->peek() != tag::context_constructed(0)) return "1";
  auto tagged = fields->enter(tag::context_constructed(0));
  const auto version = tagged ? tagged->integer() : Result<std::int64_t>(0);
  return std::to_string((version ? *version : 0) + 1);
}

std::string dump_signature(BytesView der) {
  const auto parts = signed_parts(der);
  if (!parts) return "";
  return dump_algorithm("Signature Algorithm:", parts->algorithm) + "Signature: UnusedBits=0\n" +
         ca::hex_lines(parts->signature, kIndent);
}

std::string key_hashes(const PublicKey& key) {
  return "Key Id Hash(rfc-sha1): " + to_hex(key.key_identifier()) +
         "\nKey Id Hash(sha1): " + to_hex(digest(Digest::sha1, key.spki())) +
         "\nKey Id Hash(sha256): " + to_hex(digest(Digest::sha256, key.spki())) + "\n";
}

std::string dump_signed_data(const SignedData& message) {
  std::string out = "PKCS7/CMS Message:\n  Content Type: " + message.content_type().dotted();
  const std::string_view name = display_name(message.content_type());
  out += (name.empty() ? "" : " " + std::string(name)) +
         "\n  Content Length: " + std::to_string(message.content().size()) +
         "\n  Signer Count: " + std::to_string(message.signers().size()) +
         "\n  Certificates: " + std::to_string(message.certificates().size()) + "\n\n";
  int number = 0;
  for (const CmsSigner& signer : message.signers()) {
    out += "Signer " + std::to_string(number++) + ":\n";
    if (!signer.serial.empty()) out += "  Serial Number: " + to_hex(signer.serial) + "\n";
    if (!signer.key_identifier.empty()) out += "  Key Id: " + to_hex(signer.key_identifier) + "\n";
    out += "  Hash Algorithm: " + signer.digest_algorithm.dotted() +
           "\n  Signature Algorithm: " + signer.signature_algorithm.dotted() + "\n";
    if (const Certificate* certificate = message.certificate_of(signer)) {
      const auto verified = message.verify(signer, certificate->public_key());
      out += verified && *verified ? "  Signature matches Public Key\n" : "  Signature does NOT match Public Key\n";
    }
  }
  number = 0;
  for (const Certificate& certificate : message.certificates())
    out += "================ Certificate " + std::to_string(number++) + " ================\n" +
           short_certificate(certificate) + "\n";
  if (const auto request = CertificateRequest::parse(message.content())) out += dump_request(*request);
  return out;
}

std::string dump_pfx(const Pfx& pfx) {
  std::string out = "================ Certificate 0 ================\n";
  int nesting = 1;
  const auto element = [&](const Certificate& certificate, bool with_key) {
    out += "================ Begin Nesting Level " + std::to_string(nesting) + " ================\nElement " +
           std::to_string(nesting - 1) + ":\n" + short_certificate(certificate);
    if (with_key) {
      if (!pfx.friendly_name.empty()) out += "  Friendly Name: " + pfx.friendly_name + "\n";
      const bool fits = pfx.key.public_key().spki() == certificate.public_key().spki();
      out += "  Private key: " + to_string(pfx.key.spec()) +
             (fits ? "\n  Public key matches the certificate\n" : "\n  Public key does NOT match the certificate\n");
    }
    out += "----------------  End Nesting Level " + std::to_string(nesting++) + "  ----------------\n\n";
  };
  element(pfx.certificate, true);
  for (const Certificate& certificate : pfx.chain) element(certificate, false);
  return out;
}

}  // namespace

std::string dump_name(std::string_view label, BytesView name_der) {
  std::string out = std::string(label) + "\n";
  const auto name = Name::from_der(name_der);
  if (!name) {
    out += ca::hex_lines(name_der, kIndent);
  } else if (name->empty()) {
    out += "    EMPTY\n";
  } else {
    for (auto rdn = name->rdns.rbegin(); rdn != name->rdns.rend(); ++rdn)
      out += "    " + Name{{*rdn}}.to_cert_str() + "\n";
  }
  return out + "  Name Hash(sha1): " + to_hex(digest(Digest::sha1, name_der)) +
         "\n  Name Hash(md5): " + to_hex(md5(name_der)) + "\n\n";
}

std::string dump_algorithm(std::string_view label, BytesView algorithm_identifier) {
  std::string out = std::string(label) + "\n";
  DerReader reader(algorithm_identifier);
  auto parts = reader.enter(tag::kSequence);
  const auto oid = parts ? parts->oid() : Result<Oid>(fault("no algorithm"));
  if (!oid) return out + ca::hex_lines(algorithm_identifier, kIndent);
  const std::string_view name = display_name(*oid);
  out += "    Algorithm ObjectId: " + oid->dotted() + (name.empty() ? "" : " " + std::string(name)) + "\n";
  const auto parameters = parts->next();
  if (!parameters) return out + "    Algorithm Parameters: NULL\n";
  return out + "    Algorithm Parameters:\n" + ca::hex_lines(parameters->encoded, kIndent);
}

std::string dump_public_key(const PublicKey& key) {
  DerReader reader(key.spki());
  auto parts = reader.enter(tag::kSequence);
  const auto algorithm = parts ? parts->expect(tag::kSequence) : Result<Tlv>(fault("no key"));
  const auto bits = algorithm ? parts->bit_string() : Result<BytesView>(fault("no key"));
  if (!bits) return "Public Key:\n" + ca::hex_lines(key.spki(), kIndent);
  return dump_algorithm("Public Key Algorithm:", algorithm->encoded) +
         "Public Key Length: " + std::to_string(key.spec().bits) + " bits\nPublic Key: UnusedBits = 0\n" +
         ca::hex_lines(*bits, kIndent);
}

std::string short_certificate(const Certificate& certificate) {
  std::string out =
      "Serial Number: " + certificate.serial_hex() + "\nIssuer: " + certificate.issuer().to_cert_str() +
      "\n NotBefore: " + show_date(certificate.not_before()) + "\n NotAfter: " + show_date(certificate.not_after()) +
      "\nSubject: " + (certificate.subject().empty() ? "EMPTY" : certificate.subject().to_cert_str()) + "\n";
  if (const auto name = certificate.template_name())
    out += "Certificate Template Name (Certificate Type): " + *name + "\n";
  if (const auto info = certificate.template_info()) out += "Template: " + info->oid.dotted() + "\n";
  const auto own = certificate.self_issued() ? certificate.signed_by(certificate.public_key()) : Result<bool>(false);
  out += own && *own ? "Signature matches Public Key\nRoot Certificate: Subject matches Issuer\n"
                     : "Non-root Certificate\n";
  return out + "Cert Hash(sha1): " + to_hex(certificate.thumbprint()) + "\n";
}

std::string dump_certificate(const Certificate& certificate) {
  std::string out =
      "X509 Certificate:\nVersion: " + version_of(certificate.tbs()) + "\nSerial Number: " + certificate.serial_hex() +
      "\n" + dump_algorithm("Signature Algorithm:", certificate.signature_algorithm()) +
      dump_name("Issuer:", certificate.issuer_der()) + " NotBefore: " + show_date(certificate.not_before()) +
      "\n NotAfter: " + show_date(certificate.not_after()) + "\n\n" + dump_name("Subject:", certificate.subject_der()) +
      dump_public_key(certificate.public_key()) + dump_extensions("Certificate Extensions:", certificate.extensions()) +
      dump_signature(certificate.der());
  const auto own = certificate.self_issued() ? certificate.signed_by(certificate.public_key()) : Result<bool>(false);
  out += own && *own ? "Signature matches Public Key\nRoot Certificate: Subject matches Issuer\n"
                     : "Non-root Certificate\n";
  return out + key_hashes(certificate.public_key()) + "Cert Hash(md5): " + to_hex(md5(certificate.der())) +
         "\nCert Hash(sha1): " + to_hex(certificate.thumbprint()) +
         "\nCert Hash(sha256): " + to_hex(digest(Digest::sha256, certificate.der())) + "\n";
}

std::string dump_request(const CertificateRequest& request) {
  std::string out = "PKCS10 Certificate Request:\nVersion: 1\n" + dump_name("Subject:", request.subject_der()) +
                    dump_public_key(request.public_key());
  out += "Request Attributes: " + std::to_string(request.attributes().size()) + "\n";
  std::size_t number = 0;
  for (const auto& attribute : request.attributes()) {
    const auto& type = attribute.first;
    const auto& values = attribute.second;
    const std::string_view name = display_name(type);
    out += "\n  Attribute[" + std::to_string(number) + "]: " + type.dotted() +
           (name.empty() ? "" : " (" + std::string(name) + ")") + "\n";
    const bool extensions = type == oids::kExtensionRequest || type == oids::kMsExtensionRequest;
    for (std::size_t i = 0; i < values.size(); ++i) {
      out += "    Value[" + std::to_string(number) + "][" + std::to_string(i) +
             "], Length = " + show_long(static_cast<std::int64_t>(values[i].size())).substr(2) + "\n";
      const auto listed = extensions ? parse_extensions(values[i]) : Result<std::vector<Extension>>(fault("none"));
      const auto text = extensions ? Result<std::string>(fault("none")) : [&]() -> Result<std::string> {
        MIMICA_TRY(const Tlv value, DerReader(values[i]).next());
        return decode_string(value);
      }();
      if (listed)
        out += dump_extensions("Certificate Extensions:", *listed);
      else if (text)
        out += "        " + *text + "\n";
      else
        out += ca::hex_lines(values[i], "        ");
    }
    ++number;
  }
  for (const auto& [name, value] : request.name_value_pairs()) out += "  " + name + ": " + value + "\n";
  out += dump_signature(request.der());
  const auto valid = request.signature_valid();
  out += valid && *valid ? "Signature matches Public Key\n" : "Signature does NOT match Public Key\n";
  return out + key_hashes(request.public_key());
}

Result<std::string> dump_crl(BytesView der) {
  MIMICA_TRY(const Crl crl, Crl::parse(der));
  std::string out = "X509 Certificate Revocation List:\nVersion: 2\n";
  if (const auto parts = signed_parts(der)) out += dump_algorithm("Signature Algorithm:", parts->algorithm);
  out += dump_name("Issuer:", crl.issuer_der()) + " ThisUpdate: " + show_date(crl.this_update()) +
         "\n NextUpdate: " + (crl.next_update() ? show_date(*crl.next_update()) : "EMPTY") +
         "\nCRL Entries: " + std::to_string(crl.revoked().size()) + "\n";
  std::size_t shown = 0;
  for (const RevokedEntry& entry : crl.revoked()) {
    if (++shown > kMaxDumpedEntries) {
      out += "  ...\n";
      break;
    }
    out += "  Serial Number: " + to_hex(entry.serial) + "\n   Revocation Date: " + show_date(entry.when) + "\n";
    if (entry.reason == 0) continue;
    const std::uint8_t code = static_cast<std::uint8_t>(entry.reason);
    const Extension reason{oids::kCrlReason, false, der::tlv(tag::kEnumerated, BytesView(&code, 1))};
    out += "  " + dump_extensions("Extensions:", {reason});
  }
  out += "\n" + dump_extensions("CRL Extensions:", crl.extensions()) + dump_signature(der);
  return out + "CRL Hash(sha1): " + to_hex(digest(Digest::sha1, der)) +
         "\nCRL Hash(sha256): " + to_hex(digest(Digest::sha256, der)) + "\n";
}

Bytes unarmoured(BytesView content) {
  const std::string_view text = as_text(content);
  const std::size_t begin = text.find("-----BEGIN ");
  if (begin == std::string_view::npos) {
    const auto bare = from_base64(text);
    return bare && !bare->empty() ? *bare : to_bytes(content);
  }
  const std::size_t label = begin + std::string_view("-----BEGIN ").size();
  const std::size_t end = text.find("-----", label);
  if (end == std::string_view::npos) return to_bytes(content);
  const auto der = from_pem(text.substr(label, end - label), text);
  return der ? *der : to_bytes(content);
}

Result<std::string> dump_file(BytesView content, std::string_view password) {
  const Bytes der = unarmoured(content);
  if (const auto certificate = Certificate::parse(der)) return dump_certificate(*certificate);
  if (const auto request = CertificateRequest::parse(der)) return dump_request(*request);
  if (auto crl = dump_crl(der)) return crl;
  if (SignedData::is_content_info(der))
    if (const auto message = SignedData::parse(der)) return dump_signed_data(*message);
  const auto pfx = open_pfx(der, password);
  if (pfx) return dump_pfx(*pfx);
  if (pfx.error().code == Code(HResult::ERROR_INVALID_PASSWORD)) return pfx.error();
  return fault(HResult::ERROR_INVALID_DATA, "the file is no certificate, request, CRL, PKCS #7 or PFX");
}

}  // namespace mimica::certutil
