// Reading: base resolution, scopes and naming contexts, attribute selection, computed attributes.
#include "ldap/dsa/search.h"

#include <algorithm>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/access.h"
#include "ldap/dsa/accounts.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/dsa/names.h"
#include "ldap/dsa/root_dse.h"
#include "ldap/rules.h"
#include "ldap/store/match.h"

namespace mimica::ldap::dsa {
namespace {

// Attributes that no interface may read (MS-ADTS 3.1.1.4.4).
constexpr std::string_view kSecrets[] = {"unicodePwd",   "userPassword", "dBCSPwd",   "ntPwdHistory",
                                         "lmPwdHistory", "currentValue", "priorValue"};

bool is_secret(const AttributeType& type) {
  return std::find(std::begin(kSecrets), std::end(kSecrets), type.name) != std::end(kSecrets);
}

// "contoso.com/Users/Jane Doe" (MS-ADTS 3.1.1.4.5.7): DNS name of the domain, then the names from the top.
std::string canonical_name(std::string_view dn, const std::string& domain_key, std::string_view dns_name) {
  std::string path;
  for (; !dn.empty() && normalise_dn(dn) != domain_key; dn = parent_dn(dn)) path = "/" + leaf_value(dn) + path;
  return std::string(dns_name) + (path.empty() ? "/" : path);
}

// What a search asks for.
struct Selection {
  bool user_attributes = false;
  bool operational_attributes = false;
  std::vector<const AttributeType*> named;
  bool names(const AttributeType& type) const { return std::find(named.begin(), named.end(), &type) != named.end(); }
};

Selection select(const std::vector<std::string>& attributes) {
  Selection out;
  out.user_attributes = attributes.empty();
  for (const std::string& name : attributes) {
    if (name == "*") {
      out.user_attributes = true;
    } else if (name == "+") {
      out.operational_attributes = true;
    } else if (const AttributeType* type = Schema::active_directory().attribute(name)) {
      if (!out.names(*type)) out.named.push_back(type);
    }
  }
  return out;
}

std::vector<std::string> subordinate_references(const State& state, RecordId base) {
  std::vector<std::string> out;
  const Record* from = state.store.get(base);
  for (const std::string* dn : {&state.contexts.configuration, &state.contexts.schema}) {
    const Record* head = state.store.find(*dn);
    const Record* above = head == nullptr ? nullptr : state.store.find(parent_dn(head->dn));
    if (above != nullptr && above->naming_context == from->naming_context &&
        in_scope(state, *above, base, Scope::subtree))
      out.push_back("ldap://" + state.dns_name + "/" + head->dn);
  }
  return out;
}

std::vector<std::string> computed_values(const State& state, const Record& record, const AttributeType& type) {
  const Schema& schema = Schema::active_directory();
  if (type.back_link()) {
    std::vector<std::string> out;
    const AttributeType* forward = schema.linked(type);
    for (const Store::Reference& reference : state.store.references(record.id))
      if (reference.type == forward) out.push_back(state.store.get(reference.source)->dn);
    return out;
  }
  if (!type.constructed) return {};
  if (type.name == "canonicalName")
    return {canonical_name(record.dn, normalise_dn(state.contexts.domain), state.dns_name)};
  if (type.name == "createTimeStamp") return {std::string(record.first(known().when_created))};
  if (type.name == "modifyTimeStamp") return {std::string(record.first(known().when_changed))};
  if (type.name == "subSchemaSubEntry") return {"CN=Aggregate," + state.contexts.schema};
  if (type.name == "structuralObjectClass") {
    const auto* classes = record.find(known().object_class);
    return classes == nullptr ? std::vector<std::string>{} : *classes;
  }
  if (is_subschema(record)) return subschema_values(type);
  const std::string_view sid = record.first(known().object_sid);
  if (sid.empty()) return {};
  if (type.name == "primaryGroupToken" && record.object_class->name == "group") {
    const auto parsed = Sid::from_binary(as_bytes(sid));
    return parsed ? std::vector<std::string>{std::to_string(parsed->rid())} : std::vector<std::string>{};
  }
  if (type.name == "msDS-PrincipalName") return {principal_name(state, record)};
  const bool account = record.find(known().user_account_control) != nullptr;
  if (type.name == "msDS-User-Account-Control-Computed" && account) return {"0"};
  if (type.name == "msDS-KeyVersionNumber" && account) return {"1"};
  if (starts_with_ignore_case(type.name, "tokenGroups")) {
    std::vector<std::string> out;
    for (const Sid& group : token_groups(state, record)) {
      // The global and universal variant leaves out what is local to the domain controller.
      const bool builtin = group.sub_authorities().size() == 2;
      if (builtin && type.name == "tokenGroupsGlobalAndUniversal") continue;
      out.push_back(to_string(group.to_binary()));
    }
    return out;
  }
  return {};
}

std::optional<std::string> render_descriptor(const State& state, const Record& record, const Selection& selection,
                                             const Caller& caller, const Dsa::SearchOptions& options) {
  const std::string_view stored = record.first(known().descriptor);
  const bool named = selection.names(known().descriptor);
  if (stored.empty() || (!named && !(selection.user_attributes && options.sd_flags))) return std::nullopt;
  constexpr std::uint32_t kOwner = 1, kGroup = 2, kDacl = 4, kSacl = 8;
  std::uint32_t flags = options.sd_flags.value_or(0) & 15U;
  if (flags == 0) flags = kOwner | kGroup | kDacl | kSacl;
  // Reading the SACL needs a privilege that only administrators hold; without it nothing is returned, not less.
  if ((flags & kSacl) != 0 && !is_administrator(caller, state.domain_sid)) return std::nullopt;
  auto sd = SecurityDescriptor::from_binary(as_bytes(stored));
  if (!sd || flags == 15U) return std::string(stored);
  using namespace sd_control;
  bool cut = false;
  if ((flags & kOwner) == 0 && sd->owner) sd->owner.reset(), cut = true;
  if ((flags & kGroup) == 0 && sd->group) sd->group.reset(), cut = true;
  if ((flags & kDacl) == 0 && (sd->control & kDaclPresent) != 0) {
    sd->dacl.reset();
    sd->control = static_cast<std::uint16_t>(sd->control & ~kDaclPresent);
    cut = true;
  }
  if ((flags & kSacl) == 0 && (sd->control & kSaclPresent) != 0) {
    sd->sacl.reset();
    sd->control = static_cast<std::uint16_t>(sd->control & ~kSaclPresent);
    cut = true;
  }
  return cut ? to_string(sd->to_binary()) : std::string(stored);
}

Result<Entry> render(const State& state, const Record& record, const Selection& selection, const Caller& caller,
                     const Dsa::SearchOptions& options, Scope scope) {
  Entry out(record.dn);
  const bool administrator = is_administrator(caller, state.domain_sid);
  if (selection.user_attributes) {
    for (const StoredAttribute& attribute : record.attributes) {
      if (attribute.type == &known().descriptor || is_secret(*attribute.type)) continue;
      if (attribute.type->confidential && !administrator) continue;
      out.set(attribute.type->name, *attribute.values);
      if (attribute.type == &known().object_class) out.set("distinguishedName", record.dn);
    }
    for (const Store::Reference& reference : state.store.references(record.id)) {
      const AttributeType* back = Schema::active_directory().linked(*reference.type);
      if (back != nullptr && !out.has(back->name)) out.set(back->name, computed_values(state, record, *back));
    }
  }
  if (selection.operational_attributes)
    for (const std::string_view name :
         {"createTimeStamp", "modifyTimeStamp", "structuralObjectClass", "subSchemaSubEntry"})
      out.set(name, computed_values(state, record, *Schema::active_directory().attribute(name)));
  for (const AttributeType* type : selection.named) {
    if (type == &known().descriptor || is_secret(*type) || (type->confidential && !administrator)) continue;
    if (out.has(type->name)) continue;
    if (type == &known().distinguished_name) {
      out.set(type->name, record.dn);
    } else if (const auto* values = record.find(*type)) {
      out.set(type->name, *values);
    } else {
      if (scope != Scope::base && starts_with_ignore_case(type->name, "tokenGroups"))
        return refused_by(rule::kSearchTokenGroups, protocol_error(LdapCode::operationsError, 0x2020,
                                                                   "tokenGroups can be read with a base search only",
                                                                   "search the account itself with scope base"));
      out.set(type->name, computed_values(state, record, *type));
    }
  }
  if (auto descriptor = render_descriptor(state, record, selection, caller, options))
    out.set(known().descriptor.name, *std::move(descriptor));
  return out;
}

}  // namespace

Result<Dsa::SearchAnswer> search(const State& state, const Caller& caller, const SearchRequest& request,
                                 const Filter& filter, const Dsa::SearchOptions& options) {
  const bool root = trim(request.base).empty();
  Dsa::SearchAnswer answer;
  if (root && request.scope == Scope::base) {
    answer.entries.push_back(root_dse(state, caller, request.attributes));
    return answer;
  }
  if (caller.anonymous()) {
    const Record* target = root ? nullptr : state.store.find(request.base);
    if (request.scope != Scope::base || target == nullptr || !is_subschema(*target))
      return refused_by(rule::kBindRequired, not_authenticated());
  }
  MIMICA_TRY(const auto matcher, Matcher::prepare(filter, state.store, state.contexts.schema));
  const Selection selection = select(request.attributes);
  const bool everywhere = root && options.phantom_root;
  if (root && !everywhere) return refused_by(rule::kNameExists, no_such_object("the root of the tree", ""));
  RecordId base = kNoRecord;
  if (!everywhere) {
    MIMICA_TRY(base, resolve_base(state, request.base));
  }
  std::vector<RecordId> pool;
  auto candidates = request.scope == Scope::subtree ? matcher.candidates() : std::nullopt;
  if (candidates) {
    std::sort(candidates->begin(), candidates->end());
    for (const RecordId id : *candidates) {
      const Record* record = state.store.get(id);
      if (record != nullptr && (everywhere || in_scope(state, *record, base, request.scope))) pool.push_back(id);
    }
  } else if (everywhere) {
    for (const std::string* head : {&state.contexts.domain, &state.contexts.configuration, &state.contexts.schema}) {
      const auto members = scope_members(state, state.store.find(*head)->id, request.scope);
      pool.insert(pool.end(), members.begin(), members.end());
    }
  } else {
    pool = scope_members(state, base, request.scope);
  }
  for (const RecordId id : pool) {
    const Record& record = *state.store.get(id);
    if (!matcher.matches(record)) continue;
    if (!options.show_deleted && !record.first(*Schema::active_directory().attribute("isDeleted")).empty()) continue;
    if (options.size_limit != 0 && answer.entries.size() == options.size_limit) {
      answer.size_limit_exceeded = true;
      break;
    }
    MIMICA_TRY(auto entry, render(state, record, selection, caller, options, request.scope));
    answer.entries.push_back(std::move(entry));
  }
  if (request.scope == Scope::subtree && !options.domain_scope && !everywhere)
    answer.references = subordinate_references(state, base);
  return answer;
}

Result<bool> compare(const State& state, const Caller& caller, std::string_view dn, std::string_view attribute,
                     std::string_view value) {
  if (caller.anonymous()) return refused_by(rule::kBindRequired, not_authenticated());
  MIMICA_TRY(const RecordId id, resolve_base(state, dn));
  const AttributeType* type = Schema::active_directory().attribute(attribute);
  if (type == nullptr || is_secret(*type))
    return refused_by(rule::kCompareAttribute,
                      attribute_error(LdapCode::undefinedAttributeType, win32::kNoAttribute,
                                      "1001 (NO_ATTRIBUTE_OR_VAL)", attribute, "the attribute cannot be compared"));
  const Record& record = *state.store.get(id);
  MIMICA_TRY(const auto entry, render(state, record, select({std::string(type->name)}), caller, {}, Scope::base));
  const auto* found = entry.find(type->name);
  if (found == nullptr)
    return refused_by(rule::kCompareAttribute,
                      attribute_error(LdapCode::noSuchAttribute, win32::kNoAttribute, "1001 (NO_ATTRIBUTE_OR_VAL)",
                                      attribute, "the entry has no such attribute"));
  const auto held = holds_value(*type, found->values, value);
  if (!held)
    return refused_by(rule::kCompareValue, attribute_error(LdapCode::invalidAttributeSyntax, win32::kInvalidSyntax,
                                                           "1002 (INVALID_ATT_SYNTAX)", attribute,
                                                           "the value does not follow the syntax of the attribute"));
  return *held;
}

}  // namespace mimica::ldap::dsa
