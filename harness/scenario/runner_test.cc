#include "harness/scenario/runner.h"

#include <gtest/gtest.h>

#include "core/pki/testing/pki_test.h"
#include "harness/rules.h"
#include "harness/scenario/fake_lab_test.h"

namespace mimica::harness {
namespace {

inline constexpr Rule kEnrollRule{"templates.permission.enroll", "The caller may enroll", "MS-CRTD 2.5",
                                  "allow Enroll"};
inline constexpr Rule kOther{"kdc.mapping.strong", "Strong", "KB5014754", "renew"};

Report refused() {
  Report report;
  report.outcome = Outcome::refused;
  report.code = HResult::CERTSRV_E_TEMPLATE_DENIED;
  report.trace.fail(kEnrollRule, report.code, "needs Enroll");
  report.log = {{"connector/Admin", 1051}, {"ca/Security", 4888}};
  report.request_id = 7;
  return report;
}

Report issued(const Certificate& certificate) {
  Report report;
  report.outcome = Outcome::issued;
  report.certificate = certificate;
  report.request_id = 8;
  return report;
}

Certificate some_certificate(const std::string& subject = "CN=Jane Doe,DC=contoso,DC=com") {
  GeneralName upn;
  upn.kind = GeneralName::Kind::upn;
  upn.text = "jane@contoso.com";
  static const pki::Party issuer = pki::root();
  return pki::certify(subject, &issuer,
                      {{oids::kSubjectAltName, false, encode_general_names({upn})},
                       {oids::kSidExtension, false, ext::sid(*Sid::parse("S-1-5-21-1-2-3-1105"))},
                       {oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})}})
      .certificate;
}

CaseRecord run_steps(const std::string& steps, FakeScript& script) {
  const LoadedScenarios loaded =
      load_text("scenario: t\nlab: {users: [{name: jane}], devices: [{name: PC}]}\nsteps:\n" + steps);
  EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.faults.front().describe());
  if (!loaded.ok()) return {};
  return run(loaded.cases.front(), fake_labs(script));
}

// The mismatches of the only step, as "what: wanted W, found F".
std::vector<std::string> mismatches(const std::string& expect, const Report& report,
                                    const std::map<std::string, std::string>& sids = {}) {
  FakeScript script;
  script.answers.push_back(report);
  script.sids = sids;
  const CaseRecord record =
      run_steps("  - {check_in: {device: PC}" + (expect.empty() ? "" : ", expect: " + expect) + "}\n", script);
  std::vector<std::string> out;
  if (record.steps.empty()) return {"no steps"};
  const StepRecord& step = record.steps.front();
  EXPECT_EQ(record.exit, step.mismatches.empty() ? ExitCode::as_expected : ExitCode::expectation_failed);
  for (const Mismatch& m : step.mismatches) out.push_back(m.what + ": wanted " + m.wanted + ", found " + m.found);
  return out;
}

using Strings = std::vector<std::string>;

TEST(Expectation, WithoutOneAStepMustSucceed) {
  EXPECT_EQ(mismatches("", Report{}), Strings{});
  EXPECT_EQ(mismatches("", refused()), Strings{"outcome: wanted success, found refused"});
}

TEST(Expectation, CodeOrRuleAloneMeansARefusal) {
  EXPECT_EQ(mismatches("{code: CERTSRV_E_TEMPLATE_DENIED}", refused()), Strings{});
  EXPECT_EQ(mismatches("{code: 0x80094012, rule: templates.permission.enroll}", refused()), Strings{});
  EXPECT_EQ(mismatches("{code: CERTSRV_E_TEMPLATE_DENIED}", Report{}),
            (Strings{"outcome: wanted no success, found done",
                     "code: wanted CERTSRV_E_TEMPLATE_DENIED (0x80094012), found none"}));
}

TEST(Expectation, ComparesCodeAndRule) {
  EXPECT_EQ(
      mismatches("{outcome: refused, code: 0x80094800, rule: kdc.mapping.strong}", refused()),
      (Strings{
          "code: wanted CERTSRV_E_UNSUPPORTED_CERT_TYPE (0x80094800), found CERTSRV_E_TEMPLATE_DENIED (0x80094012)",
          "rule: wanted kdc.mapping.strong, found templates.permission.enroll"}));
  Report kerberos;
  kerberos.outcome = Outcome::refused;
  kerberos.code = KrbError::KDC_ERR_CERTIFICATE_MISMATCH;
  EXPECT_EQ(mismatches("{code: 66}", kerberos), Strings{});
  EXPECT_EQ(mismatches("{code: 62}", kerberos), Strings{"code: wanted 62, found KDC_ERR_CERTIFICATE_MISMATCH (66)"});
}

TEST(Expectation, AnyOutcomeIsNotCompared) { EXPECT_EQ(mismatches("{outcome: any}", refused()), Strings{}); }

TEST(Expectation, ComparesVerdictsOfSingleRules) {
  Report report;
  report.trace.warn(kOther, "weak");
  EXPECT_EQ(mismatches("{trace: {kdc.mapping.strong: warn}}", report), Strings{});
  EXPECT_EQ(mismatches("{trace: {kdc.mapping.strong: pass, templates.permission.enroll: pass}}", report),
            (Strings{"trace.kdc.mapping.strong: wanted pass, found warn",
                     "trace.templates.permission.enroll: wanted pass, found not checked"}));
}

TEST(Expectation, KdcEventsMustBeExactlyThese) {
  Report report;
  report.events = {kdc::events::no_strong_mapping("jane", {}, true, {}), kdc::events::not_in_nt_auth("jane", {}, {})};
  EXPECT_EQ(mismatches("{event: [45, 39]}", report), Strings{});
  EXPECT_EQ(mismatches("{event: 39}", report), Strings{"event: wanted 39, found 39, 45"});
  EXPECT_EQ(mismatches("{event: none}", report), Strings{"event: wanted none, found 39, 45"});
  EXPECT_EQ(mismatches("{event: none}", Report{}), Strings{});
}

TEST(Expectation, OtherEventsMustBeAmongThose) {
  EXPECT_EQ(mismatches("{outcome: any, log: 1051}", refused()), Strings{});
  EXPECT_EQ(mismatches("{outcome: any, log: {connector/Admin: 1051}}", refused()), Strings{});
  EXPECT_EQ(mismatches("{outcome: any, log: {ca/Security: 1051}}", refused()),
            Strings{"log: wanted ca/Security 1051, found connector/Admin 1051; ca/Security 4888"});
  EXPECT_EQ(mismatches("{outcome: any, log: none}", refused()),
            Strings{"log: wanted none, found connector/Admin 1051; ca/Security 4888"});
}

TEST(Expectation, ComparesTheCertificate) {
  const Report report = issued(some_certificate());
  const std::map<std::string, std::string> sids{{"jane", "S-1-5-21-1-2-3-1105"}, {"bob", "S-1-5-21-1-2-3-1106"}};
  EXPECT_EQ(
      mismatches("{certificate: {sid: jane, subject: \"CN=Jane Doe,DC=contoso,DC=com\", san: upn=jane@contoso.com, "
                 "key: p-256, eku: 1.3.6.1.5.5.7.3.2, validity: 365 d, not_after: 2026-01-01}}",
                 report, sids),
      Strings{});
  EXPECT_EQ(mismatches("{certificate: {sid: absent}}", report),
            Strings{"certificate.sid: wanted absent, found S-1-5-21-1-2-3-1105"});
  EXPECT_EQ(mismatches("{certificate: {sid: bob}}", report, sids),
            Strings{"certificate.sid: wanted S-1-5-21-1-2-3-1106 (bob), found S-1-5-21-1-2-3-1105"});
  EXPECT_EQ(mismatches("{certificate: {san: none, eku: [a, b]}}", report).size(), 2U);
  EXPECT_EQ(mismatches("{certificate: {subject: CN=Bob, issuer: CN=Bob, key: RSA-2048, template: X, validity: 1 d, "
                       "not_after: 2030-01-01}}",
                       report)
                .size(),
            6U);
  EXPECT_EQ(mismatches("{certificate: {sid: jane}}", Report{}),
            Strings{"certificate: wanted a certificate, found none"});
  EXPECT_EQ(mismatches("{certificate: none}", Report{}), Strings{});
  EXPECT_EQ(mismatches("{certificate: none}", report).size(), 1U);
}

TEST(Expectation, AnUnknownAccountIsBadInput) {
  FakeScript script;
  script.answers.push_back(issued(some_certificate()));
  const CaseRecord record = run_steps("  - {check_in: {device: PC}, expect: {certificate: {sid: nobody}}}\n", script);
  EXPECT_EQ(record.exit, ExitCode::bad_input);
  EXPECT_EQ(record.steps[0].status, StepRecord::Status::fault);
  EXPECT_EQ(describe(record.steps[0].fault->where), "s.yaml:4:6");
}

TEST(Runner, CallsTheLabInOrder) {
  FakeScript script;
  script.sids["jane"] = "S-1-5-21-9";
  const CaseRecord record = run_steps(R"(
  - deliver: {profile: P, to: PC}
  - renew: {profile: P, on: PC}
  - enroll: {as: jane, template: T, san: [upn=x, sid=jane]}
  - logon: {as: jane, device: PC, which: previous}
  - registry: {set: {A: 1, B: x}, path: Software}
  - kdc: {set: {StrongCertificateBindingEnforcement: 1}, delete: UseSubjectAltName}
  - restart: {service: [S1, S2]}
  - upgrade: {version: 6.2406.0.1001}
  - template: {name: T, remove: Domain Users, publish: true}
  - ca: {remove: {account: jane}}
  - ca: {edit_flag: [+EDITF_A, -EDITF_B]}
  - ca: {publish_crl: true}
  - ca: {publish_delta_crl: true}
  - ca: {renew: new_key}
  - ca: {renew: same_key}
  - publication: {reachable: false}
  - publication: {renewed: false}
  - trust: {device: PC}
  - add: {user: {name: bob}}
  - add: {member: {group: G, member: bob}}
  - set_attribute: {account: jane, attribute: mail, values: [a, b]}
  - check: {device: PC, count: 0}
)",
                                      script);
  EXPECT_EQ(record.exit, ExitCode::as_expected);
  EXPECT_EQ(script.calls, (Strings{"deliver P PC",
                                   "renew P PC",
                                   "enroll jane T upn=x,sid=S-1-5-21-9",
                                   "logon jane PCprevious",
                                   "registry CONNECTOR01|Software|A|REG_DWORD|1",
                                   "registry CONNECTOR01|Software|B|REG_SZ|x",
                                   "kdc registry StrongCertificateBindingEnforcement|1",
                                   "kdc registry UseSubjectAltName|absent",
                                   "restart CONNECTOR01 S1",
                                   "restart CONNECTOR01 S2",
                                   "upgrade CONNECTOR01 6.2406.0.1001",
                                   "edit_template T remove=Domain Users",
                                   "publish T true",
                                   "ca_rights jane request remove",
                                   "edit_flag +EDITF_A",
                                   "edit_flag -EDITF_B",
                                   "publish_crl",
                                   "publish_crl delta",
                                   "renew_ca new key",
                                   "renew_ca same key",
                                   "publication gone renewed",
                                   "publication reachable stale",
                                   "trust PC true",
                                   "add_user bob",
                                   "add_member G bob",
                                   "set_attribute jane mail a,b",
                                   "device_certificates PC"}));
}

TEST(Runner, MovesTheClockAndNotesIt) {
  FakeScript script;
  const CaseRecord record =
      run_steps("  - clock: {set: 2025-01-01}\n  - clock: {advance: 2 h}\n  - check_in: {device: PC}\n", script);
  EXPECT_EQ(to_iso(record.steps[2].at), "2025-01-01T02:00:00Z");
}

TEST(Runner, LaterStepsUseEarlierCertificates) {
  FakeScript script;
  const Certificate first = some_certificate("CN=a"), second = some_certificate("CN=b");
  script.answers = {issued(first), Report{}, Report{}, issued(second), issued(first)};
  const CaseRecord record = run_steps(R"(
  - {check_in: {device: PC}, as: first}
  - logon: {as: jane, certificate: first}
  - revoke: {certificate: first, as: jane, reason: superseded}
  - {check_in: {device: PC}, expect: {certificate: {differs_from: first}}}
  - {check_in: {device: PC}, expect: {certificate: {same_as: first}}}
  - map: {account: jane, certificate: first, form: ski}
)",
                                      script);
  EXPECT_EQ(record.exit, ExitCode::as_expected);
  EXPECT_EQ(script.calls[1], "logon jane  certificate");
  EXPECT_EQ(script.calls[2], "revoke jane 4");
  EXPECT_EQ(script.calls[5], "map jane ski");
}

TEST(Runner, PendingRequestsAreResolvedById) {
  FakeScript script;
  Report pending;
  pending.outcome = Outcome::pending;
  pending.request_id = 42;
  script.answers = {pending};
  const CaseRecord record = run_steps(
      "  - {check_in: {device: PC}, as: asked, expect: {outcome: pending}}\n  - resolve: {request: asked, decision: "
      "issue}\n",
      script);
  EXPECT_EQ(record.exit, ExitCode::as_expected);
  EXPECT_EQ(script.calls.back(), "resolve 42 Administrator issue");
}

TEST(Runner, ContinuesAfterAFailedExpectationAndSkipsWhatDependsOnIt) {
  FakeScript script;
  script.answers = {refused()};
  const CaseRecord record = run_steps(
      "  - {check_in: {device: PC}, as: first}\n  - logon: {as: jane, certificate: first}\n  - check_in: {device: "
      "PC}\n",
      script);
  EXPECT_EQ(record.exit, ExitCode::expectation_failed);
  EXPECT_EQ(record.steps[0].status, StepRecord::Status::failed);
  EXPECT_EQ(record.steps[1].status, StepRecord::Status::skipped);
  EXPECT_EQ(record.steps[2].status, StepRecord::Status::ok);
}

TEST(Runner, AFaultStopsTheScenario) {
  FakeScript script;
  script.faults["add_user bob"] = fault("there is a bob already", {}, "choose another name");
  const CaseRecord record = run_steps("  - add: {user: {name: bob}}\n  - check_in: {device: PC}\n", script);
  EXPECT_EQ(record.exit, ExitCode::bad_input);
  EXPECT_EQ(record.steps[0].status, StepRecord::Status::fault);
  EXPECT_EQ(describe(record.steps[0].fault->where), "s.yaml:4:5");
  EXPECT_EQ(record.steps[1].status, StepRecord::Status::skipped);
  EXPECT_EQ(script.calls.size(), 1U);
}

TEST(Runner, AnEnvironmentFaultHasItsOwnExitCode) {
  FakeScript script;
  script.faults["add_user bob"] = fault(LdapCode::unavailable, "the directory does not answer");
  EXPECT_EQ(run_steps("  - add: {user: {name: bob}}\n", script).exit, ExitCode::environment);
  EXPECT_EQ(worst(ExitCode::environment, ExitCode::bad_input), ExitCode::environment);
  EXPECT_EQ(worst(ExitCode::expectation_failed, ExitCode::bad_input), ExitCode::bad_input);
}

TEST(Runner, AnExpectedFailureWithACodeIsNoFault) {
  FakeScript script;
  script.faults["add_user bob"] = fault(LdapCode::entryAlreadyExists, "there is a bob already");
  EXPECT_EQ(
      run_steps("  - {add: {user: {name: bob}}, expect: {outcome: failed, code: entryAlreadyExists}}\n", script).exit,
      ExitCode::as_expected);
}

TEST(Runner, AStepWithoutCertificateCannotBeReferredTo) {
  FakeScript script;
  EXPECT_EQ(run_steps("  - {check_in: {device: PC}, as: a}\n  - logon: {as: jane, certificate: a}\n", script).exit,
            ExitCode::bad_input);
}

TEST(Runner, CountsCertificatesOfADevice) {
  FakeScript script;
  script.device_certificates = {some_certificate()};
  EXPECT_EQ(run_steps("  - check: {device: PC, count: 1}\n", script).exit, ExitCode::as_expected);
  const CaseRecord record = run_steps("  - check: {device: PC, count: 2}\n", script);
  EXPECT_EQ(record.exit, ExitCode::expectation_failed);
  EXPECT_EQ(record.steps[0].mismatches[0].what, "count");
}

TEST(Runner, VerifiesChainsAtTheLabTime) {
  const pki::Party root = pki::root();
  const pki::Party issuing = pki::certify("CN=CA", &root, pki::ca_extensions(root.key), root.key);
  const pki::Party leaf =
      pki::certify("CN=leaf", &issuing, {}, pki::new_key(), pki::at("2025-01-01"), pki::at("2026-01-01"), {0x55});
  FakeScript script;
  script.chain = {issuing.certificate, root.certificate};
  script.crls = {pki::crl_of(root), pki::crl_of(issuing)};
  script.answers = {issued(leaf.certificate)};
  const std::string steps = R"(
  - {check_in: {device: PC}, as: leaf}
  - clock: {set: 2025-06-02}
  - {check: {chain: leaf}, expect: {trace: {harness.check.chain: pass}}}
  - clock: {set: 2027-01-01}
  - {check: {chain: leaf}, expect: {outcome: refused, code: CERT_E_EXPIRED, rule: harness.check.chain}}
)";
  LoadOptions options;
  const LoadedScenarios loaded =
      load_scenarios("scenario: t\nlab: {devices: [{name: PC}]}\nsteps:\n" + steps, "s.yaml", options);
  ASSERT_TRUE(loaded.ok()) << loaded.faults.front().describe();
  const CaseRecord good = run(loaded.cases.front(), fake_labs(script));
  for (const StepRecord& step : good.steps)
    EXPECT_EQ(step.status, StepRecord::Status::ok) << step.title << explain(step.report.trace);

  script.crls[1] = pki::crl_of(issuing, {{leaf.certificate.serial(), pki::at("2025-06-01"), 1}});
  script.answers = {issued(leaf.certificate)};
  const CaseRecord bad = run(loaded.cases.front(), fake_labs(script));
  EXPECT_EQ(bad.steps[2].status, StepRecord::Status::failed);
  EXPECT_EQ(bad.steps[2].report.rule(), kChainVerifies.id);
}

TEST(Runner, ALabThatDoesNotStartIsReported) {
  const LoadedScenarios loaded = load_text("scenario: t\nsteps: [{clock: {advance: 1 d}}]\n");
  const LabFactory factory = [](const LabSpec&) -> Result<std::unique_ptr<Lab>> { return fault("no such template"); };
  const CaseRecord record = run(loaded.cases.front(), factory);
  EXPECT_EQ(record.exit, ExitCode::bad_input);
  EXPECT_EQ(record.fault->where.source, "s.yaml");
}

TEST(Runner, WithoutStepsThereIsNothingToRun) {
  FakeScript script;
  const LoadedScenarios loaded = load_text("scenario: t\n");
  EXPECT_EQ(run(loaded.cases.front(), fake_labs(script)).exit, ExitCode::bad_input);
}

TEST(Runner, TellsTheObserversWhileTheLabExists) {
  FakeScript script;
  const LoadedScenarios loaded = load_text("scenario: t\nsteps: [{clock: {advance: 1 d}}, {clock: {advance: 1 d}}]\n");
  int steps = 0, ends = 0;
  double time = 0;
  RunOptions options;
  options.after_step = [&](const StepRecord& step, Lab& lab) {
    ++steps;
    EXPECT_EQ(lab.now(), step.at + kDay);
  };
  options.before_end = [&](const CaseRecord& record, Lab&) { ends += static_cast<int>(record.steps.size()); };
  options.stopwatch = [&] { return time += 0.5; };
  const CaseRecord record = run(loaded.cases.front(), fake_labs(script), options);
  EXPECT_EQ(steps, 2);
  EXPECT_EQ(ends, 2);
  EXPECT_GT(record.steps[0].seconds, 0);
  EXPECT_GT(record.seconds, 0);
}

// What a party decides against is an answer with its rule, also where nothing is issued.
TEST(Runner, ARefusalOfAWriteIsAnAnswer) {
  Trace why;
  why.fail(kDirectoryAccess, LdapCode::insufficientAccessRights, "mallory writes mail of jane");
  for (const char* step :
       {"set_attribute: {account: jane, attribute: mail, values: x, as: mallory}", "add: {device: {name: PC2}}"}) {
    for (const char* expected :
         {"{outcome: any}", "{outcome: refused}", "{outcome: refused, code: insufficientAccessRights}",
          "{rule: harness.directory.access}", "{outcome: any, trace: {harness.directory.access: fail}}"}) {
      FakeScript script;
      script.refusals["set_attribute jane mail x as mallory"] = why;
      script.refusals["add_device PC2"] = why;
      const CaseRecord record = run_steps(std::string("  - ") + step + "\n    expect: " + expected + "\n", script);
      EXPECT_EQ(record.exit, ExitCode::as_expected) << step << " " << expected;
    }
    FakeScript script;
    script.refusals["set_attribute jane mail x as mallory"] = why;
    script.refusals["add_device PC2"] = why;
    const CaseRecord unexpected = run_steps(std::string("  - ") + step + "\n", script);
    EXPECT_EQ(unexpected.exit, ExitCode::expectation_failed) << step;
  }
}

TEST(Runner, AnyOutcomeTakesAnOperationThatCannotBeCarriedOut) {
  FakeScript script;
  script.faults["add_user bob"] = fault(LdapCode::entryAlreadyExists, "there is one");
  const CaseRecord record = run_steps("  - add: {user: {name: bob}}\n    expect: {outcome: any}\n", script);
  EXPECT_EQ(record.exit, ExitCode::as_expected);
}

}  // namespace
}  // namespace mimica::harness
