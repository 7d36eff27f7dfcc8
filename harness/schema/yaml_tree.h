// A YAML document as a plain tree with positions: what the scenario loader works on. Reading is bounded, so that a
// hostile file costs at most a few megabytes: size, depth, number of nodes (an alias counts as all the nodes it stands
// for), one document, no tags, no duplicate keys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.h"
#include "core/base/nearest.h"

namespace mimica::harness {

struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };
  struct Member;

  Kind kind = Kind::null;
  std::string text;   // scalar
  bool plain = true;  // scalar: not quoted and no block text, so "1" may be a number and "true" a boolean
  std::vector<YamlNode> items;
  std::vector<Member> members;  // mapping, in the order of the file
  int line = 0;                 // from 1
  int column = 0;               // from 1

  bool is_null() const { return kind == Kind::null; }
  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_sequence() const { return kind == Kind::sequence; }
  bool is_mapping() const { return kind == Kind::mapping; }
  const YamlNode* find(std::string_view key) const;  // value of a mapping's key; nullptr when absent or no mapping
  Where where(const std::string& source) const { return {source, line, column, {}}; }
};
struct YamlNode::Member {
  std::string key;
  int line = 0;
  int column = 0;
  YamlNode value;
};

struct YamlLimits {
  std::size_t octets = 1024 * 1024;
  std::size_t depth = 32;
  std::size_t nodes = 50'000;
};

// Reads the one document of `text`. Syntax errors and refused constructs are Faults with their position in `source`.
Result<YamlNode> parse_yaml(std::string_view text, const std::string& source, const YamlLimits& limits = {});

// Number of nodes of the tree, the root included.
std::size_t count_nodes(const YamlNode& node);

}  // namespace mimica::harness
