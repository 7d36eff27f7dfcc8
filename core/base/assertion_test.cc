#include "core/base/assertion.h"

#include <gtest/gtest.h>

#include "core/base/fault.h"

namespace mimica {
namespace {

TEST(AssertionDeathTest, ABrokenInvariantEndsTheProgramInEveryBuild) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  MIMICA_ASSERT(1 + 1 == 2);
  EXPECT_DEATH(MIMICA_ASSERT(1 + 1 == 3), "assertion_test.cc:[0-9]+: broken invariant: 1 \\+ 1 == 3");
}

TEST(AssertionDeathTest, TheOtherSideOfAResultCannotBeTaken) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(static_cast<void>(Result<void>().error()), "broken invariant");
  EXPECT_DEATH(static_cast<void>(Result<int>(1).error()), "broken invariant");
  EXPECT_DEATH(static_cast<void>(Result<int>(fault("no")).value()), "broken invariant");
}

}  // namespace
}  // namespace mimica
