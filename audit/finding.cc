#include "audit/finding.h"

namespace mimica::audit {

std::string_view to_string(Finding::Kind kind) {
  switch (kind) {
    case Finding::Kind::authority:
      return "ca";
    case Finding::Kind::certificate_template:
      return "template";
    case Finding::Kind::profile:
      return "profile";
    case Finding::Kind::certificate:
      return "certificate";
    case Finding::Kind::scenario:
      return "scenario";
  }
  return {};
}

Trace notable(const Finding& finding) {
  Trace out;
  for (const Step& step : finding.trace.steps())
    if (step.verdict == Verdict::fail || step.verdict == Verdict::warn) out.add(step);
  return out;
}

}  // namespace mimica::audit
