// Profiles as Microsoft Graph shows them, read from JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connector/profile/profile.h"

namespace mimica::connector {

// Faults E_INVALIDARG with JSON pointer, line and column for malformed JSON, a missing @odata.type, a known property of
// the wrong JSON type, an unknown enumeration value.
Result<Profile> parse_profile(std::string_view json, std::string_view source = "profile");
// A response with "value": [...] (GET of the collection), an array, or one object.
Result<std::vector<Profile>> parse_profiles(std::string_view json, std::string_view source = "profiles");

// The profile id in "https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('<guid>')"; the text itself
// when it is a bare GUID; empty otherwise.
std::string id_in_reference(std::string_view reference);

}  // namespace mimica::connector
