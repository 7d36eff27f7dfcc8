// Decisions and look-ups per second, trace and events included. One item is one decision or look-up.
#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <random>

#include "kdc/mapping/principal_lookup.h"
#include "kdc/pkinit/account_state.h"
#include "kdc/testing/testing.h"
#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"

namespace mimica::kdc {
namespace {

using namespace testing;

struct Case {
  LogonFacts facts;
  Policy policy;
};

Case make(bool with_sid, bool explicit_value, int enforcement) {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com")};
  if (with_sid) spec.sid = kJaneSid;
  const Certificate certificate = test_pki().ca.issue(spec);
  ldap::Account account = jane();
  if (explicit_value)
    account.alt_security_identities = {"X509:<S>CN=somebody else",
                                       to_string(must(identity_for(IdentityForm::issuer_serial, certificate)))};
  return {facts_for(certificate, account), effective(mode(enforcement), at("2025-03-01"))};
}

void mapping(benchmark::State& state, const Case& c) {
  for (auto _ : state) benchmark::DoNotOptimize(map_certificate(c.facts.certificate, *c.facts.account, c.policy));
  state.SetItemsProcessed(state.iterations());
}
void logon(benchmark::State& state, const Case& c) {
  for (auto _ : state) benchmark::DoNotOptimize(decide(c.facts, c.policy, at("2025-03-01")));
  state.SetItemsProcessed(state.iterations());
}
void certificate_facts(benchmark::State& state) {
  const Certificate certificate = test_pki().ca.issue({});
  for (auto _ : state) benchmark::DoNotOptimize(cert_facts(certificate, &test_pki().ca.certificate, true));
  state.SetItemsProcessed(state.iterations());
}

// A directory with that many users, each with a UPN of its own and an explicit mapping.
class Population {
 public:
  static Population& of(std::size_t size) {
    static std::map<std::size_t, std::unique_ptr<Population>> made;
    std::unique_ptr<Population>& one = made[size];
    if (!one) one = std::make_unique<Population>(size);
    return *one;
  }

  explicit Population(std::size_t size) : size_(size) {
    for (std::size_t i = 0; i < size; ++i)
      must(ldap::add_user(*directory, contexts,
                          {.name = name(i), .upn = name(i) + "@fabrikam.com", .alt_security_identities = {value(i)}}));
  }

  std::string name(std::size_t i) const { return "user" + std::to_string(i); }
  std::string value(std::size_t i) const {
    return "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>" + std::to_string(10'000'000 + i);
  }
  std::size_t any() { return random_() % size_; }

  SimClock clock{at("2024-01-01")};
  SeededEntropy entropy{"kdc bench"};
  std::unique_ptr<ldap::Dsa> dsa = must(ldap::create_forest({}, clock, entropy));
  std::unique_ptr<ldap::Directory> directory = ldap::in_process(*dsa, ldap::Caller::system());
  ldap::NamingContexts contexts = must(ldap::read_naming_contexts(*directory));

 private:
  std::size_t size_;
  std::mt19937 random_{1};
};

template <typename Lookup>
void look_up(benchmark::State& state, const Lookup& lookup) {
  Population& people = Population::of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(lookup(people, people.any()));
  state.SetItemsProcessed(state.iterations());
}
void look_up_by_name(benchmark::State& state) {
  look_up(state, [](Population& people, std::size_t i) {
    return must(ldap::account_by_sam(*people.directory, people.contexts, people.name(i)));
  });
}
void look_up_by_upn(benchmark::State& state) {
  look_up(state, [](Population& people, std::size_t i) {
    return must(ldap::account_by_upn(*people.directory, people.contexts, people.name(i) + "@fabrikam.com"));
  });
}
void look_up_by_value(benchmark::State& state) {
  look_up(state, [](Population& people, std::size_t i) {
    return must(
        people.directory->search({.base = people.contexts.domain,
                                  .filter = "(altSecurityIdentities=" + ldap::escape_filter(people.value(i)) + ")",
                                  .attributes = {"objectSid"}}));
  });
}
// What a logon asks the directory about accounts, and its decision; the chain is judged already.
void look_up_and_decide(benchmark::State& state) {
  const Case given = make(false, false, 2);
  look_up(state, [&](Population& people, std::size_t i) {
    const auto client = must(find_client(*people.directory, people.contexts, people.name(i), "contoso.com"));
    const auto owner =
        must(ldap::account_by_upn_or_name(*people.directory, people.contexts, people.name(i) + "@fabrikam.com"));
    LogonFacts facts = given.facts;
    facts.account =
        account_facts(*client.account, "contoso.com",
                      owner->sid == client.account->sid ? UpnOwner::this_account : UpnOwner::another_account);
    return decide(facts, given.policy, at("2025-03-01"));
  });
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  for (const std::int64_t size : {1'000, 10'000, 100'000}) benchmark->Arg(size);
  // Filling the largest directory takes minutes and gigabytes.
  if (std::getenv("MIMICA_BENCH_LARGE") != nullptr) benchmark->Arg(1'000'000);
}

void account_state(benchmark::State& state) {
  const ldap::Account account = jane();
  for (auto _ : state) benchmark::DoNotOptimize(account_may_log_on(account, at("2025-03-01"), {}));
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(mapping, sid, make(true, false, 2));
BENCHMARK_CAPTURE(mapping, explicit_value, make(false, true, 2));
BENCHMARK_CAPTURE(mapping, weak_allowed, make(false, false, 1));
BENCHMARK_CAPTURE(mapping, weak_refused, make(false, false, 2));
BENCHMARK_CAPTURE(logon, sid, make(true, false, 2));
BENCHMARK_CAPTURE(logon, weak_refused, make(false, false, 2));
BENCHMARK(certificate_facts);
BENCHMARK(account_state);
BENCHMARK(look_up_by_name)->Apply(sizes);
BENCHMARK(look_up_by_upn)->Apply(sizes);
BENCHMARK(look_up_by_value)->Apply(sizes);
BENCHMARK(look_up_and_decide)->Apply(sizes);

}  // namespace
}  // namespace mimica::kdc
