#include "templates/permission.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "templates/rules.h"

namespace mimica::templates {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Sid kPermissionDomain = *Sid::parse("S-1-5-21-1-2-3");
const Sid kPermissionConnector = kPermissionDomain.with_rid(1105);
const Sid kDomainComputers = kPermissionDomain.with_rid(rid::kDomainComputers);
constexpr std::string_view kEnroll = "0e10c968-78fb-11d2-90d4-00c04f79dc55";

Token connector() {
  return {kPermissionConnector, {kPermissionConnector, kDomainComputers, sids::kAuthenticatedUsers, sids::kEveryone}};
}

CertificateTemplate with(std::string_view sddl) {
  CertificateTemplate value;
  value.cn = "IntuneUser";
  value.security = *SecurityDescriptor::from_sddl(sddl, kPermissionDomain, kPermissionDomain);
  return value;
}
std::string enroll(std::string_view type, std::string_view who) {
  return "(" + std::string(type) + ";;CR;" + std::string(kEnroll) + ";;" + std::string(who) + ")";
}
std::string name_of(const Sid& sid) {
  if (sid == kDomainComputers) return "CONTOSO\\Domain Computers";
  if (sid == kPermissionConnector) return "CONTOSO\\CONNECTOR01$";
  return {};
}
Decision<Unit> decide(const CertificateTemplate& value) {
  return decide_enroll(value, connector(), "CONTOSO\\CONNECTOR01$", name_of);
}

TEST(PermissionEnroll, PassesForTheAccountItself) {
  const auto decision = decide(with("D:(A;;LCRPLORC;;;AU)" + enroll("OA", kPermissionConnector.to_string())));
  EXPECT_TRUE(decision);
  EXPECT_TRUE(decision.trace.has("templates.permission.enroll", Verdict::pass));
}

TEST(PermissionEnroll, NamesTheGroupThatGrants) {
  const auto decision = decide(with("D:" + enroll("OA", "DC")));
  ASSERT_TRUE(decision);
  EXPECT_THAT(decision.trace.steps()[0].found, HasSubstr("through CONTOSO\\Domain Computers"));
}

TEST(PermissionEnroll, RefusesAndSaysWhatIsHeldAndByWhom) {
  const auto decision = decide(with("D:(A;;LCRPLORC;;;AU)" + enroll("OA", "DA") + enroll("OA", "DU")));
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.code, Code(HResult::CERTSRV_E_TEMPLATE_DENIED));
  EXPECT_EQ(decision.rule(), "templates.permission.enroll");
  const Step& step = *decision.trace.deciding();
  EXPECT_THAT(step.facts, testing::Contains(Fact{"held", "Read"}));
  EXPECT_THAT(step.facts, testing::Contains(Fact{"Enroll is held by", "S-1-5-21-1-2-3-512 and S-1-5-21-1-2-3-513"}));
  EXPECT_THAT(step.hint, HasSubstr(kEnroll));
  EXPECT_THAT(step.hint, HasSubstr("CONTOSO\\CONNECTOR01$"));
}

TEST(PermissionEnroll, NamesTheEntryThatDenies) {
  const auto decision = decide(with("D:" + enroll("OD", "DC") + enroll("OA", kPermissionConnector.to_string())));
  ASSERT_FALSE(decision);
  EXPECT_THAT(decision.trace.deciding()->facts, testing::Contains(Fact{"denied to", "CONTOSO\\Domain Computers"}));
  EXPECT_THAT(decision.trace.deciding()->hint, HasSubstr("Domain Computers"));
}

TEST(PermissionEnroll, ReadAloneOrAutoenrollDoesNotSuffice) {
  EXPECT_FALSE(decide(with("D:(A;;LCRPLORC;;;AU)")));
  EXPECT_FALSE(decide(with("D:(OA;;CR;a05b8cc2-17bc-4802-a710-e7c15ab866a2;;AU)")));
  EXPECT_TRUE(decide(with("D:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;AU)")));
}

TEST(PermissionEnroll, RefusesWithoutADescriptorAndGrantsWithANullDacl) {
  CertificateTemplate unread;
  unread.cn = "Unread";
  EXPECT_EQ(decide(unread).rule(), "templates.permission.enroll");
  EXPECT_TRUE(decide(with("D:NO_ACCESS_CONTROL")));
}

TEST(PermissionRead, AnswersByReader) {
  const CertificateTemplate readable = with("D:(A;;LCRPLORC;;;AU)"),
                            hidden = with("D:(A;;RP;;;AU)" + enroll("OA", "AU"));
  EXPECT_TRUE(decide_read(readable, connector(), "CA01$", Reader::certification_authority));
  const auto ca = decide_read(hidden, connector(), "CA01$", Reader::certification_authority);
  EXPECT_EQ(ca.code, Code(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE));
  EXPECT_EQ(ca.rule(), "templates.permission.read");
  EXPECT_EQ(decide_read(hidden, connector(), "jane", Reader::client).code, Code(HResult::E_ACCESSDENIED));
}

TEST(Rights, AreListedAsTheSecurityTabShowsThem) {
  EXPECT_EQ(describe(held_rights(with("D:(A;;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;AU)"), connector())),
            "Full Control, Read, Write, Enroll, Autoenroll");
  EXPECT_EQ(describe(held_rights(with("D:(A;;CCDCLCSWRPWPDTLOSDRCWDWO;;;AU)"), connector())), "Read, Write");
  EXPECT_EQ(describe(held_rights(with("D:"), connector())), "nothing");
}

TEST(Rights, HoldersLeaveOutTheDenied) {
  const auto value = with("D:" + enroll("OD", "DU") + enroll("OA", "DU") + enroll("OA", "DC") + "(A;;GA;;;DA)");
  EXPECT_THAT(holders(value, Right::enroll),
              ElementsAre(kDomainComputers, kPermissionDomain.with_rid(rid::kDomainAdmins)));
  EXPECT_EQ(describe(holders(with("D:"), Right::enroll), name_of), "nobody");
  EXPECT_EQ(describe(holders(with("D:NO_ACCESS_CONTROL"), Right::enroll), name_of), "S-1-1-0");
}

}  // namespace
}  // namespace mimica::templates
