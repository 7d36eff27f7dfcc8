// Scenario files on disk: reading them with what they name, and finding them below a folder.
#pragma once

#include <string>
#include <vector>

#include "core/base/bytes.h"
#include "harness/scenario/scenario.h"

namespace mimica::harness {

inline constexpr std::size_t kMaxInputFile = 16 * 1024 * 1024;

// The content of a file. Faults: it cannot be read, or is larger than `most` octets.
Result<std::string> read_file(const std::string& path, std::size_t most = kMaxInputFile);
// Writes through a temporary file beside it, so that readers never see half of it. Fault E_FAIL.
Result<void> write_file(const std::string& path, BytesView content);

// Reads and loads a scenario file; the files it names are looked up beside it, rule ids are checked.
LoadedScenarios load_scenario_file(const std::string& path);

// The files themselves, and for each folder all *.yaml and *.yml below it, sorted. Fault: nothing is there.
Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths);

}  // namespace mimica::harness
