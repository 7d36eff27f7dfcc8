// What `mimica run --keep` writes: the things a run made, for openssl and other tools to look at.
#pragma once

#include <string>

#include "harness/runner.h"

namespace mimica::harness::cli {

// "strong-mapping", "matrix-user-jane-platform-ios": a folder name for a case.
std::string folder_name(const CaseRecord& record);

// Writes below `folder`: chain.pem, root.pem, issuing.crl and root.crl (DER), NN-title.pem for each certificate of a
// step, devices/NAME.pfx with NAME.password, directory.ldif, timeline.txt, report.json.
Result<void> keep_artefacts(const CaseRecord& record, Lab& lab, const std::string& folder);

}  // namespace mimica::harness::cli
