// Rules of assignment filters: a rule that parses evaluates, and parses the same way a second time.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "connector/profile/assignment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica::connector;
  const auto rule = FilterRule::parse({reinterpret_cast<const char*>(data), size});
  if (!rule) return 0;
  ManagedDevice device;
  device.name = "LAPTOP-01";
  device.model = "Surface";
  const auto again = FilterRule::parse(rule->text());
  if (!again || again->matches(device) != rule->matches(device)) std::abort();
  return 0;
}
