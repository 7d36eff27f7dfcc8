#include "harness/scenario/scenario.h"

namespace mimica::harness {

std::string Scenario::full_name() const {
  std::string out = name;
  for (std::size_t i = 0; i < variables.size(); ++i)
    out += (i == 0 ? " [" : ", ") + variables[i].first + "=" + variables[i].second;
  return variables.empty() ? out : out + "]";
}

}  // namespace mimica::harness
