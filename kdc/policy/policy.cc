#include "kdc/policy/policy.h"

#include <algorithm>
#include <initializer_list>

namespace mimica::kdc {
namespace {

constexpr int kSanUriOs = 2019, kNamePolicyOs = 2019, kIssuerSidOs = 2022;

// Samba's settings know no dates.
Enforcement samba_enforcement(const KdcConfig& config) {
  const std::optional<int>& value = config.StrongCertificateBindingEnforcement;
  return value == 0 ? Enforcement::disabled : value == 1 ? Enforcement::compatibility : Enforcement::full;
}

Policy samba_policy(const KdcConfig& config) {
  constexpr Seconds kMaximumMinutes = kMaximumBackdating / kMinute;
  Policy policy;
  policy.config = config;
  policy.enforcement = samba_enforcement(config);
  policy.backdating =
      std::clamp<Seconds>(config.CertificateBackdatingCompensation.value_or(0), 0, kMaximumMinutes) * kMinute;
  policy.nt_auth_bypass = 0;
  policy.san_uri = false;
  policy.issuer_sid_mapping = false;
  return policy;
}

Enforcement enforcement_at(const KdcConfig& config, Timestamp at) {
  if (at < dates::kStrongMapping) return Enforcement::disabled;
  if (at >= dates::kFullAlways) return Enforcement::full;
  const std::optional<int>& value = config.StrongCertificateBindingEnforcement;
  if (value == 2) return Enforcement::full;
  if (value == 1) return Enforcement::compatibility;
  if (value == 0) return at < dates::kNoDisabledMode ? Enforcement::disabled : Enforcement::compatibility;
  return at < dates::kFullByDefault ? Enforcement::compatibility : Enforcement::full;  // absent or out of range
}

int nt_auth_at(const KdcConfig& config, Timestamp at) {
  if (at < dates::kNtAuthAudit) return 0;
  if (at >= dates::kNtAuthAlways) return 2;
  const std::optional<int>& value = config.AllowNtAuthPolicyBypass;
  if (value == 1 || value == 2) return *value;
  if (at >= dates::kNtAuthEnforced) return 2;
  return value == 0 ? 0 : 1;
}

// The first of the dates on which `strict` holds; nothing when it holds already.
template <typename Strict>
std::optional<Timestamp> first_date(Timestamp at, std::initializer_list<Timestamp> changes, const Strict& strict) {
  if (strict(at)) return std::nullopt;
  for (const Timestamp date : changes)
    if (date > at && strict(date)) return date;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Profile profile) { return profile == Profile::samba ? "samba" : "windows"; }

std::optional<Profile> profile_named(std::string_view name) {
  if (name == "windows") return Profile::windows;
  if (name == "samba") return Profile::samba;
  return std::nullopt;
}

std::string_view to_string(Enforcement enforcement) {
  switch (enforcement) {
    case Enforcement::disabled:
      return "Disabled";
    case Enforcement::compatibility:
      return "Compatibility";
    case Enforcement::full:
      return "Full Enforcement";
  }
  return "?";
}

Policy effective(const KdcConfig& config, Timestamp at) {
  if (config.profile == Profile::samba) return samba_policy(config);
  Policy policy;
  policy.config = config;
  policy.enforcement = enforcement_at(config, at);
  policy.backdating =
      std::clamp<Seconds>(config.CertificateBackdatingCompensation.value_or(kDefaultBackdating), 0, kMaximumBackdating);
  policy.nt_auth_bypass = nt_auth_at(config, at);
  policy.san_uri = at >= dates::kSanUri && config.os_version >= kSanUriOs;
  policy.issuer_sid_mapping = at >= dates::kIssuerSid && config.os_version >= kIssuerSidOs;
  if (at >= dates::kNamePolicy && config.os_version >= kNamePolicyOs)
    policy.name_policy = parse_name_policy(config.StrongNameMatches);
  policy.weak_refused_from =
      first_date(at, {dates::kStrongMapping, dates::kNoDisabledMode, dates::kFullByDefault, dates::kFullAlways},
                 [&](Timestamp t) { return enforcement_at(config, t) == Enforcement::full; });
  policy.nt_auth_refused_from = first_date(at, {dates::kNtAuthAudit, dates::kNtAuthEnforced, dates::kNtAuthAlways},
                                           [&](Timestamp t) { return nt_auth_at(config, t) == 2; });
  return policy;
}

}  // namespace mimica::kdc
