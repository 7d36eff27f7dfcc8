// Certificates on disk, in the forms that audit/import/certificates.h reads.
#pragma once

#include <string>
#include <vector>

#include "core/pki/certificate.h"

namespace mimica::harness {

// "-" is standard input. `password` opens PKCS#12.
Result<std::vector<Certificate>> read_certificates(const std::string& path, const std::string& password = {});

}  // namespace mimica::harness
