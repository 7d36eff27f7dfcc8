// Real exports held against the rules before anything is changed, and scenarios beside them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "audit/assess/check.h"

namespace mimica::harness {

// Tells from the content what it is. `at`: the instant for validity periods. Fault: of no known kind.
Result<std::vector<audit::Finding>> preflight(const std::string& source, std::string_view content, Timestamp at);

// The format that the harness adds to audit::formats(); `read` says what becomes of a scenario.
audit::Format scenario_format(std::function<Result<audit::Imported>(const audit::FileContent&)> read);

}  // namespace mimica::harness
