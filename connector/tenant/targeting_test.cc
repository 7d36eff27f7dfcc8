#include <gtest/gtest.h>

#include "connector/testing/connector_testing.h"

namespace mimica::connector {
namespace {

using testing::every_device;
using testing::everyone;
using testing::jane;
using testing::kNow;
using testing::laptop;
using testing::windows_user_profile;

class Targets : public ::testing::Test {
 protected:
  Targets() {
    tenant.put_user(jane());
    EXPECT_TRUE(tenant.enrol(laptop(), kNow));
    people = tenant.put_group({"", "People", {jane().id}, {}, {}});
    machines = tenant.put_group({"", "Machines", {}, {laptop().id}, {}});
    all = tenant.put_group({"", "All", {}, {}, {people, machines}});
    id = *tenant.add_profile(windows_user_profile(), kNow).granted;
  }
  Decision<Targeting> target(std::vector<Assignment> assignments, const ManagedDevice& device) {
    EXPECT_TRUE(tenant.assign(id, std::move(assignments)));
    return tenant.target(*tenant.find_profile(id), device);
  }
  Decision<Targeting> target(std::vector<Assignment> assignments) {
    return target(std::move(assignments), *tenant.find_device("LAPTOP-01"));
  }
  static Assignment include(const std::string& group) { return {"", TargetKind::group, group, "", FilterMode::none}; }
  static Assignment exclude(const std::string& group) {
    return {"", TargetKind::exclude_group, group, "", FilterMode::none};
  }
  template <typename Change>
  Decision<Targeting> with_profile(Change change) {
    Profile profile = *tenant.find_profile(id);
    change(profile);
    EXPECT_TRUE(tenant.assign(id, {everyone()}));
    return tenant.target(profile, *tenant.find_device("LAPTOP-01"));
  }
  Tenant tenant;
  std::string people, machines, all, id;
};

TEST_F(Targets, Inclusion) {
  EXPECT_EQ(target({}).rule(), "connector.assignment.included");
  EXPECT_EQ(target({}).code, Code(HResult::ERROR_NOT_FOUND));
  const auto user = target({include(people)});
  ASSERT_TRUE(user);
  EXPECT_TRUE(user.granted->through_user && !user.granted->through_device);
  const auto device = target({include(machines)});
  ASSERT_TRUE(device);
  EXPECT_TRUE(device.granted->through_device && !device.granted->through_user);
  EXPECT_TRUE(target({include(all)}).granted->through_user);
  EXPECT_TRUE(target({everyone()}));
  EXPECT_TRUE(target({every_device()}));
  User unlicensed = jane();
  unlicensed.licensed = false;
  tenant.put_user(unlicensed);
  EXPECT_EQ(target({everyone()}).rule(), "connector.assignment.included");
}

TEST_F(Targets, ExclusionWorksWithinOneKind) {
  EXPECT_EQ(target({everyone(), exclude(people)}).rule(), "connector.assignment.excluded");
  EXPECT_EQ(target({every_device(), exclude(machines)}).rule(), "connector.assignment.excluded");
  const auto mixed = target({everyone(), exclude(machines)});
  EXPECT_TRUE(mixed);
  EXPECT_TRUE(mixed.trace.has("connector.assignment.excluded", Verdict::warn));
}

TEST_F(Targets, PlatformAndMode) {
  ManagedDevice phone = laptop();
  phone.enrollment = Enrollment::android_dedicated;
  const auto refused = target({every_device()}, phone);
  EXPECT_EQ(refused.rule(), "connector.assignment.platform");
  EXPECT_EQ(refused.code, Code(HResult::ERROR_NOT_SUPPORTED));
  EXPECT_TRUE(target({every_device()}).trace.has("connector.assignment.platform", Verdict::pass));
}

TEST_F(Targets, Filters) {
  const std::string new_windows = tenant.put_filter(
      {"", "11",
       *FilterRule::parse("(device.osVersion -startsWith \"10.0.2\") and (device.deviceOwnership -eq \"Corporate\")")});
  const auto filtered = [&](FilterMode mode) { return Assignment{"", TargetKind::all_users, "", new_windows, mode}; };
  EXPECT_TRUE(target({filtered(FilterMode::include)}));
  EXPECT_EQ(target({filtered(FilterMode::exclude)}).rule(), "connector.assignment.filter");
  EXPECT_TRUE(target({filtered(FilterMode::exclude), include(machines)}));
}

TEST_F(Targets, ApplicabilityRules) {
  const auto version = [&](std::string min, std::string max, RuleType type) {
    return with_profile([&](Profile& p) { p.os_version = OsVersionRule{std::move(min), std::move(max), type}; });
  };
  EXPECT_TRUE(version("10.0.22000.0", "10.0.99999.0", RuleType::include));
  EXPECT_EQ(version("10.0.22000.0", "10.0.99999.0", RuleType::exclude).rule(), "connector.assignment.os_version");
  EXPECT_EQ(version("10.0.10000.0", "10.0.20000.0", RuleType::include).rule(), "connector.assignment.os_version");
  const auto edition = [&](RuleType type) {
    return with_profile([&](Profile& p) { p.os_edition = OsEditionRule{{"windows10Enterprise"}, type}; });
  };
  EXPECT_TRUE(edition(RuleType::include));
  EXPECT_EQ(edition(RuleType::exclude).rule(), "connector.assignment.os_edition");
  const auto mode = [&](bool s_mode) {
    return with_profile([&](Profile& p) { p.device_mode = DeviceModeRule{s_mode, RuleType::include}; });
  };
  EXPECT_TRUE(mode(false));
  EXPECT_EQ(mode(true).rule(), "connector.assignment.device_mode");
}

TEST_F(Targets, MultiSessionWantsTheFittingGroupKind) {
  ManagedDevice host = laptop();
  host.multi_session = true;
  EXPECT_TRUE(target({everyone()}, host));
  EXPECT_EQ(target({every_device()}, host).rule(), "connector.assignment.multi_session");
}

TEST_F(Targets, LinterComparesRelatedProfiles) {
  const testing::SigningAuthority authority;
  const std::string root =
      *tenant.add_profile(testing::root_profile("windows81TrustedRootCertificate", "root", authority.root), kNow)
           .granted;
  ASSERT_TRUE(tenant.assign(id, {include(people)}));
  ASSERT_TRUE(tenant.assign(root, {include(people)}));
  EXPECT_TRUE(lint_assignments(tenant, id, {root}).empty());
  ASSERT_TRUE(tenant.assign(root, {include(machines)}));
  const Findings findings = lint_assignments(tenant, id, {root});
  EXPECT_NE(find(findings, "connector.assignment.same_groups"), nullptr);
  EXPECT_NE(find(findings, "connector.assignment.group_kind"), nullptr);
  ASSERT_TRUE(tenant.assign(root, {include(people), include(machines)}));
  EXPECT_EQ(find(lint_assignments(tenant, id, {root}), "connector.assignment.group_kind"), nullptr);
}

TEST(FilterRules, Grammar) {
  const ManagedDevice device = laptop();
  const auto matches = [&](std::string_view text) {
    const auto rule = FilterRule::parse(text);
    EXPECT_TRUE(rule) << (rule ? std::string() : rule.error().describe());
    return rule && rule->matches(device);
  };
  EXPECT_TRUE(matches("device.deviceName -eq \"laptop-01\""));
  EXPECT_FALSE(matches("device.deviceName -ne \"LAPTOP-01\""));
  EXPECT_TRUE(matches("not (device.deviceName -contains \"server\")"));
  EXPECT_TRUE(matches("(device.model -eq \"x\") or (device.deviceName -in [\"a\", \"LAPTOP-01\"])"));
  EXPECT_FALSE(matches("device.deviceName -notIn ['LAPTOP-01']"));
  EXPECT_TRUE(
      matches("device.deviceTrustType -eq \"Hybrid Azure AD joined\" -and device.osVersion -notStartsWith \"6\""));
  EXPECT_TRUE(matches("device.operatingSystemSKU -notContains \"Home\""));
  for (const char* bad :
       {"", "device.color -eq \"red\"", "device.model -like \"x\"", "device.model -eq x", "(device.model -eq \"x\"",
        "device.model -in \"x\"", "device.model -eq \"x\" extra", "device.model -eq \"x", "device.model -in [\"x\""})
    EXPECT_FALSE(FilterRule::parse(bad)) << bad;
  EXPECT_FALSE(FilterRule::parse(std::string(100, '(')));
  EXPECT_FALSE(FilterRule::parse(std::string(kMaxFilterRule + 1, ' ')));
}

}  // namespace
}  // namespace mimica::connector
