// Options that `mimica kdc check` and `mimica kdc audit` share.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "harness/io/kdc_sources.h"
#include "harness/scenario/runner.h"

namespace mimica::harness::cli {

class KdcOptions {
 public:
  void add(CLI::App& command);
  // Opens PKCS#12 files; empty when none is given.
  Result<std::string> certificate_password() const;
  Result<KdcJudge> judge(bool for_many) const;

 private:
  DirectoryChoice directory_;
  std::string bind_password_file_, bind_password_env_;
  std::string password_file_, password_env_;
  std::vector<std::string> crls_;
  std::string revocation_;
  std::vector<std::string> registry_;
  std::string at_;
  int os_ = 0;
};

void add_kdc(CLI::App& app, ExitCode& exit);  // kdc check, kdc audit
void add_kdc_audit(CLI::App& kdc, ExitCode& exit);

}  // namespace mimica::harness::cli
