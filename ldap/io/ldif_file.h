// LDIF files of any size, read piece by piece.
#pragma once

#include <functional>
#include <string>

#include "ldap/store/ldif.h"

namespace mimica::ldap {

// Hands out the records in order; stops at the first fault, also one of `take`. A single record may be as large as
// kMaxLdifSize. Faults carry the file's name and line.
Result<void> read_ldif_file(const std::string& path, const std::function<Result<void>(LdifRecord)>& take);

}  // namespace mimica::ldap
