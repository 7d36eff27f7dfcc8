// Known misconfigurations of a certification authority (ESC6, 7, 8, 11, 16), and of a whole forest: every template with
// what its CAs make of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/finding.h"
#include "audit/lint/template_weakness.h"
#include "ca/registry/config.h"
#include "core/base/decision.h"
#include "templates/template.h"

namespace mimica::audit {

// What is known about one CA. Exports know parts only; what is absent is not judged.
struct AuthorityFacts {
  std::string name;
  std::vector<std::string> published;  // certificateTemplates: names (cn)
  std::optional<std::uint32_t> edit_flags;
  std::optional<SecurityDescriptor> security;
  std::optional<std::vector<Oid>> disabled_extensions;  // DisableExtensionList
  std::optional<std::uint32_t> interface_flags;
  std::optional<bool> web_enrollment;     // reachable without HTTPS
  bool sid_extension_update = true;       // May 2022, KB5014754
  bool application_policy_update = true;  // November 2024, CVE-2024-49019
  // EnrollmentAgentRights: absent means that every agent may act for everybody (MS-CSRA 2.2.1.11).
  std::optional<SecurityDescriptor> enrollment_agent_rights;
};
AuthorityFacts facts_of(const ca::CaConfig& config, std::vector<std::string> published);

struct ForestFacts {
  std::vector<templates::CertificateTemplate> templates;
  std::vector<LinkedPolicy> linked_policies;
  templates::NameOf name_of;
};

// One step for each rule ca.lint.esc*. `forest` tells which certificates the CA's settings matter for.
Trace lint_configuration(const AuthorityFacts& authority, const ForestFacts& forest);

// Every CA first, then every template in the given order. A template counts as published when one of the CAs publishes
// it; where several do, the weakest decides. Without any CA, templates are judged as if one published all of them.
std::vector<Finding> lint_authority(const std::vector<AuthorityFacts>& authorities, const ForestFacts& forest);

// The same as one trace: for each rule the worst verdict, with the subjects concerned in its text.
Trace summary(const std::vector<Finding>& findings);

// JSON: {"findings": [{"kind", "subject", "sound", "trace": [...]}], "sound": bool}; "faults" of what could not be
// read.
std::string to_json(const std::vector<Finding>& findings);
// Text: what failed or is worth a look, then one line of totals.
std::string to_text(const std::vector<Finding>& findings, Colour colour = Colour::none);

}  // namespace mimica::audit
