// Is a template fit for Intune PKCS profiles, and safe? Findings carry the rules templates.lint.* (REQ-29 to REQ-48).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/decision.h"
#include "templates/permission.h"
#include "templates/template.h"

namespace mimica::audit {

enum class Platform { windows, ios, macos, android };

struct LintContext {
  std::vector<Platform> platforms;  // of the profiles that use the template; empty: not known, so any
  std::optional<Token> connector;   // the account that requests; absent: its permission is not checked
  std::string connector_name;
  std::optional<bool> published;    // a CA publishes it; absent: not known
  std::optional<bool> may_request;  // the connector's account holds Request Certificates on the CA
  std::optional<bool> may_revoke;   // and Issue and Manage Certificates
  templates::NameOf name_of;
};

// One step for every rule, in the order of template_linter_rules.h: pass, fail (it will not work, or it is dangerous),
// warn (worth a look) or not applicable.
Trace lint(const templates::CertificateTemplate& value, const LintContext& context);

// Groups that every account or computer of a domain is in, so that granting them Enroll means granting it to everybody:
// Everyone, Authenticated Users, Anonymous, BUILTIN\Users and Guests, Pre-Windows 2000 Compatible Access, and Domain
// Users, Domain Guests and Domain Computers of any domain.
bool is_low_privileged(const Sid& sid);
// The certificate can be used to log on: Client Authentication, Smart Card Logon, PKINIT client, any purpose, or no
// purpose at all. Names the purpose, empty when it cannot.
std::string authentication_purpose(const templates::CertificateTemplate& value);

}  // namespace mimica::audit
