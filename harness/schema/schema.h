// The machinery behind operations and the scenario language: a table of types (harness/operations/verbs/ and
// harness/scenario/language.cc hold the table itself)
// from which the loader's checks, the JSON Schema for editors and the reference in docs/scenarios.md are all made, so
// that they cannot say different things.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.h"
#include "harness/schema/yaml_tree.h"

namespace mimica::harness::schema {

enum class Kind {
  text,      // any scalar
  integer,   // decimal, within [minimum, maximum]
  boolean,   // true, false
  time,      // 2025-09-10 or 2025-09-10T08:00:00Z
  duration,  // "90 s", "20 min", "36 h", "365 d"
  code,      // symbol or number of a protocol code
  rule,      // id of a rule
  choice,    // one of `values`
  json,      // anything; goes into JSON as it stands
  list,      // of `item`
  map,       // free keys to `item`
  object,    // the keys of `fields`
  any_of,    // one of `alternatives`
};

struct Type;

struct Field {
  std::string key;
  const Type* type = nullptr;
  std::string help;  // one sentence
  bool required = false;
  bool verb = false;     // of the verbs of an object exactly one is given
  std::string fallback;  // what holds when the key is absent, for the reference
};

struct Choice {
  std::string value;
  std::string help;
};

struct Type {
  Kind kind = Kind::text;
  std::string name;  // objects and choices: heading in the reference and name in the JSON Schema
  std::string help;
  std::vector<Field> fields;
  const Type* item = nullptr;
  std::vector<Choice> values;
  std::int64_t minimum = std::numeric_limits<std::int64_t>::min();
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
  std::vector<const Type*> alternatives;
  std::string example;  // YAML of one value, for the reference and the editors

  const Field* find(std::string_view key) const;
};

struct CheckOptions {
  bool placeholders = false;       // scalars with "${" stand for any scalar (before a matrix is expanded)
  std::vector<std::string> rules;  // known rule ids; empty: not checked
  std::size_t most_faults = 20;
};

// Appends a Fault with position and hint for everything in the tree that the type does not allow.
void check(const YamlNode& node, const Type& type, const std::string& source, const CheckOptions& options,
           std::vector<Fault>& faults);

// JSON Schema (draft-07) of the type, pretty-printed with a final newline.
std::string json_schema(const Type& root, const std::string& title);

// Markdown: one section with a table for each named type reachable from the root, in order of first use.
std::string reference(const Type& root);

// What a value of the type looks like, in a few words: "a number", "one of issued, pending", "a list of text".
std::string describe(const Type& type);

// A node that check() accepted, read through its type. Reading a key that the type does not have is a bug here.
class View {
 public:
  View(const YamlNode* node, const Type* type) : node_(node), type_(type) {}
  explicit operator bool() const { return node_ != nullptr; }  // false: the key is absent
  const YamlNode& node() const { return *node_; }
  const Type& type() const { return *type_; }
  View operator[](std::string_view key) const;  // of an object; absent keys give a false View
  const YamlNode::Member* verb() const;         // the member that is the object's verb
  std::string text(std::string_view absent = {}) const;
  std::optional<std::string> given() const;  // the text, nullopt when absent
  std::int64_t integer(std::int64_t absent = 0) const;
  bool boolean(bool absent = false) const;
  // The elements of a list; a single value where the type is "one or a list" gives one element; absent gives none.
  std::vector<View> list() const;
  std::vector<std::string> texts() const;

 private:
  const YamlNode* node_;
  const Type* type_;
};

}  // namespace mimica::harness::schema
