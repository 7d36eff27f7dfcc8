#include "core/windows/sid.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

TEST(Sid, ReadsAndWritesTheAccountForm) {
  const auto sid = Sid::parse("S-1-5-21-1000000001-2000000002-3000000003-1102");
  ASSERT_TRUE(sid);
  EXPECT_EQ(to_hex(sid->to_binary()), "01050000000000051500000001ca9a3b02943577035ed0b24e040000");
  EXPECT_EQ(sid->to_string(), "S-1-5-21-1000000001-2000000002-3000000003-1102");
  EXPECT_EQ(sid->rid(), 1102u);
  EXPECT_EQ(sid->domain().to_string(), "S-1-5-21-1000000001-2000000002-3000000003");
  EXPECT_EQ(sid->domain().with_rid(1102), *sid);
  EXPECT_EQ(*Sid::from_binary(sid->to_binary()), *sid);
}

TEST(Sid, ReadsAuthoritiesAbove32BitsInHexadecimal) {
  const auto sid = Sid::parse("s-1-0x0123456789AB-7");
  ASSERT_TRUE(sid);
  EXPECT_EQ(sid->to_string(), "S-1-0x0123456789AB-7");
  EXPECT_EQ(to_hex(sid->to_binary()), "01010123456789ab07000000");
  EXPECT_EQ(Sid::parse("S-1-0x5-18")->to_string(), "S-1-5-18");
}

TEST(Sid, KnowsWellKnownAccounts) {
  EXPECT_EQ(sids::kEveryone.to_string(), "S-1-1-0");
  EXPECT_EQ(sids::kBuiltinAdministrators.to_string(), "S-1-5-32-544");
  EXPECT_TRUE(Sid{}.empty());
  EXPECT_EQ(Sid{}.to_string(), "");
}

TEST(Sid, RefusesMalformedText) {
  for (const char* text :
       {"", "S-1", "S-1-", "S-2-5-18", "S-1-5-", "S-1-5--18", "S-1-5-4294967296", "S-1-5-18x", "S-1-281474976710656",
        "S-1-0x1000000000000", "S-1-5-0x12", "X-1-5-18", "S-1-5 -18", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"}) {
    EXPECT_FALSE(Sid::parse(text)) << text;
  }
  EXPECT_TRUE(Sid::parse("S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15"));
}

TEST(Sid, RefusesMalformedOctets) {
  const Bytes good = sids::kBuiltinUsers.to_binary();
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_FALSE(Sid::from_binary(BytesView(good).first(n))) << n;
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(Sid::from_binary(longer));
  std::size_t used = 0;
  EXPECT_TRUE(Sid::from_binary_prefix(longer, used));
  EXPECT_EQ(used, good.size());
  Bytes revision = good;
  revision[0] = 2;
  EXPECT_FALSE(Sid::from_binary(revision));
  Bytes many(200, 1);
  many[1] = 16;
  EXPECT_FALSE(Sid::from_binary_prefix(many, used));
}

}  // namespace
}  // namespace mimica
