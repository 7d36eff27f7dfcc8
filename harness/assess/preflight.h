// Real exports held against the rules before anything is changed: Intune profiles as Graph JSON, certificate templates
// as LDIF, certificates, scenarios.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "harness/scenario/scenario.h"

namespace mimica::harness {

struct Preflight {
  std::string subject;        // "profile Intune User", "template IntuneUser", "certificate CN=Jane Doe"
  std::string detail;         // lines about it, each with a final newline; may be empty
  Trace trace;                // fail: it will not work or is dangerous; warn: worth a look
  std::vector<Fault> faults;  // what could not be read
  bool ok() const { return faults.empty() && trace.deciding() == nullptr; }
};

// Tells from the content what it is. `at`: the instant for validity periods. Fault: of no known kind.
Result<std::vector<Preflight>> preflight(const std::string& source, std::string_view content, Timestamp at);

// The rules harness.preflight.* on one certificate.
Trace check_certificate(const Certificate& certificate, Timestamp at);

}  // namespace mimica::harness
