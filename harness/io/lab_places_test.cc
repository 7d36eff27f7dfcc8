// Faults of a lab's start name the place of the part that is wrong.
#include <gtest/gtest.h>

#include "harness/lab/lab.h"
#include "harness/scenario/scenario.h"

namespace mimica::harness {
namespace {

struct WrongLab {
  const char* name;
  const char* lab;
  const char* where;
};

class WrongLabTest : public testing::TestWithParam<WrongLab> {};

TEST_P(WrongLabTest, IsNamedByItsPlace) {
  const LoadedScenarios loaded =
      load_scenarios("scenario: x\nlab:\n  directory: in_process\n" + std::string(GetParam().lab), "s.yaml", {});
  ASSERT_TRUE(loaded.ok()) << loaded.faults.front().describe();
  const auto lab = Lab::start(loaded.cases.front().lab);
  ASSERT_FALSE(lab);
  EXPECT_EQ(describe(lab.error().where), GetParam().where) << lab.error().describe();
  EXPECT_FALSE(lab.error().hint.empty()) << lab.error().describe();
}

const WrongLab kWrong[] = {
    {"provider_without_compatibility",
     "  templates:\n    - display_name: One\n    - display_name: Two\n      provider: ksp\n", "s.yaml:6:7"},
    {"unknown_provider", "  templates: [{name: T, provider: X}]\n", "s.yaml:4:15"},
    {"unknown_original", "  templates: [{name: T, duplicate: Nothing}]\n", "s.yaml:4:15"},
    {"template_twice", "  templates: [{name: T}, {name: T}]\n", "s.yaml:4:26"},
    {"unknown_account_that_may_enroll", "  templates: [{name: T, enroll: nobody}]\n", "s.yaml:4:15"},
    {"user_twice", "  users: [{name: jane}, {name: jane}]\n", "s.yaml:4:25"},
    {"group_twice", "  groups:\n    - {name: G}\n    - {name: G}\n", "s.yaml:6:7"},
    {"computer_twice", "  computers: [{name: C}, {name: C}]\n", "s.yaml:4:26"},
    {"device_twice", "  devices: [{name: PC}, {name: PC}]\n", "s.yaml:4:25"},
    {"connector_twice", "  connectors: [{name: C1}, {name: C1}]\n", "s.yaml:4:28"},
    {"unknown_member", "  users: [{name: jane}]\n  groups: [{name: G, members: [jnae]}]\n", "s.yaml:5:12"},
    {"unknown_group_of_a_user", "  users: [{name: jane, groups: [Nobodies]}]\n", "s.yaml:4:11"},
    {"profile_that_cannot_be_saved",
     "  profiles:\n    - inline: {\"@odata.type\": \"#microsoft.graph.windows10PkcsCertificateProfile\", displayName: "
     "P}\n",
     "s.yaml:5:7"},
    {"profile_for_nobody",
     "  profiles:\n    - assign: [nobody]\n      inline: {\"@odata.type\": "
     "\"#microsoft.graph.windows81TrustedRootCertificate\", displayName: P}\n",
     "s.yaml:5:7"},
    {"unknown_group_of_a_policy", "  policies: [{name: P, group: Nobodies}]\n", "s.yaml:4:14"},
};
INSTANTIATE_TEST_SUITE_P(All, WrongLabTest, testing::ValuesIn(kWrong),
                         [](const testing::TestParamInfo<WrongLab>& wrong) { return std::string(wrong.param.name); });

}  // namespace
}  // namespace mimica::harness
