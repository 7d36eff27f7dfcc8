// Assignments of profiles to groups, and assignment filters (Graph deviceConfigurationAssignment,
// deviceAndAppManagementAssignmentFilter).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connector/inventory/inventory.h"
#include "core/base/fault.h"

namespace mimica::connector {

enum class TargetKind { group, exclude_group, all_devices, all_users, configuration_manager_collection };
enum class FilterMode { none, include, exclude };

struct Assignment {
  std::string id;
  TargetKind target = TargetKind::group;
  std::string group_id;   // group and exclude_group; collectionId for a collection
  std::string filter_id;  // empty: none
  FilterMode filter_mode = FilterMode::none;
  bool operator==(const Assignment&) const = default;
};

// The body of POST .../assign, an array of assignments, or an object that carries "assignments" ($expand).
Result<std::vector<Assignment>> parse_assignments(std::string_view json, std::string_view source = "assignments");
// {"assignments": [...]}
std::string to_json(const std::vector<Assignment>& assignments);

// A parsed filter rule: (device.osVersion -startsWith "10.0.2") and not (device.deviceOwnership -eq "Personal").
// Operators -eq -ne -startsWith -notStartsWith -contains -notContains -in -notIn, with and without the dash before
// and/or/not; comparison ignores case. At most kMaxFilterRule octets and 16 nested brackets.
inline constexpr std::size_t kMaxFilterRule = 3072;
class FilterRule {
 public:
  static Result<FilterRule> parse(std::string_view text, std::string_view source = "filter rule");
  bool matches(const ManagedDevice& device) const;
  const std::string& text() const { return text_; }
  struct Node;

 private:
  std::string text_;
  std::shared_ptr<const Node> root_;
};

struct AssignmentFilter {
  std::string id;
  std::string name;
  FilterRule rule;
};

}  // namespace mimica::connector
