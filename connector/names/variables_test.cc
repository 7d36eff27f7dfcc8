#include "connector/names/variables.h"

#include <gtest/gtest.h>

#include "connector/testing/connector_testing.h"

namespace mimica::connector {
namespace {

using testing::jane;
using testing::laptop;

std::string resolved(std::string_view format, const ManagedDevice& device = laptop(),
                     const std::optional<User>& user = jane(), const NamingOptions& options = {}) {
  const auto decision = resolve_text(format, device, user ? &*user : nullptr, options);
  return decision ? *decision.granted : "refused: " + std::string(decision.rule());
}

TEST(Variables, EachNameHasItsSource) {
  EXPECT_EQ(resolved("{{UserName}}"), "Jane Doe");
  EXPECT_EQ(resolved("{{UserPrincipalName}}"), "jane@contoso.com");
  EXPECT_EQ(resolved("{{EmailAddress}}"), "jane.doe@contoso.com");
  EXPECT_EQ(resolved("{{OnPrem_Distinguished_Name}}"), "CN=Jane Doe,OU=UserAccounts,DC=contoso,DC=com");
  EXPECT_EQ(resolved("{{onPremisesSamAccountName}}"), "jane");
  EXPECT_EQ(resolved("{{GivenName}}"), "Jane");
  EXPECT_EQ(resolved("{{SurName}}"), "Doe");
  EXPECT_EQ(resolved("{{Department}}"), "Finance");
  EXPECT_EQ(resolved("{{AAD_Device_ID}}"), "33333333-0000-4000-8000-000000000001");
  EXPECT_EQ(resolved("{{AzureADDeviceId}}"), "33333333-0000-4000-8000-000000000001");
  EXPECT_EQ(resolved("{{DeviceId}}"), "22222222-0000-4000-8000-000000000001");
  for (const char* name : {"{{SerialNumber}}", "{{SERIALNUMBER}}", "{{Device_Serial}}"})
    EXPECT_EQ(resolved(name), "5CG1234XYZ");
  for (const char* name : {"{{IMEI}}", "{{IMEINumber}}", "{{Device_IMEI}}"})
    EXPECT_EQ(resolved(name), "490154203237518");
  EXPECT_EQ(resolved("{{MEID}}"), "A0000009296CC7");
  EXPECT_EQ(resolved("{{WiFiMacAddress}}"), "00AABBCCDDEE");
  EXPECT_EQ(resolved("{{DeviceName}}"), "LAPTOP-01");
  EXPECT_EQ(resolved("{{FullyQualifiedDomainName}}"), "laptop-01.contoso.com");
}

TEST(Variables, TextSurroundsThem) {
  ManagedDevice device = laptop();
  device.name = "Device1";
  EXPECT_EQ(resolved("CN={{DeviceName}}Device1", device), "CN=Device1Device1");
  EXPECT_EQ(resolved("{{AzureADDeviceId}}.domain.com").substr(36), ".domain.com");
  EXPECT_EQ(resolved("static text"), "static text");
  EXPECT_EQ(resolved("CN={DeviceName}"), "CN={DeviceName}");
  EXPECT_EQ(resolved("CN={{DeviceName"), "CN={{DeviceName");
  EXPECT_EQ(resolved("{{{DeviceName}}}"), "{LAPTOP-01}");
  EXPECT_TRUE(split_format("{{{DeviceName}}}").stray_brace);
  EXPECT_FALSE(split_format("a{{DeviceName}}b").stray_brace);
}

TEST(Variables, UserNameSemanticsAreASwitch) {
  NamingOptions options;
  options.user_name = UserNameSemantics::alias;
  EXPECT_EQ(resolved("{{UserName}}", laptop(), jane(), options), "jane");
  options.user_name = UserNameSemantics::upn;
  EXPECT_EQ(resolved("{{UserName}}", laptop(), jane(), options), "jane@contoso.com");
}

TEST(Variables, FailureClasses) {
  EXPECT_EQ(resolved("{{SearchableDeviceKey}}"), "refused: connector.variable.unknown");
  EXPECT_EQ(resolved("{{OnPremisesSecurityIdentifier}}"), "refused: connector.variable.unknown");
  EXPECT_EQ(resolved("{{UserName}}", laptop(), std::nullopt), "refused: connector.variable.no_user");
  EXPECT_EQ(resolved("{{DeviceName}}", laptop(), std::nullopt), "LAPTOP-01");
  User cloud = jane();
  cloud.on_premises.reset();
  EXPECT_EQ(resolved("{{OnPrem_Distinguished_Name}}", laptop(), cloud), "refused: connector.variable.not_synced");
  EXPECT_EQ(resolved("{{onPremisesSamAccountName}}", laptop(), cloud), "refused: connector.variable.not_synced");
  EXPECT_EQ(resolved("{{UserName}}", laptop(), cloud), "Jane Doe");
  ManagedDevice tablet = laptop();
  tablet.imei.clear();
  EXPECT_EQ(resolved("{{IMEI}}", tablet), "refused: connector.variable.attribute_empty");
  tablet.wifi_mac_withheld = true;
  EXPECT_EQ(resolved("{{WiFiMacAddress}}", tablet), "refused: connector.variable.platform_withheld");
  ManagedDevice joined = laptop();
  joined.domain_joined = false;
  EXPECT_EQ(resolved("{{FullyQualifiedDomainName}}", joined), "refused: connector.variable.not_domain_joined");
  ManagedDevice mac = laptop();
  mac.enrollment = Enrollment::macos;
  EXPECT_EQ(resolved("{{FullyQualifiedDomainName}}", mac), "refused: connector.variable.not_domain_joined");
}

TEST(Variables, Android12WithholdsHardwareIdentifiersOnTheWorkProfile) {
  ManagedDevice phone = laptop();
  phone.enrollment = Enrollment::android_work_profile;
  phone.os_version = phone.os_at_enrollment = Version::of(12);
  for (const char* name : {"{{SerialNumber}}", "{{IMEI}}", "{{MEID}}"})
    EXPECT_EQ(resolved(name, phone), "refused: connector.variable.platform_withheld");
  phone.os_at_enrollment = Version::of(11);
  EXPECT_EQ(resolved("{{SerialNumber}}", phone), "5CG1234XYZ");
  phone.identifiers_cached = false;
  EXPECT_EQ(resolved("{{SerialNumber}}", phone), "refused: connector.variable.platform_withheld");
  phone.os_version = Version::of(11);
  EXPECT_EQ(resolved("{{SerialNumber}}", phone), "5CG1234XYZ");
  phone.enrollment = Enrollment::android_fully_managed;
  phone.os_version = phone.os_at_enrollment = Version::of(14);
  EXPECT_EQ(resolved("{{SerialNumber}}", phone), "5CG1234XYZ");
}

TEST(Variables, OneFailureFailsTheProfileAndAllAreNamed) {
  PkcsSettings settings;
  settings.subject_name_format_string = "CN={{IMEI}},OU={{Nonsense}}";
  settings.sans = {{SanType::upn, "{{UserPrincipalName}}"}};
  ManagedDevice device = laptop();
  device.imei.clear();
  const auto decision = resolve_names(settings, device, nullptr, {});
  EXPECT_FALSE(decision);
  EXPECT_EQ(decision.code, Code(HResult::ERROR_NOT_FOUND));
  EXPECT_TRUE(decision.trace.has("connector.variable.attribute_empty", Verdict::fail));
  EXPECT_TRUE(decision.trace.has("connector.variable.unknown", Verdict::fail));
  EXPECT_TRUE(decision.trace.has("connector.variable.no_user", Verdict::fail));
}

TEST(Variables, AUserWithoutMailReachesTheAuthorityUnlessSwitched) {
  PkcsSettings settings;
  settings.subject_name_format_string = "CN={{UserName}}";
  settings.sans = {{SanType::email, "{{EmailAddress}}"}};
  User user = jane();
  user.mail.clear();
  NamingOptions options;
  const auto reaches = resolve_names(settings, laptop(), &user, options);
  ASSERT_TRUE(reaches);
  EXPECT_EQ(reaches.granted->sans.at(0).value, "");
  EXPECT_TRUE(reaches.trace.has("connector.variable.attribute_empty", Verdict::warn));
  options.empty_mail_reaches_ca = false;
  EXPECT_EQ(resolve_names(settings, laptop(), &user, options).rule(), "connector.variable.attribute_empty");
  settings.subject_name_format_string = "CN={{UserName}},E={{EmailAddress}}";
  options.empty_mail_reaches_ca = true;
  EXPECT_EQ(resolve_names(settings, laptop(), &user, options).rule(), "connector.variable.attribute_empty");
}

// The example of the article, to the letter.
TEST(Variables, TheArticlesSubject) {
  PkcsSettings settings;
  settings.subject_name_format_string =
      "CN={{UserName}},E={{EmailAddress}},OU=Mobile,O=Finance Group,L=Redmond,ST=Washington,C=US";
  const User user = jane();
  const auto names = resolve_names(settings, laptop(), &user, {});
  ASSERT_TRUE(names);
  EXPECT_EQ(names.granted->subject,
            "CN=Jane Doe,E=jane.doe@contoso.com,OU=Mobile,O=Finance Group,L=Redmond,ST=Washington,C=US");
  const auto encoded = encode_names(*names.granted, {});
  ASSERT_TRUE(encoded) << explain(encoded.trace);
  EXPECT_EQ(encoded.granted->subject.to_cert_str(),
            "CN=Jane Doe, E=jane.doe@contoso.com, OU=Mobile, O=Finance Group, L=Redmond, S=Washington, C=US");
  // CertEnroll reverses: the first RDN of the DER is C=US.
  ASSERT_EQ(encoded.granted->subject.rdns.size(), 7u);
  EXPECT_EQ(encoded.granted->subject.rdns.front().at(0).type, Oid("2.5.4.6"));
  EXPECT_EQ(encoded.granted->subject.rdns.back().at(0).type, oids::kCommonName);
  NamingOptions forward;
  forward.reverse_subject = false;
  EXPECT_EQ(encode_names(*names.granted, forward).granted->subject.rdns.front().at(0).type, oids::kCommonName);
}

TEST(EncodeNames, CommasAndEscapes) {
  EXPECT_EQ(encode_names({"CN=Doe, Jane", {}}, {}).rule(), "connector.subject.x500");
  EXPECT_EQ(encode_names({"CN=Doe, Jane", {}}, {}).code, Code(HResult::CRYPT_E_INVALID_X500_STRING));
  const auto quoted = encode_names({"CN=\"Doe, Jane\"", {}}, {});
  ASSERT_TRUE(quoted);
  EXPECT_EQ(quoted.granted->subject.last(oids::kCommonName), "Doe, Jane");
  EXPECT_EQ(encode_names({"CN=Doe\\, Jane,OU=Users", {}}, {}).rule(), "connector.subject.escaped_character");
  NamingOptions as_parsed;
  as_parsed.escaped = EscapedCharacters::as_parsed;
  EXPECT_EQ(encode_names({"CN=Doe\\, Jane,OU=Users", {}}, as_parsed).rule(), "connector.subject.x500");
  const auto equals = encode_names({"CN=\"a\\=b\"", {}}, as_parsed);
  EXPECT_TRUE(equals);
  EXPECT_TRUE(equals.trace.has("connector.subject.escaped_character", Verdict::warn));
}

TEST(EncodeNames, AlternativeNames) {
  const ResolvedNames names{"CN=x",
                            {{SanType::upn, "jäne@contoso.com"},
                             {SanType::email, "jane@contoso.com"},
                             {SanType::dns, "a.contoso.com"},
                             {SanType::uri, "IntuneDeviceId://1"},
                             {SanType::custom_attribute, "Finance"},
                             {SanType::none, ""}}};
  const auto encoded = encode_names(names, {});
  ASSERT_TRUE(encoded);
  ASSERT_EQ(encoded.granted->sans.size(), 4u);
  EXPECT_EQ(encoded.granted->sans[0].kind, GeneralName::Kind::upn);
  EXPECT_EQ(encoded.granted->sans[3].kind, GeneralName::Kind::uri);
  EXPECT_TRUE(encoded.trace.has("connector.subject.alternative_name", Verdict::warn));
  const auto refused = encode_names({"CN=x", {{SanType::email, "jäne@contoso.com"}}}, {});
  EXPECT_EQ(refused.rule(), "connector.subject.alternative_name");
  EXPECT_EQ(refused.code, Code(HResult::CRYPT_E_INVALID_IA5_STRING));
}

}  // namespace
}  // namespace mimica::connector
