// What the KDC of a Samba AD domain controller (Heimdal) makes of a certificate and an account: its reading of
// KB5014754, which differs from that of Windows (docs/divergences.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kdc/mapping/mapping.h"

namespace mimica::kdc {

// One altSecurityIdentities value as Samba reads it: any combination of tags, all of which must match, the last of
// equal tags. Names stand in the order and spelling of Heimdal, leaf first.
struct SambaIdentity {
  std::optional<std::string> issuer, subject, mail;
  std::optional<Bytes> serial, subject_key_identifier, thumbprint;
  bool is_strong() const { return subject_key_identifier || thumbprint || (issuer && serial); }
};
// Empty for a value that Samba passes over: another prefix, an unknown or empty tag, an empty value, hexadecimal digits
// that are none or odd in number. Prefix and tags are case-sensitive.
std::optional<SambaIdentity> parse_samba_identity(std::string_view value);
bool matches(const SambaIdentity& identity, const Certificate& certificate);

// Binding before names; the SAN UPN must lead to the account, of a computer too. Knows neither SAN URIs, <SID> values,
// the name-based policy, NTAuth nor UseSubjectAltName.
Decision<Mapped> map_certificate_as_samba(const CertFacts& certificate, const AccountFacts& account,
                                          const Policy& policy);

}  // namespace mimica::kdc
