#include "net/http_url.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

TEST(HttpUrlTest, IsTakenApart) {
  const auto url = parse_http_url("HTTP://PKI.contoso.com:8080/CertEnroll/a%20b.crl?x=/y");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "pki.contoso.com");
  EXPECT_EQ(url->port, "8080");
  EXPECT_EQ(url->target, "/CertEnroll/a%20b.crl?x=/y");
  EXPECT_EQ(url->authority(), "pki.contoso.com:8080");
  EXPECT_EQ(parse_http_url("http://a")->target, "/");
  EXPECT_EQ(parse_http_url("http://a:")->authority(), "a");
  EXPECT_EQ(parse_http_url("http://a?b")->target, "/?b");
  const auto v6 = parse_http_url("http://[::1]:81/x");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->authority(), "[::1]:81");
}

TEST(HttpUrlTest, NonsenseIsRefused) {
  for (const char* url : {"",
                          "a",
                          "https://a/",
                          "ldap:///x",
                          "http://",
                          "http:///x",
                          "http://user@a/",
                          "http://user:pw@a/",
                          "http://a/#x",
                          "http://a:0/",
                          "http://a:65536/",
                          "http://a:8x/",
                          "http://[::1",
                          "http://[a]/",
                          "http://[::1]x/",
                          "http://a b/",
                          "http://a/\r\nX: y",
                          "http://a/\x7F",
                          "http://\xC3\xA4/",
                          "http://a\\b/",
                          "http://a/ ",
                          "file:///etc/passwd"})
    EXPECT_FALSE(parse_http_url(url)) << url;
  EXPECT_FALSE(parse_http_url("http://a/" + std::string(10000, 'x')));
}

TEST(HttpUrlTest, LoopbackIsToldByTheText) {
  for (const char* url : {"http://127.0.0.1/", "http://127.255.0.3:80/x", "http://[::1]/", "http://LOCALHOST:1/"})
    EXPECT_TRUE(is_loopback(*parse_http_url(url))) << url;
  for (const char* url : {"http://128.0.0.1/", "http://127.0.0.1.example.com/", "http://localhost.example.com/",
                          "http://10.0.0.1/", "http://[::2]/", "http://127.0.1/", "http://127.0.0.256/"})
    EXPECT_FALSE(is_loopback(*parse_http_url(url))) << url;
}

}  // namespace
}  // namespace mimica
