#include "connector/profile/profile_types.h"

#include <algorithm>
#include <array>
#include <utility>

namespace mimica::connector {
namespace {

using namespace property;

constexpr std::array kWindows{Enrollment::windows};
constexpr std::array kIos{Enrollment::ios};
constexpr std::array kMacos{Enrollment::macos};
constexpr std::array kDeviceAdministrator{Enrollment::android_device_administrator};
constexpr std::array kWorkProfile{Enrollment::android_work_profile};
constexpr std::array kDeviceOwner{Enrollment::android_fully_managed, Enrollment::android_dedicated,
                                  Enrollment::android_corporate_work_profile};
constexpr std::array kAosp{Enrollment::android_aosp};

constexpr std::uint32_t kEveryPkcs = kRenewalThreshold | kSubjectNameFormat | kSanType | kValidityValue |
                                     kValidityScale | kAuthority | kAuthorityName | kTemplateName | kSanFormatString;
constexpr std::uint32_t kCustomNames = kStore | kSubjectNameFormatString | kCustomSans;
constexpr std::uint32_t kRoot = kTrustedRoot | kFileName;

constexpr std::array<ProfileType, 18> kTypes{{
    {"androidPkcsCertificateProfile", ProfileKind::pkcs, kDeviceAdministrator,
     kEveryPkcs | kExtendedKeyUsages | kRootCertificate},
    {"androidForWorkPkcsCertificateProfile", ProfileKind::pkcs, kWorkProfile,
     kEveryPkcs | kExtendedKeyUsages | kRootCertificate},
    {"androidWorkProfilePkcsCertificateProfile", ProfileKind::pkcs, kWorkProfile,
     kEveryPkcs | kCustomNames | kExtendedKeyUsages | kRootCertificate},
    {"androidDeviceOwnerPkcsCertificateProfile", ProfileKind::pkcs, kDeviceOwner,
     kEveryPkcs | kCustomNames | kExtendedKeyUsages | kRootCertificate | kAuthorityType | kAccessType | kSilentAccess},
    {"aospDeviceOwnerPkcsCertificateProfile", ProfileKind::pkcs, kAosp,
     kEveryPkcs | kCustomNames | kExtendedKeyUsages | kRootCertificate | kAuthorityType},
    {"iosPkcsCertificateProfile", ProfileKind::pkcs, kIos, kEveryPkcs | kCustomNames},
    {"macOSPkcsCertificateProfile", ProfileKind::pkcs, kMacos,
     kEveryPkcs | kCustomNames | kAllowAllApps | kDeploymentChannel},
    {"windows10PkcsCertificateProfile", ProfileKind::pkcs, kWindows,
     kEveryPkcs | kCustomNames | kExtendedKeyUsages | kKeyStorageProvider},
    {"androidTrustedRootCertificate", ProfileKind::trusted_root, kDeviceAdministrator, kRoot},
    {"androidForWorkTrustedRootCertificate", ProfileKind::trusted_root, kWorkProfile, kRoot},
    {"androidWorkProfileTrustedRootCertificate", ProfileKind::trusted_root, kWorkProfile, kRoot},
    {"androidDeviceOwnerTrustedRootCertificate", ProfileKind::trusted_root, kDeviceOwner, kRoot},
    {"aospDeviceOwnerTrustedRootCertificate", ProfileKind::trusted_root, kAosp, kRoot},
    {"iosTrustedRootCertificate", ProfileKind::trusted_root, kIos, kRoot},
    {"macOSTrustedRootCertificate", ProfileKind::trusted_root, kMacos, kRoot | kDeploymentChannel},
    {"windows81TrustedRootCertificate", ProfileKind::trusted_root, kWindows, kRoot | kDestinationStore},
    {"windows10XTrustedRootCertificate", ProfileKind::trusted_root, {}, kRoot | kDestinationStore},
    {"windowsPhone81TrustedRootCertificate", ProfileKind::trusted_root, {}, kRoot},
}};

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 23> kVariableProperties{{
    {"renewalThresholdPercentage", kRenewalThreshold},
    {"subjectNameFormat", kSubjectNameFormat},
    {"subjectAlternativeNameType", kSanType},
    {"certificateValidityPeriodValue", kValidityValue},
    {"certificateValidityPeriodScale", kValidityScale},
    {"certificationAuthority", kAuthority},
    {"certificationAuthorityName", kAuthorityName},
    {"certificationAuthorityType", kAuthorityType},
    {"certificateTemplateName", kTemplateName},
    {"subjectAlternativeNameFormatString", kSanFormatString},
    {"subjectNameFormatString", kSubjectNameFormatString},
    {"certificateStore", kStore},
    {"keyStorageProvider", kKeyStorageProvider},
    {"allowAllAppsAccess", kAllowAllApps},
    {"deploymentChannel", kDeploymentChannel},
    {"certificateAccessType", kAccessType},
    {"extendedKeyUsages", kExtendedKeyUsages},
    {"customSubjectAlternativeNames", kCustomSans},
    {"silentCertificateAccessDetails", kSilentAccess},
    {"rootCertificate@odata.bind", kRootCertificate},
    {"trustedRootCertificate", kTrustedRoot},
    {"certFileName", kFileName},
    {"destinationStore", kDestinationStore},
}};

}  // namespace

std::string_view to_string(ProfileKind kind) {
  switch (kind) {
    case ProfileKind::pkcs:
      return "PKCS certificate";
    case ProfileKind::trusted_root:
      return "trusted certificate";
    case ProfileKind::scep:
      return "SCEP certificate";
    case ProfileKind::imported_pfx:
      return "imported PKCS certificate";
    case ProfileKind::other:
      return "other device configuration";
  }
  return {};
}

bool ProfileType::serves_enrollment(Enrollment enrollment) const {
  return std::find(serves.begin(), serves.end(), enrollment) != serves.end();
}

bool ProfileType::serves_platform(Platform platform) const {
  return std::any_of(serves.begin(), serves.end(), [&](Enrollment e) { return platform_of(e) == platform; });
}

std::span<const ProfileType> profile_types() { return kTypes; }

const ProfileType* find_profile_type(std::string_view name) {
  if (name.substr(0, kGraphPrefix.size()) == kGraphPrefix) name.remove_prefix(kGraphPrefix.size());
  for (const ProfileType& type : kTypes)
    if (type.name == name) return &type;
  return nullptr;
}

ProfileKind kind_of_unlisted(std::string_view name) {
  if (name.find("ImportedPFXCertificateProfile") != std::string_view::npos) return ProfileKind::imported_pfx;
  if (name.find("ScepCertificateProfile") != std::string_view::npos) return ProfileKind::scep;
  return ProfileKind::other;
}

std::uint32_t property_bit(std::string_view name) {
  for (const auto& entry : kVariableProperties)
    if (entry.first == name) return entry.second;
  return 0;
}

template <>
std::span<const EnumName<CertificateStore>> enum_names() {
  static constexpr std::array<EnumName<CertificateStore>, 2> kNames{
      {{CertificateStore::user, "user"}, {CertificateStore::machine, "machine"}}};
  return kNames;
}
template <>
std::span<const EnumName<ValidityScale>> enum_names() {
  static constexpr std::array<EnumName<ValidityScale>, 3> kNames{
      {{ValidityScale::days, "days"}, {ValidityScale::months, "months"}, {ValidityScale::years, "years"}}};
  return kNames;
}
template <>
std::span<const EnumName<SubjectNameFormat>> enum_names() {
  using F = SubjectNameFormat;
  static constexpr std::array<EnumName<F>, 9> kNames{{
      {F::common_name, "commonName"},
      {F::common_name_including_email, "commonNameIncludingEmail"},
      {F::common_name_as_email, "commonNameAsEmail"},
      {F::custom, "custom"},
      {F::common_name_as_imei, "commonNameAsIMEI"},
      {F::common_name_as_serial_number, "commonNameAsSerialNumber"},
      {F::common_name_as_aad_device_id, "commonNameAsAadDeviceId"},
      {F::common_name_as_intune_device_id, "commonNameAsIntuneDeviceId"},
      {F::common_name_as_durable_device_id, "commonNameAsDurableDeviceId"},
  }};
  return kNames;
}
template <>
std::span<const EnumName<SanType>> enum_names() {
  static constexpr std::array<EnumName<SanType>, 6> kNames{{
      {SanType::none, "none"},
      {SanType::email, "emailAddress"},
      {SanType::upn, "userPrincipalName"},
      {SanType::custom_attribute, "customAzureADAttribute"},
      {SanType::dns, "domainNameService"},
      {SanType::uri, "universalResourceIdentifier"},
  }};
  return kNames;
}
template <>
std::span<const EnumName<KeyStorageProvider>> enum_names() {
  using K = KeyStorageProvider;
  static constexpr std::array<EnumName<K>, 4> kNames{{
      {K::tpm_else_software, "useTpmKspOtherwiseUseSoftwareKsp"},
      {K::tpm_else_fail, "useTpmKspOtherwiseFail"},
      {K::hello_else_fail, "usePassportForWorkKspOtherwiseFail"},
      {K::software, "useSoftwareKsp"},
  }};
  return kNames;
}
template <>
std::span<const EnumName<DeploymentChannel>> enum_names() {
  static constexpr std::array<EnumName<DeploymentChannel>, 2> kNames{
      {{DeploymentChannel::device, "deviceChannel"}, {DeploymentChannel::user, "userChannel"}}};
  return kNames;
}
template <>
std::span<const EnumName<CertificateAccess>> enum_names() {
  static constexpr std::array<EnumName<CertificateAccess>, 2> kNames{
      {{CertificateAccess::user_approval, "userApproval"}, {CertificateAccess::specific_apps, "specificApps"}}};
  return kNames;
}
template <>
std::span<const EnumName<AuthorityType>> enum_names() {
  static constexpr std::array<EnumName<AuthorityType>, 3> kNames{{{AuthorityType::not_configured, "notConfigured"},
                                                                  {AuthorityType::microsoft, "microsoft"},
                                                                  {AuthorityType::digicert, "digiCert"}}};
  return kNames;
}
template <>
std::span<const EnumName<DestinationStore>> enum_names() {
  static constexpr std::array<EnumName<DestinationStore>, 3> kNames{
      {{DestinationStore::computer_root, "computerCertStoreRoot"},
       {DestinationStore::computer_intermediate, "computerCertStoreIntermediate"},
       {DestinationStore::user_intermediate, "userCertStoreIntermediate"}}};
  return kNames;
}

}  // namespace mimica::connector
