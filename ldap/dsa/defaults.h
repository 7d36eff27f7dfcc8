// What the directory itself writes into new and changed entries.
#pragma once

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

// A new change number and the time of the change.
void touch(State& state, Record& record);
// sAMAccountType follows userAccountControl and groupType (MS-ADTS 3.1.1.8.1).
void update_account_type(Record& record);
// Everything that an added entry leaves out: for accounts SID, flags and primary group too.
void add_defaults(State& state, const Caller& caller, Record& record);

}  // namespace mimica::ldap::dsa
