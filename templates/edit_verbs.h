// The names under which scenario scripts call the edits.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "templates/edit.h"

namespace mimica::templates {

// "CONNECTOR01$", "Domain Users", "CONTOSO\\jane", "S-1-5-…" to a SID; a Fault for unknown accounts.
using SidOf = std::function<Result<Sid>(std::string_view account)>;

struct VerbInfo {
  std::string_view verb;      // "publish_in_ad"
  std::string_view argument;  // "true or false"
  std::string_view effect;    // one sentence
};
// Every verb that scenario scripts can use, in the order of the console's tabs.
std::span<const VerbInfo> verbs();

// {"subject", "supplied_in_request"}, {"private_key", "exportable"}, {"minimum_key_size", "2048"}, {"publish_in_ad",
// "false"},
// {"allow_enroll", "CONNECTOR01$"}, {"remove", "Domain Users"}, ... Faults name the nearest verb or the allowed
// arguments.
Result<Edit> parse_edit(std::string_view verb, std::string_view argument, const SidOf& sid_of);

}  // namespace mimica::templates
