#include <cstdio>
#include <memory>

#include "audit/import/export_documents.h"
#include "harness/cli/commands.h"
#include "harness/cli/lab_file.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness::cli {
namespace {

struct LintArguments {
  std::string lab;
  std::vector<std::string> exports;
  bool after_steps = false;
  bool json = false;
  ColourOption colour;
};

Result<std::vector<audit::Finding>> lint_lab(const LintArguments& arguments) {
  MIMICA_TRY(const Scenario file, lab_of_file(arguments.lab));
  if (!arguments.after_steps || file.steps.empty()) {
    note_steps(file, "--after-steps runs them before the lab is judged");
    MIMICA_TRY(const auto lab, Lab::start(file.lab));
    return lab->lint();
  }
  Result<std::vector<audit::Finding>> findings = std::vector<audit::Finding>();
  RunOptions options;
  options.before_end = [&](const CaseRecord& record, Lab& lab) {
    for (const StepRecord& step : record.steps) {
      if (step.status == StepRecord::Status::failed)
        std::fprintf(stderr, "mimica: note: %s: step %zu did not go as expected\n", describe(step.where).c_str(),
                     step.number);
      if (step.fault) findings = *step.fault;
    }
    if (findings) findings = lab.lint();
  };
  const CaseRecord record = run(file, Lab::start, options);
  if (record.fault) return *record.fault;
  return findings;
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
  const auto findings = arguments.exports.empty() ? lint_lab(arguments) : lint_exports(arguments.exports);
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
  auto* lab =
      lint->add_option("lab", arguments->lab, "Scenario or lab file; its steps are run with --after-steps only");
  auto* exports = lint->add_option("--export,--ldif,--certipy,--bloodhound", arguments->exports,
                                   "Export: LDIF, or JSON of Certipy, SharpHound, ADCSTemplate or a live diff; may be "
                                   "given again, all of them describe one forest");
  lab->excludes(exports);
  lint->add_flag("--after-steps", arguments->after_steps,
                 "Run the steps of the file first, and judge the lab as they left it")
      ->needs(lab);
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
