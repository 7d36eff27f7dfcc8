// Objects of a directory as a live-diff script prints them (LiveDiffAD): values as text, as .NET shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/import/export_json.h"
#include "core/base/fault.h"
#include "ldap/entry.h"

namespace mimica::audit {

struct LiveDiffObject {
  ldap::Entry entry;  // the directory's own values
  Kept kept, kept_attributes;
};
struct LiveDiff {
  Sid domain;  // resolves aliases in security descriptors
  std::vector<LiveDiffObject> objects;
  Kept kept;
};

// Octet strings become octets, SDDL the binary descriptor, True TRUE, times GeneralizedTime. What an attribute's syntax
// does not allow is kept as text. Faults (E_INVALIDARG): no JSON, or no list "objects".
Result<LiveDiff> read_live_diff(std::string_view bytes, std::string_view source = "live diff");
std::string write_live_diff(const LiveDiff& document);

}  // namespace mimica::audit
