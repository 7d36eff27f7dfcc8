#include <cstdio>
#include <filesystem>
#include <memory>

#include "ca/faces/certutil/verb.h"
#include "ca/io/sqlite/database.h"
#include "harness/cli/commands.h"
#include "harness/cli/lab_file.h"
#include "harness/io/verb_files.h"

namespace mimica::harness::cli {
namespace {

struct VerbArgumentsOfProgram {
  std::string lab;
  std::string state;
  std::string caller;
  bool json = false;
  const CLI::App* command = nullptr;
};

Result<VerbResult> run(VerbProgram program, const VerbCall& call, const VerbArgumentsOfProgram& where) {
  const bool of_certutil = program == VerbProgram::certutil;
  const bool needs_target =
      of_certutil ? certutil::certutil_needs_target(call.arguments) : certutil::certreq_needs_target(call.arguments);
  if (needs_target && !where.state.empty()) {
    if (!where.lab.empty()) return fault("give --lab or --state, not both");
    if (is_listening(verb_socket_path(where.state)) || !of_certutil)
      return ask_verb(verb_socket_path(where.state), program, call);
    // No lab runs there: what its database holds can still be asked.
    const std::string path = where.state + "/ca.sqlite";
    std::error_code error;
    if (!std::filesystem::exists(path, error))
      return fault(HResult::RPC_S_SERVER_UNAVAILABLE, "no lab runs with the state folder '" + where.state + "'");
    MIMICA_TRY(const auto database, ca::open_database(path));
    VerbTarget stopped;
    stopped.database = database.get();
    stopped.now = machine_time();
    return certutil::certutil(call, stopped);
  }
  if (needs_target && !where.lab.empty()) {
    MIMICA_TRY(const Scenario file, lab_of_file(where.lab));
    MIMICA_TRY(const auto lab, Lab::start(file.lab));
    return of_certutil ? lab->certutil(call) : lab->certreq(call);
  }
  if (needs_target)
    return fault("this verb needs a certification authority", {},
                 "--state FOLDER for a running `mimica up --state FOLDER`, or --lab FILE for one that is started now");
  FreshKeys keys;
  VerbTarget target;
  target.keys = &keys;
  target.now = machine_time();
  return of_certutil ? certutil::certutil(call, target) : certutil::certreq(call, target);
}

ExitCode verb_command(VerbProgram program, const VerbArgumentsOfProgram& arguments) {
  VerbCall call;
  call.arguments = arguments.command->remaining();
  call.caller = arguments.caller;
  call.json = arguments.json;
  if (const auto read = read_verb_files(program, call); !read) return complain(read.error());
  const auto result = run(program, call, arguments);
  if (!result) return worst(complain(result.error()), ExitCode::environment);
  const std::string& text = arguments.json && !result->json.empty() ? result->json : result->text;
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fwrite(result->error_text.data(), 1, result->error_text.size(), stderr);
  if (const auto written = write_verb_files(*result); !written)
    return worst(complain(written.error()), ExitCode::environment);
  return result->ok() ? ExitCode::as_expected : ExitCode::expectation_failed;
}

void add(CLI::App& app, ExitCode& exit, VerbProgram program, const char* name, const char* description) {
  auto arguments = std::make_shared<VerbArgumentsOfProgram>();
  CLI::App* command = app.add_subcommand(name, description);
  // Everything from the first argument that is none of these options on belongs to the verb, with its single dashes.
  command->set_help_flag("--help", "Print this help message and exit");
  command->prefix_command();
  command->add_option("--lab", arguments->lab, "Scenario file whose lab is started for this one call");
  command->add_option("--state", arguments->state, "State folder of a running `mimica up --state`");
  command->add_option("--as", arguments->caller,
                      "Account that calls; without it: the CA's administrator at its console");
  command->add_flag("--json", arguments->json, "Answer as JSON where the verb can");
  command->footer("The verbs are in docs/certutil.md. Exit code 1: the verb failed; its HRESULT is printed.");
  arguments->command = command;
  command->callback([arguments, program, &exit] { exit = verb_command(program, *arguments); });
}

}  // namespace

void add_verbs(CLI::App& app, ExitCode& exit) {
  add(app, exit, VerbProgram::certutil, "certutil", "Administer a CA and look into files, as certutil does");
  add(app, exit, VerbProgram::certreq, "certreq", "Make, submit and accept requests, as certreq does");
}

}  // namespace mimica::harness::cli
