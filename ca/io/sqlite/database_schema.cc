#include "ca/io/sqlite/database_schema.h"

#include <array>

#include "ca/io/sqlite/sqlite.h"
#include "ca/io/sqlite/sqlite_columns.h"
#include "ca/store/row_names.h"

namespace mimica::ca {
namespace {

constexpr int kApplicationId = 0x4D696D69;  // "Mimi"

constexpr const char* kVersion1 = R"sql(
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
)sql";

// All columns of the real schema. Binary columns stand last, so that a row is read without them; empty columns are
// NULL. Texts that people type compare without case, as in the real database. Counters keep what deletion must not take
// back. The list of the offline root had CRLNameId 1.
constexpr const char* kVersion2 = R"sql(
CREATE TABLE NewRequests(
  RequestID INTEGER PRIMARY KEY, RequestType INTEGER NOT NULL, RequestFlags INTEGER NOT NULL,
  StatusCode INTEGER NOT NULL, Disposition INTEGER NOT NULL, DispositionMessage TEXT COLLATE NOCASE,
  SubmittedWhen INTEGER NOT NULL, ResolvedWhen INTEGER, RevokedWhen INTEGER, RevokedEffectiveWhen INTEGER,
  RevokedReason INTEGER, RequesterName TEXT COLLATE NOCASE, CallerName TEXT COLLATE NOCASE, SignerPolicies TEXT,
  SignerApplicationPolicies TEXT, Officer INTEGER, DistinguishedName TEXT COLLATE NOCASE, Country TEXT COLLATE NOCASE,
  Organization TEXT COLLATE NOCASE, OrgUnit TEXT COLLATE NOCASE, CommonName TEXT COLLATE NOCASE,
  Locality TEXT COLLATE NOCASE, State TEXT COLLATE NOCASE, Title TEXT COLLATE NOCASE, GivenName TEXT COLLATE NOCASE,
  Initials TEXT COLLATE NOCASE, SurName TEXT COLLATE NOCASE, DomainComponent TEXT COLLATE NOCASE,
  EMail TEXT COLLATE NOCASE, StreetAddress TEXT COLLATE NOCASE, UnstructuredName TEXT COLLATE NOCASE,
  UnstructuredAddress TEXT COLLATE NOCASE, DeviceSerialNumber TEXT COLLATE NOCASE, KeyRecoveryHashes TEXT,
  RequestAttributes TEXT COLLATE NOCASE, RawName BLOB, RawArchivedKey BLOB, RawOldCertificate BLOB, RawRequest BLOB);
INSERT INTO NewRequests(
    RequestID, RequestType, RequestFlags, StatusCode, Disposition, DispositionMessage, SubmittedWhen, ResolvedWhen,
    RevokedWhen, RevokedEffectiveWhen, RevokedReason, RequesterName, CallerName, DistinguishedName, RequestAttributes,
    RawRequest)
  SELECT RequestID, RequestType, RequestFlags, StatusCode, Disposition, nullif(DispositionMessage, ''), SubmittedWhen,
    ResolvedWhen, RevokedWhen, RevokedEffectiveWhen, RevokedReason, nullif(RequesterName, ''), nullif(CallerName, ''),
    nullif(DistinguishedName, ''), nullif(RequestAttributes, ''), RawRequest FROM Requests;
DROP TABLE Requests;
ALTER TABLE NewRequests RENAME TO Requests;

CREATE TABLE NewCertificates(
  RequestID INTEGER PRIMARY KEY, CertificateHash TEXT COLLATE NOCASE, CertificateTemplate TEXT COLLATE NOCASE,
  EnrollmentFlags INTEGER NOT NULL, GeneralFlags INTEGER NOT NULL, PrivatekeyFlags INTEGER NOT NULL,
  SerialNumber TEXT NOT NULL UNIQUE, IssuerNameID INTEGER NOT NULL, NotBefore INTEGER NOT NULL,
  NotAfter INTEGER NOT NULL, SubjectKeyIdentifier TEXT COLLATE NOCASE, PublicKeyLength INTEGER NOT NULL,
  PublicKeyAlgorithm TEXT COLLATE NOCASE, PublishExpiredCertInCRL INTEGER NOT NULL, UPN TEXT COLLATE NOCASE,
  DistinguishedName TEXT COLLATE NOCASE, Country TEXT COLLATE NOCASE, Organization TEXT COLLATE NOCASE,
  OrgUnit TEXT COLLATE NOCASE, CommonName TEXT COLLATE NOCASE, Locality TEXT COLLATE NOCASE, State TEXT COLLATE NOCASE,
  Title TEXT COLLATE NOCASE, GivenName TEXT COLLATE NOCASE, Initials TEXT COLLATE NOCASE, SurName TEXT COLLATE NOCASE,
  DomainComponent TEXT COLLATE NOCASE, EMail TEXT COLLATE NOCASE, StreetAddress TEXT COLLATE NOCASE,
  UnstructuredName TEXT COLLATE NOCASE, UnstructuredAddress TEXT COLLATE NOCASE,
  DeviceSerialNumber TEXT COLLATE NOCASE, RawName BLOB, RawPublicKeyAlgorithmParameters BLOB, RawPublicKey BLOB,
  RawCertificate BLOB);
INSERT INTO NewCertificates(
    RequestID, CertificateHash, CertificateTemplate, EnrollmentFlags, GeneralFlags, PrivatekeyFlags, SerialNumber,
    IssuerNameID, NotBefore, NotAfter, SubjectKeyIdentifier, PublicKeyLength, PublicKeyAlgorithm,
    PublishExpiredCertInCRL, UPN, DistinguishedName, CommonName, RawCertificate)
  SELECT RequestID, nullif(CertificateHash, ''), nullif(CertificateTemplate, ''), EnrollmentFlags, GeneralFlags,
    PrivatekeyFlags, SerialNumber, 0, NotBefore, NotAfter, nullif(SubjectKeyIdentifier, ''), PublicKeyLength,
    nullif(PublicKeyAlgorithm, ''), 0, nullif(UPN, ''), nullif(DistinguishedName, ''), nullif(CommonName, ''),
    RawCertificate FROM Certificates;
DROP TABLE Certificates;
ALTER TABLE NewCertificates RENAME TO Certificates;

CREATE TABLE NewTraces(RequestID INTEGER PRIMARY KEY, Trace TEXT NOT NULL);
INSERT INTO NewTraces SELECT * FROM Traces;
DROP TABLE Traces;
ALTER TABLE NewTraces RENAME TO Traces;

CREATE TABLE NewCRLs(
  CRLRowId INTEGER PRIMARY KEY, Issuer INTEGER NOT NULL, CRLNumber INTEGER NOT NULL, CRLMinBase INTEGER NOT NULL,
  CRLNameId INTEGER NOT NULL, CRLCount INTEGER NOT NULL, CRLThisUpdate INTEGER NOT NULL, CRLNextUpdate INTEGER NOT NULL,
  CRLThisPublish INTEGER NOT NULL, CRLNextPublish INTEGER NOT NULL, CRLEffective INTEGER,
  CRLPropagationComplete INTEGER, CRLLastPublished INTEGER, CRLPublishAttempts INTEGER NOT NULL,
  CRLPublishFlags INTEGER NOT NULL, CRLPublishStatusCode INTEGER NOT NULL, CRLPublishError TEXT COLLATE NOCASE,
  CRLRawCRL BLOB);
INSERT INTO NewCRLs
  SELECT CRLRowId, CRLNameId, CRLNumber, 0, 0, CRLCount, CRLThisUpdate, CRLNextUpdate, CRLThisPublish, CRLNextPublish,
    NULL, CRLThisPublish, CRLThisPublish, 1, 5, 0, NULL, CRLRawCRL FROM CRLs;
DROP TABLE CRLs;
ALTER TABLE NewCRLs RENAME TO CRLs;
CREATE TABLE Counters(Name TEXT PRIMARY KEY, Value INTEGER NOT NULL) WITHOUT ROWID;

CREATE INDEX RequestsDisposition ON Requests(Disposition);
CREATE INDEX RequestsSubmitted ON Requests(SubmittedWhen);
CREATE INDEX RequestsResolved ON Requests(ResolvedWhen);
CREATE INDEX RequestsRequester ON Requests(RequesterName);
CREATE INDEX RequestsRevoked ON Requests(RevokedWhen) WHERE RevokedReason IS NOT NULL;
CREATE INDEX RequestsRevokedEffective ON Requests(RevokedEffectiveWhen) WHERE RevokedEffectiveWhen IS NOT NULL;
CREATE INDEX CertificatesHash ON Certificates(CertificateHash);
CREATE INDEX CertificatesTemplate ON Certificates(CertificateTemplate);
CREATE INDEX CertificatesEnd ON Certificates(NotAfter);
CREATE INDEX CertificatesUpn ON Certificates(UPN) WHERE UPN IS NOT NULL;
CREATE INDEX CertificatesCommonName ON Certificates(CommonName) WHERE CommonName IS NOT NULL;
CREATE UNIQUE INDEX CRLsNumber ON CRLs(Issuer, CRLNameId, CRLMinBase <> 0, CRLNumber);
)sql";

constexpr std::array<const char*, kDatabaseSchemaVersion> kScripts = {kVersion1, kVersion2};

Result<void> execute(sqlite3* handle, const std::string& sql) {
  if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    return sqlite_fault(handle, "change the schema");
  return {};
}

Result<std::int64_t> single_integer(sqlite3* handle, std::string_view sql) {
  MIMICA_TRY(Statement statement, Statement::prepare(handle, sql));
  if (statement.step() != SQLITE_ROW) return sqlite_fault(handle, "read the schema");
  return statement.integer(0);
}

// Calls `fill(id, blob)` for every row of `table` whose blob is not empty.
template <typename Fill>
Result<void> for_each_blob(sqlite3* handle, const std::string& table, const std::string& column, Fill&& fill) {
  MIMICA_TRY(Statement page, Statement::prepare(handle, "SELECT RequestID, " + column + " FROM " + table +
                                                            " WHERE RequestID > ? ORDER BY RequestID LIMIT 500"));
  std::int64_t last = 0;
  for (bool more = true; more;) {
    more = false;
    page.bind(1, last);
    std::vector<std::pair<std::int64_t, Bytes>> rows;
    while (page.step() == SQLITE_ROW) rows.emplace_back(page.integer(0), page.blob(1));
    page.reset();
    for (const auto& [id, blob] : rows) {
      more = true;
      last = id;
      if (!blob.empty()) MIMICA_RETURN_IF_FAULT(fill(id, blob));
    }
  }
  return {};
}

std::string subject_assignments() {
  std::string out = "RawName=?";
  const SubjectParts parts;
  visit_subject_parts(parts, [&](std::string_view name, const auto&) { out += ", " + std::string(name) + "=?"; });
  return out;
}

Result<void> fill_version_2(sqlite3* handle) {
  MIMICA_TRY(Statement requests,
             Statement::prepare(handle, "UPDATE Requests SET " + subject_assignments() + " WHERE RequestID=?"));
  MIMICA_RETURN_IF_FAULT(
      for_each_blob(handle, "Requests", "RawRequest", [&](std::int64_t id, const Bytes& der) -> Result<void> {
        const auto request = CertificateRequest::parse(der);
        if (!request) return {};  // the row of a request that could not be read
        RequestRow row;
        set_subject(row, request->subject(), request->subject_der());
        ColumnBinder bind(requests);
        bind("RawName", row.RawName);
        visit_subject_parts(std::as_const(row), bind);
        bind("RequestID", id);
        return requests.run() == SQLITE_DONE ? Result<void>() : sqlite_fault(handle, "fill the columns of a request");
      }));
  MIMICA_TRY(Statement certificates,
             Statement::prepare(handle, "UPDATE Certificates SET " + subject_assignments() +
                                            ", RawPublicKeyAlgorithmParameters=?, RawPublicKey=?, "
                                            "PublicKeyAlgorithm=? WHERE RequestID=?"));
  return for_each_blob(
      handle, "Certificates", "RawCertificate", [&](std::int64_t id, const Bytes& der) -> Result<void> {
        const auto certificate = Certificate::parse(der);
        if (!certificate) return {};
        const CertificateRow row = certificate_row(*certificate);
        ColumnBinder bind(certificates);
        bind("RawName", row.RawName);
        visit_subject_parts(row, bind);
        bind("RawPublicKeyAlgorithmParameters", row.RawPublicKeyAlgorithmParameters);
        bind("RawPublicKey", row.RawPublicKey);
        bind("PublicKeyAlgorithm", row.PublicKeyAlgorithm);
        bind("RequestID", id);
        return certificates.run() == SQLITE_DONE ? Result<void>()
                                                 : sqlite_fault(handle, "fill the columns of a certificate");
      });
}

Result<void> run_scripts(sqlite3* handle, int from) {
  for (int version = from + 1; version <= kDatabaseSchemaVersion; ++version) {
    MIMICA_RETURN_IF_FAULT(execute(handle, schema_script(version)));
    if (version == 2) MIMICA_RETURN_IF_FAULT(fill_version_2(handle));
  }
  return execute(handle, "PRAGMA application_id=" + std::to_string(kApplicationId) +
                             "; PRAGMA user_version=" + std::to_string(kDatabaseSchemaVersion) + ";");
}

}  // namespace

const char* schema_script(int version) { return kScripts.at(static_cast<std::size_t>(version - 1)); }

Result<std::int64_t> schema_version(sqlite3* handle) { return single_integer(handle, "PRAGMA user_version"); }

Result<void> check_schema(sqlite3* handle, const std::string& path) {
  MIMICA_TRY(const std::int64_t version, schema_version(handle));
  MIMICA_TRY(const std::int64_t application, single_integer(handle, "PRAGMA application_id"));
  MIMICA_TRY(const std::int64_t tables, single_integer(handle, "SELECT count(*) FROM sqlite_schema"));
  if (tables > 0 && application != kApplicationId)
    return fault(HResult::ERROR_INVALID_DATA, "'" + path + "' is not the database of a CA");
  if (version > kDatabaseSchemaVersion)
    return fault(HResult::ERROR_INVALID_DATA,
                 "'" + path + "' has schema version " + std::to_string(version) + "; this program knows " +
                     std::to_string(kDatabaseSchemaVersion),
                 {}, "use a newer version of the program");
  return {};
}

Result<void> check_integrity(sqlite3* handle, const std::string& path) {
  MIMICA_TRY(Statement check, Statement::prepare(handle, "PRAGMA integrity_check(1)"));
  const int code = check.step();
  const std::string finding = code == SQLITE_ROW ? check.text(0) : sqlite3_errmsg(handle);
  if (finding == "ok") return {};
  return fault(HResult::ERROR_INVALID_DATA, "the database '" + path + "' is damaged: " + finding, {},
               "restore a backup: certutil -restoreDB");
}

Result<void> migrate_schema(sqlite3* handle, const std::string& path) {
  MIMICA_RETURN_IF_FAULT(check_schema(handle, path));
  MIMICA_RETURN_IF_FAULT(execute(handle, "BEGIN IMMEDIATE"));
  // Read again: another process may have been quicker.
  MIMICA_TRY(const std::int64_t version, schema_version(handle));
  Result<void> done;
  if (version < kDatabaseSchemaVersion) done = run_scripts(handle, static_cast<int>(version));
  if (done) done = execute(handle, "COMMIT");
  if (!done) (void)execute(handle, "ROLLBACK");
  return done;
}

}  // namespace mimica::ca
