// Binding: name forms (MS-ADTS 5.1.1.1.1), account state, and the token of the bound account.
#pragma once

#include <set>

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

std::string principal_name(const State& state, const Record& account);  // CONTOSO\jane
std::set<Sid> token_groups(const State& state, const Record& account);
Result<Caller> bind(const State& state, std::string_view name, std::string_view password);
Result<Caller> impersonate(const State& state, std::string_view account_name);

}  // namespace mimica::ldap::dsa
