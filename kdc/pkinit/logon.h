// May this certificate log on as this account? The decision of a Windows KDC (MS-PKCA 3.1.5.2, KB5014754, KB5057784) as
// a function of values. kdc/pkinit/gather.h reads the values from a directory.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "core/pki/chain.h"
#include "kdc/events.h"
#include "kdc/mapping/mapping.h"
#include "kdc/policy/policy.h"
#include "ldap/account.h"

namespace mimica::kdc {

struct LogonRequest {
  std::string cname;  // "jane", "jane@contoso.com" (enterprise name) or "LAPTOP-01$"
  Certificate certificate;
  std::vector<Certificate> intermediates;  // that the client sent along
};

// The account whose msDS-KeyCredentialLink holds the certificate's public key.
struct KeyOwner {
  Sid sid;
  std::string sam_account_name;
};

struct LogonFacts {
  std::string cname;
  std::string realm;                    // DNS name of the domain, "contoso.com"
  std::string domain;                   // NetBIOS name, "CONTOSO"
  bool ambiguous = false;               // several accounts have the name
  std::optional<AccountFacts> account;  // empty: nobody has the name
  std::optional<KeyOwner> key_owner;
  CertFacts certificate;
  ChainResult chain;  // with revocation of the leaf
};

struct LogonDecision {
  Decision<Mapped> decision;
  std::vector<Event> events;  // System and Operational logs, in order; of allowed and refused logons alike
  Event audit;                // 4768 of the Security log
};

// Checks in the order of kdc/rules.h. `policy` is that of the same instant.
LogonDecision decide(const LogonFacts& facts, const Policy& policy, Timestamp at);

// Writes the events of a decision, the audit record last, with its trace.
void write(EventLog& log, LogonDecision& decided, std::string_view computer);

}  // namespace mimica::kdc
