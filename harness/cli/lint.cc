#include <cstdio>
#include <memory>

#include "audit/import/export_documents.h"
#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness::cli {
namespace {

struct LintArguments {
  std::string lab;
  std::vector<std::string> exports;
  bool json = false;
  ColourOption colour;
};

Result<std::vector<audit::Finding>> lint_lab(const std::string& file) {
  LoadedScenarios loaded = load_scenario_file(file);
  if (!loaded.ok()) return loaded.faults.front();
  if (loaded.cases.size() > 1)
    return fault("'" + file + "' is a matrix of " + std::to_string(loaded.cases.size()) + " labs", {},
                 "give a file that describes one lab");
  MIMICA_TRY(const auto lab, Lab::start(loaded.cases.front().lab));
  return lab->lint();
}

// All files together describe one forest.
Result<std::vector<audit::Finding>> lint_exports(const std::vector<std::string>& files) {
  std::vector<audit::ReadExport> parts;
  for (const std::string& file : files) {
    MIMICA_TRY(const std::string content, read_file(file));
    MIMICA_TRY(audit::ReadExport part, audit::read_export(content, file));
    parts.push_back(std::move(part));
  }
  audit::ReadExport all = audit::merged(std::move(parts));
  for (const Fault& unreadable : all.unreadable) complain(unreadable);
  if (all.templates.empty() && all.authorities.empty())
    return fault("the exports hold neither a certificate template nor a CA", {},
                 "export the objects below CN=Public Key Services with all attributes");
  return audit::lint_authority(all.authorities, {all.templates, all.linked_policies, all.name_of});
}

ExitCode lint_command(const LintArguments& arguments) {
  const auto findings = arguments.exports.empty() ? lint_lab(arguments.lab) : lint_exports(arguments.exports);
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
  auto* lab = lint->add_option("lab", arguments->lab, "Scenario or lab file; its steps are not run");
  auto* exports = lint->add_option("--export,--ldif,--certipy,--bloodhound", arguments->exports,
                                   "Export: LDIF, or JSON of Certipy, SharpHound, ADCSTemplate or a live diff; may be "
                                   "given again, all of them describe one forest");
  lab->excludes(exports);
  lint->add_flag("--json", arguments->json, "Print JSON");
  arguments->colour.add(*lint);
  lint->callback([arguments, &exit] {
    if (arguments->lab.empty() && arguments->exports.empty())
      throw CLI::ValidationError("lint", "give a lab file or --export FILE");
    exit = lint_command(*arguments);
  });
  lint->footer("Exit codes: 0 nothing is known against them, 1 a known weakness, 2 bad input, 3 environment.");
}

}  // namespace mimica::harness::cli
