#include <boost/json.hpp>

#include "core/base/json_text.h"
#include "core/windows/event_text.h"
#include "harness/report/report.h"

namespace mimica::harness {
namespace {

namespace json = boost::json;

json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::object of(const CertificateSummary& c) {
  json::object out;
  out["subject"] = c.subject;
  out["issuer"] = c.issuer;
  out["serial"] = c.serial;
  out["template"] = c.template_name;
  out["san"] = strings(c.sans);
  out["sid"] = c.sid ? json::value(*c.sid) : json::value(nullptr);
  out["notBefore"] = to_iso(c.not_before);
  out["notAfter"] = to_iso(c.not_after);
  out["key"] = c.key;
  out["eku"] = strings(c.ekus);
  return out;
}

// The trace is that of the report, which has it already.
json::object of(const Event& event) {
  json::object out = json::parse(event_json(event)).as_object();
  out.erase("trace");
  return out;
}

json::object of(const Report& report) {
  json::object out;
  out["outcome"] = to_string(report.outcome);
  if (report.code.index() != 0) {
    out["code"] = symbol(report.code);
    out["number"] = number(report.code);
  }
  if (!report.rule().empty()) out["rule"] = report.rule();
  if (!report.message.empty()) out["message"] = report.message;
  if (report.request_id) out["request"] = *report.request_id;
  if (report.summary) out["certificate"] = of(*report.summary);
  if (report.certificate) out["pem"] = report.certificate->pem();
  if (!report.events.empty()) {
    json::array events;
    for (const Event& event : report.events) events.emplace_back(of(event));
    out["events"] = std::move(events);
  }
  if (!report.log.empty()) {
    json::array log;
    for (const auto& entry : report.log) log.emplace_back(json::object{{"channel", entry.first}, {"id", entry.second}});
    out["log"] = std::move(log);
  }
  if (!report.stages.empty()) out["stages"] = strings(report.stages);
  if (!report.trace.empty()) out["trace"] = json::parse(trace_to_json(report.trace));
  return out;
}

json::object of(const Fault& fault) {
  json::object out;
  out["what"] = fault.what;
  if (fault.code.index() != 0) out["code"] = symbol(fault.code);
  if (const std::string where = describe(fault.where); !where.empty()) out["where"] = where;
  if (!fault.hint.empty()) out["hint"] = fault.hint;
  return out;
}

json::object of(const StepRecord& step) {
  json::object out;
  out["number"] = step.number;
  out["title"] = step.title;
  if (!step.id.empty()) out["id"] = step.id;
  if (!step.note.empty()) out["note"] = step.note;
  out["where"] = describe(step.where);
  out["at"] = to_iso(step.at);
  out["status"] = to_string(step.status);
  out["seconds"] = step.seconds;
  if (step.status == StepRecord::Status::skipped) out["skipped"] = step.why_skipped;
  if (step.fault) out["fault"] = of(*step.fault);
  if (step.status == StepRecord::Status::ok || step.status == StepRecord::Status::failed)
    out["report"] = of(step.report);
  if (!step.mismatches.empty()) {
    json::array mismatches;
    for (const Mismatch& m : step.mismatches)
      mismatches.emplace_back(json::object{{"what", m.what}, {"wanted", m.wanted}, {"found", m.found}});
    out["mismatches"] = std::move(mismatches);
  }
  return out;
}

}  // namespace

std::string report_json(const Report& report) { return pretty_json(of(report)); }

std::string report_json(const std::vector<CaseRecord>& records) {
  ExitCode exit = ExitCode::as_expected;
  json::array scenarios;
  for (const CaseRecord& record : records) {
    exit = worst(exit, record.exit);
    json::object out;
    out["name"] = record.name;
    out["source"] = record.source;
    if (!record.why.empty()) out["why"] = record.why;
    if (!record.refs.empty()) out["refs"] = strings(record.refs);
    out["passed"] = record.passed();
    out["exit"] = static_cast<int>(record.exit);
    out["seconds"] = record.seconds;
    if (record.fault) out["fault"] = of(*record.fault);
    if (!record.more_faults.empty()) {
      json::array more;
      for (const Fault& fault : record.more_faults) more.emplace_back(of(fault));
      out["moreFaults"] = std::move(more);
    }
    json::array steps;
    for (const StepRecord& step : record.steps) steps.emplace_back(of(step));
    out["steps"] = std::move(steps);
    scenarios.emplace_back(std::move(out));
  }
  json::object root;
  root["format"] = "mimica.run";
  root["version"] = 1;
  root["exit"] = static_cast<int>(exit);
  root["scenarios"] = std::move(scenarios);
  return pretty_json(root);
}

}  // namespace mimica::harness
