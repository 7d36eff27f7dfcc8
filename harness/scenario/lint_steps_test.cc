// The scenario steps around templates: lint, delete, issuance policies, attributes written by somebody, updates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "audit/lint/authority_weakness_rules.h"
#include "audit/lint/template_weakness_rules.h"
#include "harness/scenario/fake_lab_test.h"

namespace mimica::harness {
namespace {

CaseRecord run_text(const std::string& text, FakeScript& script) {
  LoadedScenarios loaded = load_text(text);
  EXPECT_TRUE(loaded.ok()) << (loaded.faults.empty() ? "" : loaded.faults.front().describe());
  return loaded.cases.empty() ? CaseRecord{} : run(loaded.cases.front(), fake_labs(script), {});
}

audit::Finding finding(audit::Finding::Kind kind, const std::string& subject, const Rule& rule, bool fails) {
  audit::Finding out{kind, subject, {}};
  if (fails)
    out.trace.fail(rule, {}, "a hole");
  else
    out.trace.pass(rule);
  return out;
}
FakeScript script_with_findings() {
  FakeScript script;
  script.findings.push_back(finding(audit::Finding::Kind::authority, "CA", audit::rule::kWeaknessEsc7, false));
  script.findings.push_back(
      finding(audit::Finding::Kind::certificate_template, "Hole", audit::rule::kWeaknessEsc1, true));
  script.findings.push_back(
      finding(audit::Finding::Kind::certificate_template, "Sound", audit::rule::kWeaknessEsc1, false));
  return script;
}

TEST(LintStep, IsRefusedWhenSomethingIsFound) {
  FakeScript script = script_with_findings();
  const CaseRecord record = run_text(R"(scenario: s
steps:
  - lint: {}
    expect: {outcome: refused}
  - lint: {template: Hole}
    expect: {outcome: refused}
  - lint: {template: sound}
  - lint: {template: Hole}
  - lint: {template: Missing}
)",
                                     script);
  ASSERT_EQ(record.steps.size(), 5u);
  EXPECT_EQ(record.steps[0].status, StepRecord::Status::ok);
  EXPECT_TRUE(record.steps[0].report.trace.has(audit::rule::kWeaknessEsc7.id, Verdict::pass));
  EXPECT_EQ(record.steps[0].report.rule(), audit::rule::kWeaknessEsc1.id);
  EXPECT_EQ(record.steps[1].status, StepRecord::Status::ok);
  EXPECT_EQ(record.steps[2].status, StepRecord::Status::ok) << "a template without a finding succeeds";
  EXPECT_EQ(record.steps[3].status, StepRecord::Status::failed) << "nothing was expected";
  EXPECT_EQ(record.steps[4].status, StepRecord::Status::fault) << "no such template";
}

TEST(TemplateSteps, BecomeCallsOfTheLab) {
  FakeScript script;
  const CaseRecord record = run_text(R"(scenario: s
lab:
  policies: [{name: Low, oid: 1.2.3}]
  ca: {sid_extension_update: false, application_policy_update: false}
steps:
  - add: {policy: {name: Vault, group: Admins, cps: "http://x"}}
  - set_attribute: {template: User, attribute: flags, values: 1, as: mallory}
  - set_attribute: {policy: Vault, attribute: msDS-OIDToGroupLink, values: []}
  - delete: {template: Old}
  - ca: {install_update: [may_2022, november_2024]}
)",
                                     script);
  for (const StepRecord& step : record.steps) EXPECT_EQ(step.status, StepRecord::Status::ok) << step.title;
  EXPECT_THAT(script.calls, testing::ElementsAre("add_policy Vault", "set_attribute User flags 1 as mallory",
                                                 "set_attribute Vault msDS-OIDToGroupLink ", "remove_template Old",
                                                 "install_update may_2022", "install_update november_2024"));
  EXPECT_EQ(record.steps[1].title, "mallory sets flags of User to 1");
}

TEST(TemplateSteps, ReadTheLab) {
  const LoadedScenarios loaded = load_text(R"(scenario: s
lab:
  policies: [{name: Low, oid: 1.2.3}]
  ca: {sid_extension_update: false, application_policy_update: false}
steps: [{lint: {}}]
)");
  ASSERT_TRUE(loaded.ok());
  const LabSpec& lab = loaded.cases.front().lab;
  ASSERT_EQ(lab.issuance_policies.size(), 1u);
  EXPECT_EQ(lab.issuance_policies[0].oid, "1.2.3");
  EXPECT_FALSE(lab.ca.sid_extension_update);
  EXPECT_FALSE(lab.ca.application_policy_update);
}

TEST(TemplateSteps, NeedOneObjectToWriteTo) {
  for (const char* text : {"{attribute: mail, values: x}", "{account: a, template: b, attribute: mail, values: x}"}) {
    const LoadedScenarios loaded = load_text("scenario: s\nsteps:\n  - set_attribute: " + std::string(text) + "\n");
    EXPECT_FALSE(loaded.ok()) << text;
  }
}

}  // namespace
}  // namespace mimica::harness
