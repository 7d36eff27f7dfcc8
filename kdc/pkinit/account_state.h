// May this account log on at all, whatever it proves itself with? The check of the account's own state that precedes
// every initial ticket, with a certificate or with a password.
#pragma once

#include "core/base/decision.h"
#include "core/base/time.h"
#include "kdc/policy/policy.h"
#include "ldap/account.h"

namespace mimica::kdc {

// Disabled, locked out, expired: KDC_ERR_CLIENT_REVOKED. Outside the logon hours: KDC_ERR_POLICY. Password to be
// changed first: KDC_ERR_KEY_EXPIRED, unless `config.password_change_refused` is off. Grants the account.
Decision<ldap::Account> account_may_log_on(const ldap::Account& account, Timestamp at, const KdcConfig& config);

// The same for a logon with a password: accounts that must use a smart card answer KDC_ERR_POLICY.
Decision<ldap::Account> account_may_use_password(const ldap::Account& account, Timestamp at, const KdcConfig& config);

}  // namespace mimica::kdc
