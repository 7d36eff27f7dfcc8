// A certificate on its own: what a logon will need of it, before any directory is asked.
#pragma once

#include "core/base/decision.h"

namespace mimica::audit::rule {

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

}  // namespace mimica::audit::rule
