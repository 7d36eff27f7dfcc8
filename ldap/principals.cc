#include "ldap/principals.h"

#include <utility>

#include "ldap/account.h"

namespace mimica::ldap {
namespace {

constexpr std::pair<std::string_view, const Sid*> kWellKnownPrincipals[] = {
    {"Everyone", &sids::kEveryone},
    {"Authenticated Users", &sids::kAuthenticatedUsers},
    {"NT AUTHORITY\\Authenticated Users", &sids::kAuthenticatedUsers},
    {"SYSTEM", &sids::kSystem},
    {"NT AUTHORITY\\SYSTEM", &sids::kSystem},
    {"Administrators", &sids::kBuiltinAdministrators},
    {"BUILTIN\\Administrators", &sids::kBuiltinAdministrators},
    {"BUILTIN\\Users", &sids::kBuiltinUsers},
};

// Groups by sAMAccountName, with or without the domain's NetBIOS name or BUILTIN before it.
Result<std::optional<Sid>> group_sid(Directory& directory, const NamingContexts& contexts, std::string_view name) {
  const auto slash = name.find('\\');
  if (slash != std::string_view::npos && !equals_ignore_case(name.substr(0, slash), "BUILTIN")) {
    MIMICA_TRY(const auto domain, netbios_name(directory, contexts));
    if (!equals_ignore_case(name.substr(0, slash), domain)) return std::optional<Sid>{};
  }
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  MIMICA_TRY(const auto found,
             directory.search({.base = contexts.domain,
                               .filter = "(&(objectClass=group)(sAMAccountName=" + escape_filter(name) + "))",
                               .attributes = {"objectSid"}}));
  if (found.size() != 1) return std::optional<Sid>{};
  return found.front().sid("objectSid");
}

}  // namespace

Result<std::optional<Sid>> principal_sid(Directory& directory, const NamingContexts& contexts, std::string_view name) {
  for (const auto& [known, sid] : kWellKnownPrincipals)
    if (equals_ignore_case(known, name)) return std::optional<Sid>(*sid);
  if (const Result<Sid> sid = Sid::parse(name)) return std::optional<Sid>(*sid);
  MIMICA_TRY(const auto account, account_by_any_name(directory, contexts, name));
  if (account) return std::optional<Sid>(account->sid);
  return group_sid(directory, contexts, name);
}

}  // namespace mimica::ldap
