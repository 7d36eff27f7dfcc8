// Issuance in process as a ratio to raw signing with the same key, measured in the same run.
//
//   ca_bench --benchmark_counters_tabular=true
//
// of_raw: certificates per second of one thread divided by signatures per second of one thread.
#include <benchmark/benchmark.h>

#include <chrono>
#include <filesystem>
#include <map>

#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Signatures a second of one thread over a to-be-signed size that certificates have; measured once for each key.
double raw_rate(const PrivateKey& key) {
  static std::map<std::string, double> rates;
  double& rate = rates[to_string(key.spec())];
  if (rate > 0) return rate;
  const Bytes data(1200, 0x5A);
  int count = 0;
  const auto start = SteadyClock::now();
  double seconds = 0;
  do {
    for (int i = 0; i < 50; ++i, ++count) benchmark::DoNotOptimize(key.sign(Digest::sha256, data));
    seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  } while (seconds < 1.0);
  return rate = count / seconds;
}

struct BenchLab {
  std::filesystem::path folder;
  std::unique_ptr<TestLab> lab;
  Bytes request;
  std::string attributes;

  BenchLab(const KeySpec& ca_key, const std::string& subject_key, bool on_disk, bool supplied) {
    std::string path;
    if (on_disk) {
      std::string pattern = (std::filesystem::temp_directory_path() / "mimica-bench-XXXXXX").string();
      folder = ::mkdtemp(pattern.data());
      path = (folder / "ca.db").string();
    }
    lab = std::make_unique<TestLab>(CaType::enterprise_sub, path);
    lab->options.key = ca_key;
    lab->start();
    lab->add_computer("CONNECTOR01");
    templates::CertificateTemplate value = lab->add_intune_template("Bench", "CONNECTOR01$");
    value.minimal_key_size = 256;
    if (!supplied) {
      value.name_flags = templates::FlagSet<templates::NameFlag>{templates::NameFlag::subject_require_dns_as_cn,
                                                                 templates::NameFlag::subject_alt_require_dns};
    }
    lab->write_template(value);
    GeneralName upn = upn_name("jane@contoso.com");
    request = request_der(
        fixed_key(subject_key), "CN=jane,OU=Users,O=Contoso",
        {san_extension({upn}), {oids::kSidExtension, false, ext::sid(lab->dsa->domain_sid().with_rid(1104))}});
    attributes = "CertificateTemplate:Bench";
  }
  ~BenchLab() {
    lab.reset();
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }
};

void issue(benchmark::State& state, const KeySpec& ca_key, const std::string& subject_key, bool on_disk) {
  static std::unique_ptr<BenchLab> bench;
  if (state.thread_index() == 0) bench = std::make_unique<BenchLab>(ca_key, subject_key, on_disk, true);
  std::int64_t issued = 0;
  for (auto _ : state) {
    const auto outcome = bench->lab->ca->submit({"CONTOSO\\CONNECTOR01$", bench->request, bench->attributes});
    if (!outcome || outcome->disposition != Disposition::issued) {
      state.SkipWithError("not issued");
      break;
    }
    ++issued;
  }
  state.SetItemsProcessed(issued);
  if (state.thread_index() == 0) {
    const double raw = raw_rate(bench->lab->ca->identity().key);
    state.counters["of_raw"] = benchmark::Counter(
        static_cast<double>(issued) * state.threads() / (raw * state.threads()), benchmark::Counter::kIsRate);
    state.counters["raw_per_s"] = benchmark::Counter(raw, benchmark::Counter::kAvgThreads);
    bench.reset();
  }
}

const KeySpec kRsa = {KeyKind::rsa, 2048};
const KeySpec kEc = {KeyKind::ec, 256};

BENCHMARK_CAPTURE(issue, rsa_ca_rsa_request_memory, kRsa, "rsa-2048", false)->UseRealTime();
BENCHMARK_CAPTURE(issue, rsa_ca_p256_request_memory, kRsa, "p-256", false)->UseRealTime();
BENCHMARK_CAPTURE(issue, rsa_ca_rsa_request_disk, kRsa, "rsa-2048", true)->UseRealTime()->Threads(1)->Threads(8);
BENCHMARK_CAPTURE(issue, p256_ca_rsa_request_memory, kEc, "rsa-2048", false)->UseRealTime();
BENCHMARK_CAPTURE(issue, p256_ca_p256_request_memory, kEc, "p-256", false)->UseRealTime();
BENCHMARK_CAPTURE(issue, p256_ca_p256_request_disk, kEc, "p-256", true)->UseRealTime()->Threads(1)->Threads(8);

void raw_sign(benchmark::State& state, const std::string& name) {
  const PrivateKey key = fixed_key(name);
  const Bytes data(1200, 0x5A);
  for (auto _ : state) benchmark::DoNotOptimize(key.sign(Digest::sha256, data));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(raw_sign, rsa_2048, "rsa-2048");
BENCHMARK_CAPTURE(raw_sign, p_256, "p-256");

void parse(benchmark::State& state) {
  const BenchLab bench(kEc, "p-256", false, true);
  for (auto _ : state) benchmark::DoNotOptimize(read_request(bench.request, bench.attributes));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(parse);

void database_store(benchmark::State& state, bool) {
  const auto database = must(open_database(""));
  const BenchLab bench(kEc, "p-256", false, true);
  const auto outcome = must(bench.lab->ca->submit({"CONTOSO\\CONNECTOR01$", bench.request, bench.attributes}));
  RequestRecord record = *must(bench.lab->database->by_request_id(*outcome.request_id));
  for (auto _ : state) {
    record.request.RequestID = must(database->next_request_id());
    record.certificate->SerialNumber = std::to_string(record.request.RequestID);
    must(database->store(record));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(database_store, memory, false);

}  // namespace
}  // namespace mimica::ca
