#include "ca/authority/issuance.h"

#include <algorithm>
#include <utility>

#include "ca/issue/issue.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"
#include "ca/store/row_names.h"

namespace mimica::ca {
namespace {

constexpr std::uint32_t kRenewal = 0x2;               // CR_FLG_RENEWAL
constexpr std::uint32_t kForceUtf8 = 0x4;             // CR_FLG_FORCEUTF8
constexpr std::uint32_t kOnBehalfOf = 0x10;           // CR_FLG_ENROLLONBEHALFOF
constexpr std::int64_t kFullResponse = 0x40000;       // CR_IN_FULLRESPONSE
constexpr std::uint32_t kPublishError = 0x80000000U;  // CR_FLG_PUBLISHERROR

std::string spaced_hex(BytesView bytes) {
  const std::string hex = to_hex(bytes);
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) out += (i == 0 ? "" : " ") + hex.substr(i, 2);
  return out;
}

// Policies of those who signed the message, each once, in order.
void set_signers(RequestRow& row, const std::vector<Certificate>& signers) {
  const auto add = [](std::string& column, const std::vector<Oid>& list) {
    for (const Oid& oid : list)
      if (("\n" + column + "\n").find("\n" + oid.dotted() + "\n") == std::string::npos)
        column += (column.empty() ? "" : "\n") + oid.dotted();
  };
  for (const Certificate& signer : signers) {
    add(row.SignerPolicies, signer.policies());
    add(row.SignerApplicationPolicies, signer.extended_key_usage());
  }
}

HResult status_of(const Trace& trace) {
  const Step* step = trace.deciding();
  const auto* code = step == nullptr ? nullptr : std::get_if<HResult>(&step->code);
  return code == nullptr ? HResult::E_FAIL : *code;
}

std::string error_message(const Rule& rule) {
  return rule.id == kRequestSignature.id || rule.id == kRequestSigners.id
             ? "Error Verifying Request Signature or Signing Certificate"
             : "Error Parsing Request";
}

bool publishes_after_expiry(const std::vector<Extension>& extensions) {
  const Extension* purposes = find(extensions, oids::kExtendedKeyUsage);
  return purposes != nullptr && lists_after_expiry(ext::parse_oid_list(purposes->value).value_or({}));
}

std::string issued_message(std::string_view message, const std::vector<std::string>& warnings) {
  std::string out(message);
  for (const std::string& warning : warnings) out += "  " + warning;
  return out;
}

// Nobody else knows a new row: its first decision stands.
Result<SubmitOutcome> settled(Result<std::optional<SubmitOutcome>> outcome) {
  if (!outcome) return std::move(outcome).error();
  return **std::move(outcome);
}

}  // namespace

// What the directory said about one request; keeps alive what PolicyInput borrows.
struct Issuance::Gathered {
  std::shared_ptr<const RequesterFacts> caller;
  std::shared_ptr<const RequesterFacts> subject;  // nullptr: the caller
  const RequesterFacts& holder() const { return subject != nullptr ? *subject : *caller; }
  std::vector<SignerFacts> signers;
  PracticeStatements practice_statements;
  std::shared_ptr<const RequesterFacts> ca_account;  // nullptr: the CA has no computer account
  std::vector<std::shared_ptr<const templates::CertificateTemplate>> named;
  std::vector<templates::CertificateTemplate> several;
  std::shared_ptr<const std::vector<templates::CertificateTemplate>> all;
  std::span<const templates::CertificateTemplate> templates;
  templates::Publication publication;
};

Result<Issuance::Gathered> Issuance::gather(const Settings& settings, const IncomingRequest& request,
                                            std::string_view caller, std::string_view subject, LookUps::View& view,
                                            Timestamp now) const {
  Gathered gathered;
  MIMICA_TRY(gathered.caller, view.requester(caller));
  if (!subject.empty()) {
    MIMICA_TRY(gathered.subject, view.requester(subject));
  }
  MIMICA_TRY(gathered.signers, signer_facts(request, now));
  if (!settings.config.is_enterprise()) return gathered;
  MIMICA_TRY(gathered.ca_account, view.requester(std::string(short_host(settings.config.CAServerName)) + "$"));
  gathered.publication.ca_name = settings.config.CommonName;
  gathered.publication.ca_version = settings.config.Version;
  MIMICA_TRY(const auto published, view.published());
  gathered.publication.published = *published;
  bool all_known = true;
  for (const TemplateIdentifier& identifier : request.template_identifiers) {
    MIMICA_TRY(auto found,
               view.certificate_template(identifier.oid.empty() ? identifier.name : identifier.oid.dotted()));
    if (found == nullptr) {
      all_known = false;
      break;
    }
    for (const Oid& policy : found->issuance_policies) {
      MIMICA_TRY(std::string url, view.practice_statement(policy));
      if (!url.empty()) gathered.practice_statements.insert_or_assign(policy.dotted(), std::move(url));
    }
    if (std::find(gathered.named.begin(), gathered.named.end(), found) == gathered.named.end())
      gathered.named.push_back(std::move(found));
  }
  if (!all_known) {
    MIMICA_TRY(gathered.all, view.all_templates());
    gathered.templates = *gathered.all;
  } else if (gathered.named.size() == 1) {
    gathered.templates = std::span(gathered.named.front().get(), 1);
  } else {
    for (const auto& one : gathered.named) gathered.several.push_back(*one);
    gathered.templates = gathered.several;
  }
  return gathered;
}

// The chains of those who signed; revocation is known for the certificates of this CA alone.
Result<std::vector<SignerFacts>> Issuance::signer_facts(const IncomingRequest& request, Timestamp now) const {
  std::vector<SignerFacts> all;
  for (const Certificate& signer : request.signers) {
    ChainInput input;
    input.leaf = signer;
    input.intermediates = state_.chain();
    input.intermediates.insert(input.intermediates.end(), request.certificates.begin(), request.certificates.end());
    for (const SigningCertificate& own : state_.signing_certificates()) input.intermediates.push_back(own.certificate);
    input.anchors = {state_.identity().root};
    input.at = now;
    input.check_revocation = false;
    const ChainResult result = build_chain(input);
    SignerFacts facts{result.status, result.detail};
    if (facts.status == ChainStatus::ok) {
      MIMICA_TRY(const auto record, state_.database().by_serial(signer.serial_hex()));
      if (record && record->request.Disposition == DbDisposition::revoked)
        facts = {ChainStatus::revoked, "revoked on " + to_iso(*record->request.RevokedWhen)};
    }
    all.push_back(std::move(facts));
  }
  return all;
}

PolicyInput Issuance::policy_input(const Settings& settings, const IncomingRequest& request, const Gathered& gathered,
                                   LookUps::View& view, Timestamp now) const {
  PolicyInput input;
  input.config = &settings.config;
  input.ca_certificate = &settings.signer.certificate;
  input.authority_key_id = &settings.key_id;
  input.revocation = &settings.revocation;
  input.authority_access = &settings.authority_access;
  input.request = &request;
  input.requester = &gathered.holder().account;
  input.token = &gathered.caller->token;
  input.requester_name = gathered.caller->name;
  if (gathered.subject != nullptr) {
    input.subject_token = &gathered.subject->token;
    input.subject_name = gathered.subject->name;
  }
  input.signers = gathered.signers;
  input.practice_statements = gathered.practice_statements;
  input.domain = {state_.look_ups().dns_name(), state_.look_ups().netbios_name()};
  input.templates = gathered.templates;
  input.publication = &gathered.publication;
  if (gathered.ca_account != nullptr) {
    input.ca_token = &gathered.ca_account->token;
    input.ca_account = gathered.ca_account->name;
  }
  input.name_of = [&view](const Sid& sid) { return view.name_of(sid); };
  input.now = now;
  return input;
}

Result<SubmitOutcome> Issuance::submit(const SubmitInput& input) {
  const Timestamp now = state_.now();
  const std::shared_ptr<const Settings> settings =
      input.ca_certificate_index ? state_.settings_of(*input.ca_certificate_index) : state_.settings();
  if (settings == nullptr)
    return fault(HResult::E_INVALIDARG,
                 "the CA has no certificate " + std::to_string(*input.ca_certificate_index) + " that can sign");
  SubmitOutcome outcome;
  if (!state_.is_running(outcome.trace)) {
    outcome.status = status_of(outcome.trace);
    outcome.message = sentence(outcome.status);
    return outcome;
  }
  if (!input.authority.empty()) {
    if (!state_.is_named(input.authority)) {
      outcome.status = HResult::E_INVALIDARG;
      outcome.trace.fail(kAuthorityName, outcome.status,
                         "the request is for '" + input.authority + "'; this is '" + settings->config.CommonName + "'");
      outcome.message = sentence(outcome.status);
      return outcome;
    }
    outcome.trace.pass(kAuthorityName);
  }
  MIMICA_TRY(const auto view, state_.look_ups().begin());
  MIMICA_TRY(const auto requester, view->requester(input.caller));
  if (requester == nullptr) {
    outcome.status = HResult::ERROR_NONE_MAPPED;
    outcome.trace.fail(kRequesterKnown, outcome.status, "no account is named '" + input.caller + "'");
    outcome.message = sentence(outcome.status);
    return outcome;
  }
  Trace trace = std::move(outcome.trace);
  trace.pass(kRequesterKnown, requester->name);

  RequestRecord record;
  RequestRow& row = record.request;
  row.RawRequest = input.request.size() <= kMaxRequestSize ? input.request : Bytes{};
  row.RequestAttributes = input.attributes.substr(0, kMaxAttributesSize);
  row.RequestFlags = kForceUtf8;
  row.SubmittedWhen = now;
  row.RequesterName = requester->name;
  row.CallerName = requester->name;
  MIMICA_TRY(row.RequestID, state_.database().next_request_id());
  state_.emit(events::kRequestReceived, now, {std::to_string(row.RequestID), row.RequesterName, row.RequestAttributes});

  Decision<IncomingRequest> incoming = read_request(input.request, input.attributes);
  trace.append(std::move(incoming.trace));
  if (!incoming) return settled(refuse({std::move(record), nullptr, now}, std::move(trace)));
  row.RawRequest = incoming.granted->raw;
  row.RequestType = static_cast<std::int64_t>(incoming.granted->format) | kFullResponse;
  if (incoming.granted->old_certificate) {
    row.RequestFlags |= kRenewal;
    row.RawOldCertificate = incoming.granted->old_certificate->der();
  }
  set_signers(row, incoming.granted->signers);
  set_subject(row, incoming.granted->pkcs10.subject(), incoming.granted->pkcs10.subject_der());
  record.attributes = incoming.granted->attributes.all();

  std::string subject = incoming.granted->requester_name;
  if (!subject.empty()) {
    MIMICA_TRY(const auto named, view->requester(subject));
    if (named == nullptr) {
      trace.fail(kAgentSubject, HResult::ERROR_NONE_MAPPED,
                 "no account is named '" + subject.substr(0, 256) + "', on whose behalf the request was made");
      return settled(refuse({std::move(record), nullptr, now}, std::move(trace)));
    }
    if (named->account.sid == requester->account.sid) {
      subject.clear();
    } else {
      row.RequesterName = named->name;
      row.RequestFlags |= kOnBehalfOf;
    }
  }
  MIMICA_TRY(const Gathered gathered, gather(*settings, *incoming.granted, input.caller, subject, *view, now));
  if (gathered.caller == nullptr || (!subject.empty() && gathered.subject == nullptr))
    return fault(HResult::ERROR_NONE_MAPPED, "the account '" + input.caller + "' vanished during the request");
  audit_templates(*settings, gathered, now);
  Decision<Plan> decision = decide(policy_input(*settings, *incoming.granted, gathered, *view, now));
  trace.append(std::move(decision.trace));
  if (!decision) return settled(refuse({std::move(record), nullptr, now}, std::move(trace)));
  return settled(perform(*settings, *decision.granted, {std::move(record), nullptr, now}, std::move(trace),
                         gathered.holder().account, "Issued"));
}

void Issuance::audit_templates(const Settings& settings, const Gathered& gathered, Timestamp now) {
  for (const auto& one : gathered.named) audit_.loaded(settings, *one, now);
}

Result<bool> Issuance::store(const Case& open) {
  if (open.seen != nullptr) return rows_.replace(*open.seen, open.record);
  MIMICA_RETURN_IF_FAULT(state_.database().store(open.record));
  return true;
}

Result<std::optional<SubmitOutcome>> Issuance::refuse(Case open, Trace trace) {
  const Timestamp now = open.now;
  RequestRecord& record = open.record;
  RequestRow& row = record.request;
  const Step* step = trace.deciding();
  const bool failed = step != nullptr && is_processing_error(*step->rule);
  SubmitOutcome outcome;
  outcome.request_id = row.RequestID;
  outcome.disposition = failed ? Disposition::error : Disposition::denied;
  outcome.status = status_of(trace);
  outcome.message =
      failed ? error_message(*step->rule)
             : "Denied by Policy Module  " + number(outcome.status) + ", " + (step == nullptr ? "" : step->found);
  row.Disposition = failed ? DbDisposition::error : DbDisposition::denied;
  row.StatusCode = static_cast<std::uint32_t>(outcome.status);
  row.DispositionMessage = outcome.message;
  row.ResolvedWhen = open.now;
  record.trace_json = trace_to_json(trace);
  MIMICA_TRY(const bool stored, store(open));
  if (!stored) return std::optional<SubmitOutcome>();
  state_.emit(events::kRequestDenied, now,
              {std::to_string(row.RequestID), row.RequesterName, row.RequestAttributes,
               std::to_string(static_cast<int>(outcome.disposition)), "", row.DistinguishedName},
              trace);
  state_.emit(events::kRequestFailed, now,
              {std::to_string(row.RequestID), describe(outcome.status), row.DistinguishedName, outcome.message}, trace);
  outcome.trace = std::move(trace);
  return std::optional(std::move(outcome));
}

Result<std::optional<SubmitOutcome>> Issuance::perform(const Settings& settings, const Plan& plan, Case open,
                                                       Trace trace, const ldap::Account& requester,
                                                       std::string_view message) {
  RequestRecord& record = open.record;
  const Plan::Content& content = plan.content();
  RequestRow& row = record.request;
  SubmitOutcome outcome;
  outcome.request_id = row.RequestID;
  record.extensions = content.extensions;
  record.trace_json = trace_to_json(trace);
  Bytes key_identifier;
  for (const ExtensionRow& extension : content.extensions) {
    if (extension.oid != oids::kSubjectKeyIdentifier || extension.value.size() < 2) continue;
    key_identifier.assign(extension.value.begin() + 2, extension.value.end());
  }
  if (plan.pending()) {
    outcome.disposition = Disposition::under_submission;
    outcome.message = "Taken Under Submission";
    row.Disposition = DbDisposition::pending;
    row.StatusCode = 0;
  } else {
    const Bytes serial = make_serial(settings.config.HighSerial, static_cast<std::uint32_t>(row.RequestID),
                                     static_cast<std::uint16_t>(settings.tokens.certificate_index), state_.entropy());
    MIMICA_TRY(outcome.certificate, issue(plan, serial, settings.signer.key));
    CertificateRow& certificate = record.certificate.emplace();
    certificate.RawCertificate = outcome.certificate;
    certificate.CertificateHash = to_hex(digest(Digest::sha1, outcome.certificate));
    certificate.CertificateTemplate = content.template_column;
    certificate.EnrollmentFlags = content.enrollment_flags;
    certificate.GeneralFlags = content.general_flags;
    certificate.PrivatekeyFlags = content.private_key_flags;
    certificate.SerialNumber = to_hex(serial);
    certificate.IssuerNameID = ca_version(settings.signer.certificate);
    certificate.NotBefore = content.fields.not_before;
    certificate.NotAfter = content.fields.not_after;
    certificate.SubjectKeyIdentifier = to_hex(key_identifier);
    set_public_key(certificate, content.fields.spki, content.key.bits);
    certificate.PublishExpiredCertInCRL = publishes_after_expiry(content.fields.extensions);
    certificate.UPN = content.upn;
    set_subject(certificate, content.subject, content.fields.subject_der);
    outcome.disposition = Disposition::issued;
    outcome.message = issued_message(message, content.warnings);
    row.Disposition = DbDisposition::issued;
    row.StatusCode = 0;
    row.ResolvedWhen = open.now;
  }
  row.DispositionMessage = outcome.message;
  // Durable first: a certificate that the database does not know must not exist outside (docs/architecture.md 9).
  MIMICA_TRY(const bool stored, store(open));
  if (!stored) return std::optional<SubmitOutcome>();
  if (state_.has_events()) {
    state_.emit(plan.pending() ? events::kRequestPending : events::kRequestIssued, open.now,
                {std::to_string(row.RequestID), row.RequesterName, row.RequestAttributes,
                 std::to_string(static_cast<int>(outcome.disposition)), spaced_hex(key_identifier),
                 content.subject.to_cert_str()},
                trace);
  }
  if (!plan.pending() && content.publish_to_directory) publish_certificate(record, requester);
  outcome.trace = std::move(trace);
  return std::optional(std::move(outcome));
}

// The exit module: a failure is recorded, the certificate stays issued (MS-WCCE 3.2.2.6.2.1.4.9).
void Issuance::publish_certificate(const RequestRecord& record, const ldap::Account& account) {
  ldap::Modification change;
  change.kind = ldap::Modification::Kind::add;
  change.attribute = {"userCertificate", {mimica::to_string(BytesView(record.certificate->RawCertificate))}};
  if (state_.look_ups().directory().modify(account.dn, {change})) return;
  // The flag is a note only; when even this write fails the row keeps saying that the certificate is issued.
  const auto seen = state_.database().by_request_id(record.request.RequestID);
  if (!seen || !*seen) return;
  RequestRecord next = **seen;
  next.request.RequestFlags |= kPublishError;
  (void)rows_.replace(**seen, next);
}

Result<SubmitOutcome> Issuance::retrieve(std::int64_t request_id) {
  SubmitOutcome outcome;
  MIMICA_TRY(auto record, state_.database().by_request_id(request_id));
  if (!record) {
    outcome.status = HResult::CERTSRV_E_PROPERTY_EMPTY;
    outcome.trace.fail(kRowKnown, outcome.status, "there is no request " + std::to_string(request_id));
    outcome.message = sentence(outcome.status);
    return outcome;
  }
  MIMICA_TRY(outcome.trace, trace_from_json(record->trace_json, rules_in_traces()));
  outcome.request_id = request_id;
  outcome.disposition = to_client(record->request.Disposition);
  outcome.status = static_cast<HResult>(record->request.StatusCode);
  outcome.message = record->request.DispositionMessage;
  if (record->certificate) outcome.certificate = std::move(record->certificate->RawCertificate);
  return outcome;
}

Result<SubmitOutcome> Issuance::resubmit(std::int64_t request_id, std::string_view caller) {
  const Timestamp now = state_.now();
  bool told = false;
  while (true) {
    MIMICA_TRY(auto outcome, try_resubmit(request_id, caller, now, told));
    if (outcome) return *std::move(outcome);
  }
}

Result<std::optional<SubmitOutcome>> Issuance::try_resubmit(std::int64_t request_id, std::string_view caller,
                                                            Timestamp now, bool& told) {
  const std::shared_ptr<const Settings> settings = state_.settings();
  SubmitOutcome outcome;
  outcome.request_id = request_id;
  Trace trace;
  const auto refused = [&] {
    outcome.status = status_of(trace);
    outcome.message = sentence(outcome.status);
    outcome.trace = std::move(trace);
    return std::optional(std::move(outcome));
  };
  if (!state_.is_running(trace)) return refused();
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kIssueAndManage, who, trace));
  if (!allowed) return refused();
  MIMICA_TRY(const auto seen, rows_.find(request_id, trace));
  if (!seen) return refused();
  const DbDisposition state = seen->request.Disposition;
  const bool administrator =
      who.console || check_access(settings->config.Security, who.token, ca_access::kManageCa).granted;
  if (state != DbDisposition::pending && !(state == DbDisposition::denied && administrator)) {
    trace.fail(kRowResolvable, HResult::CERTSRV_E_BAD_REQUESTSTATUS,
               "request " + std::to_string(request_id) + " is " + to_lower(to_string(state)) +
                   (state == DbDisposition::denied ? "; only a CA administrator can resubmit it" : ""));
    return refused();
  }
  trace.pass(kRowResolvable);
  MIMICA_TRY(const bool in_charge, rights_.may_handle(who, *seen, trace));
  if (!in_charge) return refused();
  if (!std::exchange(told, true)) state_.emit(events::kRequestResubmitted, now, {std::to_string(request_id)});

  MIMICA_TRY(const auto view, state_.look_ups().begin());
  Decision<IncomingRequest> incoming = read_request(seen->request.RawRequest, seen->request.RequestAttributes);
  trace.append(std::move(incoming.trace));
  if (!incoming) return refuse({*seen, &*seen, now}, std::move(trace));
  const bool on_behalf = (seen->request.RequestFlags & kOnBehalfOf) != 0;
  MIMICA_TRY(const Gathered gathered, gather(*settings, *incoming.granted, seen->request.CallerName,
                                             on_behalf ? seen->request.RequesterName : std::string(), *view, now));
  if (gathered.caller == nullptr || (on_behalf && gathered.subject == nullptr)) {
    trace.fail(
        kRequesterKnown, HResult::ERROR_NONE_MAPPED,
        (gathered.caller == nullptr ? seen->request.CallerName : seen->request.RequesterName) + " no longer exists");
    return refused();
  }
  audit_templates(*settings, gathered, now);
  PolicyInput input = policy_input(*settings, *incoming.granted, gathered, *view, now);
  input.new_request = false;
  Decision<Plan> decision = decide(input);
  trace.append(std::move(decision.trace));
  if (!decision) return refuse({*seen, &*seen, now}, std::move(trace));
  return perform(*settings, *decision.granted, {*seen, &*seen, now}, std::move(trace), gathered.holder().account,
                 "Resubmitted by " + who.name);
}

}  // namespace mimica::ca
