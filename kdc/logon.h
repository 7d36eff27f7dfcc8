// May this certificate log on as this account? The decision of a Windows KDC (MS-PKCA 3.1.5.2.1, KB5014754, KB5057784) as
// a function of values, and the gathering of those values from a directory.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/certificate.h"
#include "core/chain.h"
#include "core/decision.h"
#include "ldap/account.h"
#include "ldap/directory.h"

namespace mimica::kdc {

// StrongCertificateBindingEnforcement.
enum class Enforcement { disabled = 0, compatibility = 1, full = 2 };

// Registry and update level of a domain controller. What actually applies at an instant is effective(): before full
// enforcement the registry counts, from 2025-09-09 it does not.
struct KdcConfig {
  std::optional<int> StrongCertificateBindingEnforcement;   // absent: the default of the date
  std::optional<Seconds> CertificateBackdatingCompensation; // seconds; absent: 600
  bool UseSubjectAltName = true;
  std::optional<int> AllowNtAuthPolicyBypass;               // absent: the default of the date
  int os_version = 2022;                                    // 2016, 2019, 2022, 2025: SAN URI needs 2019, <SID> 2022
  bool revocation_unknown_ignored = false;  // UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors
  std::vector<std::string> StrongNameMatches;  // policy tuples, one per element; empty: policy off
  bool uri_mismatch_refused = true;         // switch: differing SAN URI SID answers 66/41 (docs/divergences.md)
  bool sid_alone_maps = false;              // switch: SID extension without name or mapping is enough
};

// The policy in force at an instant (dates of KB5014754 and KB5057784).
struct Policy {
  Enforcement enforcement = Enforcement::full;
  Seconds backdating = 600;
  int nt_auth_bypass = 2;  // 0, 1, 2
  KdcConfig config;
};
Policy effective(const KdcConfig& config, Timestamp at);

// A Windows-style event of the System log, provider Microsoft-Windows-Kerberos-Key-Distribution-Center.
struct Event {
  enum class Level { error = 2, warning = 3, information = 4 };
  int id = 0;
  Level level = Level::information;
  std::vector<Fact> data;  // EventData names in order: AccountName, Subject, Issuer, SerialNumber, Thumbprint, ...
  Timestamp at;
  bool operator==(const Event&) const = default;
};
std::string message(const Event& event);  // the message text in our words, with its labelled fields

struct LogonRequest {
  std::string cname;       // "jane", "jane@contoso.com" (enterprise name) or "LAPTOP-01$"
  Certificate certificate;
  std::vector<Certificate> intermediates;
};

struct Mapped {
  ldap::Account account;
  std::string how;         // "sid", "uri", "key-trust", "alt-security-identity", "name-policy", "weak"
  bool strong = false;
  std::vector<Event> events;  // events of an allowed logon (39 as a warning, 45)
};

struct LogonDecision {
  Decision<Mapped> decision;
  std::vector<Event> events;  // of allowed and refused logons alike
};

}  // namespace mimica::kdc
