#include "ca/authority/renewal.h"

#include "ca/issue/ca_certificates.h"
#include "ca/issue/issue.h"
#include "ca/publication/directory_objects.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"
#include "ca/store/row_names.h"

namespace mimica::ca {
namespace {

constexpr std::string_view kCrossTemplate = "CrossCA";

bool can_renew(const CaIdentity& current, Timestamp now, Trace& trace) {
  if (!current.is_root()) return OfflineRoot::can_certify(current, now, trace);
  trace.pass(kRenewalParent, "the CA signs its own certificate");
  return true;
}

}  // namespace

Result<Decision<Certificate>> CaRenewal::renew(bool new_key, KeySource& keys, std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<Certificate>::refuse(std::move(trace));
  CaIdentity next;
  {
    const std::lock_guard lock(mutex_);
    const CaIdentity& current = state_.identity();
    if (!can_renew(current, now, trace)) return Decision<Certificate>::refuse(std::move(trace));
    MIMICA_TRY(next, successor(current, new_key, keys, now));
    state_.succeed(next);
    if (state_.settings()->config.is_enterprise()) MIMICA_RETURN_IF_FAULT(publish(next));
  }
  state_.emit(events::kCaCertificatePublished, now,
              {to_hex(next.certificate.thumbprint()), to_iso(next.certificate.not_before()),
               to_iso(next.certificate.not_after())});
  MIMICA_RETURN_IF_FAULT(lists_.current(now));
  return Decision<Certificate>::grant(next.certificate, std::move(trace));
}

Result<CaIdentity> CaRenewal::successor(const CaIdentity& current, bool new_key, KeySource& keys, Timestamp now) const {
  const std::shared_ptr<const Settings> settings = state_.settings();
  const CaConfig& config = settings->config;
  const bool root = current.is_root();
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
    terms.serial = root_serial(state_.entropy());
    terms.not_after = now + state_.options().root_validity;
    MIMICA_TRY(next.certificate, certify(root_certificate(terms), next.key, config.SignatureDigest));
    next.root = next.certificate;
    next.root_key = next.key;
  } else {
    terms.serial =
        make_serial(config.HighSerial, static_cast<std::uint32_t>(terms.certificate_index) + 2, 0, state_.entropy());
    terms.not_after = terms.not_before + state_.options().validity;
    MIMICA_TRY(next.certificate, OfflineRoot::certify(current, terms, config, state_.root_tokens()));
  }
  if (root && new_key && (config.CRLFlags & crlf::kDisableRootCrossCerts) == 0)
    MIMICA_RETURN_IF_FAULT(add_cross_certificates(*settings, next, now));
  return next;
}

// Rows of the database like other certificates, so that they can be revoked; signed by the key they stand for.
Result<void> CaRenewal::add_cross_certificates(const Settings& settings, CaIdentity& next, Timestamp now) const {
  SigningCertificate& previous = next.earlier.back();
  const auto cross = [&](const Certificate& subject, const Certificate& by, const PrivateKey& key,
                         std::optional<Certificate>& out) -> Result<void> {
    RequestRecord record;
    RequestRow& row = record.request;
    MIMICA_TRY(row.RequestID, state_.database().next_request_id());
    const UrlTokens tokens = state_.tokens_of(by);
    const CaConfig& config = settings.config;
    CaIssuer issuer;
    issuer.certificate = &by;
    issuer.distribution_points =
        expand_urls(config.CRLPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::base_crl);
    issuer.issuer_locations =
        expand_urls(config.CACertPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::ca_certificate);
    Bytes serial = make_serial(config.HighSerial, static_cast<std::uint32_t>(row.RequestID),
                               static_cast<std::uint16_t>(tokens.certificate_index), state_.entropy());
    MIMICA_TRY(out, certify(cross_certificate(subject, std::move(serial), issuer), key, config.SignatureDigest));
    row.Disposition = DbDisposition::issued;
    row.DispositionMessage = "Issued";
    row.SubmittedWhen = now;
    row.ResolvedWhen = row.SubmittedWhen;
    row.RequesterName = state_.look_ups().netbios_name() + "\\" + to_upper(short_host(config.CAServerName)) + "$";
    row.CallerName = row.RequesterName;
    set_subject(row, subject.subject(), subject.subject_der());
    record.certificate = certificate_row(*out);
    record.certificate->CertificateTemplate = kCrossTemplate;
    record.certificate->IssuerNameID = ca_version(by);
    record.trace_json = trace_to_json({});
    return state_.database().store(record);
  };
  MIMICA_RETURN_IF_FAULT(cross(next.certificate, previous.certificate, previous.key, previous.forward_cross));
  return cross(previous.certificate, next.certificate, next.key, next.backward_cross);
}

Result<void> CaRenewal::publish(const CaIdentity& identity) const {
  DirectoryPublication publication;
  publication.ca_name = state_.names().ca_name;
  publication.server_dns_name = state_.names().server_dns_name;
  publication.certificate = identity.certificate;
  publication.root = identity.root;
  publication.root_name = identity.is_root() ? state_.names().ca_name : state_.root_tokens().ca_name;
  publication.install_templates = false;
  publication.key_index = key_index_of(identity.certificate);
  if (identity.backward_cross && !identity.earlier.empty() && identity.earlier.back().forward_cross)
    publication.cross_pair = cross_certificate_pair(*identity.earlier.back().forward_cross, *identity.backward_cross);
  return publish_authority(state_.look_ups().directory(), state_.look_ups().contexts(), publication);
}

}  // namespace mimica::ca
