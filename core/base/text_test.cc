#include "core/base/text.h"

#include <gtest/gtest.h>

#include <vector>

namespace mimica {
namespace {

TEST(Text, JoinPutsTheSeparatorBetweenItems) {
  EXPECT_EQ(join(std::vector<std::string>{}), "");
  EXPECT_EQ(join(std::vector<std::string>{"a"}), "a");
  EXPECT_EQ(join(std::vector<std::string>{"a", "", "c"}, "; "), "a; ; c");
  EXPECT_EQ(join(std::vector<std::string_view>{"", "b"}), ", b");
}

TEST(Text, JoinTakesWhatAProjectionMakesOfEachItem) {
  struct Named {
    std::string name;
    std::string upper() const { return "N" + name; }
  };
  const std::vector<Named> items{{"1"}, {"2"}, {"3"}};
  EXPECT_EQ(join(items, ", ", &Named::name), "1, 2, 3");
  EXPECT_EQ(join(items, " or ", &Named::upper), "N1 or N2 or N3");
  EXPECT_EQ(join(items, "", [](const Named& one) { return one.name + one.name; }), "112233");
  constexpr const char* kWords[] = {"x", "y"};
  EXPECT_EQ(join(kWords, ",", std::identity()), "x,y");
}

TEST(Text, AppendedItemsAreSeparatedAfterTheFirst) {
  std::string list;
  append_item(list, "a");
  append_item(list, "b");
  append_item(list, "c", " | ");
  EXPECT_EQ(list, "a, b | c");
}

TEST(Text, QuoteAddsNothingButTheQuotes) {
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("a\"b"), "\"a\"b\"");
}

}  // namespace
}  // namespace mimica
