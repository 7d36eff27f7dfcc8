#include "connector/tenant/validate.h"

#include <gtest/gtest.h>

#include "connector/testing/connector_testing.h"

namespace mimica::connector {
namespace {

using testing::windows_user_profile;

Profile macos_profile() {
  Profile profile = *make_profile("macOSPkcsCertificateProfile", "macOS");
  profile.description = "test";
  *profile.pkcs() = *windows_user_profile().pkcs();
  profile.pkcs()->key_usages.clear();
  profile.pkcs()->key_storage.reset();
  profile.pkcs()->channel = DeploymentChannel::user;
  return profile;
}

// The severity of a rule's first finding; nullopt when it has none.
std::optional<Severity> severity(const Profile& profile, std::string_view rule) {
  const Findings findings = validate(profile);
  const Finding* finding = find(findings, rule);
  return finding == nullptr ? std::nullopt : std::optional<Severity>(finding->severity);
}

template <typename Change>
std::optional<Severity> after(std::string_view rule, Change change, Profile profile = windows_user_profile()) {
  change(profile);
  return severity(profile, rule);
}

TEST(Validate, AGoodProfileHasOnlyInformation) {
  for (const Finding& finding : validate(windows_user_profile()))
    EXPECT_EQ(finding.severity, Severity::info) << describe(finding);
  const Decision<Unit> decision = may_save(windows_user_profile());
  EXPECT_TRUE(decision);
  for (const Rule* rule : profile_rules()) EXPECT_TRUE(decision.trace.has(rule->id, Verdict::pass)) << rule->id;
}

TEST(Validate, ErrorsRefuseToSave) {
  Profile profile = windows_user_profile();
  profile.display_name = " ";
  const Decision<Unit> decision = may_save(profile);
  EXPECT_FALSE(decision);
  EXPECT_EQ(decision.code, Code(HResult::E_INVALIDARG));
  EXPECT_EQ(decision.rule(), "connector.profile.name");
}

TEST(Validate, Names) {
  EXPECT_EQ(after("connector.profile.description", [](Profile& p) { p.description.reset(); }), Severity::info);
  EXPECT_EQ(after("connector.profile.kind",
                  [](Profile& p) { p = *make_profile("windowsPhone81TrustedRootCertificate", "x"); }),
            Severity::warning);
}

TEST(Validate, Authority) {
  constexpr std::string_view kRule = "connector.profile.authority";
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->authority_host.reset(); }), Severity::error);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->authority_name = ""; }), Severity::error);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->template_name.reset(); }), Severity::error);
  constexpr std::string_view kHost = "connector.profile.authority_host";
  for (const char* host : {"CA01", "https://ca01.contoso.com", "ca01.contoso.com/", "ca01.contoso.com\\CONTOSO-CA"})
    EXPECT_EQ(after(kHost, [&](Profile& p) { p.pkcs()->authority_host = host; }), Severity::warning) << host;
  EXPECT_EQ(after("connector.profile.template_name", [](Profile& p) { p.pkcs()->template_name = "Intune User"; }),
            Severity::warning);
  EXPECT_EQ(
      after("connector.profile.authority_type", [](Profile& p) { p.pkcs()->authority_host = "pki-ws.symauth.com"; }),
      Severity::warning);
}

TEST(Validate, RenewalThreshold) {
  constexpr std::string_view kRule = "connector.profile.renewal_threshold";
  EXPECT_EQ(severity(windows_user_profile(), kRule), std::nullopt);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->renewal_threshold = 5; }), Severity::info);
  for (const int percent : {0, 100, -1})
    EXPECT_EQ(after(kRule, [&](Profile& p) { p.pkcs()->renewal_threshold = percent; }), Severity::error);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->renewal_threshold = 1; }), Severity::info);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->renewal_threshold = 99; }), Severity::info);
}

TEST(Validate, ValidityPeriod) {
  constexpr std::string_view kRule = "connector.profile.validity";
  const auto with = [&](int value, ValidityScale scale) {
    return after(kRule, [&](Profile& p) {
      p.pkcs()->validity_value = value;
      p.pkcs()->validity_scale = scale;
    });
  };
  EXPECT_EQ(with(5, ValidityScale::days), std::nullopt);
  EXPECT_EQ(with(4, ValidityScale::days), Severity::warning);
  EXPECT_EQ(with(24, ValidityScale::months), std::nullopt);
  EXPECT_EQ(with(25, ValidityScale::months), Severity::error);
  EXPECT_EQ(with(2, ValidityScale::years), std::nullopt);
  EXPECT_EQ(with(3, ValidityScale::years), Severity::error);
  EXPECT_EQ(with(0, ValidityScale::years), Severity::error);
}

TEST(Validate, MacChannels) {
  EXPECT_EQ(severity(macos_profile(), "connector.profile.channel_store"), std::nullopt);
  EXPECT_EQ(severity(macos_profile(), "connector.profile.channel"), std::nullopt);
  EXPECT_EQ(after(
                "connector.profile.channel", [](Profile& p) { p.pkcs()->channel = DeploymentChannel::device; },
                macos_profile()),
            Severity::warning);
  EXPECT_EQ(after(
                "connector.profile.channel_store", [](Profile& p) { p.pkcs()->store = CertificateStore::machine; },
                macos_profile()),
            Severity::error);
}

TEST(Validate, Variables) {
  EXPECT_EQ(after("connector.profile.variables",
                  [](Profile& p) { p.pkcs()->subject_name_format_string = "CN={{SearchableDeviceKey}}"; }),
            Severity::error);
  EXPECT_EQ(after("connector.profile.sid_variable",
                  [](Profile& p) {
                    p.pkcs()->sans.push_back({SanType::uri, "{{OnPremisesSecurityIdentifier}}"});
                  }),
            Severity::error);
  EXPECT_EQ(
      after("connector.profile.braces", [](Profile& p) { p.pkcs()->subject_name_format_string = "CN={DeviceName}"; }),
      Severity::warning);
  EXPECT_EQ(after("connector.profile.spoofable",
                  [](Profile& p) { p.pkcs()->subject_name_format_string = "CN={{FullyQualifiedDomainName}}"; }),
            Severity::info);
  constexpr std::string_view kDevice = "connector.profile.device_variables";
  EXPECT_EQ(severity(windows_user_profile(), kDevice), std::nullopt);
  EXPECT_EQ(after(kDevice, [](Profile& p) { p.pkcs()->store = CertificateStore::machine; }), Severity::error);
  EXPECT_EQ(after(kDevice,
                  [](Profile& p) {
                    p.pkcs()->store = CertificateStore::machine;
                    p.pkcs()->subject_name_format_string = "CN={{DeviceName}}";
                    p.pkcs()->sans.clear();
                  }),
            std::nullopt);
}

TEST(Validate, SubjectSyntax) {
  constexpr std::string_view kRule = "connector.profile.subject_syntax";
  const auto with = [&](std::string format) {
    return after(kRule, [&](Profile& p) { p.pkcs()->subject_name_format_string = std::move(format); });
  };
  EXPECT_EQ(with("CN={{UserName}},E={{EmailAddress}},OU=Mobile,O=Finance Group,L=Redmond,ST=Washington,C=US"),
            std::nullopt);
  EXPECT_EQ(with("{{UserName}}"), Severity::error);
  EXPECT_EQ(with("UID={{UserName}}"), Severity::error);
  EXPECT_EQ(with(""), Severity::error);
  EXPECT_EQ(after("connector.profile.escaped_character",
                  [](Profile& p) { p.pkcs()->subject_name_format_string = "CN=A\\, B,OU=x"; }),
            Severity::warning);
  constexpr std::string_view kUnquoted = "connector.profile.unquoted_name";
  EXPECT_EQ(
      after(kUnquoted, [](Profile& p) { p.pkcs()->subject_name_format_string = "CN={{OnPrem_Distinguished_Name}}"; }),
      Severity::warning);
  EXPECT_EQ(after(kUnquoted,
                  [](Profile& p) { p.pkcs()->subject_name_format_string = "CN=\"{{OnPrem_Distinguished_Name}}\""; }),
            std::nullopt);
}

TEST(Validate, AlternativeNames) {
  const auto with = [](std::string_view rule, SanType type, std::string value) {
    return after(rule, [&](Profile& p) { p.pkcs()->sans = {{type, std::move(value)}}; });
  };
  constexpr std::string_view kAt = "connector.profile.san_at_sign";
  EXPECT_EQ(with(kAt, SanType::upn, "{{UserPrincipalName}}"), std::nullopt);
  EXPECT_EQ(with(kAt, SanType::upn, "{{DeviceName}}@contoso.com"), std::nullopt);
  EXPECT_EQ(with(kAt, SanType::upn, "{{DeviceName}}"), Severity::warning);
  EXPECT_EQ(with(kAt, SanType::email, "some-email"), Severity::warning);
  EXPECT_EQ(with("connector.profile.san_characters", SanType::uri, "urn:a|b"), Severity::warning);
  EXPECT_EQ(with("connector.profile.san_characters", SanType::uri, "IntuneDeviceId://{{DeviceId}}"), std::nullopt);

  Profile owner = *make_profile("androidDeviceOwnerPkcsCertificateProfile", "owner");
  *owner.pkcs() = *windows_user_profile().pkcs();
  owner.pkcs()->sans = {{SanType::uri, "u:{{UserName}}"}};
  EXPECT_EQ(severity(owner, "connector.profile.san_user_name"), Severity::warning);
  owner.pkcs()->sans = {{SanType::upn, "{{UserPrincipalName}}"}};
  EXPECT_EQ(severity(owner, "connector.profile.san_user_name"), std::nullopt);
}

TEST(Validate, AndroidNeedsATrustedRoot) {
  constexpr std::string_view kRule = "connector.profile.root_certificate";
  Profile android = *make_profile("androidWorkProfilePkcsCertificateProfile", "android");
  *android.pkcs() = *windows_user_profile().pkcs();
  EXPECT_EQ(severity(android, kRule), Severity::error);
  android.id = "aaaaaaaa-0000-4000-8000-000000000001";  // an export never shows the reference
  EXPECT_EQ(severity(android, kRule), Severity::info);
  android.pkcs()->root_profile_id = "bbbbbbbb-0000-4000-8000-000000000001";
  EXPECT_EQ(severity(android, kRule), std::nullopt);
}

TEST(Validate, LimitsAndKeyUsages) {
  constexpr std::string_view kRule = "connector.profile.limits";
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->sans.assign(500, {SanType::dns, "a"}); }), std::nullopt);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->sans.assign(501, {SanType::dns, "a"}); }), Severity::error);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->silent_packages.assign(51, "a"); }), Severity::error);
  EXPECT_EQ(after(kRule, [](Profile& p) { p.pkcs()->key_usages.assign(501, {"a", "1.2.3"}); }), Severity::error);
  EXPECT_EQ(after("connector.profile.key_usage",
                  [](Profile& p) {
                    p.pkcs()->key_usages = {{"x", "clientAuth"}};
                  }),
            Severity::error);
}

TEST(Validate, TrustedRootContent) {
  const testing::SigningAuthority authority;
  constexpr std::string_view kContent = "connector.profile.root_content";
  constexpr std::string_view kStore = "connector.profile.root_store";
  Profile root = testing::root_profile("windows81TrustedRootCertificate", "root", authority.root);
  root.trusted_root()->destination = DestinationStore::computer_root;
  EXPECT_EQ(severity(root, kContent), std::nullopt);
  EXPECT_EQ(severity(root, kStore), std::nullopt);
  root.trusted_root()->destination = DestinationStore::computer_intermediate;
  EXPECT_EQ(severity(root, kStore), Severity::warning);
  root.trusted_root()->certificate = authority.issuing.der();
  EXPECT_EQ(severity(root, kStore), std::nullopt);
  root.trusted_root()->destination = DestinationStore::computer_root;
  EXPECT_EQ(severity(root, kStore), Severity::warning);

  root.trusted_root()->certificate = to_bytes(authority.root.pem());
  EXPECT_EQ(severity(root, kContent), Severity::error);
  root.trusted_root()->certificate =
      testing::SigningAuthority::sign("leaf", "CONTOSO-CA", authority.issuing_key, authority.issuing_key, 9, false)
          .der();
  EXPECT_EQ(severity(root, kContent), Severity::error);
  root.trusted_root()->certificate.clear();
  EXPECT_EQ(severity(root, kContent), Severity::info);
}

TEST(Validate, TheChannelOfAnAssignedProfileStays) {
  Profile changed = macos_profile();
  changed.pkcs()->channel = DeploymentChannel::device;
  EXPECT_TRUE(may_replace(macos_profile(), changed, false));
  const Decision<Unit> decision = may_replace(macos_profile(), changed, true);
  EXPECT_EQ(decision.rule(), "connector.profile.channel_immutable");
  EXPECT_EQ(decision.code, Code(HResult::E_INVALIDARG));
  EXPECT_TRUE(may_replace(macos_profile(), macos_profile(), true));
  EXPECT_EQ(may_replace(macos_profile(), windows_user_profile(), false).rule(), "connector.profile.kind");
}

TEST(Rules, IdsAreUniqueAndWellFormed) {
  std::set<std::string_view> ids;
  for (const Rule* rule : rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_EQ(rule->id.substr(0, 10), "connector.") << rule->id;
    EXPECT_FALSE(rule->title.empty() || rule->citation.empty() || rule->hint.empty()) << rule->id;
  }
}

}  // namespace
}  // namespace mimica::connector
