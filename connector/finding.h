// What a linter or an importer noticed without refusing anything.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/decision.h"

namespace mimica::connector {

enum class Severity { info, warning, error };
std::string_view to_string(Severity severity);  // "info", "warning", "error"

struct Finding {
  const Rule* rule = nullptr;  // never null
  Severity severity = Severity::warning;
  std::string subject;  // "profile PKCS - Windows", "connector CONNECTOR01"
  std::string pointer;  // JSON pointer (RFC 6901) within a profile; may be empty
  std::string message;  // one line
  std::string hint;     // specific repair; empty: use rule->hint
};
using Findings = std::vector<Finding>;

// "warning  connector.profile.validity  profile X /certificateValidityPeriodValue: …\n  hint: …"
std::string describe(const Finding& finding);
const Finding* find(const Findings& findings, std::string_view rule_id);
bool has_errors(const Findings& findings);

// Findings as the steps of a decision: error fails with `code`, warning warns, info passes; every rule of `checked`
// that produced no finding passes.
Trace trace_of(const Findings& findings, std::span<const Rule* const> checked, Code code);

}  // namespace mimica::connector
