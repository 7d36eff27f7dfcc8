#include "ldap/rules.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "core/base/refusal.h"
#include "ldap/testing/test_forest.h"

namespace mimica::ldap {
namespace {

using testing::add_to;
using testing::erase_from;
using testing::Forest;
using testing::replace;

// A forest in which every rule can pass and fail: jane may do nothing, Administrator everything that the rules allow.
struct Ground {
  Ground() {
    EXPECT_OK(add_user(*forest.admin, contexts, {.name = "jane"}));
    EXPECT_OK(add_user(*forest.admin, contexts, {.name = "john"}));
    EXPECT_OK(add_group(*forest.admin, contexts, {.name = "PKI", .members = {"john"}}));
    EXPECT_OK(add("OU=Sales," + domain, {"organizationalUnit"}));
    EXPECT_OK(add("OU=Inner,OU=Sales," + domain, {"organizationalUnit"}));
    forest.dsa->set_password(jane, "Secret1!");
  }
  Result<void> add(const std::string& dn, std::vector<std::string> classes,
                   std::vector<std::pair<std::string, std::string>> attributes = {}, std::string_view who = {}) {
    Entry out(dn);
    out.set("objectClass", std::move(classes));
    for (auto& [name, value] : attributes) out.add(name, std::move(value));
    return forest.dsa->add(caller(who), out);
  }
  Result<void> modify(const std::string& dn, Modification change, std::string_view who = {}) {
    return forest.dsa->modify(caller(who), dn, {std::move(change)});
  }
  Result<void> rename(const std::string& dn, std::string_view rdn, std::optional<std::string> superior = {},
                      std::string_view who = {}) {
    return forest.dsa->modify_dn(caller(who), dn, rdn, true, superior);
  }
  Result<void> remove(const std::string& dn, std::string_view who = {}) { return forest.dsa->remove(caller(who), dn); }
  Result<void> search(const std::string& base, Scope scope, std::string filter, std::vector<std::string> attributes,
                      bool anonymous = false) {
    const SearchRequest request{
        .base = base, .scope = scope, .filter = std::move(filter), .attributes = std::move(attributes)};
    MIMICA_RETURN_IF_FAULT(forest.dsa->search(anonymous ? Caller{} : caller({}), request, {}));
    return {};
  }
  Result<void> compare(std::string_view attribute, std::string_view value) {
    MIMICA_RETURN_IF_FAULT(forest.dsa->compare(caller({}), jane, attribute, value));
    return {};
  }
  Result<void> bind(std::string_view name, std::string_view password) {
    MIMICA_RETURN_IF_FAULT(forest.dsa->bind(name, password));
    return {};
  }
  Caller caller(std::string_view who) { return forest.as(who.empty() ? "Administrator" : who); }

  Forest forest;
  const NamingContexts& contexts = forest.contexts;
  std::string domain = contexts.domain;
  std::string users = "CN=Users," + domain, jane = "CN=jane," + users, john = "CN=john," + users,
              pki = "CN=PKI," + users, sales = "OU=Sales," + domain;
};

std::string quoted_utf16(std::string_view text) {
  std::string out;
  for (const char c : "\"" + std::string(text) + "\"") out += c, out += '\0';
  return out;
}

using Attempt = std::function<Result<void>(Ground&)>;
struct Case {
  const Rule& rule;
  LdapCode code;
  Attempt passes, fails;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {rule::kBindRequired, LdapCode::operationsError,
       [](Ground& g) { return g.search("", Scope::base, "(objectClass=*)", {}, true); },
       [](Ground& g) { return g.search(g.domain, Scope::base, "(objectClass=*)", {}, true); }},
      {rule::kBindCredentials, LdapCode::invalidCredentials, [](Ground& g) { return g.bind(g.jane, "Secret1!"); },
       [](Ground& g) { return g.bind(g.jane, "wrong"); }},
      {rule::kBindAccountState, LdapCode::invalidCredentials,
       [](Ground& g) { return g.bind("CONTOSO\\jane", "Secret1!"); },
       [](Ground& g) {
         EXPECT_OK(g.modify(g.jane, replace("userAccountControl", {"514"})));
         return g.bind(g.jane, "Secret1!");
       }},
      {rule::kNameSyntax, LdapCode::invalidDNSyntax, [](Ground& g) { return g.remove(g.jane); },
       [](Ground& g) { return g.remove("nonsense"); }},
      {rule::kNameSingle, LdapCode::namingViolation, [](Ground& g) { return g.add("CN=x," + g.users, {"user"}); },
       [](Ground& g) { return g.add("CN=x+OU=y," + g.users, {"user"}); }},
      {rule::kNameContext, LdapCode::referral, [](Ground& g) { return g.remove(g.jane); },
       [](Ground& g) { return g.remove("CN=x,DC=other,DC=com"); }},
      {rule::kNameExists, LdapCode::noSuchObject, [](Ground& g) { return g.remove(g.jane); },
       [](Ground& g) { return g.remove("CN=nobody," + g.users); }},
      {rule::kSearchTokenGroups, LdapCode::operationsError,
       [](Ground& g) { return g.search(g.jane, Scope::base, "(objectClass=*)", {"tokenGroups"}); },
       [](Ground& g) { return g.search(g.users, Scope::subtree, "(cn=jane)", {"tokenGroups"}); }},
      {rule::kSearchConstructed, LdapCode::inappropriateMatching,
       [](Ground& g) { return g.search(g.users, Scope::subtree, "(cn=jane)", {}); },
       [](Ground& g) { return g.search(g.users, Scope::subtree, "(canonicalName=x)", {}); }},
      {rule::kCompareAttribute, LdapCode::noSuchAttribute, [](Ground& g) { return g.compare("cn", "jane"); },
       [](Ground& g) { return g.compare("mail", "a@b"); }},
      {rule::kCompareValue, LdapCode::invalidAttributeSyntax,
       [](Ground& g) { return g.compare("userAccountControl", "512"); },
       [](Ground& g) { return g.compare("userAccountControl", "x"); }},
      {rule::kAddParent, LdapCode::noSuchObject, [](Ground& g) { return g.add("CN=x," + g.sales, {"user"}); },
       [](Ground& g) { return g.add("CN=x,OU=missing," + g.domain, {"user"}); }},
      {rule::kAddExists, LdapCode::entryAlreadyExists, [](Ground& g) { return g.add("CN=x," + g.users, {"user"}); },
       [](Ground& g) { return g.add(g.jane, {"user"}); }},
      {rule::kAddObjectClass, LdapCode::objectClassViolation,
       [](Ground& g) {
         return g.add("CN=x," + g.users, {"top", "group"});
       },
       [](Ground& g) { return g.add("CN=x," + g.users, {"unknown"}); }},
      {rule::kAddAccess, LdapCode::insufficientAccessRights,
       [](Ground& g) { return g.add("CN=x," + g.users, {"user"}); },
       [](Ground& g) { return g.add("CN=x," + g.users, {"user"}, {}, "jane"); }},
      {rule::kAddSuperior, LdapCode::namingViolation, [](Ground& g) { return g.add("CN=x," + g.sales, {"user"}); },
       [](Ground& g) { return g.add("CN=x," + g.domain, {"pKICertificateTemplate"}); }},
      {rule::kAddNaming, LdapCode::namingViolation,
       [](Ground& g) {
         return g.add("CN=x," + g.users, {"user"}, {{"cn", "x"}});
       },
       [](Ground& g) {
         return g.add("CN=x," + g.users, {"user"}, {{"cn", "y"}});
       }},
      {rule::kWriteAccess, LdapCode::insufficientAccessRights,
       [](Ground& g) { return g.modify(g.john, replace("mail", {"a@b"})); },
       [](Ground& g) { return g.modify(g.john, replace("mail", {"a@b"}), "jane"); }},
      {rule::kWriteSchemaAttribute, LdapCode::noSuchAttribute,
       [](Ground& g) { return g.modify(g.jane, replace("mail", {"a@b"})); },
       [](Ground& g) { return g.modify(g.jane, replace("noSuchAttribute", {"x"})); }},
      {rule::kWriteSchemaFixed, LdapCode::unwillingToPerform,
       [](Ground& g) { return g.modify(g.domain, replace("description", {"x"})); },
       [](Ground& g) { return g.modify(g.contexts.schema, replace("description", {"x"})); }},
      {rule::kWriteAllowed, LdapCode::objectClassViolation,
       [](Ground& g) {
         return g.add("CN=x," + g.users, {"user"}, {{"givenName", "x"}});
       },
       [](Ground& g) {
         return g.add("CN=x," + g.users, {"group"}, {{"givenName", "x"}});
       }},
      {rule::kWriteRequired, LdapCode::objectClassViolation,
       [](Ground& g) { return g.modify(g.pki, replace("groupType", {"-2147483644"})); },
       [](Ground& g) { return g.modify(g.pki, erase_from("groupType")); }},
      {rule::kWriteObjectClass, LdapCode::objectClassViolation,
       [](Ground& g) {
         return g.modify(g.jane, replace("objectClass", {"top", "person", "organizationalPerson", "user"}));
       },
       [](Ground& g) { return g.modify(g.jane, add_to("objectClass", {"group"})); }},
      {rule::kWriteSingleValued, LdapCode::constraintViolation,
       [](Ground& g) { return g.modify(g.jane, replace("displayName", {"a"})); },
       [](Ground& g) {
         return g.modify(g.jane, replace("displayName", {"a", "b"}));
       }},
      {rule::kWriteSyntax, LdapCode::invalidAttributeSyntax,
       [](Ground& g) { return g.modify(g.jane, replace("userAccountControl", {"512"})); },
       [](Ground& g) { return g.modify(g.jane, replace("userAccountControl", {"x"})); }},
      {rule::kWriteReference, LdapCode::constraintViolation,
       [](Ground& g) { return g.modify(g.pki, add_to("member", {g.jane})); },
       [](Ground& g) { return g.modify(g.pki, add_to("member", {"CN=nobody," + g.users})); }},
      {rule::kWriteDuplicate, LdapCode::attributeOrValueExists,
       [](Ground& g) { return g.modify(g.jane, add_to("altSecurityIdentities", {"X509:<SKI>aa"})); },
       [](Ground& g) {
         EXPECT_OK(g.modify(g.jane, add_to("altSecurityIdentities", {"X509:<SKI>aa"})));
         return g.modify(g.jane, add_to("altSecurityIdentities", {"x509:<ski>AA"}));
       }},
      {rule::kWriteNoSuchValue, LdapCode::unwillingToPerform,
       [](Ground& g) { return g.modify(g.pki, erase_from("member", {g.john})); },
       [](Ground& g) { return g.modify(g.pki, erase_from("member", {g.jane})); }},
      {rule::kWriteSystemOnly, LdapCode::constraintViolation,
       [](Ground& g) { return g.modify(g.jane, replace("mail", {"a@b"})); },
       [](Ground& g) { return g.modify(g.jane, replace("whenCreated", {"20200101000000.0Z"})); }},
      {rule::kWriteRdn, LdapCode::notAllowedOnRDN,
       [](Ground& g) { return g.modify(g.jane, replace("displayName", {"x"})); },
       [](Ground& g) { return g.modify(g.jane, replace("cn", {"x"})); }},
      {rule::kWriteUnique, LdapCode::constraintViolation,
       [](Ground& g) { return g.modify(g.jane, replace("userPrincipalName", {"other@contoso.com"})); },
       [](Ground& g) { return g.modify(g.jane, replace("userPrincipalName", {"john@contoso.com"})); }},
      {rule::kPasswordForm, LdapCode::unwillingToPerform,
       [](Ground& g) { return g.modify(g.jane, replace("unicodePwd", {quoted_utf16("New1!")})); },
       [](Ground& g) { return g.modify(g.jane, replace("unicodePwd", {"New1!"})); }},
      {rule::kPasswordOld, LdapCode::constraintViolation,
       [](Ground& g) {
         return g.forest.dsa->modify(
             g.caller("jane"), g.jane,
             {erase_from("unicodePwd", {quoted_utf16("Secret1!")}), add_to("unicodePwd", {quoted_utf16("New1!")})});
       },
       [](Ground& g) {
         return g.forest.dsa->modify(
             g.caller("jane"), g.jane,
             {erase_from("unicodePwd", {quoted_utf16("wrong")}), add_to("unicodePwd", {quoted_utf16("New1!")})});
       }},
      {rule::kPasswordAccess, LdapCode::insufficientAccessRights,
       [](Ground& g) { return g.modify(g.john, replace("unicodePwd", {quoted_utf16("New1!")})); },
       [](Ground& g) { return g.modify(g.john, replace("unicodePwd", {quoted_utf16("New1!")}), "jane"); }},
      {rule::kRenameForm, LdapCode::unwillingToPerform, [](Ground& g) { return g.rename(g.jane, "CN=Jane Doe"); },
       [](Ground& g) { return g.rename(g.jane, "CN=Jane,CN=Doe"); }},
      {rule::kRenameSystem, LdapCode::unwillingToPerform, [](Ground& g) { return g.rename(g.sales, "OU=Staff"); },
       [](Ground& g) { return g.rename(g.users, "CN=People"); }},
      {rule::kRenameNaming, LdapCode::namingViolation, [](Ground& g) { return g.rename(g.jane, "CN=Jane Doe"); },
       [](Ground& g) { return g.rename(g.jane, "OU=Jane Doe"); }},
      {rule::kRenameContext, LdapCode::affectsMultipleDSAs,
       [](Ground& g) { return g.rename(g.jane, "CN=jane", g.sales); },
       [](Ground& g) { return g.rename(g.jane, "CN=jane", g.contexts.configuration); }},
      {rule::kRenameCircle, LdapCode::unwillingToPerform,
       [](Ground& g) { return g.rename("OU=Inner," + g.sales, "OU=Inner", g.domain); },
       [](Ground& g) { return g.rename(g.sales, "OU=Sales", "OU=Inner," + g.sales); }},
      {rule::kRenameAccess, LdapCode::insufficientAccessRights,
       [](Ground& g) { return g.rename(g.john, "CN=john", g.sales); },
       [](Ground& g) {
         // john may write every attribute of PKI, its name too, but not delete it.
         auto sd = SecurityDescriptor::from_sddl("O:DAG:DAD:(A;;RPWP;;;AU)", g.forest.dsa->domain_sid(),
                                                 g.forest.dsa->domain_sid());
         EXPECT_OK(g.modify(g.pki, replace("nTSecurityDescriptor", {to_string(sd->to_binary())})));
         return g.rename(g.pki, "CN=PKI", g.sales, "john");
       }},
      {rule::kRenameExists, LdapCode::entryAlreadyExists, [](Ground& g) { return g.rename(g.jane, "CN=Jane Doe"); },
       [](Ground& g) { return g.rename(g.jane, "CN=john"); }},
      {rule::kDeleteSystem, LdapCode::unwillingToPerform, [](Ground& g) { return g.remove(g.jane); },
       [](Ground& g) { return g.remove(g.users); }},
      {rule::kDeleteAccess, LdapCode::insufficientAccessRights, [](Ground& g) { return g.remove(g.john); },
       [](Ground& g) { return g.remove(g.john, "jane"); }},
      {rule::kDeleteChildren, LdapCode::notAllowedOnNonLeaf, [](Ground& g) { return g.remove("OU=Inner," + g.sales); },
       [](Ground& g) { return g.remove(g.sales); }},
  };
  return all;
}

TEST(LdapRules, EachRefusesWithItsCodeAndTrace) {
  Ground ground;  // a refused change changes nothing
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.rule.id);
    const auto refused = one.fails(ground);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code(one.code)) << refused.error().describe();
    const Trace trace = trace_of(refused.error());
    ASSERT_NE(trace.deciding(), nullptr) << refused.error().describe();
    EXPECT_EQ(trace.deciding()->rule->id, one.rule.id) << refused.error().describe();
    EXPECT_EQ(trace.deciding()->code, Code(one.code));
    EXPECT_FALSE(trace.deciding()->found.empty());
  }
}

TEST(LdapRules, EachLetsPassWhatItAllows) {
  for (const Case& one : cases()) {
    SCOPED_TRACE(one.rule.id);
    Ground ground;
    EXPECT_OK(one.passes(ground));
  }
}

TEST(LdapRules, AreListedOnceAndHaveACase) {
  std::set<std::string_view> listed, tested;
  for (const Rule* one : rules()) EXPECT_TRUE(listed.insert(one->id).second) << one->id;
  for (const Case& one : cases()) EXPECT_TRUE(tested.insert(one.rule.id).second) << one.rule.id;
  EXPECT_EQ(listed, tested);
}

}  // namespace
}  // namespace mimica::ldap
