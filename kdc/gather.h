// Everything a certificate logon is decided from, read from the directory and from where revocation lists are
// published.
#pragma once

#include <string_view>

#include "kdc/logon.h"
#include "ldap/directory.h"

namespace mimica::kdc {

// Where revocation lists come from: HTTP, a cache, a fixed table in tests. `ldap:///` URLs never get here; they are
// answered by the directory. Any Fault counts as "could not be fetched", which leaves the status unknown.
class RevocationSource {
 public:
  virtual ~RevocationSource() = default;
  virtual Result<Bytes> fetch(std::string_view url) = 0;  // DER or PEM of a CRL
};

inline constexpr std::size_t kMaxDistributionPoints = 8;    // tried in order, of the leaf
inline constexpr std::size_t kMaxClientIntermediates = 16;  // taken from the request

// Account by MS-KILE 3.3.5.6.1; owner of the SAN UPN by MS-ADTS 3.1.1.13.7; roots from CN=Certification Authorities,
// CAs from CN=AIA and CN=NTAuthCertificates of the configuration. Values there that are no certificates are passed
// over. Faults only when the directory cannot answer.
Result<LogonFacts> gather(ldap::Directory& directory, RevocationSource& revocation, const LogonRequest& request,
                          Timestamp at);

// gather and decide with the policy in force.
Result<LogonDecision> logon(ldap::Directory& directory, RevocationSource& revocation, const LogonRequest& request,
                            const KdcConfig& config, Timestamp at);

}  // namespace mimica::kdc
