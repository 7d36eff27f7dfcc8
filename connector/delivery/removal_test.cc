// Renewal, revocation, removal and the device's check-in.
#include <gtest/gtest.h>

#include "connector/testing/connector_testing.h"

namespace mimica::connector {
namespace {

using testing::every_device;
using testing::everyone;
using testing::kNow;
using testing::Lab;
using testing::sid_of;

Delivery renew_at(Lab& lab, Timestamp at, bool force = false) {
  Flow flow = lab.flow();
  lab.authority.now = at;
  auto delivery = renew(flow, lab.profile_id, lab.device, at, force);
  EXPECT_TRUE(delivery);
  return *std::move(delivery);
}

TEST(Renew, OnlyWithinTheWindowAndWithTheNewSwitch) {
  Lab lab;
  EXPECT_EQ(renew_at(lab, kNow).decision.rule(), "connector.renewal.certificate");
  const Certificate first = *Certificate::parse(lab.deliver_now().certificate);
  EXPECT_FALSE(first.sid());
  lab.switch_sid_on();
  const Timestamp due = renewal_due(first, 20);
  EXPECT_EQ(due, kNow + 292 * kDay);
  EXPECT_EQ(renew_at(lab, due - 1).decision.rule(), "connector.renewal.window");
  const Delivery renewed = renew_at(lab, due);
  ASSERT_TRUE(renewed.decision) << explain(renewed.decision.trace);
  const Certificate second = *Certificate::parse(renewed.certificate);
  EXPECT_EQ(second.sid(), sid_of(1106));
  EXPECT_NE(second.public_key().spki(), first.public_key().spki());
  EXPECT_EQ(lab.tenant.current_state(lab.profile_id, lab.device.record().id)->state, IssuanceState::renew_verified);
  EXPECT_EQ(lab.device.find(lab.profile_id)->certificate.der(), renewed.certificate);
  EXPECT_NE(lab.device.find_thumbprint(first.thumbprint()), nullptr);  // the old one stays
  EXPECT_TRUE(renew_at(lab, due + kDay, true).decision.trace.has("connector.renewal.window", Verdict::warn));
}

TEST(Renew, AFailedRenewalKeepsTheCertificate) {
  Lab lab;
  const Bytes first = lab.deliver_now().certificate;
  lab.authority.deny = HResult::CERTSRV_E_ENROLL_DENIED;
  EXPECT_FALSE(renew_at(lab, kNow + 300 * kDay).decision);
  const Delivery again = lab.deliver_now(kNow + 300 * kDay);
  EXPECT_EQ(again.outcome, DeliveryOutcome::unchanged);
  EXPECT_EQ(again.certificate, first);
}

TEST(Renew, AppleDevicesMustBeUnlockedAndUnexpired) {
  Lab lab;
  lab.add(testing::root_profile("iosTrustedRootCertificate", "root", lab.authority.root), everyone());
  Profile profile = *make_profile("iosPkcsCertificateProfile", "ios");
  *profile.pkcs() = *testing::windows_user_profile().pkcs();
  profile.pkcs()->key_usages.clear();
  profile.pkcs()->key_storage.reset();
  lab.profile_id = lab.add(profile, everyone());
  ManagedDevice record = testing::laptop();
  record.id.clear();
  record.enrollment = Enrollment::ios;
  lab.device = Device(record);
  lab.enrol(lab.device);
  ASSERT_TRUE(lab.deliver_now().decision);
  lab.device.traits().unlocked = false;
  EXPECT_EQ(renew_at(lab, kNow + 300 * kDay).decision.rule(), "connector.renewal.device_ready");
  lab.device.traits().unlocked = true;
  EXPECT_EQ(renew_at(lab, kNow + 366 * kDay).decision.rule(), "connector.renewal.device_ready");
  EXPECT_TRUE(renew_at(lab, kNow + 300 * kDay).decision);
}

TEST(Removal, TheTable) {
  const RemovalEffect gone{true, true, true};
  const RemovalEffect stays{true, false, false};
  const RemovalEffect removed{true, false, true};
  for (const Enrollment enrollment :
       {Enrollment::windows, Enrollment::ios, Enrollment::macos, Enrollment::android_fully_managed}) {
    EXPECT_EQ(removal_effect(RemovalEvent::unenrol, enrollment, false), gone);
    EXPECT_EQ(removal_effect(RemovalEvent::retire, enrollment, false), gone);
    for (const RemovalEvent event :
         {RemovalEvent::licence_lost, RemovalEvent::user_removed, RemovalEvent::profile_edited})
      EXPECT_EQ(removal_effect(event, enrollment, false), stays);
    EXPECT_EQ(removal_effect(RemovalEvent::deleted_by_user, enrollment, false), removed);
  }
  EXPECT_EQ(removal_effect(RemovalEvent::wipe, Enrollment::windows, false), gone);
  EXPECT_FALSE(removal_effect(RemovalEvent::wipe, Enrollment::macos, false).supported);
  EXPECT_EQ(removal_effect(RemovalEvent::unassign, Enrollment::windows, false), removed);
  EXPECT_EQ(removal_effect(RemovalEvent::unassign, Enrollment::macos, false), stays);
  EXPECT_EQ(removal_effect(RemovalEvent::unassign, Enrollment::android_work_profile, false), stays);
  EXPECT_FALSE(removal_effect(RemovalEvent::retire, Enrollment::android_device_administrator, false).removed);
  EXPECT_TRUE(removal_effect(RemovalEvent::retire, Enrollment::android_device_administrator, true).removed);
}

TEST(Removal, RetireRevokesThroughTheConnector) {
  Lab lab;
  const Certificate certificate = *Certificate::parse(lab.deliver_now().certificate);
  Flow flow = lab.flow();
  const auto removal = remove(flow, lab.device, RemovalEvent::retire, kNow);
  ASSERT_TRUE(removal && removal->decision) << explain(removal->decision.trace);
  EXPECT_EQ(removal->removed, 1u);
  EXPECT_EQ(lab.authority.revoked.at(certificate.serial_hex()), 5);
  EXPECT_FALSE(lab.device.enrolled());
  EXPECT_EQ(lab.tenant.find_device("LAPTOP-01"), nullptr);
  EXPECT_EQ(lab.tenant.state_of_serial(certificate.serial_hex())->revocation, RevocationStatus::revoked);
  const std::vector<int> ids = lab.event_ids();
  EXPECT_EQ(std::vector<int>(ids.end() - 6, ids.end()), (std::vector<int>{3002, 3020, 3050, 3102, 3100, 3000}));
}

TEST(Removal, RevocationCanFail) {
  Lab lab;
  const Certificate certificate = *Certificate::parse(lab.deliver_now().certificate);
  lab.authority.may_revoke = false;
  Flow flow = lab.flow();
  const auto denied = revoke_certificate(flow, certificate.serial_hex(), 1, kNow);
  ASSERT_TRUE(denied);
  EXPECT_EQ(denied->rule(), "connector.revocation.executed");
  EXPECT_EQ(denied->code, Code(HResult::E_ACCESSDENIED));
  for (const Seconds after : {kMinute, 6 * kMinute, 21 * kMinute}) ASSERT_TRUE(poll_all(flow, kNow + after));
  EXPECT_EQ(lab.tenant.state_of_serial(certificate.serial_hex())->revocation, RevocationStatus::failed);
  EXPECT_EQ(lab.event_ids().back(), 3001);
  lab.connector.stop(Service::revoke);
  EXPECT_EQ(revoke_certificate(flow, certificate.serial_hex(), 1, kNow)->rule(), "connector.revocation.feature");
  lab.connector.start(Service::revoke);
  lab.authority.may_revoke = true;
  EXPECT_TRUE(*revoke_certificate(flow, certificate.serial_hex(), 1, kNow + kHour));
  EXPECT_FALSE(revoke_certificate(flow, "ff", 1, kNow));
}

TEST(Removal, WipeOfAMacIsNotSupported) {
  Lab lab;
  lab.device.record().enrollment = Enrollment::macos;
  Flow flow = lab.flow();
  const auto removal = remove(flow, lab.device, RemovalEvent::wipe, kNow);
  EXPECT_EQ(removal->decision.rule(), "connector.removal.supported");
}

TEST(Removal, AReassignmentBringsTheSameCertificateEvenWhenRevoked) {
  Lab lab;
  const Certificate certificate = *Certificate::parse(lab.deliver_now().certificate);
  Flow flow = lab.flow();
  ASSERT_TRUE(lab.tenant.assign(lab.profile_id, {}));
  ASSERT_TRUE(check_in(flow, lab.device, kNow + kDay));
  EXPECT_EQ(lab.device.find(lab.profile_id), nullptr);
  EXPECT_TRUE(lab.authority.revoked.empty());
  EXPECT_EQ(lab.tenant.state_of_serial(certificate.serial_hex())->state, IssuanceState::removed_from_collection);
  ASSERT_TRUE(*revoke_certificate(flow, certificate.serial_hex(), 0, kNow + kDay));
  ASSERT_TRUE(lab.tenant.assign(lab.profile_id, {everyone()}));
  const Delivery again = lab.deliver_now(kNow + 2 * kDay);
  EXPECT_EQ(again.outcome, DeliveryOutcome::installed);
  EXPECT_EQ(again.certificate, certificate.der());
  EXPECT_EQ(lab.authority.submissions.size(), 1u);
}

TEST(Removal, ACertificateDeletedByHandComesBack) {
  Lab lab;
  ASSERT_TRUE(lab.deliver_now().decision);
  Flow flow = lab.flow();
  ASSERT_TRUE(remove(flow, lab.device, RemovalEvent::deleted_by_user, kNow, lab.profile_id));
  EXPECT_EQ(lab.device.find(lab.profile_id), nullptr);
  const Delivery again = lab.deliver_now();
  EXPECT_EQ(again.outcome, DeliveryOutcome::installed);
  EXPECT_EQ(lab.authority.submissions.size(), 2u);
}

TEST(CheckIn, RootsThenCertificatesThenRenewals) {
  Lab lab;
  Flow flow = lab.flow();
  const auto first = check_in(flow, lab.device, kNow);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->size(), 2u);
  EXPECT_EQ((*first)[0].profile_id, lab.root_id);
  EXPECT_EQ((*first)[1].outcome, DeliveryOutcome::installed);
  lab.authority.now = kNow + 300 * kDay;
  const auto later = check_in(flow, lab.device, kNow + 300 * kDay);
  ASSERT_TRUE(later);
  EXPECT_EQ((*later)[1].outcome, DeliveryOutcome::installed);
  EXPECT_NE((*later)[1].certificate, (*first)[1].certificate);
}

}  // namespace
}  // namespace mimica::connector
