// Certificates in files as people have them: PEM with or without a chain, DER, PKCS#12.
#pragma once

#include <string>
#include <vector>

#include "core/pki/certificate.h"

namespace mimica::audit {

inline constexpr std::size_t kMaxCertificatesInFile = 100'000;

// `source` names the content in faults. `password` opens PKCS#12.
Result<std::vector<Certificate>> parse_certificates(std::string_view content, const std::string& source,
                                                    const std::string& password = {});

// The first that is no CA certificate comes first, the others after it: a certificate and what came with it.
std::vector<Certificate> leaf_first(std::vector<Certificate> certificates);

}  // namespace mimica::audit
