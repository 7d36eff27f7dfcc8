#include "kdc/krb5/krb5kdc_messages.h"

#include <gtest/gtest.h>

#include "core/asn1/der.h"

namespace mimica::kdc::krb5kdc {
namespace {

const Principal kJane{name_type::kEnterprise, {"jane@contoso.com"}, "CONTOSO.COM"};
const Principal kWeb{name_type::kService, {"HTTP", "web.contoso.com"}, "CONTOSO.COM"};

template <typename T>
T value(Result<T> result) {
  EXPECT_TRUE(result) << (result ? "" : result.error().describe());
  return result ? *std::move(result) : T{};
}

TEST(Krb5kdcMessages, QueriesComeBackAsTheyWere) {
  const std::vector<Query> queries = {PrincipalQuery{kJane, true}, PrincipalQuery{kWeb, false},
                                      AuthorizeQuery{kJane, {1, 2, 3}, {{4}, {}}},
                                      AuditNotice{kJane, kWeb, 66, "127.0.0.1", 0xFFFFFFFF}};
  for (const Query& query : queries) EXPECT_EQ(value(parse_query(encode(query))), query);
}

TEST(Krb5kdcMessages, AnswersComeBackAsTheyWere) {
  PrincipalAnswer known{true,  kWeb, 3,  {{18, Bytes(32, 7), "CONTOSO.COMjane"}, {17, Bytes(16, 8), ""}},
                        false, true, 18, "disabled"};
  const std::vector<Answer> answers = {PrincipalAnswer{}, known, AuthorizeAnswer{75, "kdc.mapping.found", {"pkinit"}},
                                       AuditAnswer{}, FailureAnswer{"directory down"}};
  for (const Answer& answer : answers) EXPECT_EQ(value(parse_answer(encode(answer))), answer);
}

TEST(Krb5kdcMessages, EveryCutAndEveryAdditionIsAFault) {
  const Bytes whole = encode(Query{AuthorizeQuery{kJane, {1, 2, 3}, {{4}}}});
  for (std::size_t n = 0; n < whole.size(); ++n) EXPECT_FALSE(parse_query(BytesView(whole).first(n))) << n;
  Bytes longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(parse_query(longer));
}

TEST(Krb5kdcMessages, BoundsAreKept) {
  EXPECT_FALSE(parse_query(der::tlv(tag::context_constructed(9), {})));
  EXPECT_FALSE(parse_query(encode(Query{AuthorizeQuery{kJane, {}, std::vector<Bytes>(kMaxElements + 1)}})));
  EXPECT_TRUE(parse_query(encode(Query{AuthorizeQuery{kJane, {}, std::vector<Bytes>(kMaxElements)}})));
  const Bytes wide = der::tlv(tag::context_constructed(1),
                              {der::integer(std::int64_t{1} << 40), der::octet_string({}), der::sequence({})});
  EXPECT_FALSE(parse_answer(wide)) << "the error does not fit";
}

TEST(Krb5kdcMessages, PrincipalsPrintAsPeopleWriteThem) {
  EXPECT_EQ(to_string(kWeb), "HTTP/web.contoso.com@CONTOSO.COM");
}

}  // namespace
}  // namespace mimica::kdc::krb5kdc
