// Reading: naming contexts, attribute selection, computed attributes.
#pragma once

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

Result<Dsa::SearchAnswer> search(const State& state, const Caller& caller, const SearchRequest& request,
                                 const Filter& filter, const Dsa::SearchOptions& options);
Result<bool> compare(const State& state, const Caller& caller, std::string_view dn, std::string_view attribute,
                     std::string_view value);

}  // namespace mimica::ldap::dsa
