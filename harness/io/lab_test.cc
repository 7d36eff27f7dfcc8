// The lab as a whole: what a scenario or a Python test builds on.
#include <gtest/gtest.h>

#include "core/pki/pfx.h"
#include "harness/lab/lab.h"

namespace mimica::harness {
namespace {

constexpr const char* kProfile = R"({
  "@odata.type": "#microsoft.graph.windows10PkcsCertificateProfile",
  "displayName": "Intune User",
  "renewalThresholdPercentage": 20,
  "keyStorageProvider": "useSoftwareKsp",
  "subjectNameFormat": "custom",
  "subjectNameFormatString": "CN={{UserPrincipalName}}",
  "certificateValidityPeriodValue": 1,
  "certificateValidityPeriodScale": "years",
  "certificationAuthority": "ca01.contoso.com",
  "certificationAuthorityName": "CONTOSO-CA",
  "certificateTemplateName": "IntuneUser",
  "certificateStore": "user",
  "extendedKeyUsages": [{"name": "Client Authentication", "objectIdentifier": "1.3.6.1.5.5.7.3.2"}],
  "customSubjectAlternativeNames": [{"sanType": "userPrincipalName", "name": "{{UserPrincipalName}}"}]
})";

LabSpec intune_lab() {
  LabSpec spec;
  UserSpec jane;
  jane.name = "jane";
  spec.users.push_back(jane);
  DeviceSpec laptop;
  laptop.name = "LAPTOP-01";
  laptop.user = "jane";
  spec.devices.push_back(laptop);
  TemplateSpec intune;
  intune.display_name = "Intune User";
  intune.edits = {{"subject", "supplied_in_request"}, {"private_key", "exportable"}, {"allow_enroll", "CONNECTOR01$"}};
  spec.templates.push_back(intune);
  spec.profiles.push_back({kProfile, "profile", {"all_users"}});
  return spec;
}

std::unique_ptr<Lab> started(const LabSpec& spec) {
  auto lab = Lab::start(spec);
  EXPECT_TRUE(lab) << (lab ? "" : lab.error().describe());
  return lab ? *std::move(lab) : nullptr;
}

LogonSpec logon_of_laptop() {
  LogonSpec logon;
  logon.as = "jane";
  logon.device = "LAPTOP-01";
  return logon;
}

class BothDirectories : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Lab, BothDirectories, testing::Values(true, false),
                         [](const auto& p) { return p.param ? "OverLdap" : "InProcess"; });

TEST_P(BothDirectories, DeliversAndLogsOn) {
  LabSpec spec = intune_lab();
  spec.directory_over_ldap = GetParam();
  spec.connectors.push_back({});
  spec.connectors.front().sid_extension = true;
  const auto lab = started(spec);
  ASSERT_TRUE(lab);
  const Report delivered = lab->deliver("Intune User", "LAPTOP-01");
  ASSERT_EQ(delivered.outcome, Outcome::issued) << delivered.message << explain(delivered.trace);
  ASSERT_TRUE(delivered.summary);
  EXPECT_EQ(delivered.summary->template_name, "IntuneUser");
  const auto sid = lab->sid_of("jane");
  ASSERT_TRUE(sid);
  EXPECT_EQ(delivered.summary->sid, *sid);
  const Report logon = lab->logon(logon_of_laptop());
  EXPECT_EQ(logon.outcome, Outcome::allowed) << explain(logon.trace);
  std::string password;
  const auto pfx = lab->delivered_pfx("LAPTOP-01", password);
  ASSERT_TRUE(pfx);
  const auto opened = open_pfx(*pfx, password);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->certificate.der(), delivered.certificate->der());
}

TEST(LabTest, RefusesWithoutSidUnderFullEnforcement) {
  const auto lab = started(intune_lab());
  ASSERT_TRUE(lab);
  ASSERT_EQ(lab->deliver("Intune User", "LAPTOP-01").outcome, Outcome::issued);
  const Report logon = lab->logon(logon_of_laptop());
  EXPECT_EQ(logon.outcome, Outcome::refused);
  EXPECT_EQ(logon.code, Code{KrbError::KDC_ERR_CERTIFICATE_MISMATCH});
  EXPECT_EQ(logon.rule(), "kdc.mapping.strong");
  ASSERT_EQ(logon.events.size(), 1U);
  EXPECT_EQ(logon.events.front().id(), 39);

  std::vector<int> ids;
  for (const Event& event : lab->event_log().query({.since = logon.events.front().at}))
    if (event.kind->party != "ca" || event.id() == 4886 || event.id() == 4887) ids.push_back(event.id());
  EXPECT_EQ(ids, (std::vector<int>{1002, 1020, 4886, 4887, 1050, 1102, 1100, 1000, 39, 4768}));
  const std::vector<Event> kdc = lab->event_log().query({.party = "kdc"});
  ASSERT_EQ(kdc.size(), 2U);
  EXPECT_EQ(kdc.front(), logon.events.front());
  EXPECT_EQ(kdc.back().computer, "dc01.contoso.com");
  ASSERT_NE(kdc.back().trace, nullptr);
  EXPECT_EQ(kdc.back().trace->deciding()->rule->id, "kdc.mapping.strong");
}

TEST(LabTest, LogsThatTheDomainControllerHasNoCertificate) {
  LabSpec spec = intune_lab();
  spec.kdc.has_kdc_certificate = false;
  const auto lab = started(spec);
  ASSERT_TRUE(lab);
  EXPECT_EQ(lab->event_log().query({.ids = {29}}).size(), 1U);
}

TEST(LabTest, RepeatsItselfWithTheSameSeed) {
  const auto one = started(intune_lab());
  const auto two = started(intune_lab());
  ASSERT_TRUE(one && two);
  EXPECT_EQ(*one->sid_of("jane"), *two->sid_of("jane"));
  EXPECT_EQ(one->deliver("Intune User", "LAPTOP-01").summary->serial,
            two->deliver("Intune User", "LAPTOP-01").summary->serial);
}

TEST(LabTest, KeepsWhyARequestWasRefused) {
  LabSpec spec = intune_lab();
  spec.templates.front().edits.push_back({"remove", "CONNECTOR01$"});
  spec.templates.front().edits.push_back({"remove", "Domain Users"});
  const auto lab = started(spec);
  ASSERT_TRUE(lab);
  const Report delivered = lab->deliver("Intune User", "LAPTOP-01");
  EXPECT_EQ(delivered.outcome, Outcome::refused);
  EXPECT_EQ(delivered.code, Code{HResult::CERTSRV_E_TEMPLATE_DENIED});
  ASSERT_TRUE(delivered.request_id);
  const auto trace = lab->request_trace(*delivered.request_id);
  ASSERT_TRUE(trace);
  EXPECT_TRUE(trace->has("templates.permission.enroll", Verdict::fail));
}

TEST(LabTest, NamesWhatIsWrongWithASpec) {
  LabSpec outside;
  outside.ca.host = "ca01.fabrikam.com";
  EXPECT_FALSE(Lab::start(outside));
  LabSpec nobody = intune_lab();
  nobody.devices.front().user = "nobody";
  const auto answer = Lab::start(nobody);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code{LdapCode::noSuchObject});
  LabSpec platform = intune_lab();
  platform.devices.front().platform = "vax";
  EXPECT_FALSE(Lab::start(platform));
}

TEST(LabTest, MovesToAnotherDomain) {
  LabSpec spec;
  spec.domain.dns_name = "fabrikam.test";
  const auto lab = started(spec);
  ASSERT_TRUE(lab);
  EXPECT_EQ(lab->spec().ca.host, "ca01.fabrikam.test");
  EXPECT_EQ(lab->spec().ca.name, "FABRIKAM-CA");
  EXPECT_EQ(lab->ca_chain().size(), 2U);
}

TEST(Lab, WritesAttributesOfGroups) {
  LabSpec spec;
  spec.directory_over_ldap = false;
  const auto lab = started(spec);
  ASSERT_TRUE(lab);
  ASSERT_TRUE(lab->add_group({"Staff", {}}));
  EXPECT_TRUE(lab->set_attribute("Staff", "description", {"all who work here"}));
  EXPECT_TRUE(lab->write_attribute({AttributeWrite::Object::group, "Staff", {}, "mail", {"staff@contoso.com"}}));
  const std::string all = lab->export_ldif().value();
  EXPECT_NE(all.find("description: all who work here"), std::string::npos);
  EXPECT_NE(all.find("mail: staff@contoso.com"), std::string::npos);
  const auto unknown = lab->write_attribute({AttributeWrite::Object::group, "Administrator", {}, "mail", {"x"}});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code{LdapCode::noSuchObject});
}

TEST(Lab, SaysWhichRuleRefusesAWrite) {
  LabSpec spec = intune_lab();
  spec.directory_over_ldap = false;
  const auto lab = started(spec);
  ASSERT_TRUE(lab);
  const auto rule_of = [](const Attempt& attempt) {
    const Step* deciding = attempt.refusal.deciding();
    return deciding == nullptr ? std::string() : std::string(deciding->rule->id);
  };
  EXPECT_EQ(rule_of(lab->write_attribute({AttributeWrite::Object::account, "Administrator", "jane", "mail", {"x"}})),
            "harness.directory.access");
  EXPECT_EQ(rule_of(lab->set_attribute("jane", "noSuchAttribute", {"x"})), "harness.directory.constraint");
  const Attempt unknown = lab->set_attribute("nobody", "mail", {"x"});
  EXPECT_FALSE(unknown);
  EXPECT_EQ(rule_of(unknown), "") << "nobody decided anything";
  EXPECT_EQ(rule_of(lab->set_attribute("jane", "mail", {"jane@contoso.com"})), "");
  std::string profile = kProfile;
  profile.replace(profile.find("\"Intune User\""), 13, "\"\"");
  EXPECT_EQ(rule_of(lab->add_profile({profile, "profile", {}})), "connector.profile.name");
}

}  // namespace
}  // namespace mimica::harness
