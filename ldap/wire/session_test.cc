#include "ldap/wire/session.h"

#include <gmock/gmock.h>

#include "ldap/dsa/protocol.h"
#include "ldap/testing/test_forest.h"
#include "ldap/wire/message_encode.h"

namespace mimica::ldap {
namespace {

using ::testing::ElementsAre;
using testing::Forest;
using ::testing::StartsWith;

class SessionTest : public ::testing::Test {
 protected:
  std::vector<Message> ask(Operation operation, std::vector<Control> controls = {}) {
    return ask_octets(encode_message({++id, std::move(operation), std::move(controls)}));
  }
  std::vector<Message> ask_octets(const Bytes& octets) {
    const auto out = session.handle(octets);
    closed = out.close;
    std::vector<Message> messages;
    BytesView rest = out.octets;
    while (!rest.empty()) {
      const auto length = message_length(rest, rest.size());
      EXPECT_TRUE(length && *length);
      auto message = decode_message(rest.first(**length));
      EXPECT_TRUE(message);
      messages.push_back(*std::move(message));
      rest = rest.subspan(**length);
    }
    return messages;
  }
  template <typename T>
  static ResultFields result(const std::vector<Message>& messages) {
    EXPECT_FALSE(messages.empty());
    const T* last = messages.empty() ? nullptr : std::get_if<T>(&messages.back().operation);
    EXPECT_NE(last, nullptr);
    return last == nullptr ? ResultFields{LdapCode::other} : last->result;
  }
  static std::vector<SearchEntry> entries(const std::vector<Message>& messages) {
    std::vector<SearchEntry> out;
    for (const Message& message : messages)
      if (const auto* entry = std::get_if<SearchEntry>(&message.operation)) out.push_back(*entry);
    return out;
  }
  ResultFields bind(std::string name, std::string password) {
    return result<BindResponse>(
        ask(BindRequest{.name = std::move(name), .credentials = std::move(password), .mechanism = ""}));
  }
  SearchRequestMessage search(std::string_view filter, std::vector<std::string> attributes = {}) const {
    return {forest.contexts.domain, Scope::subtree, 0, 0, 0, false, *parse_filter(filter), std::move(attributes)};
  }
  std::string who() {
    const auto messages = ask(ExtendedRequest{std::string(extension::kWhoAmI), std::nullopt});
    return std::get<ExtendedResponse>(messages.back().operation).value.value_or("none");
  }

  Forest forest;
  Session session{*forest.dsa};
  std::int64_t id = 0;
  bool closed = false;
};

TEST_F(SessionTest, BindsAndSaysWho) {
  EXPECT_EQ(who(), "");
  EXPECT_EQ(bind("Administrator@contoso.com", "Passw0rd!").code, LdapCode::success);
  EXPECT_EQ(who(), "u:CONTOSO\\Administrator");
  const auto refused = bind("Administrator@contoso.com", "wrong");
  EXPECT_EQ(refused.code, LdapCode::invalidCredentials);
  EXPECT_THAT(refused.diagnostic, StartsWith("80090308: LdapErr: "));
  EXPECT_EQ(refused.diagnostic.back(), '\0');
  EXPECT_EQ(who(), "");  // a failed bind leaves nobody bound
  EXPECT_FALSE(closed);
}

TEST_F(SessionTest, OtherBindsAreRefusedProperly) {
  for (const auto method :
       {BindRequest::Method::sasl, BindRequest::Method::sicily_discovery, BindRequest::Method::sicily_negotiate})
    EXPECT_EQ(
        result<BindResponse>(ask(BindRequest{.name = "", .method = method, .credentials = "x", .mechanism = "GSSAPI"}))
            .code,
        LdapCode::authMethodNotSupported);
  EXPECT_EQ(result<BindResponse>(ask(BindRequest{.version = 2, .name = "", .credentials = "", .mechanism = ""})).code,
            LdapCode::protocolError);
}

TEST_F(SessionTest, ExtendedOperations) {
  EXPECT_EQ(result<ExtendedResponse>(ask(ExtendedRequest{std::string(extension::kStartTls), std::nullopt})).code,
            LdapCode::unavailable);
  EXPECT_EQ(result<ExtendedResponse>(ask(ExtendedRequest{"1.2.3", std::nullopt})).code, LdapCode::protocolError);
}

TEST_F(SessionTest, AnonymousIsToldToBind) {
  const auto refused = result<ResultResponse>(ask(search("(cn=*)")));
  EXPECT_EQ(refused.code, LdapCode::operationsError);
  EXPECT_THAT(refused.diagnostic, StartsWith("000004DC: "));
}

TEST_F(SessionTest, Pages) {
  for (int i = 0; i < 25; ++i)
    EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "page" + std::to_string(i)}));
  bind("CONTOSO\\Administrator", "Passw0rd!");
  std::string cookie;
  std::vector<std::string> names;
  int pages = 0;
  do {
    const auto messages = ask(search("(cn=page*)", {"cn"}),
                              {{std::string(control::kPagedResults), true, encode_paged_results({10, cookie})}});
    EXPECT_EQ(result<ResultResponse>(messages).code, LdapCode::success);
    for (const SearchEntry& entry : entries(messages)) names.push_back(entry.attributes.front().values.front());
    ASSERT_EQ(messages.back().controls.size(), 1U);
    cookie = decode_paged_results(as_bytes(*messages.back().controls.front().value))->cookie;
    ++pages;
  } while (!cookie.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names.size(), 25U);
  EXPECT_EQ(names.front(), "page0");
  EXPECT_EQ(names.back(), "page24");
  // An unknown cookie, and giving up.
  EXPECT_EQ(result<ResultResponse>(ask(search("(cn=page*)"), {{std::string(control::kPagedResults), false,
                                                               encode_paged_results({10, "99"})}}))
                .code,
            LdapCode::unwillingToPerform);
  const auto first =
      ask(search("(cn=page*)"), {{std::string(control::kPagedResults), false, encode_paged_results({10, ""})}});
  cookie = decode_paged_results(as_bytes(*first.back().controls.front().value))->cookie;
  EXPECT_TRUE(entries(ask(search("(cn=page*)"),
                          {{std::string(control::kPagedResults), false, encode_paged_results({0, cookie})}}))
                  .empty());
}

TEST_F(SessionTest, SizeLimitsGiveWhatFits) {
  bind("CONTOSO\\Administrator", "Passw0rd!");
  auto request = search("(objectClass=group)");
  request.size_limit = 2;
  const auto messages = ask(request);
  EXPECT_EQ(result<ResultResponse>(messages).code, LdapCode::sizeLimitExceeded);
  EXPECT_EQ(entries(messages).size(), 2U);
}

TEST_F(SessionTest, UnpagedSearchesStopAtAThousand) {
  for (int i = 0; i < 1100; ++i) {
    Entry entry("OU=o" + std::to_string(i) + "," + forest.contexts.domain);
    entry.set("objectClass", "organizationalUnit");
    EXPECT_OK(forest.system->add(entry));
  }
  bind("CONTOSO\\Administrator", "Passw0rd!");
  const auto messages = ask(search("(ou=o*)", {"1.1"}));
  EXPECT_EQ(result<ResultResponse>(messages).code, LdapCode::sizeLimitExceeded);
  EXPECT_EQ(entries(messages).size(), 1000U);
}

TEST_F(SessionTest, RangesOfLongLists) {
  Entry group(forest.dn("CN=Big"));
  group.set("objectClass", "group");
  for (int i = 0; i < 1600; ++i) {
    Entry contact("CN=m" + std::to_string(i) + ",OU=Domain Controllers," + forest.contexts.domain);
    contact.set("objectClass", "contact");
    EXPECT_OK(forest.system->add(contact));
    group.add("member", contact.dn());
  }
  EXPECT_OK(forest.system->add(group));
  bind("CONTOSO\\Administrator", "Passw0rd!");
  const auto member = [&](std::string name) {
    auto found = entries(ask(search("(cn=Big)", {std::move(name)})));
    return found.empty() ? std::vector<Attribute>{} : found.front().attributes;
  };
  const auto plain = member("member");
  ASSERT_EQ(plain.size(), 2U);
  EXPECT_EQ(plain[0].name, "member");
  EXPECT_TRUE(plain[0].values.empty());
  EXPECT_EQ(plain[1].name, "member;range=0-1499");
  EXPECT_EQ(plain[1].values.size(), 1500U);
  const auto rest = member("member;range=1500-*");
  EXPECT_EQ(rest.front().name, "member;range=1500-*");
  EXPECT_EQ(rest.front().values.size(), 100U);
  EXPECT_EQ(member("member;Range=0-2").front().name, "member;range=0-2");
  EXPECT_EQ(result<ResultResponse>(ask(search("(cn=Big)", {"member;range=5000-*"}))).code, LdapCode::operationsError);
}

TEST_F(SessionTest, NamesAndOptionsAreEchoed) {
  EXPECT_OK(add_user(*forest.admin, forest.contexts, {.name = "jane"}));
  EXPECT_OK(forest.admin->modify(forest.dn("CN=jane"), {testing::add_to("userCertificate", {"der"})}));
  bind("CONTOSO\\Administrator", "Passw0rd!");
  const auto found = entries(ask(search("(userCertificate;binary=der)", {"USERCERTIFICATE;binary", "noSuch"})));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found.front().attributes, ElementsAre(Attribute{"userCertificate;binary", {"der"}}));
  auto types = search("(cn=jane)", {"cn"});
  types.types_only = true;
  EXPECT_THAT(entries(ask(types)).front().attributes, ElementsAre(Attribute{"cn", {}}));
}

TEST_F(SessionTest, CriticalControls) {
  bind("CONTOSO\\Administrator", "Passw0rd!");
  const auto code = [&](Control control) {
    return result<ResultResponse>(ask(search("(cn=Users)"), {std::move(control)})).code;
  };
  EXPECT_EQ(code({"1.2.3.4", true, std::nullopt}), LdapCode::unavailableCriticalExtension);
  EXPECT_EQ(code({"1.2.3.4", false, std::nullopt}), LdapCode::success);
  EXPECT_EQ(code({std::string(control::kPagedResults), true, "junk"}), LdapCode::unavailableCriticalExtension);
  EXPECT_EQ(code({std::string(control::kSdFlags), true, encode_flags(7)}), LdapCode::success);
  EXPECT_EQ(code({std::string(control::kSdFlags), true, std::nullopt}), LdapCode::success);
  EXPECT_EQ(code({std::string(control::kDomainScope), true, std::nullopt}), LdapCode::success);
  EXPECT_EQ(code({std::string(control::kSearchOptions), true, encode_flags(1)}), LdapCode::success);
  EXPECT_EQ(code({std::string(control::kPermissiveModify), true, std::nullopt}), LdapCode::success);
  EXPECT_EQ(code({std::string(control::kShowDeleted), true, std::nullopt}), LdapCode::success);
  EXPECT_EQ(result<ResultResponse>(ask(DeleteRequest{"CN=x"}, {{"1.2.3", true, std::nullopt}})).code,
            LdapCode::unavailableCriticalExtension);
  // The rootDSE with the control that SharpHound always sends.
  auto root = search("(objectClass=*)");
  root.base.clear();
  root.scope = Scope::base;
  EXPECT_EQ(entries(ask(root, {{std::string(control::kSearchOptions), true, encode_flags(1)}})).size(), 1U);
}

TEST_F(SessionTest, References) {
  bind("CONTOSO\\Administrator", "Passw0rd!");
  const auto messages = ask(search("(cn=Users)"));
  ASSERT_EQ(messages.size(), 4U);  // the container, BUILTIN\Users, one reference, done
  EXPECT_THAT(std::get<SearchReference>(messages[2].operation).urls,
              ElementsAre("ldap://contoso.com/" + forest.contexts.configuration));
  EXPECT_EQ(ask(search("(cn=Users)"), {{std::string(control::kDomainScope), false, std::nullopt}}).size(), 3U);
  auto outside = search("(cn=*)");
  outside.base = "DC=other,DC=example";
  const auto referral = result<ResultResponse>(ask(outside));
  EXPECT_EQ(referral.code, LdapCode::referral);
  EXPECT_THAT(referral.referrals, ElementsAre("ldap://other.example/DC=other,DC=example"));
  auto missing = search("(cn=*)");
  missing.base = "CN=nobody,CN=Users," + forest.contexts.domain;
  EXPECT_EQ(result<ResultResponse>(ask(missing)).matched_dn, "CN=Users," + forest.contexts.domain);
}

TEST_F(SessionTest, Writes) {
  bind("CONTOSO\\Administrator", "Passw0rd!");
  const std::string dn = forest.dn("CN=jane");
  EXPECT_EQ(result<ResultResponse>(ask(AddRequest{dn, {{"objectClass", {"user"}}, {"sAMAccountName", {"jane"}}}})).code,
            LdapCode::success);
  EXPECT_EQ(result<ResultResponse>(ask(AddRequest{dn, {{"objectClass", {"user"}}}})).code,
            LdapCode::entryAlreadyExists);
  EXPECT_EQ(result<ResultResponse>(ask(ModifyRequest{dn, {{2, {"mail", {"a@b"}}}}})).code, LdapCode::success);
  EXPECT_EQ(result<ResultResponse>(ask(ModifyRequest{dn, {{3, {"mail", {"1"}}}}})).code, LdapCode::protocolError);
  EXPECT_EQ(result<ResultResponse>(ask(ModifyRequest{dn, {{0, {"mail", {}}}}})).code, LdapCode::protocolError);
  EXPECT_EQ(result<ResultResponse>(ask(ModifyRequest{dn, {{1, {"info", {}}}}})).code, LdapCode::noSuchAttribute);
  EXPECT_EQ(result<ResultResponse>(ask(ModifyRequest{dn, {{1, {"info", {}}}}},
                                       {{std::string(control::kPermissiveModify), true, std::nullopt}}))
                .code,
            LdapCode::success);
  EXPECT_EQ(result<ResultResponse>(ask(CompareRequest{dn, "mail", "A@B"})).code, LdapCode::compareTrue);
  EXPECT_EQ(result<ResultResponse>(ask(CompareRequest{dn, "mail", "c"})).code, LdapCode::compareFalse);
  EXPECT_EQ(result<ResultResponse>(ask(ModifyDnRequest{dn, "CN=joan", true, std::nullopt})).code, LdapCode::success);
  EXPECT_EQ(result<ResultResponse>(ask(DeleteRequest{forest.dn("CN=joan")})).code, LdapCode::success);
  EXPECT_TRUE(ask(AbandonRequest{1}).empty());
  EXPECT_FALSE(closed);
  EXPECT_TRUE(ask(UnbindRequest{}).empty());
  EXPECT_TRUE(closed);
}

TEST_F(SessionTest, GarbageEndsWithANotice) {
  for (const Bytes& octets : {Bytes{0x30, 0x00}, to_bytes("GET / HTTP/1.1\r\n"), encode_message({0, UnbindRequest{}}),
                              encode_message({1, SearchReference{{"ldap://x"}}})}) {
    const auto messages = ask_octets(octets);
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages.front().id, 0);
    const auto& notice = std::get<ExtendedResponse>(messages.front().operation);
    EXPECT_EQ(notice.name, std::string(extension::kNoticeOfDisconnection));
    EXPECT_EQ(notice.result.code, LdapCode::protocolError);
    EXPECT_TRUE(closed);
  }
}

}  // namespace
}  // namespace mimica::ldap
