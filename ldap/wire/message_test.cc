#include "ldap/wire/message.h"

#include <gtest/gtest.h>

#include "core/base/entropy.h"
#include "ldap/wire/message_encode.h"

namespace mimica::ldap {
namespace {

Bytes hex(std::string_view text) { return *from_hex(text); }

void expect_round_trip(const Message& message) {
  const Bytes octets = encode_message(message);
  const auto length = message_length(octets, octets.size());
  ASSERT_TRUE(length && *length);
  EXPECT_EQ(**length, octets.size());
  const auto again = decode_message(octets);
  ASSERT_TRUE(again) << again.error().describe();
  EXPECT_TRUE(*again == message);
}

TEST(Message, EveryOperationSurvives) {
  const std::vector<Control> controls{
      {"1.2.3", true, "value"}, {"1.2.4", false, std::nullopt}, {"1.2.5", true, std::nullopt}};
  const std::string big(70000, 'x');
  const std::vector<Attribute> attributes{
      {"cn", {"a", "b"}}, {"member", {}}, {"userCertificate;binary", {big, std::string("\0", 1)}}};
  for (const Operation& operation : std::vector<Operation>{
           BindRequest{.name = "CN=x", .credentials = "pw", .mechanism = ""},
           BindRequest{
               .name = "", .method = BindRequest::Method::sasl, .credentials = "token", .mechanism = "GSS-SPNEGO"},
           BindRequest{.name = "",
           .method = BindRequest::Method::sasl,
           .credentials = "",
           .mechanism = "EXTERNAL",
           .has_credentials = false},
           BindRequest{.name = "NTLM",
           .method = BindRequest::Method::sicily_negotiate,
           .credentials = "NTLMSSP",
           .mechanism = ""},
           UnbindRequest{},
           SearchRequestMessage{"DC=x",
                                Scope::subtree,
                                3,
                                1000,
                                120,
                                true,
                                *parse_filter("(&(a=1)(|(b=*)(!(c=x*y*z)))(d>=1)(e<=2)(f~=3)(g:dn:1.2.3:=4)(:1.2:=5))"),
                                {"cn", "*", "member;range=0-*"}},
           ModifyRequest{"CN=x", {{0, {"cn", {"a"}}}, {1, {"sn", {}}}, {2, {"mail", {"b", "c"}}}, {3, {"n", {"1"}}}}},
           AddRequest{"CN=x", attributes},
           DeleteRequest{"CN=x"},
           ModifyDnRequest{"CN=x", "CN=y", true, std::nullopt},
           ModifyDnRequest{"CN=x", "CN=y", false, "DC=z"},
           CompareRequest{"CN=x", "cn", "y"},
           AbandonRequest{0x7FFFFFFF},
           AbandonRequest{1},
           AbandonRequest{128},
           ExtendedRequest{"1.2.3", std::nullopt},
           ExtendedRequest{"1.2.3", "v"},
           BindResponse{{LdapCode::invalidCredentials, "DC=x", "text", {}}, "creds"},
           SearchEntry{"CN=x", attributes},
           SearchReference{{"ldap://a", "ldap://b"}},
           ResultResponse{ResultResponse::Kind::search_done, {LdapCode::referral, "", "", {"ldap://x"}}},
           ResultResponse{ResultResponse::Kind::compare, {LdapCode::compareTrue, "", "", {}}},
           ExtendedResponse{{}, "1.2.3", "value"}}) {
    expect_round_trip({1, operation});
    expect_round_trip({0x7FFFFFFF, operation, controls});
  }
}

TEST(Message, ReadsWhatOtherEncodersWrite) {
  // A bind with lengths in long form, as some libraries always write them.
  const auto good = decode_message(hex("308400000010 020101 608400000007 0201030400 8000"));
  ASSERT_TRUE(good) << good.error().describe();
  EXPECT_EQ(std::get<BindRequest>(good->operation).version, 3);
  // ldapsearch's request for the rootDSE.
  const auto search =
      decode_message(hex("3025 020101 6320 0400 0a0100 0a0100 020100 020100 010100 870b6f626a656374436c617373 3000"));
  ASSERT_TRUE(search) << search.error().describe();
  EXPECT_EQ(filter_text(std::get<SearchRequestMessage>(search->operation).filter), "(objectClass=*)");
}

TEST(Message, RefusesBrokenOctets) {
  for (const std::string_view text :
       {"", "30", "3000", "3003020101", "30060201016000", "3080 020101 4200 0000", "31050201014200", "300502010142",
        "30060201014200ff", "3005028101 4200", "3005 0201ff 4200", "300702050100000000 4200", "30050201015f00",
        "300802010163030401ff", "300c 020101 4200 a005 3003 0101ff", "3084ffffffff020101",
        "30 88ffffffffffffffff 020101"})
    EXPECT_FALSE(decode_message(hex(text))) << text;
}

TEST(Message, BoundsFilterDepth) {
  const auto nested = [](std::size_t depth) {
    Filter filter = Filter::present_of("a");
    for (std::size_t i = 1; i < depth; ++i) {
      Filter outer;
      outer.kind = Filter::Kind::negation;
      outer.children.push_back(std::move(filter));
      filter = std::move(outer);
    }
    return encode_message({1, SearchRequestMessage{"", Scope::base, 0, 0, 0, false, std::move(filter), {}}});
  };
  EXPECT_TRUE(decode_message(nested(kMaxFilterDepth)));
  EXPECT_FALSE(decode_message(nested(kMaxFilterDepth + 1)));
}

TEST(Message, LengthsAreToldEarly) {
  const std::size_t limit = 1000;
  EXPECT_FALSE(*message_length(Bytes{}, limit));
  EXPECT_FALSE(*message_length(hex("30"), limit));
  EXPECT_FALSE(*message_length(hex("3082"), limit));
  EXPECT_EQ(**message_length(hex("30820100"), limit), 260U);
  EXPECT_EQ(**message_length(hex("300c02"), limit), 14U);
  EXPECT_FALSE(message_length(hex("30820400"), limit));
  EXPECT_FALSE(message_length(hex("30847fffffff"), limit));
  EXPECT_FALSE(message_length(hex("3080"), limit));
  EXPECT_FALSE(message_length(hex("474554"), limit));  // GET
  EXPECT_FALSE(message_length(hex("1603"), limit));    // TLS
}

TEST(Message, ControlValues) {
  EXPECT_EQ(to_hex(as_bytes(encode_paged_results({200, ""}))), "3006020200c80400");
  const auto paged = decode_paged_results(hex("30070202 00c8 040131"));
  ASSERT_TRUE(paged);
  EXPECT_EQ(paged->size, 200);
  EXPECT_EQ(paged->cookie, "1");
  EXPECT_FALSE(decode_paged_results(hex("3003020101")));
  EXPECT_FALSE(decode_paged_results(hex("30060202ffff0400")));
  EXPECT_EQ(to_hex(as_bytes(encode_flags(7))), "3003020107");
  EXPECT_EQ(*decode_flags(hex("3003020105")), 5);
  EXPECT_FALSE(decode_flags(Bytes{}));
}

TEST(Message, RandomDamageNeverConfuses) {
  SeededEntropy entropy("damage");
  const Bytes good = encode_message(
      {7,
       SearchRequestMessage{"DC=x", Scope::subtree, 0, 0, 0, false, *parse_filter("(&(cn=a*b)(x=y))"), {"cn"}},
       {{"1.2", true, "v"}}});
  for (int round = 0; round < 5000; ++round) {
    Bytes bad = good;
    const std::uint32_t where = entropy.u32();
    bad[where % bad.size()] = static_cast<std::uint8_t>(where >> 16);
    if (where % 5 == 0) bad.resize(where % bad.size());
    const auto message = decode_message(bad);
    EXPECT_TRUE(!message || decode_message(encode_message(*message)).has_value());
  }
}

}  // namespace
}  // namespace mimica::ldap
