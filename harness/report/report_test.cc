#include "harness/report/report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/pki/testing/pki_test.h"
#include "harness/scenario/fake_lab_test.h"

namespace mimica::harness {
namespace {

inline constexpr Rule kRule{"templates.permission.enroll", "The caller may enroll", "MS-CRTD 2.5", "allow Enroll"};
inline constexpr Rule kPassed{"ca.permission.request", "The caller may request", "MS-CSRA", "grant it"};

// One step as expected (issued), one refusal as expected, one failed, one skipped, one fault.
std::vector<CaseRecord> records() {
  CaseRecord record;
  record.name = "A <title> & \"more\"";
  record.why = "to see";
  record.refs = {"REQ-1", "REQ-2"};
  record.source = "dir/s.yaml";
  record.exit = ExitCode::expectation_failed;
  StepRecord step;
  step.number = 1;
  step.title = "deliver \"P\" to PC";
  step.where = {"dir/s.yaml", 12, 5, {}};
  step.at = pki::at("2025-09-10T08:00:00Z");
  step.report.outcome = Outcome::issued;
  step.report.request_id = 17;
  step.report.stages = {"Intune: resolved", "CA: issued"};
  step.report.summary = CertificateSummary{"CN=Jane",
                                           "CN=CA",
                                           "61ab",
                                           "IntuneUser",
                                           {"UPN=jane@contoso.com"},
                                           "S-1-5-21-1",
                                           pki::at("2025-09-10"),
                                           pki::at("2026-09-10"),
                                           "RSA-2048",
                                           {"Client Authentication"}};
  step.report.trace.pass(kPassed, "CONTOSO\\CONNECTOR01$ may request certificates");
  record.steps.push_back(step);

  StepRecord no = step;
  no.number = 2;
  no.report = {};
  no.report.outcome = Outcome::refused;
  no.report.code = HResult::CERTSRV_E_TEMPLATE_DENIED;
  no.report.message = "Denied by Policy Module";
  no.report.trace.pass(kPassed, "CONTOSO\\CONNECTOR01$ may request certificates");
  no.report.trace.fail(kRule, no.report.code, "needs Enroll on \"IntuneUser\"");
  no.report.events = {kdc::events::no_strong_mapping("jane", {}, true, step.at)};
  no.report.log = {{"connector/Admin", 1051}};
  record.steps.push_back(no);

  StepRecord failed = no;
  failed.number = 3;
  failed.status = StepRecord::Status::failed;
  failed.mismatches = {{"outcome", "issued", "refused"}};
  record.steps.push_back(failed);

  StepRecord skipped = step;
  skipped.number = 4;
  skipped.report = {};
  skipped.status = StepRecord::Status::skipped;
  skipped.why_skipped = "no certificate";
  record.steps.push_back(skipped);

  StepRecord fault_step = skipped;
  fault_step.number = 5;
  fault_step.status = StepRecord::Status::fault;
  fault_step.fault = fault("nobody", {"dir/s.yaml", 20, 7, {}}, "look again");
  record.steps.push_back(fault_step);

  CaseRecord broken =
      unreadable("x.yaml", {fault("unknown key 'expct'", {"x.yaml", 3, 5, {}}, "did you mean 'expect'?"),
                            fault("another", {"x.yaml", 9, 1, {}})});
  CaseRecord good;
  good.name = "good";
  good.source = "g.yaml";
  good.steps = {step};
  return {record, good, broken};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Timeline, ShowsStepsCertificatesAndRefusals) {
  const std::string text = timeline(records()[0], {});
  EXPECT_TRUE(has(text, "  1  2025-09-10T08:00  issued    deliver \"P\" to PC\n")) << text;
  for (const char* part :
       {"subject   CN=Jane\n", "SAN       UPN=jane@contoso.com\n", "SID       S-1-5-21-1\n", "template  IntuneUser\n",
        "key       RSA-2048, valid 2025-09-10 to 2026-09-10\n", "request 17",
        "CERTSRV_E_TEMPLATE_DENIED (0x80094012)\n", "events    KDC 39 (warning); connector/Admin 1051\n",
        "FAIL  templates.permission.enroll  needs Enroll on \"IntuneUser\"\n", "hint: allow Enroll\n",
        "not as expected  (dir/s.yaml:12:5)\n", "outcome  wanted issued, found refused\n",
        "the rule that decided: templates.permission.enroll\n", "no certificate\n", "dir/s.yaml:20:7: nobody\n",
        "FAIL  A <title>", "[REQ-1, REQ-2]"})
    EXPECT_TRUE(has(text, part)) << part << "\n" << text;
  EXPECT_EQ(text.find('\033'), std::string::npos);
}

TEST(Timeline, ExplainShowsEveryRule) {
  StepRecord refusal = records()[0].steps[1];
  EXPECT_FALSE(has(timeline(refusal, {}), "ca.permission.request"));
  TextOptions options;
  options.explain = true;
  EXPECT_TRUE(has(timeline(refusal, options), "pass  ca.permission.request"));
  EXPECT_TRUE(has(timeline(records()[0].steps[0], options), "- CA: issued"));
}

TEST(Timeline, ColourOnlyWhenAsked) {
  TextOptions options;
  options.colour = Colour::ansi;
  EXPECT_TRUE(has(timeline(records()[0], options), "\033["));
  EXPECT_TRUE(has(summary(records(), options), "\033["));
}

TEST(Timeline, EndsInAVerdict) {
  EXPECT_TRUE(has(timeline(records()[1], {}), "PASS  good  (1 steps)\n"));
  const std::string broken = timeline(records()[2], {});
  EXPECT_TRUE(has(broken, "x.yaml:3:5: unknown key 'expct'\n")) << broken;
  EXPECT_TRUE(has(broken, "did you mean 'expect'?"));
  EXPECT_TRUE(has(broken, "x.yaml:9:1: another\n"));
  const std::string text = summary(records(), {});
  EXPECT_TRUE(has(text, "3 scenarios: 1 passed, 2 failed\n")) << text;
}

TEST(ReportJson, HasItsDocumentedShape) {
  const boost::json::value root = boost::json::parse(report_json(records()));
  EXPECT_EQ(root.at("format").as_string(), "mimica.run");
  EXPECT_EQ(root.at("version").as_int64(), 1);
  EXPECT_EQ(root.at("exit").as_int64(), 2);
  const auto& scenarios = root.at("scenarios").as_array();
  ASSERT_EQ(scenarios.size(), 3U);
  const auto& steps = scenarios[0].at("steps").as_array();
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(steps[0].at("status").as_string(), "as_expected");
  EXPECT_EQ(steps[0].at("report").at("certificate").at("sid").as_string(), "S-1-5-21-1");
  EXPECT_EQ(steps[0].at("report").at("request").as_int64(), 17);
  EXPECT_EQ(steps[1].at("report").at("code").as_string(), "CERTSRV_E_TEMPLATE_DENIED");
  EXPECT_EQ(steps[1].at("report").at("number").as_string(), "0x80094012");
  EXPECT_EQ(steps[1].at("report").at("rule").as_string(), "templates.permission.enroll");
  EXPECT_EQ(steps[1].at("report").at("events").at(0).at("id").as_int64(), 39);
  EXPECT_EQ(steps[1].at("report").at("trace").at(1).at("verdict").as_string(), "fail");
  EXPECT_EQ(steps[2].at("mismatches").at(0).at("wanted").as_string(), "issued");
  EXPECT_EQ(steps[3].at("skipped").as_string(), "no certificate");
  EXPECT_EQ(steps[4].at("fault").at("where").as_string(), "dir/s.yaml:20:7");
  EXPECT_EQ(scenarios[2].at("fault").at("hint").as_string(), "did you mean 'expect'?");
}

// Checked with a real XML parser.
TEST(ReportJunit, IsWellFormedWhateverTheTextsHold) {
  std::vector<CaseRecord> all = records();
  all[1].name = "control \x01 byte, bad UTF-8 \xff\xc3, ]]> and \xEF\xBF\xBF";
  const std::string xml = report_junit(all);
  const pki::TemporaryFolder folder;
  pki::write_file(folder / "r.xml", as_bytes(xml));
  const pki::Run parsed =
      pki::run_in(folder,
                  "python3 -c \"import xml.etree.ElementTree as e; r=e.parse('r.xml').getroot(); "
                  "print(r.tag, r.get('tests'), r.get('failures'), r.get('errors'), r.get('skipped'), len(r), "
                  "r[0].get('name'), r[0][2][0].get('message'), r[0][2][0].get('type'))\"");
  if (parsed.status == 127) GTEST_SKIP() << "no python3";
  ASSERT_EQ(parsed.status, 0) << parsed.output << xml;
  EXPECT_EQ(
      parsed.output,
      "testsuites 7 1 2 1 3 A <title> & \"more\" outcome: wanted issued, found refused templates.permission.enroll\n");
}

}  // namespace
}  // namespace mimica::harness
