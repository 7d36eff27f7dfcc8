#include "core/base/text.h"

namespace mimica {
namespace {

template <typename Items>
std::string joined(const Items& items, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += separator;
    first = false;
    out += item;
  }
  return out;
}

}  // namespace

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  out += '"';
  out += text;
  out += '"';
  return out;
}

std::string join(std::span<const std::string> items, std::string_view separator) { return joined(items, separator); }
std::string join(std::span<const std::string_view> items, std::string_view separator) {
  return joined(items, separator);
}

}  // namespace mimica
