// Profile -> Graph JSON, and what a profile stands for.
#include <algorithm>
#include <array>

#include "connector/profile/json_profile.h"
#include "connector/profile/profile.h"
#include "connector/profile/profile_reader.h"
#include "connector/rules.h"
#include "core/base/json_text.h"

namespace mimica::connector {
namespace {

namespace json = boost::json;
constexpr std::string_view kBind = "rootCertificate@odata.bind";

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}
template <typename T>
json::value number_or_null(const std::optional<T>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}
template <typename E>
json::value enum_or_null(const std::optional<E>& value) {
  if (!value) return nullptr;
  const std::string_view name = graph_name(*value);
  return json::value(json::string_view(name.data(), name.size()));
}

std::string_view rule_type(RuleType type) { return type == RuleType::include ? "include" : "exclude"; }

void put(json::object& object, std::string_view key, json::value value) {
  object.insert_or_assign({key.data(), key.size()}, std::move(value));
}

json::value edition_rule(const std::optional<OsEditionRule>& rule) {
  if (!rule) return nullptr;
  json::array editions;
  for (const std::string& edition : rule->editions) editions.emplace_back(edition);
  return {{"osEditionTypes", std::move(editions)}, {"ruleType", std::string(rule_type(rule->type))}};
}

json::value version_rule(const std::optional<OsVersionRule>& rule) {
  if (!rule) return nullptr;
  return {{"minOSVersion", rule->min}, {"maxOSVersion", rule->max}, {"ruleType", std::string(rule_type(rule->type))}};
}

json::value mode_rule(const std::optional<DeviceModeRule>& rule) {
  if (!rule) return nullptr;
  return {{"deviceMode", rule->s_mode ? "sModeConfiguration" : "standardConfiguration"},
          {"ruleType", std::string(rule_type(rule->type))}};
}

json::value san_type_value(const std::optional<std::vector<SanType>>& types) {
  if (!types) return nullptr;
  std::string text;
  for (const SanType type : *types) {
    if (!text.empty()) text += ',';
    text += graph_name(type);
  }
  return json::value(text);
}

void put_pkcs(json::object& object, const ProfileType& type, const PkcsSettings& s) {
  const auto put_if = [&](std::uint32_t bit, std::string_view key, json::value value) {
    // A property that the type does not have is written only when the import carried it (then it has a value).
    const bool empty = value.is_null() || (value.is_array() && value.get_array().empty());
    if (type.has(bit) || !empty) put(object, key, std::move(value));
  };
  put(object, "renewalThresholdPercentage", number_or_null(s.renewal_threshold));
  put_if(property::kKeyStorageProvider, "keyStorageProvider", enum_or_null(s.key_storage));
  put(object, "subjectNameFormat", enum_or_null(s.subject_name_format));
  put(object, "certificateValidityPeriodValue", number_or_null(s.validity_value));
  put(object, "certificateValidityPeriodScale", enum_or_null(s.validity_scale));
  put(object, "subjectAlternativeNameType", san_type_value(s.san_type));
  put(object, "certificationAuthority", text_or_null(s.authority_host));
  put(object, "certificationAuthorityName", text_or_null(s.authority_name));
  put_if(property::kAuthorityType, "certificationAuthorityType", enum_or_null(s.authority_type));
  put(object, "certificateTemplateName", text_or_null(s.template_name));
  put(object, "subjectAlternativeNameFormatString", text_or_null(s.san_format_string));
  put_if(property::kSubjectNameFormatString, "subjectNameFormatString", text_or_null(s.subject_name_format_string));
  put_if(property::kStore, "certificateStore", enum_or_null(s.store));
  put_if(property::kAllowAllApps, "allowAllAppsAccess", number_or_null(s.allow_all_apps));
  put_if(property::kDeploymentChannel, "deploymentChannel", enum_or_null(s.channel));
  put_if(property::kAccessType, "certificateAccessType", enum_or_null(s.access));
  json::array usages;
  for (const ExtendedKeyUsage& usage : s.key_usages)
    usages.push_back({{"name", usage.name}, {"objectIdentifier", usage.oid}});
  put_if(property::kExtendedKeyUsages, "extendedKeyUsages", std::move(usages));
  json::array sans;
  for (const SubjectAlternativeName& san : s.sans)
    sans.push_back({{"sanType", std::string(graph_name(san.type))}, {"name", san.value}});
  put_if(property::kCustomSans, "customSubjectAlternativeNames", std::move(sans));
  json::array apps;
  for (const std::string& package : s.silent_packages) {
    json::object app;
    app["packageId"] = package;
    apps.push_back(std::move(app));
  }
  put_if(property::kSilentAccess, "silentCertificateAccessDetails", std::move(apps));
  if (s.root_profile_id) put(object, kBind, json::value(reference_to(*s.root_profile_id)));
}

// Everything typed, in Graph's order.
json::object typed_object(const Profile& profile) {
  json::object object;
  put(object, "@odata.type", json::value(std::string(kGraphPrefix) + profile.type_name));
  put(object, "id", json::value(profile.id));
  put(object, "lastModifiedDateTime", text_or_null(profile.last_modified));
  json::array tags;
  for (const std::string& tag : profile.role_scope_tag_ids) tags.emplace_back(tag);
  put(object, "roleScopeTagIds", std::move(tags));
  put(object, "deviceManagementApplicabilityRuleOsEdition", edition_rule(profile.os_edition));
  put(object, "deviceManagementApplicabilityRuleOsVersion", version_rule(profile.os_version));
  put(object, "deviceManagementApplicabilityRuleDeviceMode", mode_rule(profile.device_mode));
  put(object, "createdDateTime", text_or_null(profile.created));
  put(object, "description", text_or_null(profile.description));
  put(object, "displayName", json::value(profile.display_name));
  put(object, "version", number_or_null(profile.version));
  if (const PkcsSettings* s = profile.pkcs()) put_pkcs(object, *profile.type, *s);
  if (const TrustedRootSettings* s = profile.trusted_root()) {
    if (s->certificate.empty()) {
      put(object, "trustedRootCertificate", nullptr);
    } else {
      put(object, "trustedRootCertificate", json::value(to_base64(s->certificate)));
    }
    put(object, "certFileName", text_or_null(s->file_name));
    if (profile.type->has(property::kDestinationStore) || s->destination)
      put(object, "destinationStore", enum_or_null(s->destination));
    if (profile.type->has(property::kDeploymentChannel) || s->channel)
      put(object, "deploymentChannel", enum_or_null(s->channel));
  }
  if (!profile.assignments.empty()) put(object, "assignments", assignments_json(profile.assignments));
  return object;
}

constexpr std::array<std::string_view, 21> kBaseProperties{"id",
                                                           "displayName",
                                                           "description",
                                                           "createdDateTime",
                                                           "lastModifiedDateTime",
                                                           "version",
                                                           "roleScopeTagIds",
                                                           "supportsScopeTags",
                                                           "deviceManagementApplicabilityRuleOsEdition",
                                                           "deviceManagementApplicabilityRuleOsVersion",
                                                           "deviceManagementApplicabilityRuleDeviceMode",
                                                           "assignments",
                                                           "groupAssignments",
                                                           "deviceStatuses",
                                                           "userStatuses",
                                                           "deviceStatusOverview",
                                                           "userStatusOverview",
                                                           "deviceSettingStateSummaries",
                                                           "managedDeviceCertificateStates",
                                                           "rootCertificate",
                                                           "isAssigned"};

bool is_all_zero_guid(std::string_view id) { return id.find_first_not_of("0-{}") == std::string_view::npos; }

}  // namespace

bool Profile::stored() const { return !id.empty() && !is_all_zero_guid(id); }

std::string reference_to(std::string_view profile_id) {
  return "https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('" + std::string(profile_id) + "')";
}

std::string to_json(const Profile& profile, bool readable) {
  json::object now = typed_object(profile);
  json::object out;
  if (profile.document.empty()) {
    out = std::move(now);
  } else {
    // The imported document, with only those members replaced whose typed value has changed since.
    json::error_code error;
    json::value original = json::parse(profile.document, error);
    const auto before = parse_profile(profile.document);
    if (!error && original.is_object()) out = std::move(original.get_object());
    const json::object then = before ? typed_object(*before) : json::object{};
    for (const auto& member : now) {
      const json::value* old = then.if_contains(member.key());
      if (old == nullptr || *old != member.value()) out.insert_or_assign(member.key(), member.value());
    }
    for (const auto& member : then)
      if (now.if_contains(member.key()) == nullptr) out.erase(member.key());
  }
  return readable ? json_text(out) : json::serialize(out);
}

std::optional<Profile> make_profile(std::string_view type_name, std::string_view display_name) {
  const ProfileType* type = find_profile_type(type_name);
  if (type == nullptr) return std::nullopt;
  Profile profile;
  profile.type = type;
  profile.kind = type->kind;
  profile.type_name = type->name;
  profile.display_name = display_name;
  profile.role_scope_tag_ids = {"0"};
  if (type->kind == ProfileKind::pkcs) {
    profile.settings = PkcsSettings{};
  } else {
    profile.settings = TrustedRootSettings{};
  }
  return profile;
}

Findings import_findings(const Profile& profile) {
  Findings findings;
  const std::string subject = "profile " + profile.display_name;
  if (profile.type == nullptr || profile.type->serves.empty())
    findings.push_back(
        {&rule::kProfileKind,
         Severity::warning,
         subject,
         "/@odata.type",
         profile.type_name + " (" + std::string(to_string(profile.kind)) + ") is kept but cannot be delivered",
         {}});
  if (profile.document.empty() || profile.type == nullptr) return findings;
  json::error_code error;
  const json::value original = json::parse(profile.document, error);
  if (error || !original.is_object()) return findings;
  for (const auto& member : original.get_object()) {
    const std::string_view key(member.key().data(), member.key().size());
    const std::string pointer = pointer_to("", key);
    const std::uint32_t bit = property_bit(key);
    if (key == "@odata.type" || (bit != 0 && profile.type->has(bit))) continue;
    if (std::find(kBaseProperties.begin(), kBaseProperties.end(), key) != kBaseProperties.end()) continue;
    if (bit != 0) {
      findings.push_back({&rule::kProfileProperties,
                          Severity::error,
                          subject,
                          pointer,
                          profile.type_name + " has no such property",
                          {}});
    } else if (key.find('@') != std::string_view::npos) {
      findings.push_back(
          {&rule::kProfileProperties, Severity::info, subject, pointer, "annotation, kept as it is", {}});
    } else {
      findings.push_back({&rule::kProfileProperties, Severity::warning, subject, pointer,
                          "unknown property, kept and without effect", "check the spelling"});
    }
  }
  return findings;
}

std::string PkcsSettings::subject_format() const {
  switch (subject_name_format.value_or(SubjectNameFormat::custom)) {
    case SubjectNameFormat::custom:
      return subject_name_format_string.value_or("");
    case SubjectNameFormat::common_name:
      return "CN={{UserName}}";
    case SubjectNameFormat::common_name_including_email:
      return "CN={{UserName}},E={{EmailAddress}}";
    case SubjectNameFormat::common_name_as_email:
      return "CN={{EmailAddress}}";
    case SubjectNameFormat::common_name_as_imei:
      return "CN={{IMEINumber}}";
    case SubjectNameFormat::common_name_as_serial_number:
      return "CN={{SERIALNUMBER}}";
    case SubjectNameFormat::common_name_as_aad_device_id:
      return "CN={{AAD_Device_ID}}";
    case SubjectNameFormat::common_name_as_intune_device_id:
      return "CN={{DeviceId}}";
    case SubjectNameFormat::common_name_as_durable_device_id:
      return {};
  }
  return {};
}

std::vector<SubjectAlternativeName> PkcsSettings::effective_sans() const {
  std::vector<SubjectAlternativeName> all = sans;
  for (const SanType type : san_type.value_or(std::vector<SanType>{})) {
    switch (type) {
      case SanType::email:
        all.push_back({type, "{{EmailAddress}}"});
        break;
      case SanType::upn:
        all.push_back({type, "{{UserPrincipalName}}"});
        break;
      case SanType::none:
        break;
      case SanType::custom_attribute:
      case SanType::dns:
      case SanType::uri:
        if (san_format_string) all.push_back({type, *san_format_string});
        break;
    }
  }
  return all;
}

std::optional<Seconds> validity_of(const PkcsSettings& settings, Timestamp start) {
  if (!settings.validity_value || !settings.validity_scale) return std::nullopt;
  const int value = std::clamp(*settings.validity_value, 0, 36500);
  if (*settings.validity_scale == ValidityScale::days) return value * kDay;
  CivilTime civil = to_civil(start);
  const int months = *settings.validity_scale == ValidityScale::years ? std::min(value, 3000) * 12 : value;
  const int index = civil.year * 12 + civil.month - 1 + months;
  civil.year = index / 12;
  civil.month = index % 12 + 1;
  while (!is_valid(civil) && civil.day > 28) --civil.day;
  return from_civil(civil) - start;
}

}  // namespace mimica::connector
