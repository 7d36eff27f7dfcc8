// Binding and reading the columns of rows by their C++ types; private to ca/io. Empty texts and octet strings are NULL.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "ca/io/sqlite/database_columns.h"
#include "ca/io/sqlite/sqlite.h"
#include "core/base/text.h"

namespace mimica::ca {

// Binds consecutive parameters. The row must outlive the statement's run.
class ColumnBinder {
 public:
  explicit ColumnBinder(Statement& statement, int first = 1) : statement_(statement), at_(first) {}
  void operator()(std::string_view, const std::string& value) {
    if (value.empty()) {
      statement_.bind_null(at_++);
    } else {
      statement_.bind_text(at_++, value);
    }
  }
  void operator()(std::string_view, const Bytes& value) {
    if (value.empty()) {
      statement_.bind_null(at_++);
    } else {
      statement_.bind_blob(at_++, value);
    }
  }
  void operator()(std::string_view, Timestamp value) { statement_.bind(at_++, value); }
  void operator()(std::string_view, const std::optional<Timestamp>& value) { statement_.bind(at_++, value); }
  void operator()(std::string_view, const std::optional<int>& value) {
    if (value) {
      statement_.bind(at_++, std::int64_t{*value});
    } else {
      statement_.bind_null(at_++);
    }
  }
  template <typename Number, typename = std::enable_if_t<std::is_integral_v<Number> || std::is_enum_v<Number>>>
  void operator()(std::string_view, Number value) {
    statement_.bind(at_++, static_cast<std::int64_t>(value));
  }

 private:
  Statement& statement_;
  int at_;
};

// Reads consecutive columns of the present row.
class ColumnReader {
 public:
  explicit ColumnReader(const Statement& statement, int first = 0) : statement_(statement), at_(first) {}
  void operator()(std::string_view, std::string& out) { out = statement_.text(at_++); }
  void operator()(std::string_view, Bytes& out) { out = statement_.blob(at_++); }
  void operator()(std::string_view, Timestamp& out) { out = statement_.time(at_++); }
  void operator()(std::string_view, std::optional<Timestamp>& out) { out = statement_.optional_time(at_++); }
  void operator()(std::string_view, std::optional<int>& out) {
    out.reset();
    if (!statement_.is_null(at_)) out = static_cast<int>(statement_.integer(at_));
    ++at_;
  }
  template <typename Number, typename = std::enable_if_t<std::is_integral_v<Number> || std::is_enum_v<Number>>>
  void operator()(std::string_view, Number& out) {
    out = static_cast<Number>(statement_.integer(at_++));
  }
  int next() const { return at_; }

 private:
  const Statement& statement_;
  int at_;
};

// Collects "prefix.Name" for a SELECT; binary columns are NULL when they are not wanted.
class ColumnList {
 public:
  explicit ColumnList(std::string_view prefix, bool with_binary = true) : prefix_(prefix), with_binary_(with_binary) {}
  template <typename Value>
  void operator()(std::string_view name, const Value&) {
    ++count_;
    const bool left_out = std::is_same_v<Value, Bytes> && !with_binary_;
    append_item(text_, left_out ? "NULL" : std::string(prefix_) + std::string(name));
  }
  const std::string& text() const { return text_; }
  int count() const { return count_; }
  // "?,?,?": a parameter for each column.
  std::string parameters() const {
    std::string out;
    for (int i = 0; i < count_; ++i) out += i == 0 ? "?" : ",?";
    return out;
  }

 private:
  std::string_view prefix_;
  bool with_binary_;
  std::string text_;
  int count_ = 0;
};

}  // namespace mimica::ca
