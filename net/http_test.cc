#include "net/http.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

HttpRequest request(std::string target) {
  HttpRequest out;
  out.target = std::move(target);
  return out;
}

TEST(HttpRequest, SplitsTheTarget) {
  EXPECT_EQ(request("/a%20b?x=1").path(), "/a b");
  EXPECT_EQ(request("/a?x=1&y").query(), "x=1&y");
  EXPECT_EQ(request("/a").query(), "");
  EXPECT_EQ(request("http://host:80/a+b%2B").path(), "/a+b+");
  EXPECT_EQ(request("http://host").path(), "/");
  EXPECT_FALSE(request("/%4").path());
  EXPECT_FALSE(request("/%zz").path());
  EXPECT_FALSE(request("/%00").path());
}

TEST(HttpHeaders, CompareWithoutCase) {
  HttpResponse response;
  response.set_header("Content-Type", "a");
  response.set_header("content-type", "b");
  EXPECT_EQ(response.headers.size(), 1U);
  EXPECT_EQ(response.header("CONTENT-TYPE"), "b");
  EXPECT_FALSE(response.header("ETag"));
}

TEST(HttpDate, RoundTrips) {
  const Timestamp t = *parse_http_date("Tue, 21 Nov 2000 01:06:53 GMT");
  EXPECT_EQ(to_iso(t), "2000-11-21T01:06:53Z");
  EXPECT_EQ(to_http_date(t), "Tue, 21 Nov 2000 01:06:53 GMT");
  EXPECT_EQ(to_http_date({0}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(to_http_date({-1}), "Wed, 31 Dec 1969 23:59:59 GMT");
  for (const char* bad :
       {"", "2000-11-21", "Tue, 21 Nov 2000 01:06:53", "Tue, 32 Nov 2000 01:06:53 GMT", "Tux, 21 Nov 2000 01:06:53 GMT",
        "Tue, 21 Nov 2000 25:06:53 GMT", "Tue, 2x Nov 2000 01:06:53 GMT"})
    EXPECT_FALSE(parse_http_date(bad)) << bad;
}

TEST(PercentCoding, EncodesWhatIsNotKept) {
  EXPECT_EQ(percent_encode("a b/c"), "a%20b%2Fc");
  EXPECT_EQ(percent_encode("a b/c", "/"), "a%20b/c");
  EXPECT_EQ(percent_decode("a%20b%2fc+"), "a b/c+");
}

TEST(TextResponse, SaysItInWords) {
  const HttpResponse response = text_response(404, "nothing here");
  EXPECT_EQ(to_string(BytesView(response.body)), "nothing here\n");
  EXPECT_EQ(reason_phrase(404), "Not Found");
  EXPECT_EQ(reason_phrase(299), "");
}

}  // namespace
}  // namespace mimica
