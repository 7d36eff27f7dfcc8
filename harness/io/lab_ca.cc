// Templates, the certification authority and certificate logons of a lab.
#include "ca/registry/config.h"
#include "ca/views/explain.h"
#include "core/base/text.h"
#include "harness/io/lab_device.h"
#include "harness/io/lab_impl.h"
#include "harness/lab/request_builder.h"
#include "templates/codec.h"
#include "templates/edit_verbs.h"
#include "templates/oid_container.h"

namespace mimica::harness {
namespace {

constexpr std::pair<std::string_view, std::uint32_t> kCaRights[] = {
    {"request", ca::ca_access::kRequestCertificates},
    {"manage_ca", ca::ca_access::kManageCa},
    {"issue_and_manage", ca::ca_access::kIssueAndManage},
    {"read", ca::ca_access::kRead},
};

connector::Disposition to_port(ca::Disposition disposition) {
  switch (disposition) {
    case ca::Disposition::issued:
    case ca::Disposition::issued_out_of_band:
      return connector::Disposition::issued;
    case ca::Disposition::under_submission:
      return connector::Disposition::pending;
    case ca::Disposition::denied:
      return connector::Disposition::denied;
    default:
      return connector::Disposition::error;
  }
}

KeySpec key_of(const templates::CertificateTemplate& value) {
  const templates::KeyProperty* algorithm = value.key_property("msPKI-Asymmetric-Algorithm");
  const auto* name = algorithm == nullptr ? nullptr : std::get_if<std::string>(&algorithm->value);
  const bool elliptic = name != nullptr && starts_with_ignore_case(*name, "EC");
  const int bits = static_cast<int>(value.minimal_key_size);
  if (elliptic) return {KeyKind::ec, bits <= 256 ? 256 : bits <= 384 ? 384 : 521};
  return {KeyKind::rsa, bits == 0 ? 2048 : bits};
}

}  // namespace

// ---- the connector's way to the CA ---------------------------------------------------------------------------------

Result<ca::CertificationAuthority*> CaPort::reach(const std::string& ca_host, const std::string& ca_name) const {
  std::vector<std::string> hosts, names;
  for (ca::CertificationAuthority* one : authorities_) {
    const ca::CaConfig config = one->config();
    hosts.push_back(config.CAServerName);
    if (!equals_ignore_case(ca_host, config.CAServerName)) continue;
    if (one->is_named(ca_name)) return one;
    names.push_back(config.CommonName);
  }
  if (names.empty())
    return fault(HResult::RPC_S_SERVER_UNAVAILABLE, "no certification authority answers at '" + ca_host + "'", {},
                 "the profile must name the CA's host, " + join(hosts, " or "));
  return fault(HResult::E_INVALIDARG, "the certification authority at " + ca_host + " is not named '" + ca_name + "'",
               {}, "the profile must name the CA as its console does: " + join(names, " or "));
}

Result<std::optional<connector::TemplateFacts>> CaPort::template_facts(const std::string& ca_host,
                                                                       const std::string& ca_name,
                                                                       const std::string& template_name) {
  MIMICA_TRY(ca::CertificationAuthority* const authority, reach(ca_host, ca_name));
  if (!authority->config().is_enterprise()) return std::optional<connector::TemplateFacts>();
  MIMICA_TRY(const auto view, authority->look_ups().begin());
  MIMICA_TRY(const auto found, view->certificate_template(template_name));
  if (!found) return std::optional<connector::TemplateFacts>();
  return std::optional<connector::TemplateFacts>(
      {found->cn, key_of(*found), found->is_exportable(), found->supplies_subject()});
}

Result<connector::SubmissionOutcome> CaPort::submit(const connector::Submission& submission) {
  MIMICA_TRY(ca::CertificationAuthority* const authority, reach(submission.ca_host, submission.ca_name));
  ca::SubmitInput input;
  input.caller = submission.caller;
  input.request = submission.pkcs10;
  input.authority = submission.ca_name;
  for (const auto& [name, value] : submission.attributes) input.attributes += name + ":" + value + "\n";
  MIMICA_TRY(ca::SubmitOutcome outcome, authority->submit(input));
  connector::SubmissionOutcome out;
  out.disposition = to_port(outcome.disposition);
  out.code = outcome.status;
  out.message = std::move(outcome.message);
  out.request_id = outcome.request_id;
  out.certificate = std::move(outcome.certificate);
  if (out.disposition == connector::Disposition::issued)
    for (const Certificate& certificate : authority->chain()) out.chain.push_back(certificate.der());
  out.trace = std::move(outcome.trace);
  return out;
}

Result<connector::RevocationOutcome> CaPort::revoke(const std::string& ca_host, const std::string& ca_name,
                                                    const std::string& caller, const std::string& serial_hex,
                                                    int reason) {
  MIMICA_TRY(ca::CertificationAuthority* const authority, reach(ca_host, ca_name));
  MIMICA_TRY(Decision<Unit> decision, authority->revoke(serial_hex, reason, caller));
  return connector::RevocationOutcome{decision.granted.has_value(), decision.code, std::move(decision.trace)};
}

// ---- reports -------------------------------------------------------------------------------------------------------

void LabImpl::add_new_events(const LogMark& mark, Report& report) const {
  for (const Event& event : event_log_.query({.after = mark.record_id})) {
    const EventKind& kind = *event.kind;
    if (kind.party == "KDC") continue;
    const std::string_view channel = kind.channel.substr(kind.channel.rfind('/') + 1);
    report.log.emplace_back(std::string(kind.party) + "/" + std::string(channel), kind.id);
  }
}

Report LabImpl::failed(const Fault& fault) const {
  Report report;
  report.outcome = Outcome::failed;
  report.code = fault.code;
  report.message = fault.describe();
  return report;
}

void LabImpl::describe_certificate(Report& report, BytesView der) {
  if (der.empty()) return;
  auto certificate = Certificate::parse(der);
  if (!certificate) return;
  report.summary = summarise(*certificate);
  report.certificate = *std::move(certificate);
}

Report LabImpl::from_submission(ca::SubmitOutcome outcome, const LogMark& mark) {
  Report report;
  report.outcome = outcome.disposition == ca::Disposition::issued             ? Outcome::issued
                   : outcome.disposition == ca::Disposition::under_submission ? Outcome::pending
                                                                              : Outcome::refused;
  if (report.outcome == Outcome::refused) report.code = outcome.status;
  report.message = std::move(outcome.message);
  report.trace = std::move(outcome.trace);
  report.request_id = outcome.request_id;
  describe_certificate(report, outcome.certificate);
  add_new_events(mark, report);
  return report;
}

template <typename T>
Report LabImpl::from_decision(Result<Decision<T>> answer, const LogMark& mark, std::string done) {
  if (!answer) return failed(answer.error());
  Report report;
  report.outcome = *answer ? Outcome::done : Outcome::refused;
  report.code = answer->code;
  report.trace = std::move(answer->trace);
  report.message = report.outcome == Outcome::done ? std::move(done) : std::string(sentence(report.code));
  add_new_events(mark, report);
  return report;
}

// ---- templates -----------------------------------------------------------------------------------------------------

Result<templates::CertificateTemplate> LabImpl::read_template(const std::string& name) {
  const std::string dn = templates::template_dn(name, dsa_->naming_contexts().configuration);
  MIMICA_TRY(const auto entry, ldap::read_entry(*console_, dn, {}, true));
  if (entry) return templates::decode(*entry);
  return fault(HResult::CERTSRV_E_UNKNOWN_CERT_TYPE, "no certificate template is named '" + name + "'", {},
               "templates are named by their cn, not by their display name");
}

Result<std::vector<templates::Edit>> LabImpl::parse_edits(
    const std::vector<std::pair<std::string, std::string>>& edits) {
  std::vector<templates::Edit> out;
  for (const auto& [verb, argument] : edits) {
    std::string value = argument;
    if (verb == "issuance_policies" || verb == "ra_issuance_policies") {
      MIMICA_TRY(value, policy_oids(argument));
    }
    MIMICA_TRY(templates::Edit edit,
               templates::parse_edit(verb, value, [this](std::string_view name) { return principal(name); }));
    out.push_back(std::move(edit));
  }
  return out;
}

Result<void> LabImpl::add_template(const TemplateSpec& spec) {
  MIMICA_TRY(const templates::CertificateTemplate source, read_template(spec.duplicate));
  const std::string& configuration = dsa_->naming_contexts().configuration;
  MIMICA_TRY(const Oid base, forest_oid());

  templates::DuplicateOptions options;
  options.display_name = spec.display_name.empty() ? spec.name : spec.display_name;
  options.name = spec.name;
  options.oid = templates::allocate_oid(base, *entropy_);
  options.creator = dsa_->domain_sid().with_rid(rid::kAdministrator);
  MIMICA_TRY(templates::CertificateTemplate copy, templates::duplicate(source, options));
  MIMICA_TRY(const std::vector<templates::Edit> edits, parse_edits(spec.edits));
  if (!edits.empty()) MIMICA_RETURN_IF_FAULT(templates::save(copy, edits));
  MIMICA_RETURN_IF_FAULT(console_->add(templates::oid_entry(copy, configuration)));
  MIMICA_RETURN_IF_FAULT(console_->add(templates::encode(copy, configuration)));
  return spec.publish ? publish_template(copy.cn, true) : Result<void>();
}

Result<void> LabImpl::edit_template(const std::string& name,
                                    const std::vector<std::pair<std::string, std::string>>& edits) {
  MIMICA_TRY(const templates::CertificateTemplate before, read_template(name));
  MIMICA_TRY(const std::vector<templates::Edit> parsed, parse_edits(edits));
  templates::CertificateTemplate after = before;
  MIMICA_RETURN_IF_FAULT(templates::save(after, parsed));
  const std::string& configuration = dsa_->naming_contexts().configuration;
  const ldap::Entry old_entry = templates::encode(before, configuration);
  const ldap::Entry new_entry = templates::encode(after, configuration);
  std::vector<ldap::Modification> changes;
  for (const ldap::Attribute& attribute : new_entry.attributes()) {
    const ldap::Attribute* was = old_entry.find(attribute.name);
    if (was == nullptr || *was != attribute) changes.push_back({ldap::Modification::Kind::replace, attribute});
  }
  for (const ldap::Attribute& attribute : old_entry.attributes())
    if (!new_entry.has(attribute.name)) changes.push_back({ldap::Modification::Kind::erase, {attribute.name, {}}});
  return console_->modify(new_entry.dn(), changes);
}

Result<void> LabImpl::publish_template(const std::string& name, bool published) {
  if (!ca_->config().is_enterprise()) return {};  // a stand-alone CA has no list; its refusal comes with the request
  MIMICA_TRY(const Decision<Unit> decision, ca_->set_template_published(name, published, ""));
  if (decision) return {};
  return fault(decision.code, "the template '" + name + "' cannot be published");
}

// ---- administration of the CA --------------------------------------------------------------------------------------

Result<void> LabImpl::set_ca_rights(const CaRight& right, bool granted) {
  std::uint32_t mask = 0;
  for (const std::string& name : right.rights) {
    std::uint32_t bit = 0;
    for (const auto& [known, value] : kCaRights)
      if (known == name) bit = value;
    if (bit == 0)
      return fault(HResult::E_INVALIDARG, "'" + name + "' is no right on a CA", {},
                   "use request, issue_and_manage, manage_ca or read");
    mask |= bit;
  }
  MIMICA_TRY(const Decision<Unit> decision, ca_->set_rights(right.account, mask, granted, ""));
  if (decision) return {};
  return fault(decision.code, "the rights of '" + right.account + "' on the CA cannot be changed");
}

Result<void> LabImpl::set_edit_flag(const std::string& flag) {
  const std::string_view name = flag.empty() ? std::string_view() : std::string_view(flag).substr(1);
  const auto bit = ca::edit_flag_named(name);
  if (flag.empty() || (flag.front() != '+' && flag.front() != '-') || !bit)
    return fault(HResult::E_INVALIDARG, "'" + flag + "' is no change of EditFlags", {},
                 "write +EDITF_ATTRIBUTEENDDATE or -EDITF_ATTRIBUTEENDDATE");
  const bool set = flag.front() == '+';
  ca_->configure(
      [&](ca::CaConfig& config) { config.EditFlags = set ? config.EditFlags | *bit : config.EditFlags & ~*bit; });
  return {};
}

Report LabImpl::publish_crl(bool delta_only) {
  const LogMark before = mark();
  using Lists = ca::CrlPublication::Lists;
  return from_decision(ca_->publish_crl("", {delta_only ? Lists::delta : Lists::all}), before,
                       delta_only ? "a new delta CRL is published" : "a new CRL is published");
}

Report LabImpl::renew_ca(bool new_key) {
  const LogMark before = mark();
  auto renewed = ca_->renew(new_key, *keys_, "");
  follow_renewal();
  Bytes der;
  if (renewed && renewed->granted) der = renewed->granted->der();
  Report report = from_decision(std::move(renewed), before,
                                new_key ? "the CA has a new key and certificate" : "the CA has a new certificate");
  describe_certificate(report, der);
  return report;
}

// The Online Responder on the CA's own host: the template published, its account allowed to enroll.
Result<void> LabImpl::open_responder() {
  ca::OcspResponderOptions options;
  options.account = to_upper(std::string(ca::short_host(spec_.ca.host))) + "$";
  options.deterministic_good = spec_.ca.deterministic_good;
  MIMICA_RETURN_IF_FAULT(edit_template(options.template_name, {{"allow_enroll", options.account}}));
  MIMICA_RETURN_IF_FAULT(publish_template(options.template_name, true));
  responder_ = std::make_unique<ca::OcspResponder>(*ca_, *keys_, clock_, options);
  return {};
}

Result<void> LabImpl::set_publication(bool reachable, bool renewed) {
  std::optional<std::vector<ca::PublishedFile>> files;
  if (!renewed) {
    MIMICA_TRY(files, ca_->published_files());
  }
  if (responder_) responder_->keep_lists(!renewed);
  const std::lock_guard lock(frozen_mutex_);
  if (renewed || !frozen_files_) frozen_files_ = std::move(files);
  publication_reachable_ = reachable;
  return {};
}

Report LabImpl::revoke(const Certificate& certificate, const std::string& caller, int reason) {
  const LogMark before = mark();
  return from_decision(ca_->revoke(certificate.serial_hex(), reason, caller), before,
                       "certificate " + certificate.serial_hex() + " is revoked");
}

Report LabImpl::resolve_pending(std::int64_t request_id, const std::string& caller, bool issue) {
  const LogMark before = mark();
  if (!issue) return from_decision(ca_->deny(request_id, caller), before, "the request is denied");
  auto outcome = ca_->resubmit(request_id, caller);
  if (!outcome) return failed(outcome.error());
  Report report = from_submission(*std::move(outcome), before);
  if (const auto waiting = pending_keys_.find(request_id); report.certificate && waiting != pending_keys_.end()) {
    report.key = std::move(waiting->second);
    pending_keys_.erase(waiting);
  }
  return report;
}

Result<Bytes> LabImpl::crl(bool of_root) {
  MIMICA_TRY(ca::CrlRow row, of_root ? ca_->current_root_crl() : ca_->current_crl());
  return std::move(row.CRLRawCRL);
}

Result<Bytes> LabImpl::crl_of_key(int key_index, bool delta) {
  MIMICA_TRY(auto row, ca_->crl(key_index, delta ? ca::CrlKind::delta : ca::CrlKind::base));
  if (row) return std::move(row->CRLRawCRL);
  return fault(HResult::ERROR_FILE_NOT_FOUND,
               std::string("there is no ") + (delta ? "delta" : "base") + " CRL of key " + std::to_string(key_index));
}

std::vector<Certificate> LabImpl::ca_certificates() const {
  std::vector<Certificate> out;
  for (ca::SigningCertificate& one : ca_->signing_certificates()) out.push_back(std::move(one.certificate));
  return out;
}

// ---- requests and logons -------------------------------------------------------------------------------------------

Report LabImpl::enroll(const EnrollSpec& spec) {
  const LogMark before = mark();
  ca::SubmitInput input;
  input.caller = spec.caller;
  std::optional<PrivateKey> key;
  if (spec.request) {
    input.request = *spec.request;
  } else {
    auto made = spec.renews && spec.same_key ? Result<PrivateKey>(spec.renews->key) : keys_->key(spec.key);
    if (!made) return failed(made.error());
    auto request = build_request(spec, *made);
    if (!request) return failed(request.error());
    input.request = *std::move(request);
    key = *std::move(made);
  }
  if (!spec.template_name.empty()) input.attributes = "CertificateTemplate:" + spec.template_name + "\n";
  input.attributes += spec.attributes;
  auto outcome = ca_->submit(input);
  if (!outcome) return failed(outcome.error());
  Report report = from_submission(*std::move(outcome), before);
  if (report.certificate) {
    report.key = std::move(key);
  } else if (key && report.outcome == Outcome::pending) {
    pending_keys_[*report.request_id] = *std::move(key);
  }
  return report;
}

Report LabImpl::logon(const LogonSpec& spec) {
  kdc::LogonRequest request;
  request.cname = spec.as;
  if (spec.certificate) {
    request.certificate = *spec.certificate;
  } else {
    auto chosen = chosen_certificate(spec);
    if (!chosen) return failed(chosen.error());
    request.certificate = *std::move(chosen);
  }
  auto answer = kdc::logon(*lookups_, *lists_, request, kdc_config(), clock_.now());
  if (!answer) return failed(answer.error());
  kdc::write(event_log_, *answer, domain_controller());
  Report report;
  report.outcome = answer->decision ? Outcome::allowed : Outcome::refused;
  report.code = answer->decision.code;
  report.message = answer->decision ? "logon of " + spec.as + " allowed" : std::string(sentence(report.code));
  report.trace = std::move(answer->decision.trace);
  report.events = std::move(answer->events);
  report.summary = summarise(request.certificate);
  report.certificate = std::move(request.certificate);
  return report;
}

// ---- explanations --------------------------------------------------------------------------------------------------

CertificateSummary LabImpl::summarise(const Certificate& certificate) {
  return summarise_certificate(certificate, [this](const Oid& oid) -> std::string {
    if (!ca_->config().is_enterprise()) return {};
    auto view = ca_->look_ups().begin();
    if (!view) return {};
    const auto found = (*view)->certificate_template(oid.dotted());
    return found && *found ? (*found)->cn : std::string();
  });
}

Result<Trace> LabImpl::request_trace(std::int64_t request_id) { return ca::stored_trace(*database_, request_id); }

Result<std::string> LabImpl::explain_request(std::int64_t request_id) {
  return ca::explain_request(*database_, request_id);
}

Result<std::string> LabImpl::explain_certificate(const Certificate& certificate) {
  return ca::explain_certificate(*database_, certificate);
}

}  // namespace mimica::harness
