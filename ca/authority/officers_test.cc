#include <gtest/gtest.h>

#include "ca/rules.h"
#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

// A pending request for the template that its attributes name.
struct PendingTest : testing::Test {
  TestLab lab;
  std::int64_t id = 0;
  PendingTest() {
    lab.config.RequestDisposition = reqdisp::kPendingFirst | reqdisp::kIssue;
    lab.start();
    lab.add_user("jane");
    lab.add_user("officer");
    const SubmitOutcome outcome =
        must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User\nNote:old"}));
    EXPECT_EQ(outcome.disposition, Disposition::under_submission);
    id = outcome.request_id.value_or(0);
    lab.new_events();
  }
};

TEST_F(PendingTest, AttributesAreReplacedByName) {
  ASSERT_TRUE(must(lab.ca->set_attributes(id, "N-ote: new\nOther:x", "")));
  const auto record = must(lab.database->by_request_id(id));
  EXPECT_EQ(record->request.RequestAttributes, "Note:new\nOther:x\nCertificateTemplate:User");
  const RequestAttributes kept = RequestAttributes::parse(record->request.RequestAttributes);
  EXPECT_EQ(record->attributes, kept.all());
  const auto events = lab.new_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].id(), 4874);
  EXPECT_EQ(events[0]["Attributes"], "Note:new\nOther:x\nCertificateTemplate:User");
  EXPECT_EQ(must(lab.ca->resubmit(id, "")).disposition, Disposition::issued);
}

TEST_F(PendingTest, OnlyOfficersAndOnlyWhilePending) {
  EXPECT_EQ(must(lab.ca->set_attributes(id, "a:b", "officer")).rule(), kPermissionOfficer.id);
  EXPECT_EQ(must(lab.ca->set_attributes(99, "a:b", "")).rule(), kRowKnown.id);
  EXPECT_FALSE(lab.ca->set_attributes(id, "nonsense", ""));
  EXPECT_FALSE(lab.ca->set_attributes(id, "a:" + std::string(40'000, 'x'), ""));
  ASSERT_TRUE(must(lab.ca->set_rights("officer", ca_access::kIssueAndManage, true, "")));
  ASSERT_TRUE(must(lab.ca->set_attributes(id, "a:b", "officer")));
  ASSERT_TRUE(must(lab.ca->deny(id, "")));
  const auto late = must(lab.ca->set_attributes(id, "a:b", ""));
  EXPECT_EQ(late.rule(), kRowResolvable.id);
  EXPECT_EQ(late.code, Code(HResult::CERTSRV_E_BAD_REQUESTSTATUS));
}

}  // namespace
}  // namespace mimica::ca
