// Every check of exports, configurations and fleets: what linters and assessments say of them.
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::audit {

// For docs/rules.md and for reading traces back.
std::span<const Rule* const> rules();

}  // namespace mimica::audit
