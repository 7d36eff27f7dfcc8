// The two printed forms of the language table: JSON Schema for editors and Markdown for readers.
#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "core/base/json_text.h"
#include "core/base/number.h"
#include "core/base/text.h"
#include "harness/schema/schema.h"

namespace mimica::harness::schema {
namespace {

namespace json = boost::json;

std::string definition_name(const Type& type) {
  std::string out = type.name;
  std::replace(out.begin(), out.end(), ' ', '_');
  return out;
}

// Named objects become definitions, in order of first use.
void collect(const Type& type, std::vector<const Type*>& named, std::set<const Type*>& seen) {
  if (!seen.insert(&type).second) return;
  if (type.kind == Kind::object && !type.name.empty()) named.push_back(&type);
  for (const Field& field : type.fields) collect(*field.type, named, seen);
  if (type.item != nullptr) collect(*type.item, named, seen);
  for (const Type* t : type.alternatives) collect(*t, named, seen);
}

// Wherever a value is expected, "${name}" may stand for it.
json::value or_placeholder(json::value plain) {
  json::array either;
  either.emplace_back(std::move(plain));
  either.emplace_back(json::object{{"type", "string"}, {"pattern", "\\$\\{"}});
  return json::object{{"anyOf", std::move(either)}};
}

json::value schema_of(const Type& type);

json::object object_body(const Type& type) {
  json::object out;
  out["type"] = "object";
  if (!type.help.empty()) out["description"] = type.help;
  json::object properties;
  json::array required;
  json::array verbs;
  for (const Field& field : type.fields) {
    json::value of = schema_of(*field.type);
    std::string help = field.help;
    if (!field.fallback.empty()) help += " Default: " + field.fallback + ".";
    of.get_object()["description"] = help;
    properties[field.key] = std::move(of);
    if (field.required) required.emplace_back(field.key);
    if (field.verb) verbs.emplace_back(json::object{{"required", json::array{field.key}}});
  }
  out["properties"] = std::move(properties);
  out["additionalProperties"] = false;
  if (!required.empty()) out["required"] = std::move(required);
  if (!verbs.empty()) out["oneOf"] = std::move(verbs);
  return out;
}

json::value schema_of(const Type& type) {
  switch (type.kind) {
    case Kind::text:
      return json::object{{"type", json::array{"string", "number", "boolean"}}};
    case Kind::integer: {
      json::object plain{{"type", "integer"}};
      if (type.minimum != std::numeric_limits<std::int64_t>::min()) plain["minimum"] = type.minimum;
      if (type.maximum != std::numeric_limits<std::int64_t>::max()) plain["maximum"] = type.maximum;
      return or_placeholder(std::move(plain));
    }
    case Kind::boolean:
      return or_placeholder(json::object{{"type", "boolean"}});
    case Kind::time:
      return or_placeholder(json::object{{"type", "string"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ].*)?$"}});
    case Kind::duration:
      return or_placeholder(json::object{{"type", "string"}, {"pattern", "^-?[0-9]+ *(s|min|h|d|w)$"}});
    case Kind::code:
      return json::object{{"type", json::array{"string", "integer"}}};
    case Kind::rule:
      return json::object{{"type", "string"}};
    case Kind::choice: {
      json::array values;
      for (const Choice& c : type.values) {
        if (const auto number = parse_decimal<int>(c.value, 0))
          values.emplace_back(*number);
        else
          values.emplace_back(c.value);
      }
      return or_placeholder(json::object{{"enum", std::move(values)}});
    }
    case Kind::json:
      return json::object{};
    case Kind::list:
      return or_placeholder(json::object{{"type", "array"}, {"items", schema_of(*type.item)}});
    case Kind::map:
      return or_placeholder(json::object{{"type", "object"}, {"additionalProperties", schema_of(*type.item)}});
    case Kind::object:
      if (type.name.empty()) return or_placeholder(object_body(type));
      return or_placeholder(json::object{{"$ref", "#/definitions/" + definition_name(type)}});
    case Kind::any_of: {
      json::array either;
      for (const Type* t : type.alternatives) either.push_back(schema_of(*t));
      return json::object{{"anyOf", std::move(either)}};
    }
  }
  return json::object{};
}

std::string cell(std::string text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : c == '\n' ? std::string(" ") : std::string(1, c);
  return out;
}

std::string anchor(std::string_view name) {
  std::string out;
  for (const char c : name) out += c == ' ' ? '-' : c;
  return out;
}

std::string link(const Type& type) {
  switch (type.kind) {
    case Kind::object:
      return type.name.empty() ? "mapping" : "[" + type.name + "](#" + anchor(type.name) + ")";
    case Kind::list:
      return "list of " + link(*type.item);
    case Kind::map:
      return "names to " + link(*type.item);
    case Kind::any_of: {
      return join(type.alternatives, " or ", [](const Type* t) { return link(*t); });
    }
    case Kind::choice: {
      std::string out;
      for (const Choice& c : type.values) out += (out.empty() ? "`" : ", `") + c.value + "`";
      return out;
    }
    default: {
      const std::string text = describe(type);
      return text.rfind("a ", 0) == 0 ? text.substr(2) : text;
    }
  }
}

void collect_choices(const Type& type, std::vector<const Type*>& out) {
  if (type.kind == Kind::choice &&
      std::any_of(type.values.begin(), type.values.end(), [](const Choice& c) { return !c.help.empty(); }))
    out.push_back(&type);
  if (type.kind == Kind::list || type.kind == Kind::map) collect_choices(*type.item, out);
  for (const Type* t : type.alternatives) collect_choices(*t, out);
}

void table(const Type& type, bool verbs, std::string& out) {
  out += verbs ? "| verb | value | meaning |\n|---|---|---|\n"
               : "| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const Field& field : type.fields) {
    if (field.verb != verbs) continue;
    out += "| `" + field.key + "` | " + cell(link(*field.type)) + " | ";
    if (!verbs) out += (field.required ? "required" : cell(field.fallback)) + " | ";
    out += cell(field.help) + " |\n";
  }
}

}  // namespace

std::string json_schema(const Type& root, const std::string& title) {
  std::vector<const Type*> named;
  std::set<const Type*> seen;
  collect(root, named, seen);
  json::object out;
  out["$schema"] = "http://json-schema.org/draft-07/schema#";
  out["title"] = title;
  for (auto& member : object_body(root)) out[member.key()] = std::move(member.value());
  json::object definitions;
  for (const Type* type : named)
    if (type != &root) definitions[definition_name(*type)] = object_body(*type);
  out["definitions"] = std::move(definitions);
  return pretty_json(out);
}

std::string reference(const Type& root) {
  std::vector<const Type*> named;
  std::set<const Type*> seen;
  collect(root, named, seen);
  std::string out;
  for (const Type* type : named) {
    out += "\n## " + type->name + "\n\n";
    if (!type->help.empty()) out += type->help + "\n\n";
    const auto is_verb = [](const Field& f) { return f.verb; };
    const bool any_verb = std::any_of(type->fields.begin(), type->fields.end(), is_verb);
    if (any_verb) {
      table(*type, true, out);
      out += "\n";
    }
    if (!std::all_of(type->fields.begin(), type->fields.end(), is_verb)) {
      if (any_verb) out += "Beside its verb it may have:\n\n";
      table(*type, false, out);
    }
    for (const Field& field : type->fields) {
      std::vector<const Type*> choices;
      collect_choices(*field.type, choices);
      for (const Type* choice : choices) {
        out += "\nValues of `" + field.key + "`:\n\n";
        for (const Choice& c : choice->values)
          out += "- `" + c.value + "`" + (c.help.empty() ? "" : ": " + c.help) + "\n";
      }
    }
    if (!type->example.empty()) out += "\n```yaml\n" + type->example + "\n```\n";
  }
  return out;
}

}  // namespace mimica::harness::schema
