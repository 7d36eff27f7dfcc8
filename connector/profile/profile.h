// Certificate profiles as Microsoft Graph stores them (deviceConfiguration subtypes, beta endpoint) <-> typed values.
//
// Import keeps the whole document: unknown properties, null versus absent, order. Export of an unchanged profile equals
// the import; export of a changed one differs only in the changed properties. The rules of a good profile are in
// validate.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connector/finding.h"
#include "connector/profile/assignment.h"
#include "connector/profile/profile_types.h"
#include "core/base/bytes.h"

namespace mimica::connector {

struct SubjectAlternativeName {
  SanType type = SanType::upn;
  std::string value;  // variables and static text
  bool operator==(const SubjectAlternativeName&) const = default;
};
struct ExtendedKeyUsage {
  std::string name;
  std::string oid;  // dotted; checked by validate()
  bool operator==(const ExtendedKeyUsage&) const = default;
};

// Every optional member is null or absent in JSON when it has no value.
struct PkcsSettings {
  std::optional<int> renewal_threshold;  // percent of the lifetime that remains when renewal starts
  std::optional<SubjectNameFormat> subject_name_format;
  std::optional<std::string> subject_name_format_string;
  std::optional<std::vector<SanType>> san_type;  // old form; comma-joined in JSON; {none} differs from null
  std::optional<std::string> san_format_string;
  std::optional<int> validity_value;
  std::optional<ValidityScale> validity_scale;
  std::optional<std::string> authority_host;  // certificationAuthority
  std::optional<std::string> authority_name;  // certificationAuthorityName
  std::optional<AuthorityType> authority_type;
  std::optional<std::string> template_name;
  std::optional<CertificateStore> store;
  std::vector<SubjectAlternativeName> sans;  // customSubjectAlternativeNames
  std::vector<ExtendedKeyUsage> key_usages;
  std::optional<KeyStorageProvider> key_storage;
  std::optional<bool> allow_all_apps;
  std::optional<DeploymentChannel> channel;
  std::optional<CertificateAccess> access;
  std::vector<std::string> silent_packages;
  std::optional<std::string> root_profile_id;  // rootCertificate@odata.bind; a plain GET never shows it

  // The subject with variables: the format string when custom, else what the enumerated format stands for. Empty when
  // it cannot be told (commonNameAsDurableDeviceId).
  std::string subject_format() const;
  // customSubjectAlternativeNames, plus the entries that the old subjectAlternativeNameType stands for.
  std::vector<SubjectAlternativeName> effective_sans() const;
  CertificateStore effective_store() const { return store.value_or(CertificateStore::user); }
  int effective_threshold() const { return renewal_threshold.value_or(20); }
};

struct TrustedRootSettings {
  Bytes certificate;  // DER as configured; empty (absent, null or "" in JSON): the root of the lab is meant
  std::optional<std::string> file_name;
  std::optional<DestinationStore> destination;
  std::optional<DeploymentChannel> channel;
};

// include: assign if the rule matches; exclude: do not.
enum class RuleType { include, exclude };
struct OsEditionRule {
  std::vector<std::string> editions;  // windows10EditionType
  RuleType type = RuleType::include;
};
struct OsVersionRule {
  std::string min;
  std::string max;
  RuleType type = RuleType::include;
};
struct DeviceModeRule {
  bool s_mode = false;  // sModeConfiguration
  RuleType type = RuleType::include;
};

struct Profile {
  const ProfileType* type = nullptr;  // nullptr for kinds that are kept but not executed
  ProfileKind kind = ProfileKind::other;
  std::string type_name;  // @odata.type without "#microsoft.graph."
  std::string id;         // empty or all zero before the service has stored it
  std::string display_name;
  std::optional<std::string> description;
  std::optional<std::string> created;  // as Graph wrote it
  std::optional<std::string> last_modified;
  std::optional<int> version;  // grows with each change, from 1
  std::vector<std::string> role_scope_tag_ids;
  std::optional<OsEditionRule> os_edition;
  std::optional<OsVersionRule> os_version;
  std::optional<DeviceModeRule> device_mode;
  std::vector<Assignment> assignments;  // of an $expand; the tenant's own are in Tenant
  std::variant<std::monostate, PkcsSettings, TrustedRootSettings> settings;
  std::string document;  // the imported JSON; empty for a profile built in code

  const PkcsSettings* pkcs() const { return std::get_if<PkcsSettings>(&settings); }
  PkcsSettings* pkcs() { return std::get_if<PkcsSettings>(&settings); }
  const TrustedRootSettings* trusted_root() const { return std::get_if<TrustedRootSettings>(&settings); }
  TrustedRootSettings* trusted_root() { return std::get_if<TrustedRootSettings>(&settings); }
  bool stored() const;  // has an id that is not all zero
};

// Graph's form; `readable` adds line breaks and indentation.
std::string to_json(const Profile& profile, bool readable = true);

// An empty profile of a type; nullopt for an unknown type name.
std::optional<Profile> make_profile(std::string_view type_name, std::string_view display_name);

// Members of the document that this code does not interpret: unknown properties (warning), properties that belong to
// another type (error), OData annotations (info). Rules connector.profile.properties and connector.profile.kind.
Findings import_findings(const Profile& profile);
// "https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('<guid>')"; id_in_reference() of
// profile_reader.h reads it.
std::string reference_to(std::string_view profile_id);

// Length of the profile's validity in seconds from `start` (calendar months and years); nullopt when unset.
std::optional<Seconds> validity_of(const PkcsSettings& settings, Timestamp start);

}  // namespace mimica::connector
