#include "connector/finding.h"

namespace mimica::connector {

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return {};
}

std::string describe(const Finding& finding) {
  std::string text(to_string(finding.severity));
  text.resize(9, ' ');
  text += finding.rule->id;
  text += "  " + finding.subject;
  if (!finding.pointer.empty()) text += " " + finding.pointer;
  text += ": " + finding.message;
  const std::string_view hint = finding.hint.empty() ? finding.rule->hint : std::string_view(finding.hint);
  if (!hint.empty()) text += "\n  hint: " + std::string(hint);
  return text;
}

const Finding* find(const Findings& findings, std::string_view rule_id) {
  for (const Finding& finding : findings)
    if (finding.rule->id == rule_id) return &finding;
  return nullptr;
}

bool has_errors(const Findings& findings) {
  for (const Finding& finding : findings)
    if (finding.severity == Severity::error) return true;
  return false;
}

Trace trace_of(const Findings& findings, std::span<const Rule* const> checked, Code code) {
  Trace trace;
  for (const Rule* rule : checked) {
    bool mentioned = false;
    for (const Finding& finding : findings) {
      if (finding.rule != rule) continue;
      mentioned = true;
      const std::string found = finding.pointer.empty() ? finding.message : finding.pointer + ": " + finding.message;
      if (finding.severity == Severity::error)
        trace.fail(*rule, code, found, {}, finding.hint);
      else if (finding.severity == Severity::warning)
        trace.warn(*rule, found, {}, finding.hint);
      else
        trace.pass(*rule, found);
    }
    if (!mentioned) trace.pass(*rule);
  }
  return trace;
}

}  // namespace mimica::connector
