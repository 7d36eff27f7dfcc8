#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "harness/cli/commands.h"
#include "harness/cli/kdc_options.h"
#include "harness/io/fleet_run.h"

namespace mimica::harness::cli {
namespace {

struct AuditArguments {
  KdcOptions options;
  FleetRun run;
};

// A bar on standard error when that is a terminal and nobody's build server.
class ProgressBar {
 public:
  ProgressBar() {
    const char* ci = std::getenv("CI");
    shown_ = isatty(STDERR_FILENO) != 0 && (ci == nullptr || *ci == '\0' || std::string_view(ci) == "false");
  }
  ~ProgressBar() {
    if (drawn_) std::fputs("\r\033[K", stderr);
  }
  void show(std::size_t done, std::size_t of) {
    if (!shown_) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::milliseconds(100)) return;
    last_ = now;
    constexpr std::size_t kWidth = 40;
    const std::size_t filled = of == 0 ? 0 : kWidth * done / of;
    std::fprintf(stderr, "\r\033[K[%s%s] %zu of %zu", std::string(filled, '#').c_str(),
                 std::string(kWidth - filled, '.').c_str(), done, of);
    std::fflush(stderr);
    drawn_ = true;
  }

 private:
  bool shown_ = false, drawn_ = false;
  std::chrono::steady_clock::time_point last_{};
};

ExitCode audit_command(const AuditArguments& arguments) {
  FleetRun run = arguments.run;
  auto password = arguments.options.certificate_password();
  if (!password) return complain(password.error());
  run.password = *password;
  auto judge = arguments.options.judge(true);
  if (!judge) return complain(judge.error());
  Result<FleetAnswer> answer = [&] {
    ProgressBar bar;
    run.progress = [&](std::size_t done, std::size_t of) { bar.show(done, of); };
    return run_fleet(run, *judge);
  }();
  if (!answer) return complain(answer.error());
  std::fputs(audit::fleet_text(answer->summary, answer->notes).c_str(), stdout);
  for (const std::string& report : run.reports) std::printf("wrote %s\n", report.c_str());
  if (!run.fixes.empty()) std::printf("wrote %s\n", run.fixes.c_str());
  return answer->summary.groups_broken == 0 ? ExitCode::as_expected : ExitCode::expectation_failed;
}

}  // namespace

void add_kdc_audit(CLI::App& kdc, ExitCode& exit) {
  auto arguments = std::make_shared<AuditArguments>();
  CLI::App* audit =
      kdc.add_subcommand("audit", "Judge a folder of certificates or a CA database: what breaks at Full Enforcement");
  auto* certs = audit->add_option("--certs", arguments->run.folder,
                                  "Folder with certificates (.cer .crt .der .pem .p12 .pfx), read recursively");
  audit->add_option("--database", arguments->run.database, "Database of a CA (`mimica up --state`); it is only read")
      ->excludes(certs);
  arguments->options.add(*audit);
  audit->add_option("--report", arguments->run.reports,
                    "Report to write: .csv, .json, .jsonl or .html; may be given again");
  audit->add_option("--fixes", arguments->run.fixes, "Write all explicit mappings that help as LDIF for ldapmodify");
  audit->add_flag("--count-expired", arguments->run.expired_counts, "Count certificates outside their validity too");
  audit->callback([arguments, &exit] { exit = audit_command(*arguments); });
  audit->footer(
      "Exit codes: 0 the newest certificate of every subject passes, 1 some are refused, 2 bad input, 3 environment.");
}

}  // namespace mimica::harness::cli
