#include "kdc/io/http_revocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pki/ocsp.h"
#include "kdc/testing/testing_lab.h"
#include "net/io/http_server.h"

namespace mimica::kdc {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class OverHttp : public DirectoryLab {
 protected:
  std::string url(std::string_view path) const { return server_->base_url() + std::string(path); }
  HttpResponse answer(const HttpRequest& request) const {
    if (request.target == "/gone") return text_response(404, "gone");
    HttpResponse response;
    response.body = request.target == "/ocsp"  ? test_pki().ca.ocsp(certificate_, status_, kNow - kHour)
                    : request.target == "/crl" ? test_pki().ca.crl({}, kNow - kDay, kNow + kDay)
                                               : Bytes(2000);
    const bool posted = request.method == "POST" && request.header("Content-Type") == "application/ocsp-request";
    if ((request.target == "/ocsp") != posted) response.status = 400;
    return response;
  }
  LogonDecision log_on(const std::string& ocsp_path, const std::string& crl_path) {
    LeafSpec spec = jane_spec();
    spec.ocsp_urls = {url(ocsp_path)};
    spec.crl_urls = {url(crl_path)};
    certificate_ = test_pki().ca.issue(spec);
    HttpRevocation online(HttpRevocationOptions{2000, 1500});
    return must(logon(*directory, online, {"jane", certificate_, {}}, {}, kNow));
  }

  Certificate certificate_;
  OcspStatus status_ = OcspStatus::good;
  std::unique_ptr<HttpServer> server_ =
      must(HttpServer::start({}, [this](const HttpRequest& request) { return answer(request); }));
};

TEST_F(OverHttp, ResponderAndDistributionPointAnswer) {
  expect_rule(log_on("/ocsp", "/gone"), "");
  expect_rule(log_on("/gone", "/crl"), "");
  status_ = OcspStatus::revoked;
  expect_rule(log_on("/ocsp", "/crl"), "kdc.chain.revocation");
}

TEST_F(OverHttp, WhatWentWrongIsTold) {
  const auto gone = log_on("/gone", "/gone");
  expect_rule(gone, "kdc.chain.revocation");
  EXPECT_THAT(gone.decision.trace.deciding()->found, HasSubstr("answers 404 Not Found"));
  EXPECT_THAT(log_on("/gone", "/large").decision.trace.deciding()->found, HasSubstr("more than 1500 octets"));
  server_.reset();
  HttpRevocation online;
  EXPECT_EQ(online.at_hand(), nullptr);
  EXPECT_THAT(online.fetch("http://127.0.0.1:1/").error().what, HasSubstr("cannot be reached"));
  EXPECT_THAT(online.fetch("ldap://dc01/x").error().what, HasSubstr("no http URL"));
}

}  // namespace
}  // namespace mimica::kdc
