#include "harness/schema/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include "core/base/bytes.h"

namespace mimica::harness {
namespace {

// Thrown through yaml-cpp to stop reading at once; caught in parse_yaml.
struct Stop : std::exception {
  explicit Stop(Fault f) : reason(std::move(f)) {}
  Fault reason;
};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& source, const YamlLimits& limits) : source_(source), limits_(limits) {}

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    leaf(node(YamlNode::Kind::null, mark), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    YamlNode scalar = node(YamlNode::Kind::scalar, mark);
    scalar.text = value;
    scalar.plain = tag == "?";
    leaf(std::move(scalar), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end())
      stop(mark, "an alias stands inside the node that it names", "aliases cannot be cyclic");
    charge(mark, count_nodes(known->second));
    YamlNode copy = known->second;
    copy.line = mark.line + 1;
    copy.column = mark.column + 1;
    if (open_.size() + depth_of(copy) > limits_.depth) too_deep(mark);
    place(std::move(copy));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(node(YamlNode::Kind::sequence, mark), anchor, mark);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_tag(mark, tag);
    open(node(YamlNode::Kind::mapping, mark), anchor, mark);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
    std::optional<YamlNode> key;      // of a mapping, waiting for its value
    std::map<std::string, int> keys;  // with the line of each
  };

  [[noreturn]] void stop(int line, int column, std::string what, std::string hint) const {
    throw Stop(fault(std::move(what), {source_, line, column, {}}, std::move(hint)));
  }
  [[noreturn]] void stop(const YAML::Mark& mark, std::string what, std::string hint) const {
    stop(mark.line + 1, mark.column + 1, std::move(what), std::move(hint));
  }
  [[noreturn]] void too_deep(const YAML::Mark& mark) const {
    stop(mark, "the file nests deeper than " + std::to_string(limits_.depth) + " levels",
         "no scenario needs that depth");
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!")
      stop(mark, "the tag '" + tag + "' is not supported", "write the value without a tag");
  }

  YamlNode node(YamlNode::Kind kind, const YAML::Mark& mark) {
    charge(mark, 1);
    YamlNode out;
    out.kind = kind;
    out.line = mark.line + 1;
    out.column = mark.column + 1;
    return out;
  }

  void charge(const YAML::Mark& mark, std::size_t count) {
    count_ += count;
    if (count_ > limits_.nodes)
      stop(mark, "the file has more than " + std::to_string(limits_.nodes) + " nodes",
           "an alias counts as all the nodes it stands for; split the scenario");
  }

  void open(YamlNode fresh, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (open_.size() + 1 > limits_.depth) too_deep(mark);
    open_.push_back({std::move(fresh), anchor, std::nullopt, {}});
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    leaf(std::move(done.node), done.anchor);
  }

  void leaf(YamlNode finished, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = finished;
    place(std::move(finished));
  }

  void place(YamlNode finished) {
    if (open_.empty()) {
      root_ = std::move(finished);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_sequence()) {
      parent.node.items.push_back(std::move(finished));
    } else if (!parent.key) {
      if (!finished.is_scalar())
        stop(finished.line, finished.column, "a key must be a plain word", "quote the key if it is text");
      const auto [first, fresh] = parent.keys.emplace(finished.text, finished.line);
      if (!fresh)
        stop(finished.line, finished.column, "the key '" + finished.text + "' stands here twice",
             "it was first given in line " + std::to_string(first->second));
      parent.key = std::move(finished);
    } else {
      if (finished.is_null()) {  // its mark may stand on the next line
        finished.line = parent.key->line;
        finished.column = parent.key->column;
      }
      parent.node.members.push_back(
          {std::move(parent.key->text), parent.key->line, parent.key->column, std::move(finished)});
      parent.key.reset();
    }
  }

  static std::size_t depth_of(const YamlNode& tree) {
    std::size_t deepest = 0;
    for (const YamlNode& item : tree.items) deepest = std::max(deepest, depth_of(item));
    for (const auto& member : tree.members) deepest = std::max(deepest, depth_of(member.value));
    return deepest + (tree.is_sequence() || tree.is_mapping() ? 1 : 0);
  }

  const std::string& source_;
  const YamlLimits& limits_;
  YamlNode root_;
  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t count_ = 0;
};

Fault syntax_fault(const YAML::Exception& error, const std::string& source) {
  Where where{source, 0, 0, {}};
  if (!error.mark.is_null()) where = {source, error.mark.line + 1, error.mark.column + 1, {}};
  return fault("not valid YAML: " + error.msg, where, "check indentation, colons followed by a blank, and quotes");
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto at = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return at == members.end() ? nullptr : &at->value;
}

std::size_t count_nodes(const YamlNode& node) {
  std::size_t count = 1;
  for (const YamlNode& item : node.items) count += count_nodes(item);
  for (const auto& member : node.members) count += count_nodes(member.value);
  return count;
}

Result<YamlNode> parse_yaml(std::string_view text, const std::string& source, const YamlLimits& limits) {
  if (text.size() > limits.octets)
    return fault("the file is larger than " + std::to_string(limits.octets / 1024) + " KiB", {source, 0, 0, {}},
                 "split the scenario; profiles and LDIF belong into files of their own");
  if (!is_valid_utf8(text)) return fault("the file is not UTF-8 text", {source, 0, 0, {}}, "save it as UTF-8");
  if (text.find('\0') != std::string_view::npos)
    return fault("the file contains a NUL octet", {source, 0, 0, text.find('\0')}, "save it as plain text");
  std::istringstream in{std::string(text)};
  TreeBuilder builder(source, limits);
  try {
    YAML::Parser parser(in);
    if (!parser.HandleNextDocument(builder))
      return fault("the file is empty", {source, 1, 1, {}}, "start with 'scenario: <title>'");
    YamlNode root = builder.take_root();
    TreeBuilder rest(source, limits);
    if (parser.HandleNextDocument(rest)) {
      const YamlNode second = rest.take_root();
      return fault("the file has more than one YAML document", second.where(source),
                   "one scenario to a file: remove the '---'");
    }
    return root;
  } catch (const Stop& stop) {
    return stop.reason;
  } catch (const YAML::Exception& error) {
    return syntax_fault(error, source);
  }
}

}  // namespace mimica::harness
