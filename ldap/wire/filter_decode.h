// The filter of a search request (RFC 4511 4.5.1.7).
#pragma once

#include "ldap/filter.h"
#include "ldap/wire/ber_reader.h"

namespace mimica::ldap {

// Bounded in depth and in parts (kMaxFilterDepth, kMaxFilterNodes). Faults: protocolError.
Result<Filter> read_filter(BerReader& reader);

}  // namespace mimica::ldap
