#include "core/base/entropy.h"

#include <gtest/gtest.h>

#include <set>

namespace mimica {
namespace {

TEST(Entropy, TheSameSeedGivesTheSameStream) {
  SeededEntropy a("lab");
  SeededEntropy b("lab");
  SeededEntropy c("other lab");
  const Bytes whole = a.bytes(100);
  Bytes parts = b.bytes(1);
  for (const Bytes& more : {b.bytes(40), b.bytes(0), b.bytes(59)}) parts.insert(parts.end(), more.begin(), more.end());
  EXPECT_EQ(whole, parts);
  EXPECT_NE(whole, c.bytes(100));
  EXPECT_NE(whole, a.bytes(100));
}

TEST(Entropy, TheSystemDoesNotRepeat) {
  SystemEntropy entropy;
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(seen.insert(entropy.bytes(16)).second);
}

TEST(Entropy, NumbersComeFromTheStream) {
  SeededEntropy a("lab");
  SeededEntropy b("lab");
  const Bytes first = b.bytes(4);
  EXPECT_EQ(a.u32(), static_cast<std::uint32_t>(first[0]) << 24 | static_cast<std::uint32_t>(first[1]) << 16 |
                         static_cast<std::uint32_t>(first[2]) << 8 | first[3]);
}

}  // namespace
}  // namespace mimica
