// Signed requests against a whole CA: its directory, its database, its own certificates.
#include <gtest/gtest.h>

#include "ca/policy/restrictions.h"
#include "ca/request/signed_request.h"
#include "ca/rules.h"
#include "ca/testing/test_lab.h"
#include "templates/oid_container.h"

namespace mimica::ca {
namespace {

class SignedFlow : public testing::Test {
 protected:
  void SetUp() override {
    lab.start();
    lab.add_user("jane", "jane@contoso.com");
    lab.add_user("agent", "agent@contoso.com");
    lab.add_user("officer", "officer@contoso.com");
    ASSERT_TRUE(must(lab.ca->set_template_published("EnrollmentAgent", true, "")));
    lab.allow_enroll("EnrollmentAgent", sid("agent"));
    ASSERT_TRUE(must(lab.ca->set_rights("officer", ca_access::kIssueAndManage, true, "")));
  }
  Sid sid(const std::string& account) {
    return must(ldap::account_by_any_name(*lab.directory, lab.contexts, account))->sid;
  }
  SubmitOutcome submit(const std::string& caller, Bytes request, const std::string& cn) {
    return must(lab.ca->submit({caller, std::move(request), "CertificateTemplate:" + cn}), "submit");
  }
  RequestSigner enroll(const std::string& caller, const std::string& cn, std::size_t key) {
    RequestSigner signer{fixed_key("rsa-2048", key), {}};
    const SubmitOutcome outcome = submit(caller, request_der(signer.key), cn);
    EXPECT_EQ(outcome.disposition, Disposition::issued) << explain(outcome.trace);
    signer.certificate = must(Certificate::parse(outcome.certificate));
    return signer;
  }
  SubmitOutcome on_behalf(const RequestSigner& agent, const std::string& name, const std::string& caller = "agent") {
    SignedRequestSpec spec;
    spec.key = fixed_key("rsa-2048", 9);
    spec.signers = {agent};
    spec.requester_name = name;
    return submit(caller, must(make_signed_request(spec)), "User");
  }
  static std::string_view rule_of(const Trace& trace) {
    return trace.deciding() == nullptr ? "" : trace.deciding()->rule->id;
  }
  TestLab lab;
};

TEST_F(SignedFlow, AnAgentEnrollsForAnotherAccount) {
  const RequestSigner agent = enroll("agent", "EnrollmentAgent", 0);
  const SubmitOutcome outcome = on_behalf(agent, "CONTOSO\\jane");
  ASSERT_EQ(outcome.disposition, Disposition::issued) << explain(outcome.trace);
  const Certificate issued = must(Certificate::parse(outcome.certificate));
  EXPECT_EQ(issued.sid(), sid("jane"));
  EXPECT_EQ(issued.upn(), "jane@contoso.com");
  const RequestRow row = must(lab.database->by_request_id(*outcome.request_id))->request;
  EXPECT_EQ(row.RequesterName, "CONTOSO\\jane");
  EXPECT_EQ(row.CallerName, "CONTOSO\\agent");
  EXPECT_EQ(row.RequestType, 0x40300);
  EXPECT_EQ(row.RequestFlags & 0x10U, 0x10U);
  EXPECT_EQ(row.SignerApplicationPolicies, "1.3.6.1.4.1.311.20.2.1");
}

TEST_F(SignedFlow, NobodyIsThere) {
  const RequestSigner agent = enroll("agent", "EnrollmentAgent", 0);
  const SubmitOutcome outcome = on_behalf(agent, "CONTOSO\\nobody");
  EXPECT_EQ(outcome.disposition, Disposition::error);
  EXPECT_EQ(rule_of(outcome.trace), kAgentSubject.id);
  EXPECT_EQ(outcome.status, HResult::ERROR_NONE_MAPPED);
}

TEST_F(SignedFlow, ARevokedOrExpiredAgentIsRefused) {
  const RequestSigner agent = enroll("agent", "EnrollmentAgent", 0);
  ASSERT_TRUE(must(lab.ca->revoke(agent.certificate.serial_hex(), 1, "officer")));
  const SubmitOutcome revoked = on_behalf(agent, "jane");
  EXPECT_EQ(rule_of(revoked.trace), kSignatureTrusted.id);
  EXPECT_EQ(revoked.status, HResult::CRYPT_E_REVOKED);
  const RequestSigner other = enroll("agent", "EnrollmentAgent", 1);
  lab.clock.set(other.certificate.not_after() + kDay);
  const SubmitOutcome expired = on_behalf(other, "jane");
  EXPECT_EQ(rule_of(expired.trace), kSignatureTrusted.id);
  EXPECT_EQ(expired.status, HResult::CERT_E_EXPIRED);
}

TEST_F(SignedFlow, TheCallersRightCountsAndNotTheSubjects) {
  const RequestSigner agent = enroll("agent", "EnrollmentAgent", 0);
  templates::CertificateTemplate user = lab.read_template("User");
  remove_trustee(*user.security, lab.dsa->domain_sid().with_rid(rid::kDomainUsers));
  lab.write_template(user);
  EXPECT_EQ(rule_of(on_behalf(agent, "jane").trace), "templates.permission.enroll");
  lab.allow_enroll("User", sid("jane"));
  EXPECT_EQ(rule_of(on_behalf(agent, "jane").trace), "templates.permission.enroll");
  lab.allow_enroll("User", sid("agent"));
  EXPECT_EQ(on_behalf(agent, "jane").disposition, Disposition::issued);
}

TEST_F(SignedFlow, APendingRequestOnBehalfIsIssuedForItsSubject) {
  const RequestSigner agent = enroll("agent", "EnrollmentAgent", 0);
  lab.ca->configure([](CaConfig& config) { config.RequestDisposition = 1 | reqdisp::kPendingFirst; });
  const SubmitOutcome pending = on_behalf(agent, "jane");
  ASSERT_EQ(pending.disposition, Disposition::under_submission);
  const SubmitOutcome issued = must(lab.ca->resubmit(*pending.request_id, "officer"));
  ASSERT_EQ(issued.disposition, Disposition::issued) << explain(issued.trace);
  EXPECT_EQ(must(Certificate::parse(issued.certificate)).sid(), sid("jane"));
}

TEST_F(SignedFlow, RenewalKeepsTheOldCertificateInTheRow) {
  const templates::CertificateTemplate value = [&] {
    templates::CertificateTemplate made = lab.add_intune_template("Renewable", "jane");
    made.name_flags = lab.read_template("User").name_flags;
    lab.write_template(made);
    return made;
  }();
  const RequestSigner old = enroll("jane", value.cn, 2);
  lab.clock.set(lab.clock.now() + 300 * kDay);
  SignedRequestSpec spec;
  spec.format = RequestFormat::cmc;
  spec.key = fixed_key("rsa-2048", 3);
  spec.renews = old.certificate;
  spec.signers = {old};
  const SubmitOutcome outcome = submit("jane", must(make_signed_request(spec)), value.cn);
  ASSERT_EQ(outcome.disposition, Disposition::issued) << explain(outcome.trace);
  const RequestRow row = must(lab.database->by_request_id(*outcome.request_id))->request;
  EXPECT_EQ(row.RawOldCertificate, old.certificate.der());
  EXPECT_EQ(row.RequestType, 0x40400);
  EXPECT_EQ(row.RequestFlags & 0x2U, 0x2U);
  const SubmitOutcome other = submit("jane", must(make_signed_request(spec)), "User");
  EXPECT_EQ(rule_of(other.trace), kRenewalTemplate.id);
}

TEST_F(SignedFlow, RestrictedManagers) {
  const Sid clinic = lab.dsa->domain_sid().with_rid(rid::kDomainUsers);
  const RequestSigner jane = enroll("jane", "User", 4);
  const std::string serial = jane.certificate.serial_hex();
  const auto restrict_to = [&](std::vector<Restriction> list) {
    lab.ca->configure([&](CaConfig& config) { config.OfficerRights = make_restrictions(list); });
  };
  const auto revoke = [&] { return must(lab.ca->revoke(serial, 6, "officer")); };
  restrict_to({{sid("officer"), true, {clinic}, "WebServer"}});
  EXPECT_EQ(revoke().rule(), kOfficerRestriction.id);
  EXPECT_EQ(revoke().code, Code{HResult::CERTSRV_E_RESTRICTEDOFFICER});
  restrict_to({{sid("officer"), true, {clinic}, "User"}});
  const auto allowed = revoke();
  EXPECT_TRUE(allowed) << explain(allowed.trace);
  EXPECT_TRUE(allowed.trace.has(kOfficerRestriction.id, Verdict::pass));

  lab.ca->configure([](CaConfig& config) { config.RequestDisposition = 1 | reqdisp::kPendingFirst; });
  const SubmitOutcome pending = submit("jane", request_der(fixed_key("rsa-2048", 5)), "User");
  restrict_to({});
  EXPECT_EQ(must(lab.ca->deny(*pending.request_id, "officer")).rule(), kOfficerRestriction.id);
  EXPECT_EQ(rule_of(must(lab.ca->resubmit(*pending.request_id, "officer")).trace), kOfficerRestriction.id);
  EXPECT_TRUE(must(lab.ca->deny(*pending.request_id, "")));  // the console is not restricted
}

TEST_F(SignedFlow, RestrictionsAreAuditedAndNeedManageCa) {
  const SecurityDescriptor nobody = make_restrictions({});
  EXPECT_EQ(must(lab.ca->set_restrictions(true, nobody, "officer")).rule(), kPermissionManage.id);
  lab.new_events();
  ASSERT_TRUE(must(lab.ca->set_restrictions(true, nobody, "")));
  ASSERT_TRUE(must(lab.ca->set_restrictions(true, std::nullopt, "")));
  const std::vector<Event> logged = lab.new_events();
  ASSERT_EQ(logged.size(), 2U);
  EXPECT_EQ(logged[0].kind->id, 4890);
  EXPECT_EQ(logged[0]["EnableRestrictedPermissions"], "1");
  EXPECT_EQ(logged[0]["RestrictedPermissions"], to_hex(nobody.to_binary()));
  EXPECT_EQ(logged[1]["EnableRestrictedPermissions"], "0");
  EXPECT_FALSE(lab.ca->set_restrictions(false, lab.ca->config().Security, ""));  // plain entries
}

TEST_F(SignedFlow, IssuancePoliciesPointToTheirPracticeStatement) {
  const Oid policy("1.3.6.1.4.1.311.21.8.1.1.401");
  ldap::Entry entry =
      templates::oid_entry(policy, templates::OidKind::issuance_policy, "Medium", lab.contexts.configuration);
  entry.set("msPKI-OID-CPS", std::string("http://pki.contoso.com/cps.html"));
  must(lab.directory->add(entry));
  templates::CertificateTemplate value = lab.read_template("User");
  value.issuance_policies = {policy, Oid("1.3.6.1.4.1.311.21.8.1.1.402")};
  lab.write_template(value);
  const Certificate issued = enroll("jane", "User", 0).certificate;
  EXPECT_EQ(issued.policies(), value.issuance_policies);
  const std::string encoded = mimica::to_string(issued.extension(oids::kCertificatePolicies)->value);
  EXPECT_NE(encoded.find("http://pki.contoso.com/cps.html"), std::string::npos);
}

TEST_F(SignedFlow, TemplateLoadsAreAuditedOnDemand) {
  const auto ids = [&] {
    std::vector<int> found;
    for (const Event& event : lab.new_events())
      if (event.kind->id >= 4898 && event.kind->id <= 4900) found.push_back(event.kind->id);
    return found;
  };
  enroll("jane", "User", 0);
  EXPECT_TRUE(ids().empty());
  lab.ca->configure([](CaConfig& config) { config.EditFlags |= editf::kAuditCertTemplateLoad; });
  enroll("jane", "User", 1);
  enroll("jane", "User", 2);
  EXPECT_EQ(ids(), std::vector<int>{4898});
  templates::CertificateTemplate value = lab.read_template("User");
  value.overlap = 7 * kDay;
  lab.write_template(value);
  enroll("jane", "User", 3);
  EXPECT_EQ(ids(), std::vector<int>{4899});
  lab.allow_enroll("User", sid("officer"));
  enroll("jane", "User", 4);
  EXPECT_EQ(ids(), std::vector<int>{4900});
}

}  // namespace
}  // namespace mimica::ca
