// Binding: name forms (MS-ADTS 5.1.1.1.1), account state, and the token of the bound account.
#include <mutex>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/number.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/embedded_dsa.h"

namespace mimica::ldap {
namespace {

std::int64_t number_or(std::string_view text, std::int64_t fallback) {
  return parse_decimal<std::int64_t>(text).value_or(fallback);
}

}  // namespace

Caller Caller::system() {
  Caller out;
  out.token.user = sids::kSystem;
  out.token.sids = {sids::kSystem, sids::kBuiltinAdministrators, sids::kEveryone, sids::kAuthenticatedUsers};
  out.name = "u:NT AUTHORITY\\SYSTEM";
  out.is_system = true;
  return out;
}

const KnownAttributes& known() {
  const auto get = [](std::string_view name) -> const AttributeType& {
    return *Schema::active_directory().attribute(name);
  };
  static const KnownAttributes attributes{
      .object_class = get("objectClass"),
      .object_category = get("objectCategory"),
      .object_guid = get("objectGUID"),
      .object_sid = get("objectSid"),
      .sam_account_name = get("sAMAccountName"),
      .sam_account_type = get("sAMAccountType"),
      .user_principal_name = get("userPrincipalName"),
      .service_principal_name = get("servicePrincipalName"),
      .user_account_control = get("userAccountControl"),
      .primary_group_id = get("primaryGroupID"),
      .group_type = get("groupType"),
      .member = get("member"),
      .member_of = get("memberOf"),
      .name = get("name"),
      .cn = get("cn"),
      .instance_type = get("instanceType"),
      .when_created = get("whenCreated"),
      .when_changed = get("whenChanged"),
      .usn_created = get("uSNCreated"),
      .usn_changed = get("uSNChanged"),
      .descriptor = get("nTSecurityDescriptor"),
      .distinguished_name = get("distinguishedName"),
      .hidden = get("showInAdvancedViewOnly"),
      .critical = get("isCriticalSystemObject"),
      .system_flags = get("systemFlags"),
      .unicode_password = get("unicodePwd"),
      .user_password = get("userPassword"),
      .password_last_set = get("pwdLastSet"),
      .account_expires = get("accountExpires"),
  };
  return attributes;
}

const Record* EmbeddedDsa::find_account(std::string_view name) const {
  if (name.empty()) return nullptr;
  const auto unique = [&](const AttributeType& type, std::string_view value) -> const Record* {
    const auto key = comparable(type, value);
    const auto* found = key ? store_.indexed(type, *key) : nullptr;
    return found != nullptr && found->size() == 1 ? store_.get(found->front()) : nullptr;
  };
  if (const Record* record = store_.find(name)) return record;
  if (name.front() == '<') {
    const auto id = resolve_base(name);
    return id ? store_.get(*id) : nullptr;
  }
  if (const auto at = name.rfind('@'); at != std::string_view::npos) {
    if (const Record* record = unique(known().user_principal_name, name)) return record;
    const std::string_view suffix = name.substr(at + 1);
    if (equals_ignore_case(suffix, dns_name_) || equals_ignore_case(suffix, netbios_name_))
      return unique(known().sam_account_name, name.substr(0, at));
    return nullptr;
  }
  if (const auto slash = name.find('\\'); slash != std::string_view::npos) {
    if (!equals_ignore_case(name.substr(0, slash), netbios_name_)) return nullptr;
    return unique(known().sam_account_name, name.substr(slash + 1));
  }
  if (starts_with_ignore_case(name, "S-1-")) return unique(known().object_sid, name);
  return nullptr;
}

std::string EmbeddedDsa::principal_name(const Record& account) const {
  return netbios_name_ + "\\" + std::string(account.first(known().sam_account_name));
}

std::set<Sid> EmbeddedDsa::token_groups(const Record& account) const {
  std::set<Sid> out;
  const auto add = [&](RecordId id) {
    const Record* group = store_.get(id);
    constexpr std::int64_t kSecurityEnabled = 0x80000000;
    const auto type = number_or(group->first(known().group_type), 0);
    if ((type & kSecurityEnabled) == 0) return;
    if (const auto sid = Sid::from_binary(as_bytes(group->first(known().object_sid)))) out.insert(*sid);
  };
  std::vector<RecordId> start = store_.closure(account.id, known().member, true);
  const std::string_view rid = account.first(known().primary_group_id);
  if (!rid.empty()) {
    const Sid primary = domain_sid_.with_rid(static_cast<std::uint32_t>(number_or(rid, 0)));
    const auto* found = store_.indexed(known().object_sid, to_string(primary.to_binary()));
    if (!found->empty()) {
      start.push_back(found->front());
      const auto above = store_.closure(found->front(), known().member, true);
      start.insert(start.end(), above.begin(), above.end());
    }
  }
  for (const RecordId id : start) add(id);
  return out;
}

Caller EmbeddedDsa::caller_for(const Record& account) const {
  Caller out;
  out.bound_dn = account.dn;
  out.name = "u:" + principal_name(account);
  if (const auto sid = Sid::from_binary(as_bytes(account.first(known().object_sid)))) out.token.user = *sid;
  out.token.sids = token_groups(account);
  out.token.sids.insert(
      {out.token.user, sids::kEveryone, sids::kAuthenticatedUsers, sids::kNetwork, sids::kThisOrganization});
  return out;
}

Result<Caller> EmbeddedDsa::bind(std::string_view name, std::string_view password) {
  if (password.empty()) return Caller{};  // an unauthenticated bind is anonymous (MS-ADTS 5.1.1.1.1)
  const std::shared_lock lock(mutex_);
  const Record* account = find_account(name);
  if (account == nullptr || account->first(known().object_sid).empty())
    return bind_error(win32::kNoSuchUser, "no account is named " + std::string(name));
  const auto stored = passwords_.find(account->id);
  if (stored == passwords_.end() || stored->second.text.empty() || stored->second.text != password)
    return bind_error(win32::kLogonFailure, "the password of " + account->dn + " is different");
  const auto control = number_or(account->first(known().user_account_control), 0);
  if ((control & uac::kDisabled) != 0) return bind_error(win32::kAccountDisabled, account->dn + " is disabled");
  const auto expires = number_or(account->first(known().account_expires), 0);
  if (expires > 0 && expires <= to_filetime(clock_.now()))
    return bind_error(win32::kAccountExpired, account->dn + " has expired (accountExpires)");
  if ((control & uac::kDontExpirePassword) == 0 && account->first(known().password_last_set) == "0")
    return bind_error(win32::kPasswordMustChange, account->dn + " must change its password first (pwdLastSet is 0)");
  return caller_for(*account);
}

Result<Caller> EmbeddedDsa::impersonate(std::string_view account_name) {
  const std::shared_lock lock(mutex_);
  const Record* account = find_account(account_name);
  if (account == nullptr) {
    const auto key = comparable(known().sam_account_name, account_name);
    const auto* found = store_.indexed(known().sam_account_name, *key);
    if (found->size() == 1) account = store_.get(found->front());
  }
  if (account == nullptr || account->first(known().object_sid).empty())
    return no_such_object(account_name, contexts_.domain);
  return caller_for(*account);
}

void EmbeddedDsa::set_password(std::string_view dn, std::string_view password) {
  const std::unique_lock lock(mutex_);
  const Record* found = store_.find(dn);
  if (found == nullptr) return;
  store_password(found->id, password);
  Record record = *found;
  record.set(known().password_last_set, {std::to_string(to_filetime(clock_.now()))});
  touch(record);
  store_.replace(std::move(record));
}

std::optional<Dsa::Password> EmbeddedDsa::password(std::string_view dn) const {
  const std::shared_lock lock(mutex_);
  const Record* found = store_.find(dn);
  const auto held = found != nullptr ? passwords_.find(found->id) : passwords_.end();
  if (held == passwords_.end() || held->second.text.empty()) return std::nullopt;
  return held->second;
}

void EmbeddedDsa::store_password(RecordId id, std::string_view password) {
  Password& held = passwords_[id];
  held.text = password;
  ++held.version;
}

}  // namespace mimica::ldap
