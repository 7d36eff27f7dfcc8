// How messages quote and join.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace mimica {

std::string quote(std::string_view text);  // "text" in double quotes, as it is

// Adds an item behind `separator`, or as the first one.
void append_item(std::string& list, std::string_view item, std::string_view separator = ", ");

// The items with `separator` between them.
std::string join(std::span<const std::string> items, std::string_view separator = ", ");
std::string join(std::span<const std::string_view> items, std::string_view separator = ", ");

// What `text_of` makes of each item: join(oids, ", ", &Oid::dotted).
template <typename Items, typename TextOf>
std::string join(const Items& items, std::string_view separator, TextOf text_of) {
  std::string out;
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += separator;
    first = false;
    out += std::invoke(text_of, item);
  }
  return out;
}

}  // namespace mimica
