// Each operation reads the clock once and takes all its times from that instant.
#include <gtest/gtest.h>

#include <functional>
#include <utility>

#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

// Goes on by a second at each look.
class CountingClock final : public Clock {
 public:
  explicit CountingClock(const Clock& base) : base_(base) {}
  Timestamp now() const override { return base_.now() + reads_++; }
  int take() { return std::exchange(reads_, 0); }

 private:
  const Clock& base_;
  mutable int reads_ = 0;
};

class ClockTest : public testing::TestWithParam<CaType> {
 protected:
  ClockTest() : lab(GetParam()), counting(lab.clock) {
    lab.start();
    lab.add_user("jane", "jane@contoso.com");
    CaEnvironment environment = lab.environment();
    environment.clock = &counting;
    lab.ca = must(CertificationAuthority::open(lab.config, lab.options, lab.ca->identity(), environment));
    lab.ca->configure([](CaConfig& config) { config.EditFlags |= editf::kAuditCertTemplateLoad; });
    lab.new_events();
  }

  void expect_one_look(const char* operation, const std::function<void()>& run) {
    counting.take();
    const Timestamp begun = lab.clock.now();
    run();
    EXPECT_EQ(counting.take(), 1) << operation;
    for (const Event& event : lab.new_events()) EXPECT_EQ(event.at, begun) << operation << " " << event.id();
  }

  SubmitOutcome submit() {
    SubmitInput input{"jane", request_der(fixed_key("rsa-2048"), "CN=jane")};
    input.attributes = "CertificateTemplate:User";
    return must(lab.ca->submit(input));
  }

  TestLab lab;
  CountingClock counting;
};

INSTANTIATE_TEST_SUITE_P(RootAndSubordinate, ClockTest,
                         testing::Values(CaType::enterprise_root, CaType::enterprise_sub));

TEST_P(ClockTest, EachOperationLooksOnce) {
  CertificationAuthority& ca = *lab.ca;
  SubmitOutcome outcome;
  expect_one_look("submit", [&] { outcome = submit(); });
  ASSERT_EQ(outcome.disposition, Disposition::issued);
  expect_one_look("refusal", [&] { must(ca.submit({"jane", Bytes{1, 2, 3}})); });
  const std::string serial = must(Certificate::parse(outcome.certificate)).serial_hex();
  expect_one_look("revoke", [&] { EXPECT_TRUE(must(ca.revoke(serial, 1, ""))); });
  expect_one_look("publish_crl", [&] { EXPECT_TRUE(must(ca.publish_crl(""))); });
  expect_one_look("republish", [&] { EXPECT_TRUE(must(ca.publish_crl("", {.republish = true}))); });

  ca.configure([](CaConfig& config) { config.RequestDisposition = reqdisp::kPending; });
  const std::int64_t pending = *submit().request_id;
  const std::int64_t unwanted = *submit().request_id;
  lab.new_events();
  expect_one_look("set_attributes", [&] { EXPECT_TRUE(must(ca.set_attributes(pending, "Note:x", ""))); });
  expect_one_look("deny", [&] { EXPECT_TRUE(must(ca.deny(unwanted, ""))); });
  expect_one_look("resubmit", [&] { EXPECT_EQ(must(ca.resubmit(pending, "")).disposition, Disposition::issued); });

  expect_one_look("set_template_published",
                  [&] { EXPECT_TRUE(must(ca.set_template_published("SmartcardLogon", true, ""))); });
  expect_one_look("set_rights", [&] { EXPECT_TRUE(must(ca.set_rights("jane", ca_access::kManageCa, true, ""))); });
  expect_one_look("set_restrictions", [&] { EXPECT_TRUE(must(ca.set_restrictions(true, std::nullopt, ""))); });
  expect_one_look("renew", [&] { EXPECT_TRUE(must(ca.renew(true, lab.keys, ""))); });
  lab.clock.advance(400 * kDay);
  expect_one_look("published_files", [&] { must(ca.published_files()); });
  expect_one_look("delete_rows", [&] { EXPECT_TRUE(must(ca.delete_rows({.row_id = unwanted}, ""))); });
}

// The row says what was decided although another officer was faster: whoever comes second decides about what is there.
TEST(Rows, AreReplacedOnlyAsTheyWereSeen) {
  TestLab lab;
  lab.start();
  lab.add_user("jane", "jane@contoso.com");
  lab.ca->configure([](CaConfig& config) { config.RequestDisposition = reqdisp::kPending; });
  SubmitInput input{"jane", request_der(fixed_key("rsa-2048"), "CN=jane")};
  input.attributes = "CertificateTemplate:User";
  const std::int64_t id = *must(lab.ca->submit(input)).request_id;
  const auto state = must(AuthorityState::open(lab.config, lab.options, lab.ca->identity(), lab.environment()));
  Rows rows(*state);
  Trace trace;
  const RequestRecord seen = *must(rows.find(id, trace));
  ASSERT_TRUE(must(lab.ca->deny(id, "")));
  RequestRecord next = seen;
  next.request.DispositionMessage = "too late";
  EXPECT_FALSE(must(rows.replace(seen, next)));
  EXPECT_EQ(must(lab.ca->retrieve(id)).disposition, Disposition::denied);
  EXPECT_TRUE(must(rows.replace(*must(rows.find(id, trace)), next)));
}

}  // namespace
}  // namespace mimica::ca
