// Known misconfigurations of certificate templates (ESC1, 2, 3, 4, 9, 13, 15). Pure; what the CA decides beside the
// template is given as an Exposure. The weaknesses of a CA itself, and the one entry over a whole forest, are in
// audit/lint/authority_linter.h.
#pragma once

#include <string>
#include <vector>

#include "core/base/decision.h"
#include "ldap/entry.h"
#include "templates/permission.h"
#include "templates/template.h"

namespace mimica::audit {

// An issuance policy whose msPKI-Enterprise-Oid object names a group in msDS-OIDToGroupLink.
struct LinkedPolicy {
  Oid policy;
  std::string name;   // displayName
  std::string group;  // DN
};
// The linked ones among entries of class msPKI-Enterprise-Oid; others are passed over.
std::vector<LinkedPolicy> linked_policies(const std::vector<ldap::Entry>& oid_objects);

// What surrounds the template. The defaults are the worst case: a single template, seen alone, is judged as if a CA
// published it and let everybody ask.
struct Exposure {
  bool published = true;                   // a CA issues for it
  bool requests_open = true;               // and lets low-privileged groups request certificates
  bool application_policy_update = true;   // every such CA has the update of November 2024 (CVE-2024-49019)
  bool agents_open = true;                 // EnrollmentAgentRights of such a CA does not stop a low-privileged agent
  std::vector<std::string> agent_targets;  // published templates for which accepts_agent() holds, by cn
  std::vector<LinkedPolicy> linked_policies;
  templates::NameOf name_of;
};

// One step for each rule templates.lint.esc*, in their order: fail where a low-privileged account gains something,
// pass otherwise (the text says what is missing, or what stands in between), not applicable where the facts needed are
// not known, as in exports without security descriptors.
//
// Who is low-privileged is decided by the entries of the access list alone (is_low_privileged): groups nested in other
// groups are not expanded.
Trace lint_weaknesses(const templates::CertificateTemplate& value, const Exposure& exposure);

// Whether a certificate of an enrollment agent obtains certificates of this template for somebody else, with which one
// can log on: schema version 1, or one authorised signature of a Certificate Request Agent, and no manager approval.
bool accepts_agent(const templates::CertificateTemplate& value);

// Low-privileged groups that may enroll, in stored order.
std::vector<Sid> low_privileged_enrollers(const templates::CertificateTemplate& value);

// Who of the low-privileged groups may change the object, and how: "WriteDacl", "WriteOwner", "WriteProperty", "Write
// msPKI-Enrollment-Flag", "Owner". An Enroll entry, which carries the bit for writing properties, confers nothing: its
// object type names no attribute.
struct WriteAccess {
  Sid who;
  std::vector<std::string> rights;
  bool operator==(const WriteAccess&) const = default;
};
std::vector<WriteAccess> low_privileged_writers(const SecurityDescriptor& security);

}  // namespace mimica::audit
