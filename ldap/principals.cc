#include "ldap/principals.h"

#include <utility>

#include "ldap/account.h"

namespace mimica::ldap {
namespace {

constexpr std::pair<std::string_view, const Sid*> kWellKnown[] = {
    {"Everyone", &sids::kEveryone},
    {"Authenticated Users", &sids::kAuthenticatedUsers},
    {"NT AUTHORITY\\Authenticated Users", &sids::kAuthenticatedUsers},
    {"SYSTEM", &sids::kSystem},
    {"NT AUTHORITY\\SYSTEM", &sids::kSystem},
    {"Administrators", &sids::kBuiltinAdministrators},
    {"BUILTIN\\Administrators", &sids::kBuiltinAdministrators},
    {"BUILTIN\\Users", &sids::kBuiltinUsers},
};

}  // namespace

Result<Sid> principal_sid(Directory& directory, const NamingContexts& contexts, std::string_view name) {
  for (const auto& [known, sid] : kWellKnown)
    if (equals_ignore_case(known, name)) return *sid;
  if (Result<Sid> sid = Sid::parse(name)) return sid;
  MIMICA_TRY(const auto account, account_by_any_name(directory, contexts, name));
  if (account) return account->sid;
  return fault(HResult::ERROR_NONE_MAPPED, "no account or group is named '" + std::string(name) + "'", {},
               "computer accounts end in '$', as in CONNECTOR01$");
}

}  // namespace mimica::ldap
