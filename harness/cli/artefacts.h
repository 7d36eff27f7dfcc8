// What `mimica run --keep` writes: the things a run made, for openssl and other tools to look at.
#pragma once

#include <string>

#include "harness/scenario/runner.h"

namespace mimica::harness::cli {

// Folder names for cases, each different: "strong-mapping", "matrix-user-jane-platform-ios"; files of the same name get
// that of their folder in front.
std::vector<std::string> folder_names(const std::vector<const Scenario*>& scenarios);

// An empty folder for a case's CA database, so that `mimica explain ID --state FOLDER` can be asked about the run. A
// database that an earlier run left there is removed.
Result<void> prepare_folder(const std::string& folder);

// Writes below `folder`: chain.pem, root.pem, issuing.crl and root.crl (DER), NN-title.pem for each certificate of a
// step, devices/NAME.pfx with NAME.password, directory.ldif, timeline.txt, report.json.
Result<void> keep_artefacts(const CaseRecord& record, Lab& lab, const std::string& folder);

}  // namespace mimica::harness::cli
