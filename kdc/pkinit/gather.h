// Everything a certificate logon is decided from, read from the directory and from where revocation lists are
// published.
#pragma once

#include <string_view>

#include "kdc/pkinit/logon.h"
#include "kdc/pkinit/revocation.h"
#include "ldap/directory.h"

namespace mimica::kdc {

inline constexpr std::size_t kMaxClientIntermediates = 16;  // taken from the request

// What every logon needs of the directory, whoever logs on. Read once for many certificates.
struct Trust {
  ldap::NamingContexts contexts;
  std::string realm;                       // DNS name of the domain
  std::string domain;                      // NetBIOS name
  std::vector<Certificate> anchors;        // CN=Certification Authorities
  std::vector<Certificate> nt_auth;        // CN=NTAuthCertificates
  std::vector<Certificate> intermediates;  // CN=AIA
};
// Values that are no certificates are passed over, containers that are missing count as empty.
Result<Trust> read_trust(ldap::Directory& directory);

// Account by MS-KILE 3.3.5.6.1; owner of the SAN UPN by MS-ADTS 3.1.1.13.7. Revocation is asked for only where the
// chain leads to a trusted root, so that a stranger's certificate makes nobody connect anywhere. Faults only when the
// directory cannot answer.
Result<LogonFacts> gather(ldap::Directory& directory, const Trust& trust, RevocationSource& revocation,
                          const LogonRequest& request, Timestamp at, RevocationUse use = RevocationUse::online);
Result<LogonFacts> gather(ldap::Directory& directory, RevocationSource& revocation, const LogonRequest& request,
                          Timestamp at, RevocationUse use = RevocationUse::online);
// How a domain controller so configured uses its cache.
RevocationUse revocation_use(const KdcConfig& config);

// gather and decide with the policy in force.
Result<LogonDecision> logon(ldap::Directory& directory, const Trust& trust, RevocationSource& revocation,
                            const LogonRequest& request, const KdcConfig& config, Timestamp at);
Result<LogonDecision> logon(ldap::Directory& directory, RevocationSource& revocation, const LogonRequest& request,
                            const KdcConfig& config, Timestamp at);

}  // namespace mimica::kdc
