#include <cstdio>

#include "core/bytes.h"
#include "harness/report.h"

namespace mimica::harness {
namespace {

// Text for XML 1.0 content and attribute values. Malformed UTF-8 and characters that XML 1.0 excludes become U+FFFD.
std::string escaped(std::string_view text) {
  std::string out;
  const std::string replacement = "\xEF\xBF\xBD";
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    std::size_t length = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 0;
    const std::string_view piece = text.substr(i, length);
    if (length == 0 || piece.size() < length || !is_valid_utf8(piece) || piece == "\xEF\xBF\xBE" ||
        piece == "\xEF\xBF\xBF") {
      out += replacement;
      ++i;
      continue;
    }
    i += length;
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
        out += "&#9;";
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        out += c < 0x20 ? replacement : std::string(piece);
    }
  }
  return out;
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return text;
}

struct Counts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
  double time = 0;
  void add(const Counts& other) {
    tests += other.tests, failures += other.failures, errors += other.errors, skipped += other.skipped,
        time += other.time;
  }
  std::string attributes() const {
    return " tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failures) + "\" errors=\"" +
           std::to_string(errors) + "\" skipped=\"" + std::to_string(skipped) + "\" time=\"" + seconds(time) + "\"";
  }
};

std::string test_case(const StepRecord& step, const CaseRecord& record, Counts& counts) {
  ++counts.tests;
  std::string out = "    <testcase classname=\"" + escaped(record.name) + "\" name=\"" +
                    escaped(std::to_string(step.number) + " " + step.title) + "\" file=\"" + escaped(record.source) +
                    "\" line=\"" + std::to_string(step.where.line) + "\" time=\"" + seconds(step.seconds) + "\"";
  switch (step.status) {
    case StepRecord::Status::ok:
      return out + "/>\n";
    case StepRecord::Status::skipped:
      ++counts.skipped;
      return out + "><skipped message=\"" + escaped(step.why_skipped) + "\"/></testcase>\n";
    case StepRecord::Status::fault:
      ++counts.errors;
      return out + "><error message=\"" + escaped(step.fault->what) + "\">" + escaped(step.fault->describe()) +
             "</error></testcase>\n";
    case StepRecord::Status::failed:
      break;
  }
  ++counts.failures;
  std::string message;
  for (const Mismatch& m : step.mismatches)
    message += (message.empty() ? "" : "; ") + m.what + ": wanted " + m.wanted + ", found " + m.found;
  TextOptions plain;
  plain.explain = true;
  return out + "><failure message=\"" + escaped(message) + "\" type=\"" + escaped(step.report.rule()) + "\">" +
         escaped(timeline(step, plain)) + "</failure></testcase>\n";
}

}  // namespace

std::string report_junit(const std::vector<CaseRecord>& records) {
  Counts all;
  std::string suites;
  for (const CaseRecord& record : records) {
    Counts counts;
    std::string cases;
    for (const StepRecord& step : record.steps) cases += test_case(step, record, counts);
    if (record.fault) {
      ++counts.tests, ++counts.errors;
      cases += "    <testcase classname=\"" + escaped(record.name) + "\" name=\"start\" file=\"" +
               escaped(record.source) + "\"><error message=\"" + escaped(record.fault->what) + "\">" +
               escaped(record.fault->describe()) + "</error></testcase>\n";
    }
    counts.time = record.seconds;
    suites += "  <testsuite name=\"" + escaped(record.name) + "\" file=\"" + escaped(record.source) + "\"" +
              counts.attributes() + ">\n" + cases + "  </testsuite>\n";
    all.add(counts);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mimica\"" + all.attributes() + ">\n" + suites +
         "</testsuites>\n";
}

}  // namespace mimica::harness
