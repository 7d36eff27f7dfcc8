// How a request names entries: DN or alternative form, and what lies below a base.
#pragma once

#include <string_view>
#include <vector>

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

// noSuchObject, or a referral for a name outside the naming contexts.
Fault missing(const State& state, std::string_view dn);
// A DN in any spelling, <GUID=...>, <SID=...> or <WKGUID=...,dn> (MS-ADTS 3.1.1.3.1.2.4).
Result<RecordId> resolve_base(const State& state, std::string_view base);
// In the order of the answers to a search.
std::vector<RecordId> scope_members(const State& state, RecordId base, Scope scope);
bool in_scope(const State& state, const Record& record, RecordId base, Scope scope);

}  // namespace mimica::ldap::dsa
