#include "harness/schema/schema.h"

#include <algorithm>
#include <optional>

#include "core/base/assertion.h"
#include "core/base/number.h"
#include "core/base/text.h"
#include "core/base/time.h"

namespace mimica::harness::schema {
namespace {

std::string_view shape_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return "a single value";
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::mapping:
      return "a mapping";
  }
  return "something else";
}

bool fits_shape(const YamlNode& node, const Type& type) {
  switch (type.kind) {
    case Kind::json:
      return true;
    case Kind::list:
      return node.is_sequence();
    case Kind::map:
    case Kind::object:
      return node.is_mapping();
    case Kind::any_of:
      return std::any_of(type.alternatives.begin(), type.alternatives.end(),
                         [&](const Type* t) { return fits_shape(node, *t); });
    default:
      return node.is_scalar();
  }
}

std::string quoted_list(const std::vector<std::string>& words, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < most; ++i) out += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > most) out += ", ...";
  return out;
}

class Checker {
 public:
  Checker(const std::string& source, const CheckOptions& options, std::vector<Fault>& faults)
      : source_(source), options_(options), faults_(faults) {}

  void check(const YamlNode& node, const Type& type, const std::string& what) {
    if (faults_.size() >= options_.most_faults) return;
    const bool stands_in = options_.placeholders && node.is_scalar() && node.text.find("${") != std::string::npos;
    if (stands_in) return;
    if (!fits_shape(node, type)) {
      add(node,
          what + " must be " + describe(type) + ", but " +
              (node.is_null() ? "nothing is given" : "this is " + std::string(shape_of(node))),
          type.example.empty() ? "" : "for example: " + type.example);
      return;
    }
    switch (type.kind) {
      case Kind::text:
      case Kind::json:
        return;
      case Kind::integer:
        return integer(node, type, what);
      case Kind::boolean:
        if (node.text != "true" && node.text != "false")
          add(node, what + " must be true or false, but this is '" + node.text + "'", "write true or false");
        return;
      case Kind::time:
        if (auto t = parse_iso(node.text); !t) add(node, what + ": " + t.error().what, t.error().hint);
        return;
      case Kind::duration:
        if (auto d = parse_duration(node.text); !d) add(node, what + ": " + d.error().what, d.error().hint);
        return;
      case Kind::code:
        return code(node, what);
      case Kind::rule:
        return rule(node, what);
      case Kind::choice:
        return choice(node, type, what);
      case Kind::list:
        for (const YamlNode& item : node.items) check(item, *type.item, "an entry of " + what);
        return;
      case Kind::map:
        for (const auto& member : node.members) check(member.value, *type.item, "'" + member.key + "'");
        return;
      case Kind::object:
        return object(node, type, what);
      case Kind::any_of:
        return any_of(node, type, what);
    }
  }

 private:
  void add(Where where, std::string message, std::string hint) {
    if (faults_.size() < options_.most_faults)
      faults_.push_back(fault(std::move(message), std::move(where), std::move(hint)));
  }
  void add(const YamlNode& node, std::string message, std::string hint) {
    add(node.where(source_), std::move(message), std::move(hint));
  }

  void integer(const YamlNode& node, const Type& type, const std::string& what) {
    const auto value = parse_decimal<std::int64_t>(node.text);
    if (!value) {
      add(node, what + " must be a whole number, but this is '" + node.text + "'", "");
    } else if (*value < type.minimum || *value > type.maximum) {
      add(node, what + " is " + node.text + ", which is out of range",
          "allowed: " + std::to_string(type.minimum) + " to " + std::to_string(type.maximum));
    }
  }

  void code(const YamlNode& node, const std::string& what) {
    if (code_named(node.text)) return;
    if (parse_decimal<int>(node.text, 0, 999)) return;
    std::vector<std::string> names;
    for (const CodeEntry& entry : all_codes()) names.emplace_back(entry.name);
    const std::string near = nearest(node.text, names);
    add(node, what + ": no code is called '" + node.text + "'",
        near.empty() ? "write the symbol or the number, for example CERTSRV_E_TEMPLATE_DENIED or 0x80094012"
                     : "did you mean '" + near + "'?");
  }

  void rule(const YamlNode& node, const std::string& what) {
    if (options_.rules.empty()) return;
    if (std::find(options_.rules.begin(), options_.rules.end(), node.text) != options_.rules.end()) return;
    const std::string near = nearest(node.text, options_.rules);
    add(node, what + ": no rule is called '" + node.text + "'",
        near.empty() ? "`mimica rules` lists all rules" : "did you mean '" + near + "'?");
  }

  void choice(const YamlNode& node, const Type& type, const std::string& what) {
    std::vector<std::string> allowed;
    for (const Choice& c : type.values) allowed.push_back(c.value);
    if (std::find(allowed.begin(), allowed.end(), node.text) != allowed.end()) return;
    const std::string near = nearest(node.text, allowed);
    add(node, what + " cannot be '" + node.text + "'",
        (near.empty() ? "" : "did you mean '" + near + "'? ") + ("allowed: " + quoted_list(allowed, 40)));
  }

  void object(const YamlNode& node, const Type& type, const std::string& what) {
    const YamlNode::Member* verb = nullptr;
    const std::string noun = type.name.empty() ? what : "'" + type.name + "'";
    for (const auto& member : node.members) {
      const Field* field = type.find(member.key);
      const Where where{source_, member.line, member.column, {}};
      if (field == nullptr) {
        std::vector<std::string> known;
        for (const Field& f : type.fields) known.push_back(f.key);
        const std::string near = nearest(member.key, known);
        add(where, "unknown key '" + member.key + "' in " + noun,
            near.empty() ? "known keys: " + quoted_list(known, 40) : "did you mean '" + near + "'?");
        continue;
      }
      if (field->verb) {
        if (verb != nullptr)
          add(where, "'" + verb->key + "' and '" + member.key + "' stand in one " + type.name,
              "one " + type.name + " does one thing: begin another list entry with '- '");
        else
          verb = &member;
      }
      check(member.value, *field->type, "'" + member.key + "'");
    }
    for (const Field& field : type.fields)
      if (field.required && node.find(field.key) == nullptr)
        add(node, "the key '" + field.key + "' is missing in " + noun, field.help);
    const bool has_verbs = std::any_of(type.fields.begin(), type.fields.end(), [](const Field& f) { return f.verb; });
    if (has_verbs && verb == nullptr) {
      std::vector<std::string> verbs;
      for (const Field& f : type.fields)
        if (f.verb) verbs.push_back(f.key);
      add(node, "this " + type.name + " says nothing to do", "give one of: " + quoted_list(verbs, 40));
    }
  }

  void any_of(const YamlNode& node, const Type& type, const std::string& what) {
    std::vector<const Type*> candidates;
    for (const Type* t : type.alternatives)
      if (fits_shape(node, *t)) candidates.push_back(t);
    if (candidates.size() == 1) return check(node, *candidates.front(), what);
    for (const Type* t : candidates) {
      std::vector<Fault> tried;
      Checker(source_, options_, tried).check(node, *t, what);
      if (tried.empty()) return;
    }
    add(node, what + " must be " + describe(type) + (node.is_scalar() ? ", but this is '" + node.text + "'" : ""),
        type.example.empty() ? "" : "for example: " + type.example);
  }

  const std::string& source_;
  const CheckOptions& options_;
  std::vector<Fault>& faults_;
};

}  // namespace

const Field* Type::find(std::string_view key) const {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == key; });
  return at == fields.end() ? nullptr : &*at;
}

void check(const YamlNode& node, const Type& type, const std::string& source, const CheckOptions& options,
           std::vector<Fault>& faults) {
  Checker(source, options, faults).check(node, type, "the document");
}

std::string describe(const Type& type) {
  switch (type.kind) {
    case Kind::text:
      return "text";
    case Kind::integer:
      return "a number";
    case Kind::boolean:
      return "true or false";
    case Kind::time:
      return "a time";
    case Kind::duration:
      return "a duration";
    case Kind::code:
      return "a code";
    case Kind::rule:
      return "a rule id";
    case Kind::json:
      return "any value";
    case Kind::list:
      return "a list of " + describe(*type.item);
    case Kind::map:
      return "a mapping of names to " + describe(*type.item);
    case Kind::object:
      return type.name.empty() ? "a mapping" : "a mapping (" + type.name + ")";
    case Kind::choice: {
      if (type.values.size() == 1) return type.values.front().value;
      if (type.values.size() > 8 && !type.name.empty()) return "one of the " + type.name + " names";
      std::vector<std::string> words;
      for (const Choice& c : type.values) words.push_back(c.value);
      return "one of " + quoted_list(words, 40);
    }
    case Kind::any_of: {
      return join(type.alternatives, " or ", [](const Type* t) { return describe(*t); });
    }
  }
  return "a value";
}

View View::operator[](std::string_view key) const {
  const Type* object = type_;
  if (object->kind == Kind::any_of)
    for (const Type* t : type_->alternatives)
      if (t->kind == Kind::object) object = t;
  const Field* field = object->find(key);
  MIMICA_ASSERT(field != nullptr);  // else the loader reads a key that the language does not have
  return {node_ == nullptr || field == nullptr ? nullptr : node_->find(key), field == nullptr ? nullptr : field->type};
}

const YamlNode::Member* View::verb() const {
  for (const auto& member : node_->members)
    if (const Field* field = type_->find(member.key); field != nullptr && field->verb) return &member;
  return nullptr;
}

std::string View::text(std::string_view absent) const { return node_ == nullptr ? std::string(absent) : node_->text; }

std::optional<std::string> View::given() const {
  return node_ == nullptr ? std::nullopt : std::optional<std::string>(text());
}

std::int64_t View::integer(std::int64_t absent) const {
  return node_ == nullptr ? absent : parse_decimal<std::int64_t>(node_->text).value_or(absent);
}

bool View::boolean(bool absent) const { return node_ == nullptr ? absent : node_->text == "true"; }

std::vector<View> View::list() const {
  if (node_ == nullptr) return {};
  const Type* item = type_;
  if (type_->kind == Kind::list) item = type_->item;
  if (type_->kind == Kind::any_of) {
    for (const Type* t : type_->alternatives) {
      if (node_->is_sequence() && t->kind == Kind::list) item = t->item;
      if (!node_->is_sequence() && t->kind != Kind::list && fits_shape(*node_, *t)) item = t;
    }
  }
  std::vector<View> out;
  if (node_->is_sequence()) {
    for (const YamlNode& element : node_->items) out.emplace_back(&element, item);
  } else {
    out.emplace_back(node_, item);
  }
  return out;
}

std::vector<std::string> View::texts() const {
  std::vector<std::string> out;
  for (const View& item : list()) out.push_back(item.text());
  return out;
}

}  // namespace mimica::harness::schema
