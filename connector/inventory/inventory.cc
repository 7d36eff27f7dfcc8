#include "connector/inventory/inventory.h"

#include <array>
#include <utility>

#include "core/base/bytes.h"

namespace mimica::connector {
namespace {

constexpr std::array<std::pair<Enrollment, std::string_view>, 9> kEnrollments{{
    {Enrollment::windows, "windows"},
    {Enrollment::ios, "ios"},
    {Enrollment::macos, "macos"},
    {Enrollment::android_device_administrator, "android_device_administrator"},
    {Enrollment::android_work_profile, "android_work_profile"},
    {Enrollment::android_fully_managed, "android_fully_managed"},
    {Enrollment::android_dedicated, "android_dedicated"},
    {Enrollment::android_corporate_work_profile, "android_corporate_work_profile"},
    {Enrollment::android_aosp, "android_aosp"},
}};

}  // namespace

std::string_view to_string(Platform platform) {
  switch (platform) {
    case Platform::windows:
      return "windows";
    case Platform::ios:
      return "ios";
    case Platform::macos:
      return "macos";
    case Platform::android:
      return "android";
  }
  return "unknown";
}

std::string_view to_string(Enrollment enrollment) {
  for (const auto& entry : kEnrollments)
    if (entry.first == enrollment) return entry.second;
  return "unknown";
}

std::optional<Enrollment> enrollment_named(std::string_view text) {
  for (const auto& entry : kEnrollments)
    if (equals_ignore_case(entry.second, text)) return entry.first;
  return std::nullopt;
}

Platform platform_of(Enrollment enrollment) {
  switch (enrollment) {
    case Enrollment::windows:
      return Platform::windows;
    case Enrollment::ios:
      return Platform::ios;
    case Enrollment::macos:
      return Platform::macos;
    default:
      return Platform::android;
  }
}

std::string_view to_string(JoinType join) {
  switch (join) {
    case JoinType::unknown:
      return "unknown";
    case JoinType::registered:
      return "azureADRegistered";
    case JoinType::joined:
      return "azureADJoined";
    case JoinType::hybrid:
      return "hybridAzureADJoined";
  }
  return "unknown";
}

std::optional<JoinType> join_named(std::string_view text) {
  for (const JoinType join : {JoinType::unknown, JoinType::registered, JoinType::joined, JoinType::hybrid})
    if (equals_ignore_case(to_string(join), text)) return join;
  if (equals_ignore_case(text, "none")) return JoinType::unknown;
  if (equals_ignore_case(text, "registered")) return JoinType::registered;
  if (equals_ignore_case(text, "joined") || equals_ignore_case(text, "entra")) return JoinType::joined;
  if (equals_ignore_case(text, "hybrid")) return JoinType::hybrid;
  return std::nullopt;
}

}  // namespace mimica::connector
