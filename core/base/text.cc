#include "core/base/text.h"

namespace mimica {

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  out += text;
  out += '"';
  return out;
}

void append_item(std::string& list, std::string_view item, std::string_view separator) {
  if (!list.empty()) list += separator;
  list += item;
}

std::string join(std::span<const std::string> items, std::string_view separator) {
  return join(items, separator, std::identity());
}

std::string join(std::span<const std::string_view> items, std::string_view separator) {
  return join(items, separator, std::identity());
}

}  // namespace mimica
