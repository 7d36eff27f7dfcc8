#include "ca/issue/ca_certificates.h"

#include <algorithm>

#include "core/asn1/der.h"

namespace mimica::ca {
namespace {

constexpr std::size_t kRootSerialSize = 16;
const Bytes kCaKeyUsage = {0x86};  // digitalSignature, keyCertSign, cRLSign
const Oid kIssuerAccessMethod{"1.3.6.1.5.5.7.48.2"};

Extension version(const CaCertificateTerms& terms) {
  return {oids::kCaVersion, false,
          der::integer((std::int64_t{terms.key_index} << 16) | std::int64_t{terms.certificate_index})};
}

Extension previous_hash(const Certificate& previous) {
  return {oids::kPreviousCaHash, false, der::octet_string(previous.thumbprint())};
}

CertificateFields frame(const CaCertificateTerms& terms) {
  CertificateFields fields;
  fields.serial = terms.serial;
  fields.subject_der = terms.subject_der;
  fields.not_before = terms.not_before;
  fields.not_after = terms.not_after;
  fields.spki = terms.key.spki();
  return fields;
}

void add_issuer(CertificateFields& fields, const CaIssuer& issuer) {
  fields.issuer_der = to_bytes(issuer.certificate->subject_der());
  if (const auto id = issuer.certificate->subject_key_identifier())
    fields.extensions.push_back({oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(*id)});
  if (!issuer.distribution_points.empty())
    fields.extensions.push_back(
        {oids::kCrlDistributionPoints, false, ext::distribution_points(issuer.distribution_points)});
  std::vector<ext::AccessDescription> access;
  for (const std::string& url : issuer.issuer_locations) access.push_back({kIssuerAccessMethod, url});
  if (!access.empty())
    fields.extensions.push_back({oids::kAuthorityInfoAccess, false, ext::authority_info_access(access)});
}

}  // namespace

CertificateFields root_certificate(const CaCertificateTerms& terms) {
  CertificateFields fields = frame(terms);
  fields.issuer_der = terms.subject_der;
  fields.extensions = {{oids::kKeyUsage, false, ext::key_usage(kCaKeyUsage)},
                       {oids::kBasicConstraints, true, ext::basic_constraints(true, std::nullopt)},
                       {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(terms.key.key_identifier())},
                       version(terms)};
  if (terms.previous != nullptr) fields.extensions.push_back(previous_hash(*terms.previous));
  return fields;
}

CaIssuer issuer_over_http(const Certificate& certificate, const CaConfig& config, const UrlTokens& tokens) {
  CaIssuer issuer;
  issuer.certificate = &certificate;
  issuer.distribution_points =
      expand_urls(config.CRLPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::base_crl);
  issuer.issuer_locations =
      expand_urls(config.CACertPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::ca_certificate);
  for (auto* urls : {&issuer.distribution_points, &issuer.issuer_locations})
    std::erase_if(*urls, [](const std::string& url) { return !starts_with_ignore_case(url, "http://"); });
  return issuer;
}

Bytes root_serial(Entropy& entropy) {
  Bytes serial = entropy.bytes(kRootSerialSize);
  serial.front() = static_cast<std::uint8_t>((serial.front() & 0x7FU) | 0x10U);
  return serial;
}

CertificateFields subordinate_certificate(const CaCertificateTerms& terms, const CaIssuer& issuer) {
  CertificateFields fields = frame(terms);
  fields.not_before = std::max(fields.not_before, issuer.certificate->not_before());
  fields.not_after = std::min(fields.not_after, issuer.certificate->not_after());
  fields.extensions = {version(terms)};
  if (terms.previous != nullptr) fields.extensions.push_back(previous_hash(*terms.previous));
  for (Extension extension : std::vector<Extension>{
           {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(terms.key.key_identifier())},
           {oids::kTemplateName, false, ext::template_name("SubCA")},
           {oids::kKeyUsage, false, ext::key_usage(kCaKeyUsage)},
           {oids::kBasicConstraints, true, ext::basic_constraints(true, std::nullopt)}})
    fields.extensions.push_back(std::move(extension));
  add_issuer(fields, issuer);
  return fields;
}

CertificateFields cross_certificate(const Certificate& subject, Bytes serial, const CaIssuer& issuer) {
  CertificateFields fields;
  fields.serial = std::move(serial);
  fields.subject_der = to_bytes(subject.subject_der());
  fields.not_before = std::max(subject.not_before(), issuer.certificate->not_before());
  fields.not_after = std::min(subject.not_after(), issuer.certificate->not_after());
  fields.spki = subject.public_key().spki();
  fields.extensions = {
      {oids::kSubjectKeyIdentifier, false,
       ext::subject_key_identifier(subject.subject_key_identifier().value_or(subject.public_key().key_identifier()))},
      {oids::kTemplateName, false, ext::template_name("CrossCA")},
      {oids::kKeyUsage, false, ext::key_usage(kCaKeyUsage)},
      {oids::kBasicConstraints, true, ext::basic_constraints(true, std::nullopt)}};
  if (const Extension* own = subject.extension(oids::kCaVersion)) fields.extensions.push_back(*own);
  add_issuer(fields, issuer);
  return fields;
}

Result<Certificate> certify(const CertificateFields& fields, const PrivateKey& key, Digest digest) {
  MIMICA_TRY(const Bytes der, sign_certificate(fields, key, digest));
  return Certificate::parse(der);
}

Bytes cross_certificate_pair(const Certificate& forward, const Certificate& reverse) {
  return der::sequence({der::tlv(tag::context_constructed(0), BytesView(forward.der())),
                        der::tlv(tag::context_constructed(1), BytesView(reverse.der()))});
}

}  // namespace mimica::ca
