// Which profile reaches which device: assignments, filters, applicability rules, and the linter that compares
// assignments.
#include <algorithm>

#include "connector/rules.h"
#include "connector/tenant/tenant.h"
#include "core/base/text.h"

namespace mimica::connector {
namespace {

constexpr int kMaxGroupDepth = 16;

bool contains(const std::vector<std::string>& list, std::string_view id) {
  return !id.empty() &&
         std::any_of(list.begin(), list.end(), [&](const std::string& entry) { return equals_ignore_case(entry, id); });
}

// Windows applicability rules; true when the profile may go to the device.
bool applicable(const Profile& profile, const ManagedDevice& device, Trace& trace) {
  const auto judge = [&](const Rule& rule, RuleType type, bool matches, const std::string& found) {
    const bool passes = (type == RuleType::include) == matches;
    const std::string text = found + (type == RuleType::include ? " (assign if)" : " (don't assign if)");
    if (passes) {
      trace.pass(rule, text);
    } else {
      trace.fail(rule, HResult::ERROR_NOT_SUPPORTED, text);
    }
    return passes;
  };
  if (profile.os_edition) {
    const bool matches = contains(profile.os_edition->editions, device.os_edition);
    if (!judge(rule::kAssignmentOsEdition, profile.os_edition->type, matches, "edition " + device.os_edition))
      return false;
  }
  if (profile.os_version) {
    const auto min = Version::parse(profile.os_version->min);
    const auto max = Version::parse(profile.os_version->max);
    const bool matches = min && max && device.os_version >= *min && device.os_version <= *max;
    if (!judge(rule::kAssignmentOsVersion, profile.os_version->type, matches,
               "version " + device.os_version.to_string() + " against " + profile.os_version->min + ".." +
                   profile.os_version->max))
      return false;
  }
  if (profile.device_mode) {
    const bool matches = profile.device_mode->s_mode == device.s_mode;
    if (!judge(rule::kAssignmentDeviceMode, profile.device_mode->type, matches,
               device.s_mode ? "S mode" : "standard mode"))
      return false;
  }
  return true;
}

}  // namespace

bool Tenant::in_group(const std::string& group_id, std::string_view user_id, std::string_view device_id,
                      int depth) const {
  const auto it = groups_.find(group_id);
  if (it == groups_.end() || depth > kMaxGroupDepth) return false;
  const Group& group = it->second;
  if (contains(group.users, user_id) || contains(group.devices, device_id)) return true;
  return std::any_of(group.groups.begin(), group.groups.end(), [&](const std::string& nested) {
    const Group* inner = find_group(nested);
    return inner != nullptr && in_group(inner->id, user_id, device_id, depth + 1);
  });
}

Decision<Targeting> Tenant::target(const Profile& profile, const ManagedDevice& device) const {
  Trace trace;
  const auto refuse = [&] { return Decision<Targeting>::refuse(std::move(trace)); };
  const User* user = user_of(device);
  const std::string user_id = user == nullptr ? std::string() : user->id;
  Targeting included;  // before filters and exclusions
  Targeting filtered;  // after filters
  Targeting excluded;
  for (const Assignment& assignment : assignments(profile.id)) {
    Targeting hit;
    switch (assignment.target) {
      case TargetKind::all_devices:
        hit.through_device = true;
        break;
      case TargetKind::all_users:
        hit.through_user = user != nullptr && user->licensed;
        break;
      case TargetKind::configuration_manager_collection:
        break;
      case TargetKind::group:
      case TargetKind::exclude_group:
        hit.through_user = in_group(assignment.group_id, user_id, {}, 0);
        hit.through_device = in_group(assignment.group_id, {}, device.id, 0);
        break;
    }
    Targeting& total = assignment.target == TargetKind::exclude_group ? excluded : included;
    total.through_user |= hit.through_user;
    total.through_device |= hit.through_device;
    if (assignment.target == TargetKind::exclude_group) continue;
    if (assignment.filter_mode != FilterMode::none) {
      const auto filter = filters_.find(assignment.filter_id);
      const bool matches = filter != filters_.end() && filter->second.rule.matches(device);
      if (matches != (assignment.filter_mode == FilterMode::include)) continue;
    }
    filtered.through_user |= hit.through_user;
    filtered.through_device |= hit.through_device;
  }
  if (!included.through_user && !included.through_device) {
    trace.fail(rule::kAssignmentIncluded, HResult::ERROR_NOT_FOUND,
               "\"" + profile.display_name + "\" includes neither device " + device.name +
                   (user == nullptr ? std::string() : " nor user " + user->user_principal_name));
    return refuse();
  }
  trace.pass(rule::kAssignmentIncluded, included.through_user ? "through the user" : "through the device");

  // Exclusion works within one kind only: a user exclusion does not reach a device inclusion, nor the reverse.
  const auto remaining = [&](const Targeting& targeting) {
    return Targeting{targeting.through_user && !excluded.through_user,
                     targeting.through_device && !excluded.through_device};
  };
  const Targeting kept = remaining(included);
  if (!kept.through_user && !kept.through_device) {
    trace.fail(rule::kAssignmentExcluded, HResult::ERROR_NOT_FOUND, "an excluded group holds the device or its user");
    return refuse();
  }
  if (excluded.through_user || excluded.through_device) {
    trace.warn(rule::kAssignmentExcluded, "an exclusion of the other kind of group has no effect");
  } else {
    trace.pass(rule::kAssignmentExcluded);
  }

  if (profile.type == nullptr || !profile.type->serves_enrollment(device.enrollment)) {
    trace.fail(rule::kAssignmentPlatform, HResult::ERROR_NOT_SUPPORTED,
               profile.type_name + " does not serve " + std::string(to_string(device.enrollment)));
    return refuse();
  }
  trace.pass(rule::kAssignmentPlatform, profile.type_name + " serves " + std::string(to_string(device.enrollment)));

  const Targeting result = remaining(filtered);
  if (!result.through_user && !result.through_device) {
    trace.fail(rule::kAssignmentFilter, HResult::ERROR_NOT_FOUND,
               "the assignment filter keeps device " + device.name + " out");
    return refuse();
  }
  trace.pass(rule::kAssignmentFilter);

  if (device.enrollment == Enrollment::windows && !applicable(profile, device, trace)) return refuse();
  if (const PkcsSettings* settings = profile.pkcs(); settings != nullptr && device.multi_session) {
    const bool machine = settings->effective_store() == CertificateStore::machine;
    if (machine ? !result.through_device : !result.through_user) {
      trace.fail(rule::kAssignmentMultiSession, HResult::ERROR_NOT_SUPPORTED,
                 machine ? "a machine certificate that comes through a user group"
                         : "a user certificate that comes through a device group");
      return refuse();
    }
    trace.pass(rule::kAssignmentMultiSession);
  }
  return Decision<Targeting>::grant(result, std::move(trace));
}

std::optional<Sid> request_sid(const PkcsSettings& settings, const ManagedDevice& device, const User* user) {
  if (settings.effective_store() == CertificateStore::user) {
    if (user == nullptr || !user->on_premises) return std::nullopt;
    return user->on_premises->security_identifier;
  }
  return device.hybrid_windows() ? device.on_premises_sid : std::nullopt;
}

Findings lint_assignments(const Tenant& tenant, std::string_view profile_id, const std::vector<std::string>& others) {
  Findings findings;
  const Profile* profile = tenant.find_profile(profile_id);
  if (profile == nullptr) return findings;
  struct Targets {
    std::set<std::string> includes;
    bool users = false;
    bool devices = false;
  };
  const auto targets_of = [&](const Profile& of) {
    Targets targets;
    for (const Assignment& assignment : tenant.assignments(of.id)) {
      if (assignment.target == TargetKind::all_users) {
        targets.includes.insert("all users");
        targets.users = true;
      } else if (assignment.target == TargetKind::all_devices) {
        targets.includes.insert("all devices");
        targets.devices = true;
      } else if (assignment.target == TargetKind::group) {
        const Group* group = tenant.find_group(assignment.group_id);
        if (group == nullptr) continue;
        targets.includes.insert(group->name.empty() ? group->id : group->name);
        targets.users |= !group->users.empty();
        targets.devices |= !group->devices.empty();
      }
    }
    return targets;
  };
  const auto listed = [](const std::set<std::string>& names) {
    const std::vector<std::string> parts(names.begin(), names.end());
    return parts.empty() ? std::string("nobody") : join(parts, ", ");
  };
  const Targets own = targets_of(*profile);
  for (const std::string& other_id : others) {
    const Profile* other = tenant.find_profile(other_id);
    if (other == nullptr) continue;
    const Targets theirs = targets_of(*other);
    const std::string subject = "profile " + profile->display_name;
    if (own.includes != theirs.includes)
      findings.push_back({&rule::kAssignmentSameGroups,
                          Severity::warning,
                          subject,
                          {},
                          "assigned to " + listed(own.includes) + ", but \"" + other->display_name + "\" to " +
                              listed(theirs.includes),
                          {}});
    const bool mixed = (own.users && !own.devices && theirs.devices && !theirs.users) ||
                       (own.devices && !own.users && theirs.users && !theirs.devices);
    if (mixed)
      findings.push_back({&rule::kAssignmentGroupKind,
                          Severity::warning,
                          subject,
                          {},
                          "one targets users and the other, \"" + other->display_name +
                              "\", devices; the certificate may "
                              "stay pending",
                          {}});
  }
  return findings;
}

}  // namespace mimica::connector
