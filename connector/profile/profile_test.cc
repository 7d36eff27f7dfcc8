#include "connector/profile/profile.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "connector/profile/profile_reader.h"
#include "connector/testing/connector_testing.h"
#include "core/base/json_document.h"

namespace mimica::connector {
namespace {

namespace json = boost::json;

// Parses, exports, compares as JSON values.
void expect_round_trip(const std::string& text, const std::string& name) {
  const auto profile = parse_profile(text, name);
  ASSERT_TRUE(profile) << profile.error().describe();
  EXPECT_EQ(json::parse(to_json(*profile)), json::parse(text)) << name;
  EXPECT_EQ(json::parse(to_json(*profile, false)), json::parse(text)) << name;
}

TEST(Profile, ReadsEveryTypedProperty) {
  const char* text = R"json({
    "@odata.type": "#microsoft.graph.androidDeviceOwnerPkcsCertificateProfile",
    "id": "AAAAAAAA-0000-4000-8000-000000000001", "displayName": "P", "version": 3,
    "roleScopeTagIds": ["0", "7"],
    "renewalThresholdPercentage": 25, "subjectNameFormat": "custom", "subjectNameFormatString": "CN={{DeviceName}}",
    "subjectAlternativeNameType": "emailAddress,userPrincipalName",
    "certificateValidityPeriodValue": 6, "certificateValidityPeriodScale": "months",
    "certificationAuthority": "ca01.contoso.com", "certificationAuthorityName": "CONTOSO-CA",
    "certificationAuthorityType": "microsoft", "certificateTemplateName": "IntuneUser", "certificateStore": "machine",
    "certificateAccessType": "specificApps", "silentCertificateAccessDetails": [{"packageId": "com.android.chrome"}],
    "customSubjectAlternativeNames": [{"sanType": "domainNameService", "name": "{{DeviceName}}.contoso.com"}],
    "extendedKeyUsages": [{"name": "Client Authentication", "objectIdentifier": "1.3.6.1.5.5.7.3.2"}],
    "rootCertificate@odata.bind": "https://graph.microsoft.com/beta/deviceManagement/deviceConfigurations('7D2B5A0E-0C0B-4B52-9A0E-7B7B6B6D0001')"
  })json";
  const auto profile = parse_profile(text);
  ASSERT_TRUE(profile) << profile.error().describe();
  const PkcsSettings& s = *profile->pkcs();
  EXPECT_EQ(s.renewal_threshold, 25);
  EXPECT_EQ(s.subject_format(), "CN={{DeviceName}}");
  EXPECT_EQ(s.validity_value, 6);
  EXPECT_EQ(s.validity_scale, ValidityScale::months);
  EXPECT_EQ(s.authority_type, AuthorityType::microsoft);
  EXPECT_EQ(s.effective_store(), CertificateStore::machine);
  EXPECT_EQ(s.access, CertificateAccess::specific_apps);
  EXPECT_EQ(s.silent_packages, std::vector<std::string>{"com.android.chrome"});
  EXPECT_EQ(s.root_profile_id, "7d2b5a0e-0c0b-4b52-9a0e-7b7b6b6d0001");
  EXPECT_EQ(s.effective_sans().size(), 3u);
  EXPECT_EQ(profile->role_scope_tag_ids.size(), 2u);
  EXPECT_TRUE(profile->stored());
}

TEST(Profile, NullAndNoneAreDifferentAlternativeNameTypes) {
  const std::string head =
      R"({"@odata.type": "#microsoft.graph.iosPkcsCertificateProfile", "subjectAlternativeNameType": )";
  EXPECT_FALSE(parse_profile(head + "null}")->pkcs()->san_type.has_value());
  EXPECT_EQ(parse_profile(head + "\"none\"}")->pkcs()->san_type, std::vector<SanType>{SanType::none});
  EXPECT_TRUE(parse_profile(head + "\"none\"}")->pkcs()->effective_sans().empty());
}

TEST(Profile, AChangeTouchesOnlyTheChangedProperty) {
  json::value expected = json::parse(to_json(testing::windows_user_profile()));
  expected.as_object()["unknownProperty"] = json::parse(R"({"deep": [1, 2.5, null]})");
  expected.as_object()["certificateTemplateName"] = "Other";
  Profile profile = *parse_profile(json::serialize(expected));
  profile.pkcs()->template_name = "Changed";
  expected.as_object()["certificateTemplateName"] = "Changed";
  EXPECT_EQ(json::parse(to_json(profile)), expected);
}

TEST(Profile, UnknownPropertiesAreKeptAndReported) {
  const std::string text = R"({"@odata.context": "x", "@odata.type": "#microsoft.graph.iosPkcsCertificateProfile",
    "displayName": "P", "keyStorageProvider": "useSoftwareKsp", "invented": {"a": 1}})";
  expect_round_trip(text, "unknown");
  const Findings findings = import_findings(*parse_profile(text));
  ASSERT_EQ(findings.size(), 3u);
  EXPECT_EQ(findings[0].severity, Severity::info);   // the annotation
  EXPECT_EQ(findings[1].severity, Severity::error);  // a property of Windows profiles
  EXPECT_EQ(findings[1].pointer, "/keyStorageProvider");
  EXPECT_EQ(findings[2].severity, Severity::warning);
  EXPECT_EQ(findings[2].pointer, "/invented");
  for (const Finding& finding : findings) EXPECT_EQ(finding.rule->id, "connector.profile.properties");
}

TEST(Profile, FaultsNameTheirPlace) {
  const auto fault_of = [](std::string_view text) { return parse_profile(text, "p.json").error(); };
  const Fault wrong_type =
      fault_of("{\n  \"@odata.type\": \"#microsoft.graph.iosPkcsCertificateProfile\",\n  \"version\": \"1\"\n}");
  EXPECT_EQ(wrong_type.code, Code(HResult::E_INVALIDARG));
  EXPECT_EQ(wrong_type.where.line, 3);
  EXPECT_EQ(wrong_type.where.column, 14);
  EXPECT_NE(wrong_type.what.find("/version"), std::string::npos);

  const Fault nested = fault_of(
      "{\"@odata.type\": \"#microsoft.graph.iosPkcsCertificateProfile\", \"customSubjectAlternativeNames\": [\n"
      "{\"sanType\": \"userPrincipalName\", \"name\": \"a\"},\n{\"sanType\": \"upn\", \"name\": \"b\"}]}");
  EXPECT_NE(nested.what.find("/customSubjectAlternativeNames/1/sanType"), std::string::npos);
  EXPECT_EQ(nested.where.line, 3);
  EXPECT_NE(nested.hint.find("userPrincipalName"), std::string::npos);

  EXPECT_EQ(fault_of("{\n \"a\": }").where.line, 2);
  EXPECT_FALSE(parse_profile(""));
  EXPECT_FALSE(parse_profile("[]"));
  EXPECT_FALSE(parse_profile("{}"));
  EXPECT_FALSE(parse_profile("{\"@odata.type\": \"windows10PkcsCertificateProfile\"}"));
  EXPECT_FALSE(parse_profile(std::string(100, '[') + std::string(100, ']')));
  EXPECT_FALSE(
      parse_profile("{\"@odata.type\": \"#microsoft.graph.windows81TrustedRootCertificate\", "
                    "\"trustedRootCertificate\": \"-----BEGIN\"}"));
  EXPECT_FALSE(
      parse_profile("{\"@odata.type\": \"#microsoft.graph.androidPkcsCertificateProfile\", "
                    "\"rootCertificate@odata.bind\": \"nonsense\"}"));
  EXPECT_FALSE(parse_profile(std::string(kMaxJsonSize + 1, ' ')));
}

TEST(Profile, CollectionsAndEmbeddedAssignments) {
  const auto all = parse_profiles(R"({"value": [
    {"@odata.type": "#microsoft.graph.iosTrustedRootCertificate", "displayName": "A",
     "assignments": [{"target": {"@odata.type": "#microsoft.graph.allLicensedUsersAssignmentTarget"}}]},
    {"@odata.type": "#microsoft.graph.windows10GeneralConfiguration", "displayName": "B"}]})");
  ASSERT_TRUE(all) << all.error().describe();
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].assignments.at(0).target, TargetKind::all_users);
  EXPECT_EQ((*all)[1].kind, ProfileKind::other);
  EXPECT_EQ(parse_profiles("{\"value\": [1]}").error().where.column, 12);
  EXPECT_EQ(parse_profiles(R"([{"@odata.type": "#microsoft.graph.iosTrustedRootCertificate"}])")->size(), 1u);
}

TEST(Profile, ImportedPfxIsRecognised) {
  EXPECT_EQ(parse_profile(R"({"@odata.type": "#microsoft.graph.iosImportedPFXCertificateProfile"})")->kind,
            ProfileKind::imported_pfx);
}

TEST(Profile, EnumeratedSubjectsStandForVariables) {
  PkcsSettings s;
  s.subject_name_format = SubjectNameFormat::common_name_including_email;
  EXPECT_EQ(s.subject_format(), "CN={{UserName}},E={{EmailAddress}}");
  s.subject_name_format = SubjectNameFormat::common_name_as_imei;
  EXPECT_EQ(s.subject_format(), "CN={{IMEINumber}}");
  s.subject_name_format = SubjectNameFormat::common_name_as_durable_device_id;
  EXPECT_EQ(s.subject_format(), "");
}

TEST(Profile, ValidityFollowsTheCalendar) {
  PkcsSettings s;
  EXPECT_FALSE(validity_of(s, testing::kNow));
  s.validity_value = 1;
  s.validity_scale = ValidityScale::years;
  EXPECT_EQ(*validity_of(s, from_civil({2024, 2, 29, 0, 0, 0})), 365 * kDay);
  s.validity_scale = ValidityScale::months;
  EXPECT_EQ(*validity_of(s, from_civil({2024, 1, 31, 0, 0, 0})), 29 * kDay);
  s.validity_scale = ValidityScale::days;
  EXPECT_EQ(*validity_of(s, testing::kNow), kDay);
}

TEST(Profile, TypesServeTheirEnrolments) {
  EXPECT_EQ(profile_types().size(), 18u);
  const ProfileType* owner = find_profile_type("#microsoft.graph.androidDeviceOwnerPkcsCertificateProfile");
  ASSERT_NE(owner, nullptr);
  EXPECT_TRUE(owner->serves_enrollment(Enrollment::android_dedicated));
  EXPECT_FALSE(owner->serves_enrollment(Enrollment::android_work_profile));
  EXPECT_FALSE(find_profile_type("iosPkcsCertificateProfile")->has(property::kExtendedKeyUsages));
  EXPECT_EQ(find_profile_type("windows81PkcsCertificateProfile"), nullptr);
}

TEST(Profile, BuiltInCodeSurvivesExportAndImport) {
  for (const ProfileType& type : profile_types()) {
    const Profile made = *make_profile(type.name, "made");
    const auto again = parse_profile(to_json(made));
    ASSERT_TRUE(again) << again.error().describe();
    EXPECT_EQ(to_json(*again), to_json(made)) << type.name;
  }
}

TEST(JsonDocument, LocatesPointersAndEscapes) {
  const std::string text = R"({"a/b": [1, {"~": "x"}], "a/b": [2, {"~": "y"}]})";
  const auto at = locate(text, "/a~1b/1/~0");
  ASSERT_TRUE(at);
  EXPECT_EQ(text.substr(*at, 3), "\"y\"");
  EXPECT_FALSE(locate(text, "/nothing"));
  EXPECT_FALSE(locate(text, "a"));
  EXPECT_EQ(locate(text, ""), 0u);
  EXPECT_EQ(pointer_to("", "a/~"), "/a~1~0");
}

TEST(Assignments, RoundTripAndFaults) {
  const char* text = R"({"assignments": [
    {"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": "g",
      "deviceAndAppManagementAssignmentFilterId": "f", "deviceAndAppManagementAssignmentFilterType": "include"}},
    {"target": {"@odata.type": "#microsoft.graph.exclusionGroupAssignmentTarget", "groupId": "h"}}]})";
  const auto assignments = parse_assignments(text);
  ASSERT_TRUE(assignments) << assignments.error().describe();
  EXPECT_EQ((*assignments)[0].filter_mode, FilterMode::include);
  EXPECT_EQ((*assignments)[1].target, TargetKind::exclude_group);
  EXPECT_EQ(*parse_assignments(to_json(*assignments)), *assignments);
  EXPECT_FALSE(parse_assignments("{}"));
  EXPECT_FALSE(parse_assignments("3"));
  EXPECT_FALSE(parse_assignments(R"([{"target": {"@odata.type": "#microsoft.graph.groupAssignmentTarget"}}])"));
  EXPECT_FALSE(parse_assignments(R"([{"target": {"@odata.type": "x"}}])"));
}

}  // namespace
}  // namespace mimica::connector
