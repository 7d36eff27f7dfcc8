#include "kdc/mapping/key_credential.h"

#include <gtest/gtest.h>

#include "kdc/testing/testing.h"

namespace mimica::kdc {
namespace {

using namespace testing;

Bytes blob() {
  return must(make_key_credential(rsa_key().public_key(), must(Guid::parse("0e10c968-78fb-11d2-90d4-00c04f79dc55")),
                                  at("2024-01-01")));
}

TEST(KeyCredential, ReadsWhatRegistrationWrites) {
  const auto credential = parse_key_credential(blob());
  ASSERT_TRUE(credential) << credential.error().describe();
  EXPECT_EQ(credential->usage, 1);
  EXPECT_EQ(credential->created, at("2024-01-01"));
  EXPECT_EQ(credential->device->to_string(), "0e10c968-78fb-11d2-90d4-00c04f79dc55");
  EXPECT_EQ(credential->material.size(), 24U + 3U + 256U);
  EXPECT_EQ(to_hex(BytesView(credential->material).first(12)), "525341310008000003000000");
  EXPECT_TRUE(holds_key(*credential, rsa_key().public_key()));
  EXPECT_FALSE(holds_key(*credential, key(0).public_key()));
  EXPECT_FALSE(holds_key(*credential, must(PrivateKey::generate({KeyKind::rsa, 2048})).public_key()));
}

TEST(KeyCredential, ReadsDnBinaryValues) {
  const std::string value = dn_binary(blob(), "CN=jane,CN=Users,DC=contoso,DC=com");
  EXPECT_TRUE(value.starts_with("B:"));
  EXPECT_TRUE(any_holds_key({to_bytes("B:4:00"), to_bytes(value)}, rsa_key().public_key()));
  EXPECT_FALSE(any_holds_key({to_bytes("B:4:0000:CN=jane")}, rsa_key().public_key()));
  std::string wrong = value;
  wrong[2] = '1';
  EXPECT_FALSE(parse_key_credential(as_bytes(wrong)));
}

TEST(KeyCredential, EveryDamageIsAFault) {
  const Bytes good = blob();
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(parse_key_credential(BytesView(good).first(size))) << size;
  // The version, an identifier, the KeyID, the KeyHash, and one octet in what the hash covers.
  for (const std::size_t at : {std::size_t{0}, std::size_t{6}, std::size_t{7}, std::size_t{45}, good.size() - 1}) {
    Bytes bad = good;
    bad[at] ^= 0x55;
    EXPECT_FALSE(parse_key_credential(bad)) << at;
  }
  EXPECT_FALSE(parse_key_credential(Bytes(kMaxKeyCredentialSize + 1)));
}

TEST(KeyCredential, KeysForOtherUsesDoNotLogOn) {
  auto credential = must(parse_key_credential(blob()));
  credential.usage = static_cast<std::uint8_t>(KeyUsage::fido);
  EXPECT_FALSE(holds_key(credential, rsa_key().public_key()));
  credential.usage = static_cast<std::uint8_t>(KeyUsage::ngc);
  credential.material = key(0).public_key().spki();
  EXPECT_TRUE(holds_key(credential, key(0).public_key())) << "a SubjectPublicKeyInfo is taken as it is";
  EXPECT_FALSE(make_key_credential(key(0).public_key(), {}, {}));
}

}  // namespace
}  // namespace mimica::kdc
