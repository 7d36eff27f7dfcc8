// Judges a folder of certificates or a CA database against a directory and streams the rows into reports.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "audit/fleet/fleet.h"
#include "harness/io/kdc_sources.h"

namespace mimica::harness {

struct FleetRun {
  std::string folder;                // certificates as files, read recursively: .cer .crt .der .pem .p12 .pfx
  std::string database;              // or those that a CA issued
  std::string password;              // of PKCS#12 files
  std::vector<std::string> reports;  // files; see fleet_report_for
  std::string fixes;                 // file of LDIF changes; empty: none
  bool expired_counts = false;
  std::function<void(std::size_t done, std::size_t of)> progress;  // may be empty
};

struct FleetAnswer {
  audit::FleetSummary summary;
  std::vector<std::string> notes;
};
Result<FleetAnswer> run_fleet(const FleetRun& run, KdcJudge& judge);

}  // namespace mimica::harness
