// What an entry must be read with for account_from_entry (ldap/account.h).
#pragma once

#include <string>
#include <vector>

namespace mimica::ldap {

const std::vector<std::string>& account_attributes();

}  // namespace mimica::ldap
