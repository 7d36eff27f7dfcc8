// Every rule and every kind of event of the program, for the generated documents, for stored traces and for checking
// the rule ids in scenarios.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/base/decision.h"
#include "core/windows/event_log.h"

namespace mimica::harness {

struct RuleGroup {
  std::string_view folder;  // "templates"
  std::span<const Rule* const> rules;
};
// In the order of a request's way: connector, ca, templates, kdc, harness.
std::span<const RuleGroup> rule_groups();
std::span<const Rule* const> all_rules();
std::vector<std::string> all_rule_ids();

// In the order of their parties: connector, ca, kdc.
std::span<const EventKind* const> all_event_kinds();

// docs/rules.md, docs/errors.md and docs/events.md.
std::string rules_markdown();
std::string errors_markdown();
std::string events_markdown();

}  // namespace mimica::harness
