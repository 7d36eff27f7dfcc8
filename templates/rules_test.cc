#include "templates/rules.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace mimica::templates {
namespace {

TEST(TemplateRules, AreListedOnceWithEveryField) {
  std::set<std::string_view> ids;
  for (const Rule* rule : rules()) {
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_EQ(rule->id.substr(0, 10), "templates.") << rule->id;
    EXPECT_FALSE(rule->title.empty() || rule->citation.empty() || rule->hint.empty()) << rule->id;
  }
  EXPECT_EQ(ids.size(), 22u);
}

}  // namespace
}  // namespace mimica::templates
