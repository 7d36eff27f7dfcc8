#include "harness/report/report.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/bytes.h"
#include "core/base/text.h"

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

// What was logged, channel by channel in order of first use: "KDC 39 (warning); connector/Operational 1002, 1051 (3
// times)".
std::string logged(const Report& report) {
  std::vector<std::string> channels;
  std::map<std::string, std::vector<std::pair<std::string, int>>> counts;
  const auto add = [&](const std::string& channel, const std::string& event) {
    auto& events = counts[channel];
    if (events.empty()) channels.push_back(channel);
    for (auto& [known, count] : events)
      if (known == event) {
        ++count;
        return;
      }
    events.emplace_back(event, 1);
  };
  for (const Event& event : report.events)
    add("KDC", std::to_string(event.id()) + " (" + to_lower(to_string(event.level)) + ")");
  for (const auto& [channel, id] : report.log) add(channel, std::to_string(id));
  std::string out;
  for (const std::string& channel : channels) {
    append_item(out, channel, "; ");
    const char* separator = " ";
    for (const auto& [event, count] : counts[channel]) {
      out += separator + event + (count > 1 ? " (" + std::to_string(count) + " times)" : "");
      separator = ", ";
    }
  }
  return out;
}

// Text broken at blanks so that lines stay within the width of a page; `line` begins the first one.
std::string wrapped(const std::string& text, const std::string& indent, std::string line = {}) {
  constexpr std::size_t kWidth = 112;
  std::string out;
  for (const auto paragraph : split(text, '\n')) {
    for (const auto word : split(paragraph, ' ')) {
      if (word.empty()) continue;
      if (!line.empty() && indent.size() + line.size() + 1 + word.size() > kWidth) {
        out += indent + line + "\n";
        line.clear();
      }
      append_item(line, word, " ");
    }
    if (!line.empty()) out += indent + line + "\n";
    line.clear();
  }
  return out;
}

// What a timeline has shown already and need not repeat.
struct Shown {
  std::set<std::string> certificates;  // serial numbers
  std::set<std::string> warnings;      // rule and finding
};

bool is_notable(const Step& step) { return step.verdict == Verdict::fail || step.verdict == Verdict::warn; }

// The steps of a trace that a timeline shows: all of them, the failed one and the warnings, or of a refusal the one
// that decided.
Trace selected(const StepRecord& record, bool all, Shown* shown) {
  const Trace& trace = record.report.trace;
  if (all) return trace;
  Trace out;
  const Step* deciding = record.report.ok() ? nullptr : trace.deciding();
  for (const Step& step : trace.steps()) {
    if (record.status == StepRecord::Status::failed ? !is_notable(step)
        : deciding != nullptr                       ? &step != deciding
                                                    : step.verdict != Verdict::warn)
      continue;
    const bool fresh = shown == nullptr || shown->warnings.insert(std::string(step.rule->id) + " " + step.found).second;
    if (fresh || step.verdict == Verdict::fail) out.add(step);
  }
  return out;
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

void certificate_block(const CertificateSummary& summary, Shown* shown, std::string& out) {
  const std::string rest = summary.key + ", valid " + to_iso(summary.not_before).substr(0, 10) + " to " +
                           to_iso(summary.not_after).substr(0, 10);
  if (shown != nullptr && !shown->certificates.insert(summary.issuer + summary.serial).second)
    out += kIndent + ("with certificate " + summary.serial) + ", SID " + summary.sid.value_or("absent") + "\n";
  else if (summary.subject == summary.issuer)
    out += kIndent + padded("root", 10) + summary.subject + ", " + rest + "\n";
  else
    out += certificate_lines(summary, kIndent);
}

void answer_lines(const StepRecord& step, const TextOptions& options, Shown* shown, std::string& out) {
  const Report& report = step.report;
  const Painter paint(options.colour);
  std::string line = report.ok() ? std::string() : paint.bold(describe(report.code));
  if (report.request_id)
    line += std::string(line.empty() ? "" : ", ") + "request " + std::to_string(*report.request_id);
  if (!line.empty()) out += kIndent + line + "\n";
  // Without a rule that decided, the message is all there is.
  if (!report.ok() && !report.message.empty() && (options.explain || report.trace.deciding() == nullptr))
    out += wrapped(report.message, kIndent);
  if (report.summary) certificate_block(*report.summary, shown, out);
  if (const std::string events = logged(report); !events.empty()) out += wrapped(events, kIndent, padded("events", 9));
  if (options.explain || step.status == StepRecord::Status::failed)
    for (const std::string& stage : report.stages) out += kIndent + paint.dim("- " + stage) + "\n";
  out += indented(explain(selected(step, options.explain, shown), {}, {}, options.colour), std::string(kIndent, 7));
}

std::string step_block(const StepRecord& step, const TextOptions& options, Shown* shown) {
  const Painter paint(options.colour);
  std::string number = std::to_string(step.number);
  number = std::string(number.size() < 3 ? 3 - number.size() : 0, ' ') + number;
  std::string word = padded(outcome_word(step), 8);
  const bool good = step.status == StepRecord::Status::ok && step.report.ok();
  word = good ? paint.good(word) : step.status == StepRecord::Status::ok ? paint.warning(word) : paint.bad(word);
  std::string out = number + "  " + paint.dim(to_iso(step.at).substr(0, 16)) + "  " + word + "  " + step.title + "\n";
  if (!step.note.empty()) out += wrapped(step.note, kIndent);
  switch (step.status) {
    case StepRecord::Status::skipped:
      return out + kIndent + step.why_skipped + "\n";
    case StepRecord::Status::fault:
      return out + indented(step.fault->describe(), kIndent);
    default:
      break;
  }
  answer_lines(step, options, shown, out);
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

std::string timeline(const StepRecord& step, const TextOptions& options) { return step_block(step, options, nullptr); }

std::string timeline(const CaseRecord& record, const TextOptions& options) {
  const Painter paint(options.colour);
  std::string out = paint.bold(record.name) + "\n";
  if (!record.why.empty()) out += wrapped(record.why, "  ");
  std::string origin = record.source;
  if (!record.refs.empty()) append_item(origin, "[" + join(record.refs, ", ") + "]", "  ");
  if (!origin.empty() && origin != record.name) out += "  " + paint.dim(origin) + "\n";
  out += "\n";
  Shown shown;
  for (const StepRecord& step : record.steps) out += step_block(step, options, &shown);
  if (record.fault) out += indented(record.fault->describe(), "  ");
  for (const Fault& fault : record.more_faults) out += indented(fault.describe(), "  ");
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
