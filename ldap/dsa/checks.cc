// Values, classes and uniqueness: what must hold of every stored record.
#include "ldap/dsa/checks.h"

#include <algorithm>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/number.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/rules.h"

namespace mimica::ldap::dsa {
namespace {

Fault bad_value(const AttributeType& type, std::string why) {
  return refused_by(rule::kWriteSyntax, attribute_error(LdapCode::invalidAttributeSyntax, win32::kInvalidSyntax,
                                                        "1002 (INVALID_ATT_SYNTAX)", type.name,
                                                        std::string(type.name) + ": " + std::move(why)));
}

bool fits_integer(std::string_view text, bool is_large) {
  return is_large ? parse_decimal<std::int64_t>(text).has_value() : parse_decimal<std::int32_t>(text).has_value();
}

// nullptr when the value follows the syntax; otherwise what is wrong with it. DN syntaxes are checked by the caller.
const char* syntax_problem(const AttributeType& type, const std::string& value) {
  if (value.empty()) return "a value may not be empty";
  switch (type.syntax) {
    case Syntax::unicode:
    case Syntax::teletex:
      return is_valid_utf8(value) ? nullptr : "the value is not UTF-8";
    case Syntax::integer:
    case Syntax::enumeration:
      return fits_integer(value, false) ? nullptr : "the value is not a 32-bit integer";
    case Syntax::large_integer:
      return fits_integer(value, true) ? nullptr : "the value is not a 64-bit integer";
    case Syntax::boolean:
      return value == "TRUE" || value == "FALSE" ? nullptr : "the value is neither TRUE nor FALSE";
    case Syntax::generalized_time:
    case Syntax::utc_time:
      return parse_generalized(value) ? nullptr : "the value is not a time";
    case Syntax::sid:
      return Sid::from_binary(as_bytes(value)) ? nullptr : "the value is not a binary SID";
    case Syntax::security_descriptor:
      return SecurityDescriptor::from_binary(as_bytes(value)) ? nullptr : "the value is not a security descriptor";
    default:
      return nullptr;
  }
}

}  // namespace

Result<std::vector<std::string>> checked_values(const State& state, const AttributeType& type,
                                                const std::vector<std::string>& values) {
  std::vector<std::string> out;
  out.reserve(values.size());
  for (const std::string& value : values) {
    if (const char* problem = syntax_problem(type, value)) return bad_value(type, problem);
    if (!holds_dn(type)) {
      out.push_back(value);
      continue;
    }
    const auto dn = dn_part(type, value);
    const std::string key = dn ? normalise_dn(*dn) : std::string();
    if (key.empty()) return bad_value(type, "the value holds no distinguished name (RFC 4514): " + value);
    const Record* target = state.store.get(state.store.find_key(key));
    if (target == nullptr && type.forward_link())
      return refused_by(
          rule::kWriteReference,
          attribute_error(LdapCode::constraintViolation, win32::kNameReferenceInvalid, "1005 (CONSTRAINT_ATT_TYPE)",
                          type.name, std::string(type.name) + " names " + std::string(*dn) + ", which does not exist"));
    out.push_back(target == nullptr ? value : value.substr(0, value.size() - dn->size()) + target->dn);
  }
  return out;
}

Result<std::vector<const ObjectClass*>> checked_classes(const Rule& rule, const std::vector<std::string>& names) {
  const Schema& schema = Schema::active_directory();
  if (names.empty())
    return refused_by(rule, update_error(LdapCode::objectClassViolation, win32::kObjectClassRequired,
                                         "6002 (OBJ_CLASS_VIOLATION)", "objectClass is missing"));
  const ObjectClass* deepest = nullptr;
  std::size_t depth = 0;
  std::vector<const ObjectClass*> given;
  for (const std::string& name : names) {
    const ObjectClass* entry = schema.object_class(name);
    if (entry == nullptr)
      return refused_by(rule, update_error(LdapCode::objectClassViolation, win32::kObjectClassViolation,
                                           "6002 (OBJ_CLASS_VIOLATION)", "the schema knows no class " + name));
    given.push_back(entry);
    if (entry->kind == ObjectClass::Kind::abstract || entry->kind == ObjectClass::Kind::auxiliary) continue;
    const std::size_t length = schema.chain(*entry).size();
    if (length > depth) deepest = entry, depth = length;
  }
  if (deepest == nullptr)
    return refused_by(rule, update_error(LdapCode::objectClassViolation, win32::kObjectClassViolation,
                                         "6002 (OBJ_CLASS_VIOLATION)", "no structural class is given"));
  std::vector<const ObjectClass*> out = schema.chain(*deepest);
  for (const ObjectClass* entry : given) {
    if (std::find(out.begin(), out.end(), entry) != out.end()) continue;
    if (entry->kind != ObjectClass::Kind::auxiliary)
      return refused_by(
          rule, update_error(LdapCode::objectClassViolation, win32::kObjectClassViolation, "6002 (OBJ_CLASS_VIOLATION)",
                             std::string(entry->name) + " is no superclass of " + std::string(deepest->name)));
    out.insert(out.end() - 1, entry);
  }
  // The last element is the class that governs; auxiliary classes stand before it.
  return out;
}

Result<void> check_record(const Record& record) {
  const Schema& schema = Schema::active_directory();
  std::vector<const ObjectClass*> classes{record.object_class};
  if (const auto* names = record.find(known().object_class))
    for (const std::string& name : *names)
      if (const ObjectClass* entry = schema.object_class(name); entry->kind == ObjectClass::Kind::auxiliary)
        classes.push_back(entry);
  for (const ObjectClass* entry : classes)
    for (const AttributeType* type : schema.required(*entry))
      if (record.find(*type) == nullptr)
        return refused_by(
            rule::kWriteRequired,
            update_error(LdapCode::objectClassViolation, win32::kMissingRequiredAttribute, "6002 (OBJ_CLASS_VIOLATION)",
                         std::string(entry->name) + " needs the attribute " + std::string(type->name)));
  for (const StoredAttribute& attribute : record.attributes) {
    const AttributeType& type = *attribute.type;
    if (type.single_valued && attribute.values->size() > 1)
      return refused_by(
          rule::kWriteSingleValued,
          attribute_error(LdapCode::constraintViolation, win32::kSingleValueConstraint, "1005 (CONSTRAINT_ATT_TYPE)",
                          type.name, std::string(type.name) + " holds one value only"));
    const bool allowed = std::any_of(classes.begin(), classes.end(),
                                     [&](const ObjectClass* entry) { return schema.allows(*entry, type); });
    if (!allowed)
      return refused_by(
          rule::kWriteAllowed,
          update_error(LdapCode::objectClassViolation, win32::kAttributeNotInClass, "6002 (OBJ_CLASS_VIOLATION)",
                       std::string(record.object_class->name) + " objects cannot hold " + std::string(type.name)));
  }
  return {};
}

Result<void> check_unique(const State& state, const Record& record) {
  const auto taken = [&](const AttributeType& type) -> const Record* {
    const auto* values = record.find(type);
    if (values == nullptr) return nullptr;
    for (const std::string& value : *values) {
      const auto key = comparable(type, value);
      if (!key) continue;
      for (const RecordId id : *state.store.indexed(type, *key))
        if (id != record.id) return state.store.get(id);
    }
    return nullptr;
  };
  const RecordId same_guid = state.store.find_guid(record.guid);
  if (same_guid != kNoRecord && same_guid != record.id)
    return refused_by(rule::kWriteUnique,
                      update_error(LdapCode::entryAlreadyExists, win32::kObjectNameExists, "6005 (ENTRY_EXISTS)",
                                   "the objectGUID belongs to " + state.store.get(same_guid)->dn));
  for (const AttributeType* type : {&known().object_sid, &known().sam_account_name})
    if (const Record* other = taken(*type))
      return refused_by(rule::kWriteUnique,
                        update_error(LdapCode::entryAlreadyExists, win32::kUserExists, "6005 (ENTRY_EXISTS)",
                                     other->dn + " has this " + std::string(type->name) + " already"));
  if (const Record* other = taken(known().user_principal_name))
    return refused_by(rule::kWriteUnique,
                      attribute_error(LdapCode::constraintViolation, win32::kUpnNotUnique, "1005 (CONSTRAINT_ATT_TYPE)",
                                      "userPrincipalName", other->dn + " has this userPrincipalName already"));
  if (const Record* other = taken(known().service_principal_name))
    return refused_by(rule::kWriteUnique,
                      attribute_error(LdapCode::constraintViolation, win32::kSpnNotUnique, "1005 (CONSTRAINT_ATT_TYPE)",
                                      "servicePrincipalName", other->dn + " has this servicePrincipalName already"));
  return {};
}

}  // namespace mimica::ldap::dsa
