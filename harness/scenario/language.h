// The scenario language as a table of types: every key a scenario may have, with its meaning and default.
#pragma once

#include "harness/schema/schema.h"

namespace mimica::harness {

// The whole document.
const schema::Type& scenario_language();
// A document that describes a lab only (`mimica up`): the same, steps not being required by either.
const schema::Type& step_language();

// scenarios/schema.json and docs/scenarios.md.
std::string scenario_json_schema();
std::string scenario_reference();

// The commented starter that `mimica new` writes.
std::string scenario_starter(const std::string& schema_path = "schema.json");

}  // namespace mimica::harness
