// The registry of a domain controller as administrators write it: value names and data as text.
#pragma once

#include <optional>
#include <string_view>

#include "kdc/policy/policy.h"

namespace mimica::kdc {

// Sets one value of KdcConfig by its registry name (any case); nullopt deletes it, so that the default counts again.
// StrongNameMatches takes the lines of the whole rule list. Faults: unknown name, data that is no number.
Result<void> set_registry_value(KdcConfig& config, std::string_view name, std::optional<std::string_view> data);

}  // namespace mimica::kdc
