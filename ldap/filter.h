// Search filters as values: RFC 4515 text, the form RFC 4511 puts on the wire, and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.h"

namespace mimica::ldap {

// Bounds for filters from outside. Active Directory stops at a nesting of 512 (MS-ADTS 3.1.1.3.1.3).
inline constexpr std::size_t kMaxFilterDepth = 512;
inline constexpr std::size_t kMaxFilterNodes = 20'000;
inline constexpr std::size_t kMaxFilterText = 1024 * 1024;

struct Filter {
  enum class Kind {
    all,
    any,
    negation,
    equality,
    substrings,
    greater_or_equal,
    less_or_equal,
    present,
    approximate,
    extensible
  };
  Kind kind = Kind::present;
  std::vector<Filter> children;     // all, any: any number; negation: one
  std::string attribute;            // attribute description; may be empty for extensible
  std::string value;                // assertion value, raw octets
  std::string initial;              // substrings
  std::vector<std::string> middle;  // substrings, RFC 4511's "any"
  std::string final;                // substrings
  std::string rule;                 // extensible: matching rule; empty when absent
  bool dn_attributes = false;       // extensible: ":dn"
  bool operator==(const Filter&) const = default;

  static Filter present_of(std::string_view attribute);
  static Filter equal(std::string_view attribute, std::string_view value);
};

// Accepts an item without its outer parentheses ("cn=x"), as client libraries do. Faults carry protocolError.
Result<Filter> parse_filter(std::string_view text);
// Always with parentheses; values escaped, so that parsing gives the same filter.
std::string filter_text(const Filter& filter);

}  // namespace mimica::ldap
