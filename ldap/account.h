// Accounts and their groups as the CA, the KDC and the connector need them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/windows/security_descriptor.h"
#include "ldap/directory.h"

namespace mimica::ldap {

namespace uac {  // userAccountControl, MS-ADTS 2.2.16
inline constexpr std::uint32_t kDisabled = 0x2, kNormalAccount = 0x200, kWorkstationTrust = 0x1000,
                               kServerTrust = 0x2000, kDontExpirePassword = 0x10000, kSmartCardRequired = 0x40000;
}  // namespace uac

struct Account {
  std::string dn;
  std::string cn;
  std::string sam_account_name;  // computers end in '$'
  std::string upn;               // userPrincipalName; empty if unset
  std::string dns_host_name;
  std::string mail;
  std::string display_name;
  Sid sid;
  Guid guid;
  std::uint32_t user_account_control = 0;
  std::uint32_t primary_group_rid = 0;
  Timestamp when_created;
  std::optional<Timestamp> expires;       // accountExpires; empty: never
  std::optional<Timestamp> locked_since;  // lockoutTime; empty: not locked out
  std::optional<Seconds> lockout_lasts;   // lockoutDuration of the domain; empty: until an administrator unlocks
  Bytes logon_hours;                      // one bit an hour from Sunday 00:00 UTC, lowest bit first; empty: always
  bool password_must_change = false;      // pwdLastSet is 0, and the account is of a kind to which that applies
  std::vector<std::string> alt_security_identities;
  std::vector<Bytes> key_credentials;  // msDS-KeyCredentialLink blobs
  bool is_computer() const { return (user_account_control & (uac::kWorkstationTrust | uac::kServerTrust)) != 0; }
  bool is_disabled() const { return (user_account_control & uac::kDisabled) != 0; }
  bool operator==(const Account&) const = default;
};

Result<Account> account_from_entry(const Entry& entry);

// Look-ups answer nullopt when nobody matches. A name that matches several accounts is a Fault (constraintViolation).
Result<std::optional<Account>> account_by_sam(Directory&, const NamingContexts&, std::string_view sam_account_name);
Result<std::optional<Account>> account_by_upn(Directory&, const NamingContexts&, std::string_view upn);
Result<std::optional<Account>> account_by_spn(Directory&, const NamingContexts&,
                                              std::string_view service_principal_name);
Result<std::optional<Account>> account_by_sid(Directory&, const NamingContexts&, const Sid&);
Result<std::optional<Account>> account_by_dn(Directory&, std::string_view dn);
// "CONTOSO\\jane", "jane@contoso.com", "jane", "CONNECTOR01$", a DN or a SID: as people write account names. The domain
// part before a backslash must be the NetBIOS name of the domain.
Result<std::optional<Account>> account_by_any_name(Directory&, const NamingContexts&, std::string_view name);
// userPrincipalName = whole string, else sAMAccountName = whole string, else sAMAccountName = text before '@', else the
// same with '$' (MS-ADTS 3.1.1.13.7; the implicit UPN rule).
Result<std::optional<Account>> account_by_upn_or_name(Directory&, const NamingContexts&, std::string_view upn);

// The token of a network logon: user, primary group, all transitive groups, Everyone, Authenticated Users, Network,
// This Organization. Tries tokenGroups, then the in-chain rule, then breadth-first search; nested and cyclic groups are
// fine.
Result<Token> read_token(Directory&, const NamingContexts&, const Account&);
// The same by one way only, for tests and diagnosis; a way that the server does not know finds the primary group only.
enum class GroupStrategy { automatic, token_groups, in_chain, breadth_first };
Result<Token> read_token(Directory&, const NamingContexts&, const Account&, GroupStrategy);

// NetBIOS name of the domain (CN=Partitions crossRef), e.g. "CONTOSO".
Result<std::string> netbios_name(Directory&, const NamingContexts&);
// "CONTOSO\\jane"; well-known SIDs by their names ("Authenticated Users"); an unknown SID in text form.
Result<std::string> account_display_name(Directory&, const NamingContexts&, const Sid&);

}  // namespace mimica::ldap
