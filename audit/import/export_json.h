// What the JSON formats of certificate templates share: bounded parsing, the layout of Python's json module, and
// keeping what a format holds beyond our values.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/fault.h"
#include "core/base/time.h"
#include "templates/template.h"

namespace mimica::audit {

inline constexpr std::size_t kMaxExportSize = 64 * 1024 * 1024;

// UTF-8, with or without a byte order mark, or UTF-16 with one. Faults (E_INVALIDARG) name `source`: too large, not
// JSON, nested deeper than 32.
Result<boost::json::value> parse_export(std::string_view bytes, std::string_view source);

// An export is read into values, and written from them. What the values cannot reproduce is kept beside them, so that
// reading and writing loses nothing: keys that are not modelled, and those whose text our values would spell otherwise.
struct Kept {
  std::vector<std::string> order;  // keys of the object as found; empty: it was not read from a file
  boost::json::object values;
  static Kept of(const boost::json::object& found, const boost::json::object& produced);
  boost::json::object restore(const boost::json::object& produced) const;
};

// "1 year", "6 weeks", "2 days", "8 hours" as SharpHound and Certipy print periods.
std::string period_text(Seconds period);
std::optional<Seconds> parse_period(std::string_view text);

// Purposes by the names that display_name() gives, or dotted.
std::string purpose_text(const Oid& oid);
std::optional<Oid> parse_purpose(std::string_view text);

// Flags by Microsoft's names ("PUBLISH_TO_DS"); a number stands for bits without a name.
std::vector<std::string> flag_names(std::string_view joined);  // from to_string() of a templates::FlagSet
template <typename Bit>
std::optional<templates::FlagSet<Bit>> flags_from_names(const std::vector<std::string>& names) {
  templates::FlagSet<Bit> out;
  for (const std::string& name : names) {
    bool found = false;
    for (unsigned shift = 0; shift < 32 && !found; ++shift) {
      const templates::FlagSet<Bit> one(1U << shift);
      if (to_string(one) != name) continue;
      out = templates::FlagSet<Bit>(out.bits() | one.bits());
      found = true;
    }
    if (!found) return std::nullopt;
  }
  return out;
}

// Typed reading of members; nullptr or nullopt when absent or of another kind.
const boost::json::object* object_member(const boost::json::object& object, std::string_view key);
std::optional<std::string> text_member(const boost::json::object& object, std::string_view key);
std::optional<std::int64_t> number_member(const boost::json::object& object, std::string_view key);
std::optional<bool> bool_member(const boost::json::object& object, std::string_view key);
// A list of text, or a single one.
std::optional<std::vector<std::string>> texts_member(const boost::json::object& object, std::string_view key);
boost::json::array to_array(const std::vector<std::string>& values);

}  // namespace mimica::audit
