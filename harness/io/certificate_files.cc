#include "harness/io/certificate_files.h"

#include <iostream>

#include "audit/import/certificates.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness {

Result<std::vector<Certificate>> read_certificates(const std::string& path, const std::string& password) {
  if (path != "-") {
    MIMICA_TRY(const std::string content, read_file(path));
    return audit::parse_certificates(content, path, password);
  }
  std::string content;
  char buffer[65536];
  while (std::cin.read(buffer, sizeof buffer) || std::cin.gcount() > 0) {
    content.append(buffer, static_cast<std::size_t>(std::cin.gcount()));
    if (content.size() > kMaxInputFile) return fault("standard input is larger than 16 MiB");
  }
  return audit::parse_certificates(content, "standard input", password);
}

}  // namespace mimica::harness
