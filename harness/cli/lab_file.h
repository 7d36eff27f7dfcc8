// The lab that a scenario file describes.
#pragma once

#include "harness/scenario/scenario.h"

namespace mimica::harness::cli {

// Faults: the file is wrong (all but the first fault are printed), or describes several labs.
Result<Scenario> lab_of_file(const std::string& path);
// Says on standard error how many steps of the file are not run.
void note_steps(const Scenario& scenario, const std::string& instead);

}  // namespace mimica::harness::cli
