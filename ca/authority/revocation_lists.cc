#include <algorithm>
#include <map>

#include "ca/authority/revocation_lists.h"
#include "ca/authority/signed_list.h"
#include "ca/revocation/crl.h"
#include "ca/revocation/publication_status.h"
#include "ca/rules.h"
#include "core/base/text.h"
#include "net/http.h"

namespace mimica::ca {
namespace {

constexpr Seconds kRetry = 10 * kMinute;  // MS-CSRA 3.1.2.2
constexpr std::string_view kLdapUrl = "ldap:///";

CrlPeriods periods_of(const CaConfig& config) {
  return {config.CRLPeriod, config.CRLDeltaPeriod, config.CRLOverlap, config.CRLDeltaOverlap,
          config.ClockSkewMinutes * kMinute};
}

bool is_shadow(const CrlRow& row) { return (row.CRLPublishFlags & cpf::kShadow) != 0; }

}  // namespace

// One publication.
struct RevocationLists::Run {
  bool base = true;
  bool delta = true;
  std::string who;  // empty: the CA itself, when a list is due
  std::optional<Timestamp> next_publish;
  Timestamp now;
};

// One key of the CA with its newest certificate.
struct RevocationLists::Signer {
  int key_index = 0;
  Certificate certificate;
  PrivateKey key;
  UrlTokens tokens;
};

// Each key with its newest certificate, the newest key last. The lists of a key end with its last certificate.
std::vector<RevocationLists::Signer> RevocationLists::signers(const Settings& settings, Timestamp now) const {
  const bool all = (settings.config.CRLFlags & crlf::kPublishExpiredCertCrls) != 0;
  std::map<int, Signer> newest;
  for (SigningCertificate& one : state_.identity().all()) {
    const int key_index = key_index_of(one.certificate);
    newest[key_index] = {key_index, one.certificate, std::move(one.key), state_.tokens_of(one.certificate)};
  }
  std::vector<Signer> signers;
  for (auto& [key_index, signer] : newest) {
    const bool in_force = key_index == newest.rbegin()->first;
    if (signer.key.empty() || (!in_force && !all && now > signer.certificate.not_after())) continue;
    signers.push_back(std::move(signer));
  }
  return signers;
}

Result<CrlRow> RevocationLists::make_base(const Settings& settings, const Signer& signer, const Run& run,
                                          std::int64_t number) const {
  const Timestamp now = run.now;
  const CaConfig& config = settings.config;
  CrlInput input;
  input.ca_certificate = &signer.certificate;
  input.number = number;
  input.times = crl_times(CrlKind::base, periods_of(config), signer.certificate.not_before(), now, run.next_publish);
  input.flags = config.CRLFlags;
  MIMICA_TRY(const auto previous, state_.database().latest_crl(signer.key_index));
  RevokedQuery query;
  query.key_index = signer.key_index;
  // What has expired since the last base CRL is listed once more (RFC 5280 3.3).
  query.not_after = previous ? previous->CRLThisPublish : Timestamp{0};
  MIMICA_RETURN_IF_FAULT(state_.database().for_each_revoked(query, [&](const RevokedRow& row) {
    if (auto entry = crl_entry(row, CrlKind::base, now)) input.revoked.push_back(*std::move(entry));
  }));
  const auto urls = [&](std::uint32_t flag, UrlUse use) {
    return expand_urls(config.CRLPublicationURLs, flag, signer.tokens, use);
  };
  if (config.CRLDeltaPeriod > 0) input.freshest = urls(csurl::kAddToFreshestCrl, UrlUse::delta_crl);
  input.self_locations = urls(csurl::kAddToCrlCdp, UrlUse::base_crl);
  input.issuing_points = urls(csurl::kAddToIdp, UrlUse::base_crl);
  const CrlFields fields = crl_fields(input);
  CrlRow row = list_row(input, fields, signer.key_index, now);
  MIMICA_TRY(row.CRLRawCRL, sign_list(fields, signer.key, signer.certificate, config.SignatureDigest));
  return row;
}

// `base`: made in the same run; nullptr: none was.
Result<CrlRow> RevocationLists::make_delta(const Settings& settings, const Signer& signer, const Run& run,
                                           std::int64_t number, const CrlRow* base) const {
  const Timestamp now = run.now;
  const CaConfig& config = settings.config;
  Database& database = state_.database();
  const bool shadow = config.CRLDeltaPeriod == 0;
  MIMICA_TRY(const auto propagated, database.propagated_base_crl(signer.key_index, now));
  MIMICA_TRY(const auto oldest, database.oldest_unexpired_base_crl(signer.key_index, now));
  const CrlRow* first = oldest ? &*oldest : base;
  const bool use_oldest = (config.CRLFlags & crlf::kDeltaUseOldestUnexpiredBase) != 0;
  const CrlRow* minimum = shadow ? base : propagated && !use_oldest ? &*propagated : first;
  if (minimum == nullptr) return fault(HResult::ERROR_FILE_NOT_FOUND, "there is no base CRL to build on");
  if (first == nullptr) first = minimum;

  CrlInput input;
  input.kind = CrlKind::delta;
  input.ca_certificate = &signer.certificate;
  input.number = number;
  input.minimum_base = minimum->CRLNumber;
  input.flags = config.CRLFlags;
  CrlPeriods periods = periods_of(config);
  // The last list before there are no more: it must not run out before those who saw it fetch a base CRL again.
  if (shadow) periods.delta = periods.base;
  input.times = crl_times(CrlKind::delta, periods, signer.certificate.not_before(), now,
                          run.base ? std::nullopt : run.next_publish);
  if (!shadow) {
    MIMICA_TRY(const auto last_base, database.latest_crl(signer.key_index));
    RevokedQuery query;
    query.key_index = signer.key_index;
    query.not_after = last_base ? last_base->CRLThisPublish : Timestamp{0};
    query.changed_since = std::min(first->CRLThisUpdate, minimum->CRLThisUpdate);
    MIMICA_RETURN_IF_FAULT(database.for_each_revoked(query, [&](const RevokedRow& row) {
      if (auto entry = crl_entry(row, CrlKind::delta, now)) input.revoked.push_back(*std::move(entry));
    }));
  }
  input.self_locations = expand_urls(config.CRLPublicationURLs, csurl::kAddToCrlCdp, signer.tokens, UrlUse::delta_crl);
  input.issuing_points = expand_urls(config.CRLPublicationURLs, csurl::kAddToIdp, signer.tokens, UrlUse::delta_crl);
  const CrlFields fields = crl_fields(input);
  CrlRow row = list_row(input, fields, signer.key_index, now);
  row.CRLEffective = minimum->CRLThisUpdate;
  if (shadow) row.CRLPublishFlags |= cpf::kShadow;
  MIMICA_TRY(row.CRLRawCRL, sign_list(fields, signer.key, signer.certificate, config.SignatureDigest));
  return row;
}

// Makes and publishes the lists of a run; mutex_ is held. The rows say what became of each.
Result<std::vector<CrlRow>> RevocationLists::publish_run(const Run& run) {
  const Timestamp now = run.now;
  const std::shared_ptr<const Settings> settings = state_.settings();
  Database& database = state_.database();
  MIMICA_TRY(const std::int64_t highest, database.highest_crl_number());
  const std::vector<Signer> all = signers(*settings, now);
  std::vector<CrlRow> rows;
  std::vector<const Signer*> signer_of;
  for (const Signer& signer : all) {
    std::optional<CrlRow> base;
    if (run.base) {
      MIMICA_TRY(base, make_base(*settings, signer, run, highest + 1));
      rows.push_back(*base);
      signer_of.push_back(&signer);
    }
    if (!run.delta) continue;
    bool wanted = settings->config.CRLDeltaPeriod > 0;
    if (!wanted && base) {  // deltas were just switched off: one last, empty list
      MIMICA_TRY(const auto last, database.latest_crl(signer.key_index, CrlKind::delta));
      wanted = last && !is_shadow(*last);
    }
    if (!wanted) continue;
    MIMICA_TRY(CrlRow delta, make_delta(*settings, signer, run, highest + 1, base ? &*base : nullptr));
    rows.push_back(std::move(delta));
    signer_of.push_back(&signer);
  }
  for (CrlRow& row : rows)
    if (!run.who.empty()) row.CRLPublishFlags |= cpf::kManual;
  MIMICA_TRY(const std::vector<std::int64_t> ids, database.store_crls(rows));
  bool base_failed = false;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].CRLRowId = ids[i];
    if (rows[i].kind() == CrlKind::base) base_failed = false;
    MIMICA_RETURN_IF_FAULT(publish_list(*settings, rows[i], signer_of[i]->tokens, run.who, base_failed, now));
    base_failed = base_failed || (rows[i].CRLPublishFlags & cpf::kLdapError) != 0;
  }
  if ((settings->config.CRLFlags & crlf::kDeleteExpiredCrls) != 0)
    MIMICA_RETURN_IF_FAULT(database.delete_expired_crls(now));
  return rows;
}

// Writes one list to its locations and records how that went (MS-CSRA 3.1.4.1.6, rules 8 to 10). Local files are what
// published_files() gives out.
Result<void> RevocationLists::publish_list(const Settings& settings, CrlRow& row, const UrlTokens& tokens,
                                           const std::string& who, bool base_failed, Timestamp now) {
  const bool base = row.kind() == CrlKind::base;
  const std::vector<std::string> urls =
      expand_urls(settings.config.CRLPublicationURLs, base ? csurl::kServerPublish : csurl::kServerPublishDelta, tokens,
                  base ? UrlUse::base_crl : UrlUse::delta_crl);
  PublicationStatus status;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    const std::string& url = urls[i];
    if (!starts_with_ignore_case(url, kLdapUrl)) {
      status.add_file(i, url);
    } else if (base_failed) {
      status.add_postponed(i, url);
    } else {
      status.add_directory(i, url, write_to_directory(url, row.CRLRawCRL));
    }
  }
  row.CRLLastPublished = now;
  ++row.CRLPublishAttempts;
  row.CRLPublishFlags = status.flags(row.CRLPublishFlags);
  row.CRLPublishStatusCode = static_cast<std::uint32_t>(status.code());
  row.CRLPublishError = status.text(who);
  MIMICA_RETURN_IF_FAULT(state_.database().update_crl(row));
  const std::string container = tokens.ca_name + index_suffix(tokens.key_index);
  for (const std::string& url : status.failed())
    state_.emit(base ? events::kBaseCrlNotPublished : events::kDeltaCrlNotPublished, now,
                {std::to_string(tokens.key_index), url, describe(status.code())});
  state_.emit(
      events::kCrlPublished, now,
      {base ? "1" : "0", std::to_string(row.CRLNumber), container, to_iso(row.CRLNextPublish), join(urls, " ")});
  return {};
}

// "ldap:///CN=…?certificateRevocationList?base?…": replaces the attribute of the entry.
Result<void> RevocationLists::write_to_directory(std::string_view url, const Bytes& content) const {
  const auto parts = split(url.substr(kLdapUrl.size()), '?');
  const auto dn = percent_decode(parts[0]);
  if (!dn || parts.size() < 2 || parts[1].empty())
    return fault(HResult::E_INVALIDARG, "the URL names no entry and attribute");
  ldap::Modification change;
  change.attribute = {std::string(ldap::base_name(parts[1])), {mimica::to_string(BytesView(content))}};
  return state_.look_ups().directory().modify(*dn, {change});
}

// Publishes what is due; mutex_ is held.
Result<void> RevocationLists::publish_due(Timestamp now) {
  const std::shared_ptr<const Settings> settings = state_.settings();
  Database& database = state_.database();
  bool base_due = false;
  bool delta_due = false;
  const std::vector<Signer> all = signers(*settings, now);
  for (const Signer& signer : all) {
    MIMICA_TRY(auto base, database.latest_crl(signer.key_index));
    base_due = base_due || !base || now >= base->CRLNextPublish;
    MIMICA_TRY(auto delta, database.latest_crl(signer.key_index, CrlKind::delta));
    if (settings->config.CRLDeltaPeriod > 0)
      delta_due = delta_due || !delta || is_shadow(*delta) || now >= delta->CRLNextPublish;
    if (base_due || delta_due) continue;
    bool base_failed = false;
    for (std::optional<CrlRow>* row : {&base, &delta}) {
      if (!*row || (*row)->CRLPublishStatusCode == 0 || now < (*row)->CRLLastPublished.value_or(now) + kRetry) continue;
      MIMICA_RETURN_IF_FAULT(publish_list(*settings, **row, signer.tokens, {}, base_failed, now));
      base_failed = ((*row)->CRLPublishFlags & cpf::kLdapError) != 0;
    }
  }
  if (!base_due && !delta_due) return {};
  Run run;
  run.base = base_due;
  run.now = now;
  MIMICA_RETURN_IF_FAULT(publish_run(run));
  return {};
}

Result<std::optional<CrlRow>> RevocationLists::in_force(int key_index, CrlKind kind, Timestamp now) {
  const std::lock_guard lock(mutex_);
  MIMICA_RETURN_IF_FAULT(publish_due(now));
  return state_.database().latest_crl(key_index, kind);
}

Result<CrlRow> RevocationLists::current(Timestamp now) {
  MIMICA_TRY(auto row, in_force(state_.settings()->tokens.key_index, CrlKind::base, now));
  if (!row) return fault(HResult::ERROR_FILE_NOT_FOUND, "no CRL was published yet");
  return *std::move(row);
}

Result<Decision<CrlRow>> RevocationLists::publish(std::string_view caller, const CrlPublication& what) {
  const Timestamp now = state_.now();
  const bool delta_only = what.lists == CrlPublication::Lists::delta;
  Trace trace;
  Administrator who;
  const auto refuse = [&] { return Decision<CrlRow>::refuse(std::move(trace)); };
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return refuse();
  if (what.next_publish) {
    if (*what.next_publish < now) {
      trace.fail(kCrlNextPublish, HResult::E_INVALIDARG, to_iso(*what.next_publish) + " is past");
      return refuse();
    }
    trace.pass(kCrlNextPublish);
  }
  if (delta_only) {
    if (state_.settings()->config.CRLDeltaPeriod == 0) {
      trace.fail(kCrlDeltaEnabled, HResult::ERROR_NOT_SUPPORTED, "CRLDeltaPeriodUnits is 0");
      return refuse();
    }
    trace.pass(kCrlDeltaEnabled);
  }
  state_.emit(events::kCrlRequested, now,
              {what.next_publish ? to_iso(*what.next_publish) : "0", delta_only ? "0" : "1", delta_only ? "1" : "0"});
  const std::lock_guard lock(mutex_);
  MIMICA_TRY(
      std::vector<CrlRow> rows, what.republish ? republish(delta_only, who.name, now) : [&] {
        Run run;
        run.base = !delta_only;
        run.who = who.name;
        run.now = now;
        run.next_publish = what.next_publish;
        return publish_run(run);
      }());
  for (const CrlRow& row : rows)
    if (row.CRLPublishStatusCode != 0)
      return fault(static_cast<HResult>(row.CRLPublishStatusCode),
                   "CRL " + std::to_string(row.CRLNumber) + " was made but could not be published everywhere", {},
                   "look at CRLPublishError in the database of the CA");
  // Of the newest key, which comes last; its base CRL stands before its delta CRL.
  const auto is_answer = [&](const CrlRow& row) { return (row.kind() == CrlKind::delta) == delta_only; };
  const auto answer = std::find_if(rows.rbegin(), rows.rend(), is_answer);
  if (answer == rows.rend()) return fault(HResult::ERROR_FILE_NOT_FOUND, "no CRL was published yet");
  return Decision<CrlRow>::grant(std::move(*answer), std::move(trace));
}

// certutil -CRL republish: the last lists go to their locations again.
Result<std::vector<CrlRow>> RevocationLists::republish(bool delta_only, const std::string& who, Timestamp now) {
  const std::shared_ptr<const Settings> settings = state_.settings();
  std::vector<CrlRow> rows;
  for (const Signer& signer : signers(*settings, now)) {
    bool base_failed = false;
    for (const CrlKind kind : {CrlKind::base, CrlKind::delta}) {
      if (delta_only && kind == CrlKind::base) continue;
      MIMICA_TRY(auto row, state_.database().latest_crl(signer.key_index, kind));
      if (!row) continue;
      MIMICA_RETURN_IF_FAULT(publish_list(*settings, *row, signer.tokens, who, base_failed, now));
      base_failed = (row->CRLPublishFlags & cpf::kLdapError) != 0;
      rows.push_back(*std::move(row));
    }
  }
  return rows;
}

}  // namespace mimica::ca
