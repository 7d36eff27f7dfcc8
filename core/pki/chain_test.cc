#include "core/pki/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/pki/ocsp.h"
#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

class Chain : public testing::Test {
 protected:
  pki::Party root_ = pki::root();
  pki::Party issuing_ = issuing({});
  pki::Party leaf_ = pki::certify("CN=jane,DC=contoso,DC=com", &issuing_, {});

  pki::Party issuing(const pki::Usage& usage) {
    PrivateKey key = pki::new_key();
    std::vector<Extension> extensions = pki::ca_extensions(key, usage);
    return pki::certify("CN=Issuing,DC=contoso,DC=com", &root_, std::move(extensions), std::move(key),
                        pki::at("2022-01-01"), pki::at("2030-01-01"));
  }
  ChainInput input() const {
    return {leaf_.certificate,       {issuing_.certificate}, {root_.certificate},
            {pki::crl_of(issuing_)}, pki::at("2025-06-02"),  true};
  }
};

TEST_F(Chain, AGoodChainIsGood) {
  const ChainResult result = build_chain(input());
  EXPECT_EQ(result.status, ChainStatus::ok) << result.detail;
  ASSERT_EQ(result.chain.size(), 3u);
  EXPECT_EQ(result.chain[0].der(), leaf_.certificate.der());
  EXPECT_EQ(result.chain[2].der(), root_.certificate.der());
  EXPECT_EQ(to_hresult(result.status), HResult::S_OK);
}

TEST_F(Chain, OnlyTheLeafNeedsARevocationList) {
  ChainInput in = input();
  in.crls.push_back(pki::crl_of(root_, {{to_bytes(issuing_.certificate.serial()), pki::at("2025-06-01"), 2}}));
  EXPECT_EQ(build_chain(in).status, ChainStatus::ok);
}

TEST_F(Chain, TheRootMustBeAnAnchor) {
  ChainInput in = input();
  in.intermediates.push_back(root_.certificate);
  in.anchors = {pki::root("CN=Other root").certificate};
  const ChainResult result = build_chain(in);
  EXPECT_EQ(result.status, ChainStatus::untrusted_root) << result.detail;
  EXPECT_EQ(to_hresult(result.status), HResult::CERT_E_UNTRUSTEDROOT);
  in.leaf = root_.certificate;
  in.check_revocation = false;
  EXPECT_EQ(build_chain(in).status, ChainStatus::untrusted_root);
}

TEST_F(Chain, EveryIssuerMustBeThere) {
  ChainInput in = input();
  in.intermediates.clear();
  const ChainResult result = build_chain(in);
  EXPECT_EQ(result.status, ChainStatus::incomplete) << result.detail;
  EXPECT_EQ(result.chain.size(), 1u);
  EXPECT_EQ(to_hresult(result.status), HResult::CERT_E_CHAINING);
  in = input();
  in.anchors.clear();
  EXPECT_EQ(build_chain(in).status, ChainStatus::incomplete);
}

TEST_F(Chain, TheGivenInstantCounts) {
  ChainInput in = input();
  in.check_revocation = false;
  for (const char* iso : {"2024-12-31T23:59:59Z", "2026-01-01T00:00:01Z", "2035-01-01", "1999-01-01"}) {
    in.at = pki::at(iso);
    EXPECT_EQ(build_chain(in).status, ChainStatus::not_time_valid) << iso;
  }
  EXPECT_EQ(to_hresult(ChainStatus::not_time_valid), HResult::CERT_E_EXPIRED);
  for (const char* iso : {"2025-01-01T00:00:00Z", "2025-12-31T23:59:59Z"}) {
    in.at = pki::at(iso);
    EXPECT_EQ(build_chain(in).status, ChainStatus::ok) << iso;
  }
}

TEST_F(Chain, ARevokedLeafIsRefused) {
  ChainInput in = input();
  in.crls = {pki::crl_of(issuing_, {{to_bytes(leaf_.certificate.serial()), pki::at("2025-06-01"), 1}})};
  const ChainResult result = build_chain(in);
  EXPECT_EQ(result.status, ChainStatus::revoked) << result.detail;
  EXPECT_EQ(to_hresult(result.status), HResult::CRYPT_E_REVOKED);
  in.check_revocation = false;
  EXPECT_EQ(build_chain(in).status, ChainStatus::ok);
}

TEST_F(Chain, WithoutACurrentListTheRevocationIsUnknown) {
  ChainInput in = input();
  in.crls.clear();
  EXPECT_EQ(build_chain(in).status, ChainStatus::revocation_unknown);
  in.crls = {pki::crl_of(root_)};
  EXPECT_EQ(build_chain(in).status, ChainStatus::revocation_unknown);
  in.crls = {to_bytes(std::string_view("junk"))};
  EXPECT_EQ(build_chain(in).status, ChainStatus::revocation_unknown);
  in = input();
  for (const char* iso : {"2025-05-31", "2025-06-09"}) {  // before thisUpdate, after nextUpdate
    in.at = pki::at(iso);
    EXPECT_EQ(build_chain(in).status, ChainStatus::revocation_unknown) << iso;
  }
  EXPECT_EQ(to_hresult(ChainStatus::revocation_unknown), HResult::CRYPT_E_REVOCATION_OFFLINE);
}

TEST_F(Chain, AListSignedBySomebodyElseSaysNothing) {
  ChainInput in = input();
  const pki::Party impostor{pki::new_key(), issuing_.certificate};
  CrlFields fields;
  fields.issuer_der = to_bytes(issuing_.certificate.subject_der());
  fields.this_update = pki::at("2025-06-01");
  fields.next_update = pki::at("2025-06-08");
  fields.revoked = {{to_bytes(leaf_.certificate.serial()), pki::at("2025-06-01"), 1}};
  in.crls = {*sign_crl(fields, impostor.key, Digest::sha256)};
  EXPECT_EQ(build_chain(in).status, ChainStatus::revocation_unknown);
}

TEST_F(Chain, ABadSignatureIsSeen) {
  ChainInput in = input();
  const pki::Party impostor{pki::new_key(), issuing_.certificate};
  in.leaf = pki::certify("CN=jane,DC=contoso,DC=com", &impostor, {}).certificate;
  const ChainResult result = build_chain(in);
  EXPECT_EQ(result.status, ChainStatus::bad_signature) << result.detail;
  EXPECT_EQ(to_hresult(result.status), HResult::TRUST_E_CERT_SIGNATURE);
}

TEST_F(Chain, OnlyAnAuthorityIssues) {
  for (const pki::Usage& usage :
       {pki::Usage{false, 0}, pki::Usage{false, 0x06}, pki::Usage{true, 0x80}, pki::Usage{true, 0x02}}) {
    const pki::Party weak = issuing(usage);
    const pki::Party leaf = pki::certify("CN=jane,DC=contoso,DC=com", &weak, {});
    ChainInput in = input();
    in.leaf = leaf.certificate;
    in.intermediates = {weak.certificate};
    in.crls.clear();
    const ChainResult result = build_chain(in);
    EXPECT_EQ(result.status, ChainStatus::not_a_ca) << usage.ca << int{usage.key_usage} << " " << result.detail;
  }
  EXPECT_EQ(to_hresult(ChainStatus::not_a_ca), HResult::TRUST_E_BASIC_CONSTRAINTS);
}

TEST_F(Chain, AnUnknownCriticalExtensionIsRefused) {
  ChainInput in = input();
  in.leaf = pki::certify("CN=jane", &issuing_, {{Oid("1.2.3.4"), true, {0x05, 0x00}}}).certificate;
  EXPECT_EQ(build_chain(in).status, ChainStatus::other);
  in.leaf = pki::certify("CN=jane", &issuing_, {{Oid("1.2.3.4"), false, {0x05, 0x00}}}).certificate;
  EXPECT_EQ(build_chain(in).status, ChainStatus::ok);
}

TEST_F(Chain, AnAnchorItselfIsAChainOfOne) {
  ChainInput in = input();
  in.leaf = root_.certificate;
  in.check_revocation = false;
  const ChainResult result = build_chain(in);
  EXPECT_EQ(result.status, ChainStatus::ok) << result.detail;
  EXPECT_EQ(result.chain.size(), 1u);
}

TEST_F(Chain, NothingIsOther) {
  EXPECT_EQ(build_chain({}).status, ChainStatus::other);
  ChainInput in = input();
  in.anchors.emplace_back();
  EXPECT_EQ(build_chain(in).status, ChainStatus::other);
}

// ---- replies about the leaf ----------------------------------------------------------------------------------------

using testing::HasSubstr;
using ReplyKind = RevocationReply::Kind;

class ChainReplies : public Chain {
 protected:
  RevocationReply ocsp(OcspStatus status, const pki::Party& signer, Timestamp this_update = pki::at("2025-06-01")) {
    OcspEntry entry;
    entry.id = ocsp_cert_id(leaf_.certificate, issuing_.certificate);
    entry.status = status;
    entry.this_update = entry.revoked_at = this_update;
    entry.next_update = this_update + 7 * kDay;
    OcspResponseFields fields;
    fields.signer = signer.certificate;
    fields.produced_at = this_update;
    fields.entries = {entry};
    return {ReplyKind::ocsp, "http://ocsp.contoso.com", *make_ocsp_response(fields, signer.key, Digest::sha256), ""};
  }
  RevocationReply ocsp(OcspStatus status) { return ocsp(status, issuing_); }
  RevocationReply crl(bool revoked = false, const char* from = "2025-06-01", const char* to = "2025-06-08") {
    std::vector<RevokedEntry> entries;
    if (revoked) entries.push_back({to_bytes(leaf_.certificate.serial()), pki::at("2025-06-01"), 1});
    return {ReplyKind::crl, "http://crl.contoso.com", pki::crl_of(issuing_, entries, pki::at(from), pki::at(to)), ""};
  }
  ChainResult with(std::vector<RevocationReply> replies) {
    ChainInput in = input();
    in.crls.clear();
    in.replies = std::move(replies);
    return build_chain(in);
  }
};

TEST_F(ChainReplies, AnOcspAnswerDecidesBeforeAnyList) {
  ChainResult result = with({ocsp(OcspStatus::good), crl(true)});
  EXPECT_EQ(result.status, ChainStatus::ok) << result.detail;
  ASSERT_EQ(result.revocation.size(), 2u);
  EXPECT_TRUE(result.revocation[0].usable);
  EXPECT_EQ(result.revocation[0].found, "good, of 2025-06-01T00:00:00Z, valid until 2025-06-08T00:00:00Z");
  result = with({ocsp(OcspStatus::revoked), crl(false)});
  EXPECT_EQ(result.status, ChainStatus::revoked);
  EXPECT_THAT(result.detail, HasSubstr("says http://ocsp.contoso.com"));
  result = with({ocsp(OcspStatus::good), ocsp(OcspStatus::revoked)});
  EXPECT_EQ(result.status, ChainStatus::ok) << "the first decides";
}

TEST_F(ChainReplies, WithoutAnAnswerThatCountsTheListDecides) {
  const pki::Party impostor = pki::root("CN=Issuing,DC=contoso,DC=com");
  for (const RevocationReply& useless :
       {ocsp(OcspStatus::unknown), ocsp(OcspStatus::good, impostor),
        ocsp(OcspStatus::good, issuing_, pki::at("2025-05-01")),
        RevocationReply{ReplyKind::ocsp, "http://ocsp.contoso.com", to_bytes(std::string_view("junk")), ""},
        RevocationReply{ReplyKind::ocsp, "http://ocsp.contoso.com", {}, "connection refused"}}) {
    const ChainResult good = with({useless, crl(false)});
    EXPECT_EQ(good.status, ChainStatus::ok) << good.detail;
    EXPECT_FALSE(good.revocation[0].usable);
    EXPECT_NE(good.revocation[0].found, "");
    EXPECT_TRUE(good.revocation[1].usable);
    EXPECT_EQ(with({useless, crl(true)}).status, ChainStatus::revoked);
    EXPECT_EQ(with({useless}).status, ChainStatus::revocation_unknown);
  }
}

TEST_F(ChainReplies, AnUnknownStatusSaysWhatWasTriedAndWhyItFailed) {
  const pki::Party impostor{pki::new_key(), issuing_.certificate};
  const ChainResult result = with({{ReplyKind::ocsp, "http://a", {}, "connection refused"},
                                   ocsp(OcspStatus::unknown),
                                   crl(false, "2025-05-01", "2025-05-08"),
                                   crl(false, "2025-07-01", "2025-07-08"),
                                   {ReplyKind::crl, "http://b", pki::crl_of(impostor), ""},
                                   {ReplyKind::crl, "http://c", pki::crl_of(root_), ""},
                                   {ReplyKind::crl, "http://d", to_bytes(std::string_view("junk")), ""}});
  EXPECT_EQ(result.status, ChainStatus::revocation_unknown);
  for (const char* part :
       {"OCSP http://a: connection refused", "OCSP http://ocsp.contoso.com: unknown",
        "CRL http://crl.contoso.com: expired at 2025-05-08T00:00:00Z", "not valid before 2025-07-01T00:00:00Z",
        "CRL http://b: not signed by the issuer", "CRL http://c: of another CA", "CRL http://d: is no CRL"})
    EXPECT_THAT(result.detail, HasSubstr(part));
}

TEST_F(ChainReplies, ABrokenChainIsToldBeforeARevocation) {
  ChainInput in = input();
  in.replies = {ocsp(OcspStatus::revoked)};
  in.anchors = {pki::root("CN=Other root").certificate};
  EXPECT_EQ(build_chain(in).status, ChainStatus::incomplete);
  in = input();
  in.replies = {ocsp(OcspStatus::revoked)};
  in.check_revocation = false;
  EXPECT_EQ(build_chain(in).status, ChainStatus::ok);
}

}  // namespace
}  // namespace mimica
