// Refusals that come as Faults: an operation of a store or a directory answers Result<T>, and its Fault names the rule
// that decided it.
#pragma once

#include "core/base/decision.h"

namespace mimica {

Fault refused_by(const Rule& rule, Fault refusal);

// The trace of a refusal: its rule, code, what was found and how to repair it. Empty for a Fault without a rule. The
// text of an LDAP fault is a server's diagnostic for clients and becomes a fact; what was found stands in its hint.
Trace trace_of(const Fault& refusal);

}  // namespace mimica
