#include "harness/scenario/runner.h"

#include <algorithm>

namespace mimica::harness {
namespace {

class Run final : public StepCertificates {
 public:
  Run(const Scenario& scenario, Lab& lab, const RunOptions& options)
      : scenario_(scenario), lab_(lab), options_(options) {}

  void all(CaseRecord& record) {
    bool stopped = false;
    for (const ScenarioStep& step : scenario_.steps) {
      StepRecord done;
      done.number = record.steps.size() + 1;
      done.title = step.action.title();
      done.id = step.id;
      done.note = step.note;
      done.where = step.where;
      done.at = lab_.now();
      if (stopped) {
        done.status = StepRecord::Status::skipped;
        done.why_skipped = "an earlier step could not be carried out";
      } else {
        const double begin = options_.stopwatch ? options_.stopwatch() : 0;
        one(step, done);
        done.seconds = options_.stopwatch ? options_.stopwatch() - begin : 0;
        if (options_.after_step) options_.after_step(done, lab_);
      }
      if (done.status == StepRecord::Status::fault) {
        stopped = true;
        record.exit = worst(record.exit, exit_code(*done.fault));
      } else if (done.status == StepRecord::Status::failed) {
        record.exit = worst(record.exit, ExitCode::expectation_failed);
      }
      record.steps.push_back(std::move(done));
    }
  }

  const Certificate* of_step(const std::string& id) const override { return earlier_.find_certificate(id); }

 private:
  void one(const ScenarioStep& step, StepRecord& done) {
    Result<Report> answer = step.action.run(lab_, earlier_);
    const Expectation* wanted = step.expect ? &*step.expect : nullptr;
    if (auto broken = earlier_.take_broken()) {
      done.status = StepRecord::Status::skipped;
      done.why_skipped = *std::move(broken);
    } else if (!answer) {
      Fault fault = std::move(answer).error();
      // A scenario may expect that the lab cannot carry something out.
      if (wanted != nullptr && (wanted->outcome == Outcome::failed || wanted->any_outcome) && fault.code.index() != 0) {
        done.report.outcome = Outcome::failed;
        done.report.code = fault.code;
        done.report.message = fault.what;
        judge(wanted, done);
      } else {
        fail(std::move(fault), step, done);
      }
    } else {
      done.report = *std::move(answer);
      if (done.report.certificate && !done.report.summary)
        done.report.summary = lab_.summarise(*done.report.certificate);
      judge(wanted, done);
      for (Mismatch& missed : step.action.judge(done.report)) {
        done.mismatches.push_back(std::move(missed));
        if (done.status == StepRecord::Status::ok) done.status = StepRecord::Status::failed;
      }
    }
    if (!step.id.empty()) earlier_.keep(step.id, done.report, done.status == StepRecord::Status::ok);
  }

  void fail(Fault fault, const ScenarioStep& step, StepRecord& done) {
    if (fault.where.source.empty() && fault.where.line == 0) fault.where = step.where;
    done.status = StepRecord::Status::fault;
    done.fault = std::move(fault);
  }

  void judge(const Expectation* wanted, StepRecord& done) {
    auto mismatches = compare(done.report, wanted, lab_, *this);
    if (!mismatches) {
      Fault fault = mismatches.error();
      if (fault.where.source.empty()) fault.where = done.where;
      done.status = StepRecord::Status::fault;
      done.fault = std::move(fault);
      return;
    }
    done.mismatches = *std::move(mismatches);
    if (!done.mismatches.empty()) done.status = StepRecord::Status::failed;
  }

  const Scenario& scenario_;
  Lab& lab_;
  const RunOptions& options_;
  Earlier earlier_;
};

}  // namespace

std::string_view to_string(StepRecord::Status status) {
  switch (status) {
    case StepRecord::Status::ok:
      return "as_expected";
    case StepRecord::Status::failed:
      return "failed";
    case StepRecord::Status::fault:
      return "fault";
    case StepRecord::Status::skipped:
      return "skipped";
  }
  return "";
}

ExitCode worst(ExitCode a, ExitCode b) { return std::max(a, b); }

ExitCode exit_code(const Fault& fault) {
  for (const Code outside :
       {Code{HResult::RPC_S_SERVER_UNAVAILABLE}, Code{HResult::ERROR_DIRECTORY_UNAVAILABLE}, Code{HResult::E_FAIL},
        Code{LdapCode::unavailable}, Code{LdapCode::busy}, Code{LdapCode::other}})
    if (fault.code == outside) return ExitCode::environment;
  return ExitCode::bad_input;
}

CaseRecord run(const Scenario& scenario, const LabFactory& factory, const RunOptions& options) {
  CaseRecord record;
  record.name = scenario.full_name();
  record.why = scenario.why;
  record.refs = scenario.refs;
  record.source = scenario.source;
  const double begin = options.stopwatch ? options.stopwatch() : 0;
  if (scenario.steps.empty()) {
    record.fault =
        fault("the scenario has no steps", {scenario.source, 0, 0, {}}, "`mimica up` starts a lab without steps");
    record.exit = ExitCode::bad_input;
    return record;
  }
  auto lab = factory(scenario.lab);
  if (!lab) {
    record.fault = lab.error();
    if (record.fault->where.source.empty()) record.fault->where.source = scenario.source;
    record.exit = exit_code(*record.fault);
    return record;
  }
  Run(scenario, **lab, options).all(record);
  if (options.before_end) options.before_end(record, **lab);
  record.seconds = options.stopwatch ? options.stopwatch() - begin : 0;
  return record;
}

CaseRecord unreadable(const std::string& source, const std::vector<Fault>& faults) {
  CaseRecord record;
  record.name = source;
  record.source = source;
  record.fault = faults.front();
  record.more_faults.assign(faults.begin() + 1, faults.end());
  for (const Fault& fault : faults) record.exit = worst(record.exit, exit_code(fault));
  return record;
}

}  // namespace mimica::harness
