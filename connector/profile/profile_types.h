// The device configuration types of Microsoft Graph (beta) that carry certificates, and their enumerations. Values and
// property sets: Graph beta metadata, msgraph-beta-sdk models.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "connector/inventory/inventory.h"

namespace mimica::connector {

// Before the type names in "@odata.type".
inline constexpr std::string_view kGraphPrefix = "#microsoft.graph.";

enum class ProfileKind {
  pkcs,
  trusted_root,
  scep,          // recognised and kept, not executed
  imported_pfx,  // recognised and kept, not executed
  other,         // recognised as a device configuration only
};
std::string_view to_string(ProfileKind kind);

// One bit per property that a type may have beyond those of deviceConfiguration.
namespace property {
inline constexpr std::uint32_t kRenewalThreshold = 1U << 0, kSubjectNameFormat = 1U << 1, kSanType = 1U << 2,
                               kValidityValue = 1U << 3, kValidityScale = 1U << 4, kAuthority = 1U << 5,
                               kAuthorityName = 1U << 6, kAuthorityType = 1U << 7, kTemplateName = 1U << 8,
                               kSanFormatString = 1U << 9, kSubjectNameFormatString = 1U << 10, kStore = 1U << 11,
                               kKeyStorageProvider = 1U << 12, kAllowAllApps = 1U << 13, kDeploymentChannel = 1U << 14,
                               kAccessType = 1U << 15, kExtendedKeyUsages = 1U << 16, kCustomSans = 1U << 17,
                               kSilentAccess = 1U << 18, kRootCertificate = 1U << 19, kTrustedRoot = 1U << 20,
                               kFileName = 1U << 21, kDestinationStore = 1U << 22;
}  // namespace property

struct ProfileType {
  std::string_view name;  // without "#microsoft.graph."
  ProfileKind kind = ProfileKind::other;
  std::span<const Enrollment> serves;
  std::uint32_t properties = 0;
  bool has(std::uint32_t bit) const { return (properties & bit) != 0; }
  bool serves_enrollment(Enrollment enrollment) const;
  bool serves_platform(Platform platform) const;
};

// Every PKCS and trusted-root type.
std::span<const ProfileType> profile_types();
// nullptr when unknown; `name` with or without "#microsoft.graph.".
const ProfileType* find_profile_type(std::string_view name);
// The kind of a type that profile_types() does not list: SCEP and imported PFX by their name, other for the rest.
ProfileKind kind_of_unlisted(std::string_view name);
// The bit of a property name; 0 when no listed type has such a property.
std::uint32_t property_bit(std::string_view name);

enum class CertificateStore { user, machine };
enum class ValidityScale { days, months, years };
enum class SubjectNameFormat {
  common_name,
  common_name_including_email,
  common_name_as_email,
  custom,
  common_name_as_imei,
  common_name_as_serial_number,
  common_name_as_aad_device_id,
  common_name_as_intune_device_id,
  common_name_as_durable_device_id,
};
enum class SanType { none, email, upn, custom_attribute, dns, uri };
enum class KeyStorageProvider { tpm_else_software, tpm_else_fail, hello_else_fail, software };
enum class DeploymentChannel { device, user };
enum class CertificateAccess { user_approval, specific_apps };
enum class AuthorityType { not_configured, microsoft, digicert };
enum class DestinationStore { computer_root, computer_intermediate, user_intermediate };

template <typename E>
struct EnumName {
  E value;
  std::string_view name;  // Graph's spelling
};
// The spelling table of an enumeration.
template <typename E>
std::span<const EnumName<E>> enum_names();
template <>
std::span<const EnumName<CertificateStore>> enum_names();
template <>
std::span<const EnumName<ValidityScale>> enum_names();
template <>
std::span<const EnumName<SubjectNameFormat>> enum_names();
template <>
std::span<const EnumName<SanType>> enum_names();
template <>
std::span<const EnumName<KeyStorageProvider>> enum_names();
template <>
std::span<const EnumName<DeploymentChannel>> enum_names();
template <>
std::span<const EnumName<CertificateAccess>> enum_names();
template <>
std::span<const EnumName<AuthorityType>> enum_names();
template <>
std::span<const EnumName<DestinationStore>> enum_names();

template <typename E>
std::string_view graph_name(E value) {
  for (const EnumName<E>& entry : enum_names<E>())
    if (entry.value == value) return entry.name;
  return {};
}
template <typename E>
std::optional<E> graph_value(std::string_view name) {
  for (const EnumName<E>& entry : enum_names<E>())
    if (entry.name == name) return entry.value;
  return std::nullopt;
}

}  // namespace mimica::connector
