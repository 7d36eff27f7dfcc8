#include "kdc/policy/policy.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using testing::at;

Enforcement enforced(std::optional<int> value, std::string_view when) {
  KdcConfig config;
  config.StrongCertificateBindingEnforcement = value;
  return effective(config, at(when)).enforcement;
}
int bypass(std::optional<int> value, std::string_view when) {
  KdcConfig config;
  config.AllowNtAuthPolicyBypass = value;
  return effective(config, at(when)).nt_auth_bypass;
}
constexpr auto kDisabled = Enforcement::disabled, kCompatibility = Enforcement::compatibility,
               kFull = Enforcement::full;

TEST(Policy, DatesAreTheDaysTheyNameAtMidnight) {
  EXPECT_EQ(dates::kStrongMapping, at("2022-05-10"));
  EXPECT_EQ(dates::kSanUri, at("2023-04-06"));
  EXPECT_EQ(dates::kNoDisabledMode, at("2023-04-11"));
  EXPECT_EQ(dates::kNamePolicy, at("2024-09-10"));
  EXPECT_EQ(dates::kFullByDefault, at("2025-02-11"));
  EXPECT_EQ(dates::kNtAuthAudit, at("2025-04-08"));
  EXPECT_EQ(dates::kIssuerSid, at("2025-06-10"));
  EXPECT_EQ(dates::kNtAuthEnforced, at("2025-07-08"));
  EXPECT_EQ(dates::kFullAlways, at("2025-09-09"));
  EXPECT_EQ(dates::kNtAuthAlways, at("2025-10-14"));
}

TEST(Policy, EnforcementChangesExactlyOnItsDates) {
  struct Row {
    std::string_view when;
    Enforcement absent, zero, one, two;
  };
  const Row rows[] = {
      {"2022-05-09T23:59:59Z", kDisabled, kDisabled, kDisabled, kDisabled},
      {"2022-05-10T00:00:00Z", kCompatibility, kDisabled, kCompatibility, kFull},
      {"2023-04-10T23:59:59Z", kCompatibility, kDisabled, kCompatibility, kFull},
      {"2023-04-11T00:00:00Z", kCompatibility, kCompatibility, kCompatibility, kFull},
      {"2025-02-10T23:59:59Z", kCompatibility, kCompatibility, kCompatibility, kFull},
      {"2025-02-11T00:00:00Z", kFull, kCompatibility, kCompatibility, kFull},
      {"2025-09-08T23:59:59Z", kFull, kCompatibility, kCompatibility, kFull},
      {"2025-09-09T00:00:00Z", kFull, kFull, kFull, kFull},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.when);
    EXPECT_EQ(enforced(std::nullopt, row.when), row.absent);
    EXPECT_EQ(enforced(0, row.when), row.zero);
    EXPECT_EQ(enforced(1, row.when), row.one);
    EXPECT_EQ(enforced(2, row.when), row.two);
    EXPECT_EQ(enforced(7, row.when), row.absent) << "a value out of range counts as absent";
  }
}

TEST(Policy, NtAuthChangesExactlyOnItsDates) {
  struct Row {
    std::string_view when;
    int absent, zero, one, two;
  };
  const Row rows[] = {
      {"2025-04-07T23:59:59Z", 0, 0, 0, 0}, {"2025-04-08T00:00:00Z", 1, 0, 1, 2}, {"2025-07-07T23:59:59Z", 1, 0, 1, 2},
      {"2025-07-08T00:00:00Z", 2, 2, 1, 2}, {"2025-10-13T23:59:59Z", 2, 2, 1, 2}, {"2025-10-14T00:00:00Z", 2, 2, 2, 2},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.when);
    EXPECT_EQ(bypass(std::nullopt, row.when), row.absent);
    EXPECT_EQ(bypass(0, row.when), row.zero);
    EXPECT_EQ(bypass(1, row.when), row.one);
    EXPECT_EQ(bypass(2, row.when), row.two);
  }
}

TEST(Policy, SaysWhenItWillStartToRefuse) {
  KdcConfig config;
  EXPECT_EQ(effective(config, at("2024-11-20")).weak_refused_from, dates::kFullByDefault);
  EXPECT_EQ(effective(config, at("2025-02-11")).weak_refused_from, std::nullopt);
  EXPECT_EQ(effective(config, at("2025-04-08")).nt_auth_refused_from, dates::kNtAuthEnforced);
  config.StrongCertificateBindingEnforcement = 1;
  config.AllowNtAuthPolicyBypass = 1;
  EXPECT_EQ(effective(config, at("2024-11-20")).weak_refused_from, dates::kFullAlways);
  EXPECT_EQ(effective(config, at("2025-02-11")).weak_refused_from, dates::kFullAlways);
  EXPECT_EQ(effective(config, at("2025-07-08")).nt_auth_refused_from, dates::kNtAuthAlways);
  config.StrongCertificateBindingEnforcement = 2;
  config.AllowNtAuthPolicyBypass = 2;
  EXPECT_EQ(effective(config, at("2022-05-01")).weak_refused_from, dates::kStrongMapping);
  EXPECT_EQ(effective(config, at("2025-01-01")).nt_auth_refused_from, dates::kNtAuthAudit);
}

TEST(Policy, FeaturesFollowOperatingSystemAndDate) {
  KdcConfig config;
  config.StrongNameMatches = {"0123456789abcdef0123456789abcdef01234567; 1.2.3; IssuerSubject"};
  EXPECT_TRUE(effective(config, at("2023-04-06")).san_uri);
  EXPECT_FALSE(effective(config, at("2023-04-05T23:59:59Z")).san_uri);
  EXPECT_TRUE(effective(config, at("2025-06-10")).issuer_sid_mapping);
  EXPECT_FALSE(effective(config, at("2025-06-09T23:59:59Z")).issuer_sid_mapping);
  EXPECT_EQ(effective(config, at("2024-09-10")).name_policy.rules.size(), 1U);
  EXPECT_TRUE(effective(config, at("2024-09-09T23:59:59Z")).name_policy.empty());
  config.os_version = 2019;
  EXPECT_TRUE(effective(config, at("2025-12-01")).san_uri);
  EXPECT_FALSE(effective(config, at("2025-12-01")).issuer_sid_mapping);
  config.os_version = 2016;
  EXPECT_FALSE(effective(config, at("2025-12-01")).san_uri);
  EXPECT_TRUE(effective(config, at("2025-12-01")).name_policy.empty());
}

TEST(Policy, BackdatingIsTenMinutesByDefaultAndAtMostFiftyYears) {
  KdcConfig config;
  EXPECT_EQ(effective(config, at("2024-01-01")).backdating, 600);
  config.CertificateBackdatingCompensation = 0x1E13380;
  EXPECT_EQ(effective(config, at("2024-01-01")).backdating, 365 * kDay);
  config.CertificateBackdatingCompensation = 0xFFFFFFFF;
  EXPECT_EQ(effective(config, at("2024-01-01")).backdating, 0x5E0C89C0);
}

constexpr std::string_view kOne = "0123456789abcdef0123456789abcdef01234567";
constexpr std::string_view kTwo = "ffffffffffffffffffffffffffffffffffffffff";

TEST(NamePolicy, ReadsRulesInAnyOrderOfOidsAndMethods) {
  const std::vector<std::string> tuples = {std::string(kOne) +
                                           "; 1.2.3, 1.2.4; UpnSuffix=contoso.com, IssuerSubject\r\n\n" +
                                           std::string(kTwo) + ";1.2.5;issuersubject,upnsuffix=a.com,UPNSuffix=b.com"};
  const NamePolicy policy = parse_name_policy(tuples);
  ASSERT_FALSE(policy.fault) << policy.fault->describe();
  ASSERT_EQ(policy.rules.size(), 2U);
  EXPECT_EQ(policy.rules[0].policies.size(), 2U);
  EXPECT_TRUE(policy.rules[0].issuer_subject);
  EXPECT_EQ(policy.rules[1].upn_suffixes, (std::vector<std::string>{"a.com", "b.com"}));
  EXPECT_NE(policy.find(*from_hex(kTwo), {Oid("9.9"), Oid("1.2.5")}), nullptr);
  EXPECT_EQ(policy.find(*from_hex(kTwo), {Oid("1.2.3")}), nullptr);
  EXPECT_EQ(policy.find({}, {Oid("1.2.3")}), nullptr);
  const auto again = parse_name_rule(to_string(policy.rules[1]));
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, policy.rules[1]);
}

TEST(NamePolicy, ADuplicateThumbprintSwitchesThePolicyOff) {
  const std::vector<std::string> tuples = {std::string(kOne) + ";1.2.3;IssuerSubject",
                                           std::string(kOne) + ";1.2.4;IssuerSubject"};
  const NamePolicy policy = parse_name_policy(tuples);
  ASSERT_TRUE(policy.fault);
  EXPECT_EQ(policy.fault->where.line, 2);
  EXPECT_EQ(policy.faulty_line, tuples[1]);
  EXPECT_EQ(policy.find(*from_hex(kOne), {Oid("1.2.3")}), nullptr);
}

TEST(NamePolicy, NamesTheLineItCannotRead) {
  for (const std::string bad :
       {"x;1.2.3;IssuerSubject", "0123;1.2.3;IssuerSubject", "0123456789abcdef0123456789abcdef01234567;;IssuerSubject",
        "0123456789abcdef0123456789abcdef01234567;1.2.3;", "0123456789abcdef0123456789abcdef01234567;1.2.3",
        "0123456789abcdef0123456789abcdef01234567;1.2.3;UpnSuffix=",
        "0123456789abcdef0123456789abcdef01234567;1.2.3;Subject"}) {
    SCOPED_TRACE(bad);
    const NamePolicy policy = parse_name_policy(std::vector<std::string>{"", bad});
    ASSERT_TRUE(policy.fault);
    EXPECT_EQ(policy.faulty_line, bad);
    EXPECT_EQ(policy.fault->where.line, 2);
  }
}

}  // namespace
}  // namespace mimica::kdc
