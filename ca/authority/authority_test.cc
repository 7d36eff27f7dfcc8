#include "ca/authority/authority.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ca/publication/directory_objects.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"
#include "ca/testing/test_lab.h"
#include "ca/views/explain.h"
#include "core/pki/chain.h"
#include "templates/rules.h"

namespace mimica::ca {
namespace {

SubmitOutcome submit(TestLab& lab, const std::string& caller, const Bytes& request, const std::string& attributes) {
  return must(lab.ca->submit({caller, request, attributes}), "submit");
}

SubmitOutcome submit_user(TestLab& lab, const std::string& caller = "jane") {
  return submit(lab, caller, request_der(fixed_key("rsa-2048")), "CertificateTemplate:User");
}

std::string_view rule_of(const Trace& trace) { return trace.deciding() == nullptr ? "" : trace.deciding()->rule->id; }

class AuthorityTest : public testing::Test {
 protected:
  void SetUp() override {
    lab.start();
    lab.add_user("jane", "jane@contoso.com");
    lab.add_user("oskar", "oskar@contoso.com");
    lab.add_computer("CONNECTOR01");
  }
  TestLab lab;
};

TEST_F(AuthorityTest, TwoTierCertificatesChain) {
  const CaIdentity& identity = lab.ca->identity();
  EXPECT_FALSE(identity.is_root());
  EXPECT_TRUE(must(identity.root.signed_by(identity.root.public_key())));
  EXPECT_TRUE(must(identity.certificate.signed_by(identity.root.public_key())));
  EXPECT_EQ(identity.certificate.subject().to_cert_str(), "CN=CONTOSO-CA, DC=contoso, DC=com");
  EXPECT_EQ(extension_order(identity.root),
            (std::vector<std::string>{"2.5.29.15", "2.5.29.19", "2.5.29.14", "1.3.6.1.4.1.311.21.1"}));
  EXPECT_EQ(must(ext::parse_key_usage(identity.certificate.extension(oids::kKeyUsage)->value)), 0x8600);
  EXPECT_EQ(to_hex(identity.certificate.extension(oids::kCaVersion)->value), "020100");
  EXPECT_EQ(identity.certificate.template_name(), "SubCA");
  EXPECT_EQ(must(ext::parse_distribution_points(identity.certificate.extension(oids::kCrlDistributionPoints)->value)),
            std::vector<std::string>{"http://127.0.0.1:8080/CertEnroll/CONTOSO-CA-Root.crl"});
  EXPECT_EQ(lab.ca->chain().size(), 2U);
  EXPECT_EQ(lab.ca->ca_certificate().der(), identity.certificate.der());
}

TEST_F(AuthorityTest, PublishesItselfInTheDirectory) {
  const auto read = [&](const std::string& dn) {
    const auto entry = must(ldap::read_entry(*lab.directory, dn));
    EXPECT_TRUE(entry) << dn;
    return entry.value_or(ldap::Entry{});
  };
  const std::string ca_der = mimica::to_string(BytesView(lab.ca->ca_certificate().der()));
  const std::string root_der = mimica::to_string(BytesView(lab.ca->identity().root.der()));
  const ldap::Entry service = read(enrollment_service_dn(lab.contexts, "CONTOSO-CA"));
  EXPECT_EQ(service.first("flags"), "10");
  EXPECT_EQ(service.first("dNSHostName"), "ca01.contoso.com");
  EXPECT_EQ(service.first("cACertificate"), ca_der);
  EXPECT_EQ(service.first("cACertificateDN"), "CN=CONTOSO-CA, DC=contoso, DC=com");
  EXPECT_EQ(service.values("certificateTemplates").size(), 11U);
  EXPECT_EQ(read(lab.contexts.nt_auth()).values("cACertificate"), std::vector<std::string>{ca_der});
  EXPECT_EQ(read("CN=CONTOSO-CA-Root," + lab.contexts.certification_authorities()).first("cACertificate"), root_der);
  EXPECT_EQ(read("CN=CONTOSO-CA," + lab.contexts.aia()).first("cACertificate"), ca_der);
  EXPECT_TRUE(read("CN=CONTOSO-CA,CN=KRA," + lab.contexts.public_key_services()).is_a("msPKI-PrivateKeyRecoveryAgent"));
  const std::string crl(
      read(crl_object_dn(lab.contexts, "CONTOSO-CA", "ca01.contoso.com")).first("certificateRevocationList"));
  EXPECT_EQ(crl, mimica::to_string(BytesView(must(lab.ca->current_crl()).CRLRawCRL)));
  EXPECT_EQ(must(lab.directory->search({.base = lab.contexts.certificate_templates(), .scope = ldap::Scope::one_level}))
                .size(),
            33U);
  const auto host = must(ldap::account_by_sam(*lab.directory, lab.contexts, "CA01$"));
  ASSERT_TRUE(host);
  const Token token = must(ldap::read_token(*lab.directory, lab.contexts, *host));
  EXPECT_TRUE(token.contains(lab.dsa->domain_sid().with_rid(rid::kCertPublishers)));
}

TEST_F(AuthorityTest, IssuesAndRecords) {
  const SubmitOutcome outcome = submit_user(lab);
  ASSERT_EQ(outcome.disposition, Disposition::issued) << explain(outcome.trace);
  EXPECT_EQ(outcome.request_id, 1);
  EXPECT_EQ(outcome.message, "Issued");
  const Certificate certificate = must(Certificate::parse(outcome.certificate));
  EXPECT_TRUE(must(certificate.signed_by(lab.ca->ca_certificate().public_key())));
  EXPECT_EQ(certificate.serial_hex().substr(0, 10), "6100000001");
  const auto jane = must(ldap::account_by_sam(*lab.directory, lab.contexts, "jane"));
  EXPECT_EQ(certificate.sid(), jane->sid);
  const auto record = must(lab.database->by_request_id(1));
  ASSERT_TRUE(record && record->certificate);
  EXPECT_EQ(record->request.Disposition, DbDisposition::issued);
  EXPECT_EQ(record->request.RequesterName, "CONTOSO\\jane");
  EXPECT_EQ(record->request.RequestAttributes, "CertificateTemplate:User");
  EXPECT_EQ(record->certificate->RawCertificate, outcome.certificate);
  EXPECT_EQ(record->certificate->SerialNumber, certificate.serial_hex());
  EXPECT_EQ(record->certificate->CertificateHash, to_hex(certificate.thumbprint()));
  EXPECT_EQ(record->certificate->CertificateTemplate, "User");
  EXPECT_EQ(record->certificate->UPN, "jane@contoso.com");
  EXPECT_EQ(record->certificate->CommonName, "jane");
  EXPECT_EQ(record->certificate->PublicKeyLength, 2048);
  EXPECT_EQ(record->certificate->SubjectKeyIdentifier, to_hex(*certificate.subject_key_identifier()));
  EXPECT_EQ(record->attributes.size(), 1U);
  EXPECT_GE(record->extensions.size(), 10U);
  const SubmitOutcome again = must(lab.ca->retrieve(1));
  EXPECT_EQ(again.certificate, outcome.certificate);
  EXPECT_EQ(again.disposition, Disposition::issued);
  EXPECT_EQ(submit_user(lab, "oskar@contoso.com").request_id, 2);
}

TEST_F(AuthorityTest, PublishToDsWritesTheRequestersObject) {
  const SubmitOutcome outcome = submit_user(lab);
  const auto jane = must(ldap::account_by_sam(*lab.directory, lab.contexts, "jane"));
  const auto entry = must(ldap::read_entry(*lab.directory, jane->dn, {"userCertificate"}));
  EXPECT_EQ(entry->first("userCertificate"), mimica::to_string(BytesView(outcome.certificate)));
  lab.ca->configure([](CaConfig& config) { config.PublishCertFlags = 0; });
  submit_user(lab);
  EXPECT_EQ(must(ldap::read_entry(*lab.directory, jane->dn, {"userCertificate"}))->values("userCertificate").size(),
            1U);
}

TEST_F(AuthorityTest, EmitsEventsWithTheirData) {
  EXPECT_EQ(lab.new_events().front().id(), 4872);  // of the set-up: the first CRL
  submit_user(lab);
  std::vector<Event> events = lab.new_events();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].id(), 4886);
  EXPECT_EQ(events[0].computer, "ca01.contoso.com");
  EXPECT_EQ(events[1].id(), 4887);
  EXPECT_EQ(events[1].keywords, event_keywords::kAuditSuccess);
  ASSERT_NE(events[1].trace, nullptr);
  EXPECT_TRUE(events[1].trace->has(kPermissionRequest.id, Verdict::pass));
  std::vector<std::string> names;
  for (const Fact& fact : events[1].data) names.push_back(fact.name);
  EXPECT_EQ(names, (std::vector<std::string>{"RequestId", "Requester", "Attributes", "Disposition",
                                             "SubjectKeyIdentifier", "Subject"}));
  EXPECT_EQ(events[1]["Requester"], "CONTOSO\\jane");
  EXPECT_EQ(events[1]["Disposition"], "3");
  EXPECT_EQ(events[1]["SubjectKeyIdentifier"].size(), 59U);
  submit(lab, "jane", request_der(fixed_key("p-256")), "CertificateTemplate:WebServer");
  events = lab.new_events();
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[1].id(), 4888);
  EXPECT_EQ(events[1]["Disposition"], "2");
  EXPECT_EQ(events[2].id(), 53);
  EXPECT_EQ(events[2].kind->channel, "Application");
  EXPECT_EQ(events[2].level, EventLevel::warning);
  EXPECT_EQ(events[2]["RequestId"], events[1]["RequestId"]);
  for (const Event& event : {events[1], events[2]}) {
    ASSERT_NE(event.trace, nullptr);
    EXPECT_NE(event.trace->deciding(), nullptr);
  }
}

TEST(CaEvents, AreListedOnceWithEverythingTheirTableNeeds) {
  std::set<int> ids;
  for (const EventKind* kind : event_kinds()) {
    EXPECT_TRUE(ids.insert(kind->id).second);
    EXPECT_NE(kind->provider, nullptr);
    for (const std::string_view text : {kind->party, kind->channel, kind->text, kind->when, kind->citation})
      EXPECT_FALSE(text.empty()) << kind->id;
  }
}

TEST_F(AuthorityTest, RefusalsKeepARowWithTheTrace) {
  const SubmitOutcome outcome =
      submit(lab, "jane", request_der(fixed_key("p-256"), "CN=x"), "CertificateTemplate:WebServer");
  EXPECT_EQ(outcome.disposition, Disposition::denied);
  EXPECT_EQ(outcome.status, HResult::CERTSRV_E_TEMPLATE_DENIED);
  EXPECT_EQ(rule_of(outcome.trace), templates::rule::kPermissionEnroll.id);
  EXPECT_EQ(outcome.message.substr(0, 36), "Denied by Policy Module  0x80094012,");
  EXPECT_TRUE(outcome.certificate.empty());
  const auto record = must(lab.database->by_request_id(*outcome.request_id));
  EXPECT_EQ(record->request.Disposition, DbDisposition::denied);
  EXPECT_EQ(record->request.StatusCode, 0x80094012U);
  EXPECT_EQ(rule_of(must(stored_trace(*lab.database, *outcome.request_id))), templates::rule::kPermissionEnroll.id);
  const std::string text = must(explain_request(*lab.database, *outcome.request_id));
  EXPECT_NE(text.find("request 1 denied: CERTSRV_E_TEMPLATE_DENIED (0x80094012)"), std::string::npos) << text;
  EXPECT_NE(text.find("FAIL  templates.permission.enroll"), std::string::npos) << text;
}

TEST_F(AuthorityTest, ProcessingErrorsAreRowsWithDisposition30) {
  const SubmitOutcome garbage = submit(lab, "jane", to_bytes("garbage"), "CertificateTemplate:User");
  EXPECT_EQ(garbage.disposition, Disposition::error);
  EXPECT_EQ(garbage.message, "Error Parsing Request");
  EXPECT_EQ(must(lab.database->by_request_id(*garbage.request_id))->request.Disposition, DbDisposition::error);
  Bytes broken = request_der(fixed_key("p-256"), "CN=x");
  broken.back() ^= 1U;
  const SubmitOutcome forged = submit(lab, "jane", broken, "CertificateTemplate:User");
  EXPECT_EQ(forged.status, HResult::NTE_BAD_SIGNATURE);
  EXPECT_EQ(forged.message, "Error Verifying Request Signature or Signing Certificate");
  EXPECT_EQ(must(lab.ca->resubmit(*forged.request_id, "")).status, HResult::CERTSRV_E_BAD_REQUESTSTATUS);
}

TEST_F(AuthorityTest, UnknownCallerAndForeignNameKeepNoRow) {
  const SubmitOutcome nobody = submit_user(lab, "nobody");
  EXPECT_EQ(nobody.status, HResult::ERROR_NONE_MAPPED);
  EXPECT_EQ(rule_of(nobody.trace), kRequesterKnown.id);
  EXPECT_FALSE(nobody.request_id);
  SubmitInput input{"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:User", "OTHER-CA"};
  const SubmitOutcome other = must(lab.ca->submit(input));
  EXPECT_EQ(other.status, HResult::E_INVALIDARG);
  EXPECT_EQ(rule_of(other.trace), kAuthorityName.id);
  input.authority = "contoso-ca";
  const SubmitOutcome right = must(lab.ca->submit(input));
  EXPECT_EQ(right.disposition, Disposition::issued);
  EXPECT_TRUE(right.trace.has(kAuthorityName.id, Verdict::pass));
  EXPECT_TRUE(right.trace.has(kRequesterKnown.id, Verdict::pass));
  EXPECT_EQ(right.request_id, 1);
}

TEST_F(AuthorityTest, ConnectorStory) {
  // The connector's duplicate of User: subject and SID come from the request.
  lab.add_intune_template("IntuneUser", "CONNECTOR01$");
  const PrivateKey key = fixed_key("rsa-2048", 1);
  const Sid jane = must(ldap::account_by_sam(*lab.directory, lab.contexts, "jane"))->sid;
  const Bytes with_sid = request_der(
      key, "CN=jane", {san_extension({upn_name("jane@contoso.com")}), {oids::kSidExtension, false, ext::sid(jane)}});
  const auto ask = [&](const std::string& caller, const std::string& name) {
    return submit(lab, caller, with_sid, "CertificateTemplate:" + name);
  };
  const SubmitOutcome issued = ask("CONTOSO\\CONNECTOR01$", "IntuneUser");
  ASSERT_EQ(issued.disposition, Disposition::issued) << explain(issued.trace);
  EXPECT_EQ(must(Certificate::parse(issued.certificate)).sid(), jane);
  EXPECT_EQ(must(lab.database->by_request_id(*issued.request_id))->certificate->CertificateTemplate.substr(0, 20),
            "1.3.6.1.4.1.311.21.8");

  const SubmitOutcome by_display_name = ask("CONNECTOR01$", "Display IntuneUser");
  EXPECT_EQ(by_display_name.status, HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE);
  EXPECT_NE(by_display_name.trace.deciding()->hint.find("IntuneUser"), std::string::npos);
  EXPECT_EQ(ask("jane", "IntuneUser").status, HResult::CERTSRV_E_TEMPLATE_DENIED);
  EXPECT_TRUE(must(lab.ca->set_template_published("IntuneUser", false, "")));
  EXPECT_EQ(ask("CONNECTOR01$", "IntuneUser").status, HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE);
  EXPECT_TRUE(must(lab.ca->set_template_published("IntuneUser", true, "")));
  EXPECT_TRUE(must(lab.ca->remove_from_security("Authenticated Users", "")));
  EXPECT_EQ(ask("CONNECTOR01$", "IntuneUser").status, HResult::CERTSRV_E_ENROLL_DENIED);
  EXPECT_TRUE(must(lab.ca->set_rights("CONNECTOR01$", ca_access::kRequestCertificates, true, "")));
  EXPECT_EQ(ask("CONNECTOR01$", "IntuneUser").disposition, Disposition::issued);

  const Bytes short_key = request_der(fixed_key("rsa-1024"), "CN=jane");
  EXPECT_EQ(submit(lab, "CONNECTOR01$", short_key, "CertificateTemplate:IntuneUser").status,
            HResult::CERTSRV_E_KEY_LENGTH);
}

TEST_F(AuthorityTest, DirectoryChangesCountAtOnce) {
  ASSERT_EQ(submit_user(lab).disposition, Disposition::issued);
  templates::CertificateTemplate value = lab.read_template("User");
  remove_trustee(*value.security, lab.dsa->domain_sid().with_rid(rid::kDomainUsers));
  lab.write_template(value);
  EXPECT_EQ(submit_user(lab).status, HResult::CERTSRV_E_TEMPLATE_DENIED);
  must(ldap::add_group(*lab.directory, lab.contexts, {"Enrollers", {}}));
  EXPECT_TRUE(must(lab.ca->set_rights("Enrollers", ca_access::kIssueAndManage, true, "")));
  const auto group = must(lab.directory->search({.base = lab.contexts.domain, .filter = "(sAMAccountName=Enrollers)"}));
  lab.allow_enroll("User", *must(group.front().sid("objectSid")));
  EXPECT_EQ(submit_user(lab).status, HResult::CERTSRV_E_TEMPLATE_DENIED);
  must(ldap::add_member(*lab.directory, lab.contexts, "Enrollers", "jane"));
  EXPECT_EQ(submit_user(lab).disposition, Disposition::issued);
}

TEST_F(AuthorityTest, PendingRequestIsIssuedByAnOfficer) {
  lab.ca->configure([](CaConfig& config) { config.RequestDisposition = reqdisp::kPending; });
  const SubmitOutcome pending = submit_user(lab);
  EXPECT_EQ(pending.disposition, Disposition::under_submission);
  EXPECT_EQ(pending.message, "Taken Under Submission");
  EXPECT_EQ(pending.status, HResult::S_OK);
  EXPECT_EQ(lab.new_events().back().id(), 4889);
  EXPECT_EQ(must(lab.ca->retrieve(*pending.request_id)).disposition, Disposition::under_submission);

  const SubmitOutcome refused = must(lab.ca->resubmit(*pending.request_id, "oskar"));
  EXPECT_EQ(refused.status, HResult::E_ACCESSDENIED);
  EXPECT_EQ(rule_of(refused.trace), kPermissionOfficer.id);
  EXPECT_TRUE(must(lab.ca->set_rights("oskar", ca_access::kIssueAndManage, true, "")));
  const SubmitOutcome issued = must(lab.ca->resubmit(*pending.request_id, "oskar"));
  ASSERT_EQ(issued.disposition, Disposition::issued) << explain(issued.trace);
  EXPECT_TRUE(issued.trace.has(kPermissionOfficer.id, Verdict::pass));
  EXPECT_TRUE(issued.trace.has(kRowKnown.id, Verdict::pass));
  EXPECT_TRUE(issued.trace.has(kRowResolvable.id, Verdict::pass));
  EXPECT_EQ(issued.message, "Resubmitted by CONTOSO\\oskar");
  EXPECT_EQ(issued.request_id, pending.request_id);
  EXPECT_EQ(must(lab.ca->retrieve(*pending.request_id)).certificate, issued.certificate);
  EXPECT_EQ(must(lab.ca->resubmit(*pending.request_id, "oskar")).status, HResult::CERTSRV_E_BAD_REQUESTSTATUS);
  EXPECT_EQ(must(lab.ca->resubmit(4711, "oskar")).status, HResult::CERTSRV_E_PROPERTY_EMPTY);
}

TEST_F(AuthorityTest, PendingRequestIsDeniedByAnOfficer) {
  lab.ca->configure([](CaConfig& config) { config.RequestDisposition = reqdisp::kPending; });
  const std::int64_t id = *submit_user(lab).request_id;
  EXPECT_EQ(must(lab.ca->deny(id, "oskar")).rule(), kPermissionOfficer.id);
  EXPECT_TRUE(must(lab.ca->set_rights("oskar", ca_access::kIssueAndManage, true, "")));
  EXPECT_TRUE(must(lab.ca->deny(id, "oskar")));
  const SubmitOutcome denied = must(lab.ca->retrieve(id));
  EXPECT_EQ(denied.disposition, Disposition::denied);
  EXPECT_EQ(denied.status, HResult::CERTSRV_E_ADMIN_DENIED_REQUEST);
  EXPECT_EQ(denied.message, "Denied by CONTOSO\\oskar");
  EXPECT_EQ(must(lab.ca->deny(id, "")).rule(), kRowResolvable.id);
  EXPECT_EQ(must(lab.ca->deny(99, "")).rule(), kRowKnown.id);
  // Denied rows come back only for a CA administrator.
  EXPECT_EQ(must(lab.ca->resubmit(id, "oskar")).status, HResult::CERTSRV_E_BAD_REQUESTSTATUS);
  EXPECT_TRUE(must(lab.ca->set_rights("oskar", ca_access::kManageCa, true, "")));
  EXPECT_EQ(must(lab.ca->resubmit(id, "oskar")).disposition, Disposition::issued);
}

TEST_F(AuthorityTest, UnknownRequestIsPropertyEmpty) {
  const SubmitOutcome unknown = must(lab.ca->retrieve(77));
  EXPECT_EQ(unknown.status, HResult::CERTSRV_E_PROPERTY_EMPTY);
  EXPECT_EQ(rule_of(unknown.trace), kRowKnown.id);
}

TEST_F(AuthorityTest, RevocationNeedsTheOfficerRightAndShowsInTheCrl) {
  const Certificate certificate = must(Certificate::parse(submit_user(lab).certificate));
  const auto refused = must(lab.ca->revoke(certificate.serial_hex(), 1, "CONNECTOR01$"));
  EXPECT_EQ(refused.rule(), kPermissionOfficer.id);
  EXPECT_EQ(refused.code, Code{HResult::E_ACCESSDENIED});
  EXPECT_TRUE(must(lab.ca->set_rights("CONNECTOR01$", ca_access::kIssueAndManage, true, "")));
  lab.new_events();
  const auto revoked = must(lab.ca->revoke(certificate.serial_hex(), 1, "CONNECTOR01$"));
  EXPECT_TRUE(revoked);
  for (const Rule* rule : {&kPermissionOfficer, &kRevocationReason, &kRowKnown, &kRowRevocable})
    EXPECT_TRUE(revoked.trace.has(rule->id, Verdict::pass)) << rule->id;
  std::vector<Event> events = lab.new_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].id(), 4870);
  EXPECT_EQ(events[0]["CertificateSerialNumber"], certificate.serial_hex());
  EXPECT_EQ(must(lab.ca->retrieve(1)).disposition, Disposition::revoked);

  EXPECT_TRUE(must(Crl::parse(must(lab.ca->current_crl()).CRLRawCRL)).revoked().empty());
  EXPECT_EQ(must(lab.ca->publish_crl("jane")).rule(), kPermissionManage.id);
  const auto published = must(lab.ca->publish_crl(""));
  ASSERT_TRUE(published);
  EXPECT_EQ(published.granted->CRLNumber, 2);
  const Crl crl = must(Crl::parse(published.granted->CRLRawCRL));
  ASSERT_EQ(crl.revoked().size(), 1U);
  EXPECT_EQ(crl.revoked()[0].serial, certificate.serial());
  EXPECT_EQ(crl.revoked()[0].reason, 1);
  EXPECT_TRUE(must(crl.signed_by(lab.ca->ca_certificate().public_key())));
  events = lab.new_events();
  EXPECT_EQ(events.back().id(), 4872);
  EXPECT_EQ(events.back()["CRLNumber"], "2");
  EXPECT_NE(must(explain_certificate(*lab.database, certificate)).find("Key Compromise"), std::string::npos);
}

TEST_F(AuthorityTest, HoldCanBeReleasedAndOnlyHold) {
  const std::string serial = must(Certificate::parse(submit_user(lab).certificate)).serial_hex();
  EXPECT_EQ(must(lab.ca->revoke(serial, -1, "")).rule(), kRowRevocable.id);
  EXPECT_TRUE(must(lab.ca->revoke(serial, 6, "")));
  EXPECT_EQ(must(Crl::parse(must(lab.ca->publish_crl("")).granted->CRLRawCRL)).revoked().size(), 1U);
  EXPECT_TRUE(must(lab.ca->revoke(serial, -1, "")));
  EXPECT_EQ(must(lab.ca->retrieve(1)).disposition, Disposition::issued);
  EXPECT_TRUE(must(Crl::parse(must(lab.ca->publish_crl("")).granted->CRLRawCRL)).revoked().empty());
  EXPECT_TRUE(must(lab.ca->revoke(serial, 6, "")));
  EXPECT_TRUE(must(lab.ca->revoke(serial, 4, "")));  // a hold may become final
  const auto back = must(lab.ca->revoke(serial, 6, ""));
  EXPECT_EQ(back.rule(), kRowRevocable.id);
  EXPECT_EQ(back.code, Code{HResult::ERROR_INVALID_DATA});
  EXPECT_EQ(must(lab.ca->revoke(serial, -1, "")).rule(), kRowRevocable.id);
  EXPECT_EQ(must(lab.ca->revoke(serial, 7, "")).rule(), kRevocationReason.id);
  EXPECT_EQ(must(lab.ca->revoke("00", 1, "")).rule(), kRowKnown.id);
}

TEST_F(AuthorityTest, FutureRevocationWaitsForItsDate) {
  const std::string serial = must(Certificate::parse(submit_user(lab).certificate)).serial_hex();
  EXPECT_TRUE(must(lab.ca->revoke(serial, 4, "", lab.clock.now() + 3 * kDay)));
  EXPECT_TRUE(must(Crl::parse(must(lab.ca->publish_crl("")).granted->CRLRawCRL)).revoked().empty());
  lab.clock.advance(3 * kDay);
  EXPECT_EQ(must(Crl::parse(must(lab.ca->publish_crl("")).granted->CRLRawCRL)).revoked().size(), 1U);
}

TEST_F(AuthorityTest, CrlIsRenewedWhenTheClockPassesItsDate) {
  const CrlRow first = must(lab.ca->current_crl());
  EXPECT_EQ(first.CRLNumber, 1);
  EXPECT_EQ(first.CRLNextUpdate - first.CRLThisUpdate, 7 * kDay + 12 * kHour + 20 * kMinute);
  lab.clock.advance(7 * kDay - 1);
  EXPECT_EQ(must(lab.ca->current_crl()).CRLNumber, 1);
  lab.clock.advance(1);
  EXPECT_EQ(must(lab.ca->current_crl()).CRLNumber, 3);  // 2 was a delta CRL
  lab.clock.advance(300 * kDay);
  EXPECT_EQ(must(lab.ca->current_crl()).CRLNumber, 4);
  EXPECT_EQ(must(lab.ca->current_root_crl()).CRLNumber, 1);
}

TEST_F(AuthorityTest, ChainAndRevocationVerify) {
  const Certificate certificate = must(Certificate::parse(submit_user(lab).certificate));
  ChainInput input;
  input.leaf = certificate;
  input.intermediates = {lab.ca->ca_certificate()};
  input.anchors = {lab.ca->identity().root};
  input.crls = {must(lab.ca->current_crl()).CRLRawCRL, must(lab.ca->current_root_crl()).CRLRawCRL};
  input.at = lab.clock.now();
  EXPECT_EQ(build_chain(input).status, ChainStatus::ok) << build_chain(input).detail;
  EXPECT_TRUE(must(lab.ca->revoke(certificate.serial_hex(), 1, "")));
  input.crls[0] = must(lab.ca->publish_crl("")).granted->CRLRawCRL;
  EXPECT_EQ(build_chain(input).status, ChainStatus::revoked);
}

TEST_F(AuthorityTest, PublishesTemplates) {
  EXPECT_EQ(must(lab.ca->set_template_published("SmartcardLogon", true, "jane")).rule(), kPermissionManage.id);
  const auto unknown = must(lab.ca->set_template_published("Nothing", true, ""));
  EXPECT_EQ(unknown.rule(), kTemplatePublishable.id);
  EXPECT_EQ(unknown.code, Code{HResult::CERTSRV_E_UNKNOWN_CERT_TYPE});
  EXPECT_TRUE(must(lab.ca->set_rights("jane", ca_access::kManageCa, true, "")));
  const auto done = must(lab.ca->set_template_published("smartcardlogon", true, "jane"));
  EXPECT_TRUE(done.trace.has(kTemplatePublishable.id, Verdict::pass));
  EXPECT_TRUE(done.trace.has(kPermissionManage.id, Verdict::pass));
  EXPECT_EQ(must(lab.ca->published_templates()).size(), 12U);
  EXPECT_TRUE(must(lab.ca->set_template_published("SmartcardLogon", true, "jane")));  // no change
  EXPECT_TRUE(must(lab.ca->set_template_published("SmartcardLogon", false, "jane")));
  EXPECT_EQ(must(lab.ca->published_templates()).size(), 11U);
}

TEST_F(AuthorityTest, SecurityKeepsAnAdministrator) {
  SecurityDescriptor nobody = lab.ca->config().Security;
  nobody.dacl->aces.clear();
  const auto refused = must(lab.ca->set_security(nobody, ""));
  EXPECT_EQ(refused.rule(), kSecurityKeepsAdministrator.id);
  EXPECT_EQ(refused.code, Code{HResult::CERTSRV_E_NO_CAADMIN_DEFINED});
  const auto kept = must(lab.ca->set_security(lab.ca->config().Security, ""));
  EXPECT_TRUE(kept.trace.has(kSecurityKeepsAdministrator.id, Verdict::pass));
  EXPECT_TRUE(must(lab.ca->set_rights("Authenticated Users", ca_access::kRequestCertificates, false, "")));
  EXPECT_EQ(submit_user(lab).status, HResult::CERTSRV_E_ENROLL_DENIED);
  EXPECT_TRUE(must(lab.ca->set_rights("Domain Users", ca_access::kRequestCertificates, true, "")));
  EXPECT_EQ(submit_user(lab).disposition, Disposition::issued);
  EXPECT_FALSE(lab.ca->set_rights("Nobody At All", ca_access::kRead, true, ""));
}

TEST_F(AuthorityTest, ExplainsCertificates) {
  const SubmitOutcome outcome = submit_user(lab);
  const Certificate certificate = must(Certificate::parse(outcome.certificate));
  const std::string text = must(explain_certificate(*lab.database, certificate));
  for (const char* part :
       {"request 1 issued", "CONTOSO\\jane", "UPN=jane@contoso.com", "S-1-5-21-", "template", "pass  ca.extension.sid"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  const std::string foreign = must(explain_certificate(*lab.database, lab.ca->identity().root));
  EXPECT_NE(foreign.find("does not know the certificate"), std::string::npos);
  EXPECT_FALSE(explain_request(*lab.database, 99));
}

TEST_F(AuthorityTest, ReopensWithTheSameIdentity) {
  const CaIdentity identity = lab.ca->identity();
  lab.ca = must(CertificationAuthority::open(lab.config, lab.options, identity, lab.environment()));
  EXPECT_EQ(submit_user(lab).disposition, Disposition::issued);
  EXPECT_EQ(must(lab.ca->current_crl()).CRLNumber, 1);
}

TEST(Authority, SingleTier) {
  TestLab lab(CaType::enterprise_root);
  lab.start();
  lab.add_user("jane", "jane@contoso.com");
  EXPECT_TRUE(lab.ca->identity().is_root());
  EXPECT_EQ(lab.ca->chain().size(), 1U);
  EXPECT_FALSE(lab.ca->ca_certificate().extension(oids::kCrlDistributionPoints));
  EXPECT_EQ(submit_user(lab).disposition, Disposition::issued);
  EXPECT_EQ(must(lab.ca->current_root_crl()).CRLRawCRL, must(lab.ca->current_crl()).CRLRawCRL);
}

TEST(Authority, StandaloneLeavesPendingAndRefusesTemplates) {
  TestLab lab(CaType::standalone_root);
  lab.start();
  lab.add_computer("CONNECTOR01");
  const Bytes request = request_der(fixed_key("p-256"), "CN=device");
  const SubmitOutcome named = submit(lab, "CONNECTOR01$", request, "CertificateTemplate:IntuneUser");
  EXPECT_EQ(named.status, HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE);
  EXPECT_EQ(rule_of(named.trace), kTemplateSupport.id);
  const SubmitOutcome plain = submit(lab, "CONNECTOR01$", request, "");
  EXPECT_EQ(plain.disposition, Disposition::under_submission);
  EXPECT_EQ(must(lab.ca->resubmit(*plain.request_id, "")).disposition, Disposition::issued);
  EXPECT_EQ(must(lab.ca->set_template_published("User", true, "")).rule(), kTemplateSupport.id);
}

TEST(Crl, ReasonNamesAndOverlap) {
  EXPECT_EQ(revocation_reason_name(6), "Certificate Hold");
  EXPECT_EQ(revocation_reason_name(42), "Reason 42");
  TestLab lab;
  lab.config.CRLPeriod = kDay;
  lab.config.CRLOverlap = 2 * kHour;
  lab.start();
  const CrlRow row = must(lab.ca->current_crl());
  EXPECT_EQ(row.CRLNextUpdate, row.CRLNextPublish + 2 * kHour + 10 * kMinute);
  const Crl crl = must(Crl::parse(row.CRLRawCRL));
  std::vector<std::string> order;
  for (const Extension& extension : crl.extensions()) order.push_back(extension.oid.dotted());
  EXPECT_EQ(order, (std::vector<std::string>{"2.5.29.35", "1.3.6.1.4.1.311.21.1", "2.5.29.20", "1.3.6.1.4.1.311.21.4",
                                             "2.5.29.46", "1.3.6.1.4.1.311.21.14"}));
}

}  // namespace
}  // namespace mimica::ca
