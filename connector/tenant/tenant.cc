#include "connector/tenant/tenant.h"

#include <algorithm>

#include "connector/rules.h"
#include "connector/tenant/validate.h"
#include "core/pki/key.h"
#include "core/windows/guid.h"

namespace mimica::connector {
namespace {

// The day after which Android device administrator with Google Mobile Services is no longer enrolled.
constexpr CivilTime kDeviceAdministratorEnd{2025, 1, 1, 0, 0, 0};

template <typename Map>
auto* find_value(Map& map, std::string_view id) {
  const auto it = map.find(std::string(id));
  return it == map.end() ? nullptr : &it->second;
}

// Graph ids compare case-insensitively; they are stored in lower case.
std::string stored_id(std::string_view id) { return to_lower(id); }

}  // namespace

std::string Tenant::new_id() {
  const std::string text = options_.name + "#" + std::to_string(next_id_++);
  Bytes hash = digest(Digest::sha256, as_bytes(text));
  hash.resize(16);
  hash[7] = static_cast<std::uint8_t>((hash[7] & 0x0FU) | 0x40U);  // version 4, variant 1, as Graph's ids look
  hash[8] = static_cast<std::uint8_t>((hash[8] & 0x3FU) | 0x80U);
  return Guid::from_binary(hash)->to_string();
}

std::string Tenant::put_user(User user) {
  user.id = user.id.empty() ? new_id() : stored_id(user.id);
  const std::string id = user.id;
  users_.insert_or_assign(id, std::move(user));
  return id;
}

std::string Tenant::put_group(Group group) {
  group.id = group.id.empty() ? new_id() : stored_id(group.id);
  const std::string id = group.id;
  groups_.insert_or_assign(id, std::move(group));
  return id;
}

std::string Tenant::put_filter(AssignmentFilter filter) {
  filter.id = filter.id.empty() ? new_id() : stored_id(filter.id);
  const std::string id = filter.id;
  filters_.insert_or_assign(id, std::move(filter));
  return id;
}

const User* Tenant::find_user(std::string_view name) const {
  if (const User* user = find_value(users_, stored_id(name))) return user;
  for (const auto& entry : users_) {
    const User& user = entry.second;
    if (equals_ignore_case(user.user_principal_name, name) || equals_ignore_case(user.display_name, name) ||
        (user.on_premises && equals_ignore_case(user.on_premises->sam_account_name, name)))
      return &user;
  }
  return nullptr;
}

const Group* Tenant::find_group(std::string_view name) const {
  if (const Group* group = find_value(groups_, stored_id(name))) return group;
  for (const auto& entry : groups_)
    if (equals_ignore_case(entry.second.name, name)) return &entry.second;
  return nullptr;
}

const ManagedDevice* Tenant::find_device(std::string_view name) const {
  if (const ManagedDevice* device = find_value(devices_, stored_id(name))) return device;
  for (const auto& entry : devices_)
    if (equals_ignore_case(entry.second.name, name)) return &entry.second;
  return nullptr;
}

ManagedDevice* Tenant::find_device(std::string_view name) {
  const ManagedDevice* found = std::as_const(*this).find_device(name);
  return found == nullptr ? nullptr : find_value(devices_, found->id);
}

const Profile* Tenant::find_profile(std::string_view name) const {
  if (const Profile* profile = find_value(profiles_, stored_id(name))) return profile;
  for (const auto& entry : profiles_)
    if (entry.second.display_name == name) return &entry.second;
  return nullptr;
}

const std::vector<Assignment>& Tenant::assignments(std::string_view profile_id) const {
  static const std::vector<Assignment> kNone;
  const auto it = assignments_.find(stored_id(profile_id));
  return it == assignments_.end() ? kNone : it->second;
}

bool Tenant::remove_user(std::string_view id) { return users_.erase(stored_id(id)) > 0; }

Decision<std::string> Tenant::enrol(ManagedDevice device, Timestamp now) {
  Trace trace;
  const bool old_android =
      device.enrollment == Enrollment::android_device_administrator && device.google_mobile_services;
  if (old_android && now >= from_civil(kDeviceAdministratorEnd)) {
    trace.fail(rule::kEnrollmentDeviceAdministrator, HResult::ERROR_NOT_SUPPORTED,
               device.name +
                   " is an Android device administrator device with Google Mobile Services; enrolment ended "
                   "on 31 December 2024");
    return Decision<std::string>::refuse(std::move(trace));
  }
  trace.pass(rule::kEnrollmentDeviceAdministrator, std::string(to_string(device.enrollment)));
  device.id = device.id.empty() ? new_id() : stored_id(device.id);
  if (device.entra_device_id.empty() && device.join != JoinType::unknown) device.entra_device_id = new_id();
  if (!device.os_at_enrollment.known()) device.os_at_enrollment = device.os_version;
  if (device.user_id) device.user_id = stored_id(*device.user_id);
  device.enrolled_at = now;
  std::string id = device.id;
  devices_.insert_or_assign(id, std::move(device));
  return Decision<std::string>::grant(std::move(id), std::move(trace));
}

void Tenant::unenrol(std::string_view device_id) {
  const std::string id = stored_id(device_id);
  devices_.erase(id);
  queue_.erase(std::remove_if(queue_.begin(), queue_.end(),
                              [&](const CertificateRequest& request) {
                                return request.device_id == id && request.kind != RequestKind::revoke;
                              }),
               queue_.end());
}

Decision<std::string> Tenant::add_profile(Profile profile, Timestamp now) {
  Decision<Unit> saved = may_save(profile);
  if (!saved) return Decision<std::string>::refuse(std::move(saved.trace));
  profile.id = stored_id(profile.id);
  if (!profile.stored() || find_value(profiles_, profile.id) != nullptr) profile.id = new_id();
  profile.version = 1;
  profile.created = to_iso(now);
  profile.last_modified = to_iso(now);
  std::string id = profile.id;
  assignments_[id] = std::exchange(profile.assignments, {});
  profiles_.insert_or_assign(id, std::move(profile));
  return Decision<std::string>::grant(std::move(id), std::move(saved.trace));
}

Decision<Unit> Tenant::update_profile(std::string_view id, Profile profile, Timestamp now) {
  Profile* stored = find_value(profiles_, stored_id(id));
  if (stored == nullptr) {
    Trace trace;
    trace.fail(rule::kProfileKind, HResult::ERROR_NOT_FOUND, "there is no profile " + std::string(id));
    return Decision<Unit>::refuse(std::move(trace));
  }
  Decision<Unit> decision = may_replace(*stored, profile, !assignments(id).empty());
  if (!decision) return decision;
  profile.id = stored->id;
  profile.version = stored->version.value_or(1) + 1;
  profile.created = stored->created;
  profile.last_modified = to_iso(now);
  profile.assignments.clear();
  *stored = std::move(profile);
  return decision;
}

bool Tenant::remove_profile(std::string_view id) {
  const std::string key = stored_id(id);
  assignments_.erase(key);
  return profiles_.erase(key) > 0;
}

Result<void> Tenant::assign(std::string_view profile_id, std::vector<Assignment> assignments) {
  const std::string key = stored_id(profile_id);
  if (find_value(profiles_, key) == nullptr)
    return fault(HResult::ERROR_NOT_FOUND, "there is no profile '" + std::string(profile_id) + "'");
  for (Assignment& assignment : assignments) {
    if (assignment.target == TargetKind::group || assignment.target == TargetKind::exclude_group) {
      const Group* group = find_group(assignment.group_id);
      if (group == nullptr)
        return fault(HResult::E_INVALIDARG, "there is no group '" + assignment.group_id + "'", {},
                     "create the group before assigning to it");
      assignment.group_id = group->id;
    }
    if (assignment.filter_mode != FilterMode::none) {
      assignment.filter_id = stored_id(assignment.filter_id);
      if (find_value(filters_, assignment.filter_id) == nullptr)
        return fault(HResult::E_INVALIDARG, "there is no assignment filter '" + assignment.filter_id + "'");
    }
    if (assignment.id.empty()) assignment.id = key + "_" + assignment.group_id;
  }
  assignments_[key] = std::move(assignments);
  return {};
}

const User* Tenant::user_of(const ManagedDevice& device) const {
  return device.user_id ? find_value(users_, *device.user_id) : nullptr;
}

Decision<std::string> Tenant::register_connector(std::string_view machine_name, Version version,
                                                 std::set<ConnectorFeature> features, Timestamp now) {
  Trace trace;
  const auto refuse = [&](std::string found) {
    trace.fail(rule::kRegistrationLimit, HResult::ERROR_NOT_SUPPORTED, std::move(found));
    return Decision<std::string>::refuse(std::move(trace));
  };
  if (connectors_.size() >= static_cast<std::size_t>(options_.max_connectors))
    return refuse("the tenant has " + std::to_string(connectors_.size()) + " connectors already");
  for (const auto& entry : connectors_)
    if (equals_ignore_case(entry.second.machine_name, machine_name))
      return refuse(std::string(machine_name) + " has a connector already");
  trace.pass(rule::kRegistrationLimit, std::to_string(connectors_.size() + 1) + " connectors");
  ConnectorRecord record{new_id(), std::string(machine_name), version, std::move(features), now, now};
  std::string id = record.id;
  connectors_.emplace(id, std::move(record));
  return Decision<std::string>::grant(std::move(id), std::move(trace));
}

std::string Tenant::enqueue(CertificateRequest request) {
  request.id = new_id();
  queue_.push_back(std::move(request));
  return queue_.back().id;
}

std::vector<CertificateRequest> Tenant::lease(std::string_view connector_id, const std::set<ConnectorFeature>& features,
                                              Timestamp now, std::size_t max) {
  std::vector<CertificateRequest> out;
  ConnectorRecord* connector = find_value(connectors_, connector_id);
  if (connector == nullptr) return out;
  connector->last_connection = now;
  for (CertificateRequest& request : queue_) {
    if (out.size() >= max) break;
    const ConnectorFeature needed =
        request.kind == RequestKind::revoke ? ConnectorFeature::revocation : ConnectorFeature::pkcs;
    const bool free = request.leased_by.empty() || request.lease_until <= now;
    if (!free || request.not_before > now || features.count(needed) == 0) continue;
    request.leased_by = connector_id;
    request.lease_until = now + options_.request_lease;
    ++request.attempts;
    out.push_back(request);
  }
  return out;
}

Result<void> Tenant::complete(std::string_view request_id, std::string_view connector_id) {
  for (auto it = queue_.begin(); it != queue_.end(); ++it)
    if (it->id == request_id && it->leased_by == connector_id) {
      queue_.erase(it);
      return {};
    }
  return fault(HResult::ERROR_NOT_FOUND, "the connector no longer holds request " + std::string(request_id));
}

Result<void> Tenant::retry_later(std::string_view request_id, std::string_view connector_id, Timestamp not_before) {
  for (CertificateRequest& request : queue_)
    if (request.id == request_id && request.leased_by == connector_id) {
      request.leased_by.clear();
      request.not_before = not_before;
      return {};
    }
  return fault(HResult::ERROR_NOT_FOUND, "the connector no longer holds request " + std::string(request_id));
}

const CertificateRequest* Tenant::find_request(std::string_view id) const {
  for (const CertificateRequest& request : queue_)
    if (request.id == id) return &request;
  return nullptr;
}

void Tenant::cancel(std::string_view profile_id, std::string_view device_id) {
  queue_.erase(std::remove_if(queue_.begin(), queue_.end(),
                              [&](const CertificateRequest& request) {
                                return request.kind != RequestKind::revoke && request.profile_id == profile_id &&
                                       request.device_id == device_id;
                              }),
               queue_.end());
}

CertificateState& Tenant::add_state(CertificateState state) {
  states_.push_back(std::move(state));
  return states_.back();
}

CertificateState* Tenant::current_state(std::string_view profile_id, std::string_view device_id) {
  for (auto it = states_.rbegin(); it != states_.rend(); ++it)
    if (it->profile_id == profile_id && it->device_id == device_id) return &*it;
  return nullptr;
}

CertificateState* Tenant::state_of_serial(std::string_view serial_hex) {
  for (auto it = states_.rbegin(); it != states_.rend(); ++it) {
    if (it->certificate.empty()) continue;
    const auto certificate = Certificate::parse(it->certificate);
    if (certificate && equals_ignore_case(certificate->serial_hex(), serial_hex)) return &*it;
  }
  return nullptr;
}

void Tenant::report(StatusRow row) {
  for (StatusRow& existing : statuses_)
    if (existing.profile_id == row.profile_id && existing.device_id == row.device_id) {
      existing = std::move(row);
      return;
    }
  statuses_.push_back(std::move(row));
}

const StatusRow* Tenant::status(std::string_view profile_id, std::string_view device_id) const {
  for (const StatusRow& row : statuses_)
    if (row.profile_id == profile_id && row.device_id == device_id) return &row;
  return nullptr;
}

StatusOverview Tenant::overview(std::string_view profile_id) const {
  StatusOverview overview;
  for (const StatusRow& row : statuses_) {
    if (row.profile_id != profile_id) continue;
    switch (row.status) {
      case ProfileStatus::unknown:
        ++overview.pending;
        break;
      case ProfileStatus::not_applicable:
        ++overview.not_applicable;
        break;
      case ProfileStatus::compliant:
        ++overview.success;
        break;
      case ProfileStatus::error:
        ++overview.error;
        break;
      case ProfileStatus::conflict:
        ++overview.conflict;
        break;
      case ProfileStatus::not_assigned:
        break;
    }
  }
  return overview;
}

}  // namespace mimica::connector
