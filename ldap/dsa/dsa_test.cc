#include "ldap/dsa/dsa.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/asn1/name.h"
#include "ldap/testing/test_forest.h"

namespace mimica::ldap {
namespace {

using testing::add_to;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::erase_from;
using testing::Forest;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::replace;
using ::testing::StartsWith;

class DsaTest : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "jane", .password = "Secret1!"}));
    EXPECT_OK(add_group(*forest.admin, forest.contexts, {.name = "PKI"}));
    jane = forest.dn("CN=jane");
    pki = forest.dn("CN=PKI");
  }
  Entry read(std::string_view dn, std::vector<std::string> attributes = {}) {
    auto entry = read_entry(*forest.admin, dn, std::move(attributes));
    EXPECT_TRUE(entry && *entry) << dn;
    return entry && *entry ? **entry : Entry{};
  }
  Result<Dsa::SearchAnswer> search(const Caller& caller, SearchRequest request, Dsa::SearchOptions options = {}) {
    return forest.dsa->search(caller, request, options);
  }
  Forest forest;
  std::string jane, pki;
};

TEST_F(DsaTest, ForestHasItsContextsAndPrincipals) {
  EXPECT_EQ(forest.contexts.domain, "DC=contoso,DC=com");
  EXPECT_EQ(forest.contexts.schema, "CN=Schema,CN=Configuration,DC=contoso,DC=com");
  for (const std::string& dn :
       {forest.contexts.certificate_templates(), forest.contexts.enrollment_services(),
        forest.contexts.certification_authorities(), forest.contexts.aia(), forest.contexts.cdp(),
        forest.contexts.oid_container(), forest.dn("CN=DC01", "OU=Domain Controllers")})
    EXPECT_TRUE(read(dn).has("objectGUID")) << dn;
  EXPECT_TRUE(read(forest.contexts.oid_container()).is_a("msPKI-Enterprise-Oid"));
  const Entry oid = read(forest.contexts.oid_container());
  EXPECT_EQ(oid.first("msPKI-Cert-Template-OID"), template_oid_base(**oid.guid("objectGUID")));
  EXPECT_EQ(forest.find("(objectClass=domain)").size(), 1U);
  const Sid domain = forest.dsa->domain_sid();
  for (const auto& [name, rid_value] : {std::pair{"Domain Admins", 512U},
                                        {"Domain Users", 513U},
                                        {"Domain Computers", 515U},
                                        {"Cert Publishers", 517U},
                                        {"Enterprise Admins", 519U},
                                        {"Administrator", 500U}})
    EXPECT_EQ(**read(forest.dn("CN=" + std::string(name))).sid("objectSid"), domain.with_rid(rid_value)) << name;
  EXPECT_EQ(**read(forest.dn("CN=Administrators", "CN=Builtin")).sid("objectSid"), sids::kBuiltinAdministrators);
  EXPECT_EQ(read("CN=Certificate-Enrollment,CN=Extended-Rights," + forest.contexts.configuration).first("rightsGuid"),
            "0e10c968-78fb-11d2-90d4-00c04f79dc55");
}

TEST_F(DsaTest, TheOidBaseIsTheOneThatWindowsDerives) {
  EXPECT_EQ(template_oid_base(*Guid::parse("7a36f8d5-3de4-4c3f-bfa8-7c16e7c9c7d5")),
            "1.3.6.1.4.1.311.21.8.14022710.8053821.4148415.11041814.15190471.213");
}

TEST_F(DsaTest, EveryStoredObjectHasWhatActiveDirectoryGivesIt) {
  const Entry entry = read(jane);
  EXPECT_THAT(entry.values("objectClass"), ElementsAre("top", "person", "organizationalPerson", "user"));
  EXPECT_EQ(entry.first("distinguishedName"), jane);
  EXPECT_EQ(entry.first("name"), "jane");
  EXPECT_EQ(entry.first("objectCategory"), "CN=Person," + forest.contexts.schema);
  EXPECT_EQ(entry.first("whenCreated"), "20241120080000.0Z");
  EXPECT_EQ(entry.first("sAMAccountType"), "805306368");
  EXPECT_EQ(entry.first("primaryGroupID"), "513");
  EXPECT_EQ(entry.first("instanceType"), "4");
  EXPECT_EQ(**entry.sid("objectSid"), forest.dsa->domain_sid().with_rid(1103));
  EXPECT_FALSE(entry.has("nTSecurityDescriptor"));
  EXPECT_FALSE(entry.has("unicodePwd"));
}

TEST_F(DsaTest, NamingContextsAreSeparate) {
  EXPECT_TRUE(forest.find("(cn=Public Key Services)").empty());
  EXPECT_EQ(forest.find("(cn=Public Key Services)", {}, forest.contexts.configuration).size(), 1U);
  EXPECT_TRUE(forest.find("(cn=Aggregate)", {}, forest.contexts.configuration).empty());
  const auto answer = search(forest.as("jane"), {.base = forest.contexts.domain, .filter = "(cn=jane)"});
  ASSERT_TRUE(answer);
  EXPECT_THAT(answer->references, ElementsAre("ldap://contoso.com/" + forest.contexts.configuration));
  EXPECT_THAT(search(forest.as("jane"), {.base = forest.contexts.domain, .filter = "(cn=jane)"}, {.domain_scope = true})
                  ->references,
              ElementsAre());
  EXPECT_EQ(search(forest.as("jane"), {.base = "", .filter = "(cn=Public Key Services)"}, {.phantom_root = true})
                ->entries.size(),
            1U);
  EXPECT_EQ(code_of(search(forest.as("jane"), {.base = ""})), LdapCode::noSuchObject);
}

TEST_F(DsaTest, BasesInAllForms) {
  const Entry entry = read(jane);
  for (const std::string& base : {"<GUID=" + (*entry.guid("objectGUID"))->to_string() + ">",
                                  "<GUID=" + to_hex(as_bytes(entry.first("objectGUID"))) + ">",
                                  "<SID=" + (*entry.sid("objectSid"))->to_string() + ">",
                                  "<SID=" + to_hex(as_bytes(entry.first("objectSid"))) + ">",
                                  std::string("cn=JANE, cn=Users,  dc=contoso,dc=com")})
    EXPECT_EQ(read(base).dn(), jane) << base;
  EXPECT_EQ(read("<WKGUID=A9D1CA15768811D1ADED00C04FD8D5CD," + forest.contexts.domain + ">").dn(),
            "CN=Users," + forest.contexts.domain);
  EXPECT_EQ(code_of(search(forest.as("jane"), {.base = "CN=nobody," + forest.contexts.domain})),
            LdapCode::noSuchObject);
  EXPECT_EQ(code_of(search(forest.as("jane"), {.base = "DC=other,DC=com"})), LdapCode::referral);
  EXPECT_EQ(code_of(search(forest.as("jane"), {.base = "nonsense"})), LdapCode::invalidDNSyntax);
  EXPECT_EQ(code_of(search(forest.as("jane"), {.base = "<GUID=1>"})), LdapCode::noSuchObject);
  EXPECT_FALSE(*read_entry(*forest.admin, "CN=nobody," + forest.contexts.domain));
  EXPECT_FALSE(*read_entry(*forest.admin, "DC=other,DC=com"));
}

TEST_F(DsaTest, ScopesAndSizeLimit) {
  const Caller caller = forest.as("jane");
  const std::string users = "CN=Users," + forest.contexts.domain;
  const auto count = [&](Scope scope) { return search(caller, {.base = users, .scope = scope})->entries.size(); };
  EXPECT_EQ(count(Scope::base), 1U);
  EXPECT_GT(count(Scope::one_level), 10U);
  EXPECT_EQ(count(Scope::subtree), count(Scope::one_level) + 1);
  const auto limited = search(caller, {.base = users}, {.size_limit = 3});
  EXPECT_EQ(limited->entries.size(), 3U);
  EXPECT_TRUE(limited->size_limit_exceeded);
  EXPECT_FALSE(search(caller, {.base = users, .scope = Scope::base}, {.size_limit = 1})->size_limit_exceeded);
}

TEST_F(DsaTest, AttributeSelection) {
  EXPECT_EQ(read(jane, {"1.1"}).attributes().size(), 0U);
  EXPECT_EQ(read(jane, {"CN", "noSuchAttribute"}).attributes(), (std::vector<Attribute>{{"cn", {"jane"}}}));
  EXPECT_EQ(read(jane, {"2.5.4.3"}).attributes(), (std::vector<Attribute>{{"cn", {"jane"}}}));
  EXPECT_TRUE(read(jane, {"*", "tokenGroups"}).has("tokenGroups"));
  EXPECT_TRUE(read(jane, {"+"}).has("createTimeStamp"));
  EXPECT_FALSE(read(jane, {"+"}).has("cn"));
  EXPECT_EQ(read(jane, {"canonicalName"}).first("canonicalName"), "contoso.com/Users/jane");
  EXPECT_EQ(read(forest.contexts.domain, {"canonicalName"}).first("canonicalName"), "contoso.com/");
  EXPECT_EQ(read(forest.contexts.aia(), {"canonicalName"}).first("canonicalName"),
            "contoso.com/Configuration/Services/Public Key Services/AIA");
  EXPECT_EQ(read(jane, {"msDS-PrincipalName"}).first("msDS-PrincipalName"), "CONTOSO\\jane");
  EXPECT_EQ(read(pki, {"primaryGroupToken"}).first("primaryGroupToken"), "1104");
  EXPECT_EQ(code_of(forest.admin->search(
                {.base = forest.contexts.domain, .filter = "(cn=jane)", .attributes = {"tokenGroups"}})),
            LdapCode::operationsError);
}

TEST_F(DsaTest, AnonymousSeesTheRootAndTheSchemaOnly) {
  const Caller nobody;
  EXPECT_EQ(search(nobody, {.base = "", .scope = Scope::base})->entries.size(), 1U);
  EXPECT_EQ(search(nobody, {.base = "CN=Aggregate," + forest.contexts.schema, .scope = Scope::base})->entries.size(),
            1U);
  const auto refused = search(nobody, {.base = forest.contexts.domain});
  EXPECT_EQ(code_of(refused), LdapCode::operationsError);
  EXPECT_THAT(refused.error().what, StartsWith("000004DC: "));
  EXPECT_EQ(code_of(forest.dsa->add(nobody, Entry("CN=x," + forest.contexts.domain))), LdapCode::operationsError);
}

TEST_F(DsaTest, SecurityDescriptorsAreShownAsToRealReaders) {
  const Caller user = forest.as("jane");
  const Caller admin = forest.as("Administrator");
  const std::string dn = forest.contexts.certificate_templates();
  const auto shown = [&](const Caller& caller, std::vector<std::string> attributes,
                         std::optional<std::uint32_t> flags) {
    const auto answer =
        search(caller, {.base = dn, .scope = Scope::base, .attributes = std::move(attributes)}, {.sd_flags = flags});
    return answer && answer->entries.front().has("nTSecurityDescriptor");
  };
  const std::vector<std::string> named{"nTSecurityDescriptor"};
  EXPECT_FALSE(shown(user, named, std::nullopt));
  EXPECT_FALSE(shown(user, {"*"}, std::nullopt));
  EXPECT_TRUE(shown(user, named, 7));
  EXPECT_TRUE(shown(user, {"*"}, 5));
  EXPECT_TRUE(shown(user, {}, 7));
  EXPECT_FALSE(shown(user, named, 15));
  EXPECT_TRUE(shown(admin, named, std::nullopt));
  EXPECT_FALSE(shown(admin, {"*"}, std::nullopt));
  EXPECT_TRUE(shown(admin, named, 15));
  const auto dacl_only = search(user, {.base = dn, .scope = Scope::base}, {.sd_flags = 4})->entries.front();
  const auto sd = SecurityDescriptor::from_binary(as_bytes(dacl_only.first("nTSecurityDescriptor")));
  ASSERT_TRUE(sd);
  EXPECT_FALSE(sd->owner);
  EXPECT_TRUE(sd->dacl);
}

TEST_F(DsaTest, RootDseSaysWhatClientsLearnFrom) {
  const Entry root = **read_entry(*forest.admin, "");
  EXPECT_EQ(root.first("defaultNamingContext"), forest.contexts.domain);
  EXPECT_EQ(root.first("dnsHostName"), "dc01.contoso.com");
  EXPECT_EQ(root.first("ldapServiceName"), "contoso.com:dc01$@CONTOSO.COM");
  EXPECT_THAT(root.values("supportedCapabilities"), Contains("1.2.840.113556.1.4.800"));
  EXPECT_THAT(root.values("supportedControl"), Contains("1.2.840.113556.1.4.319"));
  EXPECT_FALSE(root.has("supportedExtension"));
  EXPECT_EQ(root.first("subschemaSubentry"), "CN=Aggregate," + forest.contexts.schema);
  const Entry more = **read_entry(*forest.admin, "", {"*", "+", "+", "vendorName"});
  EXPECT_TRUE(more.has("supportedExtension"));
  EXPECT_EQ(more.first("msDS-PrincipalName"), "CONTOSO\\Administrator");
  EXPECT_FALSE(more.has("vendorName"));
}

TEST_F(DsaTest, SubschemaListsAttributesAndClasses) {
  const Entry entry = **read_entry(*forest.admin, "CN=Aggregate," + forest.contexts.schema,
                                   {"objectClasses", "attributeTypes", "dITContentRules", "*", "+"});
  EXPECT_THAT(
      entry.values("attributeTypes"),
      Contains("( 1.2.840.113556.1.4.146 NAME 'objectSid' SYNTAX '1.3.6.1.4.1.1466.115.121.1.40' SINGLE-VALUE )"));
  EXPECT_THAT(entry.values("attributeTypes"), Contains(HasSubstr("NAME 'msDS-KeyCredentialLink'")));
  EXPECT_THAT(entry.values("objectClasses"),
              Contains(StartsWith("( 1.2.840.113556.1.5.177 NAME 'pKICertificateTemplate' SUP top STRUCTURAL MAY (")));
  EXPECT_TRUE(entry.is_a("subSchema"));
  const auto schema =
      forest.find("(&(objectClass=attributeSchema)(cn=ms-DS-Key-Credential-Link))", {}, forest.contexts.schema);
  ASSERT_EQ(schema.size(), 1U);
  EXPECT_EQ((*schema.front().guid("schemaIDGUID"))->to_string(), "5b47d60f-6090-40b2-9f37-2a4de88f3063");
  EXPECT_EQ(read("CN=PKI-Certificate-Template," + forest.contexts.schema).first("lDAPDisplayName"),
            "pKICertificateTemplate");
}

TEST_F(DsaTest, BindsByEveryNameForm) {
  for (const std::string& name : {jane, std::string("jane@contoso.com"), std::string("JANE@CONTOSO"),
                                  std::string("contoso\\JANE"), (*read(jane).sid("objectSid"))->to_string()}) {
    const auto caller = forest.dsa->bind(name, "Secret1!");
    ASSERT_TRUE(caller) << name;
    EXPECT_EQ(caller->name, "u:CONTOSO\\jane");
    EXPECT_EQ(caller->bound_dn, jane);
    EXPECT_TRUE(caller->token.contains(forest.dsa->domain_sid().with_rid(rid::kDomainUsers)));
    EXPECT_TRUE(caller->token.contains(sids::kBuiltinUsers));
    EXPECT_TRUE(caller->token.contains(sids::kAuthenticatedUsers));
  }
  EXPECT_TRUE(forest.dsa->bind("", "")->anonymous());
  EXPECT_TRUE(forest.dsa->bind(jane, "")->anonymous());
}

TEST_F(DsaTest, RefusedBindsTellWhyInTheirDataCode) {
  const auto data_of = [&](std::string_view name, std::string_view password) {
    const auto caller = forest.dsa->bind(name, password);
    EXPECT_EQ(code_of(caller), LdapCode::invalidCredentials) << name;
    if (caller) return std::string();
    const std::string& what = caller.error().what;
    return what.substr(what.find("data "), 8);
  };
  EXPECT_EQ(data_of(jane, "wrong"), "data 52e");
  EXPECT_EQ(data_of("jane", "Secret1!"), "data 525");
  EXPECT_EQ(data_of("other\\jane", "Secret1!"), "data 525");
  EXPECT_EQ(data_of(forest.dn("CN=Guest"), "x"), "data 52e");
  EXPECT_OK(forest.admin->modify(jane, {replace("userAccountControl", {"514"})}));
  EXPECT_EQ(data_of(jane, "Secret1!"), "data 533");
  EXPECT_OK(forest.admin->modify(jane, {replace("userAccountControl", {"512"}), replace("pwdLastSet", {"0"})}));
  EXPECT_EQ(data_of(jane, "Secret1!"), "data 773");
  EXPECT_OK(forest.admin->modify(
      jane, {replace("pwdLastSet", {"1"}), replace("accountExpires", {std::to_string(to_filetime(testing::kStart))})}));
  EXPECT_EQ(data_of(jane, "Secret1!"), "data 701");
  EXPECT_OK(forest.admin->modify(jane, {replace("accountExpires", {"0"})}));
  EXPECT_OK(forest.dsa->bind(jane, "Secret1!"));
}

TEST_F(DsaTest, PasswordsAreSetAndNeverRead) {
  EXPECT_OK(forest.admin->modify(jane, {replace("unicodePwd", {unicode_password("New1!")})}));
  EXPECT_FALSE(forest.dsa->bind(jane, "Secret1!"));
  EXPECT_OK(forest.dsa->bind(jane, "New1!"));
  auto own = in_process(*forest.dsa, forest.as("jane"));
  EXPECT_EQ(code_of(own->modify(jane, {replace("unicodePwd", {unicode_password("Own1!")})})),
            LdapCode::insufficientAccessRights);
  EXPECT_EQ(code_of(own->modify(jane, {erase_from("unicodePwd", {unicode_password("bad")}),
                                       add_to("unicodePwd", {unicode_password("Own1!")})})),
            LdapCode::constraintViolation);
  EXPECT_OK(own->modify(jane, {erase_from("unicodePwd", {unicode_password("New1!")}),
                               add_to("unicodePwd", {unicode_password("Own1!")})}));
  EXPECT_OK(forest.dsa->bind(jane, "Own1!"));
  EXPECT_EQ(code_of(forest.admin->modify(jane, {replace("unicodePwd", {"plain"})})), LdapCode::unwillingToPerform);
  const auto held = forest.dsa->password(jane);
  ASSERT_TRUE(held);
  EXPECT_EQ(held->text, "Own1!");
  EXPECT_EQ(held->version, 3) << "set, reset and changed";
  EXPECT_FALSE(forest.dsa->password(forest.dn("CN=krbtgt")));
  const Entry entry = **read_entry(*forest.system, jane, {"*", "unicodePwd", "userPassword"});
  EXPECT_FALSE(entry.has("unicodePwd"));
  EXPECT_FALSE(entry.has("userPassword"));
  EXPECT_TRUE(forest.names("(unicodePwd=*)").empty());
}

TEST_F(DsaTest, ImpersonatesByAnyName) {
  for (const std::string_view name :
       {"jane", "CONTOSO\\jane", "jane@contoso.com", "CN=jane,CN=Users,DC=contoso,DC=com"})
    EXPECT_EQ(forest.as(name).bound_dn, jane);
  EXPECT_EQ(code_of(forest.dsa->impersonate("nobody")), LdapCode::noSuchObject);
}

TEST_F(DsaTest, TokensHoldNestedGroups) {
  EXPECT_OK(add_group(*forest.admin, forest.contexts, {.name = "Outer", .members = {"PKI"}}));
  EXPECT_OK(add_member(*forest.admin, forest.contexts, "PKI", "jane"));
  EXPECT_OK(add_member(*forest.admin, forest.contexts, "PKI", "Outer"));
  const Token token = forest.as("jane").token;
  EXPECT_TRUE(token.contains(**read(forest.dn("CN=Outer")).sid("objectSid")));
  EXPECT_TRUE(token.contains(**read(pki).sid("objectSid")));
  EXPECT_TRUE(forest.as("Administrator").token.contains(sids::kBuiltinAdministrators));
  // Distribution groups are no part of a token.
  EXPECT_OK(forest.admin->modify(pki, {replace("groupType", {"2"})}));
  EXPECT_FALSE(forest.as("jane").token.contains(**read(pki).sid("objectSid")));
}

TEST_F(DsaTest, DeletedObjectsShowOnRequestOnly) {
  EXPECT_TRUE(forest.names("(cn=Deleted Objects)").empty());
  EXPECT_EQ(search(forest.as("jane"), {.base = forest.contexts.domain, .filter = "(cn=Deleted Objects)"},
                   {.show_deleted = true})
                ->entries.size(),
            1U);
}

TEST_F(DsaTest, ComparesBySyntax) {
  const Caller caller = forest.as("jane");
  EXPECT_TRUE(*forest.dsa->compare(caller, jane, "cn", "JANE"));
  EXPECT_FALSE(*forest.dsa->compare(caller, jane, "cn", "bob"));
  EXPECT_TRUE(*forest.dsa->compare(caller, jane, "objectSid", (*read(jane).sid("objectSid"))->to_string()));
  EXPECT_EQ(code_of(forest.dsa->compare(caller, jane, "mail", "x")), LdapCode::noSuchAttribute);
  EXPECT_EQ(code_of(forest.dsa->compare(caller, jane, "primaryGroupID", "x")), LdapCode::invalidAttributeSyntax);
  EXPECT_EQ(code_of(forest.dsa->compare(caller, jane, "unicodePwd", "x")), LdapCode::undefinedAttributeType);
}

TEST_F(DsaTest, AskingForABadForestIsAFault) {
  for (const ForestOptions& options :
       {ForestOptions{.dns_name = ""}, ForestOptions{.dns_name = "a..b"}, ForestOptions{.netbios_name = ""},
        ForestOptions{.netbios_name = "ABCDEFGHIJKLMNOP"}, ForestOptions{.dc_host = "a.b"}})
    EXPECT_FALSE(create_forest(options, forest.clock, forest.entropy));
}

TEST_F(DsaTest, TheSameSeedGivesTheSameForest) {
  Forest one, two;
  EXPECT_EQ(one.find("(objectClass=*)"), two.find("(objectClass=*)"));
  EXPECT_EQ(one.find("(objectClass=*)", {}, one.contexts.schema), two.find("(objectClass=*)", {}, two.contexts.schema));
}

}  // namespace
}  // namespace mimica::ldap
