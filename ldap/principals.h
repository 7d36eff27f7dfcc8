// Names of principals in access control entries: accounts, groups and the well-known ones.
#pragma once

#include <optional>
#include <string_view>

#include "core/windows/sid.h"
#include "ldap/directory.h"

namespace mimica::ldap {

// "Authenticated Users", "BUILTIN\\Administrators", "Domain Users", "CONTOSO\\jane", "CONNECTOR01$", a DN or a SID.
// Fault ERROR_NONE_MAPPED when nobody has the name.
Result<std::optional<Sid>> principal_sid(Directory& directory, const NamingContexts& contexts, std::string_view name);

}  // namespace mimica::ldap
