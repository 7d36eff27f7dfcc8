#include "kdc/mapping/principal_lookup.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing_lab.h"

namespace mimica::kdc {
namespace {

class PrincipalLookup : public testing::DirectoryLab {
 protected:
  std::string client(std::string_view name) {
    const FoundAccount found = testing::must(find_client(*directory, contexts, name, "contoso.com"));
    return found.ambiguous ? "several" : found.account ? found.account->sam_account_name : "nobody";
  }
  std::string service(std::string_view name) {
    const FoundAccount found = testing::must(find_service(*directory, contexts, name));
    return found.ambiguous ? "several" : found.account ? found.account->sam_account_name : "nobody";
  }
};

TEST_F(PrincipalLookup, ClientsAreFoundInTheOrderOfTheProtocol) {
  set("bob", "userPrincipalName", {"robert@fabrikam.com"});
  EXPECT_EQ(client("jane"), "jane");
  EXPECT_EQ(client("JANE@contoso.com"), "jane");
  EXPECT_EQ(client("robert@fabrikam.com"), "bob");
  EXPECT_EQ(client("bob@contoso.com"), "bob");
  EXPECT_EQ(client("laptop-01"), "LAPTOP-01$");
  EXPECT_EQ(client("laptop-01@contoso.com"), "LAPTOP-01$");
  EXPECT_EQ(client("laptop-01@fabrikam.com"), "nobody");
  EXPECT_EQ(client("robert"), "nobody");
  EXPECT_EQ(client(""), "nobody");
}

TEST_F(PrincipalLookup, SeveralMatchesAreAValueAndOtherFaultsStay) {
  EXPECT_TRUE(testing::must(unless_ambiguous(fault(LdapCode::constraintViolation, "two"))).ambiguous);
  EXPECT_FALSE(unless_ambiguous(fault(LdapCode::unavailable, "down")));
}

TEST_F(PrincipalLookup, ServicesAreFoundByTheirNamesAndThroughHost) {
  set("bob", "servicePrincipalName", {"MSSQLSvc/sql.contoso.com:1433", "HTTP/web.contoso.com"});
  EXPECT_EQ(service("http/WEB.contoso.com"), "bob");
  EXPECT_EQ(service("MSSQLSvc/sql.contoso.com:1433"), "bob");
  EXPECT_EQ(service("HTTP/laptop-01.contoso.com"), "LAPTOP-01$") << "host/ answers for http/";
  EXPECT_EQ(service("host/laptop-01.contoso.com"), "LAPTOP-01$");
  EXPECT_EQ(service("ldap/dc01.contoso.com"), "DC01$");
  EXPECT_EQ(service("MSSQLSvc/laptop-01.contoso.com"), "nobody") << "not a service of the computer itself";
  EXPECT_EQ(service("http"), "nobody");
}

}  // namespace
}  // namespace mimica::kdc
