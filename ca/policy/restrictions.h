// Restricted certificate managers and enrollment agents (registry OfficerRights and EnrollmentAgentRights, MS-CSRA
// 2.2.1.11): who may handle whose requests for which template.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/decision.h"
#include "core/windows/security_descriptor.h"
#include "templates/permission.h"
#include "templates/template.h"

namespace mimica::ca {

// One callback ACE (type 0x09 or 0x0A, mask 0x00010000).
struct Restriction {
  Sid principal;  // the manager or agent, or a group
  bool allow = true;
  std::vector<Sid> about;     // requesters or subjects, or groups; Everyone: all
  std::string template_name;  // cn, or the OID of a version 2 template; empty: all
  bool operator==(const Restriction&) const = default;
};

inline constexpr std::size_t kMaxRestrictions = 1024;

// Faults: ERROR_INVALID_DATA for a descriptor with other ACEs or malformed application data.
Result<std::vector<Restriction>> parse_restrictions(const SecurityDescriptor& descriptor);
SecurityDescriptor make_restrictions(std::span<const Restriction> restrictions);

struct RestrictionCase {
  const std::optional<SecurityDescriptor>* restrictions = nullptr;  // absent: everybody may do everything
  const Token* principal = nullptr;
  std::string principal_name;
  const Token* about = nullptr;  // the requester or subject
  std::string about_name;
  const templates::CertificateTemplate* requested = nullptr;  // nullptr: a request without a template
};
// Adds a step for `rule`. The first ACE that applies decides; none applies: CERTSRV_E_RESTRICTEDOFFICER.
bool check_restriction(const RestrictionCase& question, const Rule& rule, Trace& trace);

}  // namespace mimica::ca
