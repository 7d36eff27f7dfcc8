// The passwords of accounts: how a request gives them, who may set them, and what is kept of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ldap/dsa/state.h"

namespace mimica::ldap::dsa {

struct Passwords {                      // what a request says about unicodePwd and userPassword
  std::optional<std::string> now = {};  // to be set
  std::optional<std::string> old = {};  // given by a user who changes the own password
};

bool is_password(const AttributeType& type);
Result<std::string> password_from(const AttributeType& type, const std::string& value);
Result<void> check_password_change(const State& state, const Caller& caller, const Record& record,
                                   const Passwords& passwords);
void store_password(State& state, RecordId id, std::string_view password);
void set_password(State& state, std::string_view dn, std::string_view password);
std::optional<Dsa::Password> password(const State& state, std::string_view dn);

}  // namespace mimica::ldap::dsa
