#include "ldap/schema/schema.h"

#include <algorithm>

#include "core/base/bytes.h"

namespace mimica::ldap {
namespace {

struct AttributeRow {
  std::string_view name, cn, oid;
  Syntax syntax;
  std::string_view flags;
  std::uint32_t link_id;
  PropertySet property_set;
  std::string_view guid;
};

struct ClassRow {
  std::string_view name, cn, oid;
  ObjectClass::Kind kind;
  std::string_view superclass, naming_attribute, guid, category;
  bool hidden;
  std::string_view auxiliary, must, may, superiors, sddl;
};

namespace table {
using enum Syntax;
using enum PropertySet;
constexpr AttributeRow kAttributes[] = {
#define MIMICA_ATTRIBUTE(name, cn, oid, syntax, flags, link, set, guid) {name, cn, oid, syntax, flags, link, set, guid},
#include "ldap/schema/schema_attributes.def"
#undef MIMICA_ATTRIBUTE
};
}  // namespace table

namespace class_table {
using enum ObjectClass::Kind;
constexpr ClassRow kClasses[] = {
#define MIMICA_CLASS(name, cn, oid, kind, super, rdn, guid, category, hidden, aux, must, may, superiors, sddl) \
  {name, cn, oid, kind, super, rdn, guid, category, hidden, aux, must, may, superiors, sddl},
#include "ldap/schema/schema_classes.def"
#undef MIMICA_CLASS
};
}  // namespace class_table

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  for (const std::string_view word : split(text, ' '))
    if (!word.empty()) out.push_back(word);
  return out;
}

constexpr SyntaxCodes kSyntaxCodes[] = {
    {"1.3.6.1.4.1.1466.115.121.1.15", "2.5.5.12", 64},   // unicode
    {"1.3.6.1.4.1.1466.115.121.1.27", "2.5.5.9", 2},     // integer
    {"1.3.6.1.4.1.1466.115.121.1.27", "2.5.5.9", 10},    // enumeration
    {"1.2.840.113556.1.4.906", "2.5.5.16", 65},          // large_integer
    {"1.3.6.1.4.1.1466.115.121.1.40", "2.5.5.10", 4},    // octets
    {"1.3.6.1.4.1.1466.115.121.1.40", "2.5.5.17", 4},    // sid
    {"1.3.6.1.4.1.1466.115.121.1.12", "2.5.5.1", 127},   // dn
    {"1.2.840.113556.1.4.903", "2.5.5.7", 127},          // dn_binary
    {"1.2.840.113556.1.4.904", "2.5.5.14", 127},         // dn_string
    {"1.2.840.113556.1.4.907", "2.5.5.15", 66},          // security_descriptor
    {"1.3.6.1.4.1.1466.115.121.1.24", "2.5.5.11", 24},   // generalized_time
    {"1.3.6.1.4.1.1466.115.121.1.53", "2.5.5.11", 23},   // utc_time
    {"1.3.6.1.4.1.1466.115.121.1.7", "2.5.5.8", 1},      // boolean
    {"1.3.6.1.4.1.1466.115.121.1.38", "2.5.5.2", 6},     // oid
    {"1.2.840.113556.1.4.905", "2.5.5.4", 20},           // teletex
    {"1.2.840.113556.1.4.1362", "2.5.5.3", 27},          // case_string
    {"1.3.6.1.4.1.1466.115.121.1.26", "2.5.5.5", 22},    // ia5
    {"1.3.6.1.4.1.1466.115.121.1.44", "2.5.5.5", 19},    // printable
    {"1.3.6.1.4.1.1466.115.121.1.36", "2.5.5.6", 18},    // numeric
    {"1.3.6.1.4.1.1466.115.121.1.43", "2.5.5.13", 127},  // presentation_address
    {"1.3.6.1.4.1.1466.115.121.1.40", "2.5.5.10", 127},  // replica_link
};

constexpr std::string_view kPropertySets[] = {
    "00000000-0000-0000-0000-000000000000", "59ba2f42-79a2-11d0-9020-00c04fc2d3cf",
    "77b5b886-944a-11d1-aebd-0000f80367c1", "e48d0154-bcf8-11d1-8702-00c04fb96050",
    "e45795b3-9455-11d1-aebd-0000f80367c1", "4c164200-20c0-11d0-a768-00aa006e0529",
    "5f202010-79a5-11d0-9020-00c04fc2d4cf", "bc0ac240-79a9-11d0-9020-00c04fc2d4cf",
    "e45795b2-9455-11d1-aebd-0000f80367c1", "037088f8-0ae1-11d2-b422-00a0c968f939",
    "72e39547-7b18-11d1-adef-00c04fd8d5cd", "c7407360-20bf-11d0-a768-00aa006e0529",
    "b8119fd0-04f6-4762-ab7a-4986c76b3f9a", "5805bc62-bdc9-4428-a5e2-856a0f4c185e",
    "91e647de-d96f-4b70-9557-d63ff4f3ccd8", "ffa6f046-ca4b-4feb-b40d-04dfee722543",
};

// CLASS-GUID and the like: the sixteen octets in wire order as upper-case hexadecimal.
std::string wire_hex(std::string_view guid) {
  const auto parsed = Guid::parse(guid);
  return parsed ? to_hex_upper(parsed->to_binary()) : std::string();
}

void append_list(std::string& out, std::string_view keyword, const std::vector<std::string_view>& names) {
  if (names.empty()) return;
  out += keyword;
  out += " (";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) out += " $ ";
    out += names[i];
  }
  out += " ) ";
}

}  // namespace

Guid property_set_guid(PropertySet set) {
  return Guid::parse(kPropertySets[static_cast<std::size_t>(set)]).value_or(Guid{});
}

SyntaxCodes syntax_codes(Syntax syntax) { return kSyntaxCodes[static_cast<std::size_t>(syntax)]; }

const Schema& Schema::active_directory() {
  static const Schema schema;
  return schema;
}

Schema::Schema() {
  attributes_.reserve(std::size(table::kAttributes));
  for (const AttributeRow& row : table::kAttributes) {
    const auto has = [&](char flag) { return row.flags.find(flag) != std::string_view::npos; };
    AttributeType type{.name = row.name,
                       .cn = row.cn,
                       .oid = row.oid,
                       .syntax = row.syntax,
                       .single_valued = has('s'),
                       .system_only = has('o'),
                       .indexed = has('i'),
                       .anr = has('n'),
                       .constructed = has('c'),
                       .operational = has('p'),
                       .confidential = has('f'),
                       .link_id = row.link_id,
                       .property_set = row.property_set,
                       .guid = row.guid,
                       .index = static_cast<std::uint16_t>(attributes_.size())};
    attribute_by_name_.emplace(to_lower(row.name), type.index);
    attribute_by_name_.emplace(row.oid, type.index);
    if (type.link_id != 0) by_link_.emplace(type.link_id, type.index);
    attributes_.push_back(type);
  }
  classes_.reserve(std::size(class_table::kClasses));
  for (const ClassRow& row : class_table::kClasses) {
    ObjectClass entry{.name = row.name,
                      .cn = row.cn,
                      .oid = row.oid,
                      .kind = row.kind,
                      .superclass = row.superclass,
                      .naming_attribute = row.naming_attribute,
                      .guid = row.guid,
                      .default_category = row.category,
                      .hidden = row.hidden,
                      .auxiliary = words(row.auxiliary),
                      .must = words(row.must),
                      .may = words(row.may),
                      .superiors = words(row.superiors),
                      .default_sddl = row.sddl,
                      .index = static_cast<std::uint16_t>(classes_.size())};
    class_by_name_.emplace(to_lower(row.name), entry.index);
    class_by_name_.emplace(row.oid, entry.index);
    classes_.push_back(std::move(entry));
  }
  closures_.resize(classes_.size());
  for (const ObjectClass& entry : classes_) {
    Closure& closure = closures_[entry.index];
    closure.allowed.resize(attributes_.size());
    close(entry, closure, 0);
  }
}

void Schema::close(const ObjectClass& object_class_, Closure& out, int depth) const {
  constexpr int kDeepest = 32;
  if (depth > kDeepest) return;
  for (const std::string_view name : object_class_.must) {
    const AttributeType* type = attribute(name);
    if (type == nullptr) continue;
    out.allowed[type->index] = true;
    if (std::find(out.must.begin(), out.must.end(), type) == out.must.end()) out.must.push_back(type);
  }
  for (const std::string_view name : object_class_.may)
    if (const AttributeType* type = attribute(name)) out.allowed[type->index] = true;
  for (const std::string_view name : object_class_.auxiliary)
    if (const ObjectClass* other = object_class(name)) close(*other, out, depth + 1);
  if (object_class_.superclass != object_class_.name)
    if (const ObjectClass* other = object_class(object_class_.superclass)) close(*other, out, depth + 1);
}

const AttributeType* Schema::attribute(std::string_view name) const {
  const auto found = attribute_by_name_.find(to_lower(name.substr(0, name.find(';'))));
  return found == attribute_by_name_.end() ? nullptr : &attributes_[found->second];
}

const ObjectClass* Schema::object_class(std::string_view name) const {
  const auto found = class_by_name_.find(to_lower(name));
  return found == class_by_name_.end() ? nullptr : &classes_[found->second];
}

const AttributeType* Schema::linked(const AttributeType& type) const {
  if (type.link_id == 0) return nullptr;
  const auto found = by_link_.find(type.link_id ^ 1U);
  return found == by_link_.end() ? nullptr : &attributes_[found->second];
}

std::vector<const ObjectClass*> Schema::chain(const ObjectClass& start) const {
  std::vector<const ObjectClass*> out{&start};
  while (out.back()->superclass != out.back()->name) {
    const ObjectClass* next = object_class(out.back()->superclass);
    if (next == nullptr) break;
    out.push_back(next);
  }
  std::reverse(out.begin(), out.end());
  return out;
}

bool Schema::allows(const ObjectClass& entry, const AttributeType& type) const {
  return closures_[entry.index].allowed[type.index];
}

const std::vector<const AttributeType*>& Schema::required(const ObjectClass& entry) const {
  return closures_[entry.index].must;
}

bool Schema::may_contain(const ObjectClass& parent, const ObjectClass& child) const {
  const auto parents = chain(parent);
  for (const ObjectClass* level : chain(child))
    for (const std::string_view name : level->superiors)
      if (std::any_of(parents.begin(), parents.end(), [&](const ObjectClass* p) { return p->name == name; }))
        return true;
  return false;
}

std::vector<std::string> Schema::attribute_type_texts() const {
  std::vector<std::string> out;
  out.reserve(attributes_.size());
  for (const AttributeType& type : attributes_) {
    std::string text = "( ";
    text += type.oid;
    text += " NAME '";
    text += type.name;
    text += "' SYNTAX '";
    text += syntax_codes(type.syntax).ldap_oid;
    text += "' ";
    if (type.single_valued) text += "SINGLE-VALUE ";
    if (type.system_only || type.constructed) text += "NO-USER-MODIFICATION ";
    out.push_back(text + ")");
  }
  return out;
}

std::vector<std::string> Schema::object_class_texts() const {
  std::vector<std::string> out;
  out.reserve(classes_.size());
  for (const ObjectClass& entry : classes_) {
    std::string text = "( ";
    text += entry.oid;
    text += " NAME '";
    text += entry.name;
    text += "' ";
    if (entry.superclass != entry.name) {
      text += "SUP ";
      text += entry.superclass;
      text += ' ';
    }
    text += entry.kind == ObjectClass::Kind::abstract    ? "ABSTRACT "
            : entry.kind == ObjectClass::Kind::auxiliary ? "AUXILIARY "
                                                         : "STRUCTURAL ";
    append_list(text, "MUST", entry.must);
    append_list(text, "MAY", entry.may);
    out.push_back(text + ")");
  }
  return out;
}

std::vector<std::string> Schema::content_rule_texts() const {
  std::vector<std::string> out;
  for (const ObjectClass& entry : classes_) {
    if (entry.kind == ObjectClass::Kind::abstract || entry.kind == ObjectClass::Kind::auxiliary ||
        entry.auxiliary.empty())
      continue;
    std::string text = "( ";
    text += entry.oid;
    text += " NAME '";
    text += entry.name;
    text += "' ";
    append_list(text, "AUX", entry.auxiliary);
    out.push_back(text + ")");
  }
  return out;
}

std::vector<std::string> Schema::extended_class_texts() const {
  std::vector<std::string> out;
  for (const ObjectClass& entry : classes_)
    out.push_back("( " + std::string(entry.oid) + " NAME '" + std::string(entry.name) + "' CLASS-GUID '" +
                  wire_hex(entry.guid) + "' )");
  return out;
}

std::vector<std::string> Schema::extended_attribute_texts() const {
  std::vector<std::string> out;
  for (const AttributeType& type : attributes_)
    out.push_back("( " + std::string(type.oid) + " NAME '" + std::string(type.name) + "' PROPERTY-GUID '" +
                  wire_hex(type.guid) + "' PROPERTY-SET-GUID '" +
                  wire_hex(kPropertySets[static_cast<std::size_t>(type.property_set)]) + "' " +
                  (type.indexed ? "INDEXED )" : ")"));
  return out;
}

}  // namespace mimica::ldap
