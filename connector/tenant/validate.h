// The rules of a good profile: what the admin centre refuses at save, and what it accepts although it fails later.
#pragma once

#include <span>

#include "connector/finding.h"
#include "connector/profile/profile.h"

namespace mimica::connector {

// Everything noticed about one profile: import findings, errors that saving refuses, warnings, information.
Findings validate(const Profile& profile);

// May this profile be saved? Refused with E_INVALIDARG by the findings of severity error; warnings stay in the trace.
Decision<Unit> may_save(const Profile& profile);

// May `after` replace the stored `before` (PATCH)? As may_save, and REQ-69: the deployment channel of an assigned
// profile and the type of any profile stay.
Decision<Unit> may_replace(const Profile& before, const Profile& after, bool assigned);

// The rules that validate() checks, in the order of the trace.
std::span<const Rule* const> profile_rules();

}  // namespace mimica::connector
