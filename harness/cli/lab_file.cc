#include "harness/cli/lab_file.h"

#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness::cli {

Result<LabFile> lab_of_file(const std::string& path) {
  LoadedScenarios loaded = load_scenario_file(path);
  if (!loaded.ok()) {
    for (std::size_t i = 1; i < loaded.faults.size(); ++i) complain(loaded.faults[i]);
    return loaded.faults.front();
  }
  if (loaded.cases.size() > 1)
    return fault("'" + path + "' is a matrix of " + std::to_string(loaded.cases.size()) + " labs", {},
                 "give a file that describes one lab");
  return LabFile{std::move(loaded.cases.front().lab), loaded.cases.front().clock_given};
}

}  // namespace mimica::harness::cli
