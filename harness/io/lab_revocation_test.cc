#include "harness/io/lab_revocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mimica::harness {
namespace {

using testing::HasSubstr;

class LabRevocationTest : public testing::Test {
 protected:
  static HttpResponse answer(const HttpRequest& request) {
    return text_response(request.target == "/x.crl" ? 200 : 404, request.method + " " + request.peer);
  }
  std::string problem(const std::string& url) {
    const auto got = source_.fetch(url);
    return got ? "" : got.error().what;
  }
  std::atomic<bool> reachable_ = true;
  LabRevocation source_{"http://127.0.0.1:80", answer, reachable_};
};

TEST_F(LabRevocationTest, OwnUrlsNeedNoConnection) {
  EXPECT_EQ(mimica::to_string(BytesView(*source_.fetch("http://127.0.0.1:80/x.crl"))), "GET \n");
  EXPECT_EQ(mimica::to_string(BytesView(*source_.ask("http://127.0.0.1:80/x.crl", {}))), "POST \n");
  EXPECT_THAT(problem("http://127.0.0.1:80/y.crl"), HasSubstr("404"));
  EXPECT_EQ(source_.at_hand(), nullptr);
}

TEST_F(LabRevocationTest, OthersOnLoopbackAreFetched) {
  const auto server = *HttpServer::start({}, answer);
  const auto got = source_.fetch(server->base_url() + "/x.crl");
  ASSERT_TRUE(got) << got.error().describe();
  EXPECT_THAT(mimica::to_string(BytesView(*got)), HasSubstr("GET 127.0.0.1:"));
  EXPECT_TRUE(source_.ask(server->base_url() + "/x.crl", {}));
  EXPECT_THAT(problem("http://127.0.0.1:8/0/x.crl"), HasSubstr("cannot be reached")) << "not the lab's own";
}

TEST_F(LabRevocationTest, NothingElseIsConnectedTo) {
  for (const char* url : {"http://192.0.2.1/x.crl", "http://pki.contoso.com/x.crl", "http://127.0.0.1.example.com/"}) {
    EXPECT_THAT(problem(url), HasSubstr("a lab fetches only from loopback"));
    EXPECT_FALSE(source_.ask(url, {}));
  }
  EXPECT_NE(problem("https://127.0.0.1/"), "");
  EXPECT_NE(problem("file:///etc/passwd"), "");
}

TEST_F(LabRevocationTest, AnOutageReachesTheDirectory) {
  const auto directory = [] { return Result<Bytes>(Bytes{1}); };
  EXPECT_TRUE(source_.read_directory("ldap:///CN=x", directory));
  reachable_ = false;
  EXPECT_FALSE(source_.read_directory("ldap:///CN=x", directory));
}

}  // namespace
}  // namespace mimica::harness
