#include "ca/faces/publication/publication.h"

#include <gtest/gtest.h>

#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

HttpRequest get(const std::string& target, HttpHeaders headers = {}) {
  HttpRequest request;
  request.target = target;
  request.headers = std::move(headers);
  return request;
}

class PublicationTest : public testing::Test {
 protected:
  void SetUp() override {
    lab.config.CommonName = "CONTOSO CA & Co";
    lab.start();
    lab.add_user("jane", "jane@contoso.com");
  }
  HttpResponse serve(const HttpRequest& request) { return serve_publication(request, *lab.ca); }
  TestLab lab;
};

TEST_F(PublicationTest, ServesExactlyTheUrlsInCertificates) {
  const SubmitOutcome outcome =
      must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}));
  const Certificate certificate = must(Certificate::parse(outcome.certificate));
  int served = 0;
  for (const Certificate* subject : {&certificate, &lab.ca->ca_certificate()}) {
    const Certificate& issuer = subject == &certificate ? lab.ca->ca_certificate() : lab.ca->identity().root;
    for (const std::string& url :
         must(ext::parse_distribution_points(subject->extension(oids::kCrlDistributionPoints)->value))) {
      if (!starts_with_ignore_case(url, "http://127.0.0.1:8080/")) continue;
      const HttpResponse response = serve(get(url.substr(21)));
      ASSERT_EQ(response.status, 200) << url;
      EXPECT_EQ(response.header("Content-Type"), "application/pkix-crl");
      EXPECT_TRUE(must(must(Crl::parse(response.body)).signed_by(issuer.public_key()))) << url;
      ++served;
    }
    for (const auto& access :
         must(ext::parse_authority_info_access(subject->extension(oids::kAuthorityInfoAccess)->value))) {
      if (!starts_with_ignore_case(access.url, "http://127.0.0.1:8080/")) continue;
      const HttpResponse response = serve(get(access.url.substr(21)));
      ASSERT_EQ(response.status, 200) << access.url;
      EXPECT_EQ(response.header("Content-Type"), "application/pkix-cert");
      EXPECT_EQ(response.body, issuer.der());
      ++served;
    }
  }
  EXPECT_EQ(served, 4);
}

TEST_F(PublicationTest, SanitizedNamesAndEscapes) {
  EXPECT_EQ(serve(get("/CertEnroll/CONTOSO%20CA%20!0026%20Co.crl")).status, 200);
  EXPECT_EQ(serve(get("/certenroll/contoso%20ca%20!0026%20co.CRL")).status, 200);
  EXPECT_EQ(serve(get("/CertEnroll/CONTOSO%20CA%20%210026%20Co.crl")).status, 200);
  EXPECT_EQ(serve(get("/CertEnroll/ca01.contoso.com_CONTOSO%20CA%20!0026%20Co.crt")).status, 200);
}

TEST_F(PublicationTest, ServesDeltaListsUnderBothSpellings) {
  const HttpResponse raw = serve(get("/CertEnroll/CONTOSO%20CA%20!0026%20Co+.crl"));
  ASSERT_EQ(raw.status, 200);
  EXPECT_EQ(raw.header("Content-Type"), "application/pkix-crl");
  EXPECT_EQ(raw.body, must(lab.ca->current_delta_crl())->CRLRawCRL);
  EXPECT_EQ(serve(get("/CertEnroll/CONTOSO%20CA%20!0026%20Co%2B.crl")).body, raw.body);
}

TEST_F(PublicationTest, AnswersConditionalRequests) {
  const std::string path = "/CertEnroll/CONTOSO%20CA%20!0026%20Co.crl";
  const HttpResponse full = serve(get(path));
  const std::string tag(*full.header("ETag"));
  const std::string date(*full.header("Last-Modified"));
  EXPECT_EQ(date, "Wed, 20 Nov 2024 08:00:00 GMT");
  const HttpResponse unchanged = serve(get(path, {{"If-None-Match", "\"x\", W/" + tag}}));
  EXPECT_EQ(unchanged.status, 304);
  EXPECT_TRUE(unchanged.body.empty());
  EXPECT_EQ(unchanged.header("ETag"), tag);
  EXPECT_EQ(serve(get(path, {{"If-None-Match", "*"}})).status, 304);
  EXPECT_EQ(serve(get(path, {{"If-None-Match", "\"other\""}, {"If-Modified-Since", date}})).status, 200);
  EXPECT_EQ(serve(get(path, {{"If-Modified-Since", date}})).status, 304);
  EXPECT_EQ(serve(get(path, {{"If-Modified-Since", "Wed, 20 Nov 2024 07:59:59 GMT"}})).status, 200);
  EXPECT_EQ(serve(get(path, {{"If-Modified-Since", "yesterday"}})).status, 200);
  lab.clock.advance(8 * kDay);  // a new list has another tag
  EXPECT_EQ(serve(get(path, {{"If-None-Match", tag}})).status, 200);
}

TEST_F(PublicationTest, RefusesWithWords) {
  HttpRequest head = get("/CertEnroll/CONTOSO%20CA%20!0026%20Co.crl");
  head.method = "HEAD";
  EXPECT_TRUE(serve(head).head_only);
  EXPECT_FALSE(serve(head).body.empty());
  HttpRequest post = head;
  post.method = "POST";
  const HttpResponse not_allowed = serve(post);
  EXPECT_EQ(not_allowed.status, 405);
  EXPECT_EQ(not_allowed.header("Allow"), "GET, HEAD");
  const HttpResponse missing = serve(get("/CertEnroll/other.crl"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_NE(mimica::to_string(BytesView(missing.body)).find("/CertEnroll/CONTOSO CA !0026 Co.crl"), std::string::npos);
  EXPECT_EQ(serve(get("/CertEnroll/%zz")).status, 400);
  EXPECT_EQ(serve(get("/CertEnroll/../secret")).status, 404);
  const auto files = must(lab.ca->published_files());
  EXPECT_TRUE(is_publication_path(get("/CertEnroll/x"), files));
  EXPECT_FALSE(is_publication_path(get("/certsrv/"), files));
}

}  // namespace
}  // namespace mimica::ca
