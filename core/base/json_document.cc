#include "core/base/json_document.h"

#include "core/base/bytes.h"
#include "core/base/encoding.h"

namespace mimica {
namespace {

namespace json = boost::json;

std::string_view kind_name(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "a boolean";
    case json::kind::int64:
    case json::kind::uint64:
    case json::kind::double_:
      return "a number";
    case json::kind::string:
      return "a string";
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
  }
  return "a value";
}

// Walks over JSON that a parser accepted; every step is bounded by the text's end all the same.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}
  std::size_t at() const { return at_; }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void blanks() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  void step() { ++at_; }
  void seek(std::size_t at) { at_ = at; }
  // The raw string including its quotes.
  std::string_view raw_string() {
    const std::size_t begin = at_;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    at_ = std::min(at_ + 1, text_.size());
    return text_.substr(begin, at_ - begin);
  }
  void value() {
    int depth = 0;
    do {
      blanks();
      const char c = peek();
      if (c == '\0') return;
      if (c == '"') {
        raw_string();
      } else if (c == '{' || c == '[') {
        ++depth;
        step();
      } else if (c == '}' || c == ']') {
        --depth;
        step();
      } else if (c == ',' || c == ':') {
        step();
      } else {
        while (at_ < text_.size() && std::string_view(",]} \t\r\n").find(text_[at_]) == std::string_view::npos) ++at_;
      }
    } while (depth > 0);
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

std::string key_of(std::string_view raw) {
  if (raw.size() < 2) return {};
  if (raw.find('\\') == std::string_view::npos) return std::string(raw.substr(1, raw.size() - 2));
  json::error_code error;
  const json::value parsed = json::parse({raw.data(), raw.size()}, error);
  if (error || !parsed.is_string()) return {};
  return std::string(parsed.get_string().data(), parsed.get_string().size());
}

std::string unescape_token(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      text += token[++i] == '1' ? '/' : '~';
    } else {
      text += token[i];
    }
  }
  return text;
}

}  // namespace

std::string pointer_to(std::string_view base, std::string_view token) {
  std::string pointer(base);
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string pointer_to(std::string_view base, std::size_t index) { return pointer_to(base, std::to_string(index)); }

std::optional<std::size_t> locate(std::string_view text, std::string_view pointer) {
  Walker walker(text);
  walker.blanks();
  while (!pointer.empty()) {
    if (pointer.front() != '/') return std::nullopt;
    pointer.remove_prefix(1);
    const std::size_t slash = pointer.find('/');
    const std::string token = unescape_token(pointer.substr(0, slash));
    pointer = slash == std::string_view::npos ? std::string_view{} : pointer.substr(slash);
    std::optional<std::size_t> found;
    if (walker.peek() == '{') {
      walker.step();
      walker.blanks();
      while (walker.peek() == '"') {
        const std::string key = key_of(walker.raw_string());
        walker.blanks();
        walker.step();  // ':'
        walker.blanks();
        if (key == token) found = walker.at();
        walker.value();
        walker.blanks();
        if (walker.peek() != ',') break;
        walker.step();
        walker.blanks();
      }
    } else if (walker.peek() == '[') {
      walker.step();
      walker.blanks();
      for (std::size_t index = 0; walker.peek() != ']' && walker.peek() != '\0'; ++index) {
        if (std::to_string(index) == token) {
          found = walker.at();
          break;
        }
        walker.value();
        walker.blanks();
        if (walker.peek() != ',') break;
        walker.step();
        walker.blanks();
      }
    }
    if (!found) return std::nullopt;
    walker.seek(*found);
  }
  return walker.at();
}

Where where_at(std::string_view text, std::size_t offset, std::string_view source) {
  offset = std::min(offset, text.size());
  Where where{std::string(source), 1, 1, offset};
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++where.line;
      where.column = 1;
    } else {
      ++where.column;
    }
  }
  return where;
}

Result<JsonDocument> JsonDocument::parse(std::string_view text, std::string_view source) {
  JsonDocument document;
  document.source_ = source;
  text = without_utf8_mark(text);
  if (text.size() > kMaxJsonSize)
    return fault(HResult::E_INVALIDARG, "the JSON document is larger than " + std::to_string(kMaxJsonSize) + " octets",
                 Where{std::string(source), 0, 0, std::nullopt});
  document.text_ = text;
  json::parse_options options;
  options.max_depth = kMaxJsonDepth;
  json::stream_parser parser({}, options);
  json::error_code error;
  std::size_t used = parser.write_some(document.text_.data(), document.text_.size(), error);
  if (!error && used < document.text_.size()) error = json::error::extra_data;
  if (!error) parser.finish(error);
  if (error)
    return fault(HResult::E_INVALIDARG, "not well-formed JSON: " + error.message(),
                 where_at(document.text_, used, source));
  document.root_ = parser.release();
  return document;
}

Fault JsonDocument::wrong(std::string_view pointer, std::string what, std::string hint) const {
  Where where{source_, 0, 0, std::nullopt};
  if (const auto offset = locate(text_, pointer)) where = where_at(text_, *offset, source_);
  return fault(HResult::E_INVALIDARG, (pointer.empty() ? std::string() : std::string(pointer) + ": ") + what,
               std::move(where), std::move(hint));
}

const json::value* ObjectReader::member(std::string_view key) const {
  const json::value* value = object_.if_contains({key.data(), key.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

Result<std::optional<std::string>> ObjectReader::text(std::string_view key, std::size_t max) const {
  const json::value* value = member(key);
  if (value == nullptr) return std::optional<std::string>{};
  if (!value->is_string()) return wrong(key, "expected a string, found " + std::string(kind_name(*value)));
  const json::string& string = value->get_string();
  if (string.size() > max) return wrong(key, "the text is longer than " + std::to_string(max) + " octets");
  return std::optional<std::string>(std::string(string.data(), string.size()));
}

Result<std::optional<std::int64_t>> ObjectReader::integer(std::string_view key, std::int64_t min,
                                                          std::int64_t max) const {
  const json::value* value = member(key);
  if (value == nullptr) return std::optional<std::int64_t>{};
  if (!value->is_int64()) return wrong(key, "expected an integer, found " + std::string(kind_name(*value)));
  const std::int64_t number = value->get_int64();
  if (number < min || number > max)
    return wrong(key, std::to_string(number) + " is outside " + std::to_string(min) + ".." + std::to_string(max));
  return std::optional<std::int64_t>(number);
}

Result<std::optional<bool>> ObjectReader::boolean(std::string_view key) const {
  const json::value* value = member(key);
  if (value == nullptr) return std::optional<bool>{};
  if (!value->is_bool()) return wrong(key, "expected true or false, found " + std::string(kind_name(*value)));
  return std::optional<bool>(value->get_bool());
}

Result<const json::object*> ObjectReader::child(std::string_view key) const {
  const json::value* value = member(key);
  if (value == nullptr) return static_cast<const json::object*>(nullptr);
  if (!value->is_object()) return wrong(key, "expected an object, found " + std::string(kind_name(*value)));
  return &value->get_object();
}

Result<const json::array*> ObjectReader::list(std::string_view key) const {
  const json::value* value = member(key);
  if (value == nullptr) return static_cast<const json::array*>(nullptr);
  if (!value->is_array()) return wrong(key, "expected an array, found " + std::string(kind_name(*value)));
  return &value->get_array();
}

Result<std::vector<std::string>> ObjectReader::texts(std::string_view key) const {
  MIMICA_TRY(const json::array* values, list(key));
  std::vector<std::string> out;
  if (values == nullptr) return out;
  for (std::size_t i = 0; i < values->size(); ++i) {
    const json::value& value = (*values)[i];
    if (!value.is_string())
      return document_.wrong(pointer_to(pointer(key), i), "expected a string, found " + std::string(kind_name(value)));
    out.emplace_back(value.get_string().data(), value.get_string().size());
  }
  return out;
}

Result<ObjectReader> ObjectReader::element(std::string_view key, const json::array& list, std::size_t index) const {
  const std::string at = pointer_to(pointer(key), index);
  if (!list[index].is_object())
    return document_.wrong(at, "expected an object, found " + std::string(kind_name(list[index])));
  return ObjectReader(document_, list[index].get_object(), at);
}

}  // namespace mimica
