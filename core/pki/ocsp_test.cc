#include "core/pki/ocsp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

using testing::HasSubstr;

constexpr std::uint8_t kDigitalSignature = 0x80;

class Ocsp : public testing::Test {
 protected:
  const Timestamp now_ = pki::at("2025-06-02");
  pki::Party ca_ = pki::root("CN=Issuing,DC=contoso,DC=com");
  pki::Party leaf_ = pki::certify("CN=jane", &ca_, {});

  OcspQuestion question() const { return {leaf_.certificate, ca_.certificate, now_, {}}; }
  OcspEntry entry(OcspStatus status = OcspStatus::good) const {
    OcspEntry out;
    out.id = ocsp_cert_id(leaf_.certificate, ca_.certificate);
    out.status = status;
    out.this_update = now_ - kHour;
    out.next_update = now_ + kDay;
    if (status == OcspStatus::revoked) out.revoked_at = now_ - kDay, out.reason = 1;
    return out;
  }
  OcspResponseFields fields(std::vector<OcspEntry> entries) const {
    OcspResponseFields out;
    out.signer = ca_.certificate;
    out.produced_at = now_ - kHour;
    out.entries = std::move(entries);
    return out;
  }
  Bytes signed_by_ca(const OcspResponseFields& fields) const {
    return *make_ocsp_response(fields, ca_.key, Digest::sha256);
  }
  pki::Party responder(const pki::Party& issuer, std::vector<Oid> purposes = {kOcspSigning},
                       std::uint8_t usage = kDigitalSignature, const char* to = "2026-01-01") const {
    return pki::certify("CN=Responder", &issuer,
                        {{oids::kExtendedKeyUsage, false, ext::oid_list(purposes)},
                         {oids::kKeyUsage, true, ext::key_usage(BytesView(&usage, 1))}},
                        pki::new_key(), pki::at("2025-01-01"), pki::at(to), {0x33});
  }
  Bytes signed_by(const pki::Party& party) const {
    OcspResponseFields answer = fields({entry()});
    answer.signer = party.certificate;
    answer.delegated = true;
    return *make_ocsp_response(answer, party.key, Digest::sha256);
  }
  std::string problem(BytesView response, const OcspQuestion& asked) const {
    const auto judged = judge_ocsp_response(response, asked);
    return judged ? "" : judged.error().what;
  }
  std::string problem(BytesView response) const { return problem(response, question()); }
};

TEST_F(Ocsp, RequestsReadBack) {
  for (const Digest hash : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512}) {
    const OcspCertId id = ocsp_cert_id(leaf_.certificate, ca_.certificate, hash);
    for (const Bytes& nonce : {Bytes{}, Bytes{1, 2, 3}}) {
      const auto request = parse_ocsp_request(make_ocsp_request({{id, id}, nonce}));
      ASSERT_TRUE(request) << request.error().describe();
      EXPECT_EQ(request->certificates, (std::vector<OcspCertId>{id, id}));
      EXPECT_EQ(request->nonce, nonce);
    }
  }
  EXPECT_FALSE(parse_ocsp_request(to_bytes(std::string_view("junk"))));
  EXPECT_FALSE(parse_ocsp_request(Bytes(kMaxOcspSize + 1)));
  const OcspCertId id = ocsp_cert_id(leaf_.certificate, ca_.certificate);
  EXPECT_FALSE(parse_ocsp_request(make_ocsp_request({std::vector<OcspCertId>(kMaxOcspEntries + 1, id), {}})));
}

TEST_F(Ocsp, TheIssuerAnswersForItsCertificates) {
  for (const auto by : {OcspResponseFields::ResponderId::name, OcspResponseFields::ResponderId::key}) {
    for (const OcspStatus status : {OcspStatus::good, OcspStatus::revoked, OcspStatus::unknown}) {
      OcspResponseFields answer = fields({entry(status)});
      answer.responder_id = by;
      const auto judged = judge_ocsp_response(signed_by_ca(answer), question());
      ASSERT_TRUE(judged) << judged.error().describe();
      EXPECT_EQ(judged->status, status);
      EXPECT_EQ(judged->next_update, now_ + kDay);
      if (status == OcspStatus::revoked) {
        EXPECT_EQ(judged->revoked_at, now_ - kDay);
        EXPECT_EQ(judged->reason, 1);
      }
    }
  }
}

TEST_F(Ocsp, ADelegatedResponderNeedsTheIssuersWord) {
  EXPECT_EQ(problem(signed_by(responder(ca_))), "");
  EXPECT_THAT(problem(signed_by(responder(ca_, {oids::kClientAuth}))), HasSubstr("lacks the purpose"));
  EXPECT_THAT(problem(signed_by(responder(ca_, {kOcspSigning}, 0x20))), HasSubstr("key usage"));
  EXPECT_THAT(problem(signed_by(responder(ca_, {kOcspSigning}, kDigitalSignature, "2025-06-01"))),
              HasSubstr("validity"));
  // Another CA of the same name.
  const pki::Party impostor = pki::root("CN=Issuing,DC=contoso,DC=com");
  EXPECT_THAT(problem(signed_by(responder(impostor))), HasSubstr("was not issued by"));
  const pki::Party other = pki::root("CN=Other");
  EXPECT_THAT(problem(signed_by(responder(other))), HasSubstr("was not issued by"));
  // The certificate of the responder stays at home.
  const pki::Party away = responder(ca_);
  OcspResponseFields answer = fields({entry()});
  answer.signer = away.certificate;
  EXPECT_THAT(problem(*make_ocsp_response(answer, away.key, Digest::sha256)), HasSubstr("is not there"));
}

TEST_F(Ocsp, TheSignatureMustVerify) {
  Bytes response = signed_by_ca(fields({entry()}));
  response.back() ^= 1;
  EXPECT_NE(problem(response), "");
  const pki::Party impostor = pki::root("CN=Issuing,DC=contoso,DC=com");
  OcspResponseFields answer = fields({entry()});
  answer.signer = impostor.certificate;
  answer.responder_id = OcspResponseFields::ResponderId::name;
  EXPECT_THAT(problem(*make_ocsp_response(answer, impostor.key, Digest::sha256)), HasSubstr("does not verify"));
  EXPECT_FALSE(make_ocsp_response(answer, ca_.key, Digest::sha256)) << "another key than the signer's";
}

TEST_F(Ocsp, TheAnswerMustBeForThisCertificate) {
  const pki::Party other =
      pki::certify("CN=bob", &ca_, {}, pki::new_key(), pki::at("2025-01-01"), pki::at("2026-01-01"), Bytes{0x44});
  OcspEntry wrong = entry();
  wrong.id = ocsp_cert_id(other.certificate, ca_.certificate);
  EXPECT_THAT(problem(signed_by_ca(fields({wrong}))), HasSubstr("does not speak of"));
  EXPECT_THAT(problem(signed_by_ca(fields({}))), HasSubstr("does not speak of"));
  OcspEntry by_sha256 = entry(OcspStatus::revoked);
  by_sha256.id = ocsp_cert_id(leaf_.certificate, ca_.certificate, Digest::sha256);
  const auto judged = judge_ocsp_response(signed_by_ca(fields({wrong, by_sha256})), question());
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->status, OcspStatus::revoked);
}

TEST_F(Ocsp, TheNewestAnswerCounts) {
  OcspEntry old = entry();
  old.this_update = now_ - kDay;
  const auto judged = judge_ocsp_response(signed_by_ca(fields({entry(OcspStatus::revoked), old})), question());
  ASSERT_TRUE(judged);
  EXPECT_EQ(judged->status, OcspStatus::revoked);
}

TEST_F(Ocsp, TimesAreComparedWithALittleTolerance) {
  const auto at = [&](Timestamp this_update, std::optional<Timestamp> next_update) {
    OcspEntry one = entry();
    one.this_update = this_update;
    one.next_update = next_update;
    return problem(signed_by_ca(fields({one})));
  };
  EXPECT_EQ(at(now_ + kOcspTolerance, now_ + kDay), "");
  EXPECT_THAT(at(now_ + kOcspTolerance + 1, now_ + kDay), HasSubstr("not valid before"));
  EXPECT_EQ(at(now_ - kDay, now_ - kOcspTolerance), "");
  EXPECT_THAT(at(now_ - kDay, now_ - kOcspTolerance - 1), HasSubstr("expired"));
  EXPECT_THAT(at(now_, now_ - 1), HasSubstr("expired")) << "ends before it begins";
  EXPECT_EQ(at(now_ - kOcspTolerance, std::nullopt), "");
  EXPECT_THAT(at(now_ - kOcspTolerance - 1, std::nullopt), HasSubstr("expired"));
}

TEST_F(Ocsp, ANonceIsComparedWhenBothHaveOne) {
  OcspResponseFields answer = fields({entry()});
  OcspQuestion asked = question();
  asked.nonce = {1, 2, 3};
  EXPECT_EQ(problem(signed_by_ca(answer), asked), "");
  answer.nonce = {1, 2, 3};
  EXPECT_EQ(problem(signed_by_ca(answer), asked), "");
  EXPECT_EQ(problem(signed_by_ca(answer)), "");
  answer.nonce = {3, 2, 1};
  EXPECT_THAT(problem(signed_by_ca(answer), asked), HasSubstr("nonce"));
}

TEST_F(Ocsp, ErrorStatusesSayWhichOne) {
  for (const auto& [status, name] : {std::pair{OcspResponseStatus::malformed_request, "malformedRequest"},
                                     {OcspResponseStatus::internal_error, "internalError"},
                                     {OcspResponseStatus::try_later, "tryLater"},
                                     {OcspResponseStatus::sig_required, "sigRequired"},
                                     {OcspResponseStatus::unauthorized, "unauthorized"}}) {
    const auto judged = judge_ocsp_response(make_ocsp_error(status), question());
    ASSERT_FALSE(judged);
    EXPECT_THAT(judged.error().what, HasSubstr(name));
    EXPECT_EQ(judged.error().code, Code{HResult::CRYPT_E_REVOCATION_OFFLINE});
  }
  EXPECT_NE(problem(Bytes{0x30, 0x03, 0x0A, 0x01, 0x04}), "");  // a status that does not exist
  EXPECT_NE(problem(Bytes{0x30, 0x03, 0x0A, 0x01, 0x00}), "");  // successful, and nothing more
}

TEST_F(Ocsp, EveryTruncationIsAFault) {
  const Bytes response = signed_by(responder(ca_));
  for (std::size_t size = 0; size < response.size(); ++size)
    EXPECT_FALSE(parse_ocsp_response(BytesView(response).first(size))) << size;
  Bytes longer = response;
  longer.push_back(0);
  EXPECT_FALSE(parse_ocsp_response(longer));
  EXPECT_FALSE(parse_ocsp_response(Bytes(kMaxOcspSize + 1)));
}

TEST_F(Ocsp, OnlyKnownExtensionsMayBeCritical) {
  const auto response = *parse_ocsp_response(signed_by_ca(fields({entry()})));
  const auto with_extension = [&](bool critical) {
    DerReader outer(response.signed_octets);
    DerReader inner = *outer.enter(tag::kSequence);
    Bytes data;
    while (!inner.at_end()) data = der::concat({data, inner.next()->encoded});
    const Bytes extension = encode(Extension{Oid("1.3.6.1.5.5.7.48.1.99"), critical, der::null()});
    data = der::sequence({data, der::tlv(tag::context_constructed(1), {der::sequence({extension})})});
    const Bytes basic = der::sequence(
        {data, ca_.key.signature_algorithm(Digest::sha256), der::bit_string(*ca_.key.sign(Digest::sha256, data))});
    const Bytes bytes = der::sequence({der::oid(Oid("1.3.6.1.5.5.7.48.1.1")), der::octet_string(basic)});
    return der::sequence({Bytes{tag::kEnumerated, 1, 0}, der::tlv(tag::context_constructed(0), {bytes})});
  };
  EXPECT_EQ(problem(with_extension(false)), "");
  EXPECT_THAT(problem(with_extension(true)), HasSubstr("critical"));
}

}  // namespace
}  // namespace mimica
