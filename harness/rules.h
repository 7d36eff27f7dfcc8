// Checks that the harness itself makes, as documented constants (core/base/decision.h).
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::harness {

inline constexpr Rule kChainVerifies{
    "harness.check.chain", "The certificate chains to the lab's root, is within its validity and is not revoked",
    "RFC 5280 6.1", "look at the certificate that the chain stops at: its validity, its CRL, or its issuer"};

// Writes to the directory that its administrator, or an account with its own rights, tries.
inline constexpr Rule kDirectoryAccess{"harness.directory.access",
                                       "The account that writes has the right to write this attribute of this object",
                                       "MS-ADTS 3.1.1.5.3.1.1", "write as an account with the right, or grant it"};
inline constexpr Rule kDirectoryConstraint{
    "harness.directory.constraint", "The object may have this attribute with these values", "MS-ADTS 3.1.1.5.3.1.2",
    "look at the attribute in the schema: its name, its syntax, how many values it takes, and who maintains it"};

// Preflight of a certificate on its own (`mimica check`): what a logon will need of it, before any directory is asked.
inline constexpr Rule kCertificateTime{"harness.preflight.validity", "The certificate is within its validity period",
                                       "RFC 5280 4.1.2.5", "renew the certificate"};
inline constexpr Rule kCertificateSid{
    "harness.preflight.sid",
    "The certificate carries the SID of its account, so that domain controllers can map it strongly",
    "KB5014754, MS-WCCE 2.2.2.7.7.4",
    "have it issued again with the SID extension, or map it explicitly in altSecurityIdentities"};
inline constexpr Rule kCertificatePurpose{"harness.preflight.purpose",
                                          "The extended key usage allows client authentication or smart card logon",
                                          "MS-PKCA 3.1.5.2.1.2", "issue it from a template with Client Authentication"};
inline constexpr Rule kCertificateName{
    "harness.preflight.name", "The subject alternative name holds a UPN or a DNS name, by which an account is found",
    "MS-PKCA 3.1.5.2.1.4", "put the user's UPN or the computer's DNS name into the subject alternative name"};

std::span<const Rule* const> rules();

}  // namespace mimica::harness
