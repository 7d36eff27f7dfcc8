// Which keys and certificates the CA has, and renewal.
#include "ca/authority/authority.h"
#include "ca/issue/ca_certificates.h"
#include "ca/issue/issue.h"
#include "ca/publication/directory_objects.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"
#include "ca/store/row_names.h"

namespace mimica::ca {
namespace {

constexpr std::string_view kCrossTemplate = "CrossCA";

}  // namespace

const CaIdentity& CertificationAuthority::identity() const {
  const std::lock_guard lock(settings_mutex_);
  return *identities_.back();
}

std::vector<Certificate> CertificationAuthority::chain() const {
  const CaIdentity& identity = this->identity();
  std::vector<Certificate> chain = {identity.certificate};
  if (!identity.is_root()) chain.push_back(identity.root);
  return chain;
}

std::vector<SigningCertificate> CertificationAuthority::signing_certificates() const {
  std::vector<SigningCertificate> all = identity().all();
  for (SigningCertificate& one : all) one.key = {};
  return all;
}

UrlTokens CertificationAuthority::tokens_of(const Certificate& certificate) const {
  UrlTokens tokens = names_;
  tokens.certificate_index = certificate_index_of(certificate);
  tokens.key_index = key_index_of(certificate);
  return tokens;
}

UrlTokens CertificationAuthority::tokens() const { return settings()->tokens; }

std::shared_ptr<const CertificationAuthority::Settings> CertificationAuthority::settings_of(
    int ca_certificate_index) const {
  for (SigningCertificate& one : identity().all())
    if (certificate_index_of(one.certificate) == ca_certificate_index && !one.key.empty())
      return derive(config(), std::move(one));
  return nullptr;
}

Result<Decision<Certificate>> CertificationAuthority::renew(bool new_key, KeySource& keys, std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  const Timestamp now = environment_.clock->now();
  const std::shared_ptr<const Settings> settings = this->settings();
  const CaConfig& config = settings->config;
  const CaIdentity& current = identity();
  Trace trace;
  Administrator who;
  const auto refuse = [&] { return Decision<Certificate>::refuse(std::move(trace)); };
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return refuse();
  const bool root = current.is_root();
  if (!root && current.root_key.empty()) {
    trace.fail(kRenewalParent, HResult::ERROR_FILE_NOT_FOUND,
               "the key of " + current.root.subject().to_cert_str() + " is not here");
    return refuse();
  }
  if (!root && now > current.root.not_after()) {
    trace.fail(kRenewalParent, HResult::CERT_E_EXPIRED,
               current.root.subject().to_cert_str() + " ended on " + to_iso(current.root.not_after()));
    return refuse();
  }
  trace.pass(kRenewalParent, root ? "the CA signs its own certificate" : "the root signs it");

  CaIdentity next = current;
  next.earlier.push_back({current.key, current.certificate, std::nullopt, current.backward_cross});
  next.backward_cross.reset();
  CaCertificateTerms terms;
  terms.subject_der = to_bytes(current.certificate.subject_der());
  terms.certificate_index = static_cast<int>(next.earlier.size());
  terms.key_index = key_index_of(current.certificate);
  if (new_key) {
    // A key index is the index of the first certificate with that key (MS-WCCE 3.2.1.1.2).
    terms.key_index = terms.certificate_index;
    MIMICA_TRY(next.key, keys.key(current.key.spec()));
  }
  terms.key = next.key.public_key();
  terms.previous = &current.certificate;
  terms.not_before = now - config.ClockSkewMinutes * kMinute;
  if (root) {
    terms.serial = root_serial(*environment_.entropy);
    terms.not_after = now + options_.root_validity;
    MIMICA_TRY(next.certificate, certify(root_certificate(terms), next.key, config.SignatureDigest));
    next.root = next.certificate;
    next.root_key = next.key;
  } else {
    terms.serial = make_serial(config.HighSerial, static_cast<std::uint32_t>(terms.certificate_index) + 2, 0,
                               *environment_.entropy);
    terms.not_after = terms.not_before + options_.validity;
    const CaIssuer issuer = issuer_over_http(current.root, config, root_tokens());
    MIMICA_TRY(next.certificate,
               certify(subordinate_certificate(terms, issuer), current.root_key, config.SignatureDigest));
  }
  if (root && new_key && (config.CRLFlags & crlf::kDisableRootCrossCerts) == 0)
    MIMICA_RETURN_IF_FAULT(add_cross_certificates(*settings, next));
  if (config.is_enterprise()) MIMICA_RETURN_IF_FAULT(publish_identity(next));
  {
    const std::lock_guard settings_lock(settings_mutex_);
    identities_.push_back(std::make_unique<const CaIdentity>(next));
    settings_ = derive(settings_->config, {next.key, next.certificate, std::nullopt, std::nullopt});
  }
  emit(events::kCaCertificatePublished, {to_hex(next.certificate.thumbprint()), to_iso(next.certificate.not_before()),
                                         to_iso(next.certificate.not_after())});
  MIMICA_RETURN_IF_FAULT(current_crl());
  return Decision<Certificate>::grant(next.certificate, std::move(trace));
}

// Rows of the database like other certificates, so that they can be revoked; signed by the key they stand for.
Result<void> CertificationAuthority::add_cross_certificates(const Settings& settings, CaIdentity& next) {
  SigningCertificate& previous = next.earlier.back();
  const auto cross = [&](const Certificate& subject, const Certificate& by, const PrivateKey& key,
                         std::optional<Certificate>& out) -> Result<void> {
    RequestRecord record;
    RequestRow& row = record.request;
    MIMICA_TRY(row.RequestID, environment_.database->next_request_id());
    const UrlTokens tokens = tokens_of(by);
    const CaConfig& config = settings.config;
    CaIssuer issuer;
    issuer.certificate = &by;
    issuer.distribution_points =
        expand_urls(config.CRLPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::base_crl);
    issuer.issuer_locations =
        expand_urls(config.CACertPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::ca_certificate);
    Bytes serial = make_serial(config.HighSerial, static_cast<std::uint32_t>(row.RequestID),
                               static_cast<std::uint16_t>(tokens.certificate_index), *environment_.entropy);
    MIMICA_TRY(out, certify(cross_certificate(subject, std::move(serial), issuer), key, config.SignatureDigest));
    row.Disposition = DbDisposition::issued;
    row.DispositionMessage = "Issued";
    row.SubmittedWhen = environment_.clock->now();
    row.ResolvedWhen = row.SubmittedWhen;
    row.RequesterName = look_ups_->netbios_name() + "\\" + to_upper(short_host(config.CAServerName)) + "$";
    row.CallerName = row.RequesterName;
    set_subject(row, subject.subject(), subject.subject_der());
    record.certificate = certificate_row(*out);
    record.certificate->CertificateTemplate = kCrossTemplate;
    record.certificate->IssuerNameID = ca_version(by);
    record.trace_json = trace_to_json({});
    return environment_.database->store(record);
  };
  MIMICA_RETURN_IF_FAULT(cross(next.certificate, previous.certificate, previous.key, previous.forward_cross));
  return cross(previous.certificate, next.certificate, next.key, next.backward_cross);
}

Result<void> CertificationAuthority::publish_identity(const CaIdentity& identity) const {
  DirectoryPublication publication;
  publication.ca_name = names_.ca_name;
  publication.server_dns_name = names_.server_dns_name;
  publication.certificate = identity.certificate;
  publication.root = identity.root;
  publication.root_name = identity.is_root() ? names_.ca_name : root_tokens().ca_name;
  publication.install_templates = false;
  publication.key_index = key_index_of(identity.certificate);
  if (identity.backward_cross && !identity.earlier.empty() && identity.earlier.back().forward_cross)
    publication.cross_pair = cross_certificate_pair(*identity.earlier.back().forward_cross, *identity.backward_cross);
  return publish_authority(look_ups_->directory(), look_ups_->contexts(), publication);
}

}  // namespace mimica::ca
