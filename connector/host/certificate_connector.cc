#include "connector/host/certificate_connector.h"

#include <algorithm>

#include "connector/rules.h"
#include "core/base/text.h"

namespace mimica::connector {
namespace {

constexpr std::size_t index_of(Service service) { return static_cast<std::size_t>(service); }

}  // namespace

std::string_view display_name(Service service) {
  switch (service) {
    case Service::create:
      return "PFX Create Certificate Connector for Microsoft Intune";
    case Service::create_legacy:
      return "PFX Create Legacy Connector for Microsoft Intune";
    case Service::revoke:
      return "PFX Revoke Certificate Connector for Microsoft Intune";
  }
  return {};
}

std::string_view service_name(Service service) {
  switch (service) {
    case Service::create:
      return "PkiCreateConnectorSvc";
    case Service::create_legacy:
      return "PfxCreateLegacyConnectorSvc";
    case Service::revoke:
      return "PkiRevokeConnectorSvc";
  }
  return {};
}

std::optional<Service> service_named(std::string_view text) {
  for (const Service service : kServices)
    if (equals_ignore_case(text, display_name(service)) || equals_ignore_case(text, service_name(service)))
      return service;
  return std::nullopt;
}

CertificateConnector::CertificateConnector(ConnectorSettings settings, Registry registry, EventLog* log)
    : settings_(std::move(settings)), registry_(std::move(registry)), log_(log) {
  for (const Service service : kServices) start(service);
}

void CertificateConnector::start(Service service) {
  if (!running(service)) snapshots_[index_of(service)] = registry_;
}

void CertificateConnector::stop(Service service) { snapshots_[index_of(service)].reset(); }

void CertificateConnector::restart(Service service) {
  stop(service);
  start(service);
}

bool CertificateConnector::running(Service service) const { return snapshots_[index_of(service)].has_value(); }

std::optional<bool> CertificateConnector::sid_switch_of(Service service) const {
  const auto& snapshot = snapshots_[index_of(service)];
  if (!snapshot) return std::nullopt;
  return sid_switch(*snapshot);
}

bool CertificateConnector::sid_switch_in_effect() const {
  const bool create = sid_switch_of(Service::create).value_or(false);
  const bool legacy = sid_switch_of(Service::create_legacy).value_or(false);
  switch (settings_.sid_pipeline) {
    case SidPipeline::both_services:
      return create && legacy;
    case SidPipeline::create_service:
      return create;
    case SidPipeline::legacy_service:
      return legacy;
  }
  return false;
}

std::string CertificateConnector::caller() const {
  if (!settings_.service_account.empty()) return settings_.service_account;
  if (!settings_.domain_joined) return {};
  return settings_.domain + "\\" + settings_.host + "$";
}

Trace CertificateConnector::sid_readiness() const {
  Trace trace;
  const auto check = [&](const Rule& rule, bool holds, const std::string& found) {
    if (holds) {
      trace.pass(rule, found);
    } else {
      trace.warn(rule, found);
    }
  };
  check(rule::kSidConnectorVersion, settings_.version >= kSidRelease,
        settings_.host + " runs connector " + settings_.version.to_string() + "; " + kSidRelease.to_string() +
            " adds the extension");
  check(rule::kSidHostSystem, settings_.host_system >= kServer2019,
        settings_.host + " runs Windows " + settings_.host_system.to_string());
  const bool value = sid_switch(registry_);
  check(rule::kSidRegistryValue, value,
        value ? std::string(kSidSwitch) + " is 1" : std::string(kSidSwitch) + " is not set to the DWORD 1");
  std::string readings;
  for (const Service service : {Service::create_legacy, Service::create}) {
    const auto reading = sid_switch_of(service);
    append_item(readings, std::string(display_name(service)) + ": " + (!reading ? "stopped" : *reading ? "1" : "0"));
  }
  check(rule::kSidServicesRestarted, sid_switch_in_effect(), readings);
  check(rule::kSidHostUpdate, settings_.host_update,
        settings_.host_update ? "installed" : "missing: CX509Extension::Initialize fails with E_POINTER");
  return trace;
}

Decision<bool> CertificateConnector::decide_sid(const std::optional<Sid>& sid) const {
  Trace trace;
  if (sid) {
    trace.pass(rule::kSidSubject, sid->to_string());
  } else {
    trace.warn(rule::kSidSubject, "the subject is not synchronised from Active Directory; no SID is known");
  }
  Trace readiness = sid_readiness();
  const bool wanted =
      sid && settings_.version >= kSidRelease && settings_.host_system >= kServer2019 && sid_switch_in_effect();
  if (wanted && !settings_.host_update) {
    trace.append(std::move(readiness));
    trace.fail(rule::kSidHostUpdate, HResult::E_POINTER,
               "CertEnroll::CX509Extension::Initialize: Invalid pointer on " + settings_.host);
    return Decision<bool>::refuse(std::move(trace));
  }
  trace.append(std::move(readiness));
  return Decision<bool>::grant(wanted, std::move(trace));
}

Findings CertificateConnector::findings() const {
  const std::string subject = "connector " + settings_.host;
  Findings out = registry_findings(registry_, subject);
  for (const Service service : {Service::create, Service::create_legacy}) {
    const auto reading = sid_switch_of(service);
    if (reading && *reading != sid_switch(registry_))
      out.push_back({&rule::kRegistryRestart,
                     Severity::warning,
                     subject,
                     {},
                     std::string(display_name(service)) + " still works with the value it read at its start",
                     {}});
  }
  if (settings_.version < kOldestIssuingRelease)
    out.push_back({&rule::kHostSupport,
                   Severity::error,
                   subject,
                   {},
                   "release " + settings_.version.to_string() + " is out of support",
                   {}});
  if (!settings_.domain_joined)
    out.push_back({&rule::kHostDomainJoined, Severity::error, subject, {}, "the host is not a domain member", {}});
  return out;
}

Decision<std::string> CertificateConnector::enrol(Tenant& tenant, Timestamp now) {
  if (!id_.empty() && tenant.connectors().count(id_) != 0) {
    Trace trace;
    trace.pass(rule::kRegistrationLimit, "enrolled already");
    return Decision<std::string>::grant(id_, std::move(trace));
  }
  auto decision = tenant.register_connector(settings_.host, settings_.version, settings_.features, now);
  if (decision) id_ = *decision.granted;
  return decision;
}

bool CertificateConnector::serves(RequestKind kind) const {
  if (id_.empty()) return false;
  if (kind == RequestKind::revoke)
    return settings_.features.count(ConnectorFeature::revocation) != 0 && running(Service::revoke);
  return settings_.features.count(ConnectorFeature::pkcs) != 0 &&
         (running(Service::create) || running(Service::create_legacy));
}

void CertificateConnector::schedule(Processed& done, Timestamp now) const {
  if (done.kind != Processed::Kind::failed || done.request.attempts > settings_.retry.retries) return;
  done.kind = Processed::Kind::retry;
  const auto& steps = settings_.retry.back_off;
  const std::size_t step = static_cast<std::size_t>(std::max(done.request.attempts - 1, 0));
  done.retry_at = now + (steps.empty() ? kMinute : steps[std::min(step, steps.size() - 1)]);
}

void CertificateConnector::write(const EventKind& kind, Timestamp now, const std::string& request_id,
                                 std::string details, const std::shared_ptr<const Trace>& trace) const {
  if (log_ == nullptr) return;
  Event event = make_event(kind, now, {request_id, std::move(details)});
  event.computer = settings_.dns_name.empty() ? settings_.host : settings_.dns_name;
  event.trace = trace;
  log_->append(std::move(event));
}

void CertificateConnector::record_download(const std::vector<CertificateRequest>& requests, Timestamp now) const {
  const auto count = [&](bool revocation) {
    return std::count_if(requests.begin(), requests.end(), [&](const CertificateRequest& request) {
      return (request.kind == RequestKind::revoke) == revocation;
    });
  };
  for (const bool revocation : {false, true}) {
    const auto number = count(revocation);
    if (number == 0) continue;
    write(revocation ? events::kRevokeDownloadSuccess : events::kPkcsDownloadSuccess, now, {},
          std::to_string(number) + " requests");
    for (const CertificateRequest& request : requests)
      if ((request.kind == RequestKind::revoke) == revocation)
        write(revocation ? events::kRevokeDownloadedRequest : events::kPkcsDownloadedRequest, now, request.id,
              "attempt " + std::to_string(request.attempts));
  }
}

void CertificateConnector::record(const Processed& done, Timestamp now) const {
  const std::string& id = done.request.id;
  const Step* deciding = done.trace.deciding();
  std::string why = mimica::describe(done.code);
  if (deciding != nullptr) append_item(why, deciding->found, ": ");
  const bool revocation = done.request.kind == RequestKind::revoke;
  const auto trace = log_ == nullptr ? nullptr : std::make_shared<const Trace>(done.trace);
  switch (done.kind) {
    case Processed::Kind::issued:
      write(events::kPkcsIssuedSuccess, now, id, done.request.names.subject, trace);
      write(events::kPkcsUploadedRequest, now, id, {});
      write(events::kPkcsUploadSuccess, now, {}, "1 result");
      write(events::kPkcsRequestSuccess, now, id, done.request.names.subject, trace);
      break;
    case Processed::Kind::revoked:
      write(events::kRevokeSuccess, now, id, "serial " + done.request.serial, trace);
      write(events::kRevokeUploadedRequest, now, id, {});
      write(events::kRevokeUploadSuccess, now, {}, "1 result");
      write(events::kRevokeRequestSuccess, now, id, "serial " + done.request.serial, trace);
      break;
    case Processed::Kind::retry:
      write(revocation ? events::kRevokeFailedAttempt : events::kPkcsIssuedFailedAttempt, now, id, why, trace);
      break;
    case Processed::Kind::held:
    case Processed::Kind::failed:
      write(revocation ? events::kRevokeFailure : events::kPkcsIssuedFailure, now, id, why, trace);
      write(revocation ? events::kRevokeRequestFailure : events::kPkcsRequestFailure, now, id, why, trace);
      break;
  }
}

void CertificateConnector::answer(Tenant& tenant, Processed& done, Timestamp now) {
  const auto accepted = done.kind == Processed::Kind::retry ? tenant.retry_later(done.request.id, id_, *done.retry_at)
                                                            : tenant.complete(done.request.id, id_);
  done.uploaded = accepted.has_value();
  if (!done.uploaded) {
    write(events::kPkcsUploadFailure, now, done.request.id, accepted.error().what);
    return;
  }
  if (done.request.kind == RequestKind::revoke) {
    if (CertificateState* row = tenant.state_of_serial(done.request.serial)) {
      row->changed_at = now;
      if (done.kind == Processed::Kind::revoked) {
        row->revocation = RevocationStatus::revoked;
        row->state = IssuanceState::revoked;
      } else {
        row->revocation = done.kind == Processed::Kind::failed ? RevocationStatus::failed : RevocationStatus::issued;
        row->error = done.code;
      }
    }
    return;
  }
  CertificateState* row = tenant.current_state(done.request.profile_id, done.request.device_id);
  if (row == nullptr) return;
  row->state = done.state;
  row->error = done.code;
  const Step* deciding = done.kind == Processed::Kind::issued ? nullptr : done.trace.deciding();
  row->rule = deciding == nullptr ? std::string() : std::string(deciding->rule->id);
  row->certificate = done.certificate;
  row->issuance = done.issuance;
  row->payload = done.payload;
  row->changed_at = now;
}

Result<std::vector<Processed>> CertificateConnector::poll(Tenant& tenant, EnrollmentPort& port, KeySource& keys,
                                                          Entropy& entropy, Timestamp now, std::size_t max) {
  std::vector<Processed> out;
  std::set<ConnectorFeature> able;
  if (serves(RequestKind::issue)) able.insert(ConnectorFeature::pkcs);
  if (serves(RequestKind::revoke)) able.insert(ConnectorFeature::revocation);
  if (able.empty()) return out;
  const std::vector<CertificateRequest> requests = tenant.lease(id_, able, now, max);
  record_download(requests, now);
  for (const CertificateRequest& request : requests) {
    MIMICA_TRY(Processed done, request.kind == RequestKind::revoke
                                   ? revoke(request, port)
                                   : issue(request, tenant.options().naming, port, keys, entropy));
    schedule(done, now);
    record(done, now);
    answer(tenant, done, now);
    out.push_back(std::move(done));
  }
  return out;
}

Findings lint_connectors(const std::vector<const CertificateConnector*>& connectors) {
  std::string with;
  std::string without;
  const auto name = [](std::string& list, const std::string& host) { append_item(list, host); };
  for (const CertificateConnector* connector : connectors) {
    bool ready = true;
    const Trace readiness = connector->sid_readiness();
    for (const Step& step : readiness.steps())
      // The registry value itself matters only through what the services have read.
      if (step.verdict != Verdict::pass && step.rule != &rule::kSidRegistryValue) ready = false;
    name(ready ? with : without, connector->settings().host);
  }
  Findings findings;
  if (!with.empty() && !without.empty())
    findings.push_back({&rule::kLintConnectorsDiffer,
                        Severity::warning,
                        "connectors",
                        {},
                        with + " would add the SID extension, " + without + " would not",
                        {}});
  return findings;
}

}  // namespace mimica::connector
