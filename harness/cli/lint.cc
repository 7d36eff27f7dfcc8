#include <cstdio>
#include <memory>

#include "audit/assess/check.h"
#include "harness/assess/preflight.h"
#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness::cli {
namespace {

struct LintArguments {
  std::vector<std::string> files;
  std::vector<std::string> exports;
  bool json = false;
  ColourOption colour;
};

// The lab that a scenario describes; its steps are not run.
Result<audit::Imported> lint_lab(const audit::FileContent& file) {
  LoadedScenarios loaded = load_scenario_file(file.source);
  if (!loaded.ok()) return loaded.faults.front();
  if (loaded.cases.size() > 1)
    return fault("'" + file.source + "' is a matrix of " + std::to_string(loaded.cases.size()) + " labs", {},
                 "give a file that describes one lab");
  MIMICA_TRY(const auto lab, Lab::start(loaded.cases.front().lab));
  audit::Imported out;
  MIMICA_TRY(out.findings, lab->lint());
  return out;
}

// All exports together describe one forest.
Result<std::vector<audit::Finding>> lint_files(const std::vector<std::string>& files) {
  const audit::Format scenario = scenario_format(lint_lab);
  std::vector<audit::ReadExport> parts;
  std::vector<audit::Finding> others;
  for (const std::string& file : files) {
    MIMICA_TRY(const std::string content, read_file(file));
    MIMICA_TRY(audit::Imported part, audit::import_file(content, file, {&scenario, 1}));
    for (audit::Finding& one : audit::check_parts(part, {machine_time(), {}})) others.push_back(std::move(one));
    if (part.forest) parts.push_back(*std::move(part.forest));
  }
  audit::ReadExport all = audit::merged(std::move(parts));
  for (const Fault& unreadable : all.unreadable) complain(unreadable);
  auto out = audit::lint_authority(all.authorities, {all.templates, all.linked_policies, all.name_of});
  out.insert(out.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  if (out.empty())
    return fault("the exports hold neither a certificate template nor a CA", {},
                 "export the objects below CN=Public Key Services with all attributes");
  return out;
}

ExitCode lint_command(const LintArguments& arguments) {
  std::vector<std::string> files = arguments.files;
  files.insert(files.end(), arguments.exports.begin(), arguments.exports.end());
  const auto findings = lint_files(files);
  if (!findings) return complain(findings.error());
  const std::string text =
      arguments.json ? audit::to_json(*findings) : audit::to_text(*findings, arguments.colour.choose());
  std::fputs(text.c_str(), stdout);
  for (const audit::Finding& finding : *findings)
    if (!finding.sound()) return ExitCode::expectation_failed;
  return ExitCode::as_expected;
}

}  // namespace

void add_lint(CLI::App& app, ExitCode& exit) {
  auto arguments = std::make_shared<LintArguments>();
  CLI::App* lint = app.add_subcommand(
      "lint", "Judge the templates and the CA of a lab, or of exports, by known misconfigurations (ESC1 to ESC16)");
  lint->add_option("file", arguments->files,
                   "Scenario or lab file, whose steps are not run, or any file that `mimica check` understands; all "
                   "exports describe one forest");
  lint->add_option("--export,--ldif,--certipy,--bloodhound", arguments->exports, "The same; may be given again");
  lint->add_flag("--json", arguments->json, "Print JSON");
  arguments->colour.add(*lint);
  lint->callback([arguments, &exit] {
    if (arguments->files.empty() && arguments->exports.empty())
      throw CLI::ValidationError("lint", "give files: a lab, or exports");
    exit = lint_command(*arguments);
  });
  lint->footer("Exit codes: 0 nothing is known against them, 1 a known weakness, 2 bad input, 3 environment.");
}

}  // namespace mimica::harness::cli
