#include "harness/assess/preflight.h"

#include "harness/lab/request_builder.h"
#include "harness/report/report.h"
#include "harness/scenario/scenario.h"

namespace mimica::harness {
namespace {

bool is_scenario(const audit::FileContent& file) {
  return file.begins_line("scenario:") || file.begins_line("steps:") || file.begins_line("lab:");
}

// Only the scenario itself is looked at; what it names is read when it runs.
Result<audit::Imported> check_scenario(const audit::FileContent& file) {
  LoadOptions options;
  options.read_file = [](const std::string&) -> Result<std::string> { return std::string("{}"); };
  LoadedScenarios loaded = load_scenarios(file.bytes, file.source, options);
  audit::Finding one{audit::Finding::Kind::scenario, loaded.cases.empty() ? "" : loaded.cases.front().name, {}};
  one.faults = std::move(loaded.faults);
  return audit::Imported{.findings = {std::move(one)}};
}

}  // namespace

audit::Format scenario_format(std::function<Result<audit::Imported>(const audit::FileContent&)> read) {
  return {"scenario YAML", is_scenario, std::move(read)};
}

Result<std::vector<audit::Finding>> preflight(const std::string& source, std::string_view content, Timestamp at) {
  const audit::Format scenario = scenario_format(check_scenario);
  MIMICA_TRY(const audit::Imported file, audit::import_file(content, source, {&scenario, 1}));
  return audit::check(file, source,
                      {at, [](const Certificate& certificate) {
                         return certificate_lines(
                             summarise_certificate(certificate, [](const Oid& oid) { return oid.dotted(); }), "  ");
                       }});
}

}  // namespace mimica::harness
