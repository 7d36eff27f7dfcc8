#include "core/base/json_text.h"

#include <boost/json.hpp>

namespace mimica {
namespace {

void write(const boost::json::value& value, std::size_t depth, std::string& out) {
  const std::string inner((depth + 1) * 2, ' ');
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& member : *object) {
      if (!first) out += ",\n";
      first = false;
      out += inner + boost::json::serialize(member.key()) + ": ";
      write(member.value(), depth + 1, out);
    }
    out += "\n" + std::string(depth * 2, ' ') + "}";
  } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
    bool scalars = true;
    for (const auto& item : *array) scalars = scalars && !item.is_structured();
    if (scalars) {
      if (const std::string line = boost::json::serialize(value); line.size() <= 90) {
        out += line;
        return;
      }
    }
    out += "[\n";
    bool first = true;
    for (const auto& item : *array) {
      if (!first) out += ",\n";
      first = false;
      out += inner;
      write(item, depth + 1, out);
    }
    out += "\n" + std::string(depth * 2, ' ') + "]";
  } else {
    out += boost::json::serialize(value);
  }
}

}  // namespace

std::string pretty_json(const boost::json::value& value) {
  std::string out;
  write(value, 0, out);
  return out + "\n";
}

}  // namespace mimica
