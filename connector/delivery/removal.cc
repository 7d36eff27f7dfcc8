// How certificates go away: Intune's removal table, revocation through a connector; and the device's check-in.
#include "connector/delivery/removal.h"

#include <algorithm>

#include "connector/rules.h"

namespace mimica::connector {
namespace {

constexpr int kCessationOfOperation = 5;

// Lets connectors with the revocation feature work until `request_id` is answered or nothing more is due.
Result<std::optional<Processed>> execute_revocation(Flow& flow, const std::string& request_id, Timestamp now) {
  for (;;) {
    bool progress = false;
    for (CertificateConnector* connector : flow.connectors) {
      if (!connector->serves(RequestKind::revoke)) continue;
      MIMICA_TRY(std::vector<Processed> done, connector->poll(flow.tenant, flow.port, flow.keys, flow.entropy, now));
      progress = progress || !done.empty();
      for (Processed& answer : done)
        if (answer.request.id == request_id) return std::optional<Processed>(std::move(answer));
    }
    if (!progress) return std::optional<Processed>{};
  }
}

std::string queue_revocation(Tenant& tenant, CertificateState& row, const std::string& serial, int reason,
                             Timestamp now) {
  CertificateRequest request;
  request.kind = RequestKind::revoke;
  request.profile_id = row.profile_id;
  request.device_id = row.device_id;
  request.user_id = row.user_id;
  request.ca_host = row.ca_host;
  request.ca_name = row.ca_name;
  request.serial = serial;
  request.reason = reason;
  request.not_before = now;
  row.revocation = RevocationStatus::pending;
  row.changed_at = now;
  return tenant.enqueue(std::move(request));
}

// One revocation from queue to answer, with its steps in `trace`.
Result<std::optional<Processed>> revoke_row(Flow& flow, CertificateState& row, const std::string& serial, int reason,
                                            Timestamp now, Trace& trace) {
  const std::string id = queue_revocation(flow.tenant, row, serial, reason, now);
  MIMICA_TRY(std::optional<Processed> answer, execute_revocation(flow, id, now));
  if (!answer) {
    trace.fail(rule::kRevocationFeature, HResult::E_PENDING,
               "no connector with the certificate revocation feature takes serial " + serial);
  } else {
    trace.pass(rule::kRevocationFeature);
    trace.append(answer->trace);
  }
  return answer;
}

bool leaves_service(RemovalEvent event) {
  return event == RemovalEvent::unenrol || event == RemovalEvent::wipe || event == RemovalEvent::retire;
}

}  // namespace

std::string_view to_string(RemovalEvent event) {
  switch (event) {
    case RemovalEvent::unenrol:
      return "unenrol";
    case RemovalEvent::wipe:
      return "wipe";
    case RemovalEvent::retire:
      return "retire";
    case RemovalEvent::unassign:
      return "unassign";
    case RemovalEvent::licence_lost:
      return "licence lost";
    case RemovalEvent::user_removed:
      return "user removed";
    case RemovalEvent::profile_edited:
      return "profile edited";
    case RemovalEvent::deleted_by_user:
      return "deleted by the user";
  }
  return {};
}

RemovalEffect removal_effect(RemovalEvent event, Enrollment enrollment, bool knox) {
  const Platform platform = platform_of(enrollment);
  // Android device administrator without Samsung KNOX cannot remove certificates.
  const bool removable = enrollment != Enrollment::android_device_administrator || knox;
  switch (event) {
    case RemovalEvent::wipe:
      if (platform == Platform::macos) return {false, false, false};
      return {true, true, true};
    case RemovalEvent::unenrol:
    case RemovalEvent::retire:
      return {true, true, removable};
    case RemovalEvent::unassign:
      return {true, false, platform == Platform::windows || platform == Platform::ios};
    case RemovalEvent::deleted_by_user:
      return {true, false, true};
    case RemovalEvent::licence_lost:
    case RemovalEvent::user_removed:
    case RemovalEvent::profile_edited:
      break;
  }
  return {true, false, false};
}

Result<Removal> remove(Flow& flow, Device& device, RemovalEvent event, Timestamp now, std::string_view profile) {
  Removal out;
  Trace trace;
  const ManagedDevice record = device.record();
  const RemovalEffect effect = removal_effect(event, record.enrollment, device.traits().knox);
  if (!effect.supported) {
    trace.fail(rule::kRemovalSupported, HResult::ERROR_NOT_SUPPORTED,
               std::string(to_string(event)) + " is not supported on " + std::string(to_string(record.platform())));
    out.decision = Decision<RemovalEffect>::refuse(std::move(trace));
    return out;
  }
  trace.pass(rule::kRemovalSupported, std::string(to_string(event)) + " of " + record.name);
  const Profile* only = profile.empty() ? nullptr : flow.tenant.find_profile(profile);
  if (!profile.empty() && only == nullptr)
    return fault(HResult::ERROR_NOT_FOUND, "there is no profile '" + std::string(profile) + "'");

  std::vector<StoredCertificate> affected;
  for (const StoredCertificate& stored : device.certificates())
    if (stored.has_key && (only == nullptr || stored.profile_id == only->id)) affected.push_back(stored);
  for (const StoredCertificate& stored : affected) {
    const std::string serial = stored.certificate.serial_hex();
    CertificateState* row = flow.tenant.state_of_serial(serial);
    if (effect.revoked && row != nullptr && row->revocation != RevocationStatus::revoked) {
      MIMICA_TRY(std::optional<Processed> answer, revoke_row(flow, *row, serial, kCessationOfOperation, now, trace));
      if (answer) out.revocations.push_back(*std::move(answer));
    }
    if (effect.removed) out.removed += device.remove(stored.certificate.thumbprint()) ? 1U : 0U;
    if (row == nullptr || row->state == IssuanceState::revoked) continue;
    if (event == RemovalEvent::unassign) row->state = IssuanceState::removed_from_collection;
    if (event == RemovalEvent::deleted_by_user) row->state = IssuanceState::deleted;
    if (leaves_service(event)) row->state = effect.removed ? IssuanceState::deleted : IssuanceState::delete_failed;
    row->changed_at = now;
  }
  if (only != nullptr && event == RemovalEvent::unassign) flow.tenant.cancel(only->id, record.id);
  if (leaves_service(event)) {
    flow.tenant.unenrol(record.id);
    if (effect.removed) device.wipe();
  }
  out.decision = trace.deciding() != nullptr ? Decision<RemovalEffect>::refuse(std::move(trace))
                                             : Decision<RemovalEffect>::grant(effect, std::move(trace));
  return out;
}

Result<Decision<Unit>> revoke_certificate(Flow& flow, std::string_view serial_hex, int reason, Timestamp now) {
  Trace trace;
  const std::string serial = to_lower(serial_hex);
  CertificateState* row = flow.tenant.state_of_serial(serial);
  if (row == nullptr) return fault(HResult::ERROR_NOT_FOUND, "Intune delivered no certificate with serial " + serial);
  MIMICA_TRY(const std::optional<Processed> answer, revoke_row(flow, *row, serial, reason, now, trace));
  if (!answer || answer->kind != Processed::Kind::revoked) return Decision<Unit>::refuse(std::move(trace));
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<std::vector<Delivery>> check_in(Flow& flow, Device& device, Timestamp now, const DeliveryOptions& options) {
  std::vector<Delivery> out;
  const ManagedDevice* record = std::as_const(flow.tenant).find_device(device.record().id);
  if (record == nullptr)
    return fault(HResult::ERROR_NOT_FOUND, "device '" + device.record().name + "' is not enrolled");
  std::vector<std::string> roots;
  std::vector<std::string> certificates;
  std::vector<std::string> gone;
  for (const auto& entry : flow.tenant.profiles()) {
    const Profile& candidate = entry.second;
    if (flow.tenant.target(candidate, *record)) {
      if (candidate.kind == ProfileKind::trusted_root) roots.push_back(candidate.id);
      if (candidate.kind == ProfileKind::pkcs) certificates.push_back(candidate.id);
    } else if (device.find(candidate.id) != nullptr) {
      gone.push_back(candidate.id);
    }
  }
  for (const std::string& id : roots) {
    MIMICA_TRY(Delivery delivery, deliver(flow, id, device, now, options));
    out.push_back(std::move(delivery));
  }
  for (const std::string& id : certificates) {
    const StoredCertificate* stored = device.find(id);
    const Profile* profile = flow.tenant.find_profile(id);
    const bool due =
        stored != nullptr && now >= renewal_due(stored->certificate, profile->pkcs()->effective_threshold());
    MIMICA_TRY(Delivery delivery,
               due ? renew(flow, id, device, now, false, options) : deliver(flow, id, device, now, options));
    out.push_back(std::move(delivery));
  }
  for (const std::string& id : gone) MIMICA_RETURN_IF_FAULT(remove(flow, device, RemovalEvent::unassign, now, id));
  return out;
}

}  // namespace mimica::connector
