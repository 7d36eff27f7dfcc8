#include <cstdio>

#include "core/base/text.h"
#include "core/base/xml_text.h"
#include "harness/report/report.h"

namespace mimica::harness {
namespace {

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
  std::string out = "    <testcase classname=\"" + xml_escape(record.name) + "\" name=\"" +
                    xml_escape(std::to_string(step.number) + " " + step.title) + "\" file=\"" +
                    xml_escape(record.source) + "\" line=\"" + std::to_string(step.where.line) + "\" time=\"" +
                    seconds(step.seconds) + "\"";
  switch (step.status) {
    case StepRecord::Status::ok:
      return out + "/>\n";
    case StepRecord::Status::skipped:
      ++counts.skipped;
      return out + "><skipped message=\"" + xml_escape(step.why_skipped) + "\"/></testcase>\n";
    case StepRecord::Status::fault:
      ++counts.errors;
      return out + "><error message=\"" + xml_escape(step.fault->what) + "\">" + xml_escape(step.fault->describe()) +
             "</error></testcase>\n";
    case StepRecord::Status::failed:
      break;
  }
  ++counts.failures;
  const std::string message = join(
      step.mismatches, "; ", [](const Mismatch& m) { return m.what + ": wanted " + m.wanted + ", found " + m.found; });
  TextOptions plain;
  plain.explain = true;
  return out + "><failure message=\"" + xml_escape(message) + "\" type=\"" + xml_escape(step.report.rule()) + "\">" +
         xml_escape(timeline(step, plain)) + "</failure></testcase>\n";
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
      cases += "    <testcase classname=\"" + xml_escape(record.name) + "\" name=\"start\" file=\"" +
               xml_escape(record.source) + "\"><error message=\"" + xml_escape(record.fault->what) + "\">" +
               xml_escape(record.fault->describe()) + "</error></testcase>\n";
    }
    counts.time = record.seconds;
    suites += "  <testsuite name=\"" + xml_escape(record.name) + "\" file=\"" + xml_escape(record.source) + "\"" +
              counts.attributes() + ">\n" + cases + "  </testsuite>\n";
    all.add(counts);
  }
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"mimica\"" + all.attributes() + ">\n" + suites +
         "</testsuites>\n";
}

}  // namespace mimica::harness
