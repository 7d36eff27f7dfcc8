// Scenario files: whatever the bytes, loading ends soon, either with scenarios or with faults that point into the file,
// and says the same the second time.
#include <algorithm>
#include <cstdlib>
#include <string>

#include "harness/scenario/scenario.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

mimica::harness::LoadedScenarios load(std::string_view text) {
  mimica::harness::LoadOptions options;
  options.read_file = [](const std::string& path) -> mimica::Result<std::string> {
    if (path.ends_with(".json")) return std::string(R"({"displayName": "P"})");
    return mimica::fault("'" + path + "' cannot be read");
  };
  options.rules = {"kdc.mapping.strong", "templates.permission.enroll"};
  options.most_cases = 50;
  options.most_steps = 500;
  return mimica::harness::load_scenarios(text, "fuzz.yaml", options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto first = load(text);
  require(first.ok() != first.cases.empty());
  require(first.faults.size() <= 100);
  const auto lines = 2 + std::count(text.begin(), text.end(), '\n') + std::count(text.begin(), text.end(), '\r');
  for (const mimica::Fault& fault : first.faults) {
    require(!fault.what.empty());
    require(fault.where.source == "fuzz.yaml");
    require(fault.where.line >= 0 && fault.where.line <= lines);
  }
  for (const auto& scenario : first.cases) {
    require(scenario.steps.size() <= 500);
    for (const auto& step : scenario.steps) require(!step.action.title().empty());
  }
  const auto second = load(text);
  require(second.cases.size() == first.cases.size() && second.faults.size() == first.faults.size());
  for (std::size_t i = 0; i < first.faults.size(); ++i)
    require(first.faults[i].describe() == second.faults[i].describe());
  return 0;
}
