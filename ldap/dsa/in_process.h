// The Directory interface over a Dsa in the same process.
#pragma once

#include <memory>

#include "ldap/directory.h"
#include "ldap/dsa/dsa.h"

namespace mimica::ldap {

// `dsa` must outlive the answer.
std::unique_ptr<Directory> in_process(Dsa& dsa, Caller caller);

}  // namespace mimica::ldap
