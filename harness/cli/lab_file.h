// The lab that a scenario file describes.
#pragma once

#include "harness/lab/lab.h"

namespace mimica::harness::cli {

struct LabFile {
  LabSpec spec;
  bool clock_given = false;
};
// Faults: the file is wrong (all but the first fault are printed), or describes several labs.
Result<LabFile> lab_of_file(const std::string& path);

}  // namespace mimica::harness::cli
