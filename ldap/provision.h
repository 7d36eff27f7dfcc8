// What administrators do all day; each returns the DN. They work over any Directory that assigns objectSid itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ldap/directory.h"

namespace mimica::ldap {

struct UserSpec {
  std::string name;                      // sAMAccountName
  std::string display_name = {};         // default: name; also the cn
  std::string upn = {};                  // default: name@<domain>
  std::string mail = {};                 // empty: none
  std::string password = {};             // empty: the account cannot bind
  std::string container = {};            // DN; default CN=Users,<domain>
  std::vector<std::string> groups = {};  // sAMAccountNames
  std::vector<std::string> alt_security_identities = {};
};
Result<std::string> add_user(Directory&, const NamingContexts&, const UserSpec&);
struct ComputerSpec {
  std::string name;                // without '$'
  std::string dns_host_name = {};  // default: name.<domain>
  std::string password = {};
  bool domain_controller = false;
  std::vector<std::string> groups = {};
};
Result<std::string> add_computer(Directory&, const NamingContexts&, const ComputerSpec&);
struct GroupSpec {
  std::string name;
  std::vector<std::string> members = {};  // sAMAccountNames
};
Result<std::string> add_group(Directory&, const NamingContexts&, const GroupSpec&);
Result<void> add_member(Directory&, const NamingContexts&, std::string_view group, std::string_view member);

// The base of a forest's template OIDs: 1.3.6.1.4.1.311.21.8 and the objectGUID of CN=OID,CN=Public Key Services in
// wire order, cut into five 24-bit numbers and the last octet (observed on Windows Server 2016).
std::string template_oid_base(const Guid& oid_container);
// "DC=contoso,DC=com" -> "contoso.com"; empty when the DN has other parts.
std::string dns_name_of(std::string_view domain_dn);
// The value of unicodePwd for a new password: the quoted text in UTF-16LE (MS-ADTS 3.1.1.3.1.5.1).
std::string unicode_password(std::string_view password);

}  // namespace mimica::ldap
