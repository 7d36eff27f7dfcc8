// Adding, changing, renaming and removing entries. Each operation drafts the new record, checks it and only then stores
// it.
#pragma once

#include "ldap/dsa/passwords.h"
#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

Result<void> add(State& state, const Caller& caller, const Entry& entry);
Result<void> modify(State& state, const Caller& caller, std::string_view dn, const std::vector<Modification>& changes,
                    const Dsa::WriteOptions& options);
Result<void> modify_dn(State& state, const Caller& caller, std::string_view dn, std::string_view new_rdn,
                       bool delete_old_rdn, const std::optional<std::string>& new_superior);
Result<void> remove(State& state, const Caller& caller, std::string_view dn, const Dsa::WriteOptions& options);

// The record that add() stores, checked completely.
Result<Record> draft_add(State& state, const Caller& caller, const Entry& entry, Passwords& passwords);

}  // namespace mimica::ldap::dsa
