// Decisions per second, trace and events included. One item is one logon decision.
#include <benchmark/benchmark.h>

#include "kdc/testing.h"

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
  const Certificate certificate = pki().ca.issue(spec);
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
  const Certificate certificate = pki().ca.issue({});
  for (auto _ : state) benchmark::DoNotOptimize(cert_facts(certificate, &pki().ca.certificate, true));
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(mapping, sid, make(true, false, 2));
BENCHMARK_CAPTURE(mapping, explicit_value, make(false, true, 2));
BENCHMARK_CAPTURE(mapping, weak_allowed, make(false, false, 1));
BENCHMARK_CAPTURE(mapping, weak_refused, make(false, false, 2));
BENCHMARK_CAPTURE(logon, sid, make(true, false, 2));
BENCHMARK_CAPTURE(logon, weak_refused, make(false, false, 2));
BENCHMARK(certificate_facts);

}  // namespace
}  // namespace mimica::kdc
