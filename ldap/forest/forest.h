// The forest of a fresh domain, before a CA is installed.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/base/entropy.h"
#include "core/base/time.h"
#include "ldap/dsa/dsa.h"

namespace mimica::ldap {

struct ForestOptions {
  std::string dns_name = "contoso.com";
  std::string netbios_name = "CONTOSO";
  std::string dc_host = "dc01";
  std::optional<Sid> domain_sid = {};  // default: from entropy
  std::string administrator_password = "Passw0rd!";
};

// The default forest of a fresh domain with the PKI containers an Enterprise CA finds (MS-WCCE 2.2.2.11): naming
// contexts, schema with subschema entry, well-known users and groups, domain controller, Extended-Rights, Public Key
// Services. Templates and CA objects are added by the templates and ca folders. Clock and entropy must outlive the
// Dsa.
Result<std::unique_ptr<Dsa>> create_forest(const ForestOptions& options, const Clock& clock, Entropy& entropy);

}  // namespace mimica::ldap
