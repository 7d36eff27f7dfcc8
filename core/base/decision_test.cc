#include "core/base/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mimica {
namespace {

constexpr Rule kFirst{"test.first.holds", "The first thing holds.", "TEST 1", "Make the first thing hold."};
constexpr Rule kSecond{"test.second.holds", "The second thing holds.", "TEST 2", "Make the second thing hold."};
constexpr Rule kThird{"test.third.holds", "The third thing holds.", "TEST 3", "", Provenance::inferred, "2025-09-10"};
constexpr const Rule* kRules[] = {&kFirst, &kSecond, &kThird};

Trace refused() {
  Trace trace;
  trace.pass(kFirst, "found it", {{"name", "value"}});
  trace.warn(kThird, "soon refused");
  trace.fail(kSecond, HResult::E_ACCESSDENIED, "not found", {{"who", "jane"}, {"what", "Enroll"}}, "do this");
  trace.skip(kThird, "no need");
  return trace;
}

TEST(Decision, TheLastFailureDecides) {
  const auto decision = Decision<int>::refuse(refused());
  EXPECT_FALSE(decision);
  EXPECT_EQ(decision.rule(), kSecond.id);
  EXPECT_EQ(decision.code, Code{HResult::E_ACCESSDENIED});
  EXPECT_TRUE(decision.trace.has(kFirst.id, Verdict::pass));
  EXPECT_TRUE(decision.trace.has(kThird.id, Verdict::not_applicable));
  EXPECT_FALSE(decision.trace.has(kFirst.id, Verdict::fail));
  ASSERT_NE(decision.trace.find(kSecond.id), nullptr);
  EXPECT_EQ(decision.trace.find("test.unknown"), nullptr);
}

TEST(Decision, AGrantHasNoDecidingRule) {
  const auto decision = Decision<int>::grant(5, refused());
  ASSERT_TRUE(decision);
  EXPECT_EQ(*decision.granted, 5);
  EXPECT_EQ(decision.rule(), "");
  EXPECT_EQ(Trace().deciding(), nullptr);
}

TEST(Decision, TracesAppend) {
  Trace trace;
  trace.pass(kFirst);
  trace.append(refused());
  EXPECT_EQ(trace.steps().size(), 5u);
}

TEST(Decision, TheExplanationMarksTheDecidingRuleAndItsHint) {
  const std::string text = explain(refused(), "request 17 refused", HResult::E_ACCESSDENIED);
  EXPECT_EQ(text.substr(0, text.find('\n')), "request 17 refused: E_ACCESSDENIED (0x80070005)");
  EXPECT_THAT(text, testing::HasSubstr("  pass  test.first.holds"));
  EXPECT_THAT(text, testing::HasSubstr("  FAIL  test.second.holds"));
  EXPECT_THAT(text, testing::HasSubstr("hint: do this"));
  EXPECT_THAT(explain(refused(), {}, {}, Colour::ansi), testing::HasSubstr("\033[1;31mFAIL"));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("\033")));
}

TEST(Decision, ARulesOwnHintStandsInForAMissingOne) {
  Trace trace;
  trace.fail(kFirst, HResult::E_FAIL, "no");
  EXPECT_THAT(explain(trace), testing::HasSubstr("hint: Make the first thing hold."));
}

TEST(Decision, TracesSurviveStorage) {
  const Trace before = refused();
  const auto after = trace_from_json(trace_to_json(before), kRules);
  ASSERT_TRUE(after);
  ASSERT_EQ(after->steps().size(), before.steps().size());
  for (std::size_t i = 0; i < before.steps().size(); ++i) {
    const Step& a = before.steps()[i];
    const Step& b = after->steps()[i];
    EXPECT_EQ(a.rule, b.rule);
    EXPECT_EQ(a.verdict, b.verdict);
    EXPECT_EQ(a.found, b.found);
    EXPECT_EQ(a.hint, b.hint);
    EXPECT_EQ(a.code, b.code);
    EXPECT_EQ(a.facts, b.facts);
  }
}

TEST(Decision, DamagedStoredTracesAreFaults) {
  for (const char* json : {"", "{}", "[1]", "[{}]", R"([{"rule":"test.unknown","verdict":"pass"}])",
                           R"([{"rule":"test.first.holds","verdict":"maybe"}])"})
    EXPECT_FALSE(trace_from_json(json, kRules)) << json;
}

}  // namespace
}  // namespace mimica
