// Intune profile JSON: whatever parses exports, parses again, and exports to the same text; validating never fails.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "connector/profile/profile_reader.h"
#include "connector/tenant/validate.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica::connector;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto profiles = parse_profiles(text, "fuzz");
  if (!profiles) {
    if (profiles.error().what.empty()) std::abort();
    return 0;
  }
  for (const Profile& profile : *profiles) {
    const std::string exported = to_json(profile);
    const auto again = parse_profile(exported, "again");
    if (!again || to_json(*again) != exported) std::abort();
    const mimica::Decision<mimica::Unit> decision = may_save(profile);
    if (static_cast<bool>(decision) == has_errors(validate(profile))) std::abort();
  }
  return 0;
}
