#include "harness/schema/yaml_tree.h"

#include <gtest/gtest.h>

namespace mimica::harness {
namespace {

YamlNode parsed(const std::string& text) {
  auto result = parse_yaml(text, "f.yaml");
  EXPECT_TRUE(result) << (result ? "" : result.error().describe());
  return result ? *result : YamlNode{};
}

Fault refused(const std::string& text, const YamlLimits& limits = {}) {
  auto result = parse_yaml(text, "f.yaml", limits);
  EXPECT_FALSE(result) << text;
  return result ? Fault{} : result.error();
}

TEST(YamlTree, KeepsKindsOrderAndPositions) {
  const YamlNode root = parsed("b: [1, \"2\"]\na:\n  - x: ~\n");
  ASSERT_TRUE(root.is_mapping());
  ASSERT_EQ(root.members.size(), 2U);
  EXPECT_EQ(root.members[0].key, "b");
  EXPECT_EQ(root.members[1].key, "a");
  EXPECT_EQ(root.members[1].line, 2);
  EXPECT_EQ(root.members[1].column, 1);
  const YamlNode& list = root.members[0].value;
  EXPECT_TRUE(list.items[0].plain);
  EXPECT_FALSE(list.items[1].plain);
  EXPECT_EQ(list.items[1].line, 1);
  EXPECT_EQ(list.items[1].column, 8);
  EXPECT_TRUE(root.find("a")->items[0].find("x")->is_null());
  EXPECT_EQ(root.find("missing"), nullptr);
}

TEST(YamlTree, DuplicateKeyNamesBothPlaces) {
  const Fault fault = refused("a: 1\nb: 2\na: 3\n");
  EXPECT_EQ(describe(fault.where), "f.yaml:3:1");
  EXPECT_NE(fault.hint.find("line 1"), std::string::npos);
}

TEST(YamlTree, SyntaxErrorsHaveAPosition) {
  EXPECT_EQ(refused("a: [1, 2\n").where.source, "f.yaml");
  EXPECT_GT(refused("a: [1, 2\n").where.line, 0);
  EXPECT_EQ(describe(refused("a:\n  - b\n c: d\n").where), "f.yaml:3:2");
}

TEST(YamlTree, RefusesWhatScenariosDoNotNeed) {
  EXPECT_EQ(describe(refused("a: !!binary aGk=\n").where), "f.yaml:1:4");
  EXPECT_EQ(describe(refused("? [a, b]\n: 1\n").where), "f.yaml:1:3");
  refused("a: 1\n---\nb: 2\n");
  refused("");
  refused(std::string("a: \0", 4));
  refused("a: \xff\n");
}

TEST(YamlTree, AliasesStandForTheirNodes) {
  const YamlNode root = parsed("a: &x {k: [1, 2]}\nb: *x\n");
  EXPECT_EQ(root.find("b")->find("k")->items.size(), 2U);
  EXPECT_EQ(root.find("b")->line, 2);
}

TEST(YamlTree, AliasBombsAreRefused) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int j = 0; j < 9; ++j) bomb += ", " + before;
    bomb += "]\n";
  }
  EXPECT_NE(refused(bomb).what.find("nodes"), std::string::npos);
}

TEST(YamlTree, BoundsAreEnforced) {
  YamlLimits limits;
  limits.octets = 10;
  refused("a: 12345678901234\n", limits);
  limits = {};
  limits.depth = 4;
  parsed("a: {b: {c: {d: 1}}}\n");
  refused("a: {b: {c: {d: {e: 1}}}}\n", limits);
  refused("a: &x {b: {c: 1}}\nd: {e: {f: *x}}\n", limits);
  refused(std::string(20000, '[') + "\n");
  limits = {};
  limits.nodes = 5;
  refused("a: [1, 2, 3, 4, 5]\n", limits);
  EXPECT_EQ(count_nodes(parsed("a: [1, 2]\n")), 4U);
}

TEST(YamlTree, AliasInsideItsOwnNodeIsRefused) { refused("a: &x [1, *x]\n"); }

TEST(Nearest, FindsSlipsOfThePen) {
  const std::vector<std::string> known{"expect", "deliver", "logon", "minimum_key_size"};
  EXPECT_EQ(nearest("expct", known), "expect");
  EXPECT_EQ(nearest("exepct", known), "expect");
  EXPECT_EQ(nearest("Deliver", known), "deliver");
  EXPECT_EQ(nearest("min_key_size", known), "minimum_key_size");
  EXPECT_EQ(nearest("banana", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(1000, 'x'), known), "");
}

}  // namespace
}  // namespace mimica::harness
