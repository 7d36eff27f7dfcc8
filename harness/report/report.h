// Finished runs as people and programs read them: a timeline in text, JSON, and JUnit XML.
#pragma once

#include <string>
#include <vector>

#include "harness/scenario/runner.h"

namespace mimica::harness {

struct TextOptions {
  Colour colour = Colour::none;
  bool explain =
      false;  // the whole trace and the way of the request for every step, not only for refusals and failures
};

// The timeline of one case, ending in its PASS or FAIL line.
std::string timeline(const CaseRecord& record, const TextOptions& options);
// The block of one step.
std::string timeline(const StepRecord& step, const TextOptions& options);
// "3 scenarios: 2 passed, 1 failed"; a failed or unreadable one is named.
std::string summary(const std::vector<CaseRecord>& records, const TextOptions& options);

// The lines of a certificate as timelines and `mimica explain` print them, each with `indent` and a final newline.
std::string certificate_lines(const CertificateSummary& summary, const std::string& indent);

// {"format": "mimica.run", "version": 1, "exit": 0, "scenarios": [...]}, described in docs/report-format.md. Members
// are only ever added within a version.
std::string report_json(const std::vector<CaseRecord>& records);
// The members of `scenarios[].steps[]`'s answer, for other faces that print a Report.
std::string report_json(const Report& report);

// One testsuite for each case and one testcase for each step; failures carry wanted, found and the trace. Characters
// that XML 1.0 cannot carry are replaced by U+FFFD.
std::string report_junit(const std::vector<CaseRecord>& records);

}  // namespace mimica::harness
