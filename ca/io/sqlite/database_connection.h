// One SQLite connection with the statements that read; private to ca/io. Used by one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ca/io/sqlite/sqlite.h"
#include "ca/io/sqlite/sqlite_columns.h"
#include "ca/views/view.h"

namespace mimica::ca {

class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  enum class Mode { read_write, read_only };
  // `path` empty: a new database in memory.
  Result<void> open(const std::string& path, Mode mode);
  // A new file; Fault E_INVALIDARG if there is one.
  Result<void> open_new(const std::string& path);
  // The whole content of another database in one transaction, as it was at one moment.
  Result<void> copy_from(sqlite3* source);
  // After the tables have their present form.
  Result<void> prepare();
  sqlite3* handle() const { return handle_; }
  Result<void> execute(const std::string& sql);
  Result<std::int64_t> single_integer(std::string_view sql);

  Result<std::optional<RequestRecord>> by_request_id(std::int64_t request_id);
  Result<std::optional<RequestRecord>> by_serial(std::string_view serial_hex);
  Result<std::optional<RequestRecord>> by_certificate_hash(std::string_view sha1_hex);
  Result<std::vector<RequestRecord>> view(const Database::View& view);
  Result<void> for_each_revoked(const RevokedQuery& query, const std::function<void(const RevokedRow&)>& visit);
  Result<std::optional<CrlRow>> latest_crl(int key_index, CrlKind kind, CrlIssuer issuer);
  Result<std::optional<CrlRow>> propagated_base_crl(int key_index, Timestamp now);
  Result<std::optional<CrlRow>> oldest_unexpired_base_crl(int key_index, Timestamp now);
  Result<std::int64_t> highest_crl_number(CrlIssuer issuer);
  Result<std::int64_t> count(DbDisposition disposition);
  Result<ViewPage> select(const ViewQuery& query, const std::optional<ViewCursor>& after, std::int64_t limit);

 private:
  RequestRecord read(const Statement& statement) const;
  Result<std::optional<RequestRecord>> whole_record(Statement& row);
  Result<std::optional<CrlRow>> one_crl(Statement& row);
  void read_attributes(std::int64_t request_id, std::vector<RequestAttribute>& attributes,
                       std::vector<ExtensionRow>& extensions);
  Result<ViewPage> select_page(const ViewQuery& query, const std::optional<ViewCursor>& after, std::int64_t limit);

  sqlite3* handle_ = nullptr;
  int request_columns_ = 0;
  struct {
    Statement by_id, by_serial, by_hash, view, revoked, revoked_since, latest_base, latest_delta, propagated_base,
        oldest_base, highest_crl_number, count, attributes, extensions, trace;
  } statements_;
};

}  // namespace mimica::ca
