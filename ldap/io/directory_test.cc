// One suite for every way to a directory: in process, over the wire with libldap, and OpenLDAP slapd.
#include "ldap/directory.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/asn1/name.h"
#include "ldap/account.h"
#include "ldap/io/client.h"
#include "ldap/io/server.h"
#include "ldap/io/testing/slapd_test_peer.h"
#include "ldap/testing/test_forest.h"

namespace mimica::ldap {
namespace {

using testing::add_to;
using testing::code_of;
using testing::erase_from;
using testing::Forest;
using testing::replace;
using testing::SlapdPeer;
using ::testing::UnorderedElementsAre;

enum class Peer { in_process, wire, slapd };
constexpr std::size_t kPage = 100;
const ForestOptions kLab{.dns_name = "lab.example", .netbios_name = "LAB"};

class DirectoryPeers : public ::testing::TestWithParam<Peer> {
 protected:
  void SetUp() override {
    if (GetParam() == Peer::slapd) {
      if (!SlapdPeer::installed()) GTEST_SKIP() << "slapd is not installed";
      slapd = std::make_unique<SlapdPeer>();
      auto connected = slapd->connect_as_manager(kPage);
      ASSERT_TRUE(connected) << connected.error().describe();
      directory = *std::move(connected);
      contexts = *read_naming_contexts(*directory);
      plant();
      return;
    }
    forest = std::make_unique<Forest>(kLab);
    if (GetParam() == Peer::wire) {
      auto started = Server::start(*forest->dsa, {});
      ASSERT_TRUE(started) << started.error().describe();
      server = *std::move(started);
      auto connected = connect(
          {.url = server->url(), .bind_name = "LAB\\Administrator", .password = "Passw0rd!", .page_size = kPage});
      ASSERT_TRUE(connected) << connected.error().describe();
      directory = *std::move(connected);
    } else {
      directory = in_process(*forest->dsa, forest->as("Administrator"));
    }
    auto read = read_naming_contexts(*directory);
    ASSERT_TRUE(read) << read.error().describe();
    contexts = *read;
  }

  // The part of a forest that slapd has not by itself.
  void plant() {
    put("DC=lab,DC=example", {"domainDNS"}, {{"dc", "lab"}});
    put("CN=Users,DC=lab,DC=example", {"container"});
    put("CN=Configuration,DC=lab,DC=example", {"configuration"});
    put("CN=Partitions," + contexts.configuration, {"crossRefContainer"});
    put("CN=LAB,CN=Partitions," + contexts.configuration, {"crossRef"},
        {{"nCName", contexts.domain}, {"dnsRoot", "lab.example"}, {"nETBIOSName", "LAB"}});
  }
  void put(std::string dn, std::vector<std::string> classes,
           std::vector<std::pair<std::string, std::string>> attributes = {}) {
    Entry entry(std::move(dn));
    entry.set("objectClass", std::move(classes));
    if (starts_with_ignore_case(entry.dn(), "CN=")) entry.set("cn", leaf_value(entry.dn()));
    if (starts_with_ignore_case(entry.dn(), "OU=")) entry.set("ou", leaf_value(entry.dn()));
    for (auto& [name, value] : attributes) entry.add(name, std::move(value));
    // slapd assigns nothing.
    if (GetParam() == Peer::slapd && entry.has("sAMAccountName")) {
      entry.set("objectSid", BytesView(domain.with_rid(next_rid++).to_binary()));
      entry.set("objectGUID", std::string("0123456789abcde") + static_cast<char>(next_rid));
      if (entry.is_a("user")) entry.set("primaryGroupID", "513");
      entry.set("whenCreated", "20241120080000Z");
    }
    const auto done = directory->add(entry);
    EXPECT_TRUE(done) << (done ? "" : done.error().describe());
  }
  std::string users(std::string_view rdn) const { return std::string(rdn) + ",CN=Users," + contexts.domain; }
  std::vector<std::string> names(std::string_view filter, Scope scope = Scope::subtree, std::string base = {}) {
    auto found = directory->search({.base = base.empty() ? contexts.domain : base,
                                    .scope = scope,
                                    .filter = std::string(filter),
                                    .attributes = {"cn"}});
    EXPECT_TRUE(found) << filter << ": " << (found ? "" : found.error().describe());
    std::vector<std::string> out;
    if (found)
      for (const Entry& entry : *found) out.emplace_back(entry.first("cn"));
    return out;
  }

  const Sid domain = *Sid::parse("S-1-5-21-1000000001-2000000002-3000000003");
  std::uint32_t next_rid = 1103;
  std::unique_ptr<Forest> forest;
  std::unique_ptr<Server> server;
  std::unique_ptr<SlapdPeer> slapd;
  std::unique_ptr<Directory> directory;
  NamingContexts contexts;
};

TEST_P(DirectoryPeers, LearnsItsNamingContexts) {
  EXPECT_EQ(normalise_dn(contexts.domain), "dc=lab,dc=example");
  EXPECT_EQ(normalise_dn(contexts.public_key_services()),
            "cn=public key services,cn=services,cn=configuration,dc=lab,dc=example");
  EXPECT_EQ(*netbios_name(*directory, contexts), "LAB");
}

TEST_P(DirectoryPeers, FindsAccountsByEveryKey) {
  put(users("CN=Jane (Doe)"), {"user"},
      {{"sAMAccountName", "jane"},
       {"userPrincipalName", "jane@lab.example"},
       {"userAccountControl", "512"},
       {"mail", "j*@x"}});
  const auto by_sam = account_by_sam(*directory, contexts, "JANE");
  ASSERT_TRUE(by_sam && *by_sam);
  const Account jane = **by_sam;
  EXPECT_EQ(normalise_dn(jane.dn), normalise_dn(users("CN=Jane (Doe)")));
  EXPECT_EQ(jane.when_created, testing::kStart);
  EXPECT_EQ(jane.user_account_control, 512U);
  EXPECT_EQ(jane.primary_group_rid, 513U);
  EXPECT_EQ(jane.sid, domain.with_rid(1103));
  EXPECT_EQ(**account_by_upn(*directory, contexts, "jane@lab.example"), jane);
  EXPECT_EQ(**account_by_sid(*directory, contexts, jane.sid), jane);
  EXPECT_EQ(**account_by_dn(*directory, jane.dn), jane);
  EXPECT_EQ(**account_by_any_name(*directory, contexts, "LAB\\jane"), jane);
  EXPECT_EQ(**account_by_any_name(*directory, contexts, jane.sid.to_string()), jane);
  EXPECT_FALSE(*account_by_sam(*directory, contexts, "nobody"));
  EXPECT_FALSE(*account_by_dn(*directory, users("CN=nobody")));
}

TEST_P(DirectoryPeers, TokensFollowNestedAndCyclicGroups) {
  put(users("CN=jane"), {"user"}, {{"sAMAccountName", "jane"}, {"userAccountControl", "512"}});
  put(users("CN=A"), {"group"}, {{"sAMAccountName", "A"}, {"groupType", "-2147483646"}, {"member", users("CN=jane")}});
  put(users("CN=B"), {"group"}, {{"sAMAccountName", "B"}, {"groupType", "-2147483646"}, {"member", users("CN=A")}});
  put(users("CN=C"), {"group"}, {{"sAMAccountName", "C"}, {"groupType", "-2147483646"}, {"member", users("CN=B")}});
  EXPECT_OK(directory->modify(users("CN=A"), {add_to("member", {users("CN=C")})}));
  const Account jane = **account_by_sam(*directory, contexts, "jane");
  const auto token = read_token(*directory, contexts, jane);
  ASSERT_TRUE(token) << token.error().describe();
  for (std::uint32_t rid_value = 1103; rid_value <= 1106; ++rid_value)
    EXPECT_TRUE(token->contains(domain.with_rid(rid_value))) << rid_value;
  EXPECT_TRUE(token->contains(domain.with_rid(rid::kDomainUsers)));
  EXPECT_TRUE(token->contains(sids::kAuthenticatedUsers));
  EXPECT_FALSE(token->contains(domain.with_rid(rid::kDomainAdmins)));
  EXPECT_EQ(read_token(*directory, contexts, jane, GroupStrategy::breadth_first)->sids, token->sids);
}

TEST_P(DirectoryPeers, ReadsMoreThanOnePage) {
  put("OU=many," + contexts.domain, {"organizationalUnit"});
  for (int i = 0; i < 250; ++i) put("OU=o" + std::to_string(i) + ",OU=many," + contexts.domain, {"organizationalUnit"});
  EXPECT_EQ(names("(objectClass=organizationalUnit)", Scope::one_level, "OU=many," + contexts.domain).size(), 250U);
  EXPECT_EQ(names("(objectClass=*)", Scope::subtree, "OU=many," + contexts.domain).size(), 251U);
  EXPECT_EQ(names("(objectClass=*)", Scope::base, "OU=many," + contexts.domain).size(), 1U);
}

TEST_P(DirectoryPeers, BinaryValuesSurvive) {
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  put(users("CN=jane"), {"user"}, {{"sAMAccountName", "jane"}, {"userCertificate", every}});
  for (const std::vector<std::string>& asked :
       {std::vector<std::string>{}, {"userCertificate"}, {"userCertificate;binary", "cn"}}) {
    const auto entry = read_entry(*directory, users("CN=jane"), asked);
    ASSERT_TRUE(entry && *entry);
    EXPECT_EQ((*entry)->values("userCertificate"), std::vector<std::string>{every});
  }
  EXPECT_EQ(names("(userCertificate=" + escape_filter(every) + ")"), std::vector<std::string>{"jane"});
}

TEST_P(DirectoryPeers, FiltersMatchAlike) {
  put(users("CN=a*(b)\\5C"), {"user"},
      {{"sAMAccountName", "odd"}, {"userAccountControl", "514"}, {"displayName", "Odd One"}});
  put(users("CN=even"), {"user"},
      {{"sAMAccountName", "even"}, {"userAccountControl", "512"}, {"displayName", "J\xC3\xBCrgen"}});
  const std::string odd = "a*(b)\\";
  EXPECT_EQ(names("(cn=" + escape_filter(odd) + ")"), std::vector<std::string>{odd});
  EXPECT_EQ(names("(&(sAMAccountName=*)(userAccountControl:1.2.840.113556.1.4.803:=2)(displayName=odd*))"),
            std::vector<std::string>{odd});
  EXPECT_EQ(names("(displayName=j\xC3\xBC*)"), std::vector<std::string>{"even"});
  EXPECT_THAT(names("(|(sAMAccountName=ODD)(sAMAccountName=even))"), UnorderedElementsAre(odd, "even"));
  EXPECT_EQ(names("(&(objectClass=user)(sAMAccountName=even)(!(displayName=Odd One)))"),
            std::vector<std::string>{"even"});
  EXPECT_EQ(code_of(directory->search({.base = contexts.domain, .filter = "((("})), LdapCode::protocolError);
}

TEST_P(DirectoryPeers, ChangesAndTheirCodes) {
  put(users("CN=jane"), {"user"}, {{"sAMAccountName", "jane"}});
  const std::string dn = users("CN=jane");
  Entry twin(dn);
  twin.set("objectClass", "user");
  twin.set("cn", "jane");
  EXPECT_EQ(code_of(directory->add(twin)), LdapCode::entryAlreadyExists);
  EXPECT_OK(directory->modify(
      dn, {add_to("altSecurityIdentities", {"X509:<SKI>1", "X509:<SKI>2"}), replace("mail", {"a@b"})}));
  EXPECT_EQ(code_of(directory->modify(dn, {add_to("altSecurityIdentities", {"X509:<SKI>1"})})),
            LdapCode::attributeOrValueExists);
  EXPECT_OK(directory->modify(dn, {erase_from("altSecurityIdentities", {"X509:<SKI>1"}), erase_from("mail")}));
  EXPECT_EQ(code_of(directory->modify(dn, {erase_from("mail")})), LdapCode::noSuchAttribute);
  EXPECT_EQ(code_of(directory->modify(dn, {replace("displayName", {"a", "b"})})), LdapCode::constraintViolation);
  const auto entry = read_entry(*directory, dn, {"altSecurityIdentities", "mail"});
  EXPECT_EQ((*entry)->values("altSecurityIdentities"), std::vector<std::string>{"X509:<SKI>2"});
  EXPECT_FALSE((*entry)->has("mail"));
  EXPECT_EQ(code_of(directory->modify(users("CN=nobody"), {replace("mail", {"x"})})), LdapCode::noSuchObject);
  EXPECT_OK(directory->modify_dn(dn, "CN=joan"));
  EXPECT_EQ(names("(cn=joan)"), std::vector<std::string>{"joan"});
  put("OU=full," + contexts.domain, {"organizationalUnit"});
  put("OU=inner,OU=full," + contexts.domain, {"organizationalUnit"});
  EXPECT_EQ(code_of(directory->remove("OU=full," + contexts.domain)), LdapCode::notAllowedOnNonLeaf);
  EXPECT_OK(directory->remove(users("CN=joan")));
  EXPECT_EQ(code_of(directory->remove(users("CN=joan"))), LdapCode::noSuchObject);
  EXPECT_FALSE(*read_entry(*directory, users("CN=joan")));
}

TEST_P(DirectoryPeers, SecurityDescriptorsComeWhenAskedFor) {
  const auto sd = SecurityDescriptor::from_sddl(
      "O:DAG:DAD:PAI(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;DU)(A;;LCRPLORC;;;AU)", domain, domain);
  ASSERT_TRUE(sd);
  put(users("CN=jane"), {"user"}, {{"sAMAccountName", "jane"}});
  EXPECT_OK(directory->modify(users("CN=jane"), {replace("nTSecurityDescriptor", {to_string(sd->to_binary())})}));
  for (const std::vector<std::string>& asked : {std::vector<std::string>{}, {"cn"}}) {
    const auto entry = read_entry(*directory, users("CN=jane"), asked, true);
    ASSERT_TRUE(entry && *entry);
    const auto shown = SecurityDescriptor::from_binary(as_bytes((*entry)->first("nTSecurityDescriptor")));
    ASSERT_TRUE(shown);
    EXPECT_EQ(shown->owner, sd->owner);
    EXPECT_EQ(shown->dacl->aces, sd->dacl->aces);
  }
}

std::string peer_name(const ::testing::TestParamInfo<Peer>& info) {
  return info.param == Peer::in_process ? "InProcess" : info.param == Peer::wire ? "Wire" : "Slapd";
}
INSTANTIATE_TEST_SUITE_P(Every, DirectoryPeers, ::testing::Values(Peer::in_process, Peer::wire, Peer::slapd),
                         peer_name);

}  // namespace
}  // namespace mimica::ldap
