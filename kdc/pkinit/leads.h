// Which accounts a certificate leads to, when nobody says as whom it is to log on.
#pragma once

#include <string>
#include <vector>

#include "core/pki/certificate.h"
#include "kdc/pkinit/gather.h"
#include "ldap/account.h"

namespace mimica::kdc {

struct Lead {
  ldap::Account account;
  std::vector<std::string> by;  // "UPN", "DNS name", "altSecurityIdentities", "SID"
};

struct Leads {
  std::vector<Lead> accounts;          // names before explicit mappings before the SID alone; each account once
  std::vector<std::string> ambiguous;  // names that several accounts have
};

// Faults only when the directory cannot answer.
Result<Leads> find_leads(ldap::Directory& directory, const Trust& trust, const Certificate& certificate);

}  // namespace mimica::kdc
