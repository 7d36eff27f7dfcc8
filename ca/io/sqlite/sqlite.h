// Owners for SQLite handles; private to ca/io.
#pragma once

#include <sqlite3.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"

namespace mimica::ca {

inline Fault sqlite_fault(sqlite3* handle, std::string_view doing) {
  return fault(HResult::E_FAIL, "database: " + std::string(doing) + ": " + sqlite3_errmsg(handle));
}

// A prepared statement. Bound texts and blobs must stay alive until reset().
class Statement {
 public:
  Statement() = default;
  Statement(Statement&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Statement& operator=(Statement&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Statement() { sqlite3_finalize(handle_); }

  static Result<Statement> prepare(sqlite3* database, std::string_view sql) {
    Statement statement;
    if (sqlite3_prepare_v3(database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement.handle_, nullptr) != SQLITE_OK)
      return sqlite_fault(database, "prepare");
    return statement;
  }

  void bind(int at, std::int64_t value) { sqlite3_bind_int64(handle_, at, value); }
  void bind(int at, Timestamp value) { bind(at, value.seconds); }
  void bind(int at, const std::optional<Timestamp>& value) {
    if (value) {
      bind(at, value->seconds);
    } else {
      sqlite3_bind_null(handle_, at);
    }
  }
  void bind_text(int at, std::string_view value) {
    sqlite3_bind_text(handle_, at, value.data() == nullptr ? "" : value.data(), static_cast<int>(value.size()),
                      SQLITE_STATIC);
  }
  void bind_blob(int at, BytesView value) {
    if (value.empty()) {
      sqlite3_bind_zeroblob(handle_, at, 0);
    } else {
      sqlite3_bind_blob(handle_, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
  }
  void bind_null(int at) { sqlite3_bind_null(handle_, at); }

  // SQLITE_ROW, SQLITE_DONE or an error.
  int step() { return sqlite3_step(handle_); }
  void reset() {
    sqlite3_reset(handle_);
    sqlite3_clear_bindings(handle_);
  }
  // Runs a statement that returns no rows.
  int run() {
    const int code = step();
    reset();
    return code;
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(handle_, column); }
  bool is_null(int column) const { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  Timestamp time(int column) const { return {integer(column)}; }
  std::optional<Timestamp> optional_time(int column) const {
    return is_null(column) ? std::nullopt : std::optional<Timestamp>(time(column));
  }
  std::string text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return data == nullptr ? std::string{}
                           : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column)));
  }
  Bytes blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
    return data == nullptr ? Bytes{} : Bytes(data, data + sqlite3_column_bytes(handle_, column));
  }

 private:
  sqlite3_stmt* handle_ = nullptr;
};

// Resets a statement at the end of a scope.
class Using {
 public:
  explicit Using(Statement& statement) : statement_(statement) {}
  Using(const Using&) = delete;
  Using& operator=(const Using&) = delete;
  ~Using() { statement_.reset(); }
  Statement* operator->() { return &statement_; }

 private:
  Statement& statement_;
};

}  // namespace mimica::ca
