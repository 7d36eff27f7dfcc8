// Who may write what, and the security descriptors of new and changed objects (MS-ADTS 5.1.3, 6.1.3; MS-DTYP 2.5.3.4).
#pragma once

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

bool is_administrator(const Caller& caller, const Sid& domain);
bool holds_right(const State& state, const Caller& caller, const Record& record, std::uint32_t right,
                 std::string_view object_type = {});
Result<void> may_write(const State& state, const Caller& caller, const Record& record, const AttributeType& type);
std::string new_descriptor(State& state, const Caller& caller, const Record* parent, const ObjectClass& object_class,
                           std::string_view requested, bool in_domain);
std::string changed_descriptor(const State& state, const Caller& caller, const Record& record,
                               std::string_view requested, std::uint32_t parts);
void propagate_descriptor(State& state, RecordId from);  // inherited ACEs of everything below

}  // namespace mimica::ldap::dsa
