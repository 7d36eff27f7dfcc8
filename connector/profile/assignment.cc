#include "connector/profile/assignment.h"

#include <array>
#include <utility>

#include "connector/profile/json_profile.h"
#include "connector/profile/profile_types.h"
#include "core/base/json_document.h"
#include "core/base/json_text.h"

namespace mimica::connector {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<TargetKind, std::string_view>, 5> kTargets{{
    {TargetKind::group, "groupAssignmentTarget"},
    {TargetKind::exclude_group, "exclusionGroupAssignmentTarget"},
    {TargetKind::all_devices, "allDevicesAssignmentTarget"},
    {TargetKind::all_users, "allLicensedUsersAssignmentTarget"},
    {TargetKind::configuration_manager_collection, "configurationManagerCollectionAssignmentTarget"},
}};

Result<Assignment> read_assignment(const ObjectReader& reader) {
  Assignment assignment;
  MIMICA_TRY(auto id, reader.text("id"));
  assignment.id = id.value_or("");
  MIMICA_TRY(const json::object* target_object, reader.child("target"));
  if (target_object == nullptr) return reader.wrong("target", "an assignment needs a target");
  const ObjectReader target(reader.document(), *target_object, reader.pointer("target"));
  MIMICA_TRY(auto type, target.text("@odata.type"));
  bool known = false;
  for (const auto& entry : kTargets)
    if (type == std::string(kGraphPrefix) + std::string(entry.second)) {
      assignment.target = entry.first;
      known = true;
    }
  if (!known)
    return target.wrong("@odata.type", "unknown assignment target '" + type.value_or("") + "'",
                        "use groupAssignmentTarget, exclusionGroupAssignmentTarget, allDevicesAssignmentTarget or "
                        "allLicensedUsersAssignmentTarget");
  const bool collection = assignment.target == TargetKind::configuration_manager_collection;
  MIMICA_TRY(auto group, target.text(collection ? "collectionId" : "groupId"));
  assignment.group_id = group.value_or("");
  const bool needs_group = assignment.target == TargetKind::group || assignment.target == TargetKind::exclude_group;
  if (needs_group && assignment.group_id.empty()) return target.wrong("groupId", "a group target needs a groupId");
  MIMICA_TRY(auto filter, target.text("deviceAndAppManagementAssignmentFilterId"));
  assignment.filter_id = filter.value_or("");
  MIMICA_TRY(auto mode, target.text("deviceAndAppManagementAssignmentFilterType"));
  if (mode == "include") {
    assignment.filter_mode = FilterMode::include;
  } else if (mode == "exclude") {
    assignment.filter_mode = FilterMode::exclude;
  } else if (mode && mode != "none") {
    return target.wrong("deviceAndAppManagementAssignmentFilterType",
                        "'" + *mode + "' is not none, include or exclude");
  }
  return assignment;
}

}  // namespace

Result<std::vector<Assignment>> read_assignments(const ObjectReader& reader, std::string_view key) {
  std::vector<Assignment> out;
  MIMICA_TRY(const json::array* list, reader.list(key));
  if (list == nullptr) return out;
  for (std::size_t i = 0; i < list->size(); ++i) {
    MIMICA_TRY(const ObjectReader element, reader.element(key, *list, i));
    MIMICA_TRY(Assignment assignment, read_assignment(element));
    out.push_back(std::move(assignment));
  }
  return out;
}

json::array assignments_json(const std::vector<Assignment>& assignments) {
  json::array list;
  for (const Assignment& assignment : assignments) {
    json::object target;
    for (const auto& entry : kTargets)
      if (entry.first == assignment.target)
        target["@odata.type"] = std::string(kGraphPrefix) + std::string(entry.second);
    if (assignment.filter_id.empty()) {
      target["deviceAndAppManagementAssignmentFilterId"] = nullptr;
    } else {
      target["deviceAndAppManagementAssignmentFilterId"] = assignment.filter_id;
    }
    target["deviceAndAppManagementAssignmentFilterType"] = assignment.filter_mode == FilterMode::include   ? "include"
                                                           : assignment.filter_mode == FilterMode::exclude ? "exclude"
                                                                                                           : "none";
    if (assignment.target == TargetKind::configuration_manager_collection) {
      target["collectionId"] = assignment.group_id;
    } else if (!assignment.group_id.empty()) {
      target["groupId"] = assignment.group_id;
    }
    json::object object;
    if (!assignment.id.empty()) object["id"] = assignment.id;
    object["target"] = std::move(target);
    list.push_back(std::move(object));
  }
  return list;
}

Result<std::vector<Assignment>> parse_assignments(std::string_view text, std::string_view source) {
  MIMICA_TRY(JsonDocument document, JsonDocument::parse(text, source));
  json::object wrapped;
  const json::object* object = nullptr;
  if (document.root().is_object()) {
    object = &document.root().get_object();
  } else if (document.root().is_array()) {
    wrapped["assignments"] = document.root();
    object = &wrapped;
  } else {
    return document.wrong("", "expected an object with \"assignments\"");
  }
  if (object->if_contains("assignments") == nullptr)
    return document.wrong("", "expected an object with \"assignments\"");
  return read_assignments(ObjectReader(document, *object, ""), "assignments");
}

std::string to_json(const std::vector<Assignment>& assignments) {
  json::object body;
  body["assignments"] = assignments_json(assignments);
  return json_text(body);
}

}  // namespace mimica::connector
