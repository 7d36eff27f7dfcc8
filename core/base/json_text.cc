#include "core/base/json_text.h"

#include <algorithm>
#include <boost/json.hpp>

namespace mimica {
namespace {

constexpr std::size_t kShortList = 90;

class JsonWriter {
 public:
  explicit JsonWriter(const JsonStyle& style) : style_(style) {}

  void write(const boost::json::value& value, std::size_t column) {
    if (const auto* object = value.if_object(); object != nullptr && is_broken(object->empty())) {
      members(*object, column, '{', '}', [&](const auto& member, std::size_t inner) {
        const std::string key = boost::json::serialize(member.key()) + std::string(style_.colon);
        out_ += key;
        write(member.value(), style_.indents_from_bracket ? inner + key.size() : inner);
      });
    } else if (const auto* array = value.if_array();
               array != nullptr && is_broken(array->empty()) && !is_short(*array)) {
      members(*array, column, '[', ']', [&](const auto& item, std::size_t inner) { write(item, inner); });
    } else {
      out_ += boost::json::serialize(value);
    }
  }

  std::string take() {
    if (style_.final_newline) out_ += style_.newline;
    return std::move(out_);
  }

 private:
  bool is_broken(bool is_empty) const { return !is_empty || style_.breaks_empty; }

  bool is_short(const boost::json::array& array) const {
    return style_.short_lists_on_one_line &&
           std::none_of(array.begin(), array.end(), [](const auto& item) { return item.is_structured(); }) &&
           boost::json::serialize(array).size() <= kShortList;
  }

  template <typename Items, typename Write>
  void members(const Items& items, std::size_t column, char open, char close, Write write_one) {
    const std::size_t inner = column + style_.indent;
    out_ += open;
    out_ += style_.newline;
    bool first = true;
    for (const auto& item : items) {
      if (!first) {
        out_ += ',';
        out_ += style_.newline;
      }
      first = false;
      out_.append(inner, ' ');
      write_one(item, inner);
    }
    out_ += style_.newline;
    out_.append(column, ' ');
    out_ += close;
  }

  const JsonStyle& style_;
  std::string out_;
};

}  // namespace

std::string json_text(const boost::json::value& value, const JsonStyle& style) {
  JsonWriter writer(style);
  writer.write(value, 0);
  return writer.take();
}

std::string pretty_json(const boost::json::value& value) {
  JsonStyle style;
  style.short_lists_on_one_line = true;
  return json_text(value, style);
}

}  // namespace mimica
