#include "harness/scenario/expand.h"
#include "harness/scenario/language.h"
#include "harness/scenario/scenario.h"
#include "harness/scenario/scenario_reader.h"
#include "harness/schema/schema.h"

namespace mimica::harness {
namespace {

// Expands and reads one cell; adds its faults to `out`.
void load_case(const YamlNode& document, const Cell& cell, const std::string& source, const LoadOptions& options,
               Budget& budget, LoadedScenarios& out) {
  auto replaced = substitute(document, cell, source, budget);
  if (!replaced) {
    out.faults.push_back(replaced.error());
    return;
  }
  YamlNode whole = *std::move(replaced);
  std::vector<YamlNode> steps;
  if (const YamlNode* given = whole.find("steps")) {
    auto flat = flatten_steps(given->items, source, options.most_steps, budget);
    if (!flat) {
      out.faults.push_back(flat.error());
      return;
    }
    steps = *std::move(flat);
  }
  for (auto& member : whole.members)
    if (member.key == "steps") member.value.items.clear();
  // Placeholders are gone now: everything is checked again with the values in place.
  schema::CheckOptions check;
  check.rules = options.rules;
  schema::check(whole, scenario_language(), source, check, out.faults);
  for (const YamlNode& step : steps) schema::check(step, step_language(), source, check, out.faults);
  if (!out.faults.empty()) return;
  Scenario scenario = ScenarioReader(source, options, out.faults).read(whole, steps);
  for (const auto& value : cell.values) scenario.variables.emplace_back(value.first, label(*value.second));
  out.cases.push_back(std::move(scenario));
}

}  // namespace

LoadedScenarios load_scenarios(std::string_view text, const std::string& source, const LoadOptions& options) {
  LoadedScenarios out;
  auto parsed = parse_yaml(text, source, options.limits);
  if (!parsed) {
    out.faults.push_back(parsed.error());
    return out;
  }
  YamlNode document = *std::move(parsed);
  schema::CheckOptions check;
  check.rules = options.rules;
  check.placeholders = true;
  schema::check(document, scenario_language(), source, check, out.faults);
  if (!out.faults.empty()) return out;

  std::vector<Cell> matrix{Cell{}};
  YamlNode lists;  // outlives the cells, which point into it
  if (const YamlNode* given = document.find("matrix")) {
    lists = *given;
    auto combinations = cells(lists, source, options.most_cases);
    if (!combinations) {
      out.faults.push_back(combinations.error());
      return out;
    }
    matrix = *std::move(combinations);
    std::erase_if(document.members, [](const YamlNode::Member& m) { return m.key == "matrix"; });
  }
  Budget budget;
  for (const Cell& cell : matrix) {
    load_case(document, cell, source, options, budget, out);
    if (!out.faults.empty()) break;
  }
  if (!out.faults.empty()) out.cases.clear();
  return out;
}

}  // namespace mimica::harness
