#include "kdc/pkinit/account_state.h"

#include "kdc/rules.h"

namespace mimica::kdc {
namespace {

constexpr Seconds kWeek = 7 * kDay;
constexpr Seconds kFirstSunday = 3 * kDay;  // 1970-01-04

// Which of the 168 hours of a week, counted from Sunday 00:00 UTC.
std::size_t hour_of_week(Timestamp at) {
  const Seconds since = ((at.seconds - kFirstSunday) % kWeek + kWeek) % kWeek;
  return static_cast<std::size_t>(since / kHour);
}

bool within_logon_hours(const Bytes& hours, Timestamp at) {
  const std::size_t hour = hour_of_week(at);
  return hour / 8 >= hours.size() || (hours[hour / 8] >> (hour % 8) & 1) != 0;
}

class AccountState {
 public:
  AccountState(const ldap::Account& account, Timestamp at, const KdcConfig& config)
      : account_(account), at_(at), config_(config) {}

  bool judge() { return enabled() && not_locked_out() && not_expired() && logon_hours() && password_change(); }
  bool judge_password() { return judge() && smart_card(); }
  Decision<ldap::Account> decision(bool granted) {
    return granted ? Decision<ldap::Account>::grant(account_, std::move(trace_))
                   : Decision<ldap::Account>::refuse(std::move(trace_));
  }

 private:
  bool fail(const Rule& rule, KrbError code, const std::string& why, std::vector<Fact> facts = {}) {
    trace_.fail(rule, code, account_.sam_account_name + " " + why, std::move(facts));
    return false;
  }
  bool pass(const Rule& rule) {
    trace_.pass(rule);
    return true;
  }

  bool enabled() {
    if (account_.is_disabled()) return fail(kAccountEnabled, KrbError::KDC_ERR_CLIENT_REVOKED, "is disabled");
    return pass(kAccountEnabled);
  }

  bool not_locked_out() {
    if (!account_.locked_since) return pass(kAccountNotLockedOut);
    const std::string since = to_iso(*account_.locked_since);
    if (!account_.lockout_lasts)
      return fail(kAccountNotLockedOut, KrbError::KDC_ERR_CLIENT_REVOKED,
                  "is locked out since " + since + " until an administrator unlocks it", {{"lockout_time", since}});
    const Timestamp until = *account_.locked_since + *account_.lockout_lasts;
    if (at_ < until)
      return fail(kAccountNotLockedOut, KrbError::KDC_ERR_CLIENT_REVOKED, "is locked out until " + to_iso(until),
                  {{"lockout_time", since}, {"until", to_iso(until)}});
    return pass(kAccountNotLockedOut);
  }

  bool not_expired() {
    if (account_.expires && *account_.expires <= at_) {
      const std::string when = to_iso(*account_.expires);
      return fail(kAccountNotExpired, KrbError::KDC_ERR_CLIENT_REVOKED, "expired at " + when,
                  {{"account_expires", when}});
    }
    return pass(kAccountNotExpired);
  }

  bool logon_hours() {
    if (!within_logon_hours(account_.logon_hours, at_))
      return fail(kAccountLogonHours, KrbError::KDC_ERR_POLICY, "may not log on at " + to_iso(at_),
                  {{"hour_of_week", std::to_string(hour_of_week(at_))}});
    return pass(kAccountLogonHours);
  }

  bool password_change() {
    if (!account_.password_must_change) return pass(kAccountPasswordChange);
    if (config_.password_change_refused)
      return fail(kAccountPasswordChange, KrbError::KDC_ERR_KEY_EXPIRED, "must change its password first");
    trace_.warn(kAccountPasswordChange, account_.sam_account_name + " must change its password; not enforced here");
    return true;
  }

  bool smart_card() {
    if ((account_.user_account_control & ldap::uac::kSmartCardRequired) != 0)
      return fail(kAccountSmartCard, KrbError::KDC_ERR_POLICY, "must log on with a smart card");
    return pass(kAccountSmartCard);
  }

  const ldap::Account& account_;
  Timestamp at_;
  const KdcConfig& config_;
  Trace trace_;
};

}  // namespace

Decision<ldap::Account> account_may_log_on(const ldap::Account& account, Timestamp at, const KdcConfig& config) {
  AccountState state(account, at, config);
  return state.decision(state.judge());
}

Decision<ldap::Account> account_may_use_password(const ldap::Account& account, Timestamp at, const KdcConfig& config) {
  AccountState state(account, at, config);
  return state.decision(state.judge_password());
}

}  // namespace mimica::kdc
