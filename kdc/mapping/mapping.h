// Does this certificate map to this account, and strongly enough? MS-PKCA 3.1.5.2.1.1-6, KB5014754 and KB5057784 as a
// function of values. Chain, purpose and key trust are judged before (kdc/pkinit/logon.h).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "kdc/events.h"
#include "kdc/mapping/alt_security_identities.h"
#include "kdc/policy/policy.h"
#include "ldap/account.h"

namespace mimica::kdc {

// What the mapping looks at in a certificate. Built once per certificate.
struct CertFacts {
  Certificate certificate;             // for diagnoses; the decision itself looks at the fields below
  std::string upn;                     // first UPN of the SAN; empty: none
  std::vector<std::string> dns_names;  // of the SAN
  std::optional<Sid> sid;              // security extension
  bool sid_unreadable = false;         // the extension is there but malformed: treated as absent
  std::vector<std::string> sid_uris;   // SAN URIs with the SID tag, as written
  std::vector<Oid> policies;           // certificatePolicies
  std::vector<IdentityKey> keys;       // every altSecurityIdentities form
  std::string explicit_mapping;        // the X509:<I>…<SR>… value for hints
  Bytes issuer_thumbprint;             // SHA-1 of the issuing CA's certificate; empty if unknown
  bool issuer_in_nt_auth = false;
  Timestamp not_before;
  CertificateText text;
};
// `issuer`: the CA certificate that the chain found; nullptr when there is none.
CertFacts cert_facts(const Certificate& certificate, const Certificate* issuer, bool issuer_in_nt_auth);

// Whom the SAN UPN leads to (MS-ADTS 3.1.1.13.7), seen from the account that logs on.
enum class UpnOwner { this_account, another_account, nobody, ambiguous };

struct StoredIdentity {
  std::string value;  // as the directory has it
  AltSecurityIdentity identity;
  IdentityKey key;
};

struct AccountFacts {
  ldap::Account account;
  std::string realm;  // DNS name of the domain
  UpnOwner upn_owner = UpnOwner::nobody;
  std::string upn_owner_name;              // sAMAccountName of another_account
  std::vector<StoredIdentity> identities;  // readable X509 values of altSecurityIdentities
  std::vector<std::string> unreadable;     // "X509:…" values that no KDC would build, with the reason
};
AccountFacts account_facts(const ldap::Account& account, std::string_view realm, UpnOwner upn_owner,
                           std::string_view upn_owner_name = {});

struct Mapped {
  ldap::Account account;
  std::string how;  // "sid", "uri", "key-trust", "alt-security-identity", "name-policy", "weak"
  bool strong = false;
  std::string mapping;  // the name or value that mapped: "UPN=jane@contoso.com", "X509:<I>…<SR>…"
};

// The order of MS-PKCA: names, explicit mappings, NTAuth, strength, SID extension, SAN URI, and for weak mappings the
// mode of the policy. Refusals: KDC_ERR_CLIENT_NAME_MISMATCH, KDC_ERR_CLIENT_NOT_TRUSTED, KDC_ERR_CERTIFICATE_MISMATCH.
// A warning step says what passes now and from which date it does not.
Decision<Mapped> map_certificate(const CertFacts& certificate, const AccountFacts& account, const Policy& policy);

// The events of the mapping steps of a trace (39, 40, 41, 45, 313; 21 for NTAuth), in their order.
std::vector<Event> mapping_events(const Trace& trace, const CertFacts& certificate, const AccountFacts& account,
                                  const Policy& policy, std::string_view domain, Timestamp at);

}  // namespace mimica::kdc
