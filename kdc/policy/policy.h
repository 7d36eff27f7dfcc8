// What a domain controller enforces at an instant: its registry and update level against the dates of KB5014754 (strong
// certificate mapping) and KB5057784 (NTAuth).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "kdc/policy/name_policy.h"

namespace mimica::kdc {

// Each date counts from 00:00:00Z of the day; the domain controller is taken to be patched on that day.
namespace dates {
inline constexpr Timestamp kStrongMapping{1652140800};   // 2022-05-10 Compatibility mode by default, SID extension
inline constexpr Timestamp kSanUri{1680739200};          // 2023-04-06 SAN URI announced
inline constexpr Timestamp kNoDisabledMode{1681171200};  // 2023-04-11 value 0 behaves as 1
inline constexpr Timestamp kNamePolicy{1725926400};      // 2024-09-10 name-based strong mappings
inline constexpr Timestamp kFullByDefault{1739232000};   // 2025-02-11 an absent value means 2
inline constexpr Timestamp kNtAuthAudit{1744070400};     // 2025-04-08 NTAuth check, default 1
inline constexpr Timestamp kIssuerSid{1749513600};       // 2025-06-10 X509:<I>…<SID>…
inline constexpr Timestamp kNtAuthEnforced{1751932800};  // 2025-07-08 default 2, value 0 gone
inline constexpr Timestamp kFullAlways{1757376000};      // 2025-09-09 always 2, backdating gone
inline constexpr Timestamp kNtAuthAlways{1760400000};    // 2025-10-14 always 2
}  // namespace dates

// StrongCertificateBindingEnforcement.
enum class Enforcement { disabled = 0, compatibility = 1, full = 2 };
std::string_view to_string(Enforcement enforcement);  // "Disabled", "Compatibility", "Full Enforcement"

inline constexpr Seconds kDefaultBackdating = 600;            // the CA's ClockSkewMinutes
inline constexpr Seconds kMaximumBackdating = 1'577'880'000;  // 50 years, the largest published value

// Whose domain controller decides. `samba` reproduces where Samba's KDC differs (docs/divergences.md).
enum class Profile { windows, samba };
std::string_view to_string(Profile profile);  // "windows", "samba"
std::optional<Profile> profile_named(std::string_view name);

// Registry of a domain controller (HKLM\SYSTEM\CurrentControlSet\Services\Kdc unless noted), its operating system, and
// the switches for behaviour that no public source settles (docs/divergences.md).
struct KdcConfig {
  Profile profile = Profile::windows;
  // Under `samba` smb.conf's "strong certificate binding enforcement" (none 0, compatibility 1, full 2; absent: 2) and
  // "certificate backdating compensation" (in minutes; absent: 0).
  std::optional<int> StrongCertificateBindingEnforcement;    // absent: the default of the date
  std::optional<Seconds> CertificateBackdatingCompensation;  // seconds; absent: 600
  bool UseSubjectAltName = true;
  std::optional<int> AllowNtAuthPolicyBypass;  // absent: the default of the date
  int os_version = 2022;                       // 2016, 2019, 2022, 2025: SAN URI and name policy need 2019, <SID> 2022
  bool revocation_unknown_ignored = false;     // UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors: nobody is asked
  std::vector<std::string> StrongNameMatches;  // policy tuples, one or more per element; empty: policy off
  bool has_kdc_certificate = true;             // without one PKINIT is off (event 19)

  bool revocation_cache = false;           // answers and lists are used until their nextUpdate; off: each logon asks
  bool uri_mismatch_refused = true;        // a differing SAN URI SID answers 66 and event 41; off: as if no SID
  bool uri_list_accepted = false;          // "tag:…:sid:S-1-…, other" is read up to the comma; off: no SID
  bool sid_alone_maps = false;             // an equal SID extension is enough without UPN, DNS name or explicit mapping
  bool unresolved_upn_refused = true;      // a SAN UPN that nobody has answers 75; off: explicit mappings are tried
  bool computer_upn_maps = true;           // a SAN UPN that leads to a computer maps it; off: its DNS name only
  bool nt_auth_before_upn = false;         // NTAuth is judged before a SAN UPN of another account; off: after it
  bool nt_auth_bypass_all_forms = true;    // AllowNtAuthPolicyBypass covers every explicit mapping; off: listed ones
  bool sha1_pukey_takes_key_hash = false;  // <SHA1-PUKEY> also takes the SHA-1 of the key; off: thumbprint only
  bool password_change_refused = true;     // an account that must change its password answers 23; off: a warning
  bool application_policies_count = false;  // szOID_APPLICATION_CERT_POLICIES counts as EKU
};

// The policy in force at an instant.
struct Policy {
  Enforcement enforcement = Enforcement::full;
  Seconds backdating = kDefaultBackdating;
  int nt_auth_bypass = 2;  // 0 not checked, 1 audited, 2 enforced
  bool san_uri = true;
  bool issuer_sid_mapping = true;
  NamePolicy name_policy;  // empty where the operating system or the date does not have it
  // When this configuration starts to refuse what it lets pass now; empty where it refuses already.
  std::optional<Timestamp> weak_refused_from;
  std::optional<Timestamp> nt_auth_refused_from;
  KdcConfig config;
};
Policy effective(const KdcConfig& config, Timestamp at);

}  // namespace mimica::kdc
