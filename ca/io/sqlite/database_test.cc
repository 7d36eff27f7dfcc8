#include "ca/io/sqlite/database.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <set>
#include <thread>

#include "ca/io/sqlite/database_schema.h"
#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mimica-db-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

RequestRecord record(std::int64_t id, DbDisposition disposition, const std::string& requester = "CONTOSO\\jane") {
  RequestRecord out;
  out.request.RequestID = id;
  out.request.RawRequest = {1, 2, 3};
  out.request.RequestAttributes = "CertificateTemplate:User\nrmd:pc";
  out.request.Disposition = disposition;
  out.request.SubmittedWhen = {1000 + id};
  out.request.RequesterName = requester;
  out.request.DistinguishedName = "CN=x";
  out.attributes = {{"CertificateTemplate", "User"}, {"rmd", "pc"}};
  out.extensions = {{oids::kKeyUsage, 0x20001, {3, 2, 5, 0xA0}}, {oids::kSidExtension, 0x20000, {}}};
  out.trace_json = "[]";
  if (disposition == DbDisposition::issued || disposition == DbDisposition::revoked) {
    CertificateRow& certificate = out.certificate.emplace();
    certificate.RawCertificate = {9, 9};
    certificate.SerialNumber = "61" + std::to_string(id);
    certificate.CertificateHash = "ab0" + std::to_string(id);
    certificate.CertificateTemplate = "User";
    certificate.NotBefore = {2000};
    certificate.NotAfter = {3000 + id};
    certificate.UPN = "jane@contoso.com";
    certificate.PublicKeyLength = 2048;
  }
  return out;
}

TEST(Database, KeepsWholeRecords) {
  const auto database = must(open_database(""));
  EXPECT_EQ(must(database->next_request_id()), 1);
  RequestRecord in = record(1, DbDisposition::issued);
  in.request.ResolvedWhen = Timestamp{5};
  in.request.StatusCode = 0x80094012U;
  must(database->store(in));
  const auto out = must(database->by_request_id(1));
  ASSERT_TRUE(out && out->certificate);
  EXPECT_EQ(out->request.RawRequest, in.request.RawRequest);
  EXPECT_EQ(out->request.StatusCode, 0x80094012U);
  EXPECT_EQ(out->request.ResolvedWhen, in.request.ResolvedWhen);
  EXPECT_FALSE(out->request.RevokedWhen);
  EXPECT_EQ(out->attributes, in.attributes);
  ASSERT_EQ(out->extensions.size(), 2U);
  EXPECT_EQ(out->extensions[0].oid, oids::kKeyUsage);
  EXPECT_EQ(out->extensions[0].value, in.extensions[0].value);
  EXPECT_EQ(out->certificate->RawCertificate, in.certificate->RawCertificate);
  EXPECT_EQ(out->certificate->NotAfter, in.certificate->NotAfter);
  EXPECT_EQ(must(database->by_serial("611"))->request.RequestID, 1);
  EXPECT_EQ(must(database->by_certificate_hash("AB 01"))->request.RequestID, 1);
  EXPECT_FALSE(must(database->by_certificate_hash("ab02")));
  EXPECT_FALSE(must(database->by_serial("612")));
  EXPECT_FALSE(must(database->by_request_id(2)));
}

TEST(Database, ReplacesARowAsAWhole) {
  const auto database = must(open_database(""));
  must(database->store(record(1, DbDisposition::pending)));
  RequestRecord issued = record(1, DbDisposition::issued);
  issued.attributes.pop_back();
  must(database->store(issued));
  const auto out = must(database->by_request_id(1));
  EXPECT_EQ(out->request.Disposition, DbDisposition::issued);
  EXPECT_EQ(out->attributes.size(), 1U);
  EXPECT_EQ(must(database->count(DbDisposition::pending)), 0);
  EXPECT_EQ(must(database->count(DbDisposition::issued)), 1);
}

TEST(Database, RefusesASecondRowWithTheSameSerial) {
  const auto database = must(open_database(""));
  must(database->store(record(1, DbDisposition::issued)));
  RequestRecord twin = record(2, DbDisposition::issued);
  twin.certificate->SerialNumber = "611";
  EXPECT_FALSE(database->store(twin));
  EXPECT_FALSE(must(database->by_request_id(2)));
  must(database->store(record(3, DbDisposition::issued)));  // the connection is usable afterwards
}

TEST(Database, ViewsFilterAndPage) {
  const auto database = must(open_database(""));
  for (std::int64_t id = 1; id <= 6; ++id)
    must(database->store(record(id, id % 2 == 0 ? DbDisposition::issued : DbDisposition::denied,
                                id < 4 ? "CONTOSO\\jane" : "CONTOSO\\oskar")));
  Database::View view;
  view.disposition = DbDisposition::issued;
  EXPECT_EQ(must(database->view(view)).size(), 3U);
  view.requester = "contoso\\OSKAR";
  EXPECT_EQ(must(database->view(view)).size(), 2U);
  view = {};
  view.template_column = "user";
  EXPECT_EQ(must(database->view(view)).size(), 3U);
  view = {};
  view.limit = 4;
  const auto first = must(database->view(view));
  ASSERT_EQ(first.size(), 4U);
  view.after_request_id = first.back().request.RequestID;
  EXPECT_EQ(must(database->view(view)).size(), 2U);
}

RequestRecord revoked_record(std::int64_t id, std::int64_t when, int reason, int key_index = 0) {
  RequestRecord out = record(id, reason == -1 ? DbDisposition::issued : DbDisposition::revoked);
  out.request.RevokedWhen = Timestamp{when};
  out.request.RevokedEffectiveWhen = Timestamp{when - 5};
  out.request.RevokedReason = reason;
  if (!out.certificate) out.certificate.emplace();
  out.certificate->IssuerNameID = key_index << 16 | 3;
  return out;
}

std::vector<RevokedRow> revoked(Database& database, const RevokedQuery& query) {
  std::vector<RevokedRow> rows;
  must(database.for_each_revoked(query, [&](const RevokedRow& row) { rows.push_back(row); }));
  return rows;
}

std::vector<std::int64_t> ids(const std::vector<RevokedRow>& rows) {
  std::vector<std::int64_t> out;
  for (const RevokedRow& row : rows) out.push_back(row.RequestID);
  return out;
}

TEST(Database, ListsRevokedCertificatesByKeyEndAndChange) {
  const auto database = must(open_database(""));
  must(database->store(record(1, DbDisposition::issued)));
  must(database->store(revoked_record(2, 1000, 4)));
  must(database->store(revoked_record(3, 2000, 6)));
  must(database->store(revoked_record(4, 3000, -1)));
  must(database->store(revoked_record(5, 3000, 1, 1)));
  RequestRecord expired = revoked_record(6, 1000, 0);
  expired.certificate->NotAfter = {10};
  expired.certificate->PublishExpiredCertInCRL = true;
  must(database->store(expired));

  using Ids = std::vector<std::int64_t>;
  EXPECT_EQ(ids(revoked(*database, {})), (Ids{2, 3, 5, 6}));
  EXPECT_EQ(ids(revoked(*database, {.key_index = 0})), (Ids{2, 3, 6}));
  EXPECT_EQ(ids(revoked(*database, {.key_index = 1})), (Ids{5}));
  EXPECT_EQ(ids(revoked(*database, {.not_after = Timestamp{3003}})), (Ids{3, 5, 6}));
  EXPECT_EQ(ids(revoked(*database, {.changed_since = Timestamp{2000}})), (Ids{3, 4, 5}));
  EXPECT_EQ(ids(revoked(*database, {.key_index = 0, .changed_since = Timestamp{2001}})), (Ids{4}));

  const RevokedRow row = revoked(*database, {.key_index = 1}).front();
  EXPECT_EQ(row.SerialNumber, "615");
  EXPECT_EQ(row.IssuerNameID, 0x10003);
  EXPECT_EQ(row.RevokedWhen, Timestamp{3000});
  EXPECT_EQ(row.RevokedEffectiveWhen, Timestamp{2995});
  EXPECT_EQ(row.RevokedReason, 1);
  EXPECT_FALSE(row.PublishExpiredCertInCRL);
  EXPECT_TRUE(revoked(*database, {.changed_since = Timestamp{2500}}).front().released());
}

CrlRow crl_row(std::int64_t number, std::int64_t min_base = 0, int key_index = 0, CrlIssuer issuer = CrlIssuer::ca) {
  CrlRow row;
  row.issuer = issuer;
  row.CRLNumber = number;
  row.CRLMinBase = min_base;
  row.CRLNameId = key_index;
  row.CRLThisPublish = {number * 100};
  row.CRLRawCRL = {static_cast<std::uint8_t>(number)};
  return row;
}

TEST(Database, KeepsCrlsByKeyKindAndIssuer) {
  const auto database = must(open_database(""));
  EXPECT_FALSE(must(database->latest_crl(0)));
  EXPECT_EQ(must(database->highest_crl_number()), 0);
  for (std::int64_t number = 1; number <= 3; ++number)
    must(database->store_crls(std::vector{crl_row(number), crl_row(number, 1), crl_row(number, 0, 1)}));
  must(database->store_crls(std::vector{crl_row(9, 0, 0, CrlIssuer::offline_root)}));
  EXPECT_EQ(must(database->latest_crl(0))->CRLRawCRL, Bytes{3});
  EXPECT_EQ(must(database->latest_crl(0))->kind(), CrlKind::base);
  EXPECT_EQ(must(database->latest_crl(0, CrlKind::delta))->CRLMinBase, 1);
  EXPECT_EQ(must(database->latest_crl(1))->CRLNumber, 3);
  EXPECT_FALSE(must(database->latest_crl(1, CrlKind::delta)));
  EXPECT_EQ(must(database->latest_crl(0, CrlKind::base, CrlIssuer::offline_root))->CRLNumber, 9);
  EXPECT_EQ(must(database->highest_crl_number()), 3);
  EXPECT_EQ(must(database->highest_crl_number(CrlIssuer::offline_root)), 9);
  // The publication with a number that is taken leaves nothing behind.
  EXPECT_FALSE(database->store_crls(std::vector{crl_row(4), crl_row(3)}));
  EXPECT_EQ(must(database->highest_crl_number()), 3);
}

TEST(Database, RecordsThePublicationOfACrl) {
  const auto database = must(open_database(""));
  const auto row_ids = must(database->store_crls(std::vector{crl_row(1), crl_row(2)}));
  ASSERT_EQ(row_ids.size(), 2U);
  EXPECT_FALSE(must(database->propagated_base_crl(0, {9999})));
  CrlRow row = *must(database->latest_crl(0));
  EXPECT_EQ(row.CRLRowId, row_ids[1]);
  row.CRLLastPublished = Timestamp{300};
  row.CRLPropagationComplete = Timestamp{400};
  row.CRLPublishAttempts = 2;
  row.CRLPublishFlags = 0x105;
  row.CRLPublishStatusCode = 0x80070005U;
  row.CRLPublishError = "ldap:///";
  must(database->update_crl(row));
  const CrlRow out = *must(database->latest_crl(0));
  EXPECT_EQ(out.CRLPublishAttempts, 2);
  EXPECT_EQ(out.CRLPublishFlags, 0x105U);
  EXPECT_EQ(out.CRLPublishStatusCode, 0x80070005U);
  EXPECT_EQ(out.CRLPublishError, "ldap:///");
  EXPECT_EQ(must(database->propagated_base_crl(0, {400}))->CRLNumber, 2);
  EXPECT_FALSE(must(database->propagated_base_crl(0, {399})));
  row.CRLRowId = 77;
  EXPECT_FALSE(database->update_crl(row));
}

TEST(Database, ContinuesAfterReopening) {
  const Folder folder;
  const std::string path = folder.file("ca.db");
  {
    const auto database = must(open_database(path));
    must(database->store(record(must(database->next_request_id()), DbDisposition::issued)));
  }
  const auto database = must(open_database(path));
  EXPECT_TRUE(must(database->by_request_id(1)));
  EXPECT_EQ(must(database->next_request_id()), 2);
}

TEST(Database, RefusesForeignAndNewerFiles) {
  const Folder folder;
  const auto run = [](const std::string& path, const char* sql) {
    sqlite3* handle = nullptr;
    sqlite3_open(path.c_str(), &handle);
    EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(handle);
  };
  const std::string foreign = folder.file("foreign.db");
  run(foreign, "CREATE TABLE t(x)");
  const auto refused = open_database(foreign);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code{HResult::ERROR_INVALID_DATA});
  const std::string newer = folder.file("newer.db");
  must(open_database(newer));
  run(newer, "PRAGMA user_version=99");
  EXPECT_FALSE(open_database(newer));
  EXPECT_FALSE(open_database(folder.file("no/such/folder/ca.db")));
}

void run_sql(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  sqlite3_open(path.c_str(), &handle);
  EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

TEST(Database, MigratesVersion1) {
  const Folder folder;
  const std::string path = folder.file("ca.db");
  TestLab lab;
  lab.start();
  lab.add_user("jane", "jane@contoso.com");
  const Bytes request = request_der(fixed_key("rsa-2048"), "CN=wish,OU=A,OU=B,O=Contoso");
  const Bytes certificate = must(lab.ca->submit({"jane", request, "CertificateTemplate:User"})).certificate;
  const Certificate parsed = must(Certificate::parse(certificate));
  run_sql(path, schema_script(1));
  run_sql(path, "PRAGMA application_id=0x4D696D69; PRAGMA user_version=1;");
  run_sql(
      path,
      "INSERT INTO Requests VALUES(7, X'" + to_hex(request) +
          "', 'a:b', 262400, 4, 0, 21, 'Revoked by X', 1000, 1001, 1002, 1003, 5, 'CONTOSO\\jane', 'CONTOSO\\jane', "
          "'CN=wish')");
  run_sql(path, "INSERT INTO Certificates VALUES(7, X'" + to_hex(certificate) + "', '" + to_hex(parsed.thumbprint()) +
                    "', 'User', 41, 66106, 16, '" + parsed.serial_hex() +
                    "', 2000, 3000, 'ab', 2048, 'RSA', 'jane@contoso.com', 'CN=jane', 'jane')");
  run_sql(path,
          "INSERT INTO Attributes VALUES(7, 0, 'a', 'b'); INSERT INTO Extensions VALUES(7, 0, '2.5.29.15', 1, X'0302');"
          "INSERT INTO Traces VALUES(7, '[]'); INSERT INTO Requests VALUES(8, X'00', '', 262400, 4, 2148073492, 30, "
          "'Error Parsing Request', 1005, 1005, NULL, NULL, NULL, 'CONTOSO\\jane', 'CONTOSO\\jane', '');"
          "INSERT INTO CRLs VALUES(1, 12, 0, 1, 10, 20, 30, 40, X'01'), (2, 3, 1, 0, 11, 21, 31, 41, X'02');");

  EXPECT_FALSE(open_database_for_reading(path));
  const auto database = must(open_database(path));
  const auto out = must(database->by_request_id(7));
  ASSERT_TRUE(out && out->certificate);
  EXPECT_EQ(out->request.RawRequest, request);
  EXPECT_EQ(out->request.RequestAttributes, "a:b");
  EXPECT_EQ(out->request.RequestType, 262400);
  EXPECT_EQ(out->request.Disposition, DbDisposition::revoked);
  EXPECT_EQ(out->request.SubmittedWhen, Timestamp{1000});
  EXPECT_EQ(out->request.RevokedWhen, Timestamp{1002});
  EXPECT_EQ(out->request.RevokedReason, 5);
  EXPECT_EQ(out->request.CommonName, "wish");
  EXPECT_EQ(out->request.OrgUnit, "B\nA");
  EXPECT_EQ(out->request.Organization, "Contoso");
  EXPECT_FALSE(out->request.RawName.empty());
  EXPECT_EQ(out->certificate->RawCertificate, certificate);
  EXPECT_EQ(out->certificate->GeneralFlags, 66106U);
  EXPECT_EQ(out->certificate->NotAfter, Timestamp{3000});
  EXPECT_EQ(out->certificate->UPN, "jane@contoso.com");
  EXPECT_EQ(out->certificate->CommonName, parsed.subject().last(oids::kCommonName));
  EXPECT_EQ(out->certificate->RawName, to_bytes(parsed.subject_der()));
  EXPECT_EQ(out->certificate->PublicKeyAlgorithm, "1.2.840.113549.1.1.1");
  EXPECT_FALSE(out->certificate->RawPublicKey.empty());
  ASSERT_EQ(out->attributes.size(), 1U);
  ASSERT_EQ(out->extensions.size(), 1U);
  EXPECT_EQ(out->trace_json, "[]");
  EXPECT_EQ(must(database->by_serial(parsed.serial_hex()))->request.RequestID, 7);
  EXPECT_EQ(must(database->by_request_id(8))->request.Disposition, DbDisposition::error);
  EXPECT_EQ(must(database->latest_crl(0))->CRLNumber, 12);
  EXPECT_EQ(must(database->latest_crl(0, CrlKind::base, CrlIssuer::offline_root))->CRLRawCRL, Bytes{2});
  EXPECT_EQ(must(database->highest_crl_number()), 12);
  EXPECT_EQ(must(database->next_request_id()), 9);
  must(open_database(path));  // a second time there is nothing to do
}

TEST(Database, LeavesAVersion1FileThatCannotBeMigratedAsItWas) {
  const Folder folder;
  const std::string path = folder.file("ca.db");
  run_sql(path, schema_script(1));
  run_sql(path, "PRAGMA application_id=0x4D696D69; PRAGMA user_version=1; CREATE TABLE NewCRLs(x)");
  EXPECT_FALSE(open_database(path));
  run_sql(path, "SELECT CRLNameId, CRLRawCRL FROM CRLs; SELECT RawRequest FROM Requests; DROP TABLE NewCRLs");
  must(open_database(path));
}

TEST(Database, IsWriteAheadLoggedAndSynchronous) {
  const Folder folder;
  const std::string path = folder.file("ca.db");
  const auto database = must(open_database(path));
  must(database->store(record(1, DbDisposition::denied)));
  EXPECT_TRUE(std::filesystem::exists(path + "-wal"));
}

TEST(Database, ConcurrentWritersShareCommits) {
  const Folder folder;
  std::atomic<int> commits = 0;
  const auto database = must(open_database(folder.file("ca.db"), [&](std::string_view point) {
    if (point == "committed") ++commits;
  }));
  constexpr int kThreads = 8;
  constexpr int kEach = 25;
  std::vector<std::thread> threads;
  std::atomic<int> failures = 0;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < kEach; ++n)
        if (!database->store(record(*database->next_request_id(), DbDisposition::issued))) ++failures;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(must(database->count(DbDisposition::issued)), kThreads * kEach);
  EXPECT_LE(commits, kThreads * kEach);
}

// A CA process is killed at a point of its database's work while it hands certificates out through a pipe. Whatever
// came out must be in the database that is opened afterwards.
class CrashTest : public testing::TestWithParam<std::tuple<const char*, int>> {};

TEST_P(CrashTest, NoCertificateWithoutItsRow) {
  const Folder folder;
  const std::string path = folder.file("ca.db");
  const std::string point = std::get<0>(GetParam());
  const int survive = std::get<1>(GetParam());
  int out[2];
  ASSERT_EQ(::pipe(out), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(out[0]);
    try {
      TestLab lab;
      bool armed = false;
      int seen = 0;
      lab.database = must(open_database(path, [&](std::string_view reached) {
        if (armed && reached == point && ++seen > survive) ::raise(SIGKILL);
      }));
      lab.start();
      lab.add_user("jane", "jane@contoso.com");
      armed = true;
      const Bytes request = request_der(fixed_key("rsa-2048"));
      for (int i = 0; i < 5; ++i) {
        const SubmitOutcome outcome = must(lab.ca->submit({"jane", request, "CertificateTemplate:User"}));
        const auto size = static_cast<std::uint32_t>(outcome.certificate.size());
        if (::write(out[1], &size, sizeof size) != sizeof size) ::_exit(3);
        if (::write(out[1], outcome.certificate.data(), size) != static_cast<ssize_t>(size)) ::_exit(3);
      }
    } catch (...) {
      ::_exit(2);
    }
    ::_exit(0);
  }
  ::close(out[1]);
  std::string handed_out;
  char buffer[4096];
  for (ssize_t count = 0; (count = ::read(out[0], buffer, sizeof buffer)) > 0;)
    handed_out.append(buffer, static_cast<std::size_t>(count));
  ::close(out[0]);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;

  std::vector<Certificate> certificates;
  for (std::size_t at = 0; at + 4 <= handed_out.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, handed_out.data() + at, 4);
    at += 4;
    if (at + size > handed_out.size()) break;
    certificates.push_back(must(Certificate::parse(as_bytes(std::string_view(handed_out).substr(at, size)))));
    at += size;
  }
  EXPECT_EQ(certificates.size(), static_cast<std::size_t>(survive));
  const auto database = must(open_database(path));
  std::set<std::int64_t> ids;
  for (const Certificate& certificate : certificates) {
    const auto row = must(database->by_serial(certificate.serial_hex()));
    ASSERT_TRUE(row && row->certificate) << "the database does not know " << certificate.serial_hex();
    EXPECT_EQ(row->certificate->RawCertificate, certificate.der());
    ids.insert(row->request.RequestID);
  }
  // After the commit, but before the answer, the row is there although nobody has the certificate.
  const std::int64_t expected = survive + (point == "committed" ? 1 : 0);
  EXPECT_EQ(must(database->count(DbDisposition::issued)), expected);
  EXPECT_FALSE(ids.contains(must(database->next_request_id())));
}

INSTANTIATE_TEST_SUITE_P(Points, CrashTest,
                         testing::Combine(testing::Values("begin", "written", "committed"), testing::Values(0, 1, 3)),
                         [](const auto& parameters) {
                           return std::string(std::get<0>(parameters.param)) + "_after_" +
                                  std::to_string(std::get<1>(parameters.param));
                         });

}  // namespace
}  // namespace mimica::ca
