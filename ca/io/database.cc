#include "ca/io/database.h"

#include <array>
#include <atomic>
#include <deque>
#include <mutex>

#include "ca/io/sqlite.h"

namespace mimica::ca {
namespace {

constexpr int kApplicationId = 0x4D696D69;  // "Mimi"

// One script per schema version; a database of version n runs the scripts from n on.
constexpr std::array<const char*, kDatabaseSchemaVersion> kMigrations = {R"sql(
CREATE TABLE Requests(
  RequestID INTEGER PRIMARY KEY, RawRequest BLOB NOT NULL, RequestAttributes TEXT NOT NULL, RequestType INTEGER NOT NULL,
  RequestFlags INTEGER NOT NULL, StatusCode INTEGER NOT NULL, Disposition INTEGER NOT NULL,
  DispositionMessage TEXT NOT NULL, SubmittedWhen INTEGER NOT NULL, ResolvedWhen INTEGER, RevokedWhen INTEGER,
  RevokedEffectiveWhen INTEGER, RevokedReason INTEGER, RequesterName TEXT NOT NULL, CallerName TEXT NOT NULL,
  DistinguishedName TEXT NOT NULL);
CREATE INDEX RequestsDisposition ON Requests(Disposition);
CREATE TABLE Certificates(
  RequestID INTEGER PRIMARY KEY REFERENCES Requests, RawCertificate BLOB NOT NULL, CertificateHash TEXT NOT NULL,
  CertificateTemplate TEXT NOT NULL, EnrollmentFlags INTEGER NOT NULL, GeneralFlags INTEGER NOT NULL,
  PrivatekeyFlags INTEGER NOT NULL, SerialNumber TEXT NOT NULL UNIQUE, NotBefore INTEGER NOT NULL,
  NotAfter INTEGER NOT NULL, SubjectKeyIdentifier TEXT NOT NULL, PublicKeyLength INTEGER NOT NULL,
  PublicKeyAlgorithm TEXT NOT NULL, UPN TEXT NOT NULL, DistinguishedName TEXT NOT NULL, CommonName TEXT NOT NULL);
CREATE TABLE Attributes(
  AttributeRequestId INTEGER NOT NULL, Position INTEGER NOT NULL, AttributeName TEXT NOT NULL,
  AttributeValue TEXT NOT NULL, PRIMARY KEY(AttributeRequestId, Position)) WITHOUT ROWID;
CREATE TABLE Extensions(
  ExtensionRequestId INTEGER NOT NULL, Position INTEGER NOT NULL, ExtensionName TEXT NOT NULL,
  ExtensionFlags INTEGER NOT NULL, ExtensionRawValue BLOB NOT NULL,
  PRIMARY KEY(ExtensionRequestId, Position)) WITHOUT ROWID;
CREATE TABLE Traces(RequestID INTEGER PRIMARY KEY REFERENCES Requests, Trace TEXT NOT NULL);
CREATE TABLE CRLs(
  CRLRowId INTEGER PRIMARY KEY, CRLNumber INTEGER NOT NULL, CRLNameId INTEGER NOT NULL, CRLCount INTEGER NOT NULL,
  CRLThisUpdate INTEGER NOT NULL, CRLNextUpdate INTEGER NOT NULL, CRLThisPublish INTEGER NOT NULL,
  CRLNextPublish INTEGER NOT NULL, CRLRawCRL BLOB NOT NULL, UNIQUE(CRLNameId, CRLNumber));
)sql"};

constexpr std::string_view kRequestColumns =
    "RequestID, RequestAttributes, RequestType, RequestFlags, StatusCode, Disposition, DispositionMessage, "
    "SubmittedWhen, ResolvedWhen, RevokedWhen, RevokedEffectiveWhen, RevokedReason, RequesterName, CallerName, "
    "R.DistinguishedName, CertificateHash, CertificateTemplate, EnrollmentFlags, GeneralFlags, PrivatekeyFlags, "
    "SerialNumber, NotBefore, NotAfter, SubjectKeyIdentifier, PublicKeyLength, PublicKeyAlgorithm, UPN, "
    "C.DistinguishedName, CommonName";
constexpr int kRawRequestColumn = 29;
constexpr int kRawCertificateColumn = 30;
constexpr int kCertificateColumn = 15;

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(FailPoint fail_point) : fail_point_(std::move(fail_point)) {}
  ~SqliteDatabase() override {
    statements_ = {};
    sqlite3_close(handle_);
  }

  Result<void> open(const std::string& path) {
    const bool in_memory = path.empty();
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(in_memory ? ":memory:" : path.c_str(), &handle_, flags, nullptr) != SQLITE_OK)
      return sqlite_fault(handle_, "open '" + path + "'");
    sqlite3_busy_timeout(handle_, 5000);
    MIMICA_CHECK(execute(in_memory ? "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"
                                   : "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
    MIMICA_CHECK(migrate(path));
    return prepare();
  }

  Result<void> open_for_reading(const std::string& path) {
    if (sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK)
      return sqlite_fault(handle_, "open '" + path + "'");
    sqlite3_busy_timeout(handle_, 5000);
    MIMICA_CHECK(check_version(path));
    MIMICA_TRY(const std::int64_t version, single_integer("PRAGMA user_version"));
    if (version != kDatabaseSchemaVersion)
      return fault(HResult::ERROR_INVALID_DATA, "'" + path + "' is not the database of a CA, or an older one", {},
                   "let the CA open it once: mimica up --state");
    return prepare();
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
    const std::lock_guard lock(connection_mutex_);
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
    const std::lock_guard lock(connection_mutex_);
    const Using row(statements_.by_id);
    statements_.by_id.bind(1, request_id);
    return whole_record(statements_.by_id);
  }

  Result<std::optional<RequestRecord>> by_serial(std::string_view serial_hex) override {
    const std::lock_guard lock(connection_mutex_);
    const Using row(statements_.by_serial);
    statements_.by_serial.bind_text(1, serial_hex);
    return whole_record(statements_.by_serial);
  }

  Result<std::vector<RequestRecord>> view(const View& view) override {
    const std::lock_guard lock(connection_mutex_);
    Using row(statements_.view);
    row->bind(1, view.after_request_id);
    if (view.disposition) row->bind(2, static_cast<std::int64_t>(*view.disposition));
    if (view.requester) row->bind_text(3, *view.requester);
    if (view.template_column) row->bind_text(4, *view.template_column);
    row->bind(5, view.limit);
    std::vector<RequestRecord> records;
    int code = SQLITE_ROW;
    while ((code = row->step()) == SQLITE_ROW) records.push_back(read(statements_.view));
    if (code != SQLITE_DONE) return sqlite_fault(handle_, "view");
    return records;
  }

  Result<std::vector<RevokedRow>> revoked(Timestamp not_after) override {
    const std::lock_guard lock(connection_mutex_);
    Using row(statements_.revoked);
    row->bind(1, static_cast<std::int64_t>(DbDisposition::revoked));
    row->bind(2, not_after);
    std::vector<RevokedRow> rows;
    int code = SQLITE_ROW;
    while ((code = row->step()) == SQLITE_ROW)
      rows.push_back({row->text(0), row->time(1), static_cast<int>(row->integer(2)), row->time(3)});
    if (code != SQLITE_DONE) return sqlite_fault(handle_, "list revoked certificates");
    return rows;
  }

  Result<void> store_crl(const CrlRow& crl) override {
    const std::lock_guard lock(connection_mutex_);
    Statement& insert = statements_.insert_crl;
    int at = 0;
    insert.bind(++at, crl.CRLNumber);
    insert.bind(++at, std::int64_t{crl.CRLNameId});
    insert.bind(++at, crl.CRLCount);
    insert.bind(++at, crl.CRLThisUpdate);
    insert.bind(++at, crl.CRLNextUpdate);
    insert.bind(++at, crl.CRLThisPublish);
    insert.bind(++at, crl.CRLNextPublish);
    insert.bind_blob(++at, crl.CRLRawCRL);
    if (insert.run() != SQLITE_DONE) return sqlite_fault(handle_, "store a CRL");
    return {};
  }

  Result<std::optional<CrlRow>> latest_crl(int name_id) override {
    const std::lock_guard lock(connection_mutex_);
    Using row(statements_.latest_crl);
    row->bind(1, std::int64_t{name_id});
    const int code = row->step();
    if (code == SQLITE_DONE) return std::optional<CrlRow>();
    if (code != SQLITE_ROW) return sqlite_fault(handle_, "read a CRL");
    CrlRow crl;
    crl.CRLNumber = row->integer(0);
    crl.CRLNameId = name_id;
    crl.CRLCount = row->integer(1);
    crl.CRLThisUpdate = row->time(2);
    crl.CRLNextUpdate = row->time(3);
    crl.CRLThisPublish = row->time(4);
    crl.CRLNextPublish = row->time(5);
    crl.CRLRawCRL = row->blob(6);
    return std::optional(std::move(crl));
  }

  Result<std::int64_t> count(DbDisposition disposition) override {
    const std::lock_guard lock(connection_mutex_);
    Using row(statements_.count);
    row->bind(1, static_cast<std::int64_t>(disposition));
    if (row->step() != SQLITE_ROW) return sqlite_fault(handle_, "count");
    return row->integer(0);
  }

 private:
  struct Pending {
    const RequestRecord* record;
    Result<void> result;
    bool done;
  };
  struct Statements {
    Statement begin, commit, rollback;
    Statement insert_request, insert_certificate, insert_attribute, insert_extension, insert_trace, insert_crl;
    std::array<Statement, 5> erase;
    Statement by_id, by_serial, view, revoked, latest_crl, count, attributes, extensions, trace;
  };

  Result<void> execute(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      return sqlite_fault(handle_, "execute");
    return {};
  }

  Result<std::int64_t> single_integer(std::string_view sql) {
    MIMICA_TRY(Statement statement, Statement::prepare(handle_, sql));
    if (statement.step() != SQLITE_ROW) return sqlite_fault(handle_, "read");
    return statement.integer(0);
  }

  Result<void> check_version(const std::string& path) {
    MIMICA_TRY(const std::int64_t version, single_integer("PRAGMA user_version"));
    MIMICA_TRY(const std::int64_t application, single_integer("PRAGMA application_id"));
    MIMICA_TRY(const std::int64_t tables, single_integer("SELECT count(*) FROM sqlite_schema"));
    if (tables > 0 && application != kApplicationId)
      return fault(HResult::ERROR_INVALID_DATA, "'" + path + "' is not the database of a CA");
    if (version > kDatabaseSchemaVersion)
      return fault(HResult::ERROR_INVALID_DATA,
                   "'" + path + "' has schema version " + std::to_string(version) + "; this program knows " +
                       std::to_string(kDatabaseSchemaVersion),
                   {}, "use a newer version of the program");
    return {};
  }

  Result<void> migrate(const std::string& path) {
    MIMICA_CHECK(check_version(path));
    MIMICA_TRY(const std::int64_t version, single_integer("PRAGMA user_version"));
    if (version == kDatabaseSchemaVersion) return {};
    std::string script = "BEGIN IMMEDIATE;";
    for (auto step = static_cast<std::size_t>(version); step < kMigrations.size(); ++step) script += kMigrations[step];
    script += "PRAGMA application_id=" + std::to_string(kApplicationId) +
              "; PRAGMA user_version=" + std::to_string(kDatabaseSchemaVersion) + "; COMMIT;";
    return execute(script);
  }

  Result<void> prepare() {
    const std::string joined = "SELECT " + std::string(kRequestColumns);
    const std::string from = " FROM Requests R LEFT JOIN Certificates C USING(RequestID) ";
    const std::string whole = joined + ", RawRequest, RawCertificate" + from;
    const std::pair<Statement*, std::string> all[] = {
        {&statements_.begin, "BEGIN IMMEDIATE"},
        {&statements_.commit, "COMMIT"},
        {&statements_.rollback, "ROLLBACK"},
        {&statements_.insert_request, "INSERT INTO Requests VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
        {&statements_.insert_certificate, "INSERT INTO Certificates VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
        {&statements_.insert_attribute, "INSERT INTO Attributes VALUES(?,?,?,?)"},
        {&statements_.insert_extension, "INSERT INTO Extensions VALUES(?,?,?,?,?)"},
        {&statements_.insert_trace, "INSERT INTO Traces VALUES(?,?)"},
        {&statements_.insert_crl, "INSERT INTO CRLs VALUES(NULL,?,?,?,?,?,?,?,?)"},
        {&statements_.erase[0], "DELETE FROM Requests WHERE RequestID=?"},
        {&statements_.erase[1], "DELETE FROM Certificates WHERE RequestID=?"},
        {&statements_.erase[2], "DELETE FROM Attributes WHERE AttributeRequestId=?"},
        {&statements_.erase[3], "DELETE FROM Extensions WHERE ExtensionRequestId=?"},
        {&statements_.erase[4], "DELETE FROM Traces WHERE RequestID=?"},
        {&statements_.by_id, whole + "WHERE RequestID=?"},
        {&statements_.by_serial, whole + "WHERE SerialNumber=?"},
        {&statements_.view,
         joined + from +
             "WHERE RequestID>?1 AND (?2 IS NULL OR Disposition=?2) AND (?3 IS NULL OR RequesterName=?3 "
             "COLLATE NOCASE) AND (?4 IS NULL OR CertificateTemplate=?4 COLLATE NOCASE) ORDER BY "
             "RequestID LIMIT ?5"},
        {&statements_.revoked,
         "SELECT SerialNumber, RevokedEffectiveWhen, RevokedReason, NotAfter FROM Requests JOIN Certificates "
         "USING(RequestID) WHERE Disposition=? AND NotAfter>=? ORDER BY RequestID"},
        {&statements_.latest_crl,
         "SELECT CRLNumber, CRLCount, CRLThisUpdate, CRLNextUpdate, CRLThisPublish, CRLNextPublish, CRLRawCRL FROM "
         "CRLs "
         "WHERE CRLNameId=? ORDER BY CRLNumber DESC LIMIT 1"},
        {&statements_.count, "SELECT count(*) FROM Requests WHERE Disposition=?"},
        {&statements_.attributes,
         "SELECT AttributeName, AttributeValue FROM Attributes WHERE AttributeRequestId=? ORDER BY Position"},
        {&statements_.extensions,
         "SELECT ExtensionName, ExtensionFlags, ExtensionRawValue FROM Extensions WHERE ExtensionRequestId=? ORDER BY "
         "Position"},
        {&statements_.trace, "SELECT Trace FROM Traces WHERE RequestID=?"},
    };
    for (const auto& entry : all) {
      MIMICA_TRY(*entry.first, Statement::prepare(handle_, entry.second));
    }
    MIMICA_TRY(last_request_id_, single_integer("SELECT coalesce(max(RequestID), 0) FROM Requests"));
    return {};
  }

  void reach(std::string_view point) const {
    if (fail_point_) fail_point_(point);
  }

  void commit(const std::deque<Pending*>& batch) {
    Result<void> together = transaction(batch);
    if (!together && batch.size() > 1) {
      // One bad record must not take the others with it.
      for (Pending* pending : batch) pending->result = transaction({pending});
    } else {
      for (Pending* pending : batch) pending->result = together;
    }
    for (Pending* pending : batch) pending->done = true;
  }

  Result<void> transaction(const std::deque<Pending*>& batch) {
    reach("begin");
    if (statements_.begin.run() != SQLITE_DONE) return sqlite_fault(handle_, "begin");
    for (const Pending* pending : batch) {
      Result<void> written = write(*pending->record);
      if (!written) {
        statements_.rollback.run();
        return written;
      }
    }
    reach("written");
    if (statements_.commit.run() != SQLITE_DONE) {
      Fault failure = sqlite_fault(handle_, "commit");
      statements_.rollback.run();
      return failure;
    }
    reach("committed");
    return {};
  }

  int insert(const RequestRow& row) {
    Statement& s = statements_.insert_request;
    int at = 0;
    s.bind(++at, row.RequestID);
    s.bind_blob(++at, row.RawRequest);
    s.bind_text(++at, row.RequestAttributes);
    s.bind(++at, row.RequestType);
    s.bind(++at, std::int64_t{row.RequestFlags});
    s.bind(++at, std::int64_t{row.StatusCode});
    s.bind(++at, static_cast<std::int64_t>(row.Disposition));
    s.bind_text(++at, row.DispositionMessage);
    s.bind(++at, row.SubmittedWhen);
    s.bind(++at, row.ResolvedWhen);
    s.bind(++at, row.RevokedWhen);
    s.bind(++at, row.RevokedEffectiveWhen);
    ++at;
    if (row.RevokedReason) s.bind(at, std::int64_t{*row.RevokedReason});
    s.bind_text(++at, row.RequesterName);
    s.bind_text(++at, row.CallerName);
    s.bind_text(++at, row.DistinguishedName);
    return s.run();
  }

  int insert(std::int64_t request_id, const CertificateRow& row) {
    Statement& s = statements_.insert_certificate;
    int at = 0;
    s.bind(++at, request_id);
    s.bind_blob(++at, row.RawCertificate);
    s.bind_text(++at, row.CertificateHash);
    s.bind_text(++at, row.CertificateTemplate);
    s.bind(++at, std::int64_t{row.EnrollmentFlags});
    s.bind(++at, std::int64_t{row.GeneralFlags});
    s.bind(++at, std::int64_t{row.PrivatekeyFlags});
    s.bind_text(++at, row.SerialNumber);
    s.bind(++at, row.NotBefore);
    s.bind(++at, row.NotAfter);
    s.bind_text(++at, row.SubjectKeyIdentifier);
    s.bind(++at, row.PublicKeyLength);
    s.bind_text(++at, row.PublicKeyAlgorithm);
    s.bind_text(++at, row.UPN);
    s.bind_text(++at, row.DistinguishedName);
    s.bind_text(++at, row.CommonName);
    return s.run();
  }

  Result<void> write(const RequestRecord& record) {
    const std::int64_t id = record.request.RequestID;
    int code = insert(record.request);
    if (code == SQLITE_CONSTRAINT) {  // the row exists: replace everything of it
      for (Statement& erase : statements_.erase) {
        erase.bind(1, id);
        if (erase.run() != SQLITE_DONE) return sqlite_fault(handle_, "replace a row");
      }
      code = insert(record.request);
    }
    if (code != SQLITE_DONE) return sqlite_fault(handle_, "store a request");
    if (record.certificate && insert(id, *record.certificate) != SQLITE_DONE)
      return sqlite_fault(handle_, "store a certificate");
    std::int64_t position = 0;
    for (const RequestAttribute& attribute : record.attributes) {
      Statement& s = statements_.insert_attribute;
      s.bind(1, id);
      s.bind(2, position++);
      s.bind_text(3, attribute.name);
      s.bind_text(4, attribute.value);
      if (s.run() != SQLITE_DONE) return sqlite_fault(handle_, "store an attribute");
    }
    position = 0;
    for (const ExtensionRow& extension : record.extensions) {
      Statement& s = statements_.insert_extension;
      s.bind(1, id);
      s.bind(2, position++);
      s.bind_text(3, extension.oid.dotted());
      s.bind(4, std::int64_t{extension.flags});
      s.bind_blob(5, extension.value);
      if (s.run() != SQLITE_DONE) return sqlite_fault(handle_, "store an extension");
    }
    statements_.insert_trace.bind(1, id);
    statements_.insert_trace.bind_text(2, record.trace_json);
    if (statements_.insert_trace.run() != SQLITE_DONE) return sqlite_fault(handle_, "store a trace");
    return {};
  }

  static RequestRecord read(const Statement& s) {
    RequestRecord record;
    RequestRow& request = record.request;
    int at = 0;
    request.RequestID = s.integer(at++);
    request.RequestAttributes = s.text(at++);
    request.RequestType = s.integer(at++);
    request.RequestFlags = static_cast<std::uint32_t>(s.integer(at++));
    request.StatusCode = static_cast<std::uint32_t>(s.integer(at++));
    request.Disposition = static_cast<DbDisposition>(s.integer(at++));
    request.DispositionMessage = s.text(at++);
    request.SubmittedWhen = s.time(at++);
    request.ResolvedWhen = s.optional_time(at++);
    request.RevokedWhen = s.optional_time(at++);
    request.RevokedEffectiveWhen = s.optional_time(at++);
    if (!s.is_null(at)) request.RevokedReason = static_cast<int>(s.integer(at));
    ++at;
    request.RequesterName = s.text(at++);
    request.CallerName = s.text(at++);
    request.DistinguishedName = s.text(at++);
    if (s.is_null(kCertificateColumn)) return record;
    CertificateRow& certificate = record.certificate.emplace();
    certificate.CertificateHash = s.text(at++);
    certificate.CertificateTemplate = s.text(at++);
    certificate.EnrollmentFlags = static_cast<std::uint32_t>(s.integer(at++));
    certificate.GeneralFlags = static_cast<std::uint32_t>(s.integer(at++));
    certificate.PrivatekeyFlags = static_cast<std::uint32_t>(s.integer(at++));
    certificate.SerialNumber = s.text(at++);
    certificate.NotBefore = s.time(at++);
    certificate.NotAfter = s.time(at++);
    certificate.SubjectKeyIdentifier = s.text(at++);
    certificate.PublicKeyLength = s.integer(at++);
    certificate.PublicKeyAlgorithm = s.text(at++);
    certificate.UPN = s.text(at++);
    certificate.DistinguishedName = s.text(at++);
    certificate.CommonName = s.text(at++);
    return record;
  }

  Result<std::optional<RequestRecord>> whole_record(Statement& row) {
    const int code = row.step();
    if (code == SQLITE_DONE) return std::optional<RequestRecord>();
    if (code != SQLITE_ROW) return sqlite_fault(handle_, "read a row");
    RequestRecord record = read(row);
    record.request.RawRequest = row.blob(kRawRequestColumn);
    if (record.certificate) record.certificate->RawCertificate = row.blob(kRawCertificateColumn);
    {
      Using attribute(statements_.attributes);
      attribute->bind(1, record.request.RequestID);
      while (attribute->step() == SQLITE_ROW) record.attributes.push_back({attribute->text(0), attribute->text(1)});
    }
    {
      Using extension(statements_.extensions);
      extension->bind(1, record.request.RequestID);
      while (extension->step() == SQLITE_ROW)
        record.extensions.push_back(
            {Oid(extension->text(0)), static_cast<std::uint32_t>(extension->integer(1)), extension->blob(2)});
    }
    Using trace(statements_.trace);
    trace->bind(1, record.request.RequestID);
    if (trace->step() == SQLITE_ROW) record.trace_json = trace->text(0);
    return std::optional(std::move(record));
  }

  const FailPoint fail_point_;
  sqlite3* handle_ = nullptr;
  Statements statements_;
  std::atomic<std::int64_t> last_request_id_{0};
  std::mutex queue_mutex_;
  std::deque<Pending*> queue_;
  std::mutex connection_mutex_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_database(const std::string& path, FailPoint fail_point) {
  auto database = std::make_unique<SqliteDatabase>(std::move(fail_point));
  MIMICA_CHECK(database->open(path));
  return std::unique_ptr<Database>(std::move(database));
}

Result<std::unique_ptr<Database>> open_database_for_reading(const std::string& path) {
  auto database = std::make_unique<SqliteDatabase>(FailPoint{});
  MIMICA_CHECK(database->open_for_reading(path));
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace mimica::ca
