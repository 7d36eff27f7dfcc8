#include "connector/tenant/tenant.h"

#include <gtest/gtest.h>

#include "connector/testing/connector_testing.h"
#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"

namespace mimica::connector {
namespace {

using testing::every_device;
using testing::everyone;
using testing::jane;
using testing::kNow;
using testing::laptop;
using testing::windows_user_profile;

TEST(Enrolment, DeviceAdministratorEndedWith2024) {
  Tenant tenant;
  ManagedDevice phone = laptop();
  phone.enrollment = Enrollment::android_device_administrator;
  EXPECT_TRUE(tenant.enrol(phone, from_civil({2024, 12, 31, 23, 59, 59})));
  const auto refused = tenant.enrol(phone, from_civil({2025, 1, 1, 0, 0, 0}));
  EXPECT_EQ(refused.rule(), "connector.enrollment.device_administrator");
  phone.google_mobile_services = false;
  EXPECT_TRUE(tenant.enrol(phone, from_civil({2025, 1, 1, 0, 0, 0})));
}

TEST(Profiles, IdsVersionsAndPatches) {
  Tenant tenant;
  const auto added = tenant.add_profile(windows_user_profile(), kNow);
  ASSERT_TRUE(added);
  const Profile* stored = tenant.find_profile("Windows user PKCS");
  ASSERT_NE(stored, nullptr);
  EXPECT_EQ(stored->id, *added.granted);
  EXPECT_EQ(stored->version, 1);
  EXPECT_EQ(stored->created, to_iso(kNow));
  Profile edited = *stored;
  edited.pkcs()->template_name = "Other";
  ASSERT_TRUE(tenant.update_profile(stored->id, edited, kNow + kDay));
  EXPECT_EQ(tenant.find_profile(stored->id)->version, 2);
  EXPECT_EQ(tenant.find_profile(stored->id)->last_modified, to_iso(kNow + kDay));
  EXPECT_FALSE(tenant.update_profile("nothing", edited, kNow));
  Profile same_id = windows_user_profile();
  same_id.id = stored->id;
  EXPECT_NE(*tenant.add_profile(same_id, kNow).granted, stored->id);
  Profile bad = windows_user_profile();
  bad.display_name.clear();
  EXPECT_EQ(tenant.add_profile(bad, kNow).rule(), "connector.profile.name");
  EXPECT_TRUE(tenant.remove_profile(stored->id));
}

TEST(Profiles, TheChannelOfAnAssignedMacProfileCannotBePatched) {
  Tenant tenant;
  Profile mac = *make_profile("macOSPkcsCertificateProfile", "mac");
  *mac.pkcs() = *windows_user_profile().pkcs();
  mac.pkcs()->key_usages.clear();
  mac.pkcs()->key_storage.reset();
  mac.pkcs()->channel = DeploymentChannel::user;
  const std::string id = *tenant.add_profile(mac, kNow).granted;
  mac.pkcs()->channel = DeploymentChannel::device;
  ASSERT_TRUE(tenant.update_profile(id, mac, kNow));
  ASSERT_TRUE(tenant.assign(id, {everyone()}));
  mac.pkcs()->channel = DeploymentChannel::user;
  EXPECT_EQ(tenant.update_profile(id, mac, kNow).rule(), "connector.profile.channel_immutable");
}

TEST(Profiles, AssignmentsNeedExistingGroupsAndFilters) {
  Tenant tenant;
  const std::string id = *tenant.add_profile(windows_user_profile(), kNow).granted;
  EXPECT_FALSE(tenant.assign("nothing", {}));
  EXPECT_FALSE(tenant.assign(id, {{"", TargetKind::group, "Ghosts", "", FilterMode::none}}));
  EXPECT_FALSE(tenant.assign(id, {{"", TargetKind::all_devices, "", "f", FilterMode::include}}));
  const std::string group = tenant.put_group({"", "People", {jane().id}, {}, {}});
  ASSERT_TRUE(tenant.assign(id, {{"", TargetKind::group, "People", "", FilterMode::none}}));
  EXPECT_EQ(tenant.assignments(id).at(0).group_id, group);
  ASSERT_TRUE(tenant.assign(id, {}));
  EXPECT_TRUE(tenant.assignments(id).empty());
}

TEST(Connectors, OnePerServerAndAHundredPerTenant) {
  Tenant tenant;
  EXPECT_TRUE(tenant.register_connector("C0", kSidRelease, {}, kNow));
  EXPECT_EQ(tenant.register_connector("c0", kSidRelease, {}, kNow).rule(), "connector.registration.limit");
  for (int i = 1; i < 100; ++i) ASSERT_TRUE(tenant.register_connector("C" + std::to_string(i), kSidRelease, {}, kNow));
  EXPECT_EQ(tenant.register_connector("C100", kSidRelease, {}, kNow).rule(), "connector.registration.limit");
}

TEST(Queue, LeasesFeaturesAndBackOff) {
  Tenant tenant;
  const std::string first = *tenant.register_connector("A", kSidRelease, {}, kNow).granted;
  const std::string second = *tenant.register_connector("B", kSidRelease, {}, kNow).granted;
  const std::set<ConnectorFeature> pkcs{ConnectorFeature::pkcs};
  CertificateRequest request;
  request.profile_id = "p";
  request.device_id = "d";
  request.not_before = kNow;
  const std::string id = tenant.enqueue(request);
  EXPECT_TRUE(tenant.lease(first, {ConnectorFeature::revocation}, kNow).empty());
  EXPECT_TRUE(tenant.lease("stranger", pkcs, kNow).empty());
  EXPECT_TRUE(tenant.lease(first, pkcs, kNow - 1).empty());
  ASSERT_EQ(tenant.lease(first, pkcs, kNow).size(), 1u);
  EXPECT_TRUE(tenant.lease(second, pkcs, kNow + 9 * kMinute).empty());
  // The lease runs out: another connector takes it, and the first one's answer is discarded.
  const auto again = tenant.lease(second, pkcs, kNow + 10 * kMinute);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].attempts, 2);
  EXPECT_EQ(tenant.complete(id, first).error().code, Code(HResult::ERROR_NOT_FOUND));
  ASSERT_TRUE(tenant.retry_later(id, second, kNow + kHour));
  EXPECT_FALSE(tenant.retry_later(id, second, kNow));
  EXPECT_TRUE(tenant.lease(first, pkcs, kNow + 59 * kMinute).empty());
  ASSERT_EQ(tenant.lease(first, pkcs, kNow + kHour).size(), 1u);
  EXPECT_NE(tenant.find_request(id), nullptr);
  EXPECT_TRUE(tenant.complete(id, first));
  EXPECT_TRUE(tenant.queue().empty());
}

TEST(Sids, WhoHasOne) {
  PkcsSettings user_type;
  user_type.store = CertificateStore::user;
  PkcsSettings device_type;
  device_type.store = CertificateStore::machine;
  const User synced = jane();
  User cloud = jane();
  cloud.on_premises.reset();
  for (const Enrollment enrollment : {Enrollment::windows, Enrollment::ios, Enrollment::macos,
                                      Enrollment::android_work_profile, Enrollment::android_fully_managed}) {
    ManagedDevice device = laptop();
    device.enrollment = enrollment;
    EXPECT_EQ(request_sid(user_type, device, &synced), testing::sid_of(1106));
    EXPECT_EQ(request_sid(user_type, device, &cloud), std::nullopt);
    EXPECT_EQ(request_sid(device_type, device, &synced).has_value(), enrollment == Enrollment::windows);
  }
  ManagedDevice joined = laptop();
  joined.join = JoinType::joined;
  EXPECT_EQ(request_sid(device_type, joined, nullptr), std::nullopt);
  ManagedDevice pending = laptop();
  pending.on_premises_sid.reset();
  EXPECT_EQ(request_sid(device_type, pending, nullptr), std::nullopt);
  EXPECT_EQ(request_sid(user_type, laptop(), nullptr), std::nullopt);
}

class Synchronisation : public ::testing::Test {
 protected:
  Synchronisation() {
    auto created = ldap::create_forest({}, clock, entropy);
    EXPECT_TRUE(created);
    dsa = *std::move(created);
    directory = ldap::in_process(*dsa, ldap::Caller::system());
    ldap::UserSpec spec;
    spec.name = "jane";
    spec.display_name = "Jane Doe";
    spec.mail = "jane.doe@contoso.com";
    EXPECT_TRUE(ldap::add_user(*directory, dsa->naming_contexts(), spec));
    ldap::ComputerSpec computer;
    computer.name = "LAPTOP-01";
    EXPECT_TRUE(ldap::add_computer(*directory, dsa->naming_contexts(), computer));
  }
  SimClock clock{kNow};
  SeededEntropy entropy{"sync"};
  std::unique_ptr<ldap::Dsa> dsa;
  std::unique_ptr<ldap::Directory> directory;
};

TEST_F(Synchronisation, BringsUsersAndHybridDevices) {
  Tenant tenant;
  ManagedDevice device = laptop();
  device.on_premises_sid.reset();
  device.dns_name.clear();
  device.domain_joined = false;
  ASSERT_TRUE(tenant.enrol(device, kNow));
  User cloud;
  cloud.user_principal_name = "cloud@contoso.onmicrosoft.com";
  tenant.put_user(cloud);
  const auto report = tenant.entra_sync(*directory);
  ASSERT_TRUE(report) << report.error().describe();
  EXPECT_EQ(report->devices_updated, 1);
  const User* user = tenant.find_user("jane");
  ASSERT_NE(user, nullptr);
  EXPECT_EQ(user->display_name, "Jane Doe");
  EXPECT_EQ(user->user_principal_name, "jane@contoso.com");
  EXPECT_EQ(user->mail, "jane.doe@contoso.com");
  ASSERT_TRUE(user->on_premises && user->on_premises->security_identifier);
  EXPECT_EQ(user->on_premises->security_identifier->domain(), dsa->domain_sid());
  EXPECT_EQ(tenant.find_user("krbtgt"), nullptr);
  EXPECT_EQ(tenant.find_user("LAPTOP-01$"), nullptr);
  const ManagedDevice* synced = tenant.find_device("LAPTOP-01");
  EXPECT_TRUE(synced->domain_joined);
  EXPECT_EQ(synced->dns_name, "laptop-01.contoso.com");
  EXPECT_TRUE(synced->on_premises_sid);

  const auto second = tenant.entra_sync(*directory);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->users_added, 0);
  SyncOptions nobody;
  nobody.excluded_containers = {dsa->naming_contexts().domain};
  ASSERT_TRUE(tenant.entra_sync(*directory, nobody));
  EXPECT_EQ(tenant.find_user("jane"), nullptr);
  EXPECT_NE(tenant.find_user("cloud@contoso.onmicrosoft.com"), nullptr);
}

TEST_F(Synchronisation, DeselectedAttributesStayAway) {
  Tenant tenant;
  SyncOptions options;
  options.deselected_attributes = {"objectSid", "distinguishedName"};
  ASSERT_TRUE(tenant.entra_sync(*directory, options));
  const User* user = tenant.find_user("jane@contoso.com");
  ASSERT_NE(user, nullptr);
  EXPECT_FALSE(user->on_premises->security_identifier);
  EXPECT_EQ(user->on_premises->distinguished_name, "");
  options = {};
  options.computers_need_user_certificate = true;
  ManagedDevice device = laptop();
  device.on_premises_sid.reset();
  ASSERT_TRUE(tenant.enrol(device, kNow));
  ASSERT_TRUE(tenant.entra_sync(*directory, options));
  EXPECT_FALSE(tenant.find_device("LAPTOP-01")->on_premises_sid);
}

}  // namespace
}  // namespace mimica::connector
