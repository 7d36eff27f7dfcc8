// The data of the embedded directory: immutable records, their tree, and the indexes that keep look-ups from scanning.
// A Store is a value: copying it shares the records. It knows the schema's syntaxes but none of the server's rules.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/windows/guid.h"
#include "core/windows/sid.h"
#include "ldap/schema/schema.h"

namespace mimica::ldap {

using RecordId = std::uint32_t;  // grows with each record, never reused; the order of search results
inline constexpr RecordId kNoRecord = 0xFFFFFFFF;

using Values = std::shared_ptr<const std::vector<std::string>>;  // never null, never empty
struct StoredAttribute {
  const AttributeType* type = nullptr;
  Values values;
};

struct Record {
  RecordId id = kNoRecord;
  RecordId parent = kNoRecord;                // kNoRecord for the head of a naming context
  RecordId naming_context = kNoRecord;        // head of the naming context; itself for a head
  std::string dn;                             // as the directory spells it
  std::string key;                            // normalise_dn(dn)
  const ObjectClass* object_class = nullptr;  // most specific structural class
  Guid guid;
  std::vector<StoredAttribute> attributes;

  const std::vector<std::string>* find(const AttributeType& type) const;
  std::string_view first(const AttributeType& type) const;
  void set(const AttributeType& type, std::vector<std::string> values);  // empty removes
};
using RecordPtr = std::shared_ptr<const Record>;

// The form in which values of an attribute compare equal; nullopt when the text does not fit the syntax. Also accepts
// the textual forms that filters may use (SIDs as S-1-..., objectGUID with dashes).
std::optional<std::string> comparable(const AttributeType& type, std::string_view value);
// The DN inside a value of DN, DN-Binary or DN-String syntax; nullopt when malformed.
std::optional<std::string_view> dn_part(const AttributeType& type, std::string_view value);
bool holds_dn(const AttributeType& type);

class Store {
 public:
  const Record* get(RecordId id) const { return id < records_.size() ? records_[id].get() : nullptr; }
  const Record* find(std::string_view dn) const;  // any spelling
  RecordId find_key(const std::string& key) const;
  RecordId find_guid(const Guid& guid) const;
  const std::vector<RecordId>& children(RecordId id) const { return children_[id]; }
  std::size_t size() const { return by_key_.size(); }

  // Records with this value of an indexed attribute, in no particular order.
  const std::vector<RecordId>* indexed(const AttributeType& type, const std::string& comparable_value) const;
  static bool is_indexed(const AttributeType& type);
  // Records that have a value of it at all; nullptr for attributes of which that is not kept. It is for the credentials
  // of accounts, which few accounts have and which must be looked through.
  const std::unordered_set<RecordId>* holders(const AttributeType& type) const;

  struct Reference {
    RecordId source = kNoRecord;
    const AttributeType* type = nullptr;
    bool operator==(const Reference&) const = default;
  };
  // Who names this record in an attribute with DN syntax.
  const std::vector<Reference>& references(RecordId target) const;
  bool refers(RecordId source, const AttributeType& type, RecordId target) const;
  // Targets of an attribute with DN syntax that exist.
  std::vector<RecordId> targets(const Record& record, const AttributeType& type) const;
  // Everything reachable over a forward link from (or, with `backwards`, to) `start`; `start` itself only in a cycle.
  std::vector<RecordId> closure(RecordId start, const AttributeType& forward_link, bool backwards) const;

  // `record.parent` must exist or be kNoRecord; assigns the id.
  RecordId insert(Record record);
  void replace(Record record);  // same id; DN and parent unchanged
  void erase(RecordId id);      // no children; forward links to it disappear from their holders
  // Gives the record (and with it everything below) a new place and name; references follow.
  void rename(RecordId id, RecordId new_parent, const std::string& new_dn);

 private:
  void index(const Record& record, const StoredAttribute& attribute, const std::vector<std::string>& values);
  void unindex(const Record& record, const StoredAttribute& attribute, const std::vector<std::string>& values);
  void rewrite_references(RecordId target, const std::string& old_key, const std::string& new_dn);

  std::vector<RecordPtr> records_;
  std::vector<std::vector<RecordId>> children_;
  std::vector<std::vector<Reference>> references_;
  std::unordered_map<std::string, RecordId> by_key_;
  std::unordered_map<std::string, RecordId> by_guid_;
  std::unordered_map<std::string, std::vector<RecordId>> by_value_;
  std::unordered_map<const AttributeType*, std::unordered_set<RecordId>> holders_;
};

}  // namespace mimica::ldap
