#include <benchmark/benchmark.h>

#include "core/base/entropy.h"
#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"
#include "ldap/wire/message_encode.h"
#include "ldap/wire/session.h"

namespace mimica::ldap {
namespace {

const SimClock kClock(Timestamp{1732089600});

std::unique_ptr<Dsa> make_forest() {
  static SeededEntropy shared("bench");
  return *create_forest({}, kClock, shared);
}

void forest_creation(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(make_forest());
}
BENCHMARK(forest_creation)->Unit(benchmark::kMillisecond);

class Populated : public benchmark::Fixture {
 public:
  void SetUp(const benchmark::State&) override {
    dsa = make_forest();
    directory = in_process(*dsa, Caller::system());
    for (int i = 0; i < 1000; ++i)
      (void)add_user(*directory, dsa->naming_contexts(), {.name = "user" + std::to_string(i)});
  }
  void TearDown(const benchmark::State&) override { directory.reset(), dsa.reset(); }
  std::unique_ptr<Dsa> dsa;
  std::unique_ptr<Directory> directory;
};

void search(benchmark::State& state, Directory& directory, const std::string& base, const std::string& filter) {
  for (auto _ : state) {
    auto found = directory.search({.base = base, .filter = filter, .attributes = {"objectSid", "sAMAccountName"}});
    benchmark::DoNotOptimize(found);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_F(Populated, search_by_name)(benchmark::State& state) {
  search(state, *directory, dsa->naming_contexts().domain, "(&(objectClass=user)(sAMAccountName=user500))");
}
BENCHMARK_F(Populated, search_without_index)(benchmark::State& state) {
  search(state, *directory, dsa->naming_contexts().domain, "(displayName=*500)");
}
BENCHMARK_F(Populated, token)(benchmark::State& state) {
  const auto account = **account_by_sam(*directory, dsa->naming_contexts(), "user500");
  for (auto _ : state) benchmark::DoNotOptimize(read_token(*directory, dsa->naming_contexts(), account));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_F(Populated, session_search)(benchmark::State& state) {
  Session session(*dsa);
  (void)session.handle(
      encode_message({1, BindRequest{.name = "CONTOSO\\Administrator", .credentials = "Passw0rd!", .mechanism = ""}}));
  const Bytes request = encode_message({2, SearchRequestMessage{dsa->naming_contexts().domain,
                                                                Scope::subtree,
                                                                0,
                                                                0,
                                                                0,
                                                                false,
                                                                *parse_filter("(sAMAccountName=user500)"),
                                                                {"objectSid"}}});
  for (auto _ : state) benchmark::DoNotOptimize(session.handle(request));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_F(Populated, add_and_remove_user)(benchmark::State& state) {
  for (auto _ : state) {
    const auto dn = add_user(*directory, dsa->naming_contexts(), {.name = "temporary"});
    (void)directory->remove(*dn);
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace
}  // namespace mimica::ldap
