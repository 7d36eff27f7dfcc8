#include <cstdio>
#include <memory>

#include "audit/assess/check.h"
#include "harness/assess/preflight.h"
#include "harness/cli/commands.h"
#include "harness/cli/lab_file.h"
#include "harness/io/scenario_files.h"

namespace mimica::harness::cli {
namespace {

struct LintArguments {
  std::vector<std::string> files;
  std::vector<std::string> exports;
  bool after_steps = false;
  bool json = false;
  ColourOption colour;
};

// The lab that a scenario describes, or what its steps left of it.
Result<audit::Imported> lint_lab(const std::string& path, bool after_steps) {
  MIMICA_TRY(const Scenario file, lab_of_file(path));
  audit::Imported out;
  if (!after_steps || file.steps.empty()) {
    note_steps(file, "--after-steps runs them before the lab is judged");
    MIMICA_TRY(const auto lab, Lab::start(file.lab));
    MIMICA_TRY(out.findings, lab->lint());
    return out;
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
  MIMICA_TRY(out.findings, std::move(findings));
  return out;
}

// All exports together describe one forest.
Result<std::vector<audit::Finding>> lint_files(const std::vector<std::string>& files, bool after_steps) {
  bool has_scenario = false;
  const audit::Format scenario = scenario_format([&](const audit::FileContent& file) {
    has_scenario = true;
    return lint_lab(file.source, after_steps);
  });
  std::vector<audit::ReadExport> parts;
  std::vector<audit::Finding> others;
  for (const std::string& file : files) {
    MIMICA_TRY(const std::string content, read_file(file));
    MIMICA_TRY(audit::Imported part, audit::import_file(content, file, {&scenario, 1}));
    for (audit::Finding& one : audit::check_parts(part, {machine_time(), {}})) others.push_back(std::move(one));
    if (part.forest) parts.push_back(*std::move(part.forest));
  }
  if (after_steps && !has_scenario)
    return fault("--after-steps is given, but no file is a scenario", {}, "exports have no steps: leave it out");
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
  const auto findings = lint_files(files, arguments.after_steps);
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
                   "Scenario or lab file, whose steps are run with --after-steps only, or any file that `mimica check` "
                   "understands; all "
                   "exports describe one forest");
  lint->add_option("--export,--ldif,--certipy,--bloodhound", arguments->exports, "The same; may be given again");
  lint->add_flag("--after-steps", arguments->after_steps,
                 "Run the steps of a scenario first, and judge the lab as they left it");
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
