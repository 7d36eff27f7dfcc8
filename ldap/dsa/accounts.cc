// Binding: name forms (MS-ADTS 5.1.1.1.1), account state, and the token of the bound account.
#include "ldap/dsa/accounts.h"

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/number.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/dsa/names.h"
#include "ldap/rules.h"

namespace mimica::ldap::dsa {
namespace {

std::int64_t number_or(std::string_view text, std::int64_t fallback) {
  return parse_decimal<std::int64_t>(text).value_or(fallback);
}

const Record* find_account(const State& state, std::string_view name) {
  if (name.empty()) return nullptr;
  const auto unique = [&](const AttributeType& type, std::string_view value) -> const Record* {
    const auto key = comparable(type, value);
    const auto* found = key ? state.store.indexed(type, *key) : nullptr;
    return found != nullptr && found->size() == 1 ? state.store.get(found->front()) : nullptr;
  };
  if (const Record* record = state.store.find(name)) return record;
  if (name.front() == '<') {
    const auto id = resolve_base(state, name);
    return id ? state.store.get(*id) : nullptr;
  }
  if (const auto at = name.rfind('@'); at != std::string_view::npos) {
    if (const Record* record = unique(known().user_principal_name, name)) return record;
    const std::string_view suffix = name.substr(at + 1);
    if (equals_ignore_case(suffix, state.dns_name) || equals_ignore_case(suffix, state.netbios_name))
      return unique(known().sam_account_name, name.substr(0, at));
    return nullptr;
  }
  if (const auto slash = name.find('\\'); slash != std::string_view::npos) {
    if (!equals_ignore_case(name.substr(0, slash), state.netbios_name)) return nullptr;
    return unique(known().sam_account_name, name.substr(slash + 1));
  }
  if (starts_with_ignore_case(name, "S-1-")) return unique(known().object_sid, name);
  return nullptr;
}

}  // namespace

std::string principal_name(const State& state, const Record& account) {
  return state.netbios_name + "\\" + std::string(account.first(known().sam_account_name));
}

std::set<Sid> token_groups(const State& state, const Record& account) {
  std::set<Sid> out;
  const auto add = [&](RecordId id) {
    const Record* group = state.store.get(id);
    constexpr std::int64_t kSecurityEnabled = 0x80000000;
    const auto type = number_or(group->first(known().group_type), 0);
    if ((type & kSecurityEnabled) == 0) return;
    if (const auto sid = Sid::from_binary(as_bytes(group->first(known().object_sid)))) out.insert(*sid);
  };
  std::vector<RecordId> start = state.store.closure(account.id, known().member, true);
  const std::string_view rid = account.first(known().primary_group_id);
  if (!rid.empty()) {
    const Sid primary = state.domain_sid.with_rid(static_cast<std::uint32_t>(number_or(rid, 0)));
    const auto* found = state.store.indexed(known().object_sid, to_string(primary.to_binary()));
    if (!found->empty()) {
      start.push_back(found->front());
      const auto above = state.store.closure(found->front(), known().member, true);
      start.insert(start.end(), above.begin(), above.end());
    }
  }
  for (const RecordId id : start) add(id);
  return out;
}

namespace {

Caller caller_for(const State& state, const Record& account) {
  Caller out;
  out.bound_dn = account.dn;
  out.name = "u:" + principal_name(state, account);
  if (const auto sid = Sid::from_binary(as_bytes(account.first(known().object_sid)))) out.token.user = *sid;
  out.token.sids = token_groups(state, account);
  out.token.sids.insert(
      {out.token.user, sids::kEveryone, sids::kAuthenticatedUsers, sids::kNetwork, sids::kThisOrganization});
  return out;
}

}  // namespace

Result<Caller> bind(const State& state, std::string_view name, std::string_view password) {
  if (password.empty()) return Caller{};  // an unauthenticated bind is anonymous (MS-ADTS 5.1.1.1.1)
  const Record* account = find_account(state, name);
  if (account == nullptr || account->first(known().object_sid).empty())
    return refused_by(rule::kBindCredentials,
                      bind_error(win32::kNoSuchUser, "no account is named " + std::string(name)));
  const auto stored = state.passwords.find(account->id);
  if (stored == state.passwords.end() || stored->second.text.empty() || stored->second.text != password)
    return refused_by(rule::kBindCredentials,
                      bind_error(win32::kLogonFailure, "the password of " + account->dn + " is different"));
  const auto control = number_or(account->first(known().user_account_control), 0);
  if ((control & uac::kDisabled) != 0)
    return refused_by(rule::kBindAccountState, bind_error(win32::kAccountDisabled, account->dn + " is disabled"));
  const auto expires = number_or(account->first(known().account_expires), 0);
  if (expires > 0 && expires <= to_filetime(state.clock.now()))
    return refused_by(rule::kBindAccountState,
                      bind_error(win32::kAccountExpired, account->dn + " has expired (accountExpires)"));
  if ((control & uac::kDontExpirePassword) == 0 && account->first(known().password_last_set) == "0")
    return refused_by(
        rule::kBindAccountState,
        bind_error(win32::kPasswordMustChange, account->dn + " must change its password first (pwdLastSet is 0)"));
  return caller_for(state, *account);
}

Result<Caller> impersonate(const State& state, std::string_view account_name) {
  const Record* account = find_account(state, account_name);
  if (account == nullptr) {
    const auto key = comparable(known().sam_account_name, account_name);
    const auto* found = state.store.indexed(known().sam_account_name, *key);
    if (found->size() == 1) account = state.store.get(found->front());
  }
  if (account == nullptr || account->first(known().object_sid).empty())
    return refused_by(rule::kNameExists, no_such_object(account_name, state.contexts.domain));
  return caller_for(state, *account);
}

}  // namespace mimica::ldap::dsa
