#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "harness/cli/commands.h"
#include "harness/cli/kdc_options.h"

namespace mimica::harness::cli {

void ColourOption::add(CLI::App& command) {
  auto* colour = command.add_flag("--color", on, "Colour the output also when it is no terminal");
  command.add_flag("--no-color", off, "Never colour the output")->excludes(colour);
}

Colour ColourOption::choose() const {
  if (off) return Colour::none;
  if (on) return Colour::ansi;
  const char* refused = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) != 0 && (refused == nullptr || *refused == '\0') ? Colour::ansi : Colour::none;
}

ExitCode complain(const Fault& fault) {
  std::fprintf(stderr, "mimica: %s\n", fault.describe().c_str());
  return exit_code(fault);
}

ExitCode complain(const std::vector<Fault>& faults) {
  ExitCode exit = ExitCode::as_expected;
  for (const Fault& fault : faults) exit = worst(exit, complain(fault));
  return exit;
}

Timestamp machine_time() {
  return {
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

}  // namespace mimica::harness::cli

int main(int argc, char** argv) {
  using mimica::harness::ExitCode;
  namespace cli = mimica::harness::cli;
  CLI::App app(
      "An Enterprise CA you can start inside a test: AD CS, Active Directory, Intune and its connector, devices and "
      "the KDC.",
      "mimica");
  app.require_subcommand(1);
  app.set_version_flag("--version", "mimica " MIMICA_VERSION, "Print the version");
  app.set_help_all_flag("--help-all", "Help of all commands");
  app.footer("Exit codes: 0 as expected, 1 an expectation failed, 2 bad input, 3 environment.");
  ExitCode exit = ExitCode::as_expected;
  cli::add_run(app, exit);
  cli::add_up(app, exit);
  cli::add_inspect(app, exit);
  cli::add_verbs(app, exit);
  cli::add_lint(app, exit);
  cli::add_templates(app, exit);
  cli::add_kdc(app, exit);
  cli::add_documents(app, exit);
  if (argc == 1) {
    std::fputs(app.help().c_str(), stderr);
    return static_cast<int>(ExitCode::bad_input);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Asking for help is no error; everything else is bad input.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::bad_input);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "mimica: %s\n", error.what());
    return static_cast<int>(ExitCode::environment);
  }
  if (std::fflush(stdout) != 0) return static_cast<int>(ExitCode::environment);
  return static_cast<int>(exit);
}
