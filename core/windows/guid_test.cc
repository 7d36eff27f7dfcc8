#include "core/windows/guid.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

TEST(Guid, KeepsTheFirstThreeFieldsLittleEndian) {
  EXPECT_EQ(to_hex(guids::kEnroll.to_binary()), "68c9100efb78d21190d400c04f79dc55");
  EXPECT_EQ(to_hex(guids::kAutoEnroll.to_binary()), "c28c5ba0bc170248a710e7c15ab866a2");
  EXPECT_EQ(guids::kEnroll.to_string(), "0e10c968-78fb-11d2-90d4-00c04f79dc55");
  EXPECT_EQ(*Guid::from_binary(guids::kEnroll.to_binary()), guids::kEnroll);
}

TEST(Guid, ReadsBracesAndAnyCase) {
  EXPECT_EQ(*Guid::parse("{0E10C968-78FB-11D2-90D4-00C04F79DC55}"), guids::kEnroll);
  for (const char* text : {"", "0e10c968", "0e10c96878fb11d290d400c04f79dc55", "{0e10c968-78fb-11d2-90d4-00c04f79dc55",
                           "0e10c968-78fb-11d2-90d4-00c04f79dc5g", "0e10c96-878fb-11d2-90d4-00c04f79dc55",
                           "0e10c968-78fb-11d2-90d4-00c04f79dc55 "}) {
    EXPECT_FALSE(Guid::parse(text)) << text;
  }
  EXPECT_FALSE(Guid::from_binary(Bytes(15)));
}

TEST(Guid, RandomOnesAreVersion4) {
  SeededEntropy entropy("guid");
  const Guid one = Guid::random(entropy), two = Guid::random(entropy);
  EXPECT_NE(one, two);
  EXPECT_EQ(one.to_string()[14], '4');
  EXPECT_NE(std::string("89ab").find(one.to_string()[19]), std::string::npos);
}

}  // namespace
}  // namespace mimica
