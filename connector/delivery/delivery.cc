#include "connector/delivery/delivery.h"

#include <algorithm>

#include "connector/delivery/delivery_run.h"
#include "connector/rules.h"

namespace mimica::connector {
namespace {

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
  return run_delivery(flow, found, device, now, RequestKind::issue, options);
}

Timestamp renewal_due(const Certificate& certificate, int threshold_percent) {
  const Seconds lifetime = certificate.not_after() - certificate.not_before();
  return certificate.not_after() - lifetime / 100 * threshold_percent - lifetime % 100 * threshold_percent / 100;
}

Result<Delivery> renew(Flow& flow, std::string_view profile, Device& device, Timestamp now, bool force,
                       const DeliveryOptions& options) {
  MIMICA_TRY(const Profile found, profile_for(flow, profile));
  Trace trace;
  const StoredCertificate* stored = device.find(found.id);
  const PkcsSettings* settings = found.pkcs();
  if (stored == nullptr || settings == nullptr) {
    trace.fail(rule::kRenewalCertificate, HResult::ERROR_NOT_FOUND,
               device.record().name + " holds no certificate of \"" + found.display_name + "\"");
    return refuse_delivery(found, device, now, std::move(trace));
  }
  const Certificate& certificate = stored->certificate;
  trace.pass(rule::kRenewalCertificate, "serial " + certificate.serial_hex());
  const Timestamp due = renewal_due(certificate, settings->effective_threshold());
  const std::string window = "due from " + to_iso(due) + " (" + std::to_string(settings->effective_threshold()) +
                             " percent before " + to_iso(certificate.not_after()) + ")";
  if (now < due && !force) {
    trace.fail(rule::kRenewalWindow, HResult::E_PENDING, window + ", now " + to_iso(now));
    return refuse_delivery(found, device, now, std::move(trace));
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
      return refuse_delivery(found, device, now, std::move(trace));
    }
    trace.pass(rule::kRenewalDeviceReady);
  }
  return run_delivery(flow, found, device, now, RequestKind::renew, options, std::move(trace));
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
