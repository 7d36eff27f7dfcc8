#include "core/asn1/algorithms.h"

#include <gtest/gtest.h>

#include <set>

namespace mimica {
namespace {

TEST(Algorithms, EachIdentifierLeadsBackToItsRow) {
  std::set<std::string_view> all;
  for (const DigestAlgorithm& row : digest_algorithms()) {
    EXPECT_EQ(digest_algorithm(Oid(row.oid)), &row);
    EXPECT_EQ(signature_algorithm(Oid(row.with_rsa))->digest, &row);
    EXPECT_FALSE(signature_algorithm(Oid(row.with_rsa))->is_ecdsa);
    EXPECT_EQ(signature_algorithm(Oid(row.with_ecdsa))->digest, &row);
    EXPECT_TRUE(signature_algorithm(Oid(row.with_ecdsa))->is_ecdsa);
    for (const std::string_view oid : {row.oid, row.with_rsa, row.with_ecdsa}) EXPECT_TRUE(all.insert(oid).second);
  }
  EXPECT_EQ(all.size(), 15U);
}

TEST(Algorithms, OtherIdentifiersAreNotKnown) {
  EXPECT_EQ(digest_algorithm(Oid(kRsaEncryptionOid)), nullptr);
  EXPECT_EQ(digest_algorithm(Oid()), nullptr);
  for (const std::string_view oid : {kRsaEncryptionOid, kRsaPssOid, kMgf1Oid, kEcPublicKeyOid})
    EXPECT_EQ(signature_algorithm(Oid(oid)), std::nullopt) << oid;
}

}  // namespace
}  // namespace mimica
