// The rootDSE (MS-ADTS 3.1.1.3.2) and the subschema entry (MS-ADTS 3.1.1.3.1.1.1).
#pragma once

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

Entry root_dse(const State& state, const Caller& caller, const std::vector<std::string>& attributes);
bool is_subschema(const Record& record);
std::vector<std::string> subschema_values(const AttributeType& type);

}  // namespace mimica::ldap::dsa
