// A directory with accounts and a PKI for the tests that read one.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kdc/pkinit/gather.h"
#include "kdc/testing/testing.h"
#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"

namespace mimica::kdc::testing {

inline const Timestamp kNow = at("2025-12-01");
inline constexpr std::string_view kCrlUrl = "http://pki.contoso.com/CONTOSO-CA.crl";

class Table final : public RevocationSource {
 public:
  Result<Bytes> fetch(std::string_view url) override {
    ++fetches;
    const auto found = lists.find(url);
    if (found == lists.end()) return fault("there is nothing at " + std::string(url));
    return found->second;
  }
  Result<Bytes> ask(std::string_view url, BytesView request) override {
    ++questions;
    const auto found = responders.find(url);
    if (found == responders.end()) return fault("nobody answers at " + std::string(url));
    return found->second(request);
  }
  std::map<std::string, Bytes, std::less<>> lists;
  std::map<std::string, std::function<Result<Bytes>(BytesView)>, std::less<>> responders;
  int fetches = 0;
  int questions = 0;
};

class DirectoryLab : public ::testing::Test {
 protected:
  DirectoryLab() {
    publish(contexts.certification_authorities(), "CONTOSO-ROOT", test_pki().root.certificate);
    publish(contexts.aia(), "CONTOSO-CA", test_pki().ca.certificate);
    publish_at(contexts.nt_auth(), test_pki().ca.certificate);
    must(ldap::add_user(*directory, contexts, {.name = "jane"}));
    must(ldap::add_user(*directory, contexts, {.name = "bob"}));
    must(ldap::add_computer(*directory, contexts, {.name = "LAPTOP-01"}));
    revocation.lists.emplace(kCrlUrl, test_pki().ca.crl({}, kNow - kDay, kNow + kDay));
  }

  void publish(const std::string& container, const std::string& name, const Certificate& certificate) {
    publish_at("CN=" + name + "," + container, certificate);
  }
  void publish_at(const std::string& dn, const Certificate& certificate) {
    ldap::Entry entry(dn);
    entry.set("objectClass", std::vector<std::string>{"top", "certificationAuthority"});
    entry.set("cACertificate", BytesView(certificate.der()));
    entry.set("authorityRevocationList", std::string(1, '\0'));
    entry.set("certificateRevocationList", std::string(1, '\0'));
    ok(directory->add(entry));
  }
  static void ok(const Result<void>& result) { ASSERT_TRUE(result) << result.error().describe(); }
  ldap::Account account(std::string_view name) { return *must(ldap::account_by_sam(*directory, contexts, name)); }
  void set(std::string_view name, std::string attribute, std::vector<std::string> values) {
    ok(directory->modify(account(name).dn,
                         {{ldap::Modification::Kind::replace, {std::move(attribute), std::move(values)}}}));
  }

  LeafSpec jane_spec() {
    LeafSpec spec;
    spec.names = {upn("jane@contoso.com")};
    spec.sid = account("jane").sid;
    return spec;
  }
  LogonDecision log_on(std::string cname, const Certificate& certificate, const KdcConfig& config = {},
                       std::vector<Certificate> sent = {}) {
    auto result = logon(*directory, revocation, {std::move(cname), certificate, std::move(sent)}, config, kNow);
    if (!result) ADD_FAILURE() << result.error().describe();
    return must(std::move(result));
  }
  void expect_rule(const LogonDecision& got, std::string_view rule) {
    EXPECT_EQ(got.decision.rule(), rule) << explain(got.decision.trace, "logon", got.decision.code, Colour::none);
    EXPECT_EQ(static_cast<bool>(got.decision), rule.empty());
  }

  SimClock clock{at("2024-01-01")};
  SeededEntropy entropy{"kdc"};
  std::unique_ptr<ldap::Dsa> dsa = must(ldap::create_forest({}, clock, entropy));
  std::unique_ptr<ldap::Directory> directory = ldap::in_process(*dsa, ldap::Caller::system());
  ldap::NamingContexts contexts = must(ldap::read_naming_contexts(*directory));
  Table revocation;
};

}  // namespace mimica::kdc::testing
