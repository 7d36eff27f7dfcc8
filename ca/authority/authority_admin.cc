// Administration: denial, revocation, lists, security, published templates.
#include <algorithm>

#include "ca/authority/authority.h"
#include "ca/policy/restrictions.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"
#include "core/base/text.h"
#include "core/pki/ocsp.h"
#include "ldap/principals.h"

namespace mimica::ca {
namespace {

constexpr int kCertificateHold = 6;
constexpr int kReleaseFromHold = -1;
constexpr int kRemoveFromCrl = 8;
constexpr int kPublishExpired = -2, kDropExpired = -3;  // 0xFFFFFFFE and 0xFFFFFFFD: PublishExpiredCertInCRL alone

template <typename T>
Decision<T> refuse_with(Trace trace) {
  return Decision<T>::refuse(std::move(trace));
}

std::string right_name(std::uint32_t right) {
  return right == ca_access::kManageCa ? "Manage CA" : "Issue and Manage Certificates";
}

}  // namespace

std::shared_ptr<const CertificationAuthority::Settings> CertificationAuthority::settings() const {
  const std::lock_guard lock(settings_mutex_);
  return settings_;
}

std::shared_ptr<const CertificationAuthority::Settings> CertificationAuthority::derive(
    CaConfig config, SigningCertificate signer) const {
  auto derived = std::make_shared<Settings>();
  derived->tokens = tokens_of(signer.certificate);
  const UrlTokens& tokens = derived->tokens;
  const std::vector<std::string> points =
      expand_urls(config.CRLPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::base_crl);
  if (!points.empty()) derived->revocation = ext::distribution_points(points);
  std::vector<ext::AccessDescription> access;
  for (const std::string& url :
       expand_urls(config.CACertPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::ca_certificate))
    access.push_back({Oid("1.3.6.1.5.5.7.48.2"), url});
  for (const std::string& url :
       expand_urls(config.CACertPublicationURLs, csurl::kAddToOcsp, tokens, UrlUse::ca_certificate))
    access.push_back({kOcspAccessMethod, url});
  if (!access.empty()) derived->authority_access = ext::authority_info_access(access);
  derived->key_id = signer.certificate.subject_key_identifier().value_or(Bytes{});
  derived->signer = std::move(signer);
  derived->config = std::move(config);
  return derived;
}

CaConfig CertificationAuthority::config() const { return settings()->config; }

void CertificationAuthority::configure(const std::function<void(CaConfig&)>& change) {
  const std::lock_guard lock(settings_mutex_);
  CaConfig config = settings_->config;
  change(config);
  settings_ = derive(std::move(config), settings_->signer);
}

void CertificationAuthority::emit(const EventKind& kind, std::vector<std::string> values, const Trace& trace) const {
  if (environment_.events == nullptr) return;
  Event event = make_event(kind, environment_.clock->now(), std::move(values));
  event.computer = names_.server_dns_name;
  if (!trace.empty()) event.trace = std::make_shared<const Trace>(trace);
  environment_.events->append(std::move(event));
}

bool CertificationAuthority::is_named(std::string_view name) const {
  const std::string& common_name = names_.ca_name;
  return equals_ignore_case(name, common_name) || equals_ignore_case(name, sanitize_name(common_name)) ||
         equals_ignore_case(name, sanitized_short_name(common_name));
}

// ---- rights --------------------------------------------------------------------------------------------------------

Result<std::optional<CertificationAuthority::Administrator>> CertificationAuthority::administrator(
    std::string_view caller, Trace& trace) const {
  if (caller.empty()) return std::optional(Administrator{look_ups_->netbios_name() + "\\Administrator", {}, true});
  MIMICA_TRY(const auto view, look_ups_->begin());
  MIMICA_TRY(const auto facts, view->requester(caller));
  if (facts == nullptr) {
    trace.fail(kRequesterKnown, HResult::ERROR_NONE_MAPPED, "no account is named '" + std::string(caller) + "'");
    return std::optional<Administrator>();
  }
  return std::optional(Administrator{facts->name, facts->token, false});
}

Result<bool> CertificationAuthority::has_right(std::string_view caller, std::uint32_t right, Administrator& who,
                                               Trace& trace) const {
  MIMICA_TRY(auto found, administrator(caller, trace));
  if (!found) return false;
  who = *std::move(found);
  const Rule& rule = right == ca_access::kManageCa ? kPermissionManage : kPermissionOfficer;
  if (who.console) {
    trace.skip(rule, "done at the console of the CA");
    return true;
  }
  const std::shared_ptr<const Settings> settings = this->settings();
  if (check_access(settings->config.Security, who.token, right).granted) {
    trace.pass(rule, who.name + " holds '" + right_name(right) + "'");
    return true;
  }
  trace.fail(rule, HResult::E_ACCESSDENIED,
             who.name + " and its groups lack '" + right_name(right) + "' on " + settings->config.CommonName,
             {{"caller", who.name}, {"sid", who.token.user.to_string()}},
             "allow '" + right_name(right) + "' on the CA to " + who.name + " or one of its groups");
  return false;
}

Result<bool> CertificationAuthority::may_handle(const Administrator& who, const RequestRecord& record,
                                                Trace& trace) const {
  const std::shared_ptr<const Settings> settings = this->settings();
  if (who.console || !settings->config.OfficerRights) {
    trace.skip(kOfficerRestriction, who.console ? "done at the console of the CA" : "the CA restricts nobody");
    return true;
  }
  MIMICA_TRY(const auto view, look_ups_->begin());
  MIMICA_TRY(const auto requester, view->requester(record.request.RequesterName));
  const Token nobody;
  std::shared_ptr<const templates::CertificateTemplate> requested;
  std::string name = record.certificate ? record.certificate->CertificateTemplate : std::string();
  if (name.empty()) {
    // Not issued yet: what the request names.
    const Decision<IncomingRequest> incoming =
        read_request(record.request.RawRequest, record.request.RequestAttributes);
    if (incoming && !incoming.granted->template_identifiers.empty()) {
      const TemplateIdentifier& first = incoming.granted->template_identifiers.front();
      name = first.oid.empty() ? first.name : first.oid.dotted();
    }
  }
  if (!name.empty()) {
    MIMICA_TRY(requested, view->certificate_template(name));
  }
  RestrictionCase question;
  question.restrictions = &settings->config.OfficerRights;
  question.principal = &who.token;
  question.principal_name = who.name;
  question.about = requester == nullptr ? &nobody : &requester->token;
  question.about_name = record.request.RequesterName;
  question.requested = requested.get();
  return check_restriction(question, kOfficerRestriction, trace);
}

// ---- requests and revocation ---------------------------------------------------------------------------------------

Result<Decision<Unit>> CertificationAuthority::deny(std::int64_t request_id, std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kIssueAndManage, who, trace));
  if (!allowed) return refuse_with<Unit>(std::move(trace));
  MIMICA_TRY(auto record, environment_.database->by_request_id(request_id));
  if (!record) {
    trace.fail(kRowKnown, HResult::CERTSRV_E_PROPERTY_EMPTY, "there is no request " + std::to_string(request_id));
    return refuse_with<Unit>(std::move(trace));
  }
  trace.pass(kRowKnown);
  RequestRow& row = record->request;
  if (row.Disposition != DbDisposition::pending) {
    trace.fail(
        kRowResolvable, HResult::CERTSRV_E_BAD_REQUESTSTATUS,
        "request " + std::to_string(request_id) + " is " + to_lower(to_string(row.Disposition)) + ", not pending");
    return refuse_with<Unit>(std::move(trace));
  }
  trace.pass(kRowResolvable);
  MIMICA_TRY(const bool in_charge, may_handle(who, *record, trace));
  if (!in_charge) return refuse_with<Unit>(std::move(trace));
  row.Disposition = DbDisposition::denied;
  row.StatusCode = static_cast<std::uint32_t>(HResult::CERTSRV_E_ADMIN_DENIED_REQUEST);
  row.DispositionMessage = "Denied by " + who.name;
  row.ResolvedWhen = environment_.clock->now();
  MIMICA_RETURN_IF_FAULT(environment_.database->store(*record));
  emit(events::kRequestDeniedByManager, {std::to_string(request_id)});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> CertificationAuthority::revoke(std::string_view serial_hex, int reason, std::string_view caller,
                                                      std::optional<Timestamp> effective) {
  const std::lock_guard lock(administration_mutex_);
  const Timestamp now = environment_.clock->now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kIssueAndManage, who, trace));
  if (!allowed) return refuse_with<Unit>(std::move(trace));
  const bool expiry_only = reason == kPublishExpired || reason == kDropExpired;
  if (reason != kReleaseFromHold && reason != kRemoveFromCrl && !expiry_only &&
      (reason < 0 || reason > kCertificateHold)) {
    trace.fail(kRevocationReason, HResult::E_INVALIDARG, std::to_string(reason) + " is no revocation reason");
    return refuse_with<Unit>(std::move(trace));
  }
  trace.pass(kRevocationReason, revocation_reason_name(reason));
  const std::string serial = to_lower(trim(serial_hex));
  MIMICA_TRY(auto record, environment_.database->by_serial(serial));
  if (!record) {
    trace.fail(kRowKnown, HResult::E_INVALIDARG, "no certificate has the serial number " + serial.substr(0, 128));
    return refuse_with<Unit>(std::move(trace));
  }
  trace.pass(kRowKnown, "request " + std::to_string(record->request.RequestID));
  if (expiry_only) {
    record->certificate->PublishExpiredCertInCRL = reason == kPublishExpired;
    MIMICA_RETURN_IF_FAULT(environment_.database->store(*record));
    return Decision<Unit>::grant({}, std::move(trace));
  }
  RequestRow& row = record->request;
  const bool on_hold = row.Disposition == DbDisposition::revoked && row.RevokedReason == kCertificateHold;
  const bool revocable = row.Disposition == DbDisposition::issued || row.Disposition == DbDisposition::revoked;
  std::string problem;
  if (!revocable) problem = "the certificate is " + to_lower(to_string(row.Disposition));
  if (revocable && reason == kReleaseFromHold && !on_hold) problem = "the certificate is not on hold";
  if (row.Disposition == DbDisposition::revoked && reason == kCertificateHold && !on_hold)
    problem = "the certificate is revoked already and cannot be put on hold";
  if (!problem.empty()) {
    trace.fail(kRowRevocable, HResult::ERROR_INVALID_DATA, problem);
    return refuse_with<Unit>(std::move(trace));
  }
  trace.pass(kRowRevocable);
  MIMICA_TRY(const bool in_charge, may_handle(who, *record, trace));
  if (!in_charge) return refuse_with<Unit>(std::move(trace));
  row.RevokedReason = reason;
  row.DispositionMessage = "Revoked by " + who.name;
  if (reason == kReleaseFromHold) {
    row.Disposition = DbDisposition::issued;  // reason and dates stay: the next delta CRL says removeFromCRL
  } else {
    row.Disposition = DbDisposition::revoked;
  }
  row.RevokedWhen = now;
  row.RevokedEffectiveWhen = effective.value_or(now);
  MIMICA_RETURN_IF_FAULT(environment_.database->store(*record));
  emit(events::kCertificateRevoked, {serial, std::to_string(reason)});
  return Decision<Unit>::grant({}, std::move(trace));
}

// ---- templates and security ----------------------------------------------------------------------------------------

Result<std::vector<std::string>> CertificationAuthority::published_templates() {
  MIMICA_TRY(const auto view, look_ups_->begin());
  MIMICA_TRY(const auto list, view->published());
  return *list;
}

Result<Decision<Unit>> CertificationAuthority::set_template_published(std::string_view cn, bool published,
                                                                      std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return refuse_with<Unit>(std::move(trace));
  if (look_ups_->enrollment_service().empty()) {
    trace.fail(kTemplateSupport, HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE, "a stand-alone CA publishes no templates");
    return refuse_with<Unit>(std::move(trace));
  }
  MIMICA_TRY(const auto view, look_ups_->begin());
  MIMICA_TRY(const auto found, view->certificate_template(cn));
  MIMICA_TRY(const auto current, view->published());
  const auto same = [&](const std::string& name) {
    return equals_ignore_case(name, found == nullptr ? cn : std::string_view(found->cn));
  };
  const auto listed = std::find_if(current->begin(), current->end(), same);
  if (published ? found == nullptr : found == nullptr && listed == current->end()) {
    trace.fail(kTemplatePublishable, HResult::CERTSRV_E_UNKNOWN_CERT_TYPE,
               "there is no template '" + std::string(cn.substr(0, 256)) + "'");
    return refuse_with<Unit>(std::move(trace));
  }
  trace.pass(kTemplatePublishable);
  if ((listed != current->end()) == published) return Decision<Unit>::grant({}, std::move(trace));
  ldap::Modification change;
  change.kind = published ? ldap::Modification::Kind::add : ldap::Modification::Kind::erase;
  change.attribute = {"certificateTemplates", {published ? found->cn : *listed}};
  MIMICA_RETURN_IF_FAULT(look_ups_->directory().modify(look_ups_->enrollment_service(), {change}));
  MIMICA_TRY(const std::vector<std::string> now_published, published_templates());
  emit(events::kPropertyChanged, {"29", "0", "4", join(now_published, "\n")});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> CertificationAuthority::set_security(const SecurityDescriptor& security,
                                                            std::string_view caller) {
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return refuse_with<Unit>(std::move(trace));
  if (!has_administrator(security)) {
    trace.fail(kSecurityKeepsAdministrator, HResult::CERTSRV_E_NO_CAADMIN_DEFINED, "nobody would hold 'Manage CA'");
    return refuse_with<Unit>(std::move(trace));
  }
  trace.pass(kSecurityKeepsAdministrator);
  configure([&](CaConfig& config) { config.Security = security; });
  emit(events::kSecurityChanged, {to_hex(security.to_binary())});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Sid> CertificationAuthority::account_sid(std::string_view account) const {
  MIMICA_TRY(const auto sid, ldap::principal_sid(look_ups_->directory(), look_ups_->contexts(), account));
  if (sid) return *sid;
  return fault(HResult::ERROR_NONE_MAPPED, "no account or group is named '" + std::string(account) + "'", {},
               "computer accounts end in '$', as in CONNECTOR01$");
}

Result<Decision<Unit>> CertificationAuthority::set_rights(std::string_view account, std::uint32_t rights, bool granted,
                                                          std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  MIMICA_TRY(const Sid sid, account_sid(account));
  SecurityDescriptor security = config().Security;
  if (granted) {
    grant(security, sid, rights);
  } else if (security.dacl) {
    for (Ace& ace : security.dacl->aces)
      if (ace.allows() && ace.trustee == sid) ace.mask &= ~rights;
    std::erase_if(security.dacl->aces, [](const Ace& ace) { return ace.mask == 0; });
  }
  return set_security(security, caller);
}

Result<Decision<Unit>> CertificationAuthority::remove_from_security(std::string_view account, std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  MIMICA_TRY(const Sid sid, account_sid(account));
  SecurityDescriptor security = config().Security;
  remove_trustee(security, sid);
  return set_security(security, caller);
}

}  // namespace mimica::ca
