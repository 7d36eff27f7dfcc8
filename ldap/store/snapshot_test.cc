#include "ldap/store/snapshot.h"

#include <gtest/gtest.h>

#include "ldap/account.h"
#include "ldap/provision.h"
#include "ldap/store/ldif.h"

namespace mimica::ldap {
namespace {

constexpr std::string_view kExport = R"(dn: CN=Jane Doe,OU=Staff,DC=contoso,DC=com
objectClass: top
objectClass: person
objectClass: user
sAMAccountName: jane
userPrincipalName: jane@contoso.com
objectSid: S-1-5-21-1-2-3-1105
userAccountControl: 512
whenCreated: 20240101000000.0Z
contosoBadgeNumber: 17
altSecurityIdentities: X509:<I>CN=CA<SR>01

dn: CN=LAPTOP-01,CN=Computers,DC=contoso,DC=com
objectClass: computer
objectClass: user
sAMAccountName: LAPTOP-01$
objectSid:: AQUAAAAAAAUVAAAAAQAAAAIAAAADAAAAUgQAAA==
userAccountControl: 4096

)";

std::unique_ptr<Snapshot> snapshot_of(std::string_view ldif) {
  auto snapshot = Snapshot::create();
  const auto records = parse_ldif(ldif);
  EXPECT_TRUE(records);
  for (const LdifRecord& record : *records) EXPECT_TRUE(snapshot->load(record.entry));
  return snapshot;
}

TEST(Snapshot, FindsAccountsOfAPartialExport) {
  const auto snapshot = snapshot_of(kExport);
  EXPECT_TRUE(snapshot->has_domain());
  const auto contexts = read_naming_contexts(*snapshot);
  ASSERT_TRUE(contexts);
  EXPECT_EQ(contexts->domain, "DC=contoso,DC=com");
  EXPECT_EQ(contexts->configuration, "CN=Configuration,DC=contoso,DC=com");
  EXPECT_EQ(*netbios_name(*snapshot, *contexts), "CONTOSO");
  const auto jane = account_by_upn(*snapshot, *contexts, "JANE@contoso.com");
  ASSERT_TRUE(jane && *jane);
  EXPECT_EQ((*jane)->sid.to_string(), "S-1-5-21-1-2-3-1105");
  EXPECT_EQ((*jane)->alt_security_identities.size(), 1U);
  const auto laptop = account_by_sam(*snapshot, *contexts, "laptop-01$");
  ASSERT_TRUE(laptop && *laptop);
  EXPECT_TRUE((*laptop)->is_computer());
  EXPECT_EQ((*laptop)->sid.rid(), 0x452U);
  EXPECT_FALSE(*account_by_sam(*snapshot, *contexts, "bob"));
  EXPECT_TRUE(*account_by_sid(*snapshot, *contexts, (*jane)->sid));
  EXPECT_TRUE(*account_by_dn(*snapshot, "cn=jane doe, ou=Staff,dc=contoso,dc=com"));
}

TEST(Snapshot, MissingContainersAreMissingAndNothingChanges) {
  const auto snapshot = snapshot_of(kExport);
  const auto found =
      snapshot->search({.base = "CN=AIA,CN=Public Key Services,CN=Services,CN=Configuration,DC=contoso,DC=com"});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code{LdapCode::noSuchObject});
  EXPECT_FALSE(snapshot->add(Entry("CN=x,DC=contoso,DC=com")));
  EXPECT_FALSE(snapshot->modify("CN=Jane Doe,OU=Staff,DC=contoso,DC=com", {}));
  EXPECT_FALSE(snapshot->remove("CN=Jane Doe,OU=Staff,DC=contoso,DC=com"));
}

TEST(Snapshot, ScopesAndRepeatedSearches) {
  const auto snapshot = snapshot_of(kExport);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(snapshot->search({.base = "DC=contoso,DC=com", .filter = "(whenCreated=*)"})->size(), 1U);
    EXPECT_EQ(snapshot->search({.base = "DC=contoso,DC=com", .filter = "(objectClass=user)"})->size(), 2U);
  }
  EXPECT_EQ(snapshot->search({.base = "OU=Staff,DC=contoso,DC=com", .scope = Scope::one_level})->size(), 1U);
  EXPECT_EQ(snapshot->search({.base = "CN=Jane Doe,OU=Staff,DC=contoso,DC=com"})->size(), 1U);
  EXPECT_FALSE(snapshot->search({.base = "DC=contoso,DC=com", .filter = "(("}));
  EXPECT_FALSE(snapshot->search({.base = "not a dn"}));
}

TEST(Snapshot, AnEntryTwiceIsOneEntryWithAllAttributes) {
  auto snapshot = snapshot_of(kExport);
  Entry more("cn=Jane Doe,ou=staff,dc=contoso,dc=com");
  more.set("mail", "jane@contoso.com");
  more.set("sAMAccountName", "other");
  ASSERT_TRUE(snapshot->load(more));
  const auto contexts = *read_naming_contexts(*snapshot);
  const auto jane = account_by_sam(*snapshot, contexts, "jane");
  ASSERT_TRUE(jane && *jane);
  EXPECT_EQ((*jane)->mail, "jane@contoso.com");
  EXPECT_FALSE(snapshot->load(Entry("no dn")));
}

TEST(Snapshot, TheDomainIsThatOfMostAccountsAndTheForestHasItsOwnRoot) {
  const auto snapshot = snapshot_of(
      "dn: CN=a,CN=Users,DC=child,DC=contoso,DC=com\nsAMAccountName: a\n\n"
      "dn: CN=b,CN=Users,DC=child,DC=contoso,DC=com\nsAMAccountName: b\n\n"
      "dn: CN=c,CN=Users,DC=contoso,DC=com\nsAMAccountName: c\n\n"
      "dn: CN=CHILD,CN=Partitions,CN=Configuration,DC=contoso,DC=com\nobjectClass: crossRef\n"
      "nCName: DC=child,DC=contoso,DC=com\nnETBIOSName: KIDS\n");
  const auto contexts = *read_naming_contexts(*snapshot);
  EXPECT_EQ(contexts.domain, "DC=child,DC=contoso,DC=com");
  EXPECT_EQ(contexts.configuration, "CN=Configuration,DC=contoso,DC=com");
  EXPECT_EQ(contexts.root_domain, "DC=contoso,DC=com");
  EXPECT_EQ(*netbios_name(*snapshot, contexts), "KIDS");
}

TEST(Ldif, ContinuationReferencesOfLdapsearchArePassedOver) {
  const auto records = parse_ldif(std::string(kExport) + "# search reference\nref: ldap://x/DC=x\n\nsearch: 2\n");
  ASSERT_TRUE(records);
  EXPECT_EQ(records->size(), 2U);
}

}  // namespace
}  // namespace mimica::ldap
