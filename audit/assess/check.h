// Files held against the rules before anything is changed: profiles, templates, CAs and certificates, each on its own.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "audit/import/formats.h"
#include "core/base/time.h"

namespace mimica::audit {

struct CheckContext {
  Timestamp at;                                            // for validity periods
  std::function<std::string(const Certificate&)> details;  // lines about a certificate; may be empty
};

// The rules harness.preflight.* on one certificate.
Trace check_certificate(const Certificate& certificate, Timestamp at);

// Everything but templates and CAs, which a linter judges together with those of other files.
std::vector<Finding> check_parts(const Imported& file, const CheckContext& context);

// Everything; templates by their fitness for Intune PKCS profiles. Fault: an export without a template or a CA.
Result<std::vector<Finding>> check(const Imported& file, const std::string& source, const CheckContext& context);

}  // namespace mimica::audit
