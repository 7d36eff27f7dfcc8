// OCSP responders, distribution points and the cache, as whole logons ask them.
#include "kdc/pkinit/revocation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pki/ocsp.h"
#include "kdc/testing/testing_lab.h"

namespace mimica::kdc {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::string_view kOcspUrl = "http://ocsp.contoso.com/";
constexpr std::string_view kRule = "kdc.chain.revocation";

class Revocation : public DirectoryLab {
 protected:
  Revocation() {
    LeafSpec spec = jane_spec();
    spec.ocsp_urls = {std::string(kOcspUrl)};
    certificate_ = test_pki().ca.issue(spec);
    revocation.lists.clear();
  }
  void responder_says(OcspStatus status, Timestamp this_update = kNow - kHour) {
    responder_gives(test_pki().ca.ocsp(certificate_, status, this_update));
  }
  void responder_gives(Bytes response) {
    revocation.responders.insert_or_assign(std::string(kOcspUrl),
                                           [response](BytesView) -> Result<Bytes> { return response; });
  }
  void list_says(bool revoked, Timestamp from = kNow - kDay) {
    std::vector<Bytes> serials;
    if (revoked) serials.push_back(certificate_.serial());
    revocation.lists.insert_or_assign(std::string(kCrlUrl), test_pki().ca.crl(serials, from, from + 2 * kDay));
  }
  LogonDecision log_on() { return DirectoryLab::log_on("jane", certificate_); }
  static std::string fact(const LogonDecision& got, std::string_view name) {
    const Step* step = got.decision.trace.find(kRule);
    if (step == nullptr) return "no step";
    for (const Fact& one : step->facts)
      if (one.name == name) return one.value;
    return "no fact";
  }

  Certificate certificate_;
};

TEST_F(Revocation, TheResponderIsAskedFirst) {
  responder_says(OcspStatus::good);
  list_says(true);
  auto got = log_on();
  expect_rule(got, "");
  EXPECT_EQ(revocation.fetches, 0);
  EXPECT_THAT(fact(got, "OCSP " + std::string(kOcspUrl)), HasSubstr("good"));
  responder_says(OcspStatus::revoked);
  list_says(false);
  got = log_on();
  expect_rule(got, kRule);
  EXPECT_EQ(got.decision.code, Code{KrbError::KDC_ERR_CLIENT_NOT_TRUSTED});
  ASSERT_EQ(got.events.size(), 1U);
  EXPECT_EQ(got.events[0].id(), 21);
}

TEST_F(Revocation, TheRequestNamesTheCertificate) {
  OcspRequest asked;
  revocation.responders.emplace(kOcspUrl, [&](BytesView request) -> Result<Bytes> {
    asked = must(parse_ocsp_request(request));
    return make_ocsp_error(OcspResponseStatus::unauthorized);
  });
  list_says(false);
  const auto got = log_on();
  expect_rule(got, "");
  ASSERT_EQ(asked.certificates.size(), 1U);
  EXPECT_EQ(asked.certificates[0], ocsp_cert_id(certificate_, test_pki().ca.certificate));
  EXPECT_THAT(fact(got, "OCSP " + std::string(kOcspUrl)), HasSubstr("unauthorized"));
  EXPECT_THAT(fact(got, "CRL " + std::string(kCrlUrl)), HasSubstr("valid until"));
}

TEST_F(Revocation, AResponderThatDoesNotHelpLeavesItToTheList) {
  const Bytes useless[] = {make_ocsp_error(OcspResponseStatus::try_later),
                           test_pki().ca.ocsp(certificate_, OcspStatus::unknown, kNow - kHour),
                           test_pki().ca.ocsp(certificate_, OcspStatus::good, kNow - 3 * kDay),
                           test_pki().root.ocsp(certificate_, OcspStatus::good, kNow - kHour),
                           to_bytes(std::string_view("junk")),
                           {}};
  for (const Bytes& response : useless) {
    responder_gives(response);
    list_says(false);
    expect_rule(log_on(), "");
    list_says(true);
    expect_rule(log_on(), kRule);
    revocation.lists.clear();
    const auto got = log_on();
    expect_rule(got, kRule);
    EXPECT_EQ(fact(got, "status"), "CRYPT_E_REVOCATION_OFFLINE");
    EXPECT_NE(fact(got, "OCSP " + std::string(kOcspUrl)), "no fact");
    EXPECT_THAT(got.decision.trace.deciding()->found, HasSubstr("there is nothing at " + std::string(kCrlUrl)));
  }
}

TEST_F(Revocation, TheNumberOfPlacesIsBounded) {
  LeafSpec spec = jane_spec();
  spec.ocsp_urls.assign(100, "http://gone.contoso.com/");
  spec.crl_urls.assign(100, "http://gone.contoso.com/x.crl");
  expect_rule(DirectoryLab::log_on("jane", test_pki().ca.issue(spec)), kRule);
  EXPECT_EQ(revocation.questions, static_cast<int>(kMaxResponders));
  EXPECT_EQ(revocation.fetches, static_cast<int>(kMaxDistributionPoints));
}

TEST_F(Revocation, AStrangersCertificateMakesNobodyConnect) {
  const TestCa rogue{"CN=ROGUE", key(2)};
  LeafSpec spec = jane_spec();
  spec.ocsp_urls = {std::string(kOcspUrl)};
  expect_rule(DirectoryLab::log_on("jane", rogue.issue(spec), {}, {rogue.certificate}), "kdc.chain.trusted");
  EXPECT_EQ(revocation.questions + revocation.fetches, 0);
}

TEST_F(Revocation, AnExpiredCertificateThatIsRevokedCountsAsRevoked) {
  LeafSpec spec = jane_spec();
  spec.not_after = kNow - 1;
  certificate_ = test_pki().ca.issue(spec);
  list_says(false);
  expect_rule(log_on(), "kdc.chain.valid_time");
  list_says(true);
  expect_rule(log_on(), kRule);
}

// ---- the cache -----------------------------------------------------------------------------------------------------

class Cached : public Revocation {
 protected:
  LogonDecision log_on(const KdcConfig& config, Timestamp at = kNow) {
    return must(logon(*directory, cache_, {"jane", certificate_, {}}, config, at));
  }
  static KdcConfig reusing() {
    KdcConfig config;
    config.revocation_cache = true;
    return config;
  }
  static KdcConfig cached_only() {
    KdcConfig config;
    config.revocation_unknown_ignored = true;
    return config;
  }
  CachedRevocation cache_{revocation};
};

TEST_F(Cached, EachLogonAsksUnlessTheCacheIsOn) {
  responder_says(OcspStatus::good);
  expect_rule(log_on({}), "");
  expect_rule(log_on({}), "");
  EXPECT_EQ(revocation.questions, 2);
  expect_rule(log_on(reusing()), "");
  EXPECT_EQ(revocation.questions, 2);
}

TEST_F(Cached, AnAnswerIsReusedUntilItsNextUpdate) {
  responder_says(OcspStatus::good, kNow);
  expect_rule(log_on(reusing()), "");
  responder_says(OcspStatus::revoked, kNow + kDay);
  expect_rule(log_on(reusing(), kNow + kDay), "");  // as Windows: the news has to wait
  EXPECT_EQ(revocation.questions, 1);
  expect_rule(log_on(reusing(), kNow + kDay + kHour), kRule);
  EXPECT_EQ(revocation.questions, 2);
}

TEST_F(Cached, AListIsReusedUntilItsNextUpdate) {
  revocation.responders.clear();
  list_says(false, kNow);
  expect_rule(log_on(reusing()), "");
  list_says(true, kNow + kDay);
  expect_rule(log_on(reusing(), kNow + 2 * kDay - 1), "");
  EXPECT_EQ(revocation.fetches, 1);
  expect_rule(log_on(reusing(), kNow + 2 * kDay), kRule);
  EXPECT_EQ(revocation.fetches, 2);
}

TEST_F(Cached, CachedOnlyAsksNobodyAndIgnoresTheUnknown) {
  list_says(true);
  auto got = log_on(cached_only());
  expect_rule(got, "");
  EXPECT_TRUE(got.decision.trace.has(kRule, Verdict::warn));
  EXPECT_THAT(fact(got, "CRL " + std::string(kCrlUrl)), HasSubstr("nothing is cached"));
  EXPECT_EQ(revocation.questions + revocation.fetches, 0);
  expect_rule(log_on({}), kRule);             // this one fetches
  expect_rule(log_on(cached_only()), kRule);  // what is cached counts
}

TEST_F(Cached, TheDirectoryIsCachedToo) {
  LeafSpec spec = jane_spec();
  const std::string dn = "CN=CONTOSO-CA,CN=AIA,CN=Public Key Services,CN=Services," + contexts.configuration;
  spec.crl_urls = {"ldap:///CN=CONTOSO-CA,CN=AIA,CN=Public%20Key%20Services,CN=Services," + contexts.configuration +
                   "?certificateRevocationList?base?objectClass=cRLDistributionPoint"};
  certificate_ = test_pki().ca.issue(spec);
  const auto publish_list = [&](const Bytes& list) {
    ok(directory->modify(dn, {{ldap::Modification::Kind::replace,
                               {"certificateRevocationList", {mimica::to_string(BytesView(list))}}}}));
  };
  EXPECT_THAT(fact(log_on({}), "CRL " + spec.crl_urls[0]), HasSubstr("is no CRL"));  // a new CA's placeholder
  publish_list(test_pki().ca.crl({}, kNow - kDay, kNow + kDay));
  expect_rule(log_on({}), "");
  publish_list(test_pki().ca.crl({certificate_.serial()}, kNow - kDay, kNow + kDay));
  expect_rule(log_on(cached_only()), "");
  EXPECT_TRUE(log_on(cached_only()).decision.trace.has(kRule, Verdict::pass));
  expect_rule(log_on({}), kRule);
}

TEST_F(Cached, ItsSizeIsBounded) {
  for (std::size_t i = 0; i < CachedRevocation::kMostAnswers + 1; ++i) {
    const std::string url = "http://" + std::to_string(i);
    revocation.lists.emplace(url, Bytes(1));
    EXPECT_TRUE(cache_.fetch(url));
  }
  EXPECT_FALSE(cache_.at_hand()->fetch("http://0"));
  EXPECT_TRUE(cache_.at_hand()->fetch("http://1"));
  revocation.lists.emplace("http://large", Bytes(CachedRevocation::kMostOctets));
  EXPECT_TRUE(cache_.fetch("http://large"));
  EXPECT_FALSE(cache_.at_hand()->fetch("http://1"));
  EXPECT_TRUE(cache_.at_hand()->fetch("http://large"));
}

}  // namespace
}  // namespace mimica::kdc
