#include "ca/faces/publication/ocsp.h"

#include <gtest/gtest.h>

#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

class OcspTest : public testing::Test {
 protected:
  void SetUp() override {
    lab.start();
    lab.add_user("jane", "jane@contoso.com");
    lab.allow_enroll("OCSPResponseSigning",
                     must(ldap::account_by_any_name(*lab.directory, lab.contexts, "CA01$"))->sid);
    if (!must(lab.ca->set_template_published("OCSPResponseSigning", true, ""))) throw std::runtime_error("publish");
    options.account = "CA01$";
    make();
  }
  void make() { responder = std::make_unique<OcspResponder>(*lab.ca, lab.keys, lab.clock, options); }
  Certificate issue() {
    const SubmitOutcome outcome =
        must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}));
    return must(Certificate::parse(outcome.certificate));
  }
  Result<OcspEntry> ask(const Certificate& certificate, const Certificate& issuer, Bytes nonce = {},
                        Digest hash = Digest::sha1) {
    const Bytes der = responder->answer(make_ocsp_request({{ocsp_cert_id(certificate, issuer, hash)}, nonce}));
    return judge_ocsp_response(der, {certificate, issuer, lab.clock.now(), nonce});
  }
  OcspResponseStatus status_of(BytesView request) {
    return must(parse_ocsp_response(responder->answer(request))).status;
  }
  TestLab lab;
  OcspResponderOptions options;
  std::unique_ptr<OcspResponder> responder;
};

TEST_F(OcspTest, AnswersFromTheLists) {
  const Certificate leaf = issue();
  const Certificate ca = lab.ca->ca_certificate();
  OcspEntry entry = must(ask(leaf, ca));
  EXPECT_EQ(entry.status, OcspStatus::good);
  EXPECT_EQ(entry.this_update, must(lab.ca->current_delta_crl())->CRLThisUpdate);
  EXPECT_EQ(*entry.next_update, must(lab.ca->current_delta_crl())->CRLNextUpdate);
  EXPECT_EQ(must(ask(leaf, ca, {}, Digest::sha256)).status, OcspStatus::good);
  EXPECT_TRUE(must(lab.ca->revoke(leaf.serial_hex(), 4, "")));
  EXPECT_EQ(must(ask(leaf, ca)).status, OcspStatus::good);  // until a list says it
  EXPECT_TRUE(must(lab.ca->publish_crl("", {CrlPublication::Lists::delta})));
  entry = must(ask(leaf, ca));
  EXPECT_EQ(entry.status, OcspStatus::revoked);
  EXPECT_EQ(entry.reason, 4);
  EXPECT_EQ(entry.revoked_at, lab.clock.now());
}

TEST_F(OcspTest, AReleaseInADeltaCounts) {
  const Certificate leaf = issue();
  EXPECT_TRUE(must(lab.ca->revoke(leaf.serial_hex(), 6, "")));
  EXPECT_TRUE(must(lab.ca->publish_crl("")));
  EXPECT_EQ(must(ask(leaf, lab.ca->ca_certificate())).reason, 6);
  EXPECT_TRUE(must(lab.ca->revoke(leaf.serial_hex(), -1, "")));
  lab.clock.advance(13 * kHour);
  EXPECT_TRUE(must(lab.ca->publish_crl("", {CrlPublication::Lists::delta})));
  EXPECT_EQ(must(ask(leaf, lab.ca->ca_certificate())).status, OcspStatus::good);
}

TEST_F(OcspTest, TheSignerIsDelegatedAndRenewsItself) {
  const Certificate leaf = issue();
  const Certificate signer = must(responder->signing_certificate(0));
  EXPECT_EQ(signer.extended_key_usage(), std::vector<Oid>{kOcspSigning});
  EXPECT_NE(signer.extension(oids::kOcspNoCheck), nullptr);
  EXPECT_EQ(signer.extension(oids::kCrlDistributionPoints), nullptr);
  EXPECT_EQ(signer.extension(oids::kAuthorityInfoAccess), nullptr);
  EXPECT_EQ(signer.not_after() - signer.not_before(), 14 * kDay);
  lab.clock.advance(11 * kDay);
  EXPECT_EQ(must(responder->signing_certificate(0)).der(), signer.der());
  lab.clock.advance(2 * kDay);
  EXPECT_NE(must(responder->signing_certificate(0)).der(), signer.der());
  EXPECT_TRUE(ask(leaf, lab.ca->ca_certificate()));
  lab.clock.set(leaf.not_before() + kHour);  // clocks of labs go back too
  EXPECT_LE(must(responder->signing_certificate(0)).not_before(), lab.clock.now());
}

TEST_F(OcspTest, WithoutACertificateItSaysSo) {
  options.account = "jane";
  make();
  const Certificate leaf = issue();
  EXPECT_EQ(status_of(make_ocsp_request({{ocsp_cert_id(leaf, lab.ca->ca_certificate())}, {}})),
            OcspResponseStatus::internal_error);
  const auto signer = responder->signing_certificate(0);
  ASSERT_FALSE(signer);
  EXPECT_EQ(signer.error().code, Code{HResult::CERTSRV_E_TEMPLATE_DENIED});
}

TEST_F(OcspTest, EachKeyOfTheCaAnswersForItsOwn) {
  const Certificate old_ca = lab.ca->ca_certificate();
  const Certificate old_leaf = issue();
  EXPECT_TRUE(must(lab.ca->renew(true, lab.keys, "")));
  const Certificate new_ca = lab.ca->ca_certificate();
  const Certificate new_leaf = issue();
  EXPECT_TRUE(must(lab.ca->revoke(old_leaf.serial_hex(), 1, "")));
  EXPECT_TRUE(must(lab.ca->publish_crl("")));
  EXPECT_EQ(must(ask(old_leaf, old_ca)).status, OcspStatus::revoked);
  EXPECT_EQ(must(ask(new_leaf, new_ca)).status, OcspStatus::good);
  EXPECT_TRUE(must(must(responder->signing_certificate(0)).signed_by(old_ca.public_key())));
  EXPECT_TRUE(must(must(responder->signing_certificate(1)).signed_by(new_ca.public_key())));
  EXPECT_FALSE(responder->signing_certificate(2));
  // Questions about both at once have no one who could sign the answer.
  EXPECT_EQ(status_of(make_ocsp_request({{ocsp_cert_id(old_leaf, old_ca), ocsp_cert_id(new_leaf, new_ca)}, {}})),
            OcspResponseStatus::unauthorized);
}

TEST_F(OcspTest, UnknownSerialNumbers) {
  const Certificate ca = lab.ca->ca_certificate();
  OcspCertId id = ocsp_cert_id(issue(), ca);
  id.serial = {0x12, 0x34};
  const Bytes request = make_ocsp_request({{id}, {}});
  EXPECT_EQ(must(parse_ocsp_response(responder->answer(request))).entries.at(0).status, OcspStatus::good);
  options.deterministic_good = true;
  make();
  EXPECT_EQ(must(parse_ocsp_response(responder->answer(request))).entries.at(0).status, OcspStatus::unknown);
  EXPECT_EQ(must(ask(issue(), ca)).status, OcspStatus::good);
}

TEST_F(OcspTest, OthersAndNonsense) {
  const Certificate ca = lab.ca->ca_certificate();
  const Certificate leaf = issue();
  OcspCertId foreign = ocsp_cert_id(leaf, ca);
  foreign.issuer_key_hash[0] ^= 1;
  EXPECT_EQ(status_of(make_ocsp_request({{foreign}, {}})), OcspResponseStatus::unauthorized);
  foreign = ocsp_cert_id(leaf, ca);
  foreign.issuer_name_hash[0] ^= 1;
  EXPECT_EQ(status_of(make_ocsp_request({{foreign}, {}})), OcspResponseStatus::unauthorized);
  EXPECT_EQ(status_of(make_ocsp_request({{}, {}})), OcspResponseStatus::malformed_request);
  EXPECT_EQ(status_of(to_bytes(std::string_view("hello"))), OcspResponseStatus::malformed_request);
}

TEST_F(OcspTest, HttpFaces) {
  const Certificate ca = lab.ca->ca_certificate();
  const Certificate leaf = issue();
  const Bytes question = make_ocsp_request({{ocsp_cert_id(leaf, ca)}, {}});
  HttpRequest get;
  get.target = "/ocsp/" + percent_encode(to_base64(question));
  EXPECT_TRUE(responder->is_own_path(get));
  const HttpResponse cached = responder->serve(get);
  EXPECT_EQ(cached.status, 200);
  EXPECT_EQ(cached.header("Content-Type"), "application/ocsp-response");
  EXPECT_EQ(cached.header("Cache-Control"), "max-age=130200, public, no-transform, must-revalidate");
  EXPECT_EQ(cached.header("Expires"), to_http_date(must(lab.ca->current_delta_crl())->CRLNextUpdate));
  EXPECT_EQ(cached.header("Last-Modified"), to_http_date(lab.clock.now() - 10 * kMinute));
  EXPECT_TRUE(cached.header("ETag"));
  EXPECT_TRUE(judge_ocsp_response(cached.body, {leaf, ca, lab.clock.now(), {}}));

  HttpRequest post;
  post.method = "POST";
  post.target = "/ocsp";
  post.body = make_ocsp_request({{ocsp_cert_id(leaf, ca)}, {1, 2, 3, 4, 5, 6, 7, 8}});
  const HttpResponse fresh = responder->serve(post);
  EXPECT_EQ(fresh.header("Cache-Control"), "no-cache");
  EXPECT_EQ(must(parse_ocsp_response(fresh.body)).nonce, (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_TRUE(judge_ocsp_response(fresh.body, {leaf, ca, lab.clock.now(), {1, 2, 3, 4, 5, 6, 7, 8}}));

  HttpRequest put = post;
  put.method = "PUT";
  EXPECT_EQ(responder->serve(put).status, 405);
  HttpRequest other;
  other.target = "/ocsphelper";
  EXPECT_FALSE(responder->is_own_path(other));
  get.target = "/ocsp/%%%";
  EXPECT_EQ(must(parse_ocsp_response(responder->serve(get).body)).status, OcspResponseStatus::malformed_request);
}

TEST_F(OcspTest, KeepsItsListsWhenTold) {
  const Certificate leaf = issue();
  responder->keep_lists(true);
  lab.clock.advance(30 * kDay);
  const Bytes der = responder->answer(make_ocsp_request({{ocsp_cert_id(leaf, lab.ca->ca_certificate())}, {}}));
  EXPECT_LT(*must(parse_ocsp_response(der)).entries.at(0).next_update, lab.clock.now());
  EXPECT_FALSE(ask(leaf, lab.ca->ca_certificate()));
  responder->keep_lists(false);
  EXPECT_TRUE(ask(leaf, lab.ca->ca_certificate()));
}

}  // namespace
}  // namespace mimica::ca
