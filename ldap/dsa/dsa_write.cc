// Adding, changing, renaming and removing entries. Each operation drafts the new record, checks it and only then stores
// it.
#include <algorithm>
#include <mutex>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/encoding.h"
#include "core/base/number.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/embedded_dsa.h"

namespace mimica::ldap {

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
    return name_error(LdapCode::invalidDNSyntax, win32::kBadNameSyntax,
                      "2006 (BAD_NAME), data 8350, best match of:\n\t'", std::string(dn) + "'\n",
                      "the name is not a distinguished name (RFC 4514)");
  const auto plus = key.find('+');
  if (plus != std::string::npos && plus < key.find(','))
    return name_error(LdapCode::namingViolation, win32::kNamingViolation, "2005 (NAMING_VIOLATION), data 0", "",
                      "names with several attributes joined by '+' are not supported by Active Directory");
  return LeafName{std::string(trim(dn.substr(0, equals))), leaf_value(dn)};
}

std::string make_dn(const ObjectClass& object_class, std::string_view value, const Record* parent) {
  std::string dn = to_upper(object_class.naming_attribute) + "=" + escape_dn_value(value);
  if (parent != nullptr) dn += "," + parent->dn;
  return dn;
}

Fault not_writable(const AttributeType& type) {
  if (type.constructed || type.back_link() || type.name == "sAMAccountType" || type.name == "objectSid")
    return service_error(LdapCode::unwillingToPerform, kWin32OwnedBySam,
                         std::string(type.name) + " is computed or owned by the directory and cannot be written");
  return attribute_error(LdapCode::constraintViolation, win32::kSystemOnly, "1005 (CONSTRAINT_ATT_TYPE)", type.name,
                         std::string(type.name) + " is owned by the directory and cannot be written");
}

// Written by the directory alone. sAMAccountType and objectSid are not flagged in the schema but belong to SAM.
bool is_system_owned(const AttributeType& type) {
  return type.system_only || type.constructed || type.back_link() || &type == &known().sam_account_type ||
         &type == &known().object_sid;
}

Fault unknown_attribute(std::string_view name) {
  return protocol_error(LdapCode::noSuchAttribute, win32::kInvalidParameter, "Error in attribute conversion operation",
                        "the schema knows no attribute " + std::string(name));
}

std::optional<std::string> decode_unicode_password(std::string_view value) {
  const auto text = utf16_from_le(as_bytes(value));
  if (!text || text->size() < 2 || text->front() != u'"' || text->back() != u'"') return std::nullopt;
  return utf16_to_utf8(std::u16string_view(*text).substr(1, text->size() - 2));
}

Result<std::string> password_from(const AttributeType& type, const std::string& value) {
  if (&type == &known().user_password) return value;
  auto text = decode_unicode_password(value);
  if (!text)
    return service_error(LdapCode::unwillingToPerform, win32::kGenFailure,
                         "unicodePwd must be the quoted password in UTF-16LE (MS-ADTS 3.1.1.3.1.5.1)");
  return *std::move(text);
}

bool is_password(const AttributeType& type) {
  return &type == &known().unicode_password || &type == &known().user_password;
}

bool is_auxiliary(std::string_view name) {
  const ObjectClass* entry = Schema::active_directory().object_class(name);
  return entry != nullptr && entry->kind == ObjectClass::Kind::auxiliary;
}

bool is_account_class(const ObjectClass& object_class) {
  const auto& must = Schema::active_directory().required(object_class);
  return std::find(must.begin(), must.end(), &known().sam_account_name) != must.end();
}

bool is_critical(const Record& record) { return record.first(known().critical) == "TRUE"; }

bool in_chain(const ObjectClass& object_class, std::string_view name) {
  const auto chain = Schema::active_directory().chain(object_class);
  return std::any_of(chain.begin(), chain.end(), [&](const ObjectClass* entry) { return entry->name == name; });
}

std::uint32_t flags_of(std::string_view text) {
  return static_cast<std::uint32_t>(parse_decimal<std::int64_t>(text).value_or(0));
}

}  // namespace

void EmbeddedDsa::touch(Record& record) {
  record.set(known().when_changed, {to_ldap_generalized(clock_.now())});
  record.set(known().usn_changed, {std::to_string(++usn_)});
}

// sAMAccountType follows userAccountControl and groupType (MS-ADTS 3.1.1.8.1); the primary group of new accounts too.
void EmbeddedDsa::update_account_type(Record& record) const {
  constexpr std::uint32_t kUser = 805306368, kComputer = 805306369, kTrust = 805306370, kGroup = 268435456,
                          kDistributionGroup = 268435457, kLocalGroup = 536870912, kLocalDistribution = 536870913;
  constexpr std::uint32_t kInterdomainTrust = 0x800, kDomainLocal = 0x4, kSecurityEnabled = 0x80000000;
  std::uint32_t type = 0;
  if (record.find(known().group_type) != nullptr) {
    const std::uint32_t group = flags_of(record.first(known().group_type));
    const bool local = (group & kDomainLocal) != 0;
    type = (group & kSecurityEnabled) != 0 ? (local ? kLocalGroup : kGroup)
                                           : (local ? kLocalDistribution : kDistributionGroup);
  } else if (record.find(known().user_account_control) != nullptr) {
    const std::uint32_t control = flags_of(record.first(known().user_account_control));
    type = (control & (uac::kWorkstationTrust | uac::kServerTrust)) != 0 ? kComputer
           : (control & kInterdomainTrust) != 0                          ? kTrust
                                                                         : kUser;
  } else {
    return;
  }
  record.set(known().sam_account_type, {std::to_string(type)});
}

void EmbeddedDsa::add_account_defaults(Record& record) {
  const auto default_to = [&](const AttributeType& type, std::string value) {
    if (record.find(type) == nullptr) record.set(type, {std::move(value)});
  };
  if (record.find(known().object_sid) == nullptr) {
    Sid sid;
    do {
      sid = domain_sid_.with_rid(next_rid_++);
    } while (!store_.indexed(known().object_sid, to_string(sid.to_binary()))->empty());
    record.set(known().object_sid, {to_string(sid.to_binary())});
  }
  if (record.find(known().sam_account_name) == nullptr)
    record.set(known().sam_account_name,
               {"$" + to_hex_upper(entropy_.bytes(3)) + "-" + to_hex_upper(entropy_.bytes(6))});
  const bool computer = in_chain(*record.object_class, "computer");
  if (in_chain(*record.object_class, "user")) {
    constexpr std::uint32_t kPasswordNotRequired = 0x20;
    default_to(known().user_account_control, std::to_string((computer ? uac::kWorkstationTrust : uac::kNormalAccount) |
                                                            uac::kDisabled | kPasswordNotRequired));
    const std::uint32_t control = flags_of(record.first(known().user_account_control));
    default_to(known().primary_group_id,
               std::to_string((control & uac::kServerTrust) != 0        ? rid::kDomainControllers
                              : (control & uac::kWorkstationTrust) != 0 ? rid::kDomainComputers
                                                                        : rid::kDomainUsers));
    constexpr std::string_view kZeros[] = {"badPwdCount", "codePage",  "countryCode", "badPasswordTime",
                                           "lastLogoff",  "lastLogon", "pwdLastSet",  "logonCount"};
    for (const std::string_view name : kZeros) default_to(*Schema::active_directory().attribute(name), "0");
    default_to(known().account_expires, "9223372036854775807");
  } else if (in_chain(*record.object_class, "group")) {
    default_to(known().group_type, "-2147483646");  // global security group
  }
  update_account_type(record);
}

void EmbeddedDsa::add_defaults(const Caller& caller, Record& record) {
  const auto default_to = [&](const AttributeType& type, std::string value) {
    if (record.find(type) == nullptr) record.set(type, {std::move(value)});
  };
  const std::string now = to_ldap_generalized(clock_.now());
  ++usn_;
  default_to(known().instance_type, "4");
  default_to(known().when_created, now);
  default_to(known().when_changed, now);
  default_to(known().usn_created, std::to_string(usn_));
  default_to(known().usn_changed, std::to_string(usn_));
  if (record.object_class->hidden) default_to(known().hidden, "TRUE");
  default_to(known().object_category,
             "CN=" + std::string(record.object_class->default_category) + "," + contexts_.schema);
  if (record.object_class->name == "foreignSecurityPrincipal" && record.find(known().object_sid) == nullptr)
    if (const auto sid = Sid::parse(record.first(known().name)))
      record.set(known().object_sid, {to_string(sid->to_binary())});
  if (is_account_class(*record.object_class)) add_account_defaults(record);
  const std::string_view requested = record.first(known().descriptor);
  if (requested.empty() || !caller.is_system) {
    const Record* parent = store_.get(record.parent);
    const Record* head = store_.get(record.naming_context);
    const bool in_domain = head == nullptr || head->dn == contexts_.domain;
    record.set(known().descriptor,
               {new_descriptor(caller, parent, *record.object_class, std::string(requested), in_domain)});
  }
}

Result<void> EmbeddedDsa::take_attributes(const Caller& caller, const Entry& entry, Record& record,
                                          Passwords& passwords) const {
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
        return name_error(LdapCode::namingViolation, win32::kNamingViolation, "2005 (NAMING_VIOLATION), data 0", "",
                          std::string(type->name) + " differs from the name of the entry");
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
    MIMICA_TRY(auto values, checked_values(*type, attribute.values));
    for (std::size_t i = 1; i < values.size(); ++i)
      if (std::find(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(i), values[i]) !=
          values.begin() + static_cast<std::ptrdiff_t>(i))
        return attribute_error(LdapCode::attributeOrValueExists, win32::kValueExists, "1006 (ATT_OR_VALUE_EXISTS)",
                               type->name, "a value of " + std::string(type->name) + " is given twice");
    record.set(*type, std::move(values));
  }
  return {};
}

Result<void> EmbeddedDsa::check_place(const Caller& caller, const Record& parent,
                                      const ObjectClass& object_class) const {
  if (normalise_dn(contexts_.schema) == store_.get(parent.naming_context)->key && schema_loaded_)
    return service_error(LdapCode::unwillingToPerform, win32::kNotSupported, "the schema of this directory is fixed");
  if (!holds_right(caller, parent, access::kCreateChild, object_class.guid))
    return security_error("creating " + std::string(object_class.name) + " objects below " + parent.dn +
                          " needs CREATE_CHILD");
  if (!caller.is_system && !Schema::active_directory().may_contain(*parent.object_class, object_class))
    return name_error(LdapCode::namingViolation, win32::kIllegalSuperior, "2005 (NAMING_VIOLATION), data 0", "",
                      std::string(object_class.name) + " objects cannot stand below " +
                          std::string(parent.object_class->name) + " objects");
  return {};
}

Result<Record> EmbeddedDsa::draft_add(const Caller& caller, const Entry& entry, Passwords& passwords) {
  MIMICA_TRY(const auto leaf, leaf_of(entry.dn()));
  const std::string key = normalise_dn(entry.dn());
  if (store_.find_key(key) != kNoRecord)
    return update_error(LdapCode::entryAlreadyExists, win32::kObjectNameExists, "6005 (ENTRY_EXISTS)",
                        entry.dn() + " exists already");
  const Record* parent = store_.find(parent_dn(entry.dn()));
  if (parent == nullptr) return missing(parent_dn(entry.dn()));
  MIMICA_TRY(const auto classes, checked_classes(entry.values("objectClass")));
  const ObjectClass& object_class = *classes.back();
  MIMICA_RETURN_IF_FAULT(check_place(caller, *parent, object_class));
  const AttributeType* naming = Schema::active_directory().attribute(object_class.naming_attribute);
  if (Schema::active_directory().attribute(leaf.type) != naming)
    return name_error(LdapCode::namingViolation, win32::kNamingViolation, "2005 (NAMING_VIOLATION), data 0", "",
                      std::string(object_class.name) + " objects are named by " + std::string(naming->name) +
                          ", not by " + leaf.type);
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
  MIMICA_RETURN_IF_FAULT(take_attributes(caller, entry, record, passwords));
  if (const std::string_view guid = record.first(known().object_guid); !guid.empty()) {
    MIMICA_TRY(record.guid, Guid::from_binary(as_bytes(guid)));
  } else {
    record.guid = Guid::random(entropy_);
    record.set(known().object_guid, {to_string(record.guid.to_binary())});
  }
  add_defaults(caller, record);
  MIMICA_RETURN_IF_FAULT(check_record(record));
  MIMICA_RETURN_IF_FAULT(check_unique(record));
  return record;
}

Result<void> EmbeddedDsa::add(const Caller& caller, const Entry& entry) {
  if (needs_schema_objects(entry.dn())) {
    const std::unique_lock lock(mutex_);
    load_schema_objects();
  }
  const std::unique_lock lock(mutex_);
  if (caller.anonymous()) return not_authenticated();
  Passwords passwords;
  MIMICA_TRY(auto record, draft_add(caller, entry, passwords));
  if (passwords.now) record.set(known().password_last_set, {std::to_string(to_filetime(clock_.now()))});
  const RecordId id = store_.insert(std::move(record));
  if (passwords.now) store_password(id, *passwords.now);
  return {};
}

Result<void> EmbeddedDsa::change_values(Record& record, const AttributeType& type, const Modification& change,
                                        bool permissive) const {
  std::vector<std::string> now;
  if (const auto* stored = record.find(type)) now = *stored;
  if (change.kind == Modification::Kind::replace) {
    MIMICA_TRY(now, checked_values(type, change.attribute.values));
    record.set(type, std::move(now));
    return {};
  }
  if (change.kind == Modification::Kind::erase && change.attribute.values.empty()) {
    if (now.empty() && !permissive)
      return attribute_error(LdapCode::noSuchAttribute, win32::kNoAttribute, "1001 (NO_ATTRIBUTE_OR_VAL)", type.name,
                             record.dn + " has no " + std::string(type.name));
    record.set(type, {});
    return {};
  }
  const bool is_member = &type == &known().member;
  std::vector<std::string> values = change.attribute.values;
  if (change.kind == Modification::Kind::add) {
    MIMICA_TRY(values, checked_values(type, change.attribute.values));
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
          return update_error(LdapCode::entryAlreadyExists, win32::kMemberInAlias, "6005 (ENTRY_EXISTS)",
                              value + " is a member already");
        return attribute_error(LdapCode::attributeOrValueExists, win32::kValueExists, "1006 (ATT_OR_VALUE_EXISTS)",
                               type.name, "the value of " + std::string(type.name) + " exists already");
      }
    } else if (at != now.end()) {
      now.erase(at);
    } else if (!permissive) {
      if (is_member)
        return service_error(LdapCode::unwillingToPerform, win32::kMemberNotInAlias, value + " is not a member");
      return attribute_error(LdapCode::noSuchAttribute, win32::kNoSuchValue, "1001 (NO_ATTRIBUTE_OR_VAL)", type.name,
                             std::string(type.name) + " has no such value");
    }
  }
  record.set(type, std::move(now));
  return {};
}

Result<void> EmbeddedDsa::apply_change(const Caller& caller, Record& record, const Modification& change,
                                       const WriteOptions& options, Passwords& passwords) const {
  const AttributeType* type = Schema::active_directory().attribute(change.attribute.name);
  if (type == nullptr) return unknown_attribute(change.attribute.name);
  if (is_password(*type)) {
    for (const std::string& value : change.attribute.values) {
      auto& slot = change.kind == Modification::Kind::erase ? passwords.old : passwords.now;
      MIMICA_TRY(slot, password_from(*type, value));
    }
    return {};
  }
  MIMICA_RETURN_IF_FAULT(may_write(caller, record, *type));
  if (type == &known().name || type->name == record.object_class->naming_attribute)
    return update_error(LdapCode::notAllowedOnRDN, win32::kNotOnRdn, "6004 (CANT_ON_RDN)",
                        std::string(type->name) + " names the entry; rename the entry instead");
  const bool classes = type == &known().object_class;
  if (!classes && !caller.is_system && is_system_owned(*type)) return not_writable(*type);
  if (type->constructed || type->back_link()) return not_writable(*type);
  if (type == &known().descriptor && change.kind == Modification::Kind::replace &&
      change.attribute.values.size() == 1 && !caller.is_system) {
    MIMICA_RETURN_IF_FAULT(checked_values(*type, change.attribute.values));
    const std::uint32_t parts = options.sd_flags.value_or(0) == 0 ? 15U : *options.sd_flags;
    record.set(*type, {changed_descriptor(caller, record, change.attribute.values.front(), parts)});
    return {};
  }
  if (classes)
    for (const std::string& name : change.attribute.values)
      if (change.kind != Modification::Kind::replace && !is_auxiliary(name))
        return update_error(LdapCode::objectClassViolation, win32::kObjectClassViolation, "6002 (OBJ_CLASS_VIOLATION)",
                            "only auxiliary classes can be added to or removed from an entry");
  return change_values(record, *type, change, options.permissive);
}

Result<void> EmbeddedDsa::check_password_change(const Caller& caller, const Record& record,
                                                const Passwords& passwords) const {
  if (!passwords.now) return {};
  const auto held = passwords_.find(record.id);
  if (passwords.old) {
    // A change by the owner: the old value is deleted and the new one added (MS-ADTS 3.1.1.3.1.5.1).
    if (held == passwords_.end() || held->second.text != *passwords.old)
      return attribute_error(LdapCode::constraintViolation, 0x56, "1005 (CONSTRAINT_ATT_TYPE)", "unicodePwd",
                             "the old password is different");
    return {};
  }
  constexpr std::string_view kForceChangePassword = "00299570-246d-11d0-a768-00aa006e0529";
  if (holds_right(caller, record, access::kControlAccess, kForceChangePassword)) return {};
  return security_error("setting the password of " + record.dn + " needs the right User-Force-Change-Password");
}

Result<void> EmbeddedDsa::modify(const Caller& caller, std::string_view dn, const std::vector<Modification>& changes,
                                 const WriteOptions& options) {
  if (needs_schema_objects(dn)) {
    const std::unique_lock lock(mutex_);
    load_schema_objects();
  }
  const std::unique_lock lock(mutex_);
  if (caller.anonymous()) return not_authenticated();
  MIMICA_TRY(const RecordId id, resolve_base(dn));
  Record record = *store_.get(id);
  if (store_.get(record.naming_context)->dn == contexts_.schema)
    return service_error(LdapCode::unwillingToPerform, win32::kNotSupported, "the schema of this directory is fixed");
  const std::string descriptor_before(record.first(known().descriptor));
  Passwords passwords;
  for (const Modification& change : changes)
    MIMICA_RETURN_IF_FAULT(apply_change(caller, record, change, options, passwords));
  MIMICA_TRY(const auto classes, [&]() -> Result<std::vector<const ObjectClass*>> {
    const auto* names = record.find(known().object_class);
    return checked_classes(names == nullptr ? std::vector<std::string>{} : *names);
  }());
  if (classes.back() != record.object_class)
    return update_error(LdapCode::objectClassViolation, win32::kObjectClassViolation, "6002 (OBJ_CLASS_VIOLATION)",
                        "the structural class of an entry cannot be changed");
  std::vector<std::string> names;
  for (const ObjectClass* one : classes) names.emplace_back(one->name);
  record.set(known().object_class, std::move(names));
  MIMICA_RETURN_IF_FAULT(check_password_change(caller, record, passwords));
  update_account_type(record);
  MIMICA_RETURN_IF_FAULT(check_record(record));
  MIMICA_RETURN_IF_FAULT(check_unique(record));
  if (passwords.now) {
    record.set(known().password_last_set, {std::to_string(to_filetime(clock_.now()))});
    store_password(id, *passwords.now);
  }
  touch(record);
  const bool permissions_changed = record.first(known().descriptor) != descriptor_before;
  store_.replace(std::move(record));
  if (permissions_changed) propagate_descriptor(id);
  return {};
}

Result<void> EmbeddedDsa::modify_dn(const Caller& caller, std::string_view dn, std::string_view new_rdn,
                                    bool delete_old_rdn, const std::optional<std::string>& new_superior) {
  const std::unique_lock lock(mutex_);
  if (caller.anonymous()) return not_authenticated();
  MIMICA_TRY(const RecordId id, resolve_base(dn));
  const Record& old = *store_.get(id);
  MIMICA_TRY(const auto leaf, leaf_of(new_rdn));
  if (!delete_old_rdn || parent_dn(new_rdn) != std::string_view())
    return service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                         "the new name must be a single one and replace the old one");
  if (old.parent == kNoRecord || (is_critical(old) && !caller.is_system))
    return service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                         old.dn + " cannot be renamed or moved");
  const AttributeType* naming = Schema::active_directory().attribute(old.object_class->naming_attribute);
  if (Schema::active_directory().attribute(leaf.type) != naming)
    return name_error(LdapCode::namingViolation, win32::kNamingViolation, "2005 (NAMING_VIOLATION), data 0", "",
                      std::string(old.object_class->name) + " objects are named by " + std::string(naming->name));
  RecordId parent = old.parent;
  if (new_superior) {
    MIMICA_TRY(parent, resolve_base(*new_superior));
    if (store_.get(parent)->naming_context != old.naming_context)
      return service_error(LdapCode::affectsMultipleDSAs, win32::kIllegalModOperation,
                           "an entry cannot move to another naming context");
    if (in_scope(*store_.get(parent), id, Scope::subtree))
      return service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                           "an entry cannot move below itself");
  }
  MIMICA_RETURN_IF_FAULT(may_write(caller, old, known().name));
  if (parent != old.parent) {
    if (!holds_right(caller, old, access::kDelete)) return security_error("moving " + old.dn + " needs DELETE");
    MIMICA_RETURN_IF_FAULT(check_place(caller, *store_.get(parent), *old.object_class));
  }
  const std::string new_dn = make_dn(*old.object_class, leaf.value, store_.get(parent));
  const RecordId there = store_.find_key(normalise_dn(new_dn));
  if (there != kNoRecord && there != id)
    return update_error(LdapCode::entryAlreadyExists, win32::kObjectNameExists, "6005 (ENTRY_EXISTS)",
                        new_dn + " exists already");
  const bool moved = parent != old.parent;
  store_.rename(id, parent, new_dn);
  Record record = *store_.get(id);
  record.set(*naming, {leaf.value});
  record.set(known().name, {leaf.value});
  touch(record);
  store_.replace(std::move(record));
  if (moved) propagate_descriptor(parent);
  return {};
}

void EmbeddedDsa::remove_subtree(RecordId id) {
  const std::vector<RecordId> below = store_.children(id);
  for (const RecordId child : below) remove_subtree(child);
  passwords_.erase(id);
  store_.erase(id);
}

Result<void> EmbeddedDsa::remove(const Caller& caller, std::string_view dn, const WriteOptions& options) {
  const std::unique_lock lock(mutex_);
  if (caller.anonymous()) return not_authenticated();
  MIMICA_TRY(const RecordId id, resolve_base(dn));
  const Record& record = *store_.get(id);
  const Record* parent = store_.get(record.parent);
  const auto members = scope_members(id, Scope::subtree);
  const bool critical =
      std::any_of(members.begin(), members.end(), [&](RecordId one) { return is_critical(*store_.get(one)); });
  if (parent == nullptr || (critical && !caller.is_system))
    return service_error(LdapCode::unwillingToPerform, win32::kIllegalModOperation,
                         record.dn + " belongs to the system and cannot be removed");
  const bool tree = options.tree_delete && members.size() > 1;
  const bool allowed = tree ? holds_right(caller, record, access::kDeleteTree)
                            : holds_right(caller, record, access::kDelete) ||
                                  holds_right(caller, *parent, access::kDeleteChild, record.object_class->guid);
  if (!allowed) return security_error("removing " + record.dn + " needs DELETE on it or DELETE_CHILD on " + parent->dn);
  if (members.size() > 1 && !tree)
    return update_error(LdapCode::notAllowedOnNonLeaf, win32::kChildrenExist, "6003 (CANT_ON_NON_LEAF)",
                        record.dn + " has entries below it");
  ++usn_;
  remove_subtree(id);
  return {};
}

}  // namespace mimica::ldap
