#include "ca/authority/offline_root.h"

#include "ca/authority/signed_list.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"

namespace mimica::ca {
namespace {

constexpr Seconds kRootCrlPeriod = 365 * kDay;  // the list of an offline root is renewed by hand once a year

}  // namespace

bool OfflineRoot::can_certify(const CaIdentity& identity, Timestamp now, Trace& trace) {
  if (identity.root_key.empty()) {
    trace.fail(kRenewalParent, HResult::ERROR_FILE_NOT_FOUND,
               "the key of " + identity.root.subject().to_cert_str() + " is not here");
    return false;
  }
  if (now > identity.root.not_after()) {
    trace.fail(kRenewalParent, HResult::CERT_E_EXPIRED,
               identity.root.subject().to_cert_str() + " ended on " + to_iso(identity.root.not_after()));
    return false;
  }
  trace.pass(kRenewalParent, "the root signs it");
  return true;
}

Result<Certificate> OfflineRoot::certify(const CaIdentity& identity, const CaCertificateTerms& terms,
                                         const CaConfig& config, const UrlTokens& tokens) {
  const CaIssuer issuer = issuer_over_http(identity.root, config, tokens);
  return mimica::ca::certify(subordinate_certificate(terms, issuer), identity.root_key, config.SignatureDigest);
}

Result<CrlRow> OfflineRoot::current_list(Timestamp now) {
  const CaIdentity& identity = state_.identity();
  const std::lock_guard lock(mutex_);
  Database& database = state_.database();
  MIMICA_TRY(auto row, database.latest_crl(0, CrlKind::base, CrlIssuer::offline_root));
  const bool due = !row || now >= row->CRLNextPublish;
  if (due && !identity.root_key.empty()) {
    MIMICA_TRY(const std::int64_t highest, database.highest_crl_number(CrlIssuer::offline_root));
    const std::shared_ptr<const Settings> settings = state_.settings();
    CrlPeriods periods;
    periods.base = kRootCrlPeriod;
    periods.skew = settings->config.ClockSkewMinutes * kMinute;
    CrlInput input;
    input.ca_certificate = &identity.root;
    input.number = highest + 1;
    input.times = crl_times(CrlKind::base, periods, identity.root.not_before(), now);
    const CrlFields fields = crl_fields(input);
    row = list_row(input, fields, 0, now);
    row->issuer = CrlIssuer::offline_root;
    row->CRLPublishFlags |= cpf::kComplete;
    MIMICA_TRY(row->CRLRawCRL, sign_list(fields, identity.root_key, identity.root, settings->config.SignatureDigest));
    MIMICA_RETURN_IF_FAULT(database.store_crls({&*row, 1}));
  }
  if (!row) return fault(HResult::ERROR_FILE_NOT_FOUND, "no CRL of the root was published yet");
  return *std::move(row);
}

}  // namespace mimica::ca
