#include "ldap/account.h"

#include <deque>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "ldap/account_attributes.h"

namespace mimica::ldap {
namespace {

// Asked for by name with and without ";binary" is not needed here: none of these has DER values.
const std::vector<std::string> kAccountAttributes = {"objectClass",
                                                     "cn",
                                                     "sAMAccountName",
                                                     "userPrincipalName",
                                                     "dNSHostName",
                                                     "mail",
                                                     "displayName",
                                                     "objectSid",
                                                     "objectGUID",
                                                     "userAccountControl",
                                                     "primaryGroupID",
                                                     "whenCreated",
                                                     "altSecurityIdentities",
                                                     "msDS-KeyCredentialLink",
                                                     "accountExpires",
                                                     "lockoutTime",
                                                     "logonHours",
                                                     "pwdLastSet"};

constexpr std::int64_t kNever = 0x7FFFFFFFFFFFFFFF;  // accountExpires
constexpr std::size_t kLogonHoursSize = 7 * 24 / 8;
constexpr std::int64_t kFiletimePerSecond = 10'000'000;

// "B:<hex digits>:<hex>:<DN>" (MS-ADTS 3.1.1.2.2.2).
Result<Bytes> binary_part(std::string_view value) {
  const auto parts = split(value, ':');
  std::optional<Bytes> octets;
  if (parts.size() >= 4 && equals_ignore_case(parts[0], "B")) octets = from_hex(parts[2]);
  if (!octets || parts[1] != std::to_string(parts[2].size()))
    return fault(LdapCode::invalidAttributeSyntax, "msDS-KeyCredentialLink does not hold a DN-Binary value");
  return *std::move(octets);
}

std::string assertion(std::string_view attribute, std::string_view value) {
  return "(" + std::string(attribute) + "=" + escape_filter(value) + ")";
}

// Every octet escaped: the form that AD, Samba and slapd all match for binary attributes.
std::string binary_assertion(std::string_view attribute, BytesView value) {
  std::string out = "(" + std::string(attribute) + "=";
  for (const std::uint8_t octet : value) out += "\\" + to_hex(BytesView(&octet, 1));
  return out + ")";
}

// lockoutDuration is a negative interval; anything else, and the most negative one, lasts until an administrator
// unlocks the account (MS-ADTS 3.1.1.4.5.17). Asked for only when there is a lockout.
Result<void> read_lockout(Directory& directory, const std::string& domain, Account& account) {
  if (!account.locked_since) return {};
  MIMICA_TRY(const auto head, read_entry(directory, domain, {"lockoutDuration"}));
  if (!head) return {};
  MIMICA_TRY(const auto duration, head->integer("lockoutDuration"));
  if (duration && *duration < 0 && *duration > -kNever) account.lockout_lasts = -*duration / kFiletimePerSecond;
  return {};
}

Result<void> read_state(const Entry& entry, Account& out) {
  MIMICA_TRY(const auto expires, entry.integer("accountExpires"));
  if (expires && *expires != 0 && *expires != kNever) out.expires = from_filetime(*expires);
  MIMICA_TRY(const auto locked, entry.integer("lockoutTime"));
  if (locked && *locked != 0) out.locked_since = from_filetime(*locked);
  // A value of another length restricts nothing.
  if (const auto hours = entry.first("logonHours"); hours.size() == kLogonHoursSize) out.logon_hours = to_bytes(hours);
  // MS-ADTS 3.1.1.4.5.31: passwords of these never expire.
  constexpr std::uint32_t kExempt =
      uac::kDontExpirePassword | uac::kSmartCardRequired | uac::kWorkstationTrust | uac::kServerTrust;
  MIMICA_TRY(const auto password_set, entry.integer("pwdLastSet"));
  out.password_must_change = password_set == 0 && (out.user_account_control & kExempt) == 0;
  return {};
}

Result<std::optional<Account>> one_account(Directory& directory, const NamingContexts& contexts,
                                           const std::string& condition, std::string_view what) {
  MIMICA_TRY(const auto found, directory.search({.base = contexts.domain,
                                                 .filter = "(&(objectClass=user)" + condition + ")",
                                                 .attributes = kAccountAttributes}));
  if (found.size() > 1)
    return fault(LdapCode::constraintViolation, "several accounts have the " + std::string(what), {},
                 "account names must be unique; remove the duplicate " + found[1].dn());
  if (found.empty()) return std::optional<Account>{};
  MIMICA_TRY(auto account, account_from_entry(found.front()));
  MIMICA_RETURN_IF_FAULT(read_lockout(directory, contexts.domain, account));
  return std::optional<Account>{std::move(account)};
}

void add_logon_sids(Token& token) {
  token.sids.insert({token.user, sids::kEveryone, sids::kAuthenticatedUsers, sids::kNetwork, sids::kThisOrganization});
}

Result<void> add_sids(Token& token, const Entry& entry) {
  MIMICA_TRY(const auto sid, entry.sid("objectSid"));
  if (sid) token.sids.insert(*sid);
  return {};
}

// A server without tokenGroups answers an empty entry; one that refuses it answers a fault.
Result<bool> from_token_groups(Directory& directory, const Account& account, Token& token) {
  const auto found = read_entry(directory, account.dn, {"tokenGroups"});
  if (!found) {
    if (found.error().code == Code{LdapCode::unavailable}) return found.error();
    return false;
  }
  if (!*found || !(*found)->has("tokenGroups")) return false;
  for (const std::string& value : (*found)->values("tokenGroups")) {
    MIMICA_TRY(auto sid, Sid::from_binary(as_bytes(value)));
    token.sids.insert(std::move(sid));
  }
  return true;
}

Result<std::vector<Entry>> groups_holding(Directory& directory, const NamingContexts& contexts,
                                          std::string_view attribute, std::string_view dn) {
  return directory.search({.base = contexts.domain, .filter = assertion(attribute, dn), .attributes = {"objectSid"}});
}

Result<std::optional<Entry>> primary_group(Directory& directory, const NamingContexts& contexts,
                                           const Account& account) {
  if (account.primary_group_rid == 0) return std::optional<Entry>{};
  const Bytes sid = account.sid.domain().with_rid(account.primary_group_rid).to_binary();
  MIMICA_TRY(auto found,
             directory.search(
                 {.base = contexts.domain, .filter = binary_assertion("objectSid", sid), .attributes = {"objectSid"}}));
  if (found.empty()) return std::optional<Entry>{};
  return std::optional<Entry>{std::move(found.front())};
}

// In-chain where the server knows the rule; the answer is complete only when it finds what a direct search finds.
Result<bool> from_in_chain(Directory& directory, const NamingContexts& contexts, const std::vector<std::string>& starts,
                           Token& token) {
  for (const std::string& dn : starts) {
    MIMICA_TRY(const auto direct, groups_holding(directory, contexts, "member", dn));
    if (direct.empty()) continue;
    auto chain = groups_holding(directory, contexts, "member:1.2.840.113556.1.4.1941:", dn);
    if (!chain) {
      if (chain.error().code == Code{LdapCode::unavailable}) return std::move(chain).error();
      return false;
    }
    if (chain->size() < direct.size()) return false;
    for (const Entry& group : *chain) MIMICA_RETURN_IF_FAULT(add_sids(token, group));
  }
  return true;
}

Result<void> by_breadth(Directory& directory, const NamingContexts& contexts, const std::vector<std::string>& starts,
                        Token& token) {
  std::deque<std::string> pending(starts.begin(), starts.end());
  std::set<std::string> seen;
  for (const std::string& dn : starts) seen.insert(normalise_dn(dn));
  while (!pending.empty()) {
    const std::string dn = std::move(pending.front());
    pending.pop_front();
    MIMICA_TRY(const auto groups, groups_holding(directory, contexts, "member", dn));
    for (const Entry& group : groups) {
      MIMICA_RETURN_IF_FAULT(add_sids(token, group));
      if (seen.insert(normalise_dn(group.dn())).second) pending.push_back(group.dn());
    }
  }
  return {};
}

struct NamedSid {
  std::string_view sid;
  std::string_view name;
};
constexpr NamedSid kWellKnown[] = {
    {"S-1-1-0", "Everyone"},    {"S-1-3-0", "CREATOR OWNER"},        {"S-1-5-2", "NETWORK"},
    {"S-1-5-4", "INTERACTIVE"}, {"S-1-5-7", "ANONYMOUS LOGON"},      {"S-1-5-9", "ENTERPRISE DOMAIN CONTROLLERS"},
    {"S-1-5-10", "SELF"},       {"S-1-5-11", "Authenticated Users"}, {"S-1-5-15", "This Organization"},
    {"S-1-5-18", "SYSTEM"},     {"S-1-5-19", "LOCAL SERVICE"},       {"S-1-5-20", "NETWORK SERVICE"},
};

}  // namespace

const std::vector<std::string>& account_attributes() { return kAccountAttributes; }

Result<Account> account_from_entry(const Entry& entry) {
  Account out;
  out.dn = entry.dn();
  out.cn = entry.first("cn");
  out.sam_account_name = entry.first("sAMAccountName");
  out.upn = entry.first("userPrincipalName");
  out.dns_host_name = entry.first("dNSHostName");
  out.mail = entry.first("mail");
  out.display_name = entry.first("displayName");
  MIMICA_TRY(const auto sid, entry.sid("objectSid"));
  if (!sid) return fault(LdapCode::noSuchAttribute, entry.dn() + " has no objectSid");
  out.sid = *sid;
  MIMICA_TRY(const auto guid, entry.guid("objectGUID"));
  out.guid = guid.value_or(Guid{});
  MIMICA_TRY(const auto control, entry.integer("userAccountControl"));
  out.user_account_control = static_cast<std::uint32_t>(control.value_or(0));
  MIMICA_TRY(const auto primary, entry.integer("primaryGroupID"));
  out.primary_group_rid = static_cast<std::uint32_t>(primary.value_or(0));
  MIMICA_TRY(const auto created, entry.time("whenCreated"));
  out.when_created = created.value_or(Timestamp{});
  MIMICA_RETURN_IF_FAULT(read_state(entry, out));
  out.alt_security_identities = entry.values("altSecurityIdentities");
  for (const std::string& value : entry.values("msDS-KeyCredentialLink")) {
    MIMICA_TRY(auto blob, binary_part(value));
    out.key_credentials.push_back(std::move(blob));
  }
  return out;
}

Result<std::optional<Account>> account_by_sam(Directory& directory, const NamingContexts& contexts,
                                              std::string_view name) {
  return one_account(directory, contexts, assertion("sAMAccountName", name), "sAMAccountName " + std::string(name));
}

Result<std::optional<Account>> account_by_upn(Directory& directory, const NamingContexts& contexts,
                                              std::string_view upn) {
  return one_account(directory, contexts, assertion("userPrincipalName", upn), "userPrincipalName " + std::string(upn));
}

Result<std::optional<Account>> account_by_spn(Directory& directory, const NamingContexts& contexts,
                                              std::string_view service_principal_name) {
  return one_account(directory, contexts, assertion("servicePrincipalName", service_principal_name),
                     "servicePrincipalName " + std::string(service_principal_name));
}

Result<std::optional<Account>> account_by_sid(Directory& directory, const NamingContexts& contexts, const Sid& sid) {
  return one_account(directory, contexts, binary_assertion("objectSid", sid.to_binary()), "SID " + sid.to_string());
}

Result<std::optional<Account>> account_by_dn(Directory& directory, std::string_view dn) {
  MIMICA_TRY(const auto entry, read_entry(directory, dn, kAccountAttributes));
  if (!entry || !entry->has("objectSid") || !entry->is_a("user")) return std::optional<Account>{};
  MIMICA_TRY(auto account, account_from_entry(*entry));
  if (account.locked_since) {
    MIMICA_TRY(const auto contexts, read_naming_contexts(directory));
    MIMICA_RETURN_IF_FAULT(read_lockout(directory, contexts.domain, account));
  }
  return std::optional<Account>{std::move(account)};
}

Result<std::optional<Account>> account_by_any_name(Directory& directory, const NamingContexts& contexts,
                                                   std::string_view name) {
  if (name.empty()) return std::optional<Account>{};
  if (const auto slash = name.find('\\'); slash != std::string_view::npos && name.find('=') == std::string_view::npos) {
    MIMICA_TRY(const auto domain, netbios_name(directory, contexts));
    if (!equals_ignore_case(name.substr(0, slash), domain)) return std::optional<Account>{};
    return account_by_sam(directory, contexts, name.substr(slash + 1));
  }
  if (starts_with_ignore_case(name, "S-1-"))
    if (const auto sid = Sid::parse(name)) return account_by_sid(directory, contexts, *sid);
  if (name.find('=') != std::string_view::npos && !normalise_dn(name).empty()) return account_by_dn(directory, name);
  if (name.find('@') != std::string_view::npos) return account_by_upn_or_name(directory, contexts, name);
  return account_by_sam(directory, contexts, name);
}

Result<std::optional<Account>> account_by_upn_or_name(Directory& directory, const NamingContexts& contexts,
                                                      std::string_view upn) {
  MIMICA_TRY(auto by_upn, account_by_upn(directory, contexts, upn));
  if (by_upn) return by_upn;
  MIMICA_TRY(auto by_name, account_by_sam(directory, contexts, upn));
  if (by_name) return by_name;
  const auto at = upn.rfind('@');
  if (at == std::string_view::npos || at == 0) return std::optional<Account>{};
  MIMICA_TRY(auto by_part, account_by_sam(directory, contexts, upn.substr(0, at)));
  if (by_part) return by_part;
  return account_by_sam(directory, contexts, std::string(upn.substr(0, at)) + "$");
}

Result<Token> read_token(Directory& directory, const NamingContexts& contexts, const Account& account) {
  return read_token(directory, contexts, account, GroupStrategy::automatic);
}

Result<Token> read_token(Directory& directory, const NamingContexts& contexts, const Account& account,
                         GroupStrategy strategy) {
  Token token;
  token.user = account.sid;
  add_logon_sids(token);
  if (account.primary_group_rid != 0) token.sids.insert(account.sid.domain().with_rid(account.primary_group_rid));
  const bool automatic = strategy == GroupStrategy::automatic;
  if (automatic || strategy == GroupStrategy::token_groups) {
    MIMICA_TRY(const bool done, from_token_groups(directory, account, token));
    if (done || !automatic) return token;
  }
  std::vector<std::string> starts{account.dn};
  MIMICA_TRY(const auto primary, primary_group(directory, contexts, account));
  if (primary) starts.push_back(primary->dn());
  if (automatic || strategy == GroupStrategy::in_chain) {
    MIMICA_TRY(const bool done, from_in_chain(directory, contexts, starts, token));
    if (done || !automatic) return token;
  }
  MIMICA_RETURN_IF_FAULT(by_breadth(directory, contexts, starts, token));
  return token;
}

Result<std::string> netbios_name(Directory& directory, const NamingContexts& contexts) {
  MIMICA_TRY(const auto found, directory.search({.base = "CN=Partitions," + contexts.configuration,
                                                 .scope = Scope::one_level,
                                                 .filter = "(&(objectClass=crossRef)(nETBIOSName=*))",
                                                 .attributes = {"nCName", "nETBIOSName"}}));
  const std::string domain = normalise_dn(contexts.domain);
  for (const Entry& entry : found)
    if (normalise_dn(entry.first("nCName")) == domain) return std::string(entry.first("nETBIOSName"));
  return fault(LdapCode::noSuchObject, "CN=Partitions names no NetBIOS domain name for " + contexts.domain, {},
               "the directory needs a crossRef object with nCName and nETBIOSName for its domain");
}

Result<std::string> account_display_name(Directory& directory, const NamingContexts& contexts, const Sid& sid) {
  const std::string text = sid.to_string();
  for (const NamedSid& known_sid : kWellKnown)
    if (known_sid.sid == text) return std::string(known_sid.name);
  MIMICA_TRY(const auto found, directory.search({.base = contexts.domain,
                                                 .filter = binary_assertion("objectSid", sid.to_binary()),
                                                 .attributes = {"sAMAccountName"}}));
  if (found.empty() || found.front().first("sAMAccountName").empty()) return text;
  const std::string name(found.front().first("sAMAccountName"));
  if (sid.domain() == sids::kBuiltinAdministrators.domain()) return "BUILTIN\\" + name;
  MIMICA_TRY(const auto domain, netbios_name(directory, contexts));
  return domain + "\\" + name;
}

}  // namespace mimica::ldap
