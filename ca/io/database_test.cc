#include "ca/io/database.h"

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

#include "ca/test_lab.h"

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

TEST(Database, ListsRevokedCertificatesAndLists) {
  const auto database = must(open_database(""));
  RequestRecord revoked = record(1, DbDisposition::revoked);
  revoked.request.RevokedEffectiveWhen = Timestamp{2500};
  revoked.request.RevokedReason = 4;
  must(database->store(revoked));
  must(database->store(record(2, DbDisposition::issued)));
  const auto rows = must(database->revoked({0}));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].RevokedReason, 4);
  EXPECT_TRUE(must(database->revoked({9999})).empty());

  EXPECT_FALSE(must(database->latest_crl(0)));
  CrlRow crl;
  for (crl.CRLNumber = 1; crl.CRLNumber <= 3; ++crl.CRLNumber) {
    crl.CRLRawCRL = {static_cast<std::uint8_t>(crl.CRLNumber)};
    must(database->store_crl(crl));
  }
  EXPECT_EQ(must(database->latest_crl(0))->CRLRawCRL, Bytes{3});
  EXPECT_FALSE(must(database->latest_crl(1)));
  crl.CRLNumber = 3;
  EXPECT_FALSE(database->store_crl(crl));
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
