#include <cstdio>
#include <filesystem>
#include <memory>
#include <set>

#include "core/base/text.h"
#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"
#include "harness/rules_registry.h"
#include "harness/scenario/language.h"

namespace mimica::harness::cli {
namespace {

void print_rules() {
  std::size_t width = 0;
  for (const Rule* rule : all_rules()) width = std::max(width, rule->id.size());
  for (const Rule* rule : all_rules())
    std::printf("%-*s  %s [%s]\n", static_cast<int>(width), std::string(rule->id).c_str(),
                std::string(rule->title).c_str(), std::string(rule->citation).c_str());
}

void print_errors() {
  for (const CodeEntry& entry : all_codes())
    std::printf("%-10s  %s: %s\n", number(entry.code).c_str(), std::string(entry.name).c_str(),
                std::string(entry.text).c_str());
}

void print_events() {
  for (const EventKind* kind : all_event_kinds())
    std::printf("%5d  %-9s  %s: %s\n", kind->id, std::string(kind->party).c_str(), std::string(kind->channel).c_str(),
                std::string(kind->when).c_str());
}

std::string options_of(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) out += (out.empty() ? "--" : " --") + name;
  return out;
}

std::string bash_completion(const CLI::App& app) {
  std::string commands, cases;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    append_item(commands, command->get_name(), " ");
    cases += "    " + command->get_name() + ") words=\"" + options_of(*command) + "\" ;;\n";
  }
  return "# bash completion of mimica; load it with: source <(mimica completion)\n"
         "_mimica() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} words\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"" +
         commands +
         " --help\" -- \"$word\")\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n" +
         cases +
         "    *) words=\"\" ;;\n"
         "  esac\n"
         "  if [[ $word == -* ]]; then mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "  else mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); fi\n"
         "}\n"
         "complete -o filenames -F _mimica mimica\n";
}

// Where the schema stands for a scenario in `folder`: in a folder above, else in a file that is written beside it.
Result<std::string> schema_for(const std::filesystem::path& folder) {
  const std::string schema = scenario_json_schema();
  std::string up;
  for (int level = 0; level < 4; ++level, up += "../")
    if (const auto there = read_file((folder / (up + "schema.json")).lexically_normal().string());
        there && *there == schema)
      return up + "schema.json";
  const std::string beside = "mimica-schema.json";
  MIMICA_RETURN_IF_FAULT(write_file((folder / beside).string(), as_bytes(schema)));
  return beside;
}

ExitCode write_starter(const std::string& file) {
  if (read_file(file)) return complain(fault("'" + file + "' exists already", {}, "choose another name"));
  const auto schema = schema_for(std::filesystem::absolute(file).parent_path());
  if (!schema) return complain(schema.error());
  if (auto written = write_file(file, as_bytes(scenario_starter(*schema))); !written) return complain(written.error());
  std::printf("wrote %s; run it with: mimica run %s\n", file.c_str(), file.c_str());
  return ExitCode::as_expected;
}

}  // namespace

void add_documents(CLI::App& app, ExitCode& exit) {
  auto markdown = std::make_shared<bool>(false);
  CLI::App* rules = app.add_subcommand("rules", "List the rules that decide");
  rules->add_flag("--markdown", *markdown, "As docs/rules.md");
  rules->callback([markdown] { *markdown ? (void)std::fputs(rules_markdown().c_str(), stdout) : print_rules(); });

  CLI::App* errors = app.add_subcommand("errors", "List the codes that are answered");
  errors->add_flag("--markdown", *markdown, "As docs/errors.md");
  errors->callback([markdown] { *markdown ? (void)std::fputs(errors_markdown().c_str(), stdout) : print_errors(); });

  CLI::App* events = app.add_subcommand("events", "List the events that the parties log");
  events->add_flag("--markdown", *markdown, "As docs/events.md");
  events->callback([markdown] { *markdown ? (void)std::fputs(events_markdown().c_str(), stdout) : print_events(); });

  CLI::App* scenarios = app.add_subcommand("scenarios", "Print the reference of the scenario language");
  scenarios->add_flag("--markdown", *markdown, "As docs/scenarios.md (the only form there is)");
  scenarios->callback([] { std::fputs(scenario_reference().c_str(), stdout); });

  app.add_subcommand("schema", "Print the JSON Schema of the scenario language")->callback([] {
    std::fputs(scenario_json_schema().c_str(), stdout);
  });

  auto file = std::make_shared<std::string>();
  CLI::App* starter = app.add_subcommand("new", "Write a commented starter scenario");
  starter->add_option("file", *file, "File to write")->required();
  starter->callback([file, &exit] { exit = write_starter(*file); });

  app.add_subcommand("version", "Print the version")->callback([] { std::printf("mimica %s\n", MIMICA_VERSION); });

  app.add_subcommand("completion", "Print a completion script for bash")->callback([&app] {
    std::fputs(bash_completion(app).c_str(), stdout);
  });
}

}  // namespace mimica::harness::cli
