// Templates, issuance policies and the linter in a real lab.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/lab/lab.h"

namespace mimica::harness {
namespace {

std::unique_ptr<Lab> start(LabSpec spec = {}) {
  spec.directory_over_ldap = false;
  spec.connectors_given = true;
  spec.users.push_back({"mallory", "", "", "", "Passw0rd!", {}, false});
  auto lab = Lab::start(spec);
  EXPECT_TRUE(lab) << (lab ? "" : lab.error().describe());
  return lab ? *std::move(lab) : nullptr;
}
TemplateSpec named(const std::string& name, std::vector<std::pair<std::string, std::string>> edits = {}) {
  TemplateSpec spec;
  spec.name = name;
  spec.edits = std::move(edits);
  return spec;
}
std::vector<std::string> weak(Lab& lab) {
  std::vector<std::string> out;
  const auto findings = lab.lint();
  EXPECT_TRUE(findings);
  if (findings)
    for (const audit::Finding& finding : *findings)
      if (!finding.sound()) out.push_back(finding.subject);
  return out;
}

TEST(LabLinter, FindsHolesAsTheyComeAndGo) {
  const auto lab = start();
  ASSERT_TRUE(lab);
  EXPECT_THAT(weak(*lab), testing::IsEmpty()) << "a fresh lab";
  ASSERT_TRUE(lab->add_template(named("Hole", {{"subject", "supplied_in_request"}})));
  EXPECT_THAT(weak(*lab), testing::ElementsAre("Hole"));
  ASSERT_TRUE(lab->publish_template("Hole", false));
  EXPECT_THAT(weak(*lab), testing::IsEmpty());
  ASSERT_TRUE(lab->set_ca_rights({"Domain Users", {"manage_ca"}}, true));
  EXPECT_THAT(weak(*lab), testing::ElementsAre("CONTOSO-CA"));
}

TEST(LabTemplates, GoWithTheirOidObject) {
  const auto lab = start();
  ASSERT_TRUE(lab);
  ASSERT_TRUE(lab->add_template(named("Short")));
  EXPECT_NE(lab->export_ldif().value().find("displayName: Short"), std::string::npos);
  ASSERT_TRUE(lab->remove_template("Short"));
  EXPECT_EQ(lab->export_ldif().value().find("displayName: Short"), std::string::npos);
  EXPECT_FALSE(lab->remove_template("Short"));
  EXPECT_FALSE(lab->remove_template("User")) << "built in";
  // The name is free again.
  EXPECT_TRUE(lab->add_template(named("Short")));
}

TEST(LabTemplates, NamePoliciesByDisplayName) {
  const auto lab = start();
  ASSERT_TRUE(lab);
  ASSERT_TRUE(lab->add_group({"Vault Admins", {}}));
  ASSERT_TRUE(lab->add_issuance_policy({"Vault", "1.2.3.4.5", "http://pki/cps", "Vault Admins"}));
  EXPECT_FALSE(lab->add_issuance_policy({"Other", "", "", "Nobody's group"}));
  ASSERT_TRUE(lab->add_template(named("ByName", {{"issuance_policies", "Vault"}})));
  EXPECT_FALSE(lab->add_template(named("Unknown", {{"issuance_policies", "No such policy"}})));
  EXPECT_NE(lab->export_ldif().value().find("msPKI-Certificate-Policy: 1.2.3.4.5"), std::string::npos);
  EXPECT_THAT(weak(*lab), testing::ElementsAre("ByName"));
}

TEST(LabTemplates, AreWrittenByWhoMay) {
  const auto lab = start();
  ASSERT_TRUE(lab);
  ASSERT_TRUE(lab->add_template(named("Open", {{"allow_write", "Domain Users"}})));
  AttributeWrite write{AttributeWrite::Object::certificate_template, "Open", "mallory", "msPKI-RA-Signature", {"1"}};
  EXPECT_TRUE(lab->write_attribute(write));
  write.name = "User";
  const auto refused = lab->write_attribute(write);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code{LdapCode::insufficientAccessRights});
  write.caller.clear();
  EXPECT_TRUE(lab->write_attribute(write));
  EXPECT_FALSE(lab->install_update("july_1999"));
}

}  // namespace
}  // namespace mimica::harness
