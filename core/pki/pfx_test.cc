#include "core/pki/pfx.h"

#include <gtest/gtest.h>

#include "core/asn1/der.h"
#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

Pfx sample(PrivateKey key) {
  const pki::Party root = pki::root();
  pki::Party leaf = pki::certify("CN=jane,DC=contoso,DC=com", &root, {}, std::move(key));
  const pki::Party other = pki::root("CN=Second");
  return {leaf.key, leaf.certificate, {root.certificate, other.certificate}, "Intune User"};
}

TEST(Pfx, OpensWithItsPassword) {
  for (const char* kind : {"rsa-2048", "p-256"}) {
    const Pfx pfx = sample(pki::fixed_key(kind));
    const auto der = make_pfx(pfx, "p\xC3\xA4ss");
    ASSERT_TRUE(der) << der.error().describe();
    const auto back = open_pfx(*der, "p\xC3\xA4ss");
    ASSERT_TRUE(back) << back.error().describe();
    EXPECT_EQ(back->key.pkcs8(), pfx.key.pkcs8());
    EXPECT_EQ(back->certificate.der(), pfx.certificate.der());
    ASSERT_EQ(back->chain.size(), 2u);
    EXPECT_EQ(back->chain[0].der(), pfx.chain[0].der());
    EXPECT_EQ(back->chain[1].der(), pfx.chain[1].der());
    EXPECT_EQ(back->friendly_name, "Intune User");
  }
}

TEST(Pfx, AnotherPasswordDoesNotOpenIt) {
  const Bytes der = *make_pfx(sample(pki::new_key()), "right");
  for (const char* password : {"", "wrong", "Right"})
    EXPECT_EQ(open_pfx(der, password).error().code, Code{HResult::ERROR_INVALID_PASSWORD});
}

TEST(Pfx, AnEmptyPasswordAndNoNameWork) {
  Pfx pfx = sample(pki::new_key());
  pfx.chain.clear();
  pfx.friendly_name.clear();
  const auto back = open_pfx(*make_pfx(pfx, ""), "");
  ASSERT_TRUE(back);
  EXPECT_TRUE(back->chain.empty());
  EXPECT_EQ(back->friendly_name, "");
}

TEST(Pfx, KeyAndCertificateMustBelongTogether) {
  Pfx pfx = sample(pki::new_key());
  pfx.key = pki::new_key();
  EXPECT_FALSE(make_pfx(pfx, "x"));
  pfx.key = PrivateKey();
  EXPECT_FALSE(make_pfx(pfx, "x"));
  EXPECT_FALSE(make_pfx(Pfx{pki::new_key(), {}, {}, {}}, "x"));
}

TEST(Pfx, DamagedFilesAreRefused) {
  const Bytes der = *make_pfx(sample(pki::new_key()), "x");
  for (std::size_t i = 0; i < der.size(); i += 7) EXPECT_FALSE(open_pfx(BytesView(der).first(i), "x"));
  EXPECT_FALSE(open_pfx(as_bytes("junk"), "x"));
  EXPECT_FALSE(open_pfx(Bytes(2 * 1024 * 1024, 0x30), "x"));
}

TEST(Pfx, AnAbsurdIterationCountIsRefusedAtOnce) {
  Bytes der = *make_pfx(sample(pki::new_key()), "x");
  // The MAC's count is the last value: INTEGER 2048.
  ASSERT_EQ(to_hex(BytesView(der).last(4)), "02020800");
  der[der.size() - 2] = 0x88;  // negative
  EXPECT_EQ(open_pfx(der, "x").error().code, Code{HResult::ERROR_INVALID_DATA});
}

class Enveloped : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Kinds, Enveloped, testing::Values("rsa-2048", "p-256"));

TEST_P(Enveloped, OnlyTheRecipientReads) {
  const pki::Party device = pki::certify("CN=device", nullptr, {}, pki::fixed_key(GetParam()));
  const Bytes content(5000, 0x5A);
  const auto message = cms_encrypt(content, device.certificate);
  ASSERT_TRUE(message) << message.error().describe();
  EXPECT_EQ(*cms_decrypt(*message, device.certificate, device.key), content);
  EXPECT_EQ(to_string(BytesView(*message)).find(std::string(16, '\x5A')), std::string::npos);
  const pki::Party other = pki::certify("CN=other", nullptr, {}, pki::new_key());
  EXPECT_FALSE(cms_decrypt(*message, other.certificate, other.key));
  EXPECT_FALSE(cms_decrypt(*message, device.certificate, PrivateKey()));
  EXPECT_TRUE(cms_decrypt(*cms_encrypt({}, device.certificate), device.certificate, device.key)->empty());
}

TEST(Pfx, OtherMessagesAreRefused) {
  const pki::Party device = pki::certify("CN=device", nullptr, {});
  EXPECT_FALSE(cms_decrypt(as_bytes("junk"), device.certificate, device.key));
  EXPECT_EQ(cms_decrypt(*cms_certs_only({device.certificate}), device.certificate, device.key).error().code,
            Code{HResult::CRYPT_E_INVALID_MSG_TYPE});
  EXPECT_FALSE(cms_encrypt(as_bytes("x"), Certificate()));
  EXPECT_FALSE(cms_certs_only({}));
}

}  // namespace
}  // namespace mimica
