// What a linter, or a check of a file, says about one thing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/decision.h"

namespace mimica::audit {

struct Finding {
  enum class Kind { authority, certificate_template, profile, certificate, scenario } kind = Kind::certificate_template;
  std::string subject;             // its name
  Trace trace;                     // fail: it will not work or is dangerous; warn: worth a look
  std::string detail = {};         // lines about it, each with a final newline; may be empty
  std::vector<Fault> faults = {};  // what could not be read
  bool sound() const { return faults.empty() && trace.deciding() == nullptr; }
};
std::string_view to_string(Finding::Kind kind);  // "ca", "template", "profile", "certificate", "scenario"

// The steps that failed or warn.
Trace notable(const Finding& finding);

}  // namespace mimica::audit
