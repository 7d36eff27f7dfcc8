// Values, classes and uniqueness: what must hold of every stored record.
#pragma once

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

// The values in the spelling in which they are stored.
Result<std::vector<std::string>> checked_values(const State& state, const AttributeType& type,
                                                const std::vector<std::string>& values);
// The whole chain of classes; the last element is the class that governs, auxiliary classes stand before it.
// `rule` is the one that refuses.
Result<std::vector<const ObjectClass*>> checked_classes(const Rule& rule, const std::vector<std::string>& names);
Result<void> check_record(const Record& record);
Result<void> check_unique(const State& state, const Record& record);

}  // namespace mimica::ldap::dsa
