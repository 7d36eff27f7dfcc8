#include "ldap/store/store.h"

#include <algorithm>
#include <unordered_set>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/number.h"
#include "core/base/time.h"

namespace mimica::ldap {
namespace {

std::optional<std::string> canonical_integer(std::string_view text) {
  text = trim(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  const auto value = parse_decimal<std::int64_t>(text);
  return value ? std::optional(std::to_string(*value)) : std::nullopt;
}

// "B:8:0000ABCD:DN" and "S:3:abc:DN" (MS-ADTS 3.1.1.2.2.2): the octets before the DN, including the last colon.
std::optional<std::size_t> data_length(std::string_view value) {
  if (value.size() < 4 || (value[0] != 'B' && value[0] != 'S' && value[0] != 'b' && value[0] != 's') || value[1] != ':')
    return std::nullopt;
  std::string_view rest = value.substr(2);
  const auto length = take_decimal<std::size_t>(rest);
  if (!length || !rest.starts_with(':')) return std::nullopt;
  const std::size_t count = *length;
  const std::size_t data = value.size() - rest.size() + 1;
  if (count >= value.size() - data || value[data + count] != ':') return std::nullopt;
  const bool binary = value[0] == 'B' || value[0] == 'b';
  if (binary && !from_hex(value.substr(data, count))) return std::nullopt;
  return data + count + 1;
}

std::string index_key(const AttributeType& type, const std::string& comparable_value) {
  std::string key;
  key.reserve(comparable_value.size() + 2);
  key.push_back(static_cast<char>(type.index & 0xFF));
  key.push_back(static_cast<char>(type.index >> 8));
  key += comparable_value;
  return key;
}

std::string guid_key(const Guid& guid) { return to_string(guid.to_binary()); }

const std::vector<Store::Reference> kNoReferences;

bool keeps_holders(const AttributeType& type) {
  return type.name == "altSecurityIdentities" || type.name == "msDS-KeyCredentialLink";
}

}  // namespace

const std::vector<std::string>* Record::find(const AttributeType& type) const {
  for (const StoredAttribute& attribute : attributes)
    if (attribute.type == &type) return attribute.values.get();
  return nullptr;
}

std::string_view Record::first(const AttributeType& type) const {
  const auto* values = find(type);
  return values == nullptr ? std::string_view{} : std::string_view(values->front());
}

void Record::set(const AttributeType& type, std::vector<std::string> values) {
  const auto at = std::find_if(attributes.begin(), attributes.end(),
                               [&](const StoredAttribute& attribute) { return attribute.type == &type; });
  if (values.empty()) {
    if (at != attributes.end()) attributes.erase(at);
    return;
  }
  auto shared = std::make_shared<const std::vector<std::string>>(std::move(values));
  if (at == attributes.end()) {
    attributes.push_back({&type, std::move(shared)});
  } else {
    at->values = std::move(shared);
  }
}

bool holds_dn(const AttributeType& type) {
  return type.syntax == Syntax::dn || type.syntax == Syntax::dn_binary || type.syntax == Syntax::dn_string;
}

std::optional<std::string_view> dn_part(const AttributeType& type, std::string_view value) {
  if (type.syntax == Syntax::dn) return value;
  const auto data = data_length(value);
  if (!data) return std::nullopt;
  return value.substr(*data);
}

std::optional<std::string> comparable(const AttributeType& type, std::string_view value) {
  switch (type.syntax) {
    case Syntax::unicode:
    case Syntax::teletex:
    case Syntax::presentation_address:
      return fold_directory_string(value);
    case Syntax::case_string:
    case Syntax::ia5:
    case Syntax::printable:
    case Syntax::numeric:
    case Syntax::replica_link:
    case Syntax::security_descriptor:
      return std::string(value);
    case Syntax::integer:
    case Syntax::enumeration:
    case Syntax::large_integer:
      return canonical_integer(value);
    case Syntax::boolean: {
      std::string text = to_upper(value);
      if (text != "TRUE" && text != "FALSE") return std::nullopt;
      return text;
    }
    case Syntax::generalized_time:
    case Syntax::utc_time: {
      const auto time = parse_generalized(value);
      if (!time) return std::nullopt;
      return to_ldap_generalized(*time);
    }
    case Syntax::sid: {
      if (starts_with_ignore_case(value, "S-")) {
        const auto sid = Sid::parse(value);
        if (!sid) return std::nullopt;
        return to_string(sid->to_binary());
      }
      return std::string(value);
    }
    case Syntax::octets: {
      constexpr std::size_t kGuidSize = 16;
      if (value.size() != kGuidSize && (type.name == "objectGUID" || type.name == "schemaIDGUID"))
        if (const auto guid = Guid::parse(value)) return guid_key(*guid);
      return std::string(value);
    }
    case Syntax::oid: {
      const Schema& schema = Schema::active_directory();
      if (const ObjectClass* entry = schema.object_class(value)) return to_lower(entry->name);
      if (const AttributeType* other = schema.attribute(value)) return to_lower(other->name);
      return to_lower(value);
    }
    case Syntax::dn: {
      std::string key = normalise_dn(value);
      if (key.empty()) return std::nullopt;
      return key;
    }
    case Syntax::dn_binary:
    case Syntax::dn_string: {
      const auto data = data_length(value);
      if (!data) return std::nullopt;
      const std::string key = normalise_dn(value.substr(*data));
      if (key.empty()) return std::nullopt;
      return to_upper(value.substr(0, *data)) + key;
    }
  }
  return std::nullopt;
}

const Record* Store::find(std::string_view dn) const { return get(find_key(normalise_dn(dn))); }

RecordId Store::find_key(const std::string& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? kNoRecord : found->second;
}

RecordId Store::find_guid(const Guid& guid) const {
  const auto found = by_guid_.find(guid_key(guid));
  return found == by_guid_.end() ? kNoRecord : found->second;
}

bool Store::is_indexed(const AttributeType& type) { return type.indexed && !holds_dn(type); }

const std::vector<RecordId>* Store::indexed(const AttributeType& type, const std::string& value) const {
  static const std::vector<RecordId> kNobody;
  const auto found = by_value_.find(index_key(type, value));
  return found == by_value_.end() ? &kNobody : &found->second;
}

const std::unordered_set<RecordId>* Store::holders(const AttributeType& type) const {
  static const std::unordered_set<RecordId> kNobody;
  if (!keeps_holders(type)) return nullptr;
  const auto found = holders_.find(&type);
  return found == holders_.end() ? &kNobody : &found->second;
}

const std::vector<Store::Reference>& Store::references(RecordId target) const {
  return target < references_.size() ? references_[target] : kNoReferences;
}

bool Store::refers(RecordId source, const AttributeType& type, RecordId target) const {
  const auto& list = references(target);
  return std::find(list.begin(), list.end(), Reference{source, &type}) != list.end();
}

std::vector<RecordId> Store::targets(const Record& record, const AttributeType& type) const {
  std::vector<RecordId> out;
  const auto* values = record.find(type);
  if (values == nullptr) return out;
  for (const std::string& value : *values) {
    const auto dn = dn_part(type, value);
    if (!dn) continue;
    const RecordId id = find_key(normalise_dn(*dn));
    if (id != kNoRecord) out.push_back(id);
  }
  return out;
}

std::vector<RecordId> Store::closure(RecordId start, const AttributeType& forward_link, bool backwards) const {
  std::vector<RecordId> out;
  std::unordered_set<RecordId> seen;
  std::vector<RecordId> pending{start};
  while (!pending.empty()) {
    const RecordId id = pending.back();
    pending.pop_back();
    std::vector<RecordId> next;
    if (backwards) {
      for (const Reference& reference : references(id))
        if (reference.type == &forward_link) next.push_back(reference.source);
    } else if (const Record* record = get(id)) {
      next = targets(*record, forward_link);
    }
    for (const RecordId found : next) {
      if (!seen.insert(found).second) continue;
      out.push_back(found);
      pending.push_back(found);
    }
  }
  return out;
}

void Store::index(const Record& record, const StoredAttribute& attribute, const std::vector<std::string>& values) {
  const AttributeType& type = *attribute.type;
  if (keeps_holders(type)) holders_[&type].insert(record.id);
  if (holds_dn(type)) {
    for (const std::string& value : values) {
      const auto dn = dn_part(type, value);
      const RecordId target = dn ? find_key(normalise_dn(*dn)) : kNoRecord;
      if (target != kNoRecord && !refers(record.id, type, target)) references_[target].push_back({record.id, &type});
    }
  } else if (is_indexed(type)) {
    for (const std::string& value : values)
      if (auto key = comparable(type, value)) by_value_[index_key(type, *key)].push_back(record.id);
  }
}

void Store::unindex(const Record& record, const StoredAttribute& attribute, const std::vector<std::string>& values) {
  const AttributeType& type = *attribute.type;
  if (holds_dn(type)) {
    for (const std::string& value : values) {
      const auto dn = dn_part(type, value);
      const RecordId target = dn ? find_key(normalise_dn(*dn)) : kNoRecord;
      if (target != kNoRecord) std::erase(references_[target], Reference{record.id, &type});
    }
  } else if (is_indexed(type)) {
    for (const std::string& value : values) {
      const auto key = comparable(type, value);
      if (!key) continue;
      const auto found = by_value_.find(index_key(type, *key));
      if (found == by_value_.end()) continue;
      const auto at = std::find(found->second.begin(), found->second.end(), record.id);
      if (at != found->second.end()) found->second.erase(at);
      if (found->second.empty()) by_value_.erase(found);
    }
  }
}

RecordId Store::insert(Record record) {
  record.id = static_cast<RecordId>(records_.size());
  if (record.naming_context == kNoRecord) record.naming_context = record.id;
  by_key_.emplace(record.key, record.id);
  by_guid_.emplace(guid_key(record.guid), record.id);
  if (record.parent != kNoRecord) children_[record.parent].push_back(record.id);
  const RecordId id = record.id;
  records_.push_back(std::make_shared<const Record>(std::move(record)));
  children_.emplace_back();
  references_.emplace_back();
  for (const StoredAttribute& attribute : records_[id]->attributes) index(*records_[id], attribute, *attribute.values);
  return id;
}

void Store::replace(Record record) {
  const RecordPtr old = records_[record.id];
  const auto now = std::make_shared<const Record>(std::move(record));
  // Only the values that differ are re-indexed: groups with thousands of members change one value at a time.
  for (const StoredAttribute& before : old->attributes) {
    const auto* after = now->find(*before.type);
    if (after == before.values.get()) continue;
    std::unordered_set<std::string_view> kept;
    if (after != nullptr) kept.insert(after->begin(), after->end());
    std::vector<std::string> gone;
    for (const std::string& value : *before.values)
      if (!kept.contains(value)) gone.push_back(value);
    unindex(*old, before, gone);
    if (after == nullptr && keeps_holders(*before.type)) holders_[before.type].erase(old->id);
  }
  records_[now->id] = now;
  for (const StoredAttribute& after : now->attributes) {
    const auto* before = old->find(*after.type);
    if (before == after.values.get()) continue;
    std::unordered_set<std::string_view> had;
    if (before != nullptr) had.insert(before->begin(), before->end());
    std::vector<std::string> fresh;
    for (const std::string& value : *after.values)
      if (!had.contains(value)) fresh.push_back(value);
    index(*now, after, fresh);
  }
}

void Store::erase(RecordId id) {
  const RecordPtr record = records_[id];
  const std::vector<Reference> holders = references_[id];
  for (const Reference& reference : holders) {
    if (!reference.type->forward_link() || reference.source == id) continue;
    Record holder = *records_[reference.source];
    std::vector<std::string> values = *holder.find(*reference.type);
    std::erase_if(values, [&](const std::string& value) {
      const auto dn = dn_part(*reference.type, value);
      return dn && find_key(normalise_dn(*dn)) == id;
    });
    holder.set(*reference.type, std::move(values));
    replace(std::move(holder));
  }
  for (const StoredAttribute& attribute : record->attributes) {
    unindex(*record, attribute, *attribute.values);
    if (keeps_holders(*attribute.type)) holders_[attribute.type].erase(id);
  }
  if (record->parent != kNoRecord) std::erase(children_[record->parent], id);
  by_key_.erase(record->key);
  by_guid_.erase(guid_key(record->guid));
  references_[id].clear();
  records_[id].reset();
}

void Store::rewrite_references(RecordId target, const std::string& old_key, const std::string& new_dn) {
  const std::vector<Reference> holders = references_[target];
  for (const Reference& reference : holders) {
    auto holder = std::make_shared<Record>(*records_[reference.source]);
    const auto* before = holder->find(*reference.type);
    if (before == nullptr) continue;
    std::vector<std::string> values = *before;
    for (std::string& value : values) {
      const auto dn = dn_part(*reference.type, value);
      if (dn && normalise_dn(*dn) == old_key) value = value.substr(0, value.size() - dn->size()) + new_dn;
    }
    holder->set(*reference.type, std::move(values));
    records_[reference.source] = std::move(holder);
  }
}

void Store::rename(RecordId id, RecordId new_parent, const std::string& new_dn) {
  const RecordPtr old = records_[id];
  Record now = *old;
  now.dn = new_dn;
  now.key = normalise_dn(new_dn);
  now.parent = new_parent;
  by_key_.erase(old->key);
  by_key_.emplace(now.key, id);
  if (old->parent != new_parent) {
    if (old->parent != kNoRecord) std::erase(children_[old->parent], id);
    if (new_parent != kNoRecord) children_[new_parent].push_back(id);
  }
  records_[id] = std::make_shared<const Record>(std::move(now));
  rewrite_references(id, old->key, new_dn);
  const std::vector<RecordId> below = children_[id];
  for (const RecordId child : below) {
    const std::string& child_dn = records_[child]->dn;
    rename(child, id, child_dn.substr(0, child_dn.size() - old->dn.size()) + new_dn);
  }
}

}  // namespace mimica::ldap
