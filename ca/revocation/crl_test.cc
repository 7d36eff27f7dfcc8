#include "ca/revocation/crl.h"

#include <gtest/gtest.h>

#include "ca/revocation/publication_status.h"
#include "ca/rules.h"
#include "ca/testing/test_lab.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

// ---- pure parts ----------------------------------------------------------------------------------------------------

const Timestamp kNow = {1732089600};

TEST(CrlTimes, DefaultsAreThoseOfWindows) {
  const CrlPeriods periods;
  const CrlTimes base = crl_times(CrlKind::base, periods, {0}, kNow);
  EXPECT_EQ(base.this_update, kNow - 10 * kMinute);
  EXPECT_EQ(base.next_publish, kNow + 7 * kDay);
  EXPECT_EQ(base.next_update - base.this_update, 7 * kDay + 12 * kHour + 20 * kMinute);
  EXPECT_EQ(base.propagation_complete, kNow + 12 * kHour + 10 * kMinute);
  const CrlTimes delta = crl_times(CrlKind::delta, periods, {0}, kNow);
  EXPECT_EQ(delta.next_publish, kNow + kDay);
  EXPECT_EQ(delta.next_update - delta.this_update, kDay + 12 * kHour + 20 * kMinute);
}

TEST(CrlTimes, OverlapFollowsThePeriodsAndTheSkew) {
  CrlPeriods periods;
  const auto overlap = [&](CrlKind kind) {
    const CrlTimes times = crl_times(kind, periods, {0}, kNow);
    return times.next_update - times.next_publish - periods.skew;
  };
  periods.base = kDay;  // a tenth of a day
  EXPECT_EQ(overlap(CrlKind::base), kDay / 10);
  EXPECT_EQ(overlap(CrlKind::delta), 12 * kHour);
  periods.base = kHour;  // 1.5 times the skew is more than a tenth
  periods.delta = 30 * kMinute;
  EXPECT_EQ(overlap(CrlKind::base), 15 * kMinute);
  EXPECT_EQ(overlap(CrlKind::delta), 30 * kMinute);
  periods.base = 10 * kMinute;  // never more than the period of base CRLs
  EXPECT_EQ(overlap(CrlKind::base), 10 * kMinute);
  EXPECT_EQ(overlap(CrlKind::delta), 10 * kMinute);
  periods.base_overlap = 3 * kDay;
  periods.delta_overlap = 2 * kHour;
  EXPECT_EQ(overlap(CrlKind::base), 3 * kDay);
  EXPECT_EQ(overlap(CrlKind::delta), 2 * kHour);
  EXPECT_EQ(crl_times(CrlKind::base, periods, {0}, kNow).propagation_complete, kNow + 3 * kDay);
}

TEST(CrlTimes, NotBeforeTheCaAndAsAsked) {
  const CrlTimes times = crl_times(CrlKind::base, {}, kNow - 5 * kMinute, kNow, kNow + 30 * kDay);
  EXPECT_EQ(times.this_update, kNow - 5 * kMinute);
  EXPECT_EQ(times.next_publish, kNow + 30 * kDay);
  EXPECT_EQ(times.next_update, kNow + 30 * kDay + 12 * kHour + 10 * kMinute);
}

TEST(CrlEntry, WhatAListSaysOfARow) {
  RevokedRow row;
  row.SerialNumber = "61aa";
  row.RevokedEffectiveWhen = kNow;
  row.RevokedReason = 1;
  ASSERT_TRUE(crl_entry(row, CrlKind::base, kNow));
  EXPECT_EQ(crl_entry(row, CrlKind::base, kNow)->reason, 1);
  EXPECT_FALSE(crl_entry(row, CrlKind::base, kNow - 1));
  EXPECT_FALSE(crl_entry(row, CrlKind::delta, kNow - 1));
  row.RevokedReason = -1;
  EXPECT_FALSE(crl_entry(row, CrlKind::base, kNow));
  ASSERT_TRUE(crl_entry(row, CrlKind::delta, kNow));
  EXPECT_EQ(crl_entry(row, CrlKind::delta, kNow)->reason, 8);
}

TEST(PublicationStatus, RecordsWhatWentWrong) {
  PublicationStatus good;
  good.add_file(0, "C:\\Windows\\system32\\CertSrv\\CertEnroll\\a.crl");
  good.add_file(1, "\\\\server\\share\\a.crl");
  good.add_file(2, "file://server/share/a.crl");
  good.add_directory(3, "ldap:///CN=a", {});
  EXPECT_EQ(good.code(), HResult::S_OK);
  EXPECT_EQ(good.flags(cpf::kBase | cpf::kLdapError), cpf::kBase | cpf::kComplete);
  EXPECT_EQ(good.text(""), "-");
  EXPECT_EQ(good.text("CONTOSO\\jane"), "Published by CONTOSO\\jane");

  PublicationStatus bad;
  bad.add_file(0, "C:\\a.crl");
  bad.add_directory(1, "ldap:///CN=a",
                    fault(LdapCode::insufficientAccessRights, "00002098: SecErr: DSID-031514B3, problem 4003"));
  bad.add_file(2, "http://pki/a.crl");
  bad.add_file(3, "ftp://pki/a.crl");
  bad.add_file(4, "gopx:a");
  bad.add_postponed(5, "ldap:///CN=b");
  EXPECT_EQ(static_cast<std::uint32_t>(bad.code()), 0x80072098U);
  EXPECT_EQ(bad.flags(cpf::kDelta | cpf::kComplete),
            cpf::kDelta | cpf::kLdapError | cpf::kHttpError | cpf::kFtpError | cpf::kBadUrl | cpf::kPostponedBaseLdap);
  EXPECT_EQ(bad.text(""), "- -- 1 2 3 4 5\n\nldap:///CN=a\nhttp://pki/a.crl\nftp://pki/a.crl\ngopx:a\nldap:///CN=b");
  EXPECT_EQ(bad.failed().size(), 5U);

  EXPECT_EQ(static_cast<std::uint32_t>(directory_failure(fault(LdapCode::noSuchObject, "no such object"))),
            0x80072030U);
  EXPECT_EQ(static_cast<std::uint32_t>(directory_failure(fault(LdapCode::sizeLimitExceeded, ""))), 0x80072095U);
  EXPECT_EQ(directory_failure(fault(HResult::E_FAIL, "x")), HResult::E_FAIL);
}

// ---- a CA over weeks -----------------------------------------------------------------------------------------------

std::vector<std::string> order_of(const Crl& list) {
  std::vector<std::string> order;
  for (const Extension& extension : list.extensions())
    order.push_back(extension.oid.dotted() + (extension.critical ? "!" : ""));
  return order;
}

std::int64_t number_in(const Crl& list, const char* oid) {
  const Extension* found = find(list.extensions(), Oid(oid));
  if (found == nullptr) return -1;
  DerReader reader(found->value);
  return must(reader.integer());
}
constexpr const char* kNumber = "2.5.29.20";
constexpr const char* kIndicator = "2.5.29.27";

class CrlTest : public testing::Test {
 protected:
  void start() {
    lab.start();
    lab.add_user("jane", "jane@contoso.com");
  }
  std::string issue() {
    const SubmitOutcome outcome =
        must(lab.ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User"}));
    return must(Certificate::parse(outcome.certificate)).serial_hex();
  }
  Crl base() { return must(Crl::parse(must(lab.ca->current_crl()).CRLRawCRL)); }
  Crl delta() { return must(Crl::parse(must(lab.ca->current_delta_crl())->CRLRawCRL)); }
  void publish(CrlPublication::Lists lists = CrlPublication::Lists::all) {
    ASSERT_TRUE(must(lab.ca->publish_crl("", {lists})));
  }
  void revoke(const std::string& serial, int reason, std::optional<Timestamp> effective = std::nullopt) {
    ASSERT_TRUE(must(lab.ca->revoke(serial, reason, "", effective)));
  }
  // "61…:1" for each entry.
  static std::string entries(const Crl& list) {
    return join(list.revoked(), " ",
                [](const RevokedEntry& entry) { return to_hex(entry.serial) + ":" + std::to_string(entry.reason); });
  }
  std::string read_attribute(const std::string& name) {
    const auto entry = must(ldap::read_entry(*lab.directory, crl_object(), {name}));
    return std::string(entry->first(name));
  }
  std::string crl_object() const {
    return "CN=CONTOSO-CA,CN=CA01,CN=CDP,CN=Public Key Services,CN=Services," + lab.contexts.configuration;
  }
  TestLab lab;
};

TEST_F(CrlTest, TheFirstRunMakesBothWithOneNumber) {
  start();
  EXPECT_EQ(order_of(base()), (std::vector<std::string>{"2.5.29.35", "1.3.6.1.4.1.311.21.1", "2.5.29.20",
                                                        "1.3.6.1.4.1.311.21.4", "2.5.29.46", "1.3.6.1.4.1.311.21.14"}));
  EXPECT_EQ(order_of(delta()),
            (std::vector<std::string>{"2.5.29.35", "1.3.6.1.4.1.311.21.1", "2.5.29.20", "1.3.6.1.4.1.311.21.4",
                                      "2.5.29.27!", "1.3.6.1.4.1.311.21.14"}));
  EXPECT_EQ(number_in(base(), kNumber), 1);
  EXPECT_EQ(number_in(delta(), kNumber), 1);
  EXPECT_EQ(number_in(delta(), kIndicator), 1);
  EXPECT_EQ(must(ext::parse_distribution_points(find(base().extensions(), Oid("2.5.29.46"))->value)),
            (std::vector<std::string>{
                "ldap:///CN=CONTOSO-CA,CN=CA01,CN=CDP,CN=Public%20Key%20Services,CN=Services,CN=Configuration,DC="
                "contoso,DC=com?deltaRevocationList?base?objectClass=cRLDistributionPoint",
                "http://127.0.0.1:8080/CertEnroll/CONTOSO-CA+.crl"}));
  EXPECT_EQ(read_attribute("certificateRevocationList"), mimica::to_string(BytesView(base().der())));
  EXPECT_EQ(read_attribute("deltaRevocationList"), mimica::to_string(BytesView(delta().der())));
  const CrlRow row = must(lab.ca->current_crl());
  EXPECT_EQ(row.CRLPublishFlags, cpf::kBase | cpf::kComplete);
  EXPECT_EQ(row.CRLPublishError, "-");
  EXPECT_EQ(row.CRLPublishAttempts, 1);
}

TEST_F(CrlTest, DeltasComeDailyAndBuildOnAPropagatedBase) {
  start();
  const std::string first = issue(), second = issue();
  revoke(first, 1);
  lab.clock.advance(kDay);
  EXPECT_EQ(entries(base()), "");
  EXPECT_EQ(entries(delta()), first + ":1");
  EXPECT_EQ(number_in(delta(), kNumber), 2);
  EXPECT_EQ(number_in(delta(), kIndicator), 1);
  revoke(second, 4);
  EXPECT_EQ(entries(delta()), first + ":1");  // until the next run
  lab.clock.advance(6 * kDay);
  EXPECT_EQ(entries(base()), first + ":1 " + second + ":4");
  EXPECT_EQ(number_in(base(), kNumber), 3);
  // The new base is on its way through the forest: the delta still speaks to those with the first one.
  EXPECT_EQ(number_in(delta(), kNumber), 3);
  EXPECT_EQ(number_in(delta(), kIndicator), 1);
  EXPECT_EQ(entries(delta()), first + ":1 " + second + ":4");
  lab.clock.advance(kDay);
  EXPECT_EQ(number_in(delta(), kIndicator), 3);
  EXPECT_EQ(entries(delta()), "");
}

TEST_F(CrlTest, TheOldestUnexpiredBaseCanBeDemanded) {
  lab.config.CRLFlags |= crlf::kDeltaUseOldestUnexpiredBase;
  lab.config.CRLOverlap = 5 * kDay;
  start();
  const std::string serial = issue();
  revoke(serial, 1);
  lab.clock.advance(7 * kDay);
  EXPECT_EQ(number_in(base(), kNumber), 2);
  lab.clock.advance(kDay);
  EXPECT_EQ(number_in(delta(), kIndicator), 1);
  EXPECT_EQ(entries(delta()), serial + ":1");
}

TEST_F(CrlTest, ReleaseFromHoldIsSaidByDeltasOnly) {
  start();
  const std::string serial = issue();
  revoke(serial, 6);
  publish();
  EXPECT_EQ(entries(base()), serial + ":6");
  lab.clock.advance(13 * kHour);
  revoke(serial, -1);
  publish(CrlPublication::Lists::delta);
  EXPECT_EQ(entries(delta()), serial + ":8");
  EXPECT_EQ(entries(base()), serial + ":6");
  publish();
  EXPECT_EQ(entries(base()), "");
  EXPECT_EQ(entries(delta()), serial + ":8");
}

TEST_F(CrlTest, ARevocationToComeWaits) {
  start();
  const std::string serial = issue();
  revoke(serial, 4, lab.clock.now() + 3 * kDay);
  publish();
  EXPECT_EQ(entries(base()) + entries(delta()), "");
  lab.clock.advance(3 * kDay);
  publish();
  EXPECT_EQ(entries(base()), serial + ":4");
  EXPECT_EQ(base().revoked()[0].when, lab.clock.now());
}

TEST_F(CrlTest, ExpiredEntriesStayForOneMoreBase) {
  lab.config.ValidityPeriod = 10 * kDay;
  start();
  const std::string serial = issue(), kept = issue();
  revoke(serial, 1);
  revoke(kept, 1);
  revoke(kept, -2);
  lab.clock.advance(7 * kDay);
  EXPECT_EQ(entries(base()), serial + ":1 " + kept + ":1");
  lab.clock.advance(7 * kDay);  // both ended on the tenth day
  EXPECT_EQ(entries(base()), serial + ":1 " + kept + ":1");
  lab.clock.advance(7 * kDay);
  EXPECT_EQ(entries(base()), kept + ":1");
  revoke(kept, -3);
  publish();
  EXPECT_EQ(entries(base()), "");
}

TEST_F(CrlTest, SwitchingDeltasOffLeavesOneEmptyShadow) {
  start();
  const std::string serial = issue();
  revoke(serial, 1);
  lab.clock.advance(kDay);
  EXPECT_EQ(entries(delta()), serial + ":1");
  lab.ca->configure([](CaConfig& config) { config.CRLDeltaPeriod = 0; });
  const auto refused = must(lab.ca->publish_crl("", {CrlPublication::Lists::delta}));
  EXPECT_EQ(refused.rule(), kCrlDeltaEnabled.id);
  EXPECT_EQ(refused.code, Code{HResult::ERROR_NOT_SUPPORTED});
  lab.clock.advance(2 * kDay);
  EXPECT_EQ(number_in(delta(), kNumber), 2);  // nothing is due before the next base
  publish();
  EXPECT_EQ(find(base().extensions(), Oid("2.5.29.46")), nullptr);
  EXPECT_EQ(number_in(delta(), kNumber), 3);
  EXPECT_EQ(number_in(delta(), kIndicator), 3);
  EXPECT_EQ(entries(delta()), "");
  EXPECT_NE(must(lab.ca->current_delta_crl())->CRLPublishFlags & cpf::kShadow, 0U);
  publish();
  EXPECT_EQ(number_in(delta(), kNumber), 3);  // only one
  lab.ca->configure([](CaConfig& config) { config.CRLDeltaPeriod = kDay; });
  EXPECT_EQ(number_in(delta(), kNumber), 5);
  EXPECT_TRUE(
      must(lab.ca->publish_crl("", {CrlPublication::Lists::delta})).trace.has(kCrlDeltaEnabled.id, Verdict::pass));
}

TEST_F(CrlTest, WithoutDeltasThereIsNone) {
  lab.config.CRLDeltaPeriod = 0;
  start();
  EXPECT_FALSE(must(lab.ca->current_delta_crl()));
  EXPECT_EQ(find(base().extensions(), Oid("2.5.29.46")), nullptr);
  for (const PublishedFile& file : must(lab.ca->published_files()))
    EXPECT_EQ(file.name.find('+'), std::string::npos) << file.name;
}

TEST_F(CrlTest, AnAdministratorChoosesTheNextPublication) {
  start();
  CrlPublication what;
  what.next_publish = lab.clock.now() - 1;
  const auto refused = must(lab.ca->publish_crl("", what));
  EXPECT_EQ(refused.rule(), kCrlNextPublish.id);
  EXPECT_EQ(refused.code, Code{HResult::E_INVALIDARG});
  what.next_publish = lab.clock.now() + 30 * kDay;
  const auto granted = must(lab.ca->publish_crl("", what));
  EXPECT_TRUE(granted.trace.has(kCrlNextPublish.id, Verdict::pass));
  EXPECT_EQ(granted.granted->CRLNextPublish, *what.next_publish);
  EXPECT_EQ(must(lab.ca->current_delta_crl())->CRLNextPublish, lab.clock.now() + kDay);
}

TEST_F(CrlTest, EventsNameEachList) {
  start();
  lab.new_events();
  publish();
  std::vector<Event> events = lab.new_events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].id(), 4871);
  EXPECT_EQ(events[0]["PublishBaseCRL"], "1");
  EXPECT_EQ(events[0]["PublishDeltaCRL"], "0");
  EXPECT_EQ(events[1].id(), 4872);
  EXPECT_EQ(events[1]["BaseCRL"], "1");
  EXPECT_EQ(events[1]["KeyContainer"], "CONTOSO-CA");
  EXPECT_EQ(events[2]["BaseCRL"], "0");
  EXPECT_EQ(events[2]["CRLNumber"], "2");
  EXPECT_NE(events[2]["PublishURLs"].find("deltaRevocationList"), std::string::npos);
  publish(CrlPublication::Lists::delta);
  events = lab.new_events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0]["PublishDeltaCRL"], "1");
}

TEST_F(CrlTest, AFailedLocationIsRecordedAndTriedAgain) {
  start();
  must(lab.directory->remove(crl_object()));
  lab.new_events();
  const auto failed = lab.ca->publish_crl("");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code{HResult{0x8007208D}});
  const CrlRow row = must(lab.ca->current_crl());
  EXPECT_EQ(row.CRLNumber, 2);
  EXPECT_EQ(row.CRLPublishFlags, cpf::kBase | cpf::kManual | cpf::kLdapError);
  EXPECT_EQ(row.CRLPublishStatusCode, 0x8007208DU);
  EXPECT_EQ(row.CRLPublishError.find("Published by CONTOSO\\Administrator -- 0\n\nldap:///CN=CONTOSO-CA"), 0U);
  EXPECT_EQ(must(lab.ca->current_delta_crl())->CRLPublishFlags, cpf::kDelta | cpf::kManual | cpf::kPostponedBaseLdap);
  std::vector<int> ids;
  for (const Event& event : lab.new_events()) ids.push_back(event.id());
  EXPECT_EQ(ids, (std::vector<int>{4871, 65, 4872, 66, 4872}));

  ldap::Entry entry(crl_object());
  entry.set("objectClass", std::vector<std::string>{"top", "cRLDistributionPoint"});
  must(lab.directory->add(entry));
  lab.clock.advance(9 * kMinute);
  EXPECT_NE(must(lab.ca->current_crl()).CRLPublishStatusCode, 0U);
  lab.clock.advance(kMinute);
  const CrlRow again = must(lab.ca->current_crl());
  EXPECT_EQ(again.CRLNumber, 2);
  EXPECT_EQ(again.CRLPublishStatusCode, 0U);
  EXPECT_EQ(again.CRLPublishAttempts, 2);
  EXPECT_EQ(must(lab.ca->current_delta_crl())->CRLPublishStatusCode, 0U);
  EXPECT_EQ(read_attribute("deltaRevocationList"), mimica::to_string(BytesView(delta().der())));
}

TEST_F(CrlTest, RepublishingMakesNoNewList) {
  start();
  must(lab.directory->modify(crl_object(), {{ldap::Modification::Kind::erase, {"deltaRevocationList", {}}}}));
  const auto row = must(lab.ca->publish_crl("", {CrlPublication::Lists::all, true}));
  EXPECT_EQ(row.granted->CRLNumber, 1);
  EXPECT_EQ(row.granted->CRLPublishAttempts, 2);
  EXPECT_EQ(read_attribute("deltaRevocationList"), mimica::to_string(BytesView(delta().der())));
}

TEST_F(CrlTest, ExpiredListsAreDeletedUnlessKept) {
  start();
  lab.clock.advance(30 * kDay);
  EXPECT_EQ(number_in(base(), kNumber), 2);
  EXPECT_EQ(must(lab.database->oldest_unexpired_base_crl(0, {0}))->CRLNumber, 2);
  lab.ca->configure([](CaConfig& config) { config.CRLFlags &= ~crlf::kDeleteExpiredCrls; });
  lab.clock.advance(30 * kDay);
  EXPECT_EQ(number_in(base(), kNumber), 3);
  EXPECT_EQ(must(lab.database->oldest_unexpired_base_crl(0, {0}))->CRLNumber, 2);
}

TEST_F(CrlTest, FlagsMakeTheNumberCriticalAndUrlsMakeAnIssuingPoint) {
  lab.config.CRLFlags |= crlf::kCrlNumberCritical;
  lab.config.CRLPublicationURLs.push_back("128:http://pki.contoso.com/%3%8%9.crl");
  start();
  EXPECT_TRUE(find(base().extensions(), oids::kCrlNumber)->critical);
  const Crl list = delta();
  const Extension* point = find(list.extensions(), Oid("2.5.29.28"));
  ASSERT_NE(point, nullptr);
  EXPECT_TRUE(point->critical);
  EXPECT_EQ(to_hex(point->value).substr(0, 16), "302ca02aa0288626");
  EXPECT_NE(mimica::to_string(BytesView(point->value)).find("http://pki.contoso.com/CONTOSO-CA+.crl"),
            std::string::npos);
}

TEST_F(CrlTest, CodeSigningStaysListedByDefault) {
  EXPECT_TRUE(lists_after_expiry({oids::kClientAuth, Oid("1.3.6.1.5.5.7.3.3")}));
  EXPECT_FALSE(lists_after_expiry({oids::kClientAuth}));
  start();
  const std::string serial = issue();
  EXPECT_FALSE(must(lab.database->by_serial(serial))->certificate->PublishExpiredCertInCRL);
}

}  // namespace
}  // namespace mimica::ca
