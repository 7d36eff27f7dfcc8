#include "ldap/io/server.h"

#include <gmock/gmock.h>

#include "ldap/io/client.h"
#include "ldap/io/testing/test_process.h"
#include "ldap/testing/test_forest.h"
#include "ldap/wire/message_encode.h"

namespace mimica::ldap {
namespace {

using ::testing::AnyOf;
using testing::code_of;
using testing::find_program;
using testing::Forest;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Process;

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override { restart(0); }
  void restart(int port) {
    server.reset();
    auto started = Server::start(*forest.dsa, {.port = port, .max_message_size = 100'000});
    ASSERT_TRUE(started) << started.error().describe();
    server = *std::move(started);
  }
  Result<std::unique_ptr<Directory>> client(std::string name, std::string password) {
    return connect({.url = server->url(), .bind_name = std::move(name), .password = std::move(password)});
  }
  // Sends octets and reads until the server closes, or until `expected` octets have come.
  Bytes talk(BytesView octets, std::size_t expected = SIZE_MAX) {
    const int handle = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(server->port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(handle, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(send(handle, octets.data(), octets.size(), MSG_NOSIGNAL), static_cast<ssize_t>(octets.size()));
    Bytes out;
    std::uint8_t chunk[4096];
    while (out.size() < expected) {
      const ssize_t count = recv(handle, chunk, sizeof chunk, 0);
      if (count <= 0) break;
      out.insert(out.end(), chunk, chunk + count);
    }
    close(handle);
    return out;
  }
  std::string ldapsearch(std::vector<std::string> arguments, int expected = 0) {
    std::vector<std::string> all{find_program("ldapsearch"), "-x", "-LLL", "-o", "ldif_wrap=no", "-H", server->url()};
    all.insert(all.end(), arguments.begin(), arguments.end());
    Process process(all);
    std::string out = process.output();
    EXPECT_EQ(process.wait(), expected) << out;
    return out;
  }

  Forest forest;
  std::unique_ptr<Server> server;
};

TEST_F(ServerTest, ClientFaults) {
  EXPECT_EQ(code_of(client("CONTOSO\\Administrator", "wrong")), LdapCode::invalidCredentials);
  EXPECT_EQ(code_of(connect({.url = "ldap://127.0.0.1:1"})), LdapCode::unavailable);
  EXPECT_EQ(code_of(connect({.url = "nonsense"})), LdapCode::unavailable);
  auto anonymous = client("", "");
  ASSERT_TRUE(anonymous);
  EXPECT_TRUE(read_naming_contexts(**anonymous));
  const auto refused = (*anonymous)->search({.base = forest.contexts.domain});
  EXPECT_EQ(code_of(refused), LdapCode::operationsError);
  EXPECT_THAT(refused.error().what, HasSubstr("000004DC: "));
}

TEST_F(ServerTest, ClientReconnectsAfterTheServerClosedTheConnection) {
  auto directory = client("CONTOSO\\Administrator", "Passw0rd!");
  ASSERT_TRUE(directory);
  EXPECT_OK(read_entry(**directory, forest.contexts.domain));
  const int port = server->port();
  restart(port);
  EXPECT_OK(read_entry(**directory, forest.contexts.domain));
  restart(port);
  EXPECT_OK(add_user(**directory, forest.contexts, {.name = "jane"}));
  server.reset();
  EXPECT_EQ(code_of(read_entry(**directory, forest.contexts.domain)), LdapCode::unavailable);
}

TEST_F(ServerTest, LongListsAreReadWhole) {
  Entry group(forest.dn("CN=Big"));
  group.set("objectClass", "group");
  for (int i = 0; i < 3200; ++i) {
    Entry contact("CN=m" + std::to_string(i) + ",OU=Domain Controllers," + forest.contexts.domain);
    contact.set("objectClass", "contact");
    EXPECT_OK(forest.system->add(contact));
    group.add("member", contact.dn());
  }
  EXPECT_OK(forest.system->add(group));
  auto directory = client("CONTOSO\\Administrator", "Passw0rd!");
  ASSERT_TRUE(directory);
  EXPECT_EQ((**read_entry(**directory, group.dn())).values("member").size(), 3200U);
  EXPECT_EQ((**read_entry(**directory, group.dn(), {"member"})).values("member").size(), 3200U);
}

TEST_F(ServerTest, ManyClientsAtOnce) {
  std::vector<std::unique_ptr<Directory>> clients;
  for (int i = 0; i < 40; ++i) {
    auto directory = client("CONTOSO\\Administrator", "Passw0rd!");
    ASSERT_TRUE(directory);
    clients.push_back(*std::move(directory));
  }
  for (auto& directory : clients) EXPECT_OK(read_entry(*directory, forest.contexts.domain));
}

TEST_F(ServerTest, GarbageIsAnsweredWithANoticeAndClosed) {
  for (const Bytes& octets :
       {to_bytes("GET / HTTP/1.0\r\n\r\n"), Bytes{0x30, 0x80, 0, 0}, Bytes{0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF},
        Bytes{0x30, 0x03, 0x02, 0x01, 0x01}, Bytes{0x30, 0x83, 0x02, 0, 0}}) {
    const Bytes answer = talk(octets);
    const auto message = decode_message(answer);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->id, 0);
    EXPECT_EQ(std::get<ExtendedResponse>(message->operation).result.code, LdapCode::protocolError);
  }
}

TEST_F(ServerTest, RequestsInOneSegmentAreAllAnswered) {
  Bytes octets;
  for (int i = 1; i <= 200; ++i) {
    const Bytes one = encode_message(
        {i, SearchRequestMessage{"", Scope::base, 0, 0, 0, false, *parse_filter("(objectClass=*)"), {}}});
    octets.insert(octets.end(), one.begin(), one.end());
  }
  const Bytes unbind = encode_message({201, UnbindRequest{}});
  octets.insert(octets.end(), unbind.begin(), unbind.end());
  const Bytes answer = talk(octets);
  BytesView rest = answer;
  int done = 0;
  while (!rest.empty()) {
    const auto length = message_length(rest, rest.size());
    ASSERT_TRUE(length && *length);
    done += std::holds_alternative<ResultResponse>(decode_message(rest.first(**length))->operation) ? 1 : 0;
    rest = rest.subspan(**length);
  }
  EXPECT_EQ(done, 200);
}

TEST_F(ServerTest, PortsThatCannotBeUsed) {
  EXPECT_EQ(code_of(Server::start(*forest.dsa, {.port = server->port()})), LdapCode::unavailable);
  EXPECT_EQ(code_of(Server::start(*forest.dsa, {.port = 70000})), LdapCode::unavailable);
  EXPECT_EQ(code_of(Server::start(*forest.dsa, {.address = "nonsense"})), LdapCode::unavailable);
}

TEST_F(ServerTest, LdapsearchReadsIt) {
  if (find_program("ldapsearch").empty()) GTEST_SKIP() << "ldapsearch is not installed";
  EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "jane", .password = "Secret1!"}));
  const std::vector<std::string> as_jane{"-D", "jane@contoso.com", "-w", "Secret1!", "-b", forest.contexts.domain};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> out = as_jane;
    out.insert(out.end(), more.begin(), more.end());
    return out;
  };
  EXPECT_THAT(ldapsearch({"-b", "", "-s", "base", "defaultNamingContext"}),
              HasSubstr("defaultNamingContext: DC=contoso,DC=com"));
  EXPECT_THAT(ldapsearch(with({"(sAMAccountName=jane)", "cn", "objectSid"})),
              HasSubstr("objectSid:: AQUAAAAAAAUVAAAAAcqaOwKUNXcDXtCyTwQAAA=="));
  EXPECT_THAT(ldapsearch(with({"-E", "pr=10/noprompt", "(objectClass=group)", "cn"})), HasSubstr("cn: Domain Users"));
  EXPECT_THAT(ldapsearch(with({"(cn=Users)", "cn"})),
              HasSubstr("# refldap://contoso.com/CN=Configuration,DC=contoso,DC=com"));
  EXPECT_THAT(ldapsearch(with({"-e", "!1.2.3.4", "(cn=Users)"}), 12), HasSubstr("Critical extension is unavailable"));
  EXPECT_THAT(ldapsearch({"-D", "jane@contoso.com", "-w", "wrong", "-b", ""}, 49), HasSubstr("data 52e"));
  EXPECT_THAT(ldapsearch({"-b", forest.contexts.domain}, 1), HasSubstr("000004DC"));
  EXPECT_THAT(ldapsearch(with({"-z", "2", "(objectClass=group)", "cn"}), 4), HasSubstr("cn: "));
  EXPECT_THAT(ldapsearch({"-b", "CN=Aggregate," + forest.contexts.schema, "-s", "base", "(objectClass=subschema)",
                          "attributeTypes"}),
              HasSubstr("NAME 'pKIExtendedKeyUsage'"));
  const std::string who = find_program("ldapwhoami");
  if (!who.empty()) {
    Process process({who, "-x", "-H", server->url(), "-D", "CONTOSO\\jane", "-w", "Secret1!"});
    EXPECT_THAT(process.output(), HasSubstr("u:CONTOSO\\jane"));
  }
  // StartTLS is refused in a way that clients understand.
  EXPECT_THAT(ldapsearch({"-Z", "-b", "", "-s", "base", "dnsHostName"}), HasSubstr("dnsHostName: dc01.contoso.com"));
}

// python ldap3 reads rootDSE and subschema first, refuses names that the schema does not list, and formats by syntax.
constexpr std::string_view kLdap3 = R"py(
import sys
try:
    import ldap3
except ImportError:
    print("no ldap3")
    sys.exit(0)
url, domain, sid = sys.argv[1:]
server = ldap3.Server(url, get_info=ldap3.ALL)
with ldap3.Connection(server, user="jane@contoso.com", password="Secret1!", auto_bind=True, check_names=True, auto_referrals=False) as c:
    assert server.info.other["defaultNamingContext"] == [domain], server.info.other
    assert "pKICertificateTemplate" in server.schema.object_classes
    assert "msPKI-Certificate-Name-Flag" in server.schema.attribute_types
    assert c.search(domain, "(objectSid=%s)" % sid, attributes=["cn", "objectSid", "objectGUID", "whenCreated", "memberOf", "pwdLastSet"])
    entry = [e for e in c.entries][0]
    assert entry.objectSid.value == sid, entry
    assert entry.objectGUID.value.startswith("{"), entry
    assert entry.whenCreated.value.year == 2024, entry
    assert entry.pwdLastSet.value.year == 2024, entry
    try:
        c.search(domain, "(noSuchAttribute=x)")
        raise SystemExit("the schema was not used")
    except ldap3.core.exceptions.LDAPAttributeError:
        pass
    found = list(c.extend.standard.paged_search(domain, "(objectClass=group)", attributes=["cn"], paged_size=7))
    assert len([e for e in found if e["type"] == "searchResEntry"]) > 40
    base = "CN=Public Key Services,CN=Services,CN=Configuration," + domain
    controls = ldap3.protocol.microsoft.security_descriptor_control(sdflags=5)
    assert c.search(base, "(objectClass=container)", attributes=["nTSecurityDescriptor"], controls=controls)
    assert c.entries[0]["nTSecurityDescriptor"].raw_values
    assert c.extend.standard.who_am_i() == "u:CONTOSO\\jane"
    assert c.search(domain, "(userAccountControl:1.2.840.113556.1.4.803:=8192)", attributes=[ldap3.ALL_ATTRIBUTES])
    assert not c.modify(base, {"description": [(ldap3.MODIFY_REPLACE, ["x"])]})
    assert c.result["result"] == 50, c.result
print("fine")
)py";

TEST_F(ServerTest, Ldap3ReadsIt) {
  EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "jane", .password = "Secret1!"}));
  Process process({"/usr/bin/python3", "-c", std::string(kLdap3), server->url(), forest.contexts.domain,
                   forest.as("jane").token.user.to_string()});
  const std::string output = process.output();
  if (output.empty() || output == "no ldap3\n") GTEST_SKIP() << "python3 with ldap3 is not installed";
  EXPECT_EQ(output, "fine\n");
}

}  // namespace
}  // namespace mimica::ldap
