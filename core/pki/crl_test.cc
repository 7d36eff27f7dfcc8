#include <gtest/gtest.h>

#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

TEST(Crl, HoldsWhatWasSigned) {
  const pki::Party root = pki::root();
  const std::vector<RevokedEntry> revoked{{*from_hex("ff01"), pki::at("2025-06-02T01:02:03Z"), 0},
                                          {*from_hex("02"), pki::at("2025-06-03"), 1},
                                          {*from_hex("03"), pki::at("2051-06-03"), 6}};
  const Bytes der = pki::crl_of(root, revoked);
  const auto crl = Crl::parse(der);
  ASSERT_TRUE(crl) << crl.error().describe();
  EXPECT_EQ(crl->der(), der);
  EXPECT_EQ(to_bytes(crl->issuer_der()), to_bytes(root.certificate.subject_der()));
  EXPECT_EQ(crl->this_update(), pki::at("2025-06-01"));
  EXPECT_EQ(crl->next_update(), pki::at("2025-06-08"));
  ASSERT_EQ(crl->revoked().size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(crl->revoked()[i].serial, revoked[i].serial);
    EXPECT_EQ(crl->revoked()[i].when, revoked[i].when);
    EXPECT_EQ(crl->revoked()[i].reason, revoked[i].reason);
  }
  EXPECT_EQ(crl->extensions().size(), 2u);
  EXPECT_TRUE(*crl->signed_by(root.key.public_key()));
  EXPECT_FALSE(*crl->signed_by(pki::new_key().public_key()));
}

TEST(Crl, AnEmptyListHasNoEntries) {
  const Bytes der = pki::crl_of(pki::root());
  EXPECT_TRUE(Crl::parse(der)->revoked().empty());
  // revokedCertificates must be absent then (RFC 5280 5.1.2.6): after the two times the extensions follow.
  EXPECT_EQ(to_hex(der).find("3000"), std::string::npos);
}

TEST(Crl, MalformedListsAreRefused) {
  const pki::Party root = pki::root();
  const Bytes der = pki::crl_of(root, {{{0x02}, pki::at("2025-06-03"), 1}});
  for (std::size_t i = 0; i < der.size(); ++i) EXPECT_FALSE(Crl::parse(BytesView(der).first(i))) << i;
  EXPECT_FALSE(Crl::parse(root.certificate.der()));
}

TEST(Crl, EntriesAreCheckedBeforeSigning) {
  const PrivateKey key = pki::new_key();
  CrlFields fields;
  fields.issuer_der = Name::parse_rfc4514("CN=a")->to_der();
  fields.revoked = {{{0x02}, {}, 11}};
  EXPECT_FALSE(sign_crl(fields, key, Digest::sha256));
  fields.revoked = {{{}, {}, 0}};
  EXPECT_FALSE(sign_crl(fields, key, Digest::sha256));
  fields.revoked.clear();
  EXPECT_TRUE(sign_crl(fields, key, Digest::sha256));
  EXPECT_FALSE(sign_crl(fields, PrivateKey(), Digest::sha256));
  fields.issuer_der.clear();
  EXPECT_FALSE(sign_crl(fields, key, Digest::sha256));
}

}  // namespace
}  // namespace mimica
