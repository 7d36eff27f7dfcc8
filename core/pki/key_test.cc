#include "core/pki/key.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "core/asn1/der.h"
#include "core/pki/testing/pki_test.h"

namespace mimica {
namespace {

TEST(KeySpec, TextBothWays) {
  for (const char* text : {"RSA-2048", "RSA-4096", "P-256", "P-384", "P-521"}) {
    const auto spec = parse_key_spec(text);
    ASSERT_TRUE(spec) << text;
    EXPECT_EQ(to_string(*spec), text);
  }
  EXPECT_EQ(*parse_key_spec("rsa:4096"), (KeySpec{KeyKind::rsa, 4096}));
  EXPECT_EQ(*parse_key_spec("ecdsa:p384"), (KeySpec{KeyKind::ec, 384}));
  EXPECT_EQ(*parse_key_spec("EC:P-256"), (KeySpec{KeyKind::ec, 256}));
  EXPECT_EQ(*parse_key_spec("rsa2048"), (KeySpec{KeyKind::rsa, 2048}));
  for (const char* text : {"", "rsa", "RSA-", "RSA-1", "RSA-99999", "P-255", "dsa:1024", "ec256x", "RSA-2048x"})
    EXPECT_FALSE(parse_key_spec(text)) << text;
}

TEST(Digests, OfAbc) {
  EXPECT_EQ(to_hex(digest(Digest::sha1, as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(to_hex(digest(Digest::sha256, as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest(Digest::sha384, as_bytes("abc")).size(), 48u);
  EXPECT_EQ(digest(Digest::sha512, as_bytes("abc")).size(), 64u);
  EXPECT_EQ(to_hex(md5(as_bytes("abc"))), "900150983cd24fb0d6963f7d28e17f72");
}

class EveryKey : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Kinds, EveryKey, testing::Values("rsa-1024", "rsa-2048", "p-256", "p-384"));

TEST_P(EveryKey, SignsAndVerifiesWithEveryDigest) {
  const PrivateKey key = pki::fixed_key(GetParam());
  const PublicKey public_key = key.public_key();
  EXPECT_EQ(to_lower(to_string(key.spec())), GetParam());
  EXPECT_EQ(public_key.spec(), key.spec());
  for (Digest d : {Digest::sha1, Digest::sha256, Digest::sha384, Digest::sha512}) {
    auto signature = key.sign(d, as_bytes("hello"));
    ASSERT_TRUE(signature);
    const Bytes algorithm = key.signature_algorithm(d);
    EXPECT_TRUE(*public_key.verify(algorithm, as_bytes("hello"), *signature));
    EXPECT_FALSE(*public_key.verify(algorithm, as_bytes("hellO"), *signature));
    signature->back() ^= 1;
    EXPECT_FALSE(*public_key.verify(algorithm, as_bytes("hello"), *signature));
    EXPECT_FALSE(*public_key.verify(algorithm, as_bytes("hello"), {}));
  }
}

TEST_P(EveryKey, SurvivesItsEncodings) {
  const PrivateKey key = pki::fixed_key(GetParam());
  const auto again = PrivateKey::from_pkcs8(key.pkcs8());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->public_key().spki(), key.public_key().spki());
  EXPECT_EQ(again->pkcs8(), key.pkcs8());
  EXPECT_EQ(PrivateKey::from_pem(key.pem())->pkcs8(), key.pkcs8());
  EXPECT_EQ(PublicKey::from_spki(key.public_key().spki())->spec(), key.spec());
  EXPECT_EQ(key.public_key().key_identifier().size(), 20u);
}

TEST(Keys, AreGenerated) {
  for (const KeySpec& spec :
       {KeySpec{KeyKind::ec, 256}, KeySpec{KeyKind::ec, 384}, KeySpec{KeyKind::ec, 521}, KeySpec{KeyKind::rsa, 1024}}) {
    const auto key = PrivateKey::generate(spec);
    ASSERT_TRUE(key) << to_string(spec);
    EXPECT_EQ(key->spec(), spec);
    const auto signature = key->sign(Digest::sha256, as_bytes("x"));
    EXPECT_TRUE(*key->public_key().verify(key->signature_algorithm(Digest::sha256), as_bytes("x"), *signature));
  }
  EXPECT_FALSE(PrivateKey::generate({KeyKind::rsa, 100}));
  EXPECT_FALSE(PrivateKey::generate({KeyKind::ec, 255}));
}

TEST(Keys, AnEmptyKeyAnswersWithFaults) {
  const PrivateKey none;
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(none.sign(Digest::sha256, as_bytes("x")));
  EXPECT_TRUE(none.pkcs8().empty());
  EXPECT_TRUE(none.pem().empty());
  EXPECT_FALSE(PublicKey().verify(PrivateKey().signature_algorithm(Digest::sha256), as_bytes("x"), as_bytes("y")));
}

TEST(Keys, TheKeyIdentifierHashesTheBitString) {
  const Bytes spki = pki::fixed_key("p-256").public_key().spki();
  const BytesView point = BytesView(spki).subspan(spki.size() - 65);
  EXPECT_EQ(PublicKey::from_spki(spki)->key_identifier(), digest(Digest::sha1, point));
}

TEST(Keys, MalformedPublicKeysAreRefused) {
  const Bytes rsa = pki::fixed_key("rsa-2048").public_key().spki();
  const Bytes ec = pki::fixed_key("p-256").public_key().spki();
  EXPECT_FALSE(PublicKey::from_spki({}));
  EXPECT_FALSE(PublicKey::from_spki(BytesView(rsa).first(rsa.size() - 1)));
  Bytes even = rsa;
  even[even.size() - 6] &= 0xFE;  // the last octet of the modulus stands before the exponent 65537
  EXPECT_FALSE(PublicKey::from_spki(even));
  Bytes trailing = ec;
  trailing.push_back(0);
  EXPECT_FALSE(PublicKey::from_spki(trailing));
  Bytes form = ec;
  form[form.size() - 65] = 5;
  EXPECT_FALSE(PublicKey::from_spki(form));
  // secp256k1 and Ed25519 are not supported.
  EXPECT_EQ(PublicKey::from_spki(*from_hex("3020301006072a8648ce3d020106052b8104000a030c000411111111111111111111"))
                .error()
                .code,
            Code{HResult::NTE_BAD_ALGID});
  EXPECT_EQ(PublicKey::from_spki(*from_hex("300d300506032b6570030400112233")).error().code,
            Code{HResult::NTE_BAD_ALGID});
}

TEST(Keys, APointOffTheCurveVerifiesNothing) {
  Bytes spki = pki::fixed_key("p-256").public_key().spki();
  spki.back() ^= 1;
  const auto key = PublicKey::from_spki(spki);
  ASSERT_TRUE(key);
  EXPECT_FALSE(key->verify(pki::fixed_key("p-256").signature_algorithm(Digest::sha256), as_bytes("x"), as_bytes("y")));
}

TEST(Keys, TheAlgorithmMustBeKnownAndFitTheKey) {
  const PrivateKey rsa = pki::fixed_key("rsa-1024");
  const PrivateKey ec = pki::fixed_key("p-256");
  const auto signature = rsa.sign(Digest::sha256, as_bytes("x"));
  EXPECT_FALSE(*rsa.public_key().verify(ec.signature_algorithm(Digest::sha256), as_bytes("x"), *signature));
  EXPECT_FALSE(*ec.public_key().verify(rsa.signature_algorithm(Digest::sha256), as_bytes("x"), *signature));
  EXPECT_FALSE(*rsa.public_key().verify(rsa.signature_algorithm(Digest::sha1), as_bytes("x"), *signature));
  const Bytes md5_with_rsa = der::sequence({der::oid(Oid("1.2.840.113549.1.1.4")), der::null()});
  EXPECT_EQ(rsa.public_key().verify(md5_with_rsa, as_bytes("x"), *signature).error().code,
            Code{HResult::NTE_BAD_ALGID});
  EXPECT_FALSE(rsa.public_key().verify(as_bytes("junk"), as_bytes("x"), *signature));
}

TEST(Keys, MalformedPrivateKeysAreRefused) {
  EXPECT_FALSE(PrivateKey::from_pem(""));
  EXPECT_FALSE(PrivateKey::from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  EXPECT_FALSE(PrivateKey::from_pkcs8(pki::fixed_key("p-256").public_key().spki()));
  const Bytes good = pki::fixed_key("p-256").pkcs8();
  for (std::size_t i = 0; i < good.size(); ++i) EXPECT_FALSE(PrivateKey::from_pkcs8(BytesView(good).first(i)));
}

TEST(Keys, SignFromManyThreads) {
  const PrivateKey key = pki::fixed_key("p-256");
  const PublicKey public_key = key.public_key();
  const Bytes algorithm = key.signature_algorithm(Digest::sha256);
  std::vector<std::thread> threads;
  std::array<int, 4> good{};
  for (int& count : good)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto signature = key.sign(Digest::sha256, as_bytes("x"));
        if (signature && public_key.verify(algorithm, as_bytes("x"), *signature).value_or(false)) ++count;
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (int count : good) EXPECT_EQ(count, 20);
}

TEST(PooledKeys, AreHandedOutInOrderThenFresh) {
  std::vector<PrivateKey> keys;
  std::string pem = "two test keys\n";
  for (int i = 0; i < 2; ++i) {
    keys.push_back(pki::new_key());
    pem += keys.back().pem() + "and between\n";
  }
  pem += pki::fixed_key("rsa-1024").pem();
  const auto pool = PooledKeys::from_pem(pem);
  ASSERT_TRUE(pool);
  const KeySpec p256{KeyKind::ec, 256};
  EXPECT_EQ((*pool)->left(p256), 2u);
  EXPECT_EQ((*pool)->key({KeyKind::rsa, 1024})->pkcs8(), pki::fixed_key("rsa-1024").pkcs8());
  EXPECT_EQ((*pool)->key(p256)->pkcs8(), keys[0].pkcs8());
  EXPECT_EQ((*pool)->key(p256)->pkcs8(), keys[1].pkcs8());
  EXPECT_EQ((*pool)->left(p256), 0u);
  const auto fresh = (*pool)->key(p256);
  ASSERT_TRUE(fresh);
  EXPECT_NE(fresh->pkcs8(), keys[0].pkcs8());
  EXPECT_EQ(fresh->spec(), p256);
}

TEST(PooledKeys, NoKeyIsHandedOutTwice) {
  std::vector<PrivateKey> keys;
  for (int i = 0; i < 40; ++i) keys.push_back(pki::new_key());
  PooledKeys pool(keys);
  std::array<std::vector<Bytes>, 4> taken;
  std::vector<std::thread> threads;
  for (auto& mine : taken)
    threads.emplace_back([&pool, &mine] {
      for (int i = 0; i < 10; ++i) mine.push_back(pool.key({KeyKind::ec, 256})->public_key().spki());
    });
  for (std::thread& thread : threads) thread.join();
  std::set<Bytes> all;
  for (const auto& mine : taken) all.insert(mine.begin(), mine.end());
  EXPECT_EQ(all.size(), 40u);
}

TEST(PooledKeys, ADamagedBlockIsNamed) {
  const auto pool =
      PooledKeys::from_pem(pki::new_key().pem() + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  ASSERT_FALSE(pool);
  EXPECT_EQ(pool.error().what.substr(0, 6), "key 2:");
  EXPECT_EQ((*PooledKeys::from_pem("nothing here"))->left({}), 0u);
}

}  // namespace
}  // namespace mimica
