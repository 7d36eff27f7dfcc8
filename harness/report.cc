#include "harness/report.h"

#include <algorithm>

#include "core/bytes.h"

namespace mimica::harness {
namespace {

constexpr const char* kIndent = "         ";

class Painter {
 public:
  explicit Painter(Colour colour) : on_(colour == Colour::ansi) {}
  std::string bold(const std::string& text) const { return paint("1", text); }
  std::string dim(const std::string& text) const { return paint("2", text); }
  std::string good(const std::string& text) const { return paint("32", text); }
  std::string bad(const std::string& text) const { return paint("1;31", text); }
  std::string warning(const std::string& text) const { return paint("33", text); }

 private:
  std::string paint(const char* code, const std::string& text) const {
    return on_ ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
  }
  bool on_;
};

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text += std::string(width - text.size(), ' ');
  return text;
}

std::string indented(const std::string& text, const std::string& indent) {
  std::string out;
  for (const auto line : split(text, '\n'))
    if (!line.empty()) out += indent + std::string(line) + "\n";
  return out;
}

std::string_view level_name(kdc::Event::Level level) {
  switch (level) {
    case kdc::Event::Level::error:
      return "error";
    case kdc::Event::Level::warning:
      return "warning";
    case kdc::Event::Level::information:
      return "information";
  }
  return "";
}

// What was logged: "event 39 (warning), connector/Admin 1051".
std::string logged(const Report& report) {
  std::vector<std::string> parts;
  for (const kdc::Event& event : report.events)
    parts.push_back("KDC event " + std::to_string(event.id) + " (" + std::string(level_name(event.level)) + ")");
  for (const auto& [channel, id] : report.log) parts.push_back(channel + " event " + std::to_string(id));
  return join(parts, ", ");
}

// The deciding step alone, in the form of explain().
std::string deciding_lines(const Report& report, Colour colour) {
  const Step* deciding = report.trace.deciding();
  if (deciding == nullptr) return {};
  Trace one;
  one.add(*deciding);
  return explain(one, {}, {}, colour);
}

std::string warnings(const Report& report, Colour colour) {
  Trace some;
  for (const Step& step : report.trace.steps())
    if (step.verdict == Verdict::warn) some.add(step);
  return some.empty() ? std::string() : explain(some, {}, {}, colour);
}

std::string outcome_word(const StepRecord& step) {
  switch (step.status) {
    case StepRecord::Status::fault:
      return "fault";
    case StepRecord::Status::skipped:
      return "skipped";
    default:
      return std::string(to_string(step.report.outcome));
  }
}

void answer_lines(const StepRecord& step, const TextOptions& options, std::string& out) {
  const Report& report = step.report;
  const Painter paint(options.colour);
  std::string line = report.ok() ? std::string() : describe(report.code);
  if (report.request_id)
    line += std::string(line.empty() ? "" : ", ") + "request " + std::to_string(*report.request_id);
  if (const std::string events = logged(report); !events.empty()) line += (line.empty() ? "" : ", ") + events;
  if (!line.empty()) out += kIndent + (report.ok() ? line : paint.bold(line)) + "\n";
  if (!report.ok() && !report.message.empty()) out += indented(report.message, kIndent);
  if (report.summary) out += certificate_lines(*report.summary, kIndent);
  if (options.explain || step.status == StepRecord::Status::failed) {
    for (const std::string& stage : report.stages) out += kIndent + paint.dim("- " + stage) + "\n";
    out += indented(explain(report.trace, {}, {}, options.colour), std::string(kIndent, 7));
  } else if (!report.ok()) {
    out += indented(deciding_lines(report, options.colour), std::string(kIndent, 7));
  } else {
    out += indented(warnings(report, options.colour), std::string(kIndent, 7));
  }
}

}  // namespace

std::string certificate_lines(const CertificateSummary& summary, const std::string& indent) {
  std::string out;
  const auto line = [&](const char* name, const std::string& value) {
    out += indent + padded(name, 10) + value + "\n";
  };
  line("subject", summary.subject.empty() ? "empty" : summary.subject);
  line("SAN", summary.sans.empty() ? "none" : join(summary.sans, ", "));
  line("SID", summary.sid.value_or("absent"));
  line("template", summary.template_name.empty() ? "none" : summary.template_name);
  line("key", summary.key + ", valid " + to_iso(summary.not_before).substr(0, 10) + " to " +
                  to_iso(summary.not_after).substr(0, 10));
  line("serial", summary.serial);
  return out;
}

std::string timeline(const StepRecord& step, const TextOptions& options) {
  const Painter paint(options.colour);
  std::string number = std::to_string(step.number);
  number = std::string(number.size() < 3 ? 3 - number.size() : 0, ' ') + number;
  std::string word = padded(outcome_word(step), 8);
  const bool good = step.status == StepRecord::Status::ok && step.report.ok();
  word = good ? paint.good(word) : step.status == StepRecord::Status::ok ? paint.warning(word) : paint.bad(word);
  std::string out = number + "  " + paint.dim(to_iso(step.at).substr(0, 16)) + "  " + word + "  " + step.title + "\n";
  if (!step.note.empty()) out += indented(step.note, kIndent);
  switch (step.status) {
    case StepRecord::Status::skipped:
      return out + kIndent + step.why_skipped + "\n";
    case StepRecord::Status::fault:
      return out + indented(step.fault->describe(), kIndent);
    default:
      break;
  }
  answer_lines(step, options, out);
  if (step.status == StepRecord::Status::failed) {
    out += kIndent + paint.bad("not as expected") + "  (" + describe(step.where) + ")\n";
    std::size_t width = 0;
    for (const Mismatch& m : step.mismatches) width = std::max(width, m.what.size());
    for (const Mismatch& m : step.mismatches)
      out += kIndent + ("  " + padded(m.what, width)) + "  wanted " + m.wanted + ", found " + m.found + "\n";
    if (const std::string_view rule = step.report.rule(); !rule.empty())
      out += kIndent + std::string("  the rule that decided: ") + std::string(rule) + "\n";
  }
  return out;
}

std::string timeline(const CaseRecord& record, const TextOptions& options) {
  const Painter paint(options.colour);
  std::string out = paint.bold(record.name) + "\n";
  if (!record.why.empty()) out += indented(record.why, "  ");
  std::string origin = record.source;
  if (!record.refs.empty()) origin += (origin.empty() ? "" : "  ") + ("[" + join(record.refs, ", ") + "]");
  if (!origin.empty() && origin != record.name) out += "  " + paint.dim(origin) + "\n";
  out += "\n";
  for (const StepRecord& step : record.steps) out += timeline(step, options);
  if (record.fault) out += indented(record.fault->describe(), "  ");
  out += "\n";
  std::size_t failed = 0;
  for (const StepRecord& step : record.steps) failed += step.status == StepRecord::Status::failed ? 1 : 0;
  if (record.passed())
    out += paint.good("PASS") + "  " + record.name + "  (" + std::to_string(record.steps.size()) + " steps)\n";
  else if (record.exit == ExitCode::expectation_failed)
    out += paint.bad("FAIL") + "  " + record.name + "  (" + std::to_string(failed) + " of " +
           std::to_string(record.steps.size()) + " steps not as expected)\n";
  else
    out += paint.bad("FAIL") + "  " + record.name +
           (record.exit == ExitCode::bad_input ? "  (bad input)\n" : "  (environment)\n");
  return out;
}

std::string summary(const std::vector<CaseRecord>& records, const TextOptions& options) {
  const Painter paint(options.colour);
  std::size_t passed = 0;
  for (const CaseRecord& record : records) passed += record.passed() ? 1 : 0;
  std::string out = std::to_string(records.size()) + (records.size() == 1 ? " scenario: " : " scenarios: ");
  out += paint.good(std::to_string(passed) + " passed");
  if (passed < records.size()) out += ", " + paint.bad(std::to_string(records.size() - passed) + " failed");
  out += "\n";
  for (const CaseRecord& record : records)
    if (!record.passed())
      out += "  " + paint.bad("FAIL") + "  " + record.name +
             (record.name == record.source ? "" : "  " + record.source) + "\n";
  return out;
}

}  // namespace mimica::harness
