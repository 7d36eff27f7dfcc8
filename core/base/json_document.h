// Bounded JSON reading with errors that name the place: JSON pointer (RFC 6901), line and column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "core/base/fault.h"

namespace mimica {

inline constexpr std::size_t kMaxJsonSize = 4 * 1024 * 1024;  // octets of one document
inline constexpr std::size_t kMaxJsonDepth = 24;
inline constexpr std::size_t kMaxJsonText = 64 * 1024;  // octets of one string that is read as text

// RFC 6901: appends "/token" with '~' and '/' escaped.
std::string pointer_to(std::string_view base, std::string_view token);
std::string pointer_to(std::string_view base, std::size_t index);

// Offset of the value at `pointer` in well-formed JSON; of a repeated key the last one, as the parser takes it.
std::optional<std::size_t> locate(std::string_view json, std::string_view pointer);
// Line and column (from 1) of an octet.
Where where_at(std::string_view text, std::size_t offset, std::string_view source);

class JsonDocument {
 public:
  // UTF-8, with or without a byte order mark (exporters on Windows write one).
  static Result<JsonDocument> parse(std::string_view text, std::string_view source);
  const boost::json::value& root() const { return root_; }
  const std::string& text() const { return text_; }
  const std::string& source() const { return source_; }
  // A fault at the place of `pointer`.
  Fault wrong(std::string_view pointer, std::string what, std::string hint = {}) const;

 private:
  std::string text_;
  std::string source_;
  boost::json::value root_;
};

// Typed access to one object. A missing member and an explicit null read as nullopt (nullptr); another type is a Fault.
class ObjectReader {
 public:
  ObjectReader(const JsonDocument& document, const boost::json::object& object, std::string pointer)
      : document_(document), object_(object), pointer_(std::move(pointer)) {}
  const boost::json::object& object() const { return object_; }
  const std::string& pointer() const { return pointer_; }
  std::string pointer(std::string_view key) const { return pointer_to(pointer_, key); }
  const JsonDocument& document() const { return document_; }

  Result<std::optional<std::string>> text(std::string_view key, std::size_t max = kMaxJsonText) const;
  Result<std::optional<std::int64_t>> integer(std::string_view key, std::int64_t min, std::int64_t max) const;
  Result<std::optional<bool>> boolean(std::string_view key) const;
  Result<const boost::json::object*> child(std::string_view key) const;
  Result<const boost::json::array*> list(std::string_view key) const;
  // Every element must be a string.
  Result<std::vector<std::string>> texts(std::string_view key) const;
  // Element `index` of the list under `key` as an object.
  Result<ObjectReader> element(std::string_view key, const boost::json::array& list, std::size_t index) const;
  Fault wrong(std::string_view key, std::string what, std::string hint = {}) const {
    return document_.wrong(pointer(key), std::move(what), std::move(hint));
  }

 private:
  const boost::json::value* member(std::string_view key) const;
  const JsonDocument& document_;
  const boost::json::object& object_;
  std::string pointer_;
};

}  // namespace mimica
