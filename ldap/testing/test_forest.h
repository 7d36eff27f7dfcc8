// What the directory's tests share: a small forest with people and groups, and faults as codes.
#pragma once

#include <gtest/gtest.h>

#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"

namespace mimica::ldap::testing {

inline constexpr Timestamp kStart{1732089600};  // 2024-11-20T08:00:00Z

struct Forest {
  explicit Forest(ForestOptions options = {}) {
    if (!options.domain_sid) options.domain_sid = *Sid::parse("S-1-5-21-1000000001-2000000002-3000000003");
    auto made = create_forest(options, clock, entropy);
    EXPECT_TRUE(made) << (made ? "" : made.error().describe());
    dsa = *std::move(made);
    contexts = dsa->naming_contexts();
    system = in_process(*dsa, Caller::system());
    admin = in_process(*dsa, as("Administrator"));
  }
  Caller as(std::string_view name) {
    auto caller = dsa->impersonate(name);
    EXPECT_TRUE(caller) << name;
    return caller ? *caller : Caller{};
  }
  std::string dn(std::string_view rdn, std::string_view container = "CN=Users") const {
    return std::string(rdn) + "," + std::string(container) + "," + contexts.domain;
  }
  std::vector<Entry> find(std::string_view filter, std::vector<std::string> attributes = {}, std::string base = {}) {
    auto found = admin->search({.base = base.empty() ? contexts.domain : base,
                                .filter = std::string(filter),
                                .attributes = std::move(attributes)});
    EXPECT_TRUE(found) << filter << (found ? "" : found.error().describe());
    return found ? *found : std::vector<Entry>{};
  }
  std::vector<std::string> names(std::string_view filter) {
    std::vector<std::string> out;
    for (const Entry& entry : find(filter, {"cn"})) out.emplace_back(entry.first("cn"));
    return out;
  }

  SimClock clock{kStart};
  SeededEntropy entropy{"ldap tests"};
  std::unique_ptr<Dsa> dsa;
  NamingContexts contexts;
  std::unique_ptr<Directory> system, admin;
};

template <typename T>
LdapCode code_of(const Result<T>& result) {
  if (result) return LdapCode::success;
  const LdapCode* code = std::get_if<LdapCode>(&result.error().code);
  EXPECT_NE(code, nullptr) << result.error().describe();
  return code == nullptr ? LdapCode::other : *code;
}

#define EXPECT_OK(...)                                                            \
  do {                                                                            \
    const auto expect_ok_ = (__VA_ARGS__);                                        \
    EXPECT_TRUE(expect_ok_) << (expect_ok_ ? "" : expect_ok_.error().describe()); \
  } while (false)

inline Modification replace(std::string name, std::vector<std::string> values) {
  return {Modification::Kind::replace, {std::move(name), std::move(values)}};
}
inline Modification add_to(std::string name, std::vector<std::string> values) {
  return {Modification::Kind::add, {std::move(name), std::move(values)}};
}
inline Modification erase_from(std::string name, std::vector<std::string> values = {}) {
  return {Modification::Kind::erase, {std::move(name), std::move(values)}};
}

}  // namespace mimica::ldap::testing
