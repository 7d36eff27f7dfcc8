// Filters against records: Active Directory's three-valued evaluation, matching rules and index use
// (MS-ADTS 3.1.1.3.1.3).
#pragma once

#include <optional>
#include <unordered_set>
#include <vector>

#include "ldap/filter.h"
#include "ldap/store/store.h"

namespace mimica::ldap {

// A filter prepared for one search over one state of the store.
class Matcher {
 public:
  // `schema_dn` completes class names in objectCategory. Faults with inappropriateMatching for constructed attributes.
  static Result<Matcher> prepare(const Filter& filter, const Store& store, std::string_view schema_dn);

  bool matches(const Record& record) const { return evaluate(root_, record) == Truth::yes; }
  // A superset of the matching records when indexes can tell one; nullopt: every record is a candidate.
  std::optional<std::vector<RecordId>> candidates() const { return candidates(root_); }

 private:
  enum class Truth { no, yes, undefined };
  struct Test {
    enum class Kind {
      constant,
      all,
      any,
      negation,
      equality,
      at_least,
      at_most,
      present,
      substrings,
      bits_all,
      bits_any,
      members
    };
    Kind kind = Kind::constant;
    Truth constant = Truth::undefined;
    std::vector<Test> children;
    const AttributeType* type = nullptr;
    std::string value;           // comparable form
    std::int64_t number = 0;     // bit rules
    std::string initial, final;  // substrings, folded like values
    std::vector<std::string> middle;
    std::unordered_set<RecordId> records;  // members: link tests resolved beforehand
  };

  explicit Matcher(const Store& store) : store_(&store) {}
  Result<Test> prepare_test(const Filter& filter, std::string_view schema_dn) const;
  Result<Test> prepare_item(const Filter& filter, std::string_view schema_dn) const;
  Test equality(const AttributeType& type, std::string value, std::string_view schema_dn) const;
  Test extensible(const Filter& filter, const AttributeType& type) const;
  Test substrings(const Filter& filter, const AttributeType& type) const;
  Test ambiguous_name(std::string_view value, std::string_view schema_dn) const;
  Truth evaluate(const Test& test, const Record& record) const;
  Truth evaluate_values(const Test& test, const std::vector<std::string>& values) const;
  std::optional<std::vector<RecordId>> candidates(const Test& test) const;
  // At least as many as candidates() lists, without listing them.
  std::optional<std::size_t> candidate_count(const Test& test) const;

  const Store* store_;
  Test root_;
};

// Whether the attribute holds this value; the compare operation. nullopt: the value does not fit the syntax.
std::optional<bool> holds_value(const AttributeType& type, const std::vector<std::string>& values,
                                std::string_view value);

}  // namespace mimica::ldap
