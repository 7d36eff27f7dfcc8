// Who performs an operation on the directory.
#pragma once

#include <string>

#include "ldap/account.h"

namespace mimica::ldap {

// Administrators (Domain Admins, Enterprise Admins, BUILTIN\Administrators, SYSTEM) may write.
struct Caller {
  Token token;             // empty user: anonymous
  std::string bound_dn;    // DN of the bound account; empty for anonymous and system
  std::string name;        // what Who Am I answers: "u:CONTOSO\\jane"
  bool is_system = false;  // the harness itself: bypasses access control, may set system-owned attributes
  bool anonymous() const { return !is_system && token.user.empty(); }
  static Caller system();
};

}  // namespace mimica::ldap
