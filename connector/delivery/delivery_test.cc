#include "connector/delivery/delivery.h"

#include <gtest/gtest.h>

#include "connector/profile/profile_reader.h"
#include "connector/testing/connector_testing.h"
#include "core/pki/pfx.h"

namespace mimica::connector {
namespace {

using testing::every_device;
using testing::everyone;
using testing::jane;
using testing::kNow;
using testing::Lab;
using testing::laptop;
using testing::sid_of;

const CertificateState& state(Lab& lab) { return *lab.tenant.current_state(lab.profile_id, lab.device.record().id); }
const StatusRow& status(Lab& lab) { return *lab.tenant.status(lab.profile_id, lab.device.record().id); }

std::vector<std::string_view> stage_names(const Delivery& delivery) {
  std::vector<std::string_view> names;
  for (const Stage& stage : delivery.stages) names.push_back(to_string(stage.kind));
  return names;
}

TEST(Deliver, TheWholeWay) {
  Lab lab;
  const Delivery delivery = lab.deliver_now();
  ASSERT_TRUE(delivery.decision) << explain(delivery.decision.trace);
  EXPECT_EQ(delivery.outcome, DeliveryOutcome::installed);
  EXPECT_EQ(stage_names(delivery),
            (std::vector<std::string_view>{"validate", "assign", "trusted root", "variables", "queue", "poll", "submit",
                                           "issued", "export", "encrypt", "deliver", "install", "report"}));
  const Certificate certificate = *Certificate::parse(delivery.certificate);
  EXPECT_FALSE(certificate.sid());
  EXPECT_EQ(certificate.upn(), "jane@contoso.com");
  // What the device opened is a PKCS#12 with key and chain.
  const auto pfx = open_pfx(delivery.opened.file, delivery.opened.password);
  ASSERT_TRUE(pfx);
  EXPECT_EQ(pfx->certificate.der(), delivery.certificate);
  EXPECT_EQ(pfx->chain.size(), 1u);
  EXPECT_GE(delivery.opened.password.size(), 32u);
  EXPECT_EQ(state(lab).state, IssuanceState::installed);
  EXPECT_EQ(state(lab).issuance.key_origin, "connector:CONNECTOR01");
  EXPECT_EQ(state(lab).issuance.ca_request_id, 1);
  EXPECT_EQ(status(lab).status, ProfileStatus::compliant);
  EXPECT_EQ(lab.tenant.overview(lab.profile_id).success, 1);
  EXPECT_EQ(admin_wording(status(lab).status), "Succeeded");
}

TEST(Deliver, UnknownNamesAreFaults) {
  Lab lab;
  Flow flow = lab.flow();
  EXPECT_FALSE(deliver(flow, "nothing", lab.device, kNow));
  Device stranger(laptop());
  EXPECT_EQ(deliver(flow, lab.profile_id, stranger, kNow)->decision.rule(), "connector.device.enrolled");
}

TEST(Deliver, ScepProfilesAreKeptAndNotExecuted) {
  Lab lab;
  lab.profile_id = lab.add(
      *parse_profile(R"({"@odata.type": "#microsoft.graph.macOSScepCertificateProfile", "displayName": "scep"})"),
      everyone());
  EXPECT_EQ(lab.deliver_now().decision.rule(), "connector.profile.kind");
}

TEST(Deliver, AnUnchangedProfileKeepsItsCertificateANewOneBringsAnother) {
  Lab lab;
  lab.switch_sid_on();
  const Bytes first = lab.deliver_now().certificate;
  EXPECT_EQ(Certificate::parse(first)->sid(), sid_of(1106));
  // Roll-back (REQ-25): value 0 and restarts alone change nothing on the device.
  lab.connector.registry().set(kConnectorKey, kSidSwitch, std::uint32_t{0});
  lab.connector.restart(Service::create);
  lab.connector.restart(Service::create_legacy);
  const Delivery again = lab.deliver_now();
  EXPECT_EQ(again.outcome, DeliveryOutcome::unchanged);
  EXPECT_TRUE(again.decision);
  EXPECT_EQ(again.certificate, first);
  EXPECT_TRUE(again.decision.trace.has("connector.request.needed", Verdict::not_applicable));
  lab.edit([](Profile& p) { p.description = "edited"; });
  EXPECT_EQ(lab.deliver_now().outcome, DeliveryOutcome::unchanged);
  Profile copy = testing::windows_user_profile();
  copy.display_name = "Windows user PKCS without SID";
  lab.profile_id = lab.add(copy, everyone());
  const Delivery fresh = lab.deliver_now();
  EXPECT_EQ(fresh.outcome, DeliveryOutcome::installed);
  EXPECT_TRUE(fresh.decision.trace.has("connector.request.needed", Verdict::pass));
  EXPECT_FALSE(Certificate::parse(fresh.certificate)->sid());
}

TEST(Deliver, EditingReissuesOnlyWhenSwitched) {
  Lab lab;
  ASSERT_TRUE(lab.deliver_now().decision);
  lab.tenant.options().reissue_on_edit = true;
  EXPECT_EQ(lab.deliver_now().outcome, DeliveryOutcome::unchanged);
  lab.edit([](Profile& p) { p.description = "edited"; });
  EXPECT_EQ(lab.deliver_now().outcome, DeliveryOutcome::installed);
}

TEST(Deliver, NotAssignedAndNotApplicable) {
  Lab lab;
  ASSERT_TRUE(lab.tenant.assign(lab.profile_id, {}));
  const Delivery unassigned = lab.deliver_now();
  EXPECT_EQ(unassigned.outcome, DeliveryOutcome::not_assigned);
  EXPECT_EQ(unassigned.decision.rule(), "connector.assignment.included");
  ASSERT_TRUE(lab.tenant.assign(lab.profile_id, {everyone()}));
  ManagedDevice record = laptop();
  record.id.clear();
  record.enrollment = Enrollment::ios;
  Device phone(record);
  lab.enrol(phone);
  EXPECT_EQ(lab.deliver_to(phone).outcome, DeliveryOutcome::not_applicable);
  EXPECT_EQ(lab.tenant.overview(lab.profile_id).not_applicable, 1);
}

TEST(Deliver, NoUserNoRequest) {
  Lab lab;
  ASSERT_TRUE(lab.tenant.assign(lab.profile_id, {every_device()}));
  lab.tenant.find_device("LAPTOP-01")->user_id.reset();
  const Delivery delivery = lab.deliver_now();
  EXPECT_EQ(delivery.outcome, DeliveryOutcome::refused);
  EXPECT_EQ(delivery.decision.rule(), "connector.variable.no_user");
  EXPECT_TRUE(delivery.decision.trace.has("connector.assignment.user_affinity", Verdict::fail));
  EXPECT_TRUE(lab.authority.submissions.empty());
  EXPECT_FALSE(delivery.reached_authority());
  EXPECT_EQ(state(lab).state, IssuanceState::request_creation_failed);
  EXPECT_EQ(status(lab).status, ProfileStatus::error);
  // Device type with device variables works without a user.
  lab.edit([](Profile& p) {
    p.pkcs()->store = CertificateStore::machine;
    p.pkcs()->subject_name_format_string = "CN={{DeviceId}}";
    p.pkcs()->sans.clear();
  });
  EXPECT_TRUE(lab.deliver_now().decision);
}

TEST(Deliver, CloudOnlyUsersGetNoSid) {
  Lab lab;
  lab.switch_sid_on();
  User cloud = jane();
  cloud.on_premises.reset();
  lab.tenant.put_user(cloud);
  const Delivery delivery = lab.deliver_now();
  ASSERT_TRUE(delivery.decision);
  EXPECT_FALSE(Certificate::parse(delivery.certificate)->sid());
  EXPECT_TRUE(delivery.decision.trace.has("connector.sid.subject", Verdict::warn));
}

TEST(Deliver, TheAuthoritysAnswerDecides) {
  Lab lab;
  lab.authority.deny = HResult::CERTSRV_E_TEMPLATE_DENIED;
  const Delivery denied = lab.deliver_now();
  EXPECT_EQ(denied.outcome, DeliveryOutcome::refused);
  EXPECT_EQ(denied.decision.code, Code(HResult::CERTSRV_E_TEMPLATE_DENIED));
  EXPECT_EQ(denied.decision.rule(), "connector.authority.issued");
  EXPECT_EQ(state(lab).state, IssuanceState::issue_failed);
  EXPECT_EQ(state(lab).error, Code(HResult::CERTSRV_E_TEMPLATE_DENIED));
  EXPECT_EQ(denied.retry_at, kNow + kMinute);
  // Repaired: the next delivery replaces the waiting attempt.
  lab.authority.deny = HResult::S_OK;
  EXPECT_TRUE(lab.deliver_now().decision);
  EXPECT_TRUE(lab.tenant.queue().empty());
}

TEST(Deliver, AnUnknownTemplateStillReachesTheAuthority) {
  Lab lab;
  lab.edit([](Profile& p) { p.pkcs()->template_name = "Intune User"; });
  const Delivery delivery = lab.deliver_now();
  EXPECT_EQ(delivery.decision.code, Code(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE));
  EXPECT_EQ(lab.authority.submissions.size(), 1u);
}

TEST(Deliver, WrongHostWrongNameAndHold) {
  Lab lab;
  lab.edit([](Profile& p) { p.pkcs()->authority_host = "ca02.contoso.com"; });
  EXPECT_EQ(lab.deliver_now().decision.code, Code(HResult::RPC_S_SERVER_UNAVAILABLE));
  lab.edit([](Profile& p) {
    p.pkcs()->authority_host = testing::kHost;
    p.pkcs()->authority_name = "Contoso";
  });
  const Delivery wrong_name = lab.deliver_now();
  EXPECT_EQ(wrong_name.decision.code, Code(HResult::E_INVALIDARG));
  EXPECT_EQ(wrong_name.decision.rule(), "connector.authority.reachable");
  lab.edit([](Profile& p) { p.pkcs()->authority_name = testing::kAuthority; });
  lab.authority.hold = true;
  const Delivery held = lab.deliver_now();
  EXPECT_EQ(held.outcome, DeliveryOutcome::pending);
  EXPECT_EQ(held.decision.rule(), "connector.authority.held");
  EXPECT_EQ(held.decision.code, Code(HResult::E_PENDING));
  EXPECT_EQ(state(lab).state, IssuanceState::issue_pending);
}

TEST(Deliver, AKeyThatIsNotExportableStopsAtTheConnector) {
  Lab lab;
  lab.authority.templates["IntuneUser"].facts.exportable_key = false;
  const Delivery delivery = lab.deliver_now(kNow, {0, true});
  EXPECT_EQ(delivery.decision.rule(), "connector.pfx.exportable");
  EXPECT_EQ(delivery.decision.code, Code(HResult::NTE_BAD_KEY_STATE));
  EXPECT_FALSE(delivery.certificate.empty());           // issued at the CA
  EXPECT_EQ(lab.authority.submissions.size(), 4u);      // every retry issued another one
  EXPECT_EQ(lab.device.find(lab.profile_id), nullptr);  // never delivered
  EXPECT_EQ(state(lab).state, IssuanceState::response_processing_failed);
  lab.authority.templates["IntuneUser"].facts.exportable_key = true;
  EXPECT_TRUE(lab.deliver_now().decision.trace.has("connector.pfx.exportable", Verdict::pass));
}

TEST(Deliver, HostProblems) {
  Lab lab;
  lab.connector.settings().domain_joined = false;
  const Delivery outside = lab.deliver_now();
  EXPECT_EQ(outside.decision.rule(), "connector.host.domain_joined");
  EXPECT_EQ(outside.decision.code, Code(HResult::E_ACCESSDENIED));
  lab.connector.settings().domain_joined = true;
  lab.connector.settings().version = Version::of(6, 1905, 0, 402);
  EXPECT_EQ(lab.deliver_now().decision.rule(), "connector.host.support");
  lab.connector.settings().version = kSidRelease;
  lab.switch_sid_on();
  lab.connector.settings().host_update = false;
  const Delivery pointer = lab.deliver_now();
  EXPECT_EQ(pointer.decision.rule(), "connector.sid.host_update");
  EXPECT_TRUE(lab.authority.submissions.empty());
  lab.connector.settings().host_update = true;
  EXPECT_TRUE(lab.deliver_now().decision);
}

TEST(Deliver, WithoutAConnectorTheRequestWaits) {
  Lab lab;
  lab.connector.stop(Service::create);
  lab.connector.stop(Service::create_legacy);
  const Delivery waiting = lab.deliver_now();
  EXPECT_EQ(waiting.outcome, DeliveryOutcome::pending);
  EXPECT_EQ(waiting.decision.rule(), "connector.request.connector");
  EXPECT_EQ(lab.tenant.queue().size(), 1u);
  lab.connector.start(Service::create);
  EXPECT_TRUE(lab.deliver_now().decision.trace.has("connector.request.connector", Verdict::pass));
}

TEST(Deliver, SubjectsThatDoNotParse) {
  Lab lab;
  User comma = jane();
  comma.display_name = "Doe, Jane";
  lab.tenant.put_user(comma);
  const Delivery delivery = lab.deliver_now();
  EXPECT_EQ(delivery.decision.rule(), "connector.subject.x500");
  EXPECT_TRUE(lab.authority.submissions.empty());
  lab.edit([](Profile& p) { p.pkcs()->subject_name_format_string = "CN=\"{{UserName}}\""; });
  EXPECT_TRUE(lab.deliver_now().decision);
}

TEST(Deliver, WithoutTheTrustedRootThePfxWaits) {
  Lab lab;
  ASSERT_TRUE(lab.tenant.assign(lab.root_id, {}));
  const Delivery waiting = lab.deliver_now();
  EXPECT_EQ(waiting.outcome, DeliveryOutcome::pending);
  EXPECT_EQ(waiting.decision.rule(), "connector.device.trusted_root");
  EXPECT_EQ(state(lab).state, IssuanceState::response_pending);
  EXPECT_EQ(status(lab).status, ProfileStatus::unknown);
  ASSERT_TRUE(lab.tenant.assign(lab.root_id, {every_device()}));
  const Delivery installed = lab.deliver_now();
  EXPECT_EQ(installed.outcome, DeliveryOutcome::installed);
  EXPECT_EQ(installed.certificate, waiting.certificate);  // the one that waited
  EXPECT_EQ(lab.authority.submissions.size(), 1u);
  lab.device.policy().untrusted_chain_waits = false;
  ASSERT_TRUE(lab.tenant.assign(lab.root_id, {}));
  lab.device.remove_profile(lab.root_id);
  lab.device.remove_profile(lab.profile_id);
  const Delivery failed = lab.deliver_now();
  EXPECT_EQ(failed.outcome, DeliveryOutcome::refused);
  EXPECT_EQ(state(lab).state, IssuanceState::install_failed);
}

TEST(Deliver, AndroidWaitsForItsBoundRootBeforeAnyRequest) {
  Lab lab;
  const std::string root =
      lab.add(testing::root_profile("androidWorkProfileTrustedRootCertificate", "Android root", lab.authority.root),
              everyone());
  Profile android = *make_profile("androidWorkProfilePkcsCertificateProfile", "Android");
  *android.pkcs() = *testing::windows_user_profile().pkcs();
  android.pkcs()->key_storage.reset();
  android.pkcs()->root_profile_id = root;
  lab.profile_id = lab.add(android, everyone());
  ASSERT_TRUE(lab.tenant.assign(root, {}));
  ManagedDevice record = laptop();
  record.id.clear();
  record.enrollment = Enrollment::android_work_profile;
  Device phone(record);
  lab.enrol(phone);
  const Delivery waiting = lab.deliver_to(phone);
  EXPECT_EQ(waiting.outcome, DeliveryOutcome::pending);
  EXPECT_EQ(waiting.decision.rule(), "connector.assignment.trusted_root");
  EXPECT_TRUE(lab.authority.submissions.empty());
  ASSERT_TRUE(lab.tenant.assign(root, {everyone()}));
  const Delivery installed = lab.deliver_to(phone);
  ASSERT_TRUE(installed.decision) << explain(installed.decision.trace);
  EXPECT_TRUE(phone.visible_certificates().empty());
  EXPECT_EQ(lab.tenant.status(lab.profile_id, phone.record().id)->status, ProfileStatus::compliant);
}

TEST(Deliver, SlowDeliveryOfAShortCertificateIsRefused) {
  Lab lab;
  lab.authority.templates["IntuneUser"].validity = 3 * kDay;
  const Delivery late = lab.deliver_now(kNow, {2 * kDay + kHour, false});
  EXPECT_EQ(late.decision.rule(), "connector.device.near_expiry");
  EXPECT_EQ(late.outcome, DeliveryOutcome::refused);
}

TEST(Deliver, DeviceAdministratorDevicesAreWarned) {
  Lab lab;
  ManagedDevice record = laptop();
  record.id.clear();
  record.enrollment = Enrollment::android_device_administrator;
  Device phone(record);
  lab.enrol(phone);
  const Timestamp later = from_civil({2025, 6, 1, 0, 0, 0});
  EXPECT_TRUE(lab.deliver_to(phone, later).decision.trace.has("connector.enrollment.support", Verdict::warn));
  EXPECT_FALSE(lab.deliver_to(phone, kNow).decision.trace.has("connector.enrollment.support", Verdict::warn));
}

TEST(Matrix, UserSidsOnAllPlatforms) {
  struct Case {
    const char* pkcs;
    const char* root;
    Enrollment enrollment;
  };
  for (const Case& c : {Case{"windows10PkcsCertificateProfile", "windows81TrustedRootCertificate", Enrollment::windows},
                        Case{"iosPkcsCertificateProfile", "iosTrustedRootCertificate", Enrollment::ios},
                        Case{"macOSPkcsCertificateProfile", "macOSTrustedRootCertificate", Enrollment::macos},
                        Case{"androidDeviceOwnerPkcsCertificateProfile", "androidDeviceOwnerTrustedRootCertificate",
                             Enrollment::android_fully_managed}}) {
    Lab lab;
    lab.switch_sid_on();
    const std::string root = lab.add(testing::root_profile(c.root, "root", lab.authority.root), everyone());
    Profile profile = *make_profile(c.pkcs, "matrix");
    *profile.pkcs() = *testing::windows_user_profile().pkcs();
    if (!profile.type->has(property::kKeyStorageProvider)) profile.pkcs()->key_storage.reset();
    if (!profile.type->has(property::kExtendedKeyUsages)) profile.pkcs()->key_usages.clear();
    if (profile.type->has(property::kRootCertificate)) profile.pkcs()->root_profile_id = root;
    lab.profile_id = lab.add(profile, everyone());
    ManagedDevice record = laptop();
    record.id.clear();
    record.enrollment = c.enrollment;
    Device device(record);
    lab.enrol(device);
    const Delivery delivery = lab.deliver_to(device);
    ASSERT_TRUE(delivery.decision) << c.pkcs << "\n" << explain(delivery.decision.trace);
    EXPECT_EQ(Certificate::parse(delivery.certificate)->sid(), sid_of(1106)) << c.pkcs;
  }
}

}  // namespace
}  // namespace mimica::connector
