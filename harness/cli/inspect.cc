#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "ca/io/sqlite/database.h"
#include "ca/views/explain.h"
#include "core/base/number.h"
#include "harness/assess/preflight.h"
#include "harness/cli/commands.h"
#include "harness/io/scenario_files.h"
#include "harness/lab/request_builder.h"
#include "harness/report/report.h"
#include "harness/rules_registry.h"

namespace mimica::harness::cli {
namespace {

namespace fs = std::filesystem;

struct InspectArguments {
  std::string subject;  // request id or certificate file
  std::string state;
  std::vector<std::string> files;
  std::string at;
  ColourOption colour;
};

// The CA database of a state folder.
Result<std::unique_ptr<ca::Database>> database_of(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> found;
  for (fs::recursive_directory_iterator at(folder, error), end; at != end && !error; at.increment(error))
    if (at->path().extension() == ".db" || at->path().extension() == ".sqlite") found.push_back(at->path().string());
  if (found.empty())
    return fault("no CA database below '" + folder + "'", {},
                 "give the folder that `mimica up --state` was started with");
  std::sort(found.begin(), found.end());
  return ca::open_database(found.front());
}

Result<std::string> explain_request(std::int64_t id, const InspectArguments& arguments) {
  if (arguments.state.empty())
    return fault("a request id needs the folder with the CA database", {},
                 "add --state FOLDER, as given to `mimica up`");
  MIMICA_TRY(const auto database, database_of(arguments.state));
  return ca::explain_request(*database, id, arguments.colour.choose());
}

// With a database: what it knows about the certificate. Always: its contents and what speaks against using it now.
Result<std::string> explain_certificate(const InspectArguments& arguments) {
  MIMICA_TRY(const std::string content, read_file(arguments.subject));
  MIMICA_TRY(const Certificate certificate, Certificate::parse_pem_or_der(as_bytes(content)));
  const Colour colour = arguments.colour.choose();
  std::string out;
  if (arguments.state.empty()) {
    out = certificate_lines(summarise_certificate(certificate, [](const Oid& oid) { return oid.dotted(); }), "  ");
  } else {
    MIMICA_TRY(const auto database, database_of(arguments.state));
    MIMICA_TRY(out, ca::explain_certificate(*database, certificate, colour));
  }
  return out + "\n" + explain(audit::check_certificate(certificate, machine_time()), {}, {}, colour);
}

ExitCode explain_command(const InspectArguments& arguments) {
  const std::string& subject = arguments.subject;
  const auto id = subject.size() < 18 ? parse_decimal<std::int64_t>(subject, 0) : std::nullopt;
  auto text = id ? explain_request(*id, arguments) : explain_certificate(arguments);
  if (!text) return complain(text.error());
  std::fputs(text->c_str(), stdout);
  return ExitCode::as_expected;
}

ExitCode check_command(const InspectArguments& arguments) {
  Timestamp at = machine_time();
  if (!arguments.at.empty()) {
    auto given = parse_iso(arguments.at);
    if (!given) return complain(given.error());
    at = *given;
  }
  const Colour colour = arguments.colour.choose();
  ExitCode exit = ExitCode::as_expected;
  for (const std::string& file : arguments.files) {
    auto content = read_file(file);
    if (!content) {
      exit = worst(exit, complain(content.error()));
      continue;
    }
    auto checked = preflight(file, *content, at);
    if (!checked) {
      exit = worst(exit, complain(checked.error()));
      continue;
    }
    for (const audit::Finding& one : *checked) {
      std::printf("%s: %s %s\n%s", file.c_str(), std::string(to_string(one.kind)).c_str(), one.subject.c_str(),
                  one.detail.c_str());
      const Trace notable = audit::notable(one);
      std::fputs(explain(notable, {}, {}, colour).c_str(), stdout);
      for (const Fault& fault : one.faults) std::printf("  %s\n", fault.describe().c_str());
      const std::size_t passed = one.trace.steps().size() - notable.steps().size();
      std::printf("  %s\n\n", one.sound() ? ("ok, " + std::to_string(passed) + " rules hold or do not apply").c_str()
                                          : "not fit as it is");
      if (!one.faults.empty())
        exit = worst(exit, ExitCode::bad_input);
      else if (!one.sound())
        exit = worst(exit, ExitCode::expectation_failed);
    }
  }
  return exit;
}

}  // namespace

void add_inspect(CLI::App& app, ExitCode& exit) {
  auto arguments = std::make_shared<InspectArguments>();
  CLI::App* explain =
      app.add_subcommand("explain", "Say why a request was answered as it was, or what a certificate is good for");
  explain->add_option("subject", arguments->subject, "Request id, or a certificate file (PEM or DER)")->required();
  explain->add_option("--state", arguments->state, "Folder that `mimica up --state` was started with");
  arguments->colour.add(*explain);
  explain->callback([arguments, &exit] { exit = explain_command(*arguments); });

  auto checked = std::make_shared<InspectArguments>();
  CLI::App* check = app.add_subcommand(
      "check", "Hold files against the rules: exports of templates and CAs, Graph profiles, certificates, scenarios");
  check->add_option("file", checked->files, "Files to check")->required();
  check->add_option("--at", checked->at, "Instant for validity periods, as 2025-09-10; default: now");
  checked->colour.add(*check);
  check->callback([checked, &exit] { exit = check_command(*checked); });
}

}  // namespace mimica::harness::cli
