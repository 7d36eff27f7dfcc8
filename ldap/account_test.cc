#include "ldap/account.h"

#include <gtest/gtest.h>

#include "ldap/principals.h"
#include "ldap/testing/test_forest.h"

namespace mimica::ldap {
namespace {

using testing::code_of;
using testing::Forest;

class Accounts : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_OK(add_group(*forest.admin, forest.contexts, {.name = "Inner"}));
    EXPECT_OK(add_group(*forest.admin, forest.contexts, {.name = "Outer", .members = {"Inner"}}));
    EXPECT_OK(add_user(*forest.admin, forest.contexts,
                       {.name = "jane",
                        .display_name = "Jane Doe",
                        .mail = "jane@x",
                        .groups = {"Inner"},
                        .alt_security_identities = {"X509:<SKI>aa"}}));
    EXPECT_OK(add_computer(*forest.admin, forest.contexts, {.name = "WS01", .groups = {"Inner"}}));
  }
  std::string sam(const Result<std::optional<Account>>& account) {
    EXPECT_TRUE(account) << (account ? "" : account.error().describe());
    return account && *account ? (*account)->sam_account_name : std::string();
  }
  std::string any(std::string_view name) { return sam(account_by_any_name(*forest.admin, forest.contexts, name)); }
  Forest forest;
};

TEST_F(Accounts, ReadsEveryField) {
  const Account jane = **account_by_sam(*forest.admin, forest.contexts, "JANE");
  EXPECT_EQ(jane.dn, forest.dn("CN=Jane Doe"));
  EXPECT_EQ(jane.upn, "jane@contoso.com");
  EXPECT_EQ(jane.mail, "jane@x");
  EXPECT_EQ(jane.sid.domain(), forest.dsa->domain_sid());
  EXPECT_EQ(jane.when_created, testing::kStart);
  EXPECT_EQ(jane.alt_security_identities, std::vector<std::string>{"X509:<SKI>aa"});
  EXPECT_FALSE(jane.is_computer());
  EXPECT_FALSE(jane.is_disabled());
  EXPECT_TRUE((*account_by_sam(*forest.admin, forest.contexts, "WS01$"))->is_computer());
  EXPECT_OK(forest.admin->modify(jane.dn, {testing::add_to("msDS-KeyCredentialLink", {"B:8:00020000:" + jane.dn})}));
  EXPECT_EQ((*account_by_dn(*forest.admin, jane.dn))->key_credentials, std::vector<Bytes>{(Bytes{0, 2, 0, 0})});
}

TEST_F(Accounts, NameForms) {
  const Account jane = **account_by_sam(*forest.admin, forest.contexts, "jane");
  EXPECT_EQ(any("CONTOSO\\jane"), "jane");
  EXPECT_EQ(any("contoso\\JANE"), "jane");
  EXPECT_EQ(any("OTHER\\jane"), "");
  EXPECT_EQ(any("jane@contoso.com"), "jane");
  EXPECT_EQ(any("jane"), "jane");
  EXPECT_EQ(any("WS01$"), "WS01$");
  EXPECT_EQ(any(jane.dn), "jane");
  EXPECT_EQ(any(jane.sid.to_string()), "jane");
  EXPECT_EQ(any(""), "");
  EXPECT_EQ(any("Inner"), "");
  EXPECT_EQ(any("*"), "");
  EXPECT_EQ(sam(account_by_sid(*forest.admin, forest.contexts, jane.sid)), "jane");
  EXPECT_EQ(sam(account_by_dn(*forest.admin, forest.dn("CN=Inner"))), "");
  EXPECT_EQ(sam(account_by_dn(*forest.admin, "CN=nobody,DC=x")), "");
}

TEST_F(Accounts, ImplicitPrincipalNames) {
  const auto by = [&](std::string_view upn) {
    return sam(account_by_upn_or_name(*forest.admin, forest.contexts, upn));
  };
  EXPECT_EQ(by("jane@contoso.com"), "jane");
  EXPECT_EQ(by("jane@anything"), "jane");
  EXPECT_EQ(by("jane"), "jane");
  EXPECT_EQ(by("WS01@contoso.com"), "WS01$");
  EXPECT_EQ(by("nobody@contoso.com"), "");
  // The whole string as a userPrincipalName wins over the text before '@'.
  EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "other", .upn = "jane@anything"}));
  EXPECT_EQ(by("jane@anything"), "other");
}

TEST_F(Accounts, EveryStrategyReadsTheSameToken) {
  EXPECT_OK(add_member(*forest.admin, forest.contexts, "Inner", "Outer"));
  for (const std::string_view name : {"jane", "WS01$", "Administrator"}) {
    const Account account = **account_by_sam(*forest.admin, forest.contexts, name);
    const Token expected = forest.as(name).token;
    for (const auto strategy : {GroupStrategy::automatic, GroupStrategy::token_groups, GroupStrategy::in_chain,
                                GroupStrategy::breadth_first}) {
      const auto token = read_token(*forest.admin, forest.contexts, account, strategy);
      ASSERT_TRUE(token);
      EXPECT_EQ(token->sids, expected.sids) << name << " " << static_cast<int>(strategy);
      EXPECT_EQ(token->user, account.sid);
    }
  }
}

TEST_F(Accounts, DisplayNamesOfSids) {
  const auto name = [&](const Sid& sid) { return *account_display_name(*forest.admin, forest.contexts, sid); };
  EXPECT_EQ(name((*account_by_sam(*forest.admin, forest.contexts, "jane"))->sid), "CONTOSO\\jane");
  EXPECT_EQ(name(forest.dsa->domain_sid().with_rid(512)), "CONTOSO\\Domain Admins");
  EXPECT_EQ(name(sids::kAuthenticatedUsers), "Authenticated Users");
  EXPECT_EQ(name(sids::kBuiltinAdministrators), "BUILTIN\\Administrators");
  EXPECT_EQ(name(*Sid::parse("S-1-5-21-9-9-9-1")), "S-1-5-21-9-9-9-1");
  EXPECT_EQ(*netbios_name(*forest.admin, forest.contexts), "CONTOSO");
}

TEST_F(Accounts, PrincipalsIncludeGroups) {
  const auto sid = [&](std::string_view name) {
    return principal_sid(*forest.admin, forest.contexts, name).value_or(std::nullopt);
  };
  EXPECT_EQ(*sid("Domain Users"), forest.dsa->domain_sid().with_rid(513));
  EXPECT_EQ(*sid("CONTOSO\\Domain Users"), forest.dsa->domain_sid().with_rid(513));
  EXPECT_EQ(*sid("BUILTIN\\Guests"), *Sid::parse("S-1-5-32-546"));
  EXPECT_EQ(*sid("Authenticated Users"), sids::kAuthenticatedUsers);
  EXPECT_FALSE(sid("OTHER\\Domain Users"));
}

TEST_F(Accounts, ProvisioningFaults) {
  EXPECT_EQ(code_of(add_user(*forest.admin, forest.contexts, {.name = "x", .groups = {"missing"}})),
            LdapCode::noSuchObject);
  EXPECT_EQ(code_of(add_group(*forest.admin, forest.contexts, {.name = "g", .members = {"missing"}})),
            LdapCode::noSuchObject);
  EXPECT_EQ(code_of(add_user(*forest.admin, forest.contexts, {.name = "jane"})), LdapCode::entryAlreadyExists);
  const auto dc = add_computer(*forest.admin, forest.contexts, {.name = "DC02", .domain_controller = true});
  ASSERT_TRUE(dc);
  EXPECT_EQ((*account_by_dn(*forest.admin, *dc))->primary_group_rid, rid::kDomainControllers);
  EXPECT_EQ(dns_name_of("DC=a,DC=b"), "a.b");
  EXPECT_EQ(dns_name_of("CN=a,DC=b"), "");
}

}  // namespace
}  // namespace mimica::ldap
