#include "ldap/dsa/passwords.h"

#include "core/base/bytes.h"
#include "core/base/encoding.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/access.h"
#include "ldap/dsa/defaults.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/rules.h"

namespace mimica::ldap::dsa {
namespace {

std::optional<std::string> decode_unicode_password(std::string_view value) {
  const auto text = utf16_from_le(as_bytes(value));
  if (!text || text->size() < 2 || text->front() != u'"' || text->back() != u'"') return std::nullopt;
  return utf16_to_utf8(std::u16string_view(*text).substr(1, text->size() - 2));
}

}  // namespace

Result<std::string> password_from(const AttributeType& type, const std::string& value) {
  if (&type == &known().user_password) return value;
  auto text = decode_unicode_password(value);
  if (!text)
    return refused_by(rule::kPasswordForm,
                      service_error(LdapCode::unwillingToPerform, win32::kGenFailure,
                                    "unicodePwd must be the quoted password in UTF-16LE (MS-ADTS 3.1.1.3.1.5.1)"));
  return *std::move(text);
}

bool is_password(const AttributeType& type) {
  return &type == &known().unicode_password || &type == &known().user_password;
}

Result<void> check_password_change(const State& state, const Caller& caller, const Record& record,
                                   const Passwords& passwords) {
  if (!passwords.now) return {};
  const auto held = state.passwords.find(record.id);
  if (passwords.old) {
    // A change by the owner: the old value is deleted and the new one added (MS-ADTS 3.1.1.3.1.5.1).
    if (held == state.passwords.end() || held->second.text != *passwords.old)
      return refused_by(rule::kPasswordOld,
                        attribute_error(LdapCode::constraintViolation, 0x56, "1005 (CONSTRAINT_ATT_TYPE)", "unicodePwd",
                                        "the old password is different"));
    return {};
  }
  constexpr std::string_view kForceChangePassword = "00299570-246d-11d0-a768-00aa006e0529";
  if (holds_right(state, caller, record, access::kControlAccess, kForceChangePassword)) return {};
  return refused_by(rule::kPasswordAccess, security_error("setting the password of " + record.dn +
                                                          " needs the right User-Force-Change-Password"));
}

void set_password(State& state, std::string_view dn, std::string_view password) {
  const Record* found = state.store.find(dn);
  if (found == nullptr) return;
  store_password(state, found->id, password);
  Record record = *found;
  record.set(known().password_last_set, {std::to_string(to_filetime(state.clock.now()))});
  touch(state, record);
  state.store.replace(std::move(record));
}

std::optional<Dsa::Password> password(const State& state, std::string_view dn) {
  const Record* found = state.store.find(dn);
  const auto held = found != nullptr ? state.passwords.find(found->id) : state.passwords.end();
  if (held == state.passwords.end() || held->second.text.empty()) return std::nullopt;
  return held->second;
}

void store_password(State& state, RecordId id, std::string_view password) {
  Dsa::Password& held = state.passwords[id];
  held.text = password;
  ++held.version;
}

}  // namespace mimica::ldap::dsa
