// Rules of the name-based strong mapping policy: parse -> print -> parse is stable.
#include <cstdlib>

#include "kdc/policy/name_policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mimica;
  const std::vector<std::string> tuples = {std::string(as_text({data, size}))};
  const kdc::NamePolicy policy = kdc::parse_name_policy(tuples);
  if (policy.rules.size() > kdc::kMaxNameRules) std::abort();
  for (const kdc::NameRule& rule : policy.rules) {
    const auto again = kdc::parse_name_rule(kdc::to_string(rule));
    if (!again || !(*again == rule)) std::abort();
  }
  return 0;
}
