#include "ca/io/sqlite/database.h"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>

#include "ca/io/sqlite/database_connection.h"
#include "ca/io/sqlite/database_schema.h"

namespace mimica::ca {
namespace {

// One connection writes. A database on disk is read over connections of their own, so that a long list does not hold up
// issuance (write-ahead log); one in memory has only the one connection.
class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(FailPoint fail_point) : fail_point_(std::move(fail_point)) {}

  Result<void> open(const std::string& path) {
    path_ = path;
    MIMICA_RETURN_IF_FAULT(writer_.open(path, Connection::Mode::read_write));
    MIMICA_RETURN_IF_FAULT(writer_.execute(path.empty() ? "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"
                                                        : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
    constexpr std::int64_t kCheckedPages = 64 * 1024 * 1024 / 4096;
    MIMICA_TRY(const std::int64_t pages, writer_.single_integer("PRAGMA page_count"));
    if (!path.empty() && pages <= kCheckedPages) MIMICA_RETURN_IF_FAULT(check_integrity(writer_.handle(), path));
    MIMICA_RETURN_IF_FAULT(migrate_schema(writer_.handle(), path));
    MIMICA_RETURN_IF_FAULT(writer_.prepare());
    MIMICA_RETURN_IF_FAULT(prepare_writing());
    return read_last_request_id();
  }

  Result<void> open_for_reading(const std::string& path) {
    path_ = path;
    MIMICA_RETURN_IF_FAULT(writer_.open(path, Connection::Mode::read_only));
    MIMICA_RETURN_IF_FAULT(check_schema(writer_.handle(), path));
    MIMICA_TRY(const std::int64_t version, schema_version(writer_.handle()));
    if (version != kDatabaseSchemaVersion)
      return fault(HResult::ERROR_INVALID_DATA, "'" + path + "' is not the database of a CA, or an older one", {},
                   "let the CA open it once: mimica up --state");
    MIMICA_RETURN_IF_FAULT(writer_.prepare());
    return prepare_writing();
  }

  Result<std::int64_t> next_request_id() override { return ++last_request_id_; }

  // Writers queue up; whoever gets the connection commits everything queued by then, so that one disk synchronisation
  // serves them all. The others find their entry done.
  Result<void> store(const RequestRecord& record) override {
    Pending pending{&record, {}, false};
    {
      const std::lock_guard lock(queue_mutex_);
      queue_.push_back(&pending);
    }
    const std::lock_guard lock(writer_mutex_);
    if (pending.done) return std::move(pending.result);
    std::deque<Pending*> batch;
    {
      const std::lock_guard queue_lock(queue_mutex_);
      batch.swap(queue_);
    }
    commit(batch);
    return std::move(pending.result);
  }

  Result<std::optional<RequestRecord>> by_request_id(std::int64_t request_id) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->by_request_id(request_id);
  }
  Result<std::optional<RequestRecord>> by_serial(std::string_view serial_hex) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->by_serial(serial_hex);
  }
  Result<std::optional<RequestRecord>> by_certificate_hash(std::string_view sha1_hex) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->by_certificate_hash(sha1_hex);
  }
  Result<std::vector<RequestRecord>> view(const View& view) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->view(view);
  }
  Result<void> for_each_revoked(const RevokedQuery& query,
                                const std::function<void(const RevokedRow&)>& visit) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->for_each_revoked(query, visit);
  }
  Result<std::optional<CrlRow>> latest_crl(int key_index, CrlKind kind, CrlIssuer issuer) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->latest_crl(key_index, kind, issuer);
  }
  Result<std::optional<CrlRow>> propagated_base_crl(int key_index, Timestamp now) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->propagated_base_crl(key_index, now);
  }
  Result<std::optional<CrlRow>> oldest_unexpired_base_crl(int key_index, Timestamp now) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->oldest_unexpired_base_crl(key_index, now);
  }
  Result<void> delete_expired_crls(Timestamp now) override {
    const std::lock_guard lock(writer_mutex_);
    statements_.erase_crls.bind(1, now);
    if (statements_.erase_crls.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "delete expired CRLs");
    return {};
  }
  Result<std::int64_t> highest_crl_number(CrlIssuer issuer) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->highest_crl_number(issuer);
  }
  Result<std::int64_t> count(DbDisposition disposition) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->count(disposition);
  }

  Result<ViewPage> select(const ViewQuery& query, const std::optional<ViewCursor>& after, std::int64_t limit) override {
    MIMICA_TRY(const Lease connection, reader());
    return connection->select(query, after, limit);
  }

  Result<std::int64_t> erase(const RowDeletion& deletion) override {
    const std::lock_guard lock(writer_mutex_);
    std::int64_t erased = 0;
    const Result<void> done = transaction([&]() -> Result<void> {
      MIMICA_RETURN_IF_FAULT(keep_counters(last_request_id_));
      if (deletion.table == RowDeletion::Table::request) return erase_requests(deletion, erased);
      std::string sql = "DELETE FROM CRLs WHERE Issuer=0 AND CRLRowId=?";
      if (deletion.table == RowDeletion::Table::extension) sql = "DELETE FROM Extensions WHERE ExtensionRequestId=?";
      if (deletion.table == RowDeletion::Table::attribute) sql = "DELETE FROM Attributes WHERE AttributeRequestId=?";
      if (deletion.before) sql = "DELETE FROM CRLs WHERE Issuer=0 AND CRLNextUpdate<?";
      MIMICA_TRY(Statement statement, Statement::prepare(writer_.handle(), sql));
      statement.bind(1, deletion.before ? deletion.before->seconds : deletion.row_id);
      if (statement.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "delete rows");
      erased = sqlite3_changes(writer_.handle());
      return {};
    });
    if (!done) return done.error();
    return erased;
  }

  Result<void> backup(const std::string& path) override {
    Connection copy;
    MIMICA_RETURN_IF_FAULT(copy.open_new(path));
    MIMICA_TRY(const Lease source, reader());
    MIMICA_RETURN_IF_FAULT(copy.copy_from(source->handle()));
    MIMICA_RETURN_IF_FAULT(copy.execute("PRAGMA journal_mode=DELETE"));  // one file
    return check_integrity(copy.handle(), path);
  }

  Result<void> restore(const std::string& path) override {
    Connection source;
    MIMICA_RETURN_IF_FAULT(source.open(path, Connection::Mode::read_only));
    MIMICA_RETURN_IF_FAULT(check_schema(source.handle(), path));
    MIMICA_TRY(const std::int64_t version, schema_version(source.handle()));
    if (version == 0) return fault(HResult::ERROR_INVALID_DATA, "'" + path + "' is not the database of a CA");
    MIMICA_RETURN_IF_FAULT(check_integrity(source.handle(), path));
    const std::lock_guard lock(writer_mutex_);
    const std::int64_t last_request_id = last_request_id_;
    std::int64_t numbers[2];
    for (const CrlIssuer issuer : {CrlIssuer::ca, CrlIssuer::offline_root}) {
      MIMICA_TRY(numbers[static_cast<int>(issuer)], writer_.highest_crl_number(issuer));
    }
    MIMICA_RETURN_IF_FAULT(writer_.copy_from(source.handle()));
    MIMICA_RETURN_IF_FAULT(migrate_schema(writer_.handle(), path));
    const Result<void> done = transaction([&]() -> Result<void> {
      MIMICA_RETURN_IF_FAULT(keep_counter("RequestID", last_request_id));
      MIMICA_RETURN_IF_FAULT(keep_counter("CRLNumber.0", numbers[0]));
      return keep_counter("CRLNumber.1", numbers[1]);
    });
    if (!done) return done;
    return read_last_request_id();
  }

  Result<std::vector<std::int64_t>> store_crls(std::span<const CrlRow> rows) override {
    const std::lock_guard lock(writer_mutex_);
    std::vector<std::int64_t> ids;
    MIMICA_RETURN_IF_FAULT(transaction([&]() -> Result<void> {
      for (const CrlRow& row : rows) {
        visit_crl_columns(row, ColumnBinder(statements_.insert_crl));
        if (statements_.insert_crl.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "store a CRL");
        ids.push_back(sqlite3_last_insert_rowid(writer_.handle()));
      }
      return {};
    }));
    return ids;
  }

  Result<void> update_crl(const CrlRow& row) override {
    const std::lock_guard lock(writer_mutex_);
    ColumnBinder bind(statements_.update_crl);
    bind("CRLLastPublished", row.CRLLastPublished);
    bind("CRLPropagationComplete", row.CRLPropagationComplete);
    bind("CRLPublishAttempts", row.CRLPublishAttempts);
    bind("CRLPublishFlags", row.CRLPublishFlags);
    bind("CRLPublishStatusCode", row.CRLPublishStatusCode);
    bind("CRLPublishError", row.CRLPublishError);
    bind("CRLRowId", row.CRLRowId);
    if (statements_.update_crl.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "update a CRL");
    if (sqlite3_changes(writer_.handle()) != 1)
      return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, "there is no CRL row " + std::to_string(row.CRLRowId));
    return {};
  }

 private:
  struct Pending {
    const RequestRecord* record;
    Result<void> result;
    bool done;
  };

  // A connection for one caller; goes back to the pool, or unlocks the only one.
  class Lease {
   public:
    Lease(SqliteDatabase& owner, std::unique_ptr<Connection> connection)
        : owner_(&owner), pooled_(std::move(connection)), connection_(pooled_.get()) {}
    Lease(Connection& only, std::mutex& mutex) : lock_(mutex), connection_(&only) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (pooled_ != nullptr) owner_->give_back(std::move(pooled_));
    }
    Connection* operator->() const { return connection_; }

   private:
    SqliteDatabase* owner_ = nullptr;
    std::unique_ptr<Connection> pooled_;
    std::unique_lock<std::mutex> lock_;
    Connection* connection_;
  };

  Result<Lease> reader() {
    if (path_.empty()) return Lease(writer_, writer_mutex_);
    {
      const std::lock_guard lock(pool_mutex_);
      if (!pool_.empty()) {
        std::unique_ptr<Connection> connection = std::move(pool_.back());
        pool_.pop_back();
        return Lease(*this, std::move(connection));
      }
    }
    auto connection = std::make_unique<Connection>();
    MIMICA_RETURN_IF_FAULT(connection->open(path_, Connection::Mode::read_only));
    MIMICA_RETURN_IF_FAULT(connection->prepare());
    return Lease(*this, std::move(connection));
  }

  void give_back(std::unique_ptr<Connection> connection) {
    constexpr std::size_t kPooled = 8;
    const std::lock_guard lock(pool_mutex_);
    if (pool_.size() < kPooled) pool_.push_back(std::move(connection));
  }

  Result<void> prepare_writing() {
    const RequestRow request;
    const CertificateRow certificate;
    const CrlRow crl;
    ColumnList request_columns("");
    visit_request_columns(request, request_columns);
    ColumnList certificate_columns("");
    visit_certificate_columns(certificate, certificate_columns);
    ColumnList crl_columns("");
    visit_crl_columns(crl, crl_columns);
    const std::pair<Statement*, std::string> all[] = {
        {&statements_.begin, "BEGIN IMMEDIATE"},
        {&statements_.commit, "COMMIT"},
        {&statements_.rollback, "ROLLBACK"},
        {&statements_.insert_request,
         "INSERT INTO Requests(" + request_columns.text() + ") VALUES(" + request_columns.parameters() + ")"},
        {&statements_.insert_certificate, "INSERT INTO Certificates(RequestID, " + certificate_columns.text() +
                                              ") VALUES(?," + certificate_columns.parameters() + ")"},
        {&statements_.insert_attribute, "INSERT INTO Attributes VALUES(?,?,?,?)"},
        {&statements_.insert_extension, "INSERT INTO Extensions VALUES(?,?,?,?,?)"},
        {&statements_.insert_trace, "INSERT INTO Traces VALUES(?,?)"},
        {&statements_.insert_crl,
         "INSERT INTO CRLs(" + crl_columns.text() + ") VALUES(" + crl_columns.parameters() + ")"},
        {&statements_.update_crl,
         "UPDATE CRLs SET CRLLastPublished=?, CRLPropagationComplete=?, CRLPublishAttempts=?, CRLPublishFlags=?, "
         "CRLPublishStatusCode=?, CRLPublishError=? WHERE CRLRowId=?"},
        {&statements_.erase_crls,
         "DELETE FROM CRLs WHERE Issuer=0 AND CRLNextUpdate<? AND EXISTS (SELECT 1 FROM CRLs AS Newer WHERE "
         "Newer.Issuer=0 AND Newer.CRLNameId=CRLs.CRLNameId AND (Newer.CRLMinBase<>0)=(CRLs.CRLMinBase<>0) AND "
         "Newer.CRLNumber>CRLs.CRLNumber)"},
        {&statements_.erase[0], "DELETE FROM Requests WHERE RequestID=?"},
        {&statements_.erase[1], "DELETE FROM Certificates WHERE RequestID=?"},
        {&statements_.erase[2], "DELETE FROM Attributes WHERE AttributeRequestId=?"},
        {&statements_.erase[3], "DELETE FROM Extensions WHERE ExtensionRequestId=?"},
        {&statements_.erase[4], "DELETE FROM Traces WHERE RequestID=?"},
    };
    for (const auto& entry : all) {
      MIMICA_TRY(*entry.first, Statement::prepare(writer_.handle(), entry.second));
    }
    return {};
  }

  Result<void> read_last_request_id() {
    MIMICA_TRY(last_request_id_,
               writer_.single_integer("SELECT max(coalesce((SELECT max(RequestID) FROM Requests), 0), "
                                      "coalesce((SELECT Value FROM Counters WHERE Name='RequestID'), 0))"));
    return {};
  }

  Result<void> keep_counter(std::string_view name, std::int64_t value) {
    MIMICA_TRY(Statement statement,
               Statement::prepare(writer_.handle(),
                                  "INSERT INTO Counters VALUES(?1, ?2) ON CONFLICT(Name) DO UPDATE SET "
                                  "Value=max(Value, excluded.Value)"));
    statement.bind_text(1, name);
    statement.bind(2, value);
    if (statement.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "keep a counter");
    return {};
  }

  Result<void> keep_counters(std::int64_t last_request_id) {
    for (const CrlIssuer issuer : {CrlIssuer::ca, CrlIssuer::offline_root}) {
      MIMICA_TRY(const std::int64_t number, writer_.highest_crl_number(issuer));
      MIMICA_RETURN_IF_FAULT(keep_counter("CRLNumber." + std::to_string(static_cast<int>(issuer)), number));
    }
    return keep_counter("RequestID", last_request_id);
  }

  Result<void> erase_requests(const RowDeletion& deletion, std::int64_t& erased) {
    std::string sql = "SELECT RequestID FROM Requests WHERE RequestID=?";
    if (deletion.kind == RowDeletion::Kind::expired)
      sql =
          "SELECT R.RequestID FROM Certificates C JOIN Requests R ON R.RequestID=C.RequestID WHERE NotAfter<? AND "
          "Disposition IN (20, 21) AND RawArchivedKey IS NULL";
    if (deletion.kind == RowDeletion::Kind::unresolved)
      sql =
          "SELECT RequestID FROM Requests WHERE Disposition IN (9, 30, 31) AND coalesce(ResolvedWhen, SubmittedWhen)<? "
          "AND RawArchivedKey IS NULL";
    MIMICA_TRY(Statement find, Statement::prepare(writer_.handle(), sql));
    find.bind(1, deletion.before ? deletion.before->seconds : deletion.row_id);
    std::vector<std::int64_t> ids;
    while (find.step() == SQLITE_ROW) ids.push_back(find.integer(0));
    find.reset();
    for (const std::int64_t id : ids) {
      for (Statement& statement : statements_.erase) {
        statement.bind(1, id);
        if (statement.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "delete a request");
      }
    }
    erased = static_cast<std::int64_t>(ids.size());
    return {};
  }

  void reach(std::string_view point) const {
    if (fail_point_) fail_point_(point);
  }

  void commit(const std::deque<Pending*>& batch) {
    const auto write_all = [this](std::span<Pending* const> entries) {
      return transaction([&]() -> Result<void> {
        for (const Pending* pending : entries) MIMICA_RETURN_IF_FAULT(write(*pending->record));
        return {};
      });
    };
    const std::vector<Pending*> entries(batch.begin(), batch.end());
    Result<void> together = write_all(entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
      // One bad record must not take the others with it.
      const bool alone = !together && entries.size() > 1;
      entries[i]->result = alone ? write_all(std::span(entries).subspan(i, 1)) : together;
      entries[i]->done = true;
    }
  }

  template <typename Work>
  Result<void> transaction(Work&& work) {
    reach("begin");
    if (statements_.begin.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "begin");
    Result<void> done = work();
    if (!done) {
      statements_.rollback.run();
      return done;
    }
    reach("written");
    if (statements_.commit.run() != SQLITE_DONE) {
      Fault failure = sqlite_fault(writer_.handle(), "commit");
      statements_.rollback.run();
      return failure;
    }
    reach("committed");
    return {};
  }

  int insert(const RequestRow& row) {
    visit_request_columns(row, ColumnBinder(statements_.insert_request));
    return statements_.insert_request.run();
  }

  int insert(std::int64_t request_id, const CertificateRow& row) {
    statements_.insert_certificate.bind(1, request_id);
    visit_certificate_columns(row, ColumnBinder(statements_.insert_certificate, 2));
    return statements_.insert_certificate.run();
  }

  Result<void> write(const RequestRecord& record) {
    const std::int64_t id = record.request.RequestID;
    int code = insert(record.request);
    if (code == SQLITE_CONSTRAINT) {  // the row exists: replace everything of it
      for (Statement& erase : statements_.erase) {
        erase.bind(1, id);
        if (erase.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "replace a row");
      }
      code = insert(record.request);
    }
    if (code != SQLITE_DONE) return sqlite_fault(writer_.handle(), "store a request");
    if (record.certificate && insert(id, *record.certificate) != SQLITE_DONE)
      return sqlite_fault(writer_.handle(), "store a certificate");
    std::int64_t position = 0;
    for (const RequestAttribute& attribute : record.attributes) {
      Statement& s = statements_.insert_attribute;
      s.bind(1, id);
      s.bind(2, position++);
      s.bind_text(3, attribute.name);
      s.bind_text(4, attribute.value);
      if (s.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "store an attribute");
    }
    position = 0;
    for (const ExtensionRow& extension : record.extensions) {
      Statement& s = statements_.insert_extension;
      s.bind(1, id);
      s.bind(2, position++);
      s.bind_text(3, extension.oid.dotted());
      s.bind(4, std::int64_t{extension.flags});
      s.bind_blob(5, extension.value);
      if (s.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "store an extension");
    }
    statements_.insert_trace.bind(1, id);
    statements_.insert_trace.bind_text(2, record.trace_json);
    if (statements_.insert_trace.run() != SQLITE_DONE) return sqlite_fault(writer_.handle(), "store a trace");
    return {};
  }

  const FailPoint fail_point_;
  std::string path_;
  std::mutex writer_mutex_;
  Connection writer_;
  struct {
    Statement begin, commit, rollback;
    Statement insert_request, insert_certificate, insert_attribute, insert_extension, insert_trace, insert_crl,
        update_crl, erase_crls;
    std::array<Statement, 5> erase;
  } statements_;
  std::atomic<std::int64_t> last_request_id_{0};
  std::mutex queue_mutex_;
  std::deque<Pending*> queue_;
  std::mutex pool_mutex_;
  std::vector<std::unique_ptr<Connection>> pool_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& path, FailPoint fail_point) {
  auto database = std::make_unique<SqliteDatabase>(std::move(fail_point));
  MIMICA_RETURN_IF_FAULT(database->open(path));
  return std::unique_ptr<Database>(std::move(database));
}

Result<std::unique_ptr<Database>> open_database_for_reading(const std::string& path) {
  auto database = std::make_unique<SqliteDatabase>(FailPoint{});
  MIMICA_RETURN_IF_FAULT(database->open_for_reading(path));
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace mimica::ca
