#include "harness/operations/operation.h"

#include <gtest/gtest.h>

#include <set>

#include "harness/operations/reader.h"
#include "harness/operations/session.h"
#include "harness/operations/values.h"
#include "harness/scenario/fake_lab_test.h"

namespace mimica::harness {
namespace {

void expect_help(const schema::Type& type) {
  for (const schema::Field& field : type.fields) EXPECT_FALSE(field.help.empty()) << type.name << "." << field.key;
}

TEST(Operations, EachIsDescribed) {
  std::set<std::string_view> keys;
  std::set<int> places;
  for (const Operation& operation : operations()) {
    EXPECT_TRUE(keys.insert(operation.key).second) << operation.key;
    EXPECT_TRUE(places.insert(operation.place).second) << operation.key;
    ASSERT_NE(operation.type, nullptr) << operation.key;
    EXPECT_EQ(operation.type->kind, schema::Kind::object) << operation.key;
    EXPECT_FALSE(operation.type->help.empty()) << operation.key;
    expect_help(*operation.type);
    EXPECT_EQ(operation_named(operation.key), &operation);
  }
  EXPECT_EQ(operation_named("no_such_verb"), nullptr);
}

TEST(Operations, TheExampleOfEachCanBeReadAndHasATitle) {
  for (const Operation& operation : operations()) {
    const std::string source(operation.key);
    auto example = parse_yaml(operation.type->example, source);
    ASSERT_TRUE(example) << operation.key;
    const YamlNode* fields = example->find(operation.key);
    ASSERT_NE(fields, nullptr) << operation.key;
    std::vector<Fault> faults;
    schema::check(*fields, *operation.type, source, {}, faults);
    const FileReader no_files;
    OperationReader reader(source, no_files, false, faults);
    EXPECT_FALSE(operation.read(reader, schema::View(fields, operation.type)).title().empty()) << operation.key;
    EXPECT_TRUE(faults.empty()) << operation.key << ": " << (faults.empty() ? "" : faults.front().describe());
  }
}

TEST(Operations, ARefusalKeepsItsCodeAndRule) {
  FakeScript script;
  Report refused;
  refused.outcome = Outcome::refused;
  static constexpr Rule kEnroll{"templates.permission.enroll", "The caller may enroll", "MS-CRTD 2.5", "allow Enroll"};
  refused.trace.fail(kEnroll, HResult::CERTSRV_E_TEMPLATE_DENIED, "needs Enroll");
  refused.code = HResult::CERTSRV_E_TEMPLATE_DENIED;
  script.answers.push_back(refused);
  FakeLab lab({}, script);
  const auto report = Action(step::CheckIn{"PC"}).run(lab, Earlier{});
  ASSERT_TRUE(report);
  EXPECT_EQ(report->code, Code{HResult::CERTSRV_E_TEMPLATE_DENIED});
  EXPECT_EQ(report->rule(), kEnroll.id);
}

TEST(Operations, WhatAnEarlierOneDidNotYieldIsAFault) {
  FakeScript script;
  FakeLab lab({}, script);
  Earlier earlier;
  const Action revoke = step::Revoke{"first", "Administrator", 0};
  EXPECT_FALSE(revoke.run(lab, earlier));
  EXPECT_EQ(earlier.take_broken(), std::nullopt);
  earlier.keep("first", Report{}, false);
  EXPECT_FALSE(revoke.run(lab, earlier));
  EXPECT_NE(earlier.take_broken(), std::nullopt);
  EXPECT_EQ(earlier.take_broken(), std::nullopt);
  EXPECT_TRUE(script.calls.empty());
}

TEST(OperationSession, RunsWhatJsonSays) {
  FakeScript script;
  FakeLab lab({}, script);
  OperationSession session;
  ASSERT_TRUE(session.run(lab, "add", R"({"user": {"name": "jane"}})", "", {}));
  ASSERT_TRUE(session.run(lab, "clock", R"({"advance": "1 h"})", "", {}));
  EXPECT_EQ(script.calls, std::vector<std::string>{"add_user jane"});
  EXPECT_EQ(lab.now(), LabSpec{}.clock + kHour);
}

TEST(OperationSession, RefusesWhatTheTableDoesNotHave) {
  FakeScript script;
  FakeLab lab({}, script);
  OperationSession session;
  EXPECT_FALSE(session.run(lab, "delver", "{}", "", {}));
  EXPECT_FALSE(session.run(lab, "repeat", "{}", "", {}));
  EXPECT_FALSE(session.run(lab, "check_in", R"({"dvice": "PC"})", "", {}));
  EXPECT_FALSE(session.run(lab, "check_in", "[", "", {}));
  EXPECT_FALSE(session.run(lab, "logon", R"({"as": "jane"})", "", {}));
  EXPECT_FALSE(session.run(lab, "revoke", R"({"certificate": "nothing"})", "", {}));
  EXPECT_TRUE(script.calls.empty());
}

TEST(OperationSession, AnotherCountThanWantedIsAFailure) {
  FakeScript script;
  FakeLab lab({}, script);
  OperationSession session;
  const auto none = session.run(lab, "check", R"({"device": "PC", "count": 0})", "", {});
  ASSERT_TRUE(none);
  EXPECT_EQ(none->outcome, Outcome::done);
  const auto two = session.run(lab, "check", R"({"device": "PC", "count": 2})", "", {});
  ASSERT_TRUE(two);
  EXPECT_EQ(two->outcome, Outcome::failed);
}

}  // namespace
}  // namespace mimica::harness
