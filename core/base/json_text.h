// JSON as people read and diff it: members in their given order, a line for each.
#pragma once

#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace mimica {

struct JsonStyle {
  std::size_t indent = 2;
  std::string_view colon = ": ";
  std::string_view newline = "\n";
  bool short_lists_on_one_line = false;  // of scalars, up to 90 characters
  bool indents_from_bracket = false;     // rather than from the line of the bracket
  bool breaks_empty = false;             // a line between the brackets of what is empty
  bool final_newline = true;
};

std::string json_text(const boost::json::value& value, const JsonStyle& style = {});

// json_text with short lists on one line.
std::string pretty_json(const boost::json::value& value);

}  // namespace mimica
