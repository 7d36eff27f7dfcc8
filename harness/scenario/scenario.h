// Scenarios as values: a lab, steps and what is expected of them, read from YAML (docs/scenarios.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/lab/lab.h"
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "harness/schema/yaml_tree.h"

namespace mimica::harness {

// ---- expectations --------------------------------------------------------------------------------------------------

struct CertificateExpectation {
  bool none = false;               // the step must not yield a certificate
  std::optional<std::string> sid;  // "absent", an account name or a SID
  std::optional<std::string> subject, issuer, template_name, key;
  std::optional<std::vector<std::string>> sans;  // all of them, any order
  std::optional<std::vector<std::string>> ekus;
  std::optional<Seconds> validity;
  std::optional<Timestamp> not_after;
  std::optional<std::string> same_as, differs_from;  // step ids
};

struct LogExpectation {
  std::string channel;  // empty: any
  int id = 0;
};

struct Expectation {
  std::optional<Outcome> outcome;
  bool any_outcome = false;
  std::string code;  // symbol or number as written; empty: not compared
  std::string rule;
  std::vector<std::pair<std::string, Verdict>> trace;
  std::optional<std::vector<int>> events;          // empty: none
  std::optional<std::vector<LogExpectation>> log;  // empty: none
  std::optional<CertificateExpectation> certificate;
  // With `code` or `rule` alone the step must not succeed; without either it must.
  bool wants_success() const { return code.empty() && rule.empty(); }
};

// ---- steps ---------------------------------------------------------------------------------------------------------

struct ScenarioStep {
  Action action;
  std::optional<Expectation> expect;
  std::string id;  // what `as` gives it; empty: none
  std::string note;
  Where where;
};

struct Scenario {
  std::string name;
  std::string why;
  std::vector<std::string> refs;
  std::string source;                                          // file
  std::vector<std::pair<std::string, std::string>> variables;  // this cell of the matrix
  LabSpec lab;
  bool clock_given = false;  // the file says where the lab clock stands
  std::vector<ScenarioStep> steps;
  // "title" or "title [user=jane, platform=ios]"
  std::string full_name() const;
};

// ---- reading -------------------------------------------------------------------------------------------------------

struct LoadOptions {
  FileReader read_file;            // absent: naming a file is a Fault
  std::vector<std::string> rules;  // known rule ids, for `rule` and `trace`; empty: not checked
  YamlLimits limits;
  std::size_t most_cases = 1000;    // cells of a matrix
  std::size_t most_steps = 10'000;  // of one case, with all repetitions
};

// Either scenarios (one, or one for each cell of the matrix) or faults, each with file:line:column.
struct LoadedScenarios {
  std::vector<Scenario> cases;
  std::vector<Fault> faults;
  bool ok() const { return faults.empty(); }
};
LoadedScenarios load_scenarios(std::string_view text, const std::string& source, const LoadOptions& options);

}  // namespace mimica::harness
