// What the linter needs, out of a directory export.
#pragma once

#include <vector>

#include "audit/lint/authority_linter.h"
#include "ldap/entry.h"

namespace mimica::audit {

struct ExportedForest {
  ForestFacts forest;
  std::vector<AuthorityFacts> authorities;
  std::vector<Fault> unreadable;  // templates that could not be read; the others are judged
};
// Templates, issuance policies and enrollment services among the entries; everything else is passed over. The settings
// of a CA are not in the directory: they stay unknown.
ExportedForest forest_of(const std::vector<ldap::Entry>& entries);

}  // namespace mimica::audit
