#include "ldap/dsa/caller.h"

namespace mimica::ldap {

Caller Caller::system() {
  Caller out;
  out.token.user = sids::kSystem;
  out.token.sids = {sids::kSystem, sids::kBuiltinAdministrators, sids::kEveryone, sids::kAuthenticatedUsers};
  out.name = "u:NT AUTHORITY\\SYSTEM";
  out.is_system = true;
  return out;
}

}  // namespace mimica::ldap
