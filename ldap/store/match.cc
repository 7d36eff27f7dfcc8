#include "ldap/store/match.h"

#include <algorithm>

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/number.h"
#include "core/base/refusal.h"
#include "ldap/ad_fault.h"
#include "ldap/rules.h"

namespace mimica::ldap {
namespace {

constexpr std::string_view kBitAnd = "1.2.840.113556.1.4.803";
constexpr std::string_view kBitOr = "1.2.840.113556.1.4.804";
constexpr std::string_view kInChain = "1.2.840.113556.1.4.1941";

bool is_number(Syntax syntax) {
  return syntax == Syntax::integer || syntax == Syntax::enumeration || syntax == Syntax::large_integer;
}

std::optional<std::int64_t> to_number(std::string_view text) { return parse_decimal<std::int64_t>(text); }

bool less(const AttributeType& type, const std::string& a, const std::string& b) {
  if (!is_number(type.syntax)) return a < b;
  return to_number(a).value_or(0) < to_number(b).value_or(0);
}

// The attributes that exist without being stored.
std::optional<std::vector<std::string>> virtual_values(const AttributeType& type, const Record& record) {
  if (type.name == "distinguishedName") return std::vector<std::string>{record.dn};
  return std::nullopt;
}

}  // namespace

std::optional<bool> holds_value(const AttributeType& type, const std::vector<std::string>& values,
                                std::string_view value) {
  const auto wanted = comparable(type, value);
  if (!wanted) return std::nullopt;
  return std::any_of(values.begin(), values.end(),
                     [&](const std::string& stored) { return stored == value || comparable(type, stored) == wanted; });
}

Result<Matcher> Matcher::prepare(const Filter& filter, const Store& store, std::string_view schema_dn) {
  Matcher out(store);
  MIMICA_TRY(out.root_, out.prepare_test(filter, schema_dn));
  return out;
}

Result<Matcher::Test> Matcher::prepare_test(const Filter& filter, std::string_view schema_dn) const {
  if (filter.kind != Filter::Kind::all && filter.kind != Filter::Kind::any && filter.kind != Filter::Kind::negation)
    return prepare_item(filter, schema_dn);
  Test out;
  out.kind = filter.kind == Filter::Kind::all   ? Test::Kind::all
             : filter.kind == Filter::Kind::any ? Test::Kind::any
                                                : Test::Kind::negation;
  for (const Filter& child : filter.children) {
    MIMICA_TRY(auto test, prepare_test(child, schema_dn));
    out.children.push_back(std::move(test));
  }
  return out;
}

Result<Matcher::Test> Matcher::prepare_item(const Filter& filter, std::string_view schema_dn) const {
  Test undefined;
  if (equals_ignore_case(filter.attribute, "anr") && filter.kind != Filter::Kind::extensible) {
    if (filter.kind == Filter::Kind::substrings) return ambiguous_name(filter.initial, schema_dn);
    return ambiguous_name(filter.value, schema_dn);
  }
  const AttributeType* type = Schema::active_directory().attribute(filter.attribute);
  if (type == nullptr) return undefined;  // an unknown attribute matches nothing and is no error
  if (type->constructed)
    return refused_by(
        rule::kSearchConstructed,
        protocol_error(LdapCode::inappropriateMatching, win32::kInvalidParameter,
                       "The attribute is constructed and cannot be used in a filter",
                       std::string(type->name) + " is computed on reading; read it with a base search instead"));
  Test out;
  out.type = type;
  switch (filter.kind) {
    case Filter::Kind::present:
      out.kind = Test::Kind::present;
      return out;
    case Filter::Kind::equality:
    case Filter::Kind::approximate:
      return equality(*type, filter.value, schema_dn);
    case Filter::Kind::greater_or_equal:
    case Filter::Kind::less_or_equal: {
      if (type->syntax == Syntax::security_descriptor) return undefined;
      auto value = comparable(*type, filter.value);
      if (!value) return undefined;
      out.kind = filter.kind == Filter::Kind::greater_or_equal ? Test::Kind::at_least : Test::Kind::at_most;
      out.value = *std::move(value);
      return out;
    }
    case Filter::Kind::substrings:
      return substrings(filter, *type);
    case Filter::Kind::extensible:
      return extensible(filter, *type);
    default:
      return undefined;
  }
}

Matcher::Test Matcher::equality(const AttributeType& type, std::string value, std::string_view schema_dn) const {
  Test out;
  out.type = &type;
  if (type.syntax == Syntax::security_descriptor) return out;  // supports presence only
  const Schema& schema = Schema::active_directory();
  if (type.name == "objectCategory" && value.find('=') == std::string::npos) {
    const ObjectClass* entry = schema.object_class(value);
    if (entry == nullptr) return out;
    value = "CN=" + std::string(entry->default_category) + "," + std::string(schema_dn);
  }
  const auto wanted = comparable(type, value);
  if (!wanted) return out;
  if (type.back_link() && type.syntax == Syntax::dn) {
    // (memberOf=<group>): the members that the group names.
    out.kind = Test::Kind::members;
    const Record* holder = store_->get(store_->find_key(*wanted));
    const AttributeType* forward = schema.linked(type);
    if (holder != nullptr && forward != nullptr)
      for (const RecordId id : store_->targets(*holder, *forward)) out.records.insert(id);
    return out;
  }
  if (type.forward_link() && type.syntax == Syntax::dn) {
    out.kind = Test::Kind::members;
    for (const Store::Reference& reference : store_->references(store_->find_key(*wanted)))
      if (reference.type == &type) out.records.insert(reference.source);
    return out;
  }
  out.kind = Test::Kind::equality;
  out.value = *wanted;
  return out;
}

Matcher::Test Matcher::extensible(const Filter& filter, const AttributeType& type) const {
  Test out;
  out.type = &type;
  if (filter.rule == kBitAnd || filter.rule == kBitOr) {
    const auto number = to_number(trim(filter.value));
    if (!number || !is_number(type.syntax)) return out;
    out.kind = filter.rule == kBitAnd ? Test::Kind::bits_all : Test::Kind::bits_any;
    out.number = *number;
    // 32-bit attributes are signed, but people write masks such as 2147483648 unsigned.
    if (type.syntax != Syntax::large_integer)
      out.number = static_cast<std::int64_t>(static_cast<std::uint32_t>(*number));
    return out;
  }
  if (filter.rule == kInChain && type.link_id != 0 && type.syntax == Syntax::dn) {
    const std::string key = normalise_dn(filter.value);
    if (key.empty()) return out;
    const Schema& schema = Schema::active_directory();
    const AttributeType* forward = type.forward_link() ? &type : schema.linked(type);
    out.kind = Test::Kind::members;
    const RecordId start = store_->find_key(key);
    if (start == kNoRecord || forward == nullptr) return out;
    for (const RecordId id : store_->closure(start, *forward, type.forward_link())) out.records.insert(id);
    return out;
  }
  return out;
}

Matcher::Test Matcher::substrings(const Filter& filter, const AttributeType& type) const {
  Test out;
  out.type = &type;
  if (is_number(type.syntax) || holds_dn(type) || type.syntax == Syntax::security_descriptor ||
      type.syntax == Syntax::boolean)
    return out;
  const bool fold = type.syntax == Syntax::unicode || type.syntax == Syntax::teletex;
  const auto part = [&](const std::string& text) { return fold ? fold_directory_string(text) : text; };
  out.kind = Test::Kind::substrings;
  out.initial = part(filter.initial);
  out.final = part(filter.final);
  for (const std::string& text : filter.middle) out.middle.push_back(part(text));
  return out;
}

Matcher::Test Matcher::ambiguous_name(std::string_view value, std::string_view schema_dn) const {
  const Schema& schema = Schema::active_directory();
  const bool exact = !value.empty() && value.front() == '=';
  if (exact) value.remove_prefix(1);
  const auto one = [&](const AttributeType& type, std::string_view text) {
    if (exact) return equality(type, std::string(text), schema_dn);
    Filter prefix;
    prefix.initial = text;
    return substrings(prefix, type);
  };
  Test out;
  out.kind = Test::Kind::any;
  for (const AttributeType& type : schema.attributes())
    if (type.anr && type.syntax == Syntax::unicode) out.children.push_back(one(type, value));
  const auto blank = value.find(' ');
  if (blank == std::string_view::npos) return out;
  const AttributeType* given = schema.attribute("givenName");
  const AttributeType* surname = schema.attribute("sn");
  const std::string_view first = value.substr(0, blank);
  const std::string_view second = trim(value.substr(blank + 1));
  for (const bool swapped : {false, true}) {
    Test both;
    both.kind = Test::Kind::all;
    both.children.push_back(one(*given, swapped ? second : first));
    both.children.push_back(one(*surname, swapped ? first : second));
    out.children.push_back(std::move(both));
  }
  return out;
}

Matcher::Truth Matcher::evaluate_values(const Test& test, const std::vector<std::string>& values) const {
  for (const std::string& stored : values) {
    const bool plain_substring = test.kind == Test::Kind::substrings;
    const auto value = comparable(*test.type, stored);
    if (!value) continue;
    bool hit = false;
    switch (test.kind) {
      case Test::Kind::equality:
        hit = *value == test.value;
        break;
      case Test::Kind::at_least:
        hit = !less(*test.type, *value, test.value);
        break;
      case Test::Kind::at_most:
        hit = !less(*test.type, test.value, *value);
        break;
      case Test::Kind::bits_all:
      case Test::Kind::bits_any: {
        std::int64_t number = to_number(*value).value_or(0);
        if (test.type->syntax != Syntax::large_integer)
          number = static_cast<std::int64_t>(static_cast<std::uint32_t>(number));
        hit = test.kind == Test::Kind::bits_all ? (number & test.number) == test.number : (number & test.number) != 0;
        break;
      }
      default:
        break;
    }
    if (plain_substring) {
      std::string_view rest = *value;
      hit =
          rest.size() >= test.initial.size() + test.final.size() && rest.substr(0, test.initial.size()) == test.initial;
      if (hit) {
        rest.remove_prefix(test.initial.size());
        hit = rest.substr(rest.size() - test.final.size()) == test.final;
        rest.remove_suffix(hit ? test.final.size() : 0);
      }
      for (std::size_t i = 0; hit && i < test.middle.size(); ++i) {
        const auto at = rest.find(test.middle[i]);
        hit = at != std::string_view::npos;
        if (hit) rest.remove_prefix(at + test.middle[i].size());
      }
    }
    if (hit) return Truth::yes;
  }
  return Truth::no;
}

Matcher::Truth Matcher::evaluate(const Test& test, const Record& record) const {
  switch (test.kind) {
    case Test::Kind::constant:
      return test.constant;
    case Test::Kind::all: {
      Truth out = Truth::yes;
      for (const Test& child : test.children) {
        const Truth one = evaluate(child, record);
        if (one == Truth::no) return Truth::no;
        if (one == Truth::undefined) out = Truth::undefined;
      }
      return out;
    }
    case Test::Kind::any: {
      Truth out = Truth::no;
      for (const Test& child : test.children) {
        const Truth one = evaluate(child, record);
        if (one == Truth::yes) return Truth::yes;
        if (one == Truth::undefined) out = Truth::undefined;
      }
      return out;
    }
    case Test::Kind::negation: {
      const Truth one = test.children.empty() ? Truth::undefined : evaluate(test.children.front(), record);
      if (one == Truth::undefined) return one;
      return one == Truth::yes ? Truth::no : Truth::yes;
    }
    case Test::Kind::members:
      return test.records.contains(record.id) ? Truth::yes : Truth::no;
    case Test::Kind::present: {
      if (record.find(*test.type) != nullptr || virtual_values(*test.type, record)) return Truth::yes;
      if (!test.type->back_link()) return Truth::no;
      const AttributeType* forward = Schema::active_directory().linked(*test.type);
      for (const Store::Reference& reference : store_->references(record.id))
        if (reference.type == forward) return Truth::yes;
      return Truth::no;
    }
    default:
      break;
  }
  if (const auto values = virtual_values(*test.type, record)) return evaluate_values(test, *values);
  const auto* values = record.find(*test.type);
  return values == nullptr ? Truth::no : evaluate_values(test, *values);
}

std::optional<std::size_t> Matcher::candidate_count(const Test& test) const {
  switch (test.kind) {
    case Test::Kind::constant:
      return 0;
    case Test::Kind::members:
      return test.records.size();
    case Test::Kind::equality:
      if (test.type->name == "distinguishedName") return 1;
      if (!Store::is_indexed(*test.type)) return std::nullopt;
      return store_->indexed(*test.type, test.value)->size();
    case Test::Kind::present: {
      const auto* holders = store_->holders(*test.type);
      return holders == nullptr ? std::nullopt : std::optional<std::size_t>(holders->size());
    }
    case Test::Kind::all: {
      std::optional<std::size_t> fewest;
      for (const Test& child : test.children)
        if (const auto count = candidate_count(child); count && (!fewest || *count < *fewest)) fewest = count;
      return fewest;
    }
    case Test::Kind::any: {
      std::size_t sum = 0;
      for (const Test& child : test.children) {
        const auto count = candidate_count(child);
        if (!count) return std::nullopt;
        sum += *count;
      }
      return sum;
    }
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<RecordId>> Matcher::candidates(const Test& test) const {
  switch (test.kind) {
    case Test::Kind::constant:
      return std::vector<RecordId>{};
    case Test::Kind::members:
      return std::vector<RecordId>(test.records.begin(), test.records.end());
    case Test::Kind::equality:
      if (test.type->name == "distinguishedName") {
        const RecordId id = store_->find_key(test.value);
        return id == kNoRecord ? std::vector<RecordId>{} : std::vector<RecordId>{id};
      }
      if (!Store::is_indexed(*test.type)) return std::nullopt;
      return *store_->indexed(*test.type, test.value);
    case Test::Kind::present: {
      const auto* holders = store_->holders(*test.type);
      if (holders == nullptr) return std::nullopt;
      return std::vector<RecordId>(holders->begin(), holders->end());
    }
    case Test::Kind::all: {
      const Test* best = nullptr;
      std::size_t fewest = 0;
      for (const Test& child : test.children) {
        const auto count = candidate_count(child);
        if (!count || (best != nullptr && *count >= fewest)) continue;
        best = &child;
        fewest = *count;
      }
      return best == nullptr ? std::nullopt : candidates(*best);
    }
    case Test::Kind::any: {
      std::vector<RecordId> out;
      for (const Test& child : test.children) {
        const auto one = candidates(child);
        if (!one) return std::nullopt;
        out.insert(out.end(), one->begin(), one->end());
      }
      std::sort(out.begin(), out.end());
      out.erase(std::unique(out.begin(), out.end()), out.end());
      return out;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace mimica::ldap
