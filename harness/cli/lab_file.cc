#include "harness/cli/lab_file.h"

#include <cstdio>

#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness::cli {

Result<Scenario> lab_of_file(const std::string& path) {
  LoadedScenarios loaded = load_scenario_file(path);
  if (!loaded.ok()) {
    for (std::size_t i = 1; i < loaded.faults.size(); ++i) complain(loaded.faults[i]);
    return loaded.faults.front();
  }
  if (loaded.cases.size() > 1)
    return fault("'" + path + "' is a matrix of " + std::to_string(loaded.cases.size()) + " labs", {},
                 "give a file that describes one lab");
  return std::move(loaded.cases.front());
}

void note_steps(const Scenario& scenario, const std::string& instead) {
  const std::size_t steps = scenario.steps.size();
  if (steps == 0) return;
  std::fprintf(stderr, "mimica: note: %zu step%s of %s %s not run; %s\n", steps, steps == 1 ? "" : "s",
               scenario.source.c_str(), steps == 1 ? "is" : "are", instead.c_str());
}

}  // namespace mimica::harness::cli
