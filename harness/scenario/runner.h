// Runs a scenario against a lab and records what happened: a timeline of steps, each with the lab's answer and with
// every expectation that did not hold.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/scenario/scenario.h"

namespace mimica::harness {

using LabFactory = std::function<Result<std::unique_ptr<Lab>>(const LabSpec&)>;

// Process exit codes; of several the worst counts: environment over bad input over a failed expectation.
enum class ExitCode { as_expected = 0, expectation_failed = 1, bad_input = 2, environment = 3 };
ExitCode worst(ExitCode a, ExitCode b);
// A fault is bad input unless its code says that something outside does not answer (a server, the directory, a file
// that cannot be written).
ExitCode exit_code(const Fault& fault);

struct StepRecord {
  enum class Status { ok, failed, fault, skipped };
  Status status = Status::ok;
  std::size_t number = 0;  // from 1
  std::string title;
  std::string id, note;
  Where where;
  Timestamp at;   // lab time when the step began
  Report report;  // of a step that ran
  std::vector<Mismatch> mismatches;
  std::optional<Fault> fault;
  std::string why_skipped;
  double seconds = 0;  // wall time, if a stopwatch was given
};

std::string_view to_string(StepRecord::Status status);  // "as_expected", "failed", "fault", "skipped"

struct CaseRecord {
  std::string name;  // with the cell of the matrix
  std::string why;
  std::vector<std::string> refs;
  std::string source;
  std::vector<StepRecord> steps;
  std::optional<Fault> fault;      // the lab did not start, or the file could not be read
  std::vector<Fault> more_faults;  // of the same file
  ExitCode exit = ExitCode::as_expected;
  double seconds = 0;
  bool passed() const { return exit == ExitCode::as_expected; }
};

struct RunOptions {
  std::function<void(const StepRecord&, Lab&)> after_step;  // progress
  std::function<void(const CaseRecord&, Lab&)> before_end;  // to save artefacts while the lab still exists
  std::function<double()> stopwatch;                        // seconds since some start
};

CaseRecord run(const Scenario& scenario, const LabFactory& factory, const RunOptions& options = {});

// A record for a file that could not be loaded; `faults` is not empty.
CaseRecord unreadable(const std::string& source, const std::vector<Fault>& faults);

// Compares a report with an expectation (nullptr: the step must succeed). Faults: the expectation names an unknown
// account.
struct StepCertificates {
  virtual ~StepCertificates() = default;
  virtual const Certificate* of_step(const std::string& id) const = 0;
};
Result<std::vector<Mismatch>> compare(const Report& report, const Expectation* expectation, Lab& lab,
                                      const StepCertificates& earlier);

}  // namespace mimica::harness
