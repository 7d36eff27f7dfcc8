// How long a lab takes to start, how much memory it needs, and how fast the whole flow runs.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <fstream>
#include <string>

#include "harness/lab/lab.h"

namespace {

using mimica::harness::Lab;
using mimica::harness::LabSpec;

double resident_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

LabSpec spec_for(bool seeded, bool over_ldap) {
  LabSpec spec;
  spec.seed = seeded ? "bench" : "";
  spec.directory_over_ldap = over_ldap;
  return spec;
}

void start(benchmark::State& state, bool seeded, bool over_ldap) {
  for (auto _ : state) {
    auto lab = Lab::start(spec_for(seeded, over_ldap));
    if (!lab) return state.SkipWithError(lab.error().describe().c_str());
    benchmark::DoNotOptimize(lab->get());
    state.PauseTiming();
    lab->reset();  // stopping the servers is not part of starting
    state.ResumeTiming();
  }
}

void BM_StartSeeded(benchmark::State& state) { start(state, true, true); }
void BM_StartSeededInProcess(benchmark::State& state) { start(state, true, false); }
void BM_StartFreshKeys(benchmark::State& state) { start(state, false, true); }
BENCHMARK(BM_StartSeeded)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_StartSeededInProcess)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(BM_StartFreshKeys)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_Memory(benchmark::State& state) {
  for (auto _ : state) {
    auto lab = Lab::start(spec_for(true, true));
    if (!lab) return state.SkipWithError(lab.error().describe().c_str());
    state.counters["RSS_MiB"] = resident_mib();
  }
}
BENCHMARK(BM_Memory)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

// One enrollment over the lab: key from the pool, PKCS#10, look-ups, decision, signature, commit.
void BM_Enroll(benchmark::State& state, bool over_ldap) {
  auto lab = Lab::start(spec_for(true, over_ldap));
  if (!lab) return state.SkipWithError(lab.error().describe().c_str());
  mimica::harness::UserSpec jane;
  jane.name = "jane";
  if (!(*lab)->add_user(jane)) return state.SkipWithError("no user");
  mimica::harness::EnrollSpec enroll;
  enroll.caller = "jane";
  enroll.template_name = "User";
  enroll.key = {mimica::KeyKind::ec, 256};
  for (auto _ : state) {
    const auto report = (*lab)->enroll(enroll);
    if (!report.ok()) return state.SkipWithError(report.message.c_str());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(BM_Enroll, over_ldap, true)->UseRealTime();
BENCHMARK_CAPTURE(BM_Enroll, in_process, false)->UseRealTime();

}  // namespace
