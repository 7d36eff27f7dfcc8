#include "ldap/filter.h"

#include <gtest/gtest.h>

#include "ldap/testing/test_forest.h"

namespace mimica::ldap {
namespace {

std::string round_trip(std::string_view text) {
  const auto filter = parse_filter(text);
  return filter ? filter_text(*filter) : "fault: " + filter.error().what;
}

TEST(Filter, ReadsAndPrintsEveryKind) {
  for (const std::string_view text : {"(cn=jane)",
                                      "(&(a=1)(b=2))",
                                      "(|(a=1)(!(b=2)))",
                                      "(cn=*)",
                                      "(cn=a*)",
                                      "(cn=*a)",
                                      "(cn=a*b*c)",
                                      "(cn=*a*b*)",
                                      "(n>=5)",
                                      "(n<=5)",
                                      "(n~=5)",
                                      "(member:1.2.840.113556.1.4.1941:=CN=x,DC=y)",
                                      "(cn:dn:=x)",
                                      "(:1.2.3:=x)",
                                      "(cn:dn:1.2.3:=x)",
                                      "(objectSid=\\01\\05\\00)",
                                      "(cn=\\2a\\28\\29\\5c)",
                                      "(&)",
                                      "(|)",
                                      "(userCertificate;binary=x)"})
    EXPECT_EQ(round_trip(text), text);
}

TEST(Filter, ToleratesWhatClientsWrite) {
  EXPECT_EQ(round_trip("cn=jane"), "(cn=jane)");
  EXPECT_EQ(round_trip(" ( & (a=1) (b=2) ) "), "(&(a=1)(b=2))");
  EXPECT_EQ(round_trip("(cn=J\xC3\xBCrgen)"), "(cn=J\xC3\xBCrgen)");
  EXPECT_EQ(round_trip("(cn=a**b)"), "(cn=a*b)");
  EXPECT_EQ(round_trip("(cn=**)"), "(cn=*)");
}

TEST(Filter, RefusesMalformedText) {
  for (const std::string_view text :
       {"", "(", "()", "(cn)", "(cn=", "(=x)", "(cn=x))", "(&(a=1)", "(!)", "(!(a=1)(b=2))", "(cn=\\zz)", "(cn=\\2)",
        "(cn=a(b)", "(cn>x)", "(cn:=", "(:=x)", "(cn>=a*b)", "(a:1:2:=x)"})
    EXPECT_FALSE(parse_filter(text)) << text;
}

TEST(Filter, BoundsDepthAndSize) {
  std::string deep;
  for (int i = 0; i < 511; ++i) deep += "(!";
  const std::string close(511, ')');
  EXPECT_TRUE(parse_filter(deep + "(a=1)" + close));
  EXPECT_FALSE(parse_filter("(!" + deep + "(a=1)" + close + ")"));
  std::string wide = "(|";
  for (std::size_t i = 0; i < kMaxFilterNodes; ++i) wide += "(a=1)";
  EXPECT_FALSE(parse_filter(wide + ")"));
  EXPECT_FALSE(parse_filter("(cn=" + std::string(kMaxFilterText, 'x') + ")"));
}

TEST(Filter, EscapingSurvivesAnyOctets) {
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  const auto filter = parse_filter("(objectGUID=" + escape_filter(every) + ")");
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->value, every);
}

class Matching : public ::testing::Test {
 protected:
  void SetUp() override {
    EXPECT_OK(add_user(*forest.admin, forest.contexts,
                       {.name = "jane", .display_name = "Jane Doe", .mail = "jane@example.com"}));
    EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "bob", .display_name = "Bob Roe"}));
    EXPECT_OK(add_computer(*forest.admin, forest.contexts, {.name = "WS01"}));
    EXPECT_OK(add_group(*forest.admin, forest.contexts, {.name = "Inner", .members = {"jane"}}));
    EXPECT_OK(add_group(*forest.admin, forest.contexts, {.name = "Outer", .members = {"Inner"}}));
  }
  using Names = std::vector<std::string>;
  testing::Forest forest;
};

TEST_F(Matching, StringsIgnoreCase) {
  EXPECT_EQ(forest.names("(sAMAccountName=JANE)"), Names{"Jane Doe"});
  EXPECT_EQ(forest.names("(displayname=jane*)"), Names{"Jane Doe"});
  EXPECT_EQ(forest.names("(cn=*ane*o*)"), Names{"Jane Doe"});
  EXPECT_EQ(forest.names("(cn=*Roe)"), Names{"Bob Roe"});
  EXPECT_EQ(forest.names("(mail=*)"), Names{"Jane Doe"});
}

TEST_F(Matching, SidsAndGuidsInTheirForms) {
  const Entry jane = forest.find("(sAMAccountName=jane)").front();
  const Sid sid = **jane.sid("objectSid");
  const Guid guid = **jane.guid("objectGUID");
  const Names wanted{"Jane Doe"};
  EXPECT_EQ(forest.names("(objectSid=" + sid.to_string() + ")"), wanted);
  EXPECT_EQ(forest.names("(objectSid=" + escape_filter(jane.first("objectSid")) + ")"), wanted);
  EXPECT_EQ(forest.names("(objectGUID=" + guid.to_string() + ")"), wanted);
  EXPECT_EQ(forest.names("(objectGUID={" + guid.to_string() + "})"), wanted);
  EXPECT_EQ(forest.names("(objectGUID=" + escape_filter(jane.first("objectGUID")) + ")"), wanted);
}

TEST_F(Matching, ClassesAndCategories) {
  EXPECT_EQ(forest.names("(&(objectClass=user)(cn=WS01))"), Names{"WS01"});
  EXPECT_EQ(forest.names("(&(objectClass=1.2.840.113556.1.5.9)(cn=WS01))"), Names{"WS01"});
  EXPECT_EQ(forest.names("(&(objectCategory=person)(cn=Jane Doe))"), Names{"Jane Doe"});
  EXPECT_EQ(forest.names("(&(objectCategory=user)(cn=Jane Doe))"), Names{"Jane Doe"});
  EXPECT_EQ(forest.names("(&(objectCategory=person)(cn=WS01))"), Names{});
  EXPECT_EQ(forest.names("(&(objectCategory=CN=Computer," + forest.contexts.schema + ")(cn=WS01))"), Names{"WS01"});
}

TEST_F(Matching, WhoHasACredentialIsKept) {
  const auto mapped = [&] { return forest.names("(&(objectClass=user)(altSecurityIdentities=*))"); };
  const std::string jane = forest.find("(sAMAccountName=jane)").front().dn();
  EXPECT_EQ(mapped(), Names{});
  EXPECT_OK(forest.admin->modify(jane, {testing::add_to("altSecurityIdentities", {"X509:<SKI>aa", "X509:<SKI>bb"})}));
  EXPECT_EQ(mapped(), Names{"Jane Doe"});
  EXPECT_OK(forest.admin->modify(jane, {testing::erase_from("altSecurityIdentities", {"X509:<SKI>aa"})}));
  EXPECT_EQ(mapped(), Names{"Jane Doe"});
  EXPECT_OK(forest.admin->modify(jane, {testing::erase_from("altSecurityIdentities")}));
  EXPECT_EQ(mapped(), Names{});
  EXPECT_OK(forest.admin->modify(jane, {testing::add_to("altSecurityIdentities", {"X509:<SKI>aa"})}));
  EXPECT_OK(forest.admin->remove(jane));
  EXPECT_EQ(mapped(), Names{});
}

TEST_F(Matching, BitRules) {
  EXPECT_EQ(forest.names("(userAccountControl:1.2.840.113556.1.4.803:=8192)"), Names{"DC01"});
  EXPECT_EQ(forest.names("(&(sAMAccountType=805306369)(userAccountControl:1.2.840.113556.1.4.804:=12288))"),
            (Names{"DC01", "WS01"}));
  EXPECT_EQ(forest.names("(&(cn=Inner)(groupType:1.2.840.113556.1.4.803:=2147483648))"), Names{"Inner"});
  EXPECT_EQ(forest.names("(&(cn=Inner)(groupType:1.2.840.113556.1.4.803:=-2147483648))"), Names{"Inner"});
  EXPECT_EQ(forest.names("(cn:1.2.840.113556.1.4.803:=1)"), Names{});
}

TEST_F(Matching, LinksDirectAndInChain) {
  const std::string jane = forest.dn("CN=Jane Doe");
  const std::string outer = forest.dn("cn=outer", "cn=users");
  EXPECT_EQ(forest.names("(member=" + jane + ")"), Names{"Inner"});
  EXPECT_EQ(forest.names("(member:1.2.840.113556.1.4.1941:=" + jane + ")"), (Names{"Inner", "Outer"}));
  EXPECT_EQ(forest.names("(memberOf=" + outer + ")"), Names{"Inner"});
  EXPECT_EQ(forest.names("(memberOf:1.2.840.113556.1.4.1941:=" + outer + ")"), (Names{"Jane Doe", "Inner"}));
  EXPECT_EQ(forest.names("(&(memberOf=*)(cn=Jane Doe))"), Names{"Jane Doe"});
  EXPECT_EQ(forest.names("(cn:1.2.840.113556.1.4.1941:=" + jane + ")"), Names{});
}

TEST_F(Matching, CyclesEnd) {
  EXPECT_OK(add_member(*forest.admin, forest.contexts, "Inner", "Outer"));
  EXPECT_EQ(forest.names("(memberOf:1.2.840.113556.1.4.1941:=" + forest.dn("CN=Outer") + ")"),
            (Names{"Jane Doe", "Inner", "Outer"}));
}

TEST_F(Matching, UnknownIsUndefinedAndNegationOfAbsentHolds) {
  EXPECT_EQ(forest.names("(noSuchAttribute=x)"), Names{});
  EXPECT_EQ(forest.names("(&(cn=Jane Doe)(!(noSuchAttribute=x)))"), Names{});
  EXPECT_EQ(forest.names("(&(cn=Bob Roe)(!(mail=jane@example.com)))"), Names{"Bob Roe"});
  EXPECT_EQ(forest.names("(&(cn=Bob Roe)(|(noSuchAttribute=x)(cn=Bob Roe)))"), Names{"Bob Roe"});
}

TEST_F(Matching, ComparesNumbersAndTimesByValue) {
  EXPECT_EQ(forest.names("(&(cn=WS01)(primaryGroupID>=515)(primaryGroupID<=515))"), Names{"WS01"});
  EXPECT_EQ(forest.names("(&(cn=WS01)(primaryGroupID>=1000))"), Names{});
  EXPECT_EQ(forest.names("(&(cn=WS01)(whenCreated>=20240101000000.0Z))"), Names{"WS01"});
  EXPECT_EQ(forest.names("(&(cn=WS01)(whenCreated>=20250101000000.0Z))"), Names{});
}

TEST_F(Matching, AmbiguousNames) {
  EXPECT_EQ(forest.names("(anr=jan)"), Names{"Jane Doe"});
  EXPECT_EQ(forest.names("(anr==jan)"), Names{});
  EXPECT_EQ(forest.names("(anr==jane)"), Names{"Jane Doe"});
}

TEST_F(Matching, ConstructedAttributesAreRefused) {
  EXPECT_EQ(testing::code_of(forest.admin->search({.base = forest.contexts.domain, .filter = "(tokenGroups=x)"})),
            LdapCode::inappropriateMatching);
  EXPECT_EQ(testing::code_of(forest.admin->search({.base = forest.contexts.domain, .filter = "(cn=x"})),
            LdapCode::protocolError);
}

}  // namespace
}  // namespace mimica::ldap
