#include "harness/scenario/expand.h"

#include <algorithm>
#include <set>

namespace mimica::harness {
namespace {

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

Fault exhausted(Where where) {
  return fault("the repetitions make the scenario too large", std::move(where), "split the scenario");
}

std::size_t weight(const YamlNode& node) {
  std::size_t sum = 1 + node.text.size() / 16;
  for (const YamlNode& item : node.items) sum += weight(item);
  for (const auto& member : node.members) sum += weight(member.value);
  return sum;
}

class Substitution {
 public:
  Substitution(const Cell& cell, const std::string& source, Budget& budget, const std::vector<std::string>& later)
      : cell_(cell), source_(source), budget_(budget), later_(later) {}

  Result<YamlNode> apply(const YamlNode& node) {
    if (node.is_scalar()) return scalar(node);
    if (!budget_.take(1)) return exhausted(node.where(source_));
    YamlNode out;
    out.kind = node.kind;
    out.line = node.line;
    out.column = node.column;
    switch (node.kind) {
      case YamlNode::Kind::null:
      case YamlNode::Kind::scalar:
        break;
      case YamlNode::Kind::sequence:
        for (const YamlNode& item : node.items) {
          MIMICA_TRY(YamlNode replaced, apply(item));
          out.items.push_back(std::move(replaced));
        }
        break;
      case YamlNode::Kind::mapping: {
        // What a repetition defines for its own steps stays as it is.
        const std::size_t outer = later_.size();
        if (const YamlNode* lists = node.find("for_each"); lists != nullptr && node.find("steps") != nullptr)
          for (const auto& member : lists->members) later_.push_back(member.key);
        std::set<std::string> keys;
        for (const auto& member : node.members) {
          MIMICA_TRY(YamlNode key, scalar_text(member.key, member.line, member.column));
          MIMICA_TRY(YamlNode value, apply(member.value));
          if (!keys.insert(key.text).second)
            return fault("the key '" + key.text + "' stands here twice",
                         Where{source_, member.line, member.column, {}});
          out.members.push_back({std::move(key.text), member.line, member.column, std::move(value)});
        }
        later_.resize(outer);
        break;
      }
    }
    return out;
  }

 private:
  // The value that "name" or "name.key" stands for; nullptr when it is left for later.
  Result<const YamlNode*> value_of(const std::string& reference, int line, int column) const {
    const Where where{source_, line, column, {}};
    const auto dot = reference.find('.');
    const std::string name = reference.substr(0, dot);
    for (const auto& [known, value] : cell_.values) {
      if (known != name) continue;
      if (dot == std::string::npos) return value;
      const std::string key = reference.substr(dot + 1);
      if (const YamlNode* part = value->find(key)) return part;
      std::vector<std::string> keys;
      for (const auto& member : value->members) keys.push_back(member.key);
      const std::string near = nearest(key, keys);
      return fault(
          "'" + name + "' has no '" + key + "' here", where,
          near.empty() ? "the values of the matrix must all have it" : "did you mean '${" + name + "." + near + "}'?");
    }
    if (std::find(later_.begin(), later_.end(), name) != later_.end()) return static_cast<const YamlNode*>(nullptr);
    std::vector<std::string> names = later_;
    for (const auto& value : cell_.values) names.push_back(value.first);
    const std::string near = nearest(name, names);
    return fault("nothing is called '" + name + "' here", where,
                 !near.empty() ? "did you mean '${" + near + "}'?"
                               : "`matrix` and `for_each` define names; write $${ for a literal ${");
  }

  Result<YamlNode> scalar(const YamlNode& node) const {
    MIMICA_TRY(YamlNode out, scalar_text(node.text, node.line, node.column));
    out.line = node.line;
    out.column = node.column;
    if (out.is_scalar() && !node.plain && out.text == node.text) out.plain = false;
    return out;
  }

  Result<YamlNode> scalar_text(const std::string& text, int line, int column) const {
    if (!budget_.take(1 + text.size() / 16)) return exhausted({source_, line, column, {}});
    YamlNode out;
    out.kind = YamlNode::Kind::scalar;
    out.line = line;
    out.column = column;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t open = text.find("${", at);
      if (open == std::string::npos) break;
      if (open > at && text[open - 1] == '$') {  // "$${": a literal "${"
        out.text += text.substr(at, open - 1 - at) + "${";
        at = open + 2;
        continue;
      }
      const std::size_t close = text.find('}', open);
      if (close == std::string::npos)
        return fault("'${' without '}'", Where{source_, line, column, {}}, "write ${name}, or $${ for a literal ${");
      const std::string reference = text.substr(open + 2, close - open - 2);
      MIMICA_TRY(const YamlNode* value, value_of(reference, line, column));
      out.text += text.substr(at, open - at);
      at = close + 1;
      if (value == nullptr) {
        out.text += "${" + reference + "}";
        continue;
      }
      if (!budget_.take(weight(*value))) return exhausted({source_, line, column, {}});
      if (open == 0 && close + 1 == text.size()) {
        YamlNode whole = *value;
        whole.line = line;
        whole.column = column;
        return whole;
      }
      if (!value->is_scalar())
        return fault("'${" + reference + "}' is not a single value, so it cannot stand inside text",
                     Where{source_, line, column, {}}, "name one of its parts: ${" + reference + ".part}");
      out.text += value->text;
    }
    out.text += text.substr(std::min(at, text.size()));
    return out;
  }

  const Cell& cell_;
  const std::string& source_;
  Budget& budget_;
  std::vector<std::string> later_;
};

}  // namespace

std::string label(const YamlNode& value) {
  if (value.is_scalar()) return value.text;
  if (value.is_mapping() && !value.members.empty()) return label(value.members.front().value);
  return {};
}

Result<std::vector<Cell>> cells(const YamlNode& lists, const std::string& source, std::size_t most) {
  constexpr std::size_t kMostNames = 16;
  if (lists.members.size() > kMostNames)
    return fault("there are more than " + std::to_string(kMostNames) + " names to combine", lists.where(source));
  std::vector<Cell> out{Cell{}};
  for (const auto& member : lists.members) {
    const Where where{source, member.line, member.column, {}};
    if (!is_word(member.key))
      return fault("'" + member.key + "' is not a usable name", where, "use letters, digits and '_'");
    if (member.value.items.empty())
      return fault("'" + member.key + "' has no values", where, "give a list: " + member.key + ": [a, b]");
    std::vector<Cell> next;
    if (out.size() * member.value.items.size() > most)
      return fault("there are more than " + std::to_string(most) + " combinations", where, "split the scenario");
    for (const Cell& cell : out) {
      for (const YamlNode& value : member.value.items) {
        if (!value.is_scalar() && !value.is_mapping())
          return fault("a value of '" + member.key + "' must be a single value or a mapping", value.where(source));
        Cell longer = cell;
        longer.values.emplace_back(member.key, &value);
        next.push_back(std::move(longer));
      }
    }
    out = std::move(next);
  }
  return out;
}

Result<YamlNode> substitute(const YamlNode& node, const Cell& cell, const std::string& source, Budget& budget,
                            const std::vector<std::string>& later) {
  return Substitution(cell, source, budget, later).apply(node);
}

Result<std::vector<YamlNode>> flatten_steps(const std::vector<YamlNode>& steps, const std::string& source,
                                            std::size_t most, Budget& budget) {
  std::vector<YamlNode> out;
  for (const YamlNode& step : steps) {
    const YamlNode* repeat = step.find("repeat");
    if (repeat == nullptr) {
      out.push_back(step);
    } else {
      const YamlNode* lists = repeat->find("for_each");
      const YamlNode* inner = repeat->find("steps");
      if (lists == nullptr || inner == nullptr)
        return fault("'repeat' needs 'for_each' and 'steps'", repeat->where(source));
      MIMICA_TRY(const auto combinations, cells(*lists, source, most));
      if (!budget.take(combinations.size())) return exhausted(repeat->where(source));
      for (const Cell& cell : combinations) {
        std::vector<YamlNode> once;
        for (const YamlNode& inner_step : inner->items) {
          MIMICA_TRY(YamlNode replaced, substitute(inner_step, cell, source, budget));
          once.push_back(std::move(replaced));
        }
        MIMICA_TRY(auto flat, flatten_steps(once, source, most - std::min(most, out.size()), budget));
        for (YamlNode& s : flat) out.push_back(std::move(s));
        if (out.size() > most) break;
      }
    }
    if (out.size() > most)
      return fault("there are more than " + std::to_string(most) + " steps", step.where(source), "split the scenario");
  }
  return out;
}

}  // namespace mimica::harness
