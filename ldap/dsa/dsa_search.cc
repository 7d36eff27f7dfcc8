// Reading: base resolution, scopes and naming contexts, attribute selection, computed attributes.
#include <algorithm>
#include <mutex>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "ldap/ad_fault.h"
#include "ldap/dsa/embedded_dsa.h"

namespace mimica::ldap {
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

}  // namespace

bool EmbeddedDsa::Selection::names(const AttributeType& type) const {
  return std::find(named.begin(), named.end(), &type) != named.end();
}

EmbeddedDsa::Selection EmbeddedDsa::select(const std::vector<std::string>& attributes) const {
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

Fault EmbeddedDsa::missing(std::string_view dn) const {
  const std::string key = normalise_dn(dn);
  if (key.empty())
    return name_error(LdapCode::invalidDNSyntax, win32::kBadNameSyntax,
                      "2006 (BAD_NAME), data 8350, best match of:\n\t'", std::string(dn) + "'\n",
                      "the name is not a distinguished name (RFC 4514)");
  for (std::string above = key; !above.empty(); above = std::string(parent_dn(above))) {
    const Record* best = store_.get(store_.find_key(above));
    if (best != nullptr) return no_such_object(dn, best->dn);
  }
  return fault(LdapCode::referral,
               "0000202B: RefErr: DSID-0310082F, data 0, 1 access points\n\tref 1: '" + dns_name_ + "'\n", {},
               std::string(dn) + " lies outside the naming contexts of this server");
}

Result<RecordId> EmbeddedDsa::resolve_base(std::string_view base) const {
  const std::string_view text = trim(base);
  if (!text.empty() && text.front() == '<') {
    // <GUID=...>, <SID=...>, <WKGUID=...,dn> (MS-ADTS 3.1.1.3.1.2.4)
    const auto close = text.find('>');
    const auto equals = text.find('=');
    if (close == text.size() - 1 && equals != std::string_view::npos) {
      const std::string kind = to_lower(text.substr(1, equals - 1));
      const std::string_view value = text.substr(equals + 1, close - equals - 1);
      const auto octets = from_hex(value);
      if (kind == "guid") {
        const auto guid = octets && octets->size() == 16 && value.find('-') == std::string_view::npos
                              ? Guid::from_binary(*octets)
                              : Guid::parse(value);
        const RecordId id = guid ? store_.find_guid(*guid) : kNoRecord;
        if (id != kNoRecord) return id;
      } else if (kind == "sid") {
        const auto sid = octets ? Sid::from_binary(*octets) : Sid::parse(value);
        if (sid) {
          const auto* found = store_.indexed(known().object_sid, to_string(sid->to_binary()));
          if (!found->empty()) return found->front();
        }
      } else if (kind == "wkguid" && value.find(',') == 32) {
        const Record* holder = store_.find(value.substr(33));
        const AttributeType* type = Schema::active_directory().attribute("wellKnownObjects");
        const std::string wanted = "B:32:" + to_upper(value.substr(0, 32)) + ":";
        if (holder != nullptr && holder->find(*type) != nullptr)
          for (const std::string& entry : *holder->find(*type))
            if (starts_with_ignore_case(entry, wanted))
              if (const Record* found = store_.find(entry.substr(wanted.size()))) return found->id;
      }
      return no_such_object(base, "");
    }
  }
  const RecordId id = store_.find_key(normalise_dn(base));
  if (id == kNoRecord) return missing(base);
  return id;
}

std::vector<RecordId> EmbeddedDsa::scope_members(RecordId base, Scope scope) const {
  if (scope == Scope::base) return {base};
  if (scope == Scope::one_level) return store_.children(base);
  std::vector<RecordId> out{base};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto& below = store_.children(out[i]);
    out.insert(out.end(), below.begin(), below.end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool EmbeddedDsa::in_scope(const Record& record, RecordId base, Scope scope) const {
  if (scope == Scope::base) return record.id == base;
  if (scope == Scope::one_level) return record.parent == base;
  for (const Record* at = &record; at != nullptr; at = store_.get(at->parent))
    if (at->id == base) return true;
  return false;
}

std::vector<std::string> EmbeddedDsa::subordinate_references(RecordId base) const {
  std::vector<std::string> out;
  const Record* from = store_.get(base);
  for (const std::string* dn : {&contexts_.configuration, &contexts_.schema}) {
    const Record* head = store_.find(*dn);
    const Record* above = head == nullptr ? nullptr : store_.find(parent_dn(head->dn));
    if (above != nullptr && above->naming_context == from->naming_context && in_scope(*above, base, Scope::subtree))
      out.push_back("ldap://" + dns_name_ + "/" + head->dn);
  }
  return out;
}

bool EmbeddedDsa::is_subschema(const Record& record) const { return record.object_class->name == "subSchema"; }

std::vector<std::string> EmbeddedDsa::computed_values(const Record& record, const AttributeType& type) const {
  const Schema& schema = Schema::active_directory();
  if (type.back_link()) {
    std::vector<std::string> out;
    const AttributeType* forward = schema.linked(type);
    for (const Store::Reference& reference : store_.references(record.id))
      if (reference.type == forward) out.push_back(store_.get(reference.source)->dn);
    return out;
  }
  if (!type.constructed) return {};
  if (type.name == "canonicalName") return {canonical_name(record.dn, normalise_dn(contexts_.domain), dns_name_)};
  if (type.name == "createTimeStamp") return {std::string(record.first(known().when_created))};
  if (type.name == "modifyTimeStamp") return {std::string(record.first(known().when_changed))};
  if (type.name == "subSchemaSubEntry") return {"CN=Aggregate," + contexts_.schema};
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
  if (type.name == "msDS-PrincipalName") return {principal_name(record)};
  const bool account = record.find(known().user_account_control) != nullptr;
  if (type.name == "msDS-User-Account-Control-Computed" && account) return {"0"};
  if (type.name == "msDS-KeyVersionNumber" && account) return {"1"};
  if (starts_with_ignore_case(type.name, "tokenGroups")) {
    std::vector<std::string> out;
    for (const Sid& group : token_groups(record)) {
      // The global and universal variant leaves out what is local to the domain controller.
      const bool builtin = group.sub_authorities().size() == 2;
      if (builtin && type.name == "tokenGroupsGlobalAndUniversal") continue;
      out.push_back(to_string(group.to_binary()));
    }
    return out;
  }
  return {};
}

std::optional<std::string> EmbeddedDsa::render_descriptor(const Record& record, const Selection& selection,
                                                          const Caller& caller, const SearchOptions& options) const {
  const std::string_view stored = record.first(known().descriptor);
  const bool named = selection.names(known().descriptor);
  if (stored.empty() || (!named && !(selection.user_attributes && options.sd_flags))) return std::nullopt;
  constexpr std::uint32_t kOwner = 1, kGroup = 2, kDacl = 4, kSacl = 8;
  std::uint32_t flags = options.sd_flags.value_or(0) & 15U;
  if (flags == 0) flags = kOwner | kGroup | kDacl | kSacl;
  // Reading the SACL needs a privilege that only administrators hold; without it nothing is returned, not less.
  if ((flags & kSacl) != 0 && !is_administrator(caller, domain_sid_)) return std::nullopt;
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

Result<Entry> EmbeddedDsa::render(const Record& record, const Selection& selection, const Caller& caller,
                                  const SearchOptions& options, Scope scope) const {
  Entry out(record.dn);
  const bool administrator = is_administrator(caller, domain_sid_);
  if (selection.user_attributes) {
    for (const StoredAttribute& attribute : record.attributes) {
      if (attribute.type == &known().descriptor || is_secret(*attribute.type)) continue;
      if (attribute.type->confidential && !administrator) continue;
      out.set(attribute.type->name, *attribute.values);
      if (attribute.type == &known().object_class) out.set("distinguishedName", record.dn);
    }
    for (const Store::Reference& reference : store_.references(record.id)) {
      const AttributeType* back = Schema::active_directory().linked(*reference.type);
      if (back != nullptr && !out.has(back->name)) out.set(back->name, computed_values(record, *back));
    }
  }
  if (selection.operational_attributes)
    for (const std::string_view name :
         {"createTimeStamp", "modifyTimeStamp", "structuralObjectClass", "subSchemaSubEntry"})
      out.set(name, computed_values(record, *Schema::active_directory().attribute(name)));
  for (const AttributeType* type : selection.named) {
    if (type == &known().descriptor || is_secret(*type) || (type->confidential && !administrator)) continue;
    if (out.has(type->name)) continue;
    if (type == &known().distinguished_name) {
      out.set(type->name, record.dn);
    } else if (const auto* values = record.find(*type)) {
      out.set(type->name, *values);
    } else {
      if (scope != Scope::base && starts_with_ignore_case(type->name, "tokenGroups"))
        return protocol_error(LdapCode::operationsError, 0x2020, "tokenGroups can be read with a base search only",
                              "search the account itself with scope base");
      out.set(type->name, computed_values(record, *type));
    }
  }
  if (auto descriptor = render_descriptor(record, selection, caller, options))
    out.set(known().descriptor.name, *std::move(descriptor));
  return out;
}

Result<Dsa::SearchAnswer> EmbeddedDsa::search(const Caller& caller, const SearchRequest& request,
                                              const SearchOptions& options) {
  MIMICA_TRY(const auto filter, parse_filter(request.filter));
  return search(caller, request, filter, options);
}

Result<Dsa::SearchAnswer> EmbeddedDsa::search(const Caller& caller, const SearchRequest& request, const Filter& filter,
                                              const SearchOptions& options) {
  const bool root = trim(request.base).empty();
  if (needs_schema_objects(request.base) || (root && options.phantom_root)) {
    const std::unique_lock lock(mutex_);
    load_schema_objects();
  }
  const std::shared_lock lock(mutex_);
  SearchAnswer answer;
  if (root && request.scope == Scope::base) {
    answer.entries.push_back(root_dse(caller, request.attributes));
    return answer;
  }
  if (caller.anonymous()) {
    const Record* target = root ? nullptr : store_.find(request.base);
    if (request.scope != Scope::base || target == nullptr || !is_subschema(*target)) return not_authenticated();
  }
  MIMICA_TRY(const auto matcher, Matcher::prepare(filter, store_, contexts_.schema));
  const Selection selection = select(request.attributes);
  const bool everywhere = root && options.phantom_root;
  if (root && !everywhere) return no_such_object("the root of the tree", "");
  RecordId base = kNoRecord;
  if (!everywhere) {
    MIMICA_TRY(base, resolve_base(request.base));
  }
  std::vector<RecordId> pool;
  auto candidates = request.scope == Scope::subtree ? matcher.candidates() : std::nullopt;
  if (candidates) {
    std::sort(candidates->begin(), candidates->end());
    for (const RecordId id : *candidates) {
      const Record* record = store_.get(id);
      if (record != nullptr && (everywhere || in_scope(*record, base, request.scope))) pool.push_back(id);
    }
  } else if (everywhere) {
    for (const std::string* head : {&contexts_.domain, &contexts_.configuration, &contexts_.schema}) {
      const auto members = scope_members(store_.find(*head)->id, request.scope);
      pool.insert(pool.end(), members.begin(), members.end());
    }
  } else {
    pool = scope_members(base, request.scope);
  }
  for (const RecordId id : pool) {
    const Record& record = *store_.get(id);
    if (!matcher.matches(record)) continue;
    if (!options.show_deleted && !record.first(*Schema::active_directory().attribute("isDeleted")).empty()) continue;
    if (options.size_limit != 0 && answer.entries.size() == options.size_limit) {
      answer.size_limit_exceeded = true;
      break;
    }
    MIMICA_TRY(auto entry, render(record, selection, caller, options, request.scope));
    answer.entries.push_back(std::move(entry));
  }
  if (request.scope == Scope::subtree && !options.domain_scope && !everywhere)
    answer.references = subordinate_references(base);
  return answer;
}

Result<bool> EmbeddedDsa::compare(const Caller& caller, std::string_view dn, std::string_view attribute,
                                  std::string_view value) {
  const std::shared_lock lock(mutex_);
  if (caller.anonymous()) return not_authenticated();
  MIMICA_TRY(const RecordId id, resolve_base(dn));
  const AttributeType* type = Schema::active_directory().attribute(attribute);
  if (type == nullptr || is_secret(*type))
    return attribute_error(LdapCode::undefinedAttributeType, win32::kNoAttribute, "1001 (NO_ATTRIBUTE_OR_VAL)",
                           attribute, "the attribute cannot be compared");
  const Record& record = *store_.get(id);
  MIMICA_TRY(const auto entry, render(record, select({std::string(type->name)}), caller, {}, Scope::base));
  const auto* found = entry.find(type->name);
  if (found == nullptr)
    return attribute_error(LdapCode::noSuchAttribute, win32::kNoAttribute, "1001 (NO_ATTRIBUTE_OR_VAL)", attribute,
                           "the entry has no such attribute");
  const auto held = holds_value(*type, found->values, value);
  if (!held)
    return attribute_error(LdapCode::invalidAttributeSyntax, win32::kInvalidSyntax, "1002 (INVALID_ATT_SYNTAX)",
                           attribute, "the value does not follow the syntax of the attribute");
  return *held;
}

}  // namespace mimica::ldap
