// TLS client certificates on Windows (LDAPS, IIS): which account Schannel maps a certificate to. S4U2Self asks the KDC
// and so meets strong mapping; the older methods do not (MS-RCMP 3.5.2, KB5014754).
#pragma once

#include <cstdint>
#include <optional>

#include "kdc/pkinit/gather.h"

namespace mimica::kdc {

// HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\CertificateMappingMethods.
namespace mapping_method {
inline constexpr std::uint32_t kSubjectIssuer = 0x1;  // altSecurityIdentities X509:<I>…<S>…, weak
inline constexpr std::uint32_t kIssuer =
    0x2;                                    // altSecurityIdentities X509:<I>…, weak, many certificates to one account
inline constexpr std::uint32_t kUpn = 0x4;  // SAN UPN or host name, weak
inline constexpr std::uint32_t kS4u2Self = 0x8;           // the KDC decides for the account that the name leads to
inline constexpr std::uint32_t kS4u2SelfExplicit = 0x10;  // the same for the account with an explicit mapping
inline constexpr std::uint32_t kDefaultBefore2022 = 0x1F;
inline constexpr std::uint32_t kDefault = 0x18;
}  // namespace mapping_method

struct SchannelConfig {
  std::optional<std::uint32_t> CertificateMappingMethods;  // absent: the default of the date
};
std::uint32_t effective_methods(const SchannelConfig& config, Timestamp at);

// The accounts that the look-ups of the methods find; empty where nobody, or several.
struct SchannelFacts {
  std::string domain;  // NetBIOS name, for events
  CertFacts certificate;
  std::optional<AccountFacts> by_name;   // SAN UPN, else SAN DNS name through servicePrincipalName
  std::optional<AccountFacts> by_value;  // any form of altSecurityIdentities that a KDC knows
  std::optional<AccountFacts> by_subject_issuer;
  std::optional<AccountFacts> by_issuer;
};

// S4U2Self first, then UPN, one-to-one, many-to-one. The TLS handshake has verified the chain. A refusal answers
// SEC_E_LOGON_DENIED, the SSPI face of STATUS_LOGON_FAILURE; it is not a Kerberos message. Events of S4U2Self attempts
// are written whether a later method succeeds or not.
LogonDecision decide_schannel(const SchannelFacts& facts, const SchannelConfig& config, const Policy& policy,
                              Timestamp at);

// `chain`: the certificate's chain as TLS verified it, leaf first.
Result<SchannelFacts> gather_schannel(ldap::Directory& directory, const std::vector<Certificate>& chain);

}  // namespace mimica::kdc
