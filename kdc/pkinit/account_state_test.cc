#include "kdc/pkinit/account_state.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing_lab.h"

namespace mimica::kdc {
namespace {

using namespace testing;

const Timestamp kWednesdayTen = at("2025-12-03T10:30:00Z");

void expect_refused(const Decision<ldap::Account>& got, std::string_view rule, KrbError code) {
  EXPECT_FALSE(got);
  EXPECT_EQ(got.rule(), rule);
  EXPECT_EQ(got.code, Code{code});
}
Decision<ldap::Account> log_on(const ldap::Account& account, Timestamp when = kWednesdayTen,
                               const KdcConfig& config = {}) {
  return account_may_log_on(account, when, config);
}

TEST(AccountState, AnAccountInGoodStandingPassesEveryCheck) {
  const auto got = account_may_use_password(jane(), kWednesdayTen, {});
  ASSERT_TRUE(got);
  EXPECT_EQ(*got.granted, jane());
  for (const char* rule : {"kdc.account.enabled", "kdc.account.not_locked_out", "kdc.account.not_expired",
                           "kdc.account.logon_hours", "kdc.account.password_change", "kdc.account.smart_card"})
    EXPECT_TRUE(got.trace.has(rule, Verdict::pass)) << rule;
  EXPECT_TRUE(log_on(laptop()));
}

TEST(AccountState, DisabledAccountsAreRevoked) {
  ldap::Account account = jane();
  account.user_account_control |= ldap::uac::kDisabled;
  expect_refused(log_on(account), "kdc.account.enabled", KrbError::KDC_ERR_CLIENT_REVOKED);
}

TEST(AccountState, ALockoutEndsWithTheDomainsDuration) {
  ldap::Account account = jane();
  account.locked_since = kWednesdayTen - 30 * kMinute + 1;
  account.lockout_lasts = 30 * kMinute;
  expect_refused(log_on(account), "kdc.account.not_locked_out", KrbError::KDC_ERR_CLIENT_REVOKED);
  EXPECT_TRUE(log_on(account, kWednesdayTen + 1));
  account.lockout_lasts.reset();
  expect_refused(log_on(account, kWednesdayTen + 365 * kDay), "kdc.account.not_locked_out",
                 KrbError::KDC_ERR_CLIENT_REVOKED);
}

TEST(AccountState, AccountsExpireAtTheInstantTheyName) {
  ldap::Account account = jane();
  account.expires = kWednesdayTen;
  expect_refused(log_on(account), "kdc.account.not_expired", KrbError::KDC_ERR_CLIENT_REVOKED);
  EXPECT_TRUE(log_on(account, kWednesdayTen - 1));
}

TEST(AccountState, LogonHoursCountFromSundayInUtc) {
  ldap::Account account = jane();
  account.logon_hours = Bytes(21, 0);
  account.logon_hours[3 * 3 + 1] = 0x04;  // Wednesday 10:00 to 11:00
  EXPECT_TRUE(log_on(account, at("2025-12-03T10:00:00Z")));
  EXPECT_TRUE(log_on(account, at("2025-12-03T10:59:59Z")));
  for (const char* other : {"2025-12-03T09:59:59Z", "2025-12-03T11:00:00Z", "2025-12-04T10:30:00Z"})
    expect_refused(log_on(account, at(other)), "kdc.account.logon_hours", KrbError::KDC_ERR_POLICY);
  account.logon_hours = Bytes(21, 0);
  account.logon_hours[0] = 0x01;
  EXPECT_TRUE(log_on(account, at("2025-11-30T00:00:00Z"))) << "a Sunday";
  EXPECT_TRUE(log_on(account, at("1969-12-28T00:30:00Z"))) << "before the epoch";
}

TEST(AccountState, AChangeOfPasswordIsASwitch) {
  ldap::Account account = jane();
  account.password_must_change = true;
  expect_refused(log_on(account), "kdc.account.password_change", KrbError::KDC_ERR_KEY_EXPIRED);
  KdcConfig config;
  config.password_change_refused = false;
  const auto got = log_on(account, kWednesdayTen, config);
  EXPECT_TRUE(got);
  EXPECT_TRUE(got.trace.has("kdc.account.password_change", Verdict::warn));
}

TEST(AccountState, SmartCardAccountsHaveNoPasswordLogon) {
  ldap::Account account = jane();
  account.user_account_control |= ldap::uac::kSmartCardRequired;
  EXPECT_TRUE(log_on(account));
  expect_refused(account_may_use_password(account, kWednesdayTen, {}), "kdc.account.smart_card",
                 KrbError::KDC_ERR_POLICY);
}

// The same facts as a directory holds them.
class AccountStateOfDirectory : public DirectoryLab {};

TEST_F(AccountStateOfDirectory, DecidesEveryLogon) {
  const Certificate certificate = test_pki().ca.issue(jane_spec());
  const auto filetime = [](Timestamp when) { return std::to_string(to_filetime(when)); };
  const auto expect = [&](std::string_view attribute, std::string value, std::string_view rule) {
    set("jane", std::string(attribute), {std::move(value)});
    expect_rule(log_on("jane", certificate), rule);
  };
  expect("accountExpires", filetime(kNow), "kdc.account.not_expired");
  expect("accountExpires", "9223372036854775807", "");
  expect("accountExpires", "0", "");
  expect("lockoutTime", filetime(kNow - 29 * kMinute), "kdc.account.not_locked_out");
  expect("lockoutTime", filetime(kNow - 30 * kMinute), "");  // the forest's duration
  EXPECT_EQ((*must(ldap::account_by_dn(*directory, account("jane").dn))).lockout_lasts, 30 * kMinute);
  ok(directory->modify(contexts.domain, {{ldap::Modification::Kind::replace, {"lockoutDuration", {"0"}}}}));
  expect("lockoutTime", filetime(kNow - 30 * kMinute), "kdc.account.not_locked_out");
  expect("lockoutTime", "0", "");
  expect("logonHours", std::string(21, '\0'), "kdc.account.logon_hours");
  expect("logonHours", std::string(21, '\xFF'), "");
  expect("logonHours", std::string(3, '\0'), "");
  set("jane", "userAccountControl", {"512"});
  expect("pwdLastSet", "0", "kdc.account.password_change");
  set("jane", "userAccountControl", {"66048"});
  expect_rule(log_on("jane", certificate), "");
}

}  // namespace
}  // namespace mimica::kdc
