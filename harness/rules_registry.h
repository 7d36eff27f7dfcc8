// Every rule of the program, for docs/rules.md, for stored traces and for checking the rule ids in scenarios.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/decision.h"

namespace mimica::harness {

struct RuleGroup {
  std::string_view folder;  // "templates"
  std::span<const Rule* const> rules;
};
// In the order of a request's way: connector, ca, templates, kdc, harness.
std::span<const RuleGroup> rule_groups();
std::span<const Rule* const> all_rules();
std::vector<std::string> all_rule_ids();

// docs/rules.md and docs/errors.md.
std::string rules_markdown();
std::string errors_markdown();

}  // namespace mimica::harness
