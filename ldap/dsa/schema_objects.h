// The attributeSchema and classSchema objects. Hundreds of entries that few clients read: they are made when a request
// first names the schema naming context, with GUIDs that depend on the forest alone.
#pragma once

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

// Whether the objects that a request for `dn` may find are still to be made. Needs no lock: it reads only what is set
// once, and State::schema_loaded, which is atomic.
bool needs_schema_objects(const State& state, std::string_view dn);
void load_schema_objects(State& state);

}  // namespace mimica::ldap::dsa
