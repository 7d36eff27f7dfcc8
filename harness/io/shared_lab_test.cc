// One lab, used by several threads at a time (docs/decisions/0008-threads.md). Run under ThreadSanitizer by ./dev tsan.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <thread>

#include "harness/lab/lab.h"
#include "ldap/io/client.h"
#include "ldap/provision.h"
#include "net/io/http_client.h"

namespace mimica::harness {
namespace {

constexpr int kRounds = 6;

std::string url_of(const Lab& lab, std::string_view name) {
  for (const Endpoint& endpoint : lab.endpoints())
    if (endpoint.name == name) return endpoint.url;
  return {};
}

EnrollSpec request_of(const std::string& caller) {
  EnrollSpec spec;
  spec.caller = caller;
  spec.template_name = "User";
  return spec;
}

class SharedLab : public testing::Test {
 protected:
  void SetUp() override {
    LabSpec spec;
    for (const char* name : {"jane", "joe"}) {
      UserSpec user;
      user.name = name;
      spec.users.push_back(user);
    }
    auto started = Lab::start(spec);
    ASSERT_TRUE(started) << started.error().describe();
    lab_ = *std::move(started);
  }
  void start(std::function<void(int)> work) {
    threads_.emplace_back([work = std::move(work)] {
      for (int round = 0; round < kRounds; ++round) work(round);
    });
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  std::unique_ptr<Lab> lab_;
  std::vector<std::thread> threads_;
};

// Somebody administers the directory over LDAP and fetches lists over HTTP while operations run in two threads.
TEST_F(SharedLab, FacesAndOperationsGoOnTogether) {
  std::atomic<int> issued = 0, allowed = 0, added = 0, fetched = 0;
  for (const std::string caller : {"jane", "joe"}) {
    start([&, caller](int) {
      const auto turn = lab_->exclusive();
      const Report report = lab_->enroll(request_of(caller));
      issued += report.outcome == Outcome::issued ? 1 : 0;
      if (!report.certificate) return;
      LogonSpec logon;
      logon.as = caller;
      logon.certificate = report.certificate;
      allowed += lab_->logon(logon).outcome == Outcome::allowed ? 1 : 0;
    });
  }
  start([&](int round) {
    ldap::ClientOptions options;
    options.url = url_of(*lab_, "ldap");
    options.bind_name = "CONTOSO\\Administrator";
    options.password = "Passw0rd!";
    auto directory = ldap::connect(options);
    if (!directory) return;
    const auto contexts = ldap::read_naming_contexts(**directory);
    ldap::UserSpec user;
    user.name = "guest" + std::to_string(round);
    added += contexts && ldap::add_user(**directory, *contexts, user) ? 1 : 0;
  });
  start([&](int) { fetched += http_get(url_of(*lab_, "http") + "/CertEnroll/CONTOSO-CA.crl") ? 1 : 0; });
  start([&](int round) {
    const auto turn = lab_->exclusive();
    lab_->advance(kHour);
    if (round % 2 == 0) EXPECT_TRUE(lab_->publish_crl().ok());
  });
  start([&](int) {
    for (const Event& event : lab_->event_log().query()) EXPECT_NE(event.record_id, 0U);
    const auto turn = lab_->exclusive();
    EXPECT_TRUE(lab_->export_ldif());
  });
  join();
  EXPECT_EQ(issued, 2 * kRounds);
  EXPECT_EQ(allowed, 2 * kRounds);
  EXPECT_EQ(added, kRounds);
  EXPECT_EQ(fetched, kRounds);
  for (int round = 0; round < kRounds; ++round) EXPECT_TRUE(lab_->sid_of("guest" + std::to_string(round)));
}

}  // namespace
}  // namespace mimica::harness
