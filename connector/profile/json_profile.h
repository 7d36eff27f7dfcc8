// Pieces of the Graph JSON codec that the profile and the assignment code share. Private to this folder.
#pragma once

#include <vector>

#include "connector/profile/assignment.h"
#include "core/base/json_document.h"

namespace mimica::connector {

Result<std::vector<Assignment>> read_assignments(const ObjectReader& reader, std::string_view key);
boost::json::array assignments_json(const std::vector<Assignment>& assignments);

}  // namespace mimica::connector
