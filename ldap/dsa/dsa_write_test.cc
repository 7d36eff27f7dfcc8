#include <gmock/gmock.h>

#include <algorithm>

#include "ldap/testing/test_forest.h"

namespace mimica::ldap {
namespace {

using testing::add_to;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::erase_from;
using testing::Forest;
using testing::replace;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

class DsaWrite : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "jane"}));
    EXPECT_OK(add_group(*forest.admin, forest.contexts, {.name = "PKI", .members = {"jane"}}));
    jane = forest.dn("CN=jane");
    pki = forest.dn("CN=PKI");
  }
  Entry read(std::string_view dn, std::vector<std::string> attributes = {}) {
    auto entry = read_entry(*forest.admin, dn, std::move(attributes));
    EXPECT_TRUE(entry && *entry) << dn;
    return entry && *entry ? **entry : Entry{};
  }
  static Entry make(std::string dn, std::vector<std::string> classes,
                    std::vector<std::pair<std::string, std::string>> attributes = {}) {
    Entry out(std::move(dn));
    out.set("objectClass", std::move(classes));
    for (auto& [name, value] : attributes) out.add(name, std::move(value));
    return out;
  }
  LdapCode add(const Entry& entry) { return code_of(forest.admin->add(entry)); }
  LdapCode modify(std::string_view dn, std::vector<Modification> changes) {
    return code_of(forest.admin->modify(dn, changes));
  }
  Forest forest;
  std::string jane, pki;
};

TEST_F(DsaWrite, AddsWithTheWholeClassChain) {
  EXPECT_EQ(add(make("OU=Sales," + forest.contexts.domain, {"organizationalUnit"})), LdapCode::success);
  EXPECT_EQ(add(make("CN=Bob Roe,OU=Sales," + forest.contexts.domain, {"user"}, {{"sAMAccountName", "bob"}})),
            LdapCode::success);
  const Entry bob = read("cn=bob roe,ou=sales," + forest.contexts.domain);
  EXPECT_EQ(bob.dn(), "CN=Bob Roe,OU=Sales," + forest.contexts.domain);
  EXPECT_EQ(bob.first("userAccountControl"), "546");
  EXPECT_EQ(bob.first("cn"), "Bob Roe");
}

TEST_F(DsaWrite, RefusesBadNames) {
  EXPECT_EQ(add(make("nonsense", {"user"})), LdapCode::invalidDNSyntax);
  EXPECT_EQ(add(make(jane, {"user"})), LdapCode::entryAlreadyExists);
  EXPECT_EQ(add(make("CN=x,CN=missing," + forest.contexts.domain, {"user"})), LdapCode::noSuchObject);
  EXPECT_EQ(add(make("CN=x,DC=other,DC=com", {"user"})), LdapCode::referral);
  EXPECT_EQ(add(make("CN=x+OU=y,CN=Users," + forest.contexts.domain, {"user"})), LdapCode::namingViolation);
  EXPECT_EQ(add(make("OU=x,CN=Users," + forest.contexts.domain, {"user"})), LdapCode::namingViolation);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"}, {{"cn", "y"}})), LdapCode::namingViolation);
  EXPECT_EQ(add(make("CN=x," + forest.contexts.domain, {"pKICertificateTemplate"})), LdapCode::namingViolation);
}

TEST_F(DsaWrite, RefusesWhatTheClassDoesNotAllow) {
  EXPECT_EQ(add(make(forest.dn("CN=x"), {})), LdapCode::objectClassViolation);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"unknown"})), LdapCode::objectClassViolation);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"top"})), LdapCode::objectClassViolation);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user", "group"})), LdapCode::objectClassViolation);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"group"}, {{"givenName", "a"}})), LdapCode::objectClassViolation);
  EXPECT_EQ(add(make("CN=NTAuthCertificates," + forest.contexts.public_key_services(), {"certificationAuthority"})),
            LdapCode::objectClassViolation);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"}, {{"noSuchAttribute", "a"}})), LdapCode::noSuchAttribute);
}

TEST_F(DsaWrite, RefusesSystemOwnedAttributes) {
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"}, {{"objectGUID", std::string(16, 'a')}})),
            LdapCode::constraintViolation);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"}, {{"objectSid", "x"}})), LdapCode::unwillingToPerform);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"}, {{"memberOf", pki}})), LdapCode::unwillingToPerform);
  EXPECT_EQ(modify(jane, {replace("whenCreated", {"20200101000000.0Z"})}), LdapCode::constraintViolation);
  EXPECT_EQ(modify(jane, {replace("sAMAccountType", {"1"})}), LdapCode::unwillingToPerform);
  EXPECT_EQ(modify(jane, {replace("tokenGroups", {"x"})}), LdapCode::unwillingToPerform);
  EXPECT_EQ(modify(jane, {replace("cn", {"x"})}), LdapCode::notAllowedOnRDN);
  EXPECT_EQ(modify(jane, {replace("name", {"x"})}), LdapCode::notAllowedOnRDN);
  // What exports contain and servers ignore.
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"},
                     {{"name", "x"}, {"distinguishedName", "CN=other,DC=forest"}, {"instanceType", "4"}})),
            LdapCode::success);
}

TEST_F(DsaWrite, SystemMayImportWhatItKnows) {
  const Sid sid = forest.dsa->domain_sid().with_rid(9001);
  Entry entry = make(forest.dn("CN=carol"), {"user"},
                     {{"sAMAccountName", "carol"}, {"whenCreated", "20200101000000.0Z"}, {"memberOf", pki}});
  entry.set("objectSid", BytesView(sid.to_binary()));
  entry.set("objectGUID", std::string("0123456789abcdef"));
  EXPECT_OK(forest.system->add(entry));
  const Entry carol = read(forest.dn("CN=carol"));
  EXPECT_EQ(carol.first("whenCreated"), "20200101000000.0Z");
  EXPECT_EQ(**carol.sid("objectSid"), sid);
  EXPECT_EQ(carol.first("objectGUID"), "0123456789abcdef");
  EXPECT_FALSE(carol.has("memberOf"));
  entry.set_dn(forest.dn("CN=twin"));
  EXPECT_EQ(code_of(forest.system->add(entry)), LdapCode::entryAlreadyExists);
}

TEST_F(DsaWrite, ChecksValues) {
  EXPECT_EQ(modify(jane, {replace("primaryGroupID", {"x"})}), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(modify(jane, {replace("userAccountControl", {"4294967296"})}), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(modify(jane, {replace("accountExpires", {"4294967296"})}), LdapCode::success);
  EXPECT_EQ(modify(jane, {replace("showInAdvancedViewOnly", {"yes"})}), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(modify(jane, {replace("displayName", {"\xFF"})}), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(modify(jane, {replace("displayName", {""})}), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(modify(jane, {replace("displayName", {"a", "b"})}), LdapCode::constraintViolation);
  EXPECT_EQ(modify(pki, {add_to("member", {"nonsense"})}), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(modify(pki, {add_to("member", {"CN=nobody," + forest.contexts.domain})}), LdapCode::constraintViolation);
  EXPECT_EQ(modify(jane, {replace("nTSecurityDescriptor", {"x"})}), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(modify(jane, {add_to("msDS-KeyCredentialLink", {"B:8:00020000:" + jane})}), LdapCode::success);
  EXPECT_EQ(modify(jane, {add_to("msDS-KeyCredentialLink", {"B:9:00020000:" + jane})}),
            LdapCode::invalidAttributeSyntax);
}

TEST_F(DsaWrite, AddsAndErasesValues) {
  EXPECT_EQ(modify(jane, {add_to("altSecurityIdentities", {"X509:<SKI>aa", "X509:<SKI>bb"})}), LdapCode::success);
  EXPECT_EQ(modify(jane, {add_to("altSecurityIdentities", {"x509:<ski>AA"})}), LdapCode::attributeOrValueExists);
  EXPECT_EQ(modify(jane, {erase_from("altSecurityIdentities", {"X509:<SKI>cc"})}), LdapCode::noSuchAttribute);
  EXPECT_EQ(modify(jane, {erase_from("altSecurityIdentities", {"X509:<SKI>AA"})}), LdapCode::success);
  EXPECT_THAT(read(jane).values("altSecurityIdentities"), ElementsAre("X509:<SKI>bb"));
  EXPECT_EQ(modify(jane, {erase_from("altSecurityIdentities")}), LdapCode::success);
  EXPECT_EQ(modify(jane, {erase_from("altSecurityIdentities")}), LdapCode::noSuchAttribute);
  EXPECT_EQ(modify(jane, {replace("altSecurityIdentities", {})}), LdapCode::success);
  EXPECT_EQ(modify(pki, {add_to("member", {"cn=JANE,cn=users," + forest.contexts.domain})}),
            LdapCode::entryAlreadyExists);
  EXPECT_EQ(modify(pki, {erase_from("member", {pki})}), LdapCode::unwillingToPerform);
  EXPECT_EQ(modify(pki, {erase_from("member", {"cn=JANE,cn=users," + forest.contexts.domain})}), LdapCode::success);
  EXPECT_FALSE(read(jane).has("memberOf"));
  EXPECT_EQ(modify(pki, {erase_from("groupType")}), LdapCode::objectClassViolation);
}

TEST_F(DsaWrite, PermissiveModifyForgives) {
  const Caller admin = forest.as("Administrator");
  EXPECT_OK(forest.dsa->modify(admin, pki, {add_to("member", {jane})}, {.permissive = true}));
  EXPECT_OK(forest.dsa->modify(admin, jane, {erase_from("mail")}, {.permissive = true}));
  EXPECT_OK(forest.dsa->modify(admin, pki, {erase_from("member", {pki})}, {.permissive = true}));
}

TEST_F(DsaWrite, ARefusedChangeChangesNothing) {
  const Entry before = read(jane);
  EXPECT_EQ(modify(jane, {replace("mail", {"a@b"}), replace("primaryGroupID", {"x"})}),
            LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(read(jane), before);
}

TEST_F(DsaWrite, NamesAreUnique) {
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"}, {{"sAMAccountName", "JANE"}})), LdapCode::entryAlreadyExists);
  EXPECT_EQ(add(make(forest.dn("CN=x"), {"user"}, {{"userPrincipalName", "JANE@contoso.com"}})),
            LdapCode::constraintViolation);
  EXPECT_OK(add_computer(*forest.admin, forest.contexts, {.name = "WS01"}));
  EXPECT_EQ(modify(jane, {replace("servicePrincipalName", {"host/WS01"})}), LdapCode::constraintViolation);
}

TEST_F(DsaWrite, ClockAndUsnMark) {
  const auto usn = *read(jane).integer("uSNChanged");
  forest.clock.advance(kHour);
  EXPECT_EQ(modify(jane, {replace("mail", {"a@b"})}), LdapCode::success);
  const Entry after = read(jane);
  EXPECT_EQ(after.first("whenChanged"), "20241120090000.0Z");
  EXPECT_EQ(after.first("whenCreated"), "20241120080000.0Z");
  EXPECT_GT(*after.integer("uSNChanged"), usn);
}

TEST_F(DsaWrite, AccountTypeFollows) {
  EXPECT_EQ(modify(pki, {replace("groupType", {"-2147483644"})}), LdapCode::success);
  EXPECT_EQ(read(pki).first("sAMAccountType"), "536870912");
  EXPECT_EQ(modify(jane, {replace("userAccountControl", {"4096"})}), LdapCode::success);
  EXPECT_EQ(read(jane).first("sAMAccountType"), "805306369");
}

TEST_F(DsaWrite, RenamesAndReferencesFollow) {
  EXPECT_OK(forest.admin->modify_dn(jane, "CN=Jane O'Hara\\, Dr."));
  const std::string renamed = forest.dn("CN=Jane O'Hara\\, Dr.");
  EXPECT_EQ(read(renamed).first("cn"), "Jane O'Hara, Dr.");
  EXPECT_THAT(read(pki).values("member"), ElementsAre(renamed));
  EXPECT_THAT(read(renamed).values("memberOf"), ElementsAre(pki));
  EXPECT_EQ(forest.names("(cn=jane o'hara, dr.)").size(), 1U);
  EXPECT_TRUE(forest.names("(cn=jane)").empty());
  EXPECT_EQ(add(make("OU=Staff," + forest.contexts.domain, {"organizationalUnit"})), LdapCode::success);
  EXPECT_OK(forest.admin->modify_dn(renamed, "CN=jane", true, "OU=Staff," + forest.contexts.domain));
  EXPECT_THAT(read(pki).values("member"), ElementsAre("CN=jane,OU=Staff," + forest.contexts.domain));
  EXPECT_OK(forest.admin->modify_dn("OU=Staff," + forest.contexts.domain, "OU=People"));
  EXPECT_THAT(read(pki).values("member"), ElementsAre("CN=jane,OU=People," + forest.contexts.domain));
  EXPECT_EQ(forest.find("(cn=jane)", {}, "OU=People," + forest.contexts.domain).size(), 1U);
}

TEST_F(DsaWrite, RefusesBadRenames) {
  EXPECT_EQ(code_of(forest.admin->modify_dn(jane, "CN=PKI")), LdapCode::entryAlreadyExists);
  EXPECT_EQ(code_of(forest.admin->modify_dn(jane, "OU=jane")), LdapCode::namingViolation);
  EXPECT_EQ(code_of(forest.admin->modify_dn(jane, "CN=x", false)), LdapCode::unwillingToPerform);
  EXPECT_EQ(code_of(forest.admin->modify_dn(jane, "CN=x", true, forest.contexts.configuration)),
            LdapCode::affectsMultipleDSAs);
  EXPECT_EQ(code_of(forest.admin->modify_dn(forest.dn("CN=Administrator"), "CN=x")), LdapCode::unwillingToPerform);
  EXPECT_EQ(code_of(forest.admin->modify_dn(forest.contexts.domain, "DC=x")), LdapCode::unwillingToPerform);
  EXPECT_EQ(code_of(forest.admin->modify_dn("CN=nobody," + forest.contexts.domain, "CN=x")), LdapCode::noSuchObject);
}

TEST_F(DsaWrite, RemovesAndReferencesGo) {
  EXPECT_OK(forest.admin->remove(jane));
  EXPECT_FALSE(*read_entry(*forest.admin, jane));
  EXPECT_FALSE(read(pki).has("member"));
  EXPECT_TRUE(forest.names("(sAMAccountName=jane)").empty());
  EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "jane"}));
  EXPECT_FALSE(read(jane).has("memberOf"));
}

TEST_F(DsaWrite, RefusesToRemoveParentsAndSystemObjects) {
  EXPECT_EQ(add(make("OU=Staff," + forest.contexts.domain, {"organizationalUnit"})), LdapCode::success);
  EXPECT_EQ(add(make("CN=bob,OU=Staff," + forest.contexts.domain, {"user"})), LdapCode::success);
  EXPECT_EQ(code_of(forest.admin->remove("OU=Staff," + forest.contexts.domain)), LdapCode::notAllowedOnNonLeaf);
  EXPECT_EQ(code_of(forest.admin->remove(forest.dn("CN=Administrator"))), LdapCode::unwillingToPerform);
  EXPECT_EQ(code_of(forest.admin->remove(forest.contexts.domain)), LdapCode::unwillingToPerform);
  EXPECT_OK(
      forest.dsa->remove(forest.as("Administrator"), "OU=Staff," + forest.contexts.domain, {.tree_delete = true}));
}

TEST_F(DsaWrite, TheSchemaIsFixed) {
  EXPECT_EQ(add(make("CN=x," + forest.contexts.schema, {"container"})), LdapCode::unwillingToPerform);
  EXPECT_EQ(modify("CN=User," + forest.contexts.schema, {replace("description", {"x"})}), LdapCode::unwillingToPerform);
}

TEST_F(DsaWrite, OrdinaryUsersMayNotWrite) {
  auto user = in_process(*forest.dsa, forest.as("jane"));
  EXPECT_EQ(code_of(user->add(make(forest.dn("CN=x"), {"user"}))), LdapCode::insufficientAccessRights);
  const auto refused = user->modify(pki, {add_to("member", {jane})});
  EXPECT_EQ(code_of(refused), LdapCode::insufficientAccessRights);
  EXPECT_THAT(refused.error().what, StartsWith("00002098: SecErr: "));
  EXPECT_EQ(code_of(user->remove(pki)), LdapCode::insufficientAccessRights);
  EXPECT_EQ(code_of(user->modify_dn(pki, "CN=x")), LdapCode::insufficientAccessRights);
  // The owner's own rights: personal information may be written, others' may not.
  EXPECT_OK(user->modify(jane, {replace("telephoneNumber", {"1"})}));
  EXPECT_EQ(code_of(user->modify(jane, {replace("sAMAccountName", {"x"})})), LdapCode::insufficientAccessRights);
}

TEST_F(DsaWrite, RightsOnTheDescriptorLetOthersWrite) {
  auto user = in_process(*forest.dsa, forest.as("jane"));
  const std::string templates = forest.contexts.certificate_templates();
  const auto descriptor = [&](std::string_view dn) {
    return *SecurityDescriptor::from_binary(
        as_bytes(read_entry(*forest.admin, dn, {}, true).value()->first("nTSecurityDescriptor")));
  };
  EXPECT_OK(forest.admin->add(make("CN=T," + templates, {"pKICertificateTemplate"})));
  EXPECT_EQ(code_of(user->modify("CN=T," + templates, {replace("flags", {"1"})})), LdapCode::insufficientAccessRights);
  SecurityDescriptor sd = descriptor("CN=T," + templates);
  grant(sd, forest.as("jane").token.user, access::kGenericWrite);
  EXPECT_OK(forest.admin->modify("CN=T," + templates, {replace("nTSecurityDescriptor", {to_string(sd.to_binary())})}));
  EXPECT_OK(user->modify("CN=T," + templates, {replace("flags", {"1"})}));
  EXPECT_EQ(code_of(user->modify("CN=T," + templates, {replace("nTSecurityDescriptor", {to_string(sd.to_binary())})})),
            LdapCode::insufficientAccessRights);
  EXPECT_EQ(code_of(user->add(make("CN=U," + templates, {"pKICertificateTemplate"}))),
            LdapCode::insufficientAccessRights);
  SecurityDescriptor container = descriptor(templates);
  grant(container, forest.as("jane").token.user, access::kCreateChild | access::kDeleteChild);
  EXPECT_OK(forest.admin->modify(templates, {replace("nTSecurityDescriptor", {to_string(container.to_binary())})}));
  EXPECT_OK(user->add(make("CN=U," + templates, {"pKICertificateTemplate"})));
  EXPECT_EQ(descriptor("CN=U," + templates).owner, forest.as("jane").token.user);
  EXPECT_OK(user->remove("CN=T," + templates));
}

TEST_F(DsaWrite, CertPublishersMayPublishToAccounts) {
  EXPECT_OK(add_computer(*forest.admin, forest.contexts, {.name = "CA01", .groups = {"Cert Publishers"}}));
  auto ca = in_process(*forest.dsa, forest.as("CA01$"));
  EXPECT_OK(ca->modify(jane, {add_to("userCertificate", {"certificate"})}));
  EXPECT_EQ(code_of(ca->modify(jane, {replace("mail", {"x"})})), LdapCode::insufficientAccessRights);
}

TEST_F(DsaWrite, DescriptorsInheritAndAreSortedAsTheServerStoresThem) {
  const std::string templates = forest.contexts.certificate_templates();
  const Sid domain = forest.dsa->domain_sid();
  const auto sent = SecurityDescriptor::from_sddl(
      "O:EAG:EAD:P(A;;0xf00ff;;;DA)(A;;0xf00ff;;;EA)(A;;GR;;;AU)"
      "(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DU)",
      domain, domain);
  ASSERT_TRUE(sent);
  Entry entry = make("CN=T," + templates, {"pKICertificateTemplate"});
  entry.set("nTSecurityDescriptor", BytesView(sent->to_binary()));
  EXPECT_OK(forest.admin->add(entry));
  const auto stored = SecurityDescriptor::from_binary(
      as_bytes(read_entry(*forest.admin, "CN=T," + templates, {}, true).value()->first("nTSecurityDescriptor")));
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->control, 0x9C04);
  ASSERT_EQ(stored->dacl->aces.size(), 4U);
  EXPECT_EQ(stored->dacl->aces[0].type, Ace::Type::allow_object);
  EXPECT_EQ(stored->dacl->aces[1].trustee, domain.with_rid(rid::kDomainAdmins));
  EXPECT_EQ(stored->dacl->aces[2].trustee, domain.with_rid(rid::kEnterpriseAdmins));
  EXPECT_EQ(stored->dacl->aces[3].mask, access::kGenericRead);
  // Without protection the container's ACEs come down, and keep coming.
  EXPECT_OK(forest.admin->add(make("CN=U," + templates, {"pKICertificateTemplate"})));
  const auto inherited = [&] {
    const auto sd = SecurityDescriptor::from_binary(
        as_bytes(read_entry(*forest.admin, "CN=U," + templates, {}, true).value()->first("nTSecurityDescriptor")));
    return std::count_if(sd->dacl->aces.begin(), sd->dacl->aces.end(),
                         [](const Ace& ace) { return (ace.flags & 0x10) != 0; });
  };
  EXPECT_EQ(inherited(), 2);
  auto container = SecurityDescriptor::from_binary(
      as_bytes(read_entry(*forest.admin, templates, {}, true).value()->first("nTSecurityDescriptor")));
  container->dacl->aces.push_back(Ace{.flags = 2,
                                      .mask = 0x10,
                                      .object_type = {},
                                      .inherited_object_type = {},
                                      .trustee = sids::kEveryone,
                                      .application_data = {}});
  EXPECT_OK(forest.admin->modify(templates, {replace("nTSecurityDescriptor", {to_string(container->to_binary())})}));
  EXPECT_EQ(inherited(), 3);
}

TEST_F(DsaWrite, AuxiliaryClassesCanBeAdded) {
  EXPECT_EQ(modify(jane, {add_to("objectClass", {"posixAccount"})}), LdapCode::success);
  EXPECT_THAT(read(jane).values("objectClass"),
              ElementsAre("top", "person", "organizationalPerson", "posixAccount", "user"));
  EXPECT_EQ(modify(jane, {replace("objectClass", {"user"})}), LdapCode::success);
  EXPECT_THAT(read(jane).values("objectClass"), ElementsAre("top", "person", "organizationalPerson", "user"));
  EXPECT_EQ(modify(jane, {add_to("objectClass", {"computer"})}), LdapCode::objectClassViolation);
  EXPECT_EQ(modify(jane, {replace("objectClass", {"computer"})}), LdapCode::objectClassViolation);
}

}  // namespace
}  // namespace mimica::ldap
