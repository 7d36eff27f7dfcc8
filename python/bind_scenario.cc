#include <pybind11/stl.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/scenario_files.h"
#include "harness/report/report.h"
#include "harness/rules_registry.h"
#include "harness/scenario/runner.h"
#include "harness/scenario/scenario.h"
#include "python/answer.h"
#include "python/bindings.h"

namespace mimica::python {
namespace {

using harness::CaseRecord;
using harness::StepRecord;

double stopwatch() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<CaseRecord> run_file(const std::string& path) {
  py::gil_scoped_release released;
  const harness::LoadedScenarios loaded = harness::load_scenario_file(path);
  if (!loaded.ok()) {
    // One exception for all: the first fault, and the others where its hint is read.
    Fault first = loaded.faults.front();
    for (std::size_t i = 1; i < loaded.faults.size(); ++i) first.hint += "\n" + loaded.faults[i].describe();
    throw FaultError(std::move(first));
  }
  harness::RunOptions options;
  options.stopwatch = stopwatch;
  std::vector<CaseRecord> out;
  for (const harness::Scenario& scenario : loaded.cases)
    out.push_back(harness::run(scenario, harness::Lab::start, options));
  return out;
}

}  // namespace

void bind_scenarios(py::module_& m) {
  py::class_<harness::Mismatch>(m, "Mismatch")
      .def_property_readonly("what", [](const harness::Mismatch& x) { return text(x.what); })
      .def_property_readonly("wanted", [](const harness::Mismatch& x) { return text(x.wanted); })
      .def_property_readonly("found", [](const harness::Mismatch& x) { return text(x.found); })
      .def("__repr__", [](const harness::Mismatch& x) {
        return text("<Mismatch " + x.what + ": wanted " + x.wanted + ", found " + x.found + ">");
      });
  py::class_<StepRecord>(m, "StepRecord")
      .def_property_readonly("status", [](const StepRecord& s) { return text(harness::to_string(s.status)); })
      .def_readonly("number", &StepRecord::number)
      .def_property_readonly("title", [](const StepRecord& s) { return text(s.title); })
      .def_property_readonly("id", [](const StepRecord& s) { return text(s.id); })
      .def_property_readonly("where", [](const StepRecord& s) { return text(describe(s.where)); })
      .def_property_readonly("at", [](const StepRecord& s) { return instant(s.at); })
      .def_property_readonly("report", [](const StepRecord& s) { return answer(s.report); })
      .def_readonly("mismatches", &StepRecord::mismatches)
      .def_property_readonly("fault",
                             [](const StepRecord& s) { return text(s.fault ? s.fault->describe() : std::string()); })
      .def_readonly("seconds", &StepRecord::seconds);
  py::class_<CaseRecord>(m, "CaseRecord")
      .def_property_readonly("name", [](const CaseRecord& c) { return text(c.name); })
      .def_property_readonly("source", [](const CaseRecord& c) { return text(c.source); })
      .def_property_readonly("refs", [](const CaseRecord& c) { return texts(c.refs); })
      .def_readonly("steps", &CaseRecord::steps)
      .def_property_readonly("fault",
                             [](const CaseRecord& c) { return text(c.fault ? c.fault->describe() : std::string()); })
      .def_property_readonly("exit", [](const CaseRecord& c) { return static_cast<int>(c.exit); })
      .def_property_readonly("passed", [](const CaseRecord& c) { return c.passed(); })
      .def_readonly("seconds", &CaseRecord::seconds)
      .def(
          "timeline",
          [](const CaseRecord& c, bool explain, bool colour) {
            return text(harness::timeline(c, {colour ? Colour::ansi : Colour::none, explain}));
          },
          py::arg("explain") = false, py::arg("colour") = false);
  m.def("run_scenarios", &run_file, py::arg("path"));
  m.def("rules", [] {
    std::vector<Rule> out;
    for (const Rule* rule : harness::all_rules()) out.push_back(*rule);
    return out;
  });
  m.def(
      "report_json", [](const std::vector<CaseRecord>& records) { return text(harness::report_json(records)); },
      py::arg("cases"));
}

}  // namespace mimica::python
