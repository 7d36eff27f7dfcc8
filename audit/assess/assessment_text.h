// An assessment for people and for programs.
#pragma once

#include <string>

#include "audit/assess/assessment.h"

namespace mimica::audit {

// Verdict with its trace, table of modes and periods, what would make the mapping strong with LDIF to paste. `notes`
// say what could not be checked.
std::string to_text(const Assessment& assessment, const std::vector<std::string>& notes, Colour colour);
// One JSON object (docs/kdc-check.md).
std::string to_json(const Assessment& assessment, const std::vector<std::string>& notes);

// "weak: UPN=jane@contoso.com" or "KDC_ERR_CERTIFICATE_MISMATCH (66) by kdc.mapping.strong".
std::string headline(const LogonVerdict& verdict);
// Control characters as \xNN, so that text from a certificate cannot steer a terminal.
std::string printable(std::string_view text);

}  // namespace mimica::audit
