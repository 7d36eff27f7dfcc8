// The rule language of assignment filters.
#include <array>
#include <utility>

#include "connector/profile/assignment.h"
#include "core/base/bytes.h"

namespace mimica::connector {

enum class FilterOperator { eq, ne, starts_with, not_starts_with, contains, not_contains, in, not_in };

struct FilterRule::Node {
  enum class Kind { compare, conjunction, disjunction, negation };
  Kind kind = Kind::compare;
  std::string property;
  FilterOperator op = FilterOperator::eq;
  std::vector<std::string> values;
  std::vector<std::shared_ptr<const Node>> children;
};

namespace {

using Node = FilterRule::Node;
using NodePtr = std::shared_ptr<const Node>;
constexpr int kMaxDepth = 16;

constexpr std::array<std::pair<std::string_view, FilterOperator>, 8> kOperators{{
    {"-eq", FilterOperator::eq},
    {"-ne", FilterOperator::ne},
    {"-startsWith", FilterOperator::starts_with},
    {"-notStartsWith", FilterOperator::not_starts_with},
    {"-contains", FilterOperator::contains},
    {"-notContains", FilterOperator::not_contains},
    {"-in", FilterOperator::in},
    {"-notIn", FilterOperator::not_in},
}};

std::string trust_type(const ManagedDevice& device) {
  switch (device.join) {
    case JoinType::registered:
      return "Azure AD registered";
    case JoinType::joined:
      return "Azure AD joined";
    case JoinType::hybrid:
      return "Hybrid Azure AD joined";
    case JoinType::unknown:
      break;
  }
  return "Unknown";
}

constexpr std::array<std::string_view, 9> kProperties{
    "deviceName",         "osVersion",       "deviceOwnership",      "model", "manufacturer", "deviceCategory",
    "operatingSystemSKU", "deviceTrustType", "enrollmentProfileName"};

std::string property_value(std::string_view property, const ManagedDevice& device) {
  if (property == "deviceName") return device.name;
  if (property == "osVersion") return device.os_version.to_string();
  if (property == "deviceOwnership") return device.ownership;
  if (property == "model") return device.model;
  if (property == "manufacturer") return device.manufacturer;
  if (property == "deviceCategory") return device.category;
  if (property == "operatingSystemSKU") return device.os_edition;
  if (property == "deviceTrustType") return trust_type(device);
  return device.enrollment_profile;
}

class Parser {
 public:
  Parser(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  Result<NodePtr> rule() {
    MIMICA_TRY(NodePtr node, disjunction(0));
    blanks();
    if (at_ != text_.size()) return bad("unexpected '" + std::string(text_.substr(at_, 16)) + "'");
    return node;
  }

 private:
  Fault bad(std::string what) const {
    return fault(HResult::E_INVALIDARG, std::move(what), Where{std::string(source_), 1, static_cast<int>(at_) + 1, at_},
                 "write (device.property -operator \"value\") joined by and, or, not");
  }
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // A keyword such as "and" or "-and", followed by a blank or a bracket.
  bool keyword(std::string_view word) {
    blanks();
    std::size_t end = at_;
    if (end < text_.size() && text_[end] == '-') ++end;
    if (!equals_ignore_case(text_.substr(end, word.size()), word)) return false;
    end += word.size();
    if (end < text_.size() && std::string_view(" \t\r\n(").find(text_[end]) == std::string_view::npos) return false;
    at_ = end;
    return true;
  }
  std::string_view word() {
    blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && std::string_view(" \t\r\n()[],\"").find(text_[at_]) == std::string_view::npos) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  Result<std::string> quoted() {
    blanks();
    if (at_ >= text_.size() || (text_[at_] != '"' && text_[at_] != '\'')) return bad("a quoted value is missing");
    const char quote = text_[at_++];
    const std::size_t end = text_.find(quote, at_);
    if (end == std::string_view::npos) return bad("the quoted value does not end");
    std::string value(text_.substr(at_, end - at_));
    at_ = end + 1;
    return value;
  }

  Result<NodePtr> disjunction(int depth) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::disjunction;
    do {
      MIMICA_TRY(NodePtr child, conjunction(depth));
      node->children.push_back(std::move(child));
    } while (keyword("or"));
    return NodePtr(std::move(node));
  }
  Result<NodePtr> conjunction(int depth) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::conjunction;
    do {
      MIMICA_TRY(NodePtr child, unary(depth));
      node->children.push_back(std::move(child));
    } while (keyword("and"));
    return NodePtr(std::move(node));
  }
  Result<NodePtr> unary(int depth) {
    if (depth >= kMaxDepth) return bad("the rule is nested too deeply");
    if (keyword("not")) {
      auto node = std::make_shared<Node>();
      node->kind = Node::Kind::negation;
      MIMICA_TRY(NodePtr child, unary(depth + 1));
      node->children.push_back(std::move(child));
      return NodePtr(std::move(node));
    }
    if (take('(')) {
      MIMICA_TRY(NodePtr node, disjunction(depth + 1));
      if (!take(')')) return bad("a closing bracket is missing");
      return node;
    }
    return comparison();
  }
  Result<NodePtr> comparison() {
    auto node = std::make_shared<Node>();
    const std::string_view operand = word();
    for (const std::string_view known : kProperties)
      if (equals_ignore_case(operand, "device." + std::string(known))) node->property = known;
    if (node->property.empty()) return bad("unknown property '" + std::string(operand.substr(0, 64)) + "'");
    const std::string_view op = word();
    bool found = false;
    for (const auto& entry : kOperators)
      if (equals_ignore_case(op, entry.first)) {
        node->op = entry.second;
        found = true;
      }
    if (!found) return bad("unknown operator '" + std::string(op.substr(0, 32)) + "'");
    if (node->op == FilterOperator::in || node->op == FilterOperator::not_in) {
      if (!take('[')) return bad("a list in square brackets is missing");
      do {
        MIMICA_TRY(std::string value, quoted());
        node->values.push_back(std::move(value));
      } while (take(','));
      if (!take(']')) return bad("a closing square bracket is missing");
    } else {
      MIMICA_TRY(std::string value, quoted());
      node->values.push_back(std::move(value));
    }
    return NodePtr(std::move(node));
  }

  std::string_view text_;
  std::string_view source_;
  std::size_t at_ = 0;
};

bool compare(const Node& node, const ManagedDevice& device) {
  const std::string value = to_lower(property_value(node.property, device));
  const std::string first = to_lower(node.values.front());
  const auto listed = [&] {
    for (const std::string& candidate : node.values)
      if (to_lower(candidate) == value) return true;
    return false;
  };
  switch (node.op) {
    case FilterOperator::eq:
      return value == first;
    case FilterOperator::ne:
      return value != first;
    case FilterOperator::starts_with:
      return value.compare(0, first.size(), first) == 0;
    case FilterOperator::not_starts_with:
      return value.compare(0, first.size(), first) != 0;
    case FilterOperator::contains:
      return value.find(first) != std::string::npos;
    case FilterOperator::not_contains:
      return value.find(first) == std::string::npos;
    case FilterOperator::in:
      return listed();
    case FilterOperator::not_in:
      return !listed();
  }
  return false;
}

bool evaluate(const Node& node, const ManagedDevice& device) {
  switch (node.kind) {
    case Node::Kind::compare:
      return compare(node, device);
    case Node::Kind::negation:
      return !evaluate(*node.children.front(), device);
    case Node::Kind::conjunction:
      for (const NodePtr& child : node.children)
        if (!evaluate(*child, device)) return false;
      return true;
    case Node::Kind::disjunction:
      for (const NodePtr& child : node.children)
        if (evaluate(*child, device)) return true;
      return false;
  }
  return false;
}

}  // namespace

Result<FilterRule> FilterRule::parse(std::string_view text, std::string_view source) {
  if (text.size() > kMaxFilterRule)
    return fault(HResult::E_INVALIDARG, "the filter rule is longer than " + std::to_string(kMaxFilterRule) + " octets",
                 Where{std::string(source), 0, 0, std::nullopt});
  FilterRule rule;
  rule.text_ = text;
  MIMICA_TRY(rule.root_, Parser(text, source).rule());
  return rule;
}

bool FilterRule::matches(const ManagedDevice& device) const { return root_ == nullptr || evaluate(*root_, device); }

}  // namespace mimica::connector
