#include "core/base/refusal.h"

#include <gtest/gtest.h>

namespace mimica {
namespace {

constexpr Rule kOpen{"door.open", "The door is open.", "house rules 1", "open the door"};

TEST(Refusal, WithoutARuleHasNoTrace) { EXPECT_TRUE(trace_of(fault("the house burnt down")).empty()); }

TEST(Refusal, NamesRuleCodeAndRepair) {
  const Trace trace =
      trace_of(refused_by(kOpen, fault(HResult::E_ACCESSDENIED, "the door is shut", {}, "turn the key")));
  ASSERT_NE(trace.deciding(), nullptr);
  EXPECT_EQ(trace.deciding()->rule, &kOpen);
  EXPECT_EQ(trace.deciding()->code, Code(HResult::E_ACCESSDENIED));
  EXPECT_EQ(trace.deciding()->found, "the door is shut");
  EXPECT_EQ(trace.deciding()->hint, "turn the key");
}

TEST(Refusal, KeepsADirectorysDiagnosticAsAFact) {
  const Trace trace =
      trace_of(refused_by(kOpen, fault(LdapCode::unwillingToPerform, "00002077: SvcErr", {}, "the door is shut")));
  ASSERT_NE(trace.deciding(), nullptr);
  EXPECT_EQ(trace.deciding()->found, "the door is shut");
  EXPECT_EQ(trace.deciding()->facts, (std::vector<Fact>{{"diagnostic", "00002077: SvcErr"}}));
  EXPECT_TRUE(trace.deciding()->hint.empty());
}

}  // namespace
}  // namespace mimica
