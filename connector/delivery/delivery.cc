#include "connector/delivery/delivery.h"

#include <algorithm>

#include "connector/rules.h"
#include "connector/tenant/validate.h"
#include "core/base/text.h"

namespace mimica::connector {
namespace {

constexpr int kMaxPolls = 10000;  // a queue longer than this is not drained in one operation

bool same_root(const Profile& profile, const ManagedDevice& device) {
  return profile.kind == ProfileKind::trusted_root && profile.type != nullptr &&
         profile.type->serves_enrollment(device.enrollment);
}

// One run of the flow; collects stages and trace until it ends.
class Run {
 public:
  Run(Flow& flow, const Profile& profile, Device& device, Timestamp now, RequestKind kind,
      const DeliveryOptions& options)
      : flow_(flow), profile_(profile), device_(device), now_(now), kind_(kind), options_(options) {
    out_.profile_id = profile.id;
    out_.device_id = device.record().id;
  }

  Result<Delivery> go() {
    if (!ready() || !accepted() || !targeted()) return std::move(out_);
    if (profile_.kind == ProfileKind::trusted_root) {
      trusted_root_only();
      return std::move(out_);
    }
    install_roots();
    if (!root_bound() || !up_to_date_or_waiting()) return std::move(out_);
    if (!variables()) return std::move(out_);
    queue();
    MIMICA_RETURN_IF_FAULT(poll());
    return std::move(out_);
  }

  // For renew(): a refusal before the flow starts. It changes no status.
  Delivery refuse_early(Trace trace) {
    const Step* deciding = trace.deciding();
    stage(StageKind::validate, StageOutcome::failed, deciding == nullptr ? std::string() : deciding->found);
    out_.outcome = DeliveryOutcome::refused;
    out_.decision = Decision<StoredCertificate>::refuse(std::move(trace));
    return std::move(out_);
  }
  Trace& trace() { return trace_; }

 private:
  void stage(StageKind kind, StageOutcome outcome, std::string detail = {}) {
    out_.stages.push_back({kind, outcome, at_(), std::move(detail)});
  }
  Timestamp at_() const { return later_.value_or(now_); }

  // Ends the run with a refusal decided by the last failing step.
  void stop(DeliveryOutcome outcome, StageKind kind, StageOutcome how) {
    const Step* deciding = trace_.deciding();
    stage(kind, how, deciding == nullptr ? std::string() : deciding->found);
    out_.outcome = outcome;
    report(outcome, deciding);
    out_.decision = Decision<StoredCertificate>::refuse(std::move(trace_));
  }

  void report(DeliveryOutcome outcome, const Step* deciding) {
    StatusRow row;
    row.profile_id = profile_.id;
    row.device_id = device_.record().id;
    row.user_id = user_id();
    row.reported_at = at_();
    switch (outcome) {
      case DeliveryOutcome::installed:
      case DeliveryOutcome::unchanged:
        row.status = ProfileStatus::compliant;
        break;
      case DeliveryOutcome::pending:
        row.status = ProfileStatus::unknown;
        break;
      case DeliveryOutcome::refused:
        row.status = ProfileStatus::error;
        break;
      case DeliveryOutcome::not_applicable:
        row.status = ProfileStatus::not_applicable;
        break;
      case DeliveryOutcome::not_assigned:
        row.status = ProfileStatus::not_assigned;
        break;
    }
    if (deciding != nullptr) {
      row.error = deciding->code;
      row.rule = deciding->rule->id;
    }
    stage(StageKind::report, StageOutcome::done,
          std::string(admin_wording(row.status)) + (row.rule.empty() ? std::string() : " (" + row.rule + ")"));
    flow_.tenant.report(std::move(row));
  }

  const ManagedDevice& record() const { return *record_; }
  std::string user_id() const {
    const User* user = record_ == nullptr ? nullptr : flow_.tenant.user_of(*record_);
    return user == nullptr ? std::string() : user->id;
  }

  bool ready() {
    record_ = std::as_const(flow_.tenant).find_device(device_.record().id);
    if (record_ == nullptr || !device_.enrolled() || device_.record().id.empty()) {
      trace_.fail(rule::kDeviceEnrolled, HResult::E_ACCESSDENIED, device_.record().name + " is not enrolled");
      stop(DeliveryOutcome::refused, StageKind::validate, StageOutcome::failed);
      return false;
    }
    trace_.pass(rule::kDeviceEnrolled, record_->name);
    if (record_->enrollment == Enrollment::android_device_administrator && record_->google_mobile_services &&
        now_ >= from_civil({2025, 1, 1, 0, 0, 0}))
      trace_.warn(rule::kEnrollmentSupport, "Android device administrator is no longer supported on this device");
    return true;
  }

  bool accepted() {
    if (profile_.kind != ProfileKind::pkcs && profile_.kind != ProfileKind::trusted_root) {
      trace_.fail(rule::kProfileKind, HResult::ERROR_NOT_SUPPORTED,
                  profile_.type_name + " (" + std::string(to_string(profile_.kind)) + ") is kept but not executed");
      stop(DeliveryOutcome::refused, StageKind::validate, StageOutcome::failed);
      return false;
    }
    const Decision<Unit> saved = may_save(profile_);
    for (const Step& step : saved.trace.steps())
      if (step.verdict == Verdict::warn || step.verdict == Verdict::fail) trace_.add(step);
    if (!saved) {
      stop(DeliveryOutcome::refused, StageKind::validate, StageOutcome::failed);
      return false;
    }
    trace_.pass(rule::kProfileKind, profile_.type_name);
    stage(StageKind::validate, StageOutcome::done, "\"" + profile_.display_name + "\"");
    return true;
  }

  bool targeted() {
    Decision<Targeting> targeting = flow_.tenant.target(profile_, record());
    const std::string decided(targeting.rule());
    trace_.append(std::move(targeting.trace));
    if (!targeting.granted) {
      const bool assigned = decided != rule::kAssignmentIncluded.id && decided != rule::kAssignmentExcluded.id &&
                            decided != rule::kAssignmentFilter.id;
      stop(assigned ? DeliveryOutcome::not_applicable : DeliveryOutcome::not_assigned, StageKind::assign,
           StageOutcome::skipped);
      return false;
    }
    stage(StageKind::assign, StageOutcome::done,
          targeting.granted->through_user ? "through the user" : "through the device");
    return true;
  }

  void trusted_root_only() {
    Decision<DeviceStore> installed = device_.install_trusted_root(profile_, now_);
    trace_.append(std::move(installed.trace));
    if (!installed.granted) {
      stop(DeliveryOutcome::refused, StageKind::trusted_root, StageOutcome::failed);
      return;
    }
    stage(StageKind::trusted_root, StageOutcome::done, std::string(to_string(*installed.granted)));
    out_.outcome = DeliveryOutcome::installed;
    report(out_.outcome, nullptr);
    out_.decision = Decision<StoredCertificate>::grant(device_.certificates().back(), std::move(trace_));
  }

  // Trusted roots that target the device come before any PKCS certificate.
  void install_roots() {
    std::string names;
    for (const auto& entry : flow_.tenant.profiles()) {
      const Profile& root = entry.second;
      if (!same_root(root, record()) || !flow_.tenant.target(root, record())) continue;
      const Decision<DeviceStore> installed = device_.install_trusted_root(root, now_);
      if (installed) {
        append_item(names, root.display_name);
      } else {
        const Step* deciding = installed.trace.deciding();
        trace_.warn(*deciding->rule, "\"" + root.display_name + "\": " + deciding->found);
      }
    }
    stage(StageKind::trusted_root, names.empty() ? StageOutcome::skipped : StageOutcome::done,
          names.empty() ? std::string("no trusted certificate profile targets the device") : names);
  }

  bool root_bound() {
    if (!profile_.type->has(property::kRootCertificate)) return true;
    const auto& id = profile_.pkcs()->root_profile_id;
    if (!id) {
      trace_.warn(rule::kAssignmentTrustedRoot,
                  "the profile binds no trusted root; the device's own chain check decides");
      return true;
    }
    if (device_.has_root_of(*id)) {
      trace_.pass(rule::kAssignmentTrustedRoot, *id);
      return true;
    }
    const Profile* root = flow_.tenant.find_profile(*id);
    if (root == nullptr) {
      trace_.warn(rule::kAssignmentTrustedRoot,
                  "the tenant has no trusted root profile " + *id + "; the device's own chain check decides");
      return true;
    }
    trace_.fail(rule::kAssignmentTrustedRoot, HResult::CERT_E_UNTRUSTEDROOT,
                "\"" + root->display_name + "\" has not reached " + record().name);
    stop(DeliveryOutcome::pending, StageKind::trusted_root, StageOutcome::waiting);
    return false;
  }

  // False when the run is over: nothing to do, or the PFX that waited was sent again.
  bool up_to_date_or_waiting() {
    if (kind_ == RequestKind::renew) return true;
    const StoredCertificate* stored = device_.find(profile_.id);
    if (stored != nullptr && stored->certificate.not_after() > now_ && !edited(*stored)) {
      trace_.skip(rule::kRequestNeeded,
                  "serial " + stored->certificate.serial_hex() + " of this profile is on the device");
      stage(StageKind::queue, StageOutcome::skipped, "the device holds a current certificate");
      out_.outcome = DeliveryOutcome::unchanged;
      out_.certificate = stored->certificate.der();
      report(out_.outcome, nullptr);
      out_.decision = Decision<StoredCertificate>::grant(*stored, std::move(trace_));
      return false;
    }
    CertificateState* row = flow_.tenant.current_state(profile_.id, record().id);
    const auto certificate = row == nullptr ? Result<Certificate>(Fault{}) : Certificate::parse(row->certificate);
    // The service keeps the PFX: one that waited, and one that a re-assignment brings back (even when it was revoked in
    // between), is sent again instead of asking the CA.
    const bool kept = row != nullptr && !row->payload.empty() &&
                      (row->state == IssuanceState::response_pending ||
                       row->state == IssuanceState::removed_from_collection || row->state == IssuanceState::revoked);
    if (stored == nullptr && kept && certificate && certificate->not_after() > now_) {
      trace_.pass(rule::kRequestNeeded, "the PFX of serial " + certificate->serial_hex() + " is sent again");
      stage(StageKind::queue, StageOutcome::skipped, "the service sends the PFX it holds");
      out_.certificate = row->certificate;
      out_.payload = row->payload;
      install(*row);
      return false;
    }
    trace_.pass(rule::kRequestNeeded, stored != nullptr
                                          ? "the certificate on the device has expired or its profile was edited"
                                          : "the device holds no certificate of this profile");
    return true;
  }

  bool edited(const StoredCertificate& stored) const {
    if (!flow_.tenant.options().reissue_on_edit) return false;
    const CertificateState* row = flow_.tenant.state_of_serial(stored.certificate.serial_hex());
    return row != nullptr && row->profile_version != profile_.version.value_or(1);
  }

  bool variables() {
    const PkcsSettings& settings = *profile_.pkcs();
    const User* user = flow_.tenant.user_of(record());
    if (settings.effective_store() == CertificateStore::user && user == nullptr) {
      trace_.fail(rule::kAssignmentUserAffinity, HResult::ERROR_NOT_FOUND,
                  record().name + " has no user; a user certificate is not provisioned");
    } else {
      trace_.pass(rule::kAssignmentUserAffinity,
                  user == nullptr ? std::string("device certificate") : user->user_principal_name);
    }
    Decision<ResolvedNames> names = resolve_names(settings, record(), user, flow_.tenant.options().naming);
    trace_.append(std::move(names.trace));
    if (trace_.deciding() != nullptr) {
      add_row(IssuanceState::request_creation_failed);
      stop(DeliveryOutcome::refused, StageKind::variables, StageOutcome::failed);
      return false;
    }
    names_ = *std::move(names.granted);
    stage(StageKind::variables, StageOutcome::done, names_.subject);
    return true;
  }

  CertificateState& add_row(IssuanceState state) {
    CertificateState row;
    row.profile_id = profile_.id;
    row.profile_version = profile_.version.value_or(1);
    row.device_id = record().id;
    row.user_id = user_id();
    row.state = state;
    row.ca_host = profile_.pkcs()->authority_host.value_or("");
    row.ca_name = profile_.pkcs()->authority_name.value_or("");
    row.changed_at = now_;
    if (const Step* deciding = trace_.deciding()) {
      row.error = deciding->code;
      row.rule = deciding->rule->id;
    }
    return flow_.tenant.add_state(std::move(row));
  }

  void queue() {
    const PkcsSettings& settings = *profile_.pkcs();
    flow_.tenant.cancel(profile_.id, record().id);
    add_row(kind_ == RequestKind::renew ? IssuanceState::renewal_requested : IssuanceState::requested);
    CertificateRequest request;
    request.kind = kind_;
    request.profile_id = profile_.id;
    request.profile_version = profile_.version.value_or(1);
    request.device_id = record().id;
    request.user_id = user_id();
    request.ca_host = settings.authority_host.value_or("");
    request.ca_name = settings.authority_name.value_or("");
    request.template_name = settings.template_name.value_or("");
    request.names = names_;
    request.key_usages = settings.key_usages;
    request.validity_value = settings.validity_value;
    request.validity_scale = settings.validity_scale;
    request.sid = request_sid(settings, record(), flow_.tenant.user_of(record()));
    request.device_certificate = device_.management_certificate().der();
    request.not_before = now_;
    request_id_ = flow_.tenant.enqueue(std::move(request));
    stage(StageKind::queue, StageOutcome::done, std::string(to_string(kind_)) + " request " + request_id_);
  }

  // Connectors compete for requests until ours is answered.
  Result<std::optional<Processed>> next_answer(Timestamp at) {
    for (int polls = 0; polls < kMaxPolls; ++polls) {
      std::vector<CertificateConnector*> able;
      for (CertificateConnector* connector : flow_.connectors)
        if (connector->serves(RequestKind::issue)) able.push_back(connector);
      if (able.empty()) return std::optional<Processed>{};
      CertificateConnector& taker = *able[flow_.entropy.u32() % able.size()];
      MIMICA_TRY(std::vector<Processed> done, taker.poll(flow_.tenant, flow_.port, flow_.keys, flow_.entropy, at));
      if (done.empty()) return std::optional<Processed>{};
      for (Processed& answer : done)
        if (answer.request.id == request_id_) return std::optional<Processed>(std::move(answer));
    }
    return std::optional<Processed>{};
  }

  Result<void> poll() {
    Timestamp at = now_;
    for (;;) {
      MIMICA_TRY(std::optional<Processed> answer, next_answer(at));
      if (!answer) {
        trace_.fail(rule::kRequestConnector, HResult::E_PENDING,
                    flow_.connectors.empty() ? "the tenant has no connector"
                                             : "no connector with the PKCS feature and a running service");
        stop(DeliveryOutcome::pending, StageKind::poll, StageOutcome::waiting);
        return {};
      }
      later_ = at;
      take(*answer);
      out_.attempts.push_back(*answer);
      if (answer->kind == Processed::Kind::retry && options_.run_retries) {
        at = *answer->retry_at;
        continue;
      }
      conclude(std::move(*answer));
      return {};
    }
  }

  void take(const Processed& answer) {
    out_.connector = answer.issuance.connector;
    out_.retry_at = answer.retry_at;
    out_.pkcs10 = answer.pkcs10;
    out_.certificate = answer.certificate;
    out_.chain = answer.chain;
    out_.payload = answer.payload;
    stage(StageKind::poll, StageOutcome::done,
          answer.issuance.connector + " took the request, attempt " + std::to_string(answer.request.attempts));
    if (!answer.pkcs10.empty())
      stage(StageKind::submit, StageOutcome::done, answer.request.ca_host + "\\" + answer.request.ca_name);
    if (!answer.certificate.empty()) {
      const auto certificate = Certificate::parse(answer.certificate);
      stage(StageKind::issued, StageOutcome::done, certificate ? "serial " + certificate->serial_hex() : std::string());
    }
  }

  void conclude(Processed answer) {
    trace_.pass(rule::kRequestConnector, answer.issuance.connector);
    trace_.append(std::move(answer.trace));
    if (answer.kind != Processed::Kind::issued) {
      const StageKind where = !answer.certificate.empty() ? StageKind::export_pfx
                              : answer.pkcs10.empty()     ? StageKind::poll
                                                          : StageKind::submit;
      const bool held = answer.kind == Processed::Kind::held;
      stop(held ? DeliveryOutcome::pending : DeliveryOutcome::refused, where,
           held ? StageOutcome::waiting : StageOutcome::failed);
      return;
    }
    stage(StageKind::export_pfx, StageOutcome::done);
    stage(StageKind::encrypt, StageOutcome::done, "to " + device_.management_certificate().subject().to_cert_str());
    CertificateState* row = flow_.tenant.current_state(profile_.id, record().id);
    if (row != nullptr) install(*row);
  }

  void install(CertificateState& row) {
    later_ = at_() + options_.transit;
    stage(StageKind::deliver, StageOutcome::done);
    Decision<StoredCertificate> installed = device_.install_pfx(out_.payload, profile_, at_(), &out_.opened);
    const std::string decided(installed.rule());
    trace_.append(std::move(installed.trace));
    row.changed_at = at_();
    if (!installed.granted) {
      const bool waits = decided == rule::kDeviceTrustedRoot.id && device_.policy().untrusted_chain_waits;
      row.state = waits ? IssuanceState::response_pending : IssuanceState::install_failed;
      row.error = installed.code;
      row.rule = decided;
      stop(waits ? DeliveryOutcome::pending : DeliveryOutcome::refused, StageKind::install,
           waits ? StageOutcome::waiting : StageOutcome::failed);
      return;
    }
    if (row.state != IssuanceState::revoked)
      row.state = kind_ == RequestKind::renew ? IssuanceState::renew_verified : IssuanceState::installed;
    row.error = HResult::S_OK;
    row.rule.clear();
    stage(StageKind::install, StageOutcome::done, std::string(to_string(installed.granted->store)));
    out_.outcome = DeliveryOutcome::installed;
    report(out_.outcome, nullptr);
    out_.decision = Decision<StoredCertificate>::grant(*std::move(installed.granted), std::move(trace_));
  }

  Flow& flow_;
  const Profile& profile_;
  Device& device_;
  Timestamp now_;
  RequestKind kind_;
  DeliveryOptions options_;
  std::optional<Timestamp> later_;
  const ManagedDevice* record_ = nullptr;
  Trace trace_;
  ResolvedNames names_;
  std::string request_id_;
  Delivery out_;
};

Result<Profile> profile_for(const Flow& flow, std::string_view name) {
  const Profile* profile = flow.tenant.find_profile(name);
  if (profile == nullptr)
    return fault(HResult::ERROR_NOT_FOUND, "there is no profile '" + std::string(name) + "'", {},
                 "name it by its displayName or its id");
  return *profile;
}

}  // namespace

std::string_view to_string(StageKind kind) {
  switch (kind) {
    case StageKind::validate:
      return "validate";
    case StageKind::assign:
      return "assign";
    case StageKind::trusted_root:
      return "trusted root";
    case StageKind::variables:
      return "variables";
    case StageKind::queue:
      return "queue";
    case StageKind::poll:
      return "poll";
    case StageKind::submit:
      return "submit";
    case StageKind::issued:
      return "issued";
    case StageKind::export_pfx:
      return "export";
    case StageKind::encrypt:
      return "encrypt";
    case StageKind::deliver:
      return "deliver";
    case StageKind::install:
      return "install";
    case StageKind::report:
      return "report";
  }
  return {};
}

std::string_view to_string(StageOutcome outcome) {
  switch (outcome) {
    case StageOutcome::done:
      return "done";
    case StageOutcome::waiting:
      return "waiting";
    case StageOutcome::failed:
      return "failed";
    case StageOutcome::skipped:
      return "skipped";
  }
  return {};
}

std::string_view to_string(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::installed:
      return "installed";
    case DeliveryOutcome::unchanged:
      return "unchanged";
    case DeliveryOutcome::pending:
      return "pending";
    case DeliveryOutcome::refused:
      return "refused";
    case DeliveryOutcome::not_applicable:
      return "not applicable";
    case DeliveryOutcome::not_assigned:
      return "not assigned";
  }
  return {};
}

bool Delivery::reached_authority() const {
  return std::any_of(attempts.begin(), attempts.end(),
                     [](const Processed& attempt) { return !attempt.pkcs10.empty(); });
}

Result<Delivery> deliver(Flow& flow, std::string_view profile, Device& device, Timestamp now,
                         const DeliveryOptions& options) {
  MIMICA_TRY(const Profile found, profile_for(flow, profile));
  return Run(flow, found, device, now, RequestKind::issue, options).go();
}

Timestamp renewal_due(const Certificate& certificate, int threshold_percent) {
  const Seconds lifetime = certificate.not_after() - certificate.not_before();
  return certificate.not_after() - lifetime / 100 * threshold_percent - lifetime % 100 * threshold_percent / 100;
}

Result<Delivery> renew(Flow& flow, std::string_view profile, Device& device, Timestamp now, bool force,
                       const DeliveryOptions& options) {
  MIMICA_TRY(const Profile found, profile_for(flow, profile));
  Run run(flow, found, device, now, RequestKind::renew, options);
  Trace trace;
  const StoredCertificate* stored = device.find(found.id);
  const PkcsSettings* settings = found.pkcs();
  if (stored == nullptr || settings == nullptr) {
    trace.fail(rule::kRenewalCertificate, HResult::ERROR_NOT_FOUND,
               device.record().name + " holds no certificate of \"" + found.display_name + "\"");
    return run.refuse_early(std::move(trace));
  }
  const Certificate& certificate = stored->certificate;
  trace.pass(rule::kRenewalCertificate, "serial " + certificate.serial_hex());
  const Timestamp due = renewal_due(certificate, settings->effective_threshold());
  const std::string window = "due from " + to_iso(due) + " (" + std::to_string(settings->effective_threshold()) +
                             " percent before " + to_iso(certificate.not_after()) + ")";
  if (now < due && !force) {
    trace.fail(rule::kRenewalWindow, HResult::E_PENDING, window + ", now " + to_iso(now));
    return run.refuse_early(std::move(trace));
  }
  if (now < due) {
    trace.warn(rule::kRenewalWindow, window + "; forced");
  } else {
    trace.pass(rule::kRenewalWindow, window);
  }
  const Platform platform = device.record().platform();
  if (platform == Platform::ios || platform == Platform::macos) {
    if (!device.traits().unlocked || now > certificate.not_after()) {
      trace.fail(rule::kRenewalDeviceReady, HResult::E_PENDING,
                 !device.traits().unlocked ? device.record().name + " is locked"
                                           : "the certificate expired at " + to_iso(certificate.not_after()));
      return run.refuse_early(std::move(trace));
    }
    trace.pass(rule::kRenewalDeviceReady);
  }
  run.trace() = std::move(trace);
  return run.go();
}

Result<std::vector<Processed>> poll_all(Flow& flow, Timestamp now) {
  std::vector<Processed> out;
  bool progress = true;
  for (int rounds = 0; progress && rounds < kMaxPolls; ++rounds) {
    progress = false;
    for (CertificateConnector* connector : flow.connectors) {
      MIMICA_TRY(std::vector<Processed> done, connector->poll(flow.tenant, flow.port, flow.keys, flow.entropy, now));
      progress = progress || !done.empty();
      std::move(done.begin(), done.end(), std::back_inserter(out));
    }
  }
  return out;
}

Result<Decision<std::string>> enrol_device(Flow& flow, Device& device, Timestamp now) {
  Decision<std::string> decision = flow.tenant.enrol(device.record(), now);
  if (!decision) return decision;
  MIMICA_RETURN_IF_FAULT(device.enrol(*decision.granted, flow.keys, now));
  const ManagedDevice* stored = std::as_const(flow.tenant).find_device(*decision.granted);
  if (stored != nullptr) device.record() = *stored;
  return decision;
}

}  // namespace mimica::connector
