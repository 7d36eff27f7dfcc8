// Adding, changing, renaming and removing entries. Each operation drafts the new record, checks it and only then stores
// it.
#include "ldap/dsa/write.h"

#include <algorithm>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/access.h"
#include "ldap/dsa/checks.h"
#include "ldap/dsa/defaults.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/dsa/names.h"
#include "ldap/dsa/passwords.h"
#include "ldap/rules.h"
#include "ldap/store/match.h"

namespace mimica::ldap::dsa {

namespace {

constexpr std::uint32_t kWin32OwnedBySam = 0x209A;

struct LeafName {
  std::string type;   // as written
  std::string value;  // unescaped
};

Result<LeafName> leaf_of(std::string_view dn) {
  const std::string key = normalise_dn(dn);
  const auto equals = dn.find('=');
  if (key.empty() || equals == std::string_view::npos)
    return refused_by(
        rule::kNameSyntax,
        name_error(LdapCode::invalidDNSyntax, win32::kBadNameSyntax, "2006 (BAD_NAME), data 8350, best match of:\n\t'",
                   std::string(dn) + "'\n", "the name is not a distinguished name (RFC 4514)"));
  const auto plus = key.find('+');
  if (plus != std::string::npos && plus < key.find(','))
    return refused_by(
        rule::kNameSingle,
        name_error(LdapCode::namingViolation, win32::kNamingViolation, "2005 (NAMING_VIOLATION), data 0", "",
                   "names with several attributes joined by '+' are not supported by Active Directory"));
  return LeafName{std::string(trim(dn.substr(0, equals))), leaf_value(dn)};
}

std::string make_dn(const ObjectClass& object_class, std::string_view value, const Record* parent) {
  std::string dn = to_upper(object_class.naming_attribute) + "=" + escape_dn_value(value);
  if (parent != nullptr) dn += "," + parent->dn;
  return dn;
}

Fault not_writable(const AttributeType& type) {
  if (type.constructed || type.back_link() || type.name == "sAMAccountType" || type.name == "objectSid")
    return refused_by(
        rule::kWriteSystemOnly,
        service_error(LdapCode::unwillingToPerform, kWin32OwnedBySam,
                      std::string(type.name) + " is computed or owned by the directory and cannot be written"));
  return refused_by(
      rule::kWriteSystemOnly,
      attribute_error(LdapCode::constraintViolation, win32::kSystemOnly, "1005 (CONSTRAINT_ATT_TYPE)", type.name,
                      std::string(type.name) + " is owned by the directory and cannot be written"));
}

// Written by the directory alone. sAMAccountType and objectSid are not flagged in the schema but belong to SAM.
bool is_system_owned(const AttributeType& type) {
  return type.system_only || type.constructed || type.back_link() || &type == &known().sam_account_type ||
         &type == &known().object_sid;
}

Fault unknown_attribute(std::string_view name) {
  return refused_by(rule::kWriteSchemaAttribute, protocol_error(LdapCode::noSuchAttribute, win32::kInvalidParameter,
                                                                "Error in attribute conversion operation",
                                                                "the schema knows no attribute " + std::string(name)));
}

bool is_auxiliary(std::string_view name) {
  const ObjectClass* entry = Schema::active_directory().object_class(name);
  return entry != nullptr && entry->kind == ObjectClass::Kind::auxiliary;
}

bool is_critical(const Record& record) { return record.first(known().critical) == "TRUE"; }

Result<void> take_attributes(const State& state, const Caller& caller, const Entry& entry, Record& record,
                             Passwords& passwords) {
  const AttributeType* naming = Schema::active_directory().attribute(record.object_class->naming_attribute);
  for (const Attribute& attribute : entry.attributes()) {
    const AttributeType* type = Schema::active_directory().attribute(attribute.name);
    if (type == nullptr) return unknown_attribute(attribute.name);
    if (type == &known().object_class || type == &known().name || type == &known().distinguished_name) continue;
    if (attribute.values.empty()) continue;
    if (type == naming) {
      const bool same = attribute.values.size() == 1 &&
                        comparable(*type, attribute.values.front()) == comparable(*type, record.first(*naming));
      if (!same)
        return refused_by(
            rule::kAddNaming,
            name_error(LdapCode::namingViolation, win32::kNamingViolation, "2005 (NAMING_VIOLATION), data 0", "",
                       std::string(type->name) + " differs from the name of the entry"));
      continue;
    }
    if (is_password(*type)) {
      MIMICA_TRY(passwords.now, password_from(*type, attribute.values.front()));
      continue;
    }
    if (caller.is_system && (type->constructed || type->back_link())) continue;
    if (!caller.is_system && is_system_owned(*type)) {
      if (type == &known().instance_type && attribute.values == std::vector<std::string>{"4"}) continue;
      return not_writable(*type);
    }
    MIMICA_TRY(auto values, checked_values(state, *type, attribute.values));
    for (std::size_t i = 1; i < values.size(); ++i)
      if (std::find(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), values[i]) !=
          values.begin() + static_cast<std::ptrdiff_t>(i))
        return refused_by(
            rule::kWriteDuplicate,
            attribute_error(LdapCode::attributeOrValueExists, win32::kValueExists, "1006 (ATT_OR_VALUE_EXISTS)",
                            type->name, "a value of " + std::string(type->name) + " is given twice"));
    record.set(*type, std::move(values));
  }
  return {};
}

Result<void> check_place(const State& state, const Caller& caller, const Record& parent,
                         const ObjectClass& object_class) {
  if (normalise_dn(state.contexts.schema) == state.store.get(parent.naming_context)->key && state.schema_loaded)
    return refused_by(rule::kWriteSchemaFixed, service_error(LdapCode::unwillingToPerform, win32::kNotSupported,
                                                             "the schema of this directory is fixed"));
  if (!holds_right(state, caller, parent, access::kCreateChild, object_class.guid))
    return refused_by(rule::kAddAccess, security_error("creating " + std::string(object_class.name) +
                                                       " objects below " + parent.dn + " needs CREATE_CHILD"));
  if (!caller.is_system && !Schema::active_directory().may_contain(*parent.object_class, object_class))
    return refused_by(rule::kAddSuperior, name_error(LdapCode::namingViolation, win32::kIllegalSuperior,
                                                     "2005 (NAMING_VIOLATION), data 0", "",
                                                     std::string(object_class.name) + " objects cannot stand below " +
                                                         std::string(parent.object_class->name) + " objects"));
  return {};
}

Result<void> change_values(const State& state, Record& record, const AttributeType& type, const Modification& change,
                           bool permissive) {
  std::vector<std::string> now;
  if (const auto* stored = record.find(type)) now = *stored;
  if (change.kind == Modification::Kind::replace) {
    MIMICA_TRY(now, checked_values(state, type, change.attribute.values));
    record.set(type, std::move(now));
    return {};
  }
  if (change.kind == Modification::Kind::erase && change.attribute.values.empty()) {
    if (now.empty() && !permissive)
      return refused_by(rule::kWriteNoSuchValue,
                        attribute_error(LdapCode::noSuchAttribute, win32::kNoAttribute, "1001 (NO_ATTRIBUTE_OR_VAL)",
                                        type.name, record.dn + " has no " + std::string(type.name)));
    record.set(type, {});
    return {};
  }
  const bool is_member = &type == &known().member;
  std::vector<std::string> values = change.attribute.values;
  if (change.kind == Modification::Kind::add) {
    MIMICA_TRY(values, checked_values(state, type, change.attribute.values));
  }
  for (std::string& value : values) {
    // Values with DN syntax are stored in the directory's spelling, so plain comparison finds nearly all of them.
    auto at = std::find(now.begin(), now.end(), value);
    if (at == now.end() && (!holds_dn(type) || change.kind == Modification::Kind::erase)) {
      const auto wanted = comparable(type, value);
      at = std::find_if(now.begin(), now.end(),
                        [&](const std::string& stored) { return wanted && comparable(type, stored) == wanted; });
    }
    if (change.kind == Modification::Kind::add) {
      if (at == now.end()) {
        now.push_back(std::move(value));
      } else if (!permissive) {
        if (is_member)
          return refused_by(rule::kWriteDuplicate, update_error(LdapCode::entryAlreadyExists, win32::kMemberInAlias,
                                                                "6005 (ENTRY_EXISTS)", value + " is a member already"));
        return refused_by(
            rule::kWriteDuplicate,
            attribute_error(LdapCode::attributeOrValueExists, win32::kValueExists, "1006 (ATT_OR_VALUE_EXISTS)",
                            type.name, "the value of " + std::string(type.name) + " exists already"));
      }
    } else if (at != now.end()) {
      now.erase(at);
    } else if (!permissive) {
      if (is_member)
        return refused_by(rule::kWriteNoSuchValue, service_error(LdapCode::unwillingToPerform, win32::kMemberNotInAlias,
                                                                 value + " is not a member"));
      return refused_by(rule::kWriteNoSuchValue,
                        attribute_error(LdapCode::noSuchAttribute, win32::kNoSuchValue, "1001 (NO_ATTRIBUTE_OR_VAL)",
                                        type.name, std::string(type.name) + " has no such value"));
    }
  }
  record.set(type, std::move(now));
  return {};
}

Result<void> apply_change(const State& state, const Caller& caller, Record& record, const Modification& change,
                          const Dsa::WriteOptions& options, Passwords& passwords) {
  const AttributeType* type = Schema::active_directory().attribute(change.attribute.name);
  if (type == nullptr) return unknown_attribute(change.attribute.name);
  if (is_password(*type)) {
    for (const std::string& value : change.attribute.values) {
      auto& slot = change.kind == Modification::Kind::erase ? passwords.old : passwords.now;
      MIMICA_TRY(slot, password_from(*type, value));
    }
    return {};
  }
  MIMICA_RETURN_IF_FAULT(may_write(state, caller, record, *type));
  if (type == &known().name || type->name == record.object_class->naming_attribute)
    return refused_by(rule::kWriteRdn,
                      update_error(LdapCode::notAllowedOnRDN, win32::kNotOnRdn, "6004 (CANT_ON_RDN)",
                                   std::string(type->name) + " names the entry; rename the entry instead"));
  const bool classes = type == &known().object_class;
  if (!classes && !caller.is_system && is_system_owned(*type)) return not_writable(*type);
  if (type->constructed || type->back_link()) return not_writable(*type);
  if (type == &known().descriptor && change.kind == Modification::Kind::replace &&
      change.attribute.values.size() == 1 && !caller.is_system) {
    MIMICA_RETURN_IF_FAULT(checked_values(state, *type, change.attribute.values));
    const std::uint32_t parts = options.sd_flags.value_or(0) == 0 ? 15U : *options.sd_flags;
    record.set(*type, {changed_descriptor(state, caller, record, change.attribute.values.front(), parts)});
    return {};
  }
  if (classes)
    for (const std::string& name : change.attribute.values)
      if (change.kind != Modification::Kind::replace && !is_auxiliary(name))
        return refused_by(
            rule::kWriteObjectClass,
            update_error(LdapCode::objectClassViolation, win32::kObjectClassViolation, "6002 (OBJ_CLASS_VIOLATION)",
                         "only auxiliary classes can be added to or removed from an entry"));
  return change_values(state, record, *type, change, options.permissive);
}

void remove_subtree(State& state, RecordId id) {
  const std::vector<RecordId> below = state.store.children(id);
  for (const RecordId child : below) remove_subtree(state, child);
  state.passwords.erase(id);
  state.store.erase(id);
}

}  // namespace

Result<Record> draft_add(State& state, const Caller& caller, const Entry& entry, Passwords& passwords) {
  MIMICA_TRY(const auto leaf, leaf_of(entry.dn()));
  const std::string key = normalise_dn(entry.dn());
  if (state.store.find_key(key) != kNoRecord)
    return refused_by(rule::kAddExists, update_error(LdapCode::entryAlreadyExists, win32::kObjectNameExists,
                                                     "6005 (ENTRY_EXISTS)", entry.dn() + " exists already"));
  const Record* parent = state.store.find(parent_dn(entry.dn()));
  if (parent == nullptr) {
    Fault nowhere = missing(state, parent_dn(entry.dn()));
    if (nowhere.code == Code(LdapCode::noSuchObject)) nowhere.rule = &rule::kAddParent;
    return nowhere;
  }
  MIMICA_TRY(const auto classes, checked_classes(rule::kAddObjectClass, entry.values("objectClass")));
  const ObjectClass& object_class = *classes.back();
  MIMICA_RETURN_IF_FAULT(check_place(state, caller, *parent, object_class));
  const AttributeType* naming = Schema::active_directory().attribute(object_class.naming_attribute);
  if (Schema::active_directory().attribute(leaf.type) != naming)
    return refused_by(rule::kAddNaming, name_error(LdapCode::namingViolation, win32::kNamingViolation,
                                                   "2005 (NAMING_VIOLATION), data 0", "",
                                                   std::string(object_class.name) + " objects are named by " +
                                                       std::string(naming->name) + ", not by " + leaf.type));
  Record record;
  record.parent = parent->id;
  record.naming_context = parent->naming_context;
  record.dn = make_dn(object_class, leaf.value, parent);
  record.key = key;
  record.object_class = &object_class;
  std::vector<std::string> names;
  for (const ObjectClass* one : classes) names.emplace_back(one->name);
  record.set(known().object_class, std::move(names));
  record.set(*naming, {leaf.value});
  record.set(known().name, {leaf.value});
  MIMICA_RETURN_IF_FAULT(take_attributes(state, caller, entry, record, passwords));
  if (const std::string_view guid = record.first(known().object_guid); !guid.empty()) {
    MIMICA_TRY(record.guid, Guid::from_binary(as_bytes(guid)));
  } else {
    record.guid = Guid::random(state.entropy);
    record.set(known().object_guid, {to_string(record.guid.to_binary())});
  }
  add_defaults(state, caller, record);
  MIMICA_RETURN_IF_FAULT(check_record(record));
  MIMICA_RETURN_IF_FAULT(check_unique(state, record));
  return record;
}

Result<void> add(State& state, const Caller& caller, const Entry& entry) {
  if (caller.anonymous()) return refused_by(rule::kBindRequired, not_authenticated());
  Passwords passwords;
  MIMICA_TRY(auto record, draft_add(state, caller, entry, passwords));
  if (passwords.now) record.set(known().password_last_set, {std::to_string(to_filetime(state.clock.now()))});
  const RecordId id = state.store.insert(std::move(record));
  if (passwords.now) store_password(state, id, *passwords.now);
  return {};
}

Result<void> modify(State& state, const Caller& caller, std::string_view dn, const std::vector<Modification>& changes,
                    const Dsa::WriteOptions& options) {
  if (caller.anonymous()) return refused_by(rule::kBindRequired, not_authenticated());
  MIMICA_TRY(const RecordId id, resolve_base(state, dn));
  Record record = *state.store.get(id);
  if (state.store.get(record.naming_context)->dn == state.contexts.schema)
    return refused_by(rule::kWriteSchemaFixed, service_error(LdapCode::unwillingToPerform, win32::kNotSupported,
                                                             "the schema of this directory is fixed"));
  const std::string descriptor_before(record.first(known().descriptor));
  Passwords passwords;
  for (const Modification& change : changes)
    MIMICA_RETURN_IF_FAULT(apply_change(state, caller, record, change, options, passwords));
  MIMICA_TRY(const auto classes, [&]() -> Result<std::vector<const ObjectClass*>> {
    const auto* names = record.find(known().object_class);
    return checked_classes(rule::kWriteObjectClass, names == nullptr ? std::vector<std::string>{} : *names);
  }());
  if (classes.back() != record.object_class)
    return refused_by(rule::kWriteObjectClass,
                      update_error(LdapCode::objectClassViolation, win32::kObjectClassViolation,
                                   "6002 (OBJ_CLASS_VIOLATION)", "the structural class of an entry cannot be changed"));
  std::vector<std::string> names;
  for (const ObjectClass* one : classes) names.emplace_back(one->name);
  record.set(known().object_class, std::move(names));
  MIMICA_RETURN_IF_FAULT(check_password_change(state, caller, record, passwords));
  update_account_type(record);
  MIMICA_RETURN_IF_FAULT(check_record(record));
  MIMICA_RETURN_IF_FAULT(check_unique(state, record));
  if (passwords.now) {
    record.set(known().password_last_set, {std::to_string(to_filetime(state.clock.now()))});
    store_password(state, id, *passwords.now);
  }
  touch(state, record);
  const bool permissions_changed = record.first(known().descriptor) != descriptor_before;
  state.store.replace(std::move(record));
  if (permissions_changed) propagate_descriptor(state, id);
  return {};
}

Result<void> modify_dn(State& state, const Caller& caller, std::string_view dn, std::string_view new_rdn,
                       bool delete_old_rdn, const std::optional<std::string>& new_superior) {
  if (caller.anonymous()) return refused_by(rule::kBindRequired, not_authenticated());
  MIMICA_TRY(const RecordId id, resolve_base(state, dn));
  const Record& old = *state.store.get(id);
  MIMICA_TRY(const auto leaf, leaf_of(new_rdn));
  if (!delete_old_rdn || parent_dn(new_rdn) != std::string_view())
    return refused_by(rule::kRenameForm, service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                                                       "the new name must be a single one and replace the old one"));
  if (old.parent == kNoRecord || (is_critical(old) && !caller.is_system))
    return refused_by(rule::kRenameSystem, service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                                                         old.dn + " cannot be renamed or moved"));
  const AttributeType* naming = Schema::active_directory().attribute(old.object_class->naming_attribute);
  if (Schema::active_directory().attribute(leaf.type) != naming)
    return refused_by(
        rule::kRenameNaming,
        name_error(LdapCode::namingViolation, win32::kNamingViolation, "2005 (NAMING_VIOLATION), data 0", "",
                   std::string(old.object_class->name) + " objects are named by " + std::string(naming->name)));
  RecordId parent = old.parent;
  if (new_superior) {
    MIMICA_TRY(parent, resolve_base(state, *new_superior));
    if (state.store.get(parent)->naming_context != old.naming_context)
      return refused_by(rule::kRenameContext, service_error(LdapCode::affectsMultipleDSAs, win32::kIllegalModOperation,
                                                            "an entry cannot move to another naming context"));
    if (in_scope(state, *state.store.get(parent), id, Scope::subtree))
      return refused_by(rule::kRenameCircle, service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                                                           "an entry cannot move below itself"));
  }
  MIMICA_RETURN_IF_FAULT(may_write(state, caller, old, known().name));
  if (parent != old.parent) {
    if (!holds_right(state, caller, old, access::kDelete))
      return refused_by(rule::kRenameAccess, security_error("moving " + old.dn + " needs DELETE"));
    MIMICA_RETURN_IF_FAULT(check_place(state, caller, *state.store.get(parent), *old.object_class));
  }
  const std::string new_dn = make_dn(*old.object_class, leaf.value, state.store.get(parent));
  const RecordId there = state.store.find_key(normalise_dn(new_dn));
  if (there != kNoRecord && there != id)
    return refused_by(rule::kRenameExists, update_error(LdapCode::entryAlreadyExists, win32::kObjectNameExists,
                                                        "6005 (ENTRY_EXISTS)", new_dn + " exists already"));
  const bool moved = parent != old.parent;
  state.store.rename(id, parent, new_dn);
  Record record = *state.store.get(id);
  record.set(*naming, {leaf.value});
  record.set(known().name, {leaf.value});
  touch(state, record);
  state.store.replace(std::move(record));
  if (moved) propagate_descriptor(state, parent);
  return {};
}

Result<void> remove(State& state, const Caller& caller, std::string_view dn, const Dsa::WriteOptions& options) {
  if (caller.anonymous()) return refused_by(rule::kBindRequired, not_authenticated());
  MIMICA_TRY(const RecordId id, resolve_base(state, dn));
  const Record& record = *state.store.get(id);
  const Record* parent = state.store.get(record.parent);
  const auto members = scope_members(state, id, Scope::subtree);
  const bool critical =
      std::any_of(members.begin(), members.end(), [&](RecordId one) { return is_critical(*state.store.get(one)); });
  if (parent == nullptr || (critical && !caller.is_system))
    return refused_by(rule::kDeleteSystem, service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                                                         record.dn + " belongs to the system and cannot be removed"));
  const bool tree = options.tree_delete && members.size() > 1;
  const bool allowed = tree ? holds_right(state, caller, record, access::kDeleteTree)
                            : holds_right(state, caller, record, access::kDelete) ||
                                  holds_right(state, caller, *parent, access::kDeleteChild, record.object_class->guid);
  if (!allowed)
    return refused_by(rule::kDeleteAccess,
                      security_error("removing " + record.dn + " needs DELETE on it or DELETE_CHILD on " + parent->dn));
  if (members.size() > 1 && !tree)
    return refused_by(rule::kDeleteChildren,
                      update_error(LdapCode::notAllowedOnNonLeaf, win32::kChildrenExist, "6003 (CANT_ON_NON_LEAF)",
                                   record.dn + " has entries below it"));
  ++state.usn;
  remove_subtree(state, id);
  return {};
}

}  // namespace mimica::ldap::dsa
