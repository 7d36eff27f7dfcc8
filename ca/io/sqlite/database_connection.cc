#include "ca/io/sqlite/database_connection.h"

#include <filesystem>

#include "ca/io/sqlite/database.h"

namespace mimica::ca {

Connection::~Connection() {
  statements_ = {};
  sqlite3_close(handle_);
}

Result<void> Connection::open(const std::string& path, Mode mode) {
  const int flags = (mode == Mode::read_write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.empty() ? ":memory:" : path.c_str(), &handle_, flags, nullptr) != SQLITE_OK)
    return sqlite_fault(handle_, "open '" + path + "'");
  sqlite3_busy_timeout(handle_, 5000);
  return {};
}

Result<void> Connection::open_new(const std::string& path) {
  if (std::filesystem::exists(path))
    return fault(HResult::E_INVALIDARG, "'" + path + "' exists already", {}, "name a new file");
  return open(path, Mode::read_write);
}

Result<void> Connection::copy_from(sqlite3* source) {
  sqlite3_backup* const copy = sqlite3_backup_init(handle_, "main", source, "main");
  if (copy == nullptr) return sqlite_fault(handle_, "begin a copy");
  const int code = sqlite3_backup_step(copy, -1);  // all pages under one read lock: writers go on in the log
  const int end = sqlite3_backup_finish(copy);
  if (code != SQLITE_DONE || end != SQLITE_OK) return sqlite_fault(handle_, "copy the database");
  return {};
}

Result<void> Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_fault(handle_, "execute");
  return {};
}

Result<std::int64_t> Connection::single_integer(std::string_view sql) {
  MIMICA_TRY(Statement statement, Statement::prepare(handle_, sql));
  if (statement.step() != SQLITE_ROW) return sqlite_fault(handle_, "read");
  return statement.integer(0);
}

Result<void> Connection::prepare() {
  const RequestRow request;
  const CertificateRow certificate;
  const CrlRow crl;
  const auto select = [&](bool with_binary) {
    ColumnList left("R.", with_binary);
    visit_request_columns(request, left);
    ColumnList right("C.", with_binary);
    visit_certificate_columns(certificate, right);
    request_columns_ = left.count();
    return "SELECT " + left.text() + ", C.RequestID, " + right.text() +
           " FROM Requests R LEFT JOIN Certificates C ON C.RequestID=R.RequestID ";
  };
  const std::string whole = select(true);
  // Look-ups by a certificate's column start from the certificate.
  const auto from_certificate = [&](const std::string& condition) {
    return whole + "WHERE R.RequestID=(SELECT RequestID FROM Certificates WHERE " + condition + ")";
  };
  ColumnList crl_columns("");
  visit_crl_columns(crl, crl_columns);
  const std::string select_crl = "SELECT " + crl_columns.text() + ", CRLRowId FROM CRLs ";
  const std::string revoked =
      "SELECT R.RequestID, SerialNumber, IssuerNameID, RevokedWhen, RevokedEffectiveWhen, RevokedReason, NotAfter, "
      "PublishExpiredCertInCRL FROM Requests R JOIN Certificates C ON C.RequestID=R.RequestID WHERE (?1 IS NULL OR "
      "IssuerNameID>>16=?1) AND (?2 IS NULL OR NotAfter>=?2 OR PublishExpiredCertInCRL) AND ";
  const std::pair<Statement*, std::string> all[] = {
      {&statements_.by_id, whole + "WHERE R.RequestID=?"},
      {&statements_.by_serial, from_certificate("SerialNumber=?")},
      {&statements_.by_hash, from_certificate("CertificateHash=?")},
      {&statements_.view,
       select(false) +
           "WHERE R.RequestID>?1 AND (?2 IS NULL OR Disposition=?2) AND (?3 IS NULL OR RequesterName=?3) AND "
           "(?4 IS NULL OR CertificateTemplate=?4) ORDER BY R.RequestID LIMIT ?5"},
      {&statements_.revoked, revoked + "Disposition=21 ORDER BY R.RequestID"},
      {&statements_.revoked_since,
       revoked + "RevokedReason IS NOT NULL AND RevokedWhen>=?3 AND (Disposition=21 OR (Disposition=20 AND "
                 "RevokedReason=-1)) ORDER BY R.RequestID"},
      {&statements_.latest_base,
       select_crl + "WHERE Issuer=? AND CRLNameId=? AND CRLMinBase<>0=0 ORDER BY CRLNumber DESC LIMIT 1"},
      {&statements_.latest_delta,
       select_crl + "WHERE Issuer=? AND CRLNameId=? AND CRLMinBase<>0=1 ORDER BY CRLNumber DESC LIMIT 1"},
      {&statements_.propagated_base,
       select_crl + "WHERE Issuer=0 AND CRLNameId=? AND CRLMinBase<>0=0 AND CRLPropagationComplete<=? ORDER BY "
                    "CRLNumber DESC LIMIT 1"},
      {&statements_.oldest_base,
       select_crl + "WHERE Issuer=0 AND CRLNameId=? AND CRLMinBase<>0=0 AND CRLNextUpdate>=? ORDER BY CRLNumber LIMIT "
                    "1"},
      {&statements_.highest_crl_number,
       "SELECT max(coalesce((SELECT max(CRLNumber) FROM CRLs WHERE Issuer=?1), 0), "
       "coalesce((SELECT Value FROM Counters WHERE Name='CRLNumber.'||?1), 0))"},
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
  return {};
}

RequestRecord Connection::read(const Statement& statement) const {
  RequestRecord record;
  ColumnReader reader(statement);
  visit_request_columns(record.request, reader);
  if (statement.is_null(request_columns_)) return record;
  ColumnReader rest(statement, request_columns_ + 1);
  visit_certificate_columns(record.certificate.emplace(), rest);
  return record;
}

void Connection::read_attributes(std::int64_t request_id, std::vector<RequestAttribute>& attributes,
                                 std::vector<ExtensionRow>& extensions) {
  Using attribute(statements_.attributes);
  attribute->bind(1, request_id);
  while (attribute->step() == SQLITE_ROW) attributes.push_back({attribute->text(0), attribute->text(1)});
  Using extension(statements_.extensions);
  extension->bind(1, request_id);
  while (extension->step() == SQLITE_ROW)
    extensions.push_back(
        {Oid(extension->text(0)), static_cast<std::uint32_t>(extension->integer(1)), extension->blob(2)});
}

Result<std::optional<RequestRecord>> Connection::whole_record(Statement& row) {
  const int code = row.step();
  if (code == SQLITE_DONE) return std::optional<RequestRecord>();
  if (code != SQLITE_ROW) return sqlite_fault(handle_, "read a row");
  RequestRecord record = read(row);
  read_attributes(record.request.RequestID, record.attributes, record.extensions);
  Using trace(statements_.trace);
  trace->bind(1, record.request.RequestID);
  if (trace->step() == SQLITE_ROW) record.trace_json = trace->text(0);
  return std::optional(std::move(record));
}

Result<std::optional<RequestRecord>> Connection::by_request_id(std::int64_t request_id) {
  Using row(statements_.by_id);
  row->bind(1, request_id);
  return whole_record(statements_.by_id);
}

Result<std::optional<RequestRecord>> Connection::by_serial(std::string_view serial_hex) {
  Using row(statements_.by_serial);
  row->bind_text(1, serial_hex);
  return whole_record(statements_.by_serial);
}

Result<std::optional<RequestRecord>> Connection::by_certificate_hash(std::string_view sha1_hex) {
  const std::string hash = to_hex(from_hex(sha1_hex).value_or(Bytes{}));
  Using row(statements_.by_hash);
  row->bind_text(1, hash);
  return whole_record(statements_.by_hash);
}

Result<std::vector<RequestRecord>> Connection::view(const Database::View& view) {
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

Result<void> Connection::for_each_revoked(const RevokedQuery& query,
                                          const std::function<void(const RevokedRow&)>& visit) {
  Using row(query.changed_since ? statements_.revoked_since : statements_.revoked);
  if (query.key_index) row->bind(1, std::int64_t{*query.key_index});
  if (query.not_after) row->bind(2, *query.not_after);
  if (query.changed_since) row->bind(3, *query.changed_since);
  int code = SQLITE_ROW;
  RevokedRow out;
  while ((code = row->step()) == SQLITE_ROW) {
    out.RequestID = row->integer(0);
    out.SerialNumber = row->text(1);
    out.IssuerNameID = row->integer(2);
    out.RevokedWhen = row->time(3);
    out.RevokedEffectiveWhen = row->time(4);
    out.RevokedReason = static_cast<int>(row->integer(5));
    out.NotAfter = row->time(6);
    out.PublishExpiredCertInCRL = row->integer(7) != 0;
    visit(out);
  }
  if (code != SQLITE_DONE) return sqlite_fault(handle_, "list revoked certificates");
  return {};
}

Result<std::optional<CrlRow>> Connection::one_crl(Statement& row) {
  const int code = row.step();
  if (code == SQLITE_DONE) return std::optional<CrlRow>();
  if (code != SQLITE_ROW) return sqlite_fault(handle_, "read a CRL");
  CrlRow crl;
  ColumnReader reader(row);
  visit_crl_columns(crl, reader);
  crl.CRLRowId = row.integer(reader.next());
  return std::optional(std::move(crl));
}

Result<std::optional<CrlRow>> Connection::latest_crl(int key_index, CrlKind kind, CrlIssuer issuer) {
  Statement& statement = kind == CrlKind::base ? statements_.latest_base : statements_.latest_delta;
  Using row(statement);
  row->bind(1, static_cast<std::int64_t>(issuer));
  row->bind(2, std::int64_t{key_index});
  return one_crl(statement);
}

Result<std::optional<CrlRow>> Connection::propagated_base_crl(int key_index, Timestamp now) {
  Using row(statements_.propagated_base);
  row->bind(1, std::int64_t{key_index});
  row->bind(2, now);
  return one_crl(statements_.propagated_base);
}

Result<std::optional<CrlRow>> Connection::oldest_unexpired_base_crl(int key_index, Timestamp now) {
  Using row(statements_.oldest_base);
  row->bind(1, std::int64_t{key_index});
  row->bind(2, now);
  return one_crl(statements_.oldest_base);
}

Result<std::int64_t> Connection::highest_crl_number(CrlIssuer issuer) {
  Using row(statements_.highest_crl_number);
  row->bind(1, static_cast<std::int64_t>(issuer));
  if (row->step() != SQLITE_ROW) return sqlite_fault(handle_, "read the CRL number");
  return row->integer(0);
}

Result<std::int64_t> Connection::count(DbDisposition disposition) {
  Using row(statements_.count);
  row->bind(1, static_cast<std::int64_t>(disposition));
  if (row->step() != SQLITE_ROW) return sqlite_fault(handle_, "count");
  return row->integer(0);
}

}  // namespace mimica::ca
