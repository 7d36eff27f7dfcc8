// Graph JSON -> Profile.
#include "connector/profile/profile_reader.h"

#include <array>

#include "connector/profile/json_profile.h"
#include "core/base/text.h"
#include "core/windows/guid.h"

namespace mimica::connector {
namespace {

namespace json = boost::json;
constexpr std::size_t kMaxProfiles = 4096;

template <typename E>
std::string accepted() {
  return join(enum_names<E>(), ", ", &EnumName<E>::name);
}

template <typename E>
Result<std::optional<E>> read_enum(const ObjectReader& reader, std::string_view key) {
  MIMICA_TRY(const auto text, reader.text(key));
  if (!text) return std::optional<E>{};
  const std::optional<E> value = graph_value<E>(*text);
  if (!value) return reader.wrong(key, "unknown value '" + text->substr(0, 64) + "'", "use one of " + accepted<E>());
  return value;
}

Result<std::optional<int>> read_int(const ObjectReader& reader, std::string_view key) {
  MIMICA_TRY(const auto number, reader.integer(key, -2147483648LL, 2147483647LL));
  return number ? std::optional<int>(static_cast<int>(*number)) : std::optional<int>{};
}

Result<RuleType> read_rule_type(const ObjectReader& reader) {
  MIMICA_TRY(const auto text, reader.text("ruleType"));
  if (!text || *text == "include") return RuleType::include;
  if (*text == "exclude") return RuleType::exclude;
  return reader.wrong("ruleType", "unknown value '" + text->substr(0, 64) + "'", "use include or exclude");
}

Result<std::optional<std::vector<SanType>>> read_san_type(const ObjectReader& reader) {
  constexpr std::string_view kKey = "subjectAlternativeNameType";
  MIMICA_TRY(const auto text, reader.text(kKey));
  if (!text) return std::optional<std::vector<SanType>>{};
  std::vector<SanType> types;
  for (const std::string_view part : split(*text, ',')) {
    const auto type = graph_value<SanType>(trim(part));
    if (!type)
      return reader.wrong(kKey, "unknown value '" + std::string(part.substr(0, 64)) + "'",
                          "use one or more of " + accepted<SanType>());
    types.push_back(*type);
    if (types.size() > 16) return reader.wrong(kKey, "too many values");
  }
  return std::optional<std::vector<SanType>>(std::move(types));
}

Result<void> read_rules(const ObjectReader& reader, Profile& profile) {
  constexpr std::string_view kEdition = "deviceManagementApplicabilityRuleOsEdition";
  constexpr std::string_view kVersion = "deviceManagementApplicabilityRuleOsVersion";
  constexpr std::string_view kMode = "deviceManagementApplicabilityRuleDeviceMode";
  MIMICA_TRY(const json::object* edition, reader.child(kEdition));
  if (edition != nullptr) {
    const ObjectReader inner(reader.document(), *edition, reader.pointer(kEdition));
    OsEditionRule rule;
    MIMICA_TRY(rule.editions, inner.texts("osEditionTypes"));
    MIMICA_TRY(rule.type, read_rule_type(inner));
    profile.os_edition = std::move(rule);
  }
  MIMICA_TRY(const json::object* version, reader.child(kVersion));
  if (version != nullptr) {
    const ObjectReader inner(reader.document(), *version, reader.pointer(kVersion));
    OsVersionRule rule;
    MIMICA_TRY(const auto min, inner.text("minOSVersion", 64));
    MIMICA_TRY(const auto max, inner.text("maxOSVersion", 64));
    for (const auto& [key, bound] :
         {std::pair<std::string_view, const std::optional<std::string>*>{"minOSVersion", &min},
          {"maxOSVersion", &max}}) {
      if (!*bound) return inner.wrong(key, "an OS version rule needs both bounds");
      if (!Version::parse(**bound)) return inner.wrong(key, "'" + **bound + "' is not a dotted version number");
    }
    rule.min = *min;
    rule.max = *max;
    MIMICA_TRY(rule.type, read_rule_type(inner));
    profile.os_version = std::move(rule);
  }
  MIMICA_TRY(const json::object* mode, reader.child(kMode));
  if (mode != nullptr) {
    const ObjectReader inner(reader.document(), *mode, reader.pointer(kMode));
    DeviceModeRule rule;
    MIMICA_TRY(const auto text, inner.text("deviceMode"));
    if (text && *text != "standardConfiguration" && *text != "sModeConfiguration")
      return inner.wrong("deviceMode", "unknown value '" + text->substr(0, 64) + "'",
                         "use standardConfiguration or sModeConfiguration");
    rule.s_mode = text == "sModeConfiguration";
    MIMICA_TRY(rule.type, read_rule_type(inner));
    profile.device_mode = rule;
  }
  return {};
}

Result<PkcsSettings> read_pkcs(const ObjectReader& reader) {
  PkcsSettings s;
  MIMICA_TRY(s.renewal_threshold, read_int(reader, "renewalThresholdPercentage"));
  MIMICA_TRY(s.subject_name_format, read_enum<SubjectNameFormat>(reader, "subjectNameFormat"));
  MIMICA_TRY(s.subject_name_format_string, reader.text("subjectNameFormatString"));
  MIMICA_TRY(s.san_type, read_san_type(reader));
  MIMICA_TRY(s.san_format_string, reader.text("subjectAlternativeNameFormatString"));
  MIMICA_TRY(s.validity_value, read_int(reader, "certificateValidityPeriodValue"));
  MIMICA_TRY(s.validity_scale, read_enum<ValidityScale>(reader, "certificateValidityPeriodScale"));
  MIMICA_TRY(s.authority_host, reader.text("certificationAuthority"));
  MIMICA_TRY(s.authority_name, reader.text("certificationAuthorityName"));
  MIMICA_TRY(s.authority_type, read_enum<AuthorityType>(reader, "certificationAuthorityType"));
  MIMICA_TRY(s.template_name, reader.text("certificateTemplateName"));
  MIMICA_TRY(s.store, read_enum<CertificateStore>(reader, "certificateStore"));
  MIMICA_TRY(s.key_storage, read_enum<KeyStorageProvider>(reader, "keyStorageProvider"));
  MIMICA_TRY(s.allow_all_apps, reader.boolean("allowAllAppsAccess"));
  MIMICA_TRY(s.channel, read_enum<DeploymentChannel>(reader, "deploymentChannel"));
  MIMICA_TRY(s.access, read_enum<CertificateAccess>(reader, "certificateAccessType"));
  MIMICA_TRY(const json::array* sans, reader.list("customSubjectAlternativeNames"));
  for (std::size_t i = 0; sans != nullptr && i < sans->size(); ++i) {
    MIMICA_TRY(const ObjectReader item, reader.element("customSubjectAlternativeNames", *sans, i));
    MIMICA_TRY(const auto type, read_enum<SanType>(item, "sanType"));
    MIMICA_TRY(auto name, item.text("name"));
    if (!type) return item.wrong("sanType", "a subject alternative name needs a sanType");
    s.sans.push_back({*type, std::move(name).value_or("")});
  }
  MIMICA_TRY(const json::array* usages, reader.list("extendedKeyUsages"));
  for (std::size_t i = 0; usages != nullptr && i < usages->size(); ++i) {
    MIMICA_TRY(const ObjectReader item, reader.element("extendedKeyUsages", *usages, i));
    MIMICA_TRY(auto name, item.text("name"));
    MIMICA_TRY(auto oid, item.text("objectIdentifier"));
    s.key_usages.push_back({std::move(name).value_or(""), std::move(oid).value_or("")});
  }
  MIMICA_TRY(const json::array* apps, reader.list("silentCertificateAccessDetails"));
  for (std::size_t i = 0; apps != nullptr && i < apps->size(); ++i) {
    MIMICA_TRY(const ObjectReader item, reader.element("silentCertificateAccessDetails", *apps, i));
    MIMICA_TRY(auto package, item.text("packageId"));
    s.silent_packages.push_back(std::move(package).value_or(""));
  }
  MIMICA_TRY(const auto bind, reader.text("rootCertificate@odata.bind"));
  if (bind) {
    s.root_profile_id = id_in_reference(*bind);
    if (s.root_profile_id->empty())
      return reader.wrong("rootCertificate@odata.bind", "this is no reference to a device configuration",
                          "write https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('<guid>')");
  } else {
    MIMICA_TRY(const json::object* root, reader.child("rootCertificate"));
    if (root != nullptr) {
      MIMICA_TRY(s.root_profile_id,
                 ObjectReader(reader.document(), *root, reader.pointer("rootCertificate")).text("id"));
    }
  }
  return s;
}

Result<TrustedRootSettings> read_trusted_root(const ObjectReader& reader) {
  TrustedRootSettings s;
  MIMICA_TRY(const auto certificate, reader.text("trustedRootCertificate", kMaxJsonSize));
  if (certificate) {
    auto der = from_base64(*certificate);
    if (!der)
      return reader.wrong("trustedRootCertificate", "the value is not base64",
                          "write the base64 of the DER certificate without PEM armour");
    s.certificate = *std::move(der);
  }
  MIMICA_TRY(s.file_name, reader.text("certFileName"));
  MIMICA_TRY(s.destination, read_enum<DestinationStore>(reader, "destinationStore"));
  MIMICA_TRY(s.channel, read_enum<DeploymentChannel>(reader, "deploymentChannel"));
  return s;
}

Result<Profile> read_profile(const ObjectReader& reader) {
  Profile profile;
  MIMICA_TRY(const auto type, reader.text("@odata.type", 256));
  if (!type)
    return reader.wrong("@odata.type", "the configuration has no @odata.type",
                        "export the profile with its @odata.type, for example "
                        "\"#microsoft.graph.windows10PkcsCertificateProfile\"");
  if (type->compare(0, kGraphPrefix.size(), kGraphPrefix) != 0)
    return reader.wrong("@odata.type", "'" + *type + "' does not start with #microsoft.graph.");
  profile.type_name = type->substr(kGraphPrefix.size());
  profile.type = find_profile_type(profile.type_name);
  profile.kind = profile.type != nullptr ? profile.type->kind : kind_of_unlisted(profile.type_name);
  MIMICA_TRY(auto id, reader.text("id", 256));
  profile.id = std::move(id).value_or("");
  MIMICA_TRY(auto name, reader.text("displayName"));
  profile.display_name = std::move(name).value_or("");
  MIMICA_TRY(profile.description, reader.text("description"));
  MIMICA_TRY(profile.created, reader.text("createdDateTime", 64));
  MIMICA_TRY(profile.last_modified, reader.text("lastModifiedDateTime", 64));
  MIMICA_TRY(profile.version, read_int(reader, "version"));
  MIMICA_TRY(profile.role_scope_tag_ids, reader.texts("roleScopeTagIds"));
  MIMICA_RETURN_IF_FAULT(read_rules(reader, profile));
  MIMICA_TRY(profile.assignments, read_assignments(reader, "assignments"));
  if (profile.kind == ProfileKind::pkcs) {
    MIMICA_TRY(PkcsSettings settings, read_pkcs(reader));
    profile.settings = std::move(settings);
  } else if (profile.kind == ProfileKind::trusted_root) {
    MIMICA_TRY(TrustedRootSettings settings, read_trusted_root(reader));
    profile.settings = std::move(settings);
  }
  profile.document = json::serialize(reader.object());
  return profile;
}

}  // namespace

Result<Profile> parse_profile(std::string_view text, std::string_view source) {
  MIMICA_TRY(const JsonDocument document, JsonDocument::parse(text, source));
  if (!document.root().is_object()) return document.wrong("", "expected a JSON object with a device configuration");
  return read_profile(ObjectReader(document, document.root().get_object(), ""));
}

Result<std::vector<Profile>> parse_profiles(std::string_view text, std::string_view source) {
  MIMICA_TRY(const JsonDocument document, JsonDocument::parse(text, source));
  const json::value* list = &document.root();
  std::string base;
  if (list->is_object()) {
    const json::value* value = list->get_object().if_contains("value");
    if (value == nullptr || !value->is_array()) {
      MIMICA_TRY(Profile profile, read_profile(ObjectReader(document, list->get_object(), "")));
      return std::vector<Profile>{std::move(profile)};
    }
    list = value;
    base = "/value";
  }
  if (!list->is_array()) return document.wrong("", "expected device configurations");
  const json::array& array = list->get_array();
  if (array.size() > kMaxProfiles)
    return document.wrong(base, "more than " + std::to_string(kMaxProfiles) + " profiles");
  std::vector<Profile> out;
  for (std::size_t i = 0; i < array.size(); ++i) {
    const std::string at = pointer_to(base, i);
    if (!array[i].is_object()) return document.wrong(at, "expected a JSON object with a device configuration");
    MIMICA_TRY(Profile profile, read_profile(ObjectReader(document, array[i].get_object(), at)));
    out.push_back(std::move(profile));
  }
  return out;
}

std::string id_in_reference(std::string_view reference) {
  const std::size_t open = reference.rfind("('");
  if (open != std::string_view::npos) {
    reference.remove_prefix(open + 2);
    if (reference.size() < 2 || reference.substr(reference.size() - 2) != "')") return {};
    reference.remove_suffix(2);
  } else if (const std::size_t slash = reference.rfind('/'); slash != std::string_view::npos) {
    reference.remove_prefix(slash + 1);
  }
  const auto guid = Guid::parse(reference);
  return guid ? guid->to_string() : std::string();
}

}  // namespace mimica::connector
