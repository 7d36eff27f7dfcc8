// The subcommands of `mimica`, one file for each group. Each add_* registers its subcommands; the callback of the one
// that was chosen sets `exit`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "harness/scenario/runner.h"

namespace mimica::harness::cli {

void add_run(CLI::App& app, ExitCode& exit);        // run
void add_up(CLI::App& app, ExitCode& exit);         // up
void add_inspect(CLI::App& app, ExitCode& exit);    // explain, check
void add_verbs(CLI::App& app, ExitCode& exit);      // certutil, certreq
void add_lint(CLI::App& app, ExitCode& exit);       // lint
void add_templates(CLI::App& app, ExitCode& exit);  // templates show, convert
void add_documents(CLI::App& app,
                   ExitCode& exit);  // rules, errors, events, scenarios, schema, new, version, completion

// --color and --no-color of a command; without either, colour when standard output is a terminal and NO_COLOR is unset.
struct ColourOption {
  bool on = false;
  bool off = false;
  void add(CLI::App& command);
  Colour choose() const;
};

// Prints a fault on standard error and answers its exit code.
ExitCode complain(const Fault& fault);
ExitCode complain(const std::vector<Fault>& faults);

// The instant that the machine's clock shows.
Timestamp machine_time();

}  // namespace mimica::harness::cli
