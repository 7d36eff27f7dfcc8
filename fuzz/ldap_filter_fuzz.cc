// Filter text: printing what was parsed must parse to the same filter, and evaluation must end.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/entropy.h"
#include "ldap/dsa/dsa.h"
#include "ldap/filter.h"
#include "ldap/forest/forest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  using namespace mimica::ldap;
  static SimClock clock(Timestamp{1732089600});
  static SeededEntropy entropy("fuzz");
  static const std::unique_ptr<Dsa> dsa = *create_forest({}, clock, entropy);
  const auto filter = parse_filter(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!filter) return 0;
  const auto again = parse_filter(filter_text(*filter));
  if (!again || !(*again == *filter)) std::abort();
  (void)dsa->search(Caller::system(), {.base = dsa->naming_contexts().domain, .attributes = {"1.1"}}, *filter, {});
  return 0;
}
