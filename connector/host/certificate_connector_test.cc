#include "connector/host/certificate_connector.h"

#include <gtest/gtest.h>

#include "connector/testing/connector_testing.h"

namespace mimica::connector {
namespace {

using testing::kNow;
using testing::Lab;
using testing::sid_of;

void set_switch(CertificateConnector& connector, std::uint32_t value) {
  connector.registry().set(kConnectorKey, kSidSwitch, value);
}

bool adds_sid(const CertificateConnector& connector) {
  const auto decision = connector.decide_sid(sid_of(1106));
  return decision && *decision.granted;
}

TEST(SidSwitch, BothServicesMustHaveReadIt) {
  CertificateConnector connector{ConnectorSettings{}};
  EXPECT_FALSE(adds_sid(connector));
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.registry_value", Verdict::warn));
  set_switch(connector, 1);
  EXPECT_FALSE(adds_sid(connector));
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.registry_value", Verdict::pass));
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.services_restarted", Verdict::warn));
  EXPECT_NE(find(connector.findings(), "connector.registry.restart"), nullptr);
  connector.restart(Service::create_legacy);
  EXPECT_FALSE(adds_sid(connector));
  connector.restart(Service::create);
  EXPECT_TRUE(adds_sid(connector));
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.services_restarted", Verdict::pass));
  EXPECT_EQ(find(connector.findings(), "connector.registry.restart"), nullptr);
  // Back to 0: the old behaviour stays until the services are restarted.
  set_switch(connector, 0);
  EXPECT_TRUE(adds_sid(connector));
  connector.restart(Service::create);
  EXPECT_FALSE(adds_sid(connector));
}

TEST(SidSwitch, TheOtherOrderAndThePipelineSwitch) {
  CertificateConnector connector{ConnectorSettings{}};
  set_switch(connector, 1);
  connector.restart(Service::create);
  EXPECT_FALSE(adds_sid(connector));
  connector.settings().sid_pipeline = SidPipeline::create_service;
  EXPECT_TRUE(adds_sid(connector));
  connector.settings().sid_pipeline = SidPipeline::legacy_service;
  EXPECT_FALSE(adds_sid(connector));
  connector.stop(Service::create_legacy);
  EXPECT_FALSE(connector.sid_switch_of(Service::create_legacy));
  connector.start(Service::create_legacy);
  EXPECT_TRUE(adds_sid(connector));
}

TEST(SidSwitch, ReleaseSystemUpdateAndSubject) {
  Registry registry;
  registry.set(kConnectorKey, kSidSwitch, std::uint32_t{1});
  CertificateConnector connector{ConnectorSettings{}, registry};
  EXPECT_TRUE(adds_sid(connector));
  const auto nobody = connector.decide_sid(std::nullopt);
  EXPECT_FALSE(*nobody.granted);
  EXPECT_TRUE(nobody.trace.has("connector.sid.subject", Verdict::warn));
  EXPECT_TRUE(connector.decide_sid(sid_of(1)).trace.has("connector.sid.subject", Verdict::pass));

  connector.settings().version = Version::of(6, 2301, 1, 0);
  EXPECT_FALSE(adds_sid(connector));
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.connector_version", Verdict::warn));
  connector.settings().version = Version::of(6, 2510, 3, 2002);
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.connector_version", Verdict::pass));

  connector.settings().host_system = Version::of(10, 0, 14393);
  EXPECT_FALSE(adds_sid(connector));
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.host_system", Verdict::warn));
  connector.settings().host_system = kServer2019;
  EXPECT_TRUE(connector.sid_readiness().has("connector.sid.host_system", Verdict::pass));

  connector.settings().host_update = false;
  const auto pointer = connector.decide_sid(sid_of(1106));
  EXPECT_EQ(pointer.rule(), "connector.sid.host_update");
  EXPECT_EQ(pointer.code, Code(HResult::E_POINTER));
  EXPECT_FALSE(*connector.decide_sid(std::nullopt).granted);  // nothing to build, nothing to fail
}

TEST(Connectors, DifferencesAreFound) {
  Registry registry;
  registry.set(kConnectorKey, kSidSwitch, std::uint32_t{1});
  ConnectorSettings other;
  other.host = "CONNECTOR02";
  const CertificateConnector ready{ConnectorSettings{}, registry};
  const CertificateConnector forgotten{other};
  EXPECT_NE(find(lint_connectors({&ready, &forgotten}), "connector.lint.connectors_differ"), nullptr);
  EXPECT_TRUE(lint_connectors({&ready, &ready}).empty());
}

TEST(Connectors, ServicesByEitherName) {
  EXPECT_EQ(service_named("pfx create legacy connector for microsoft intune"), Service::create_legacy);
  EXPECT_EQ(service_named("PkiCreateConnectorSvc"), Service::create);
  EXPECT_EQ(service_named("Spooler"), std::nullopt);
}

TEST(Connectors, HostFindings) {
  ConnectorSettings settings;
  settings.domain_joined = false;
  settings.version = Version::of(6, 2101, 12, 0);
  const CertificateConnector connector{settings};
  EXPECT_NE(find(connector.findings(), "connector.host.support"), nullptr);
  EXPECT_NE(find(connector.findings(), "connector.host.domain_joined"), nullptr);
  EXPECT_EQ(connector.caller(), "");
  EXPECT_TRUE(CertificateConnector{ConnectorSettings{}}.findings().empty());
}

TEST(Requests, GoOutUnderTheHostsAccountWithEverythingTheProfileAsks) {
  Lab lab;
  lab.switch_sid_on();
  const Delivery delivery = lab.deliver_now();
  ASSERT_TRUE(delivery.decision) << explain(delivery.decision.trace);
  ASSERT_EQ(lab.authority.submissions.size(), 1u);
  const Submission& submission = lab.authority.submissions.front();
  EXPECT_EQ(submission.caller, "CONTOSO\\CONNECTOR01$");
  EXPECT_EQ(submission.template_name, "IntuneUser");
  const std::vector<std::pair<std::string, std::string>> expected{
      {"CertificateTemplate", "IntuneUser"}, {"ValidityPeriod", "Years"}, {"ValidityPeriodUnits", "1"}};
  EXPECT_EQ(submission.attributes, expected);
  const auto request = mimica::CertificateRequest::parse(submission.pkcs10);
  ASSERT_TRUE(request);
  EXPECT_TRUE(*request->signature_valid());
  EXPECT_EQ(request->subject().to_cert_str(), "CN=Jane Doe");
  EXPECT_EQ(request->public_key().spec(), testing::kQuickKey);  // the template's key, not the profile's
  EXPECT_EQ(*ext::parse_sid(request->extension(oids::kSidExtension)->value), sid_of(1106));
  EXPECT_EQ(parse_general_names(request->extension(oids::kSubjectAltName)->value)->at(0).text, "jane@contoso.com");
  EXPECT_EQ(*ext::parse_oid_list(request->extension(oids::kExtendedKeyUsage)->value),
            std::vector<Oid>{oids::kClientAuth});
  lab.connector.settings().service_account = "CONTOSO\\svc-intune";
  EXPECT_EQ(lab.connector.caller(), "CONTOSO\\svc-intune");
}

TEST(Requests, TheDeviceCertificateMustTakeTheEncryption) {
  Lab lab;
  CertificateRequest request;
  request.profile_id = lab.profile_id;
  request.device_id = lab.device.record().id;
  request.ca_host = testing::kHost;
  request.ca_name = testing::kAuthority;
  request.template_name = "IntuneUser";
  request.names = {"CN=Jane Doe", {}};
  request.device_certificate = {1, 2, 3};
  request.not_before = kNow;
  lab.tenant.enqueue(request);
  Flow flow = lab.flow();
  const auto broken = poll_all(flow, kNow);
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->at(0).trace.deciding()->rule->id, "connector.pfx.recipient");
  EXPECT_EQ(broken->at(0).state, IssuanceState::response_processing_failed);
  request.device_certificate = lab.device.management_certificate().der();
  lab.tenant.enqueue(request);
  const auto good = poll_all(flow, kNow);
  ASSERT_TRUE(good);
  EXPECT_TRUE(good->at(0).trace.has("connector.pfx.recipient", Verdict::pass));
}

TEST(Events, SuccessAndFailureSequences) {
  Lab lab;
  ASSERT_TRUE(lab.deliver_now().decision);
  EXPECT_EQ(lab.event_ids(), (std::vector<int>{1002, 1020, 1050, 1102, 1100, 1000}));
  const auto admin = lab.log.query({.channel = "Microsoft-Intune-CertificateConnectors/Admin"});
  ASSERT_EQ(admin.size(), 1u);
  EXPECT_EQ(admin[0].kind->symbol, "PkcsRequestSuccess");
  EXPECT_EQ(admin[0].computer, "CONNECTOR01");
  EXPECT_FALSE(admin[0]["RequestId"].empty());

  Lab failing;
  failing.authority.deny = HResult::CERTSRV_E_TEMPLATE_DENIED;
  const Delivery delivery = failing.deliver_now(kNow, {0, true});
  EXPECT_EQ(delivery.attempts.size(), 4u);
  EXPECT_EQ(failing.event_ids(),
            (std::vector<int>{1002, 1020, 1051, 1002, 1020, 1051, 1002, 1020, 1051, 1002, 1020, 1052, 1001}));
  const Event last = failing.log.query().back();
  EXPECT_EQ(last.at, kNow + 21 * kMinute);
  EXPECT_EQ(last.level, EventLevel::error);
  ASSERT_NE(last.trace, nullptr);
  EXPECT_NE(last.trace->deciding(), nullptr);
  EXPECT_TRUE(failing.tenant.queue().empty());
}

TEST(Events, AreListedOnceWithEverythingTheirTableNeeds) {
  std::set<int> ids;
  for (const EventKind* kind : event_kinds()) {
    EXPECT_TRUE(ids.insert(kind->id).second);
    EXPECT_NE(kind->provider, nullptr);
    for (const std::string_view text :
         {kind->party, kind->symbol, kind->channel, kind->text, kind->when, kind->citation})
      EXPECT_FALSE(text.empty()) << kind->id;
  }
}

TEST(Retries, BackOffIsBoundedAndInVirtualTime) {
  Lab lab;
  lab.authority.reachable = false;
  const Delivery first = lab.deliver_now();
  EXPECT_EQ(first.retry_at, kNow + kMinute);
  Flow flow = lab.flow();
  EXPECT_TRUE(poll_all(flow, kNow + 59)->empty());
  EXPECT_EQ(poll_all(flow, kNow + kMinute)->at(0).retry_at, kNow + 6 * kMinute);
  EXPECT_EQ(poll_all(flow, kNow + 6 * kMinute)->at(0).retry_at, kNow + 21 * kMinute);
  const auto last = poll_all(flow, kNow + 21 * kMinute);
  EXPECT_EQ(last->at(0).kind, Processed::Kind::failed);
  EXPECT_TRUE(poll_all(flow, kNow + kDay)->empty());
  EXPECT_EQ(lab.tenant.current_state(lab.profile_id, lab.device.record().id)->state,
            IssuanceState::request_submit_failed);
}

TEST(Competition, OneForgottenConnectorMakesSidsIntermittent) {
  Lab lab;
  lab.switch_sid_on();
  ConnectorSettings settings;
  settings.host = "CONNECTOR02";
  CertificateConnector second{settings};
  ASSERT_TRUE(second.enrol(lab.tenant, kNow));
  Flow flow = lab.flow();
  flow.connectors.push_back(&second);
  int with = 0, without = 0;
  for (int i = 0; i < 24; ++i) {
    ManagedDevice record = testing::laptop();
    record.id.clear();
    record.name = "LAPTOP-" + std::to_string(100 + i);
    Device device(record);
    ASSERT_TRUE(*enrol_device(flow, device, kNow));
    const auto delivery = deliver(flow, lab.profile_id, device, kNow);
    ASSERT_TRUE(delivery && delivery->decision);
    const bool sid = Certificate::parse(delivery->certificate)->sid().has_value();
    EXPECT_EQ(sid, delivery->connector == "CONNECTOR01");
    ++(sid ? with : without);
  }
  EXPECT_GT(with, 3);
  EXPECT_GT(without, 3);
}

}  // namespace
}  // namespace mimica::connector
