// A large database: pages of views, look-ups, a revocation, a large CRL, and the memory that they take.
//
//   MIMICA_BENCH_LARGE=1 ca_bench --benchmark_filter=large      (1,000,000 rows; otherwise 100,000)
//
// One row of ten is revoked. peak_MiB: how far the resident set rose above what it was before the benchmark.
#include <benchmark/benchmark.h>
#include <malloc.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "ca/testing/test_lab.h"
#include "ca/views/view.h"

namespace mimica::ca {
namespace {

std::int64_t row_count() { return std::getenv("MIMICA_BENCH_LARGE") != nullptr ? 1'000'000 : 100'000; }

void execute(sqlite3* handle, const std::string& sql) {
  if (sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::runtime_error(sqlite3_errmsg(handle));
}

// Rows as a CA leaves them: 1000 requesters, ten a minute, a tenth denied, sizes of RSA-2048 requests.
void fill(const std::string& path, std::int64_t rows) {
  sqlite3* handle = nullptr;
  sqlite3_open(path.c_str(), &handle);
  execute(handle, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000; BEGIN");
  const std::string numbers =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<" + std::to_string(rows) + ") ";
  execute(handle,
          numbers +
              "INSERT INTO Requests(RequestID, RequestType, RequestFlags, StatusCode, Disposition, DispositionMessage, "
              "SubmittedWhen, ResolvedWhen, RevokedWhen, RevokedEffectiveWhen, RevokedReason, RequesterName, "
              "CallerName, RequestAttributes, RawRequest) SELECT i, 262400, 4, 0, CASE i%10 WHEN 0 THEN 21 WHEN 1 THEN "
              "31 ELSE 20 END, 'Issued', 1700000000+i*6, 1700000000+i*6, iif(i%10=0, 1730000000+i, NULL), iif(i%10=0, "
              "1730000000+i, NULL), iif(i%10=0, i%6, NULL), 'CONTOSO\\u'||(i%1000), 'CONTOSO\\u'||(i%1000), "
              "'CertificateTemplate:User', randomblob(700) FROM n");
  execute(
      handle,
      numbers +
          "INSERT INTO Certificates(RequestID, CertificateHash, CertificateTemplate, EnrollmentFlags, GeneralFlags, "
          "PrivatekeyFlags, SerialNumber, IssuerNameID, NotBefore, NotAfter, SubjectKeyIdentifier, PublicKeyLength, "
          "PublicKeyAlgorithm, PublishExpiredCertInCRL, UPN, DistinguishedName, CommonName, RawPublicKey, "
          "RawCertificate) SELECT i, lower(hex(randomblob(20))), 'User', 41, 66106, 16, "
          "printf('61%08x%s0000%08x', i, lower(hex(randomblob(8))), i), 0, 1700000000+i*6, 2000000000+i*6, "
          "lower(hex(randomblob(20))), 2048, '1.2.840.113549.1.1.1', 0, 'u'||(i%1000)||'@contoso.com', "
          "'CN=u'||(i%1000), 'u'||(i%1000), randomblob(270), randomblob(900) FROM n WHERE i%10<>1");
  execute(handle, numbers + "INSERT INTO Traces SELECT i, hex(randomblob(200)) FROM n");
  execute(handle, "COMMIT");
  sqlite3_close(handle);
}

std::int64_t status_kib(const std::string& field) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(field + ":")) return std::atoll(line.c_str() + field.size() + 1);
  return 0;
}

class Memory {
 public:
  Memory() {
    ::malloc_trim(0);
    std::ofstream("/proc/self/clear_refs") << "5";  // resets the peak
    before_ = status_kib("VmRSS");
  }
  void report(benchmark::State& state) const {
    state.counters["peak_MiB"] =
        benchmark::Counter(static_cast<double>(status_kib("VmHWM") - before_) / 1024, benchmark::Counter::kAvgThreads);
    state.counters["rows"] = benchmark::Counter(static_cast<double>(row_count()), benchmark::Counter::kAvgThreads);
  }

 private:
  std::int64_t before_;
};

// Made once, removed at the end of the process.
struct LargeLab {
  std::filesystem::path folder;
  TestLab lab;
  std::unique_ptr<Database> database;
  std::unique_ptr<CertificationAuthority> ca;

  LargeLab() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mimica-bench-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    const std::string path = (folder / "ca.db").string();
    must(open_database(path));
    fill(path, row_count());
    lab.start();
    database = must(open_database(path));
    CaEnvironment environment = lab.environment();
    environment.database = database.get();
    ca = must(CertificationAuthority::open(lab.config, lab.options, lab.ca->identity(), environment));
  }
  ~LargeLab() {
    ca.reset();
    database.reset();
    std::filesystem::remove_all(folder);
  }
  static LargeLab& instance() {
    static LargeLab lab;
    return lab;
  }
};

// A page of 100 rows with the columns of the Log view but the certificate itself.
constexpr const char* kColumns =
    "RequestID,RequesterName,SerialNumber,NotBefore,NotAfter,CertificateTemplate,CommonName";

void page(benchmark::State& state, const std::string& restriction, bool deep) {
  LargeLab& large = LargeLab::instance();
  const ViewQuery query = must(parse_view({ViewName::all, restriction, kColumns}, Timestamp{1732089600}));
  std::optional<ViewCursor> start;
  if (deep) {  // as if one had leafed through nine tenths
    start.emplace();
    start->row_id = row_count() / 10 * 9;
  }
  const Memory memory;
  std::size_t rows = 0;
  for (auto _ : state) {
    const ViewPage found = must(large.database->select(query, start, 100));
    rows = found.rows.size();
    std::string text;
    ViewPrinter printer(query, {});
    for (const ViewRow& row : found.rows) text += printer.row(row);
    benchmark::DoNotOptimize(text);
  }
  if (rows == 0) state.SkipWithError("no rows");
  memory.report(state);
}
BENCHMARK_CAPTURE(page, large_all, "", false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_all_deep, "", true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_requester, "RequesterName=contoso\\u77", false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_requester_and_disposition, "RequesterName=contoso\\u77,Disposition=20", false)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_disposition, "Disposition=21", false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_disposition_deep, "Disposition=21", true)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_date_sorted, "-SubmittedWhen", false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_end_sorted, "+NotAfter>now,Disposition=20", false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_date_unsorted, "SubmittedWhen>11/20/2023", false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page, large_by_end_unsorted, "NotAfter<6/1/2033", false)->Unit(benchmark::kMillisecond);

std::string serial_of(Database& database, std::int64_t id) {
  return must(database.by_request_id(id))->certificate->SerialNumber;
}

void look_up_by_serial(benchmark::State& state) {
  LargeLab& large = LargeLab::instance();
  std::vector<std::string> serials;
  for (std::int64_t i = 0; i < 500; ++i)
    serials.push_back(serial_of(*large.database, row_count() / 1000 * i * 2 / 10 * 10 + 2));
  const Memory memory;
  std::size_t next = 0;
  for (auto _ : state) benchmark::DoNotOptimize(must(large.database->by_serial(serials[next++ % serials.size()])));
  memory.report(state);
}
BENCHMARK(look_up_by_serial)->Name("look_up_by_serial/large")->Unit(benchmark::kMicrosecond);

// On disk, with the synchronous commit.
void revoke(benchmark::State& state) {
  LargeLab& large = LargeLab::instance();
  std::vector<std::string> serials;
  for (std::int64_t i = 0; i < 300; ++i) serials.push_back(serial_of(*large.database, i * 10 + 3));
  const Memory memory;
  std::size_t next = 0;
  for (auto _ : state)
    if (!must(large.ca->revoke(serials[next++ % serials.size()], 4, ""))) state.SkipWithError("not revoked");
  memory.report(state);
}
BENCHMARK(revoke)->Name("revoke/large")->Unit(benchmark::kMillisecond);

void publish_crl(benchmark::State& state) {
  LargeLab& large = LargeLab::instance();
  const Memory memory;
  std::int64_t entries = 0;
  for (auto _ : state) entries = must(large.ca->publish_crl("")).granted->CRLCount;
  memory.report(state);
  state.counters["entries"] = benchmark::Counter(static_cast<double>(entries), benchmark::Counter::kAvgThreads);
}
BENCHMARK(publish_crl)->Name("publish_crl/large")->Unit(benchmark::kMillisecond)->Iterations(5);

}  // namespace
}  // namespace mimica::ca
