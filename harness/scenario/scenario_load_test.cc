#include <gtest/gtest.h>

#include <algorithm>

#include "harness/operations/values.h"
#include "harness/scenario/fake_lab_test.h"
#include "harness/scenario/language.h"
#include "harness/scenario/scenario.h"
#include "harness/schema/template_keys.h"
#include "templates/edit_verbs.h"

namespace mimica::harness {
namespace {

std::string all(const std::vector<Fault>& faults) {
  std::string out;
  for (const Fault& fault : faults) out += fault.describe() + "\n";
  return out;
}

struct Mistake {
  const char* name;
  const char* text;
  const char* where;  // of the first fault
  const char* says;   // in its text or hint
};

class MistakeTest : public testing::TestWithParam<Mistake> {};

TEST_P(MistakeTest, IsFoundWithItsPosition) {
  const LoadedScenarios loaded = load_text(GetParam().text);
  ASSERT_FALSE(loaded.ok());
  EXPECT_TRUE(loaded.cases.empty());
  const Fault& first = loaded.faults.front();
  EXPECT_EQ(describe(first.where), GetParam().where) << all(loaded.faults);
  EXPECT_NE((first.what + "\n" + first.hint).find(GetParam().says), std::string::npos) << all(loaded.faults);
}

constexpr const char* kHead = "scenario: x\nlab: {users: [{name: jane}], devices: [{name: PC, user: jane}]}\nsteps:\n";

const Mistake kMistakes[] = {
    {"not_a_mapping", "- a\n", "s.yaml:1:1", "must be a mapping"},
    {"no_title", "lab: {}\n", "s.yaml:1:1", "'scenario' is missing"},
    {"unknown_top_key", "scenario: x\nstep: []\n", "s.yaml:2:1", "did you mean 'steps'?"},
    {"unknown_lab_key", "scenario: x\nlab:\n  user: []\n", "s.yaml:3:3", "did you mean 'users'?"},
    {"unknown_key_without_a_near_one", "scenario: x\nlab:\n  bananas: []\n", "s.yaml:3:3", "known keys: "},
    {"misspelt_expect", "scenario: x\nsteps:\n  - clock: {advance: 1 d}\n    expct: {outcome: done}\n", "s.yaml:4:5",
     "did you mean 'expect'?"},
    {"list_instead_of_mapping", "scenario: x\nlab: []\n", "s.yaml:2:6", "must be a mapping"},
    {"mapping_instead_of_list", "scenario: x\nlab:\n  users: {name: jane}\n", "s.yaml:3:10", "must be a list"},
    {"nothing_given", "scenario: x\nlab:\n", "s.yaml:2:1", "nothing is given"},
    {"bad_time", "scenario: x\nlab: {clock: tomorrow}\n", "s.yaml:2:14", "is not a time"},
    {"bad_duration", "scenario: x\nsteps: [{clock: {advance: 3 fortnights}}]\n", "s.yaml:2:27", "is not a duration"},
    {"bad_choice", "scenario: x\nlab: {devices: [{name: A, platform: windos}]}\n", "s.yaml:2:37",
     "did you mean 'windows'?"},
    {"bad_choice_lists_all", "scenario: x\nlab: {ca: {kind: quantum}}\n", "s.yaml:2:18",
     "allowed: enterprise, standalone"},
    {"bad_boolean", "scenario: x\nlab: {users: [{name: a, cloud_only: yes}]}\n", "s.yaml:2:37", "true or false"},
    {"bad_number", "scenario: x\nlab: {ca: {tiers: two}}\n", "s.yaml:2:19", "whole number"},
    {"number_out_of_range", "scenario: x\nlab: {ca: {tiers: 3}}\n", "s.yaml:2:19", "allowed: 1 to 2"},
    {"missing_name", "scenario: x\nlab: {users: [{upn: a@b}]}\n", "s.yaml:2:15", "'name' is missing"},
    {"no_verb", "scenario: x\nsteps: [{note: hello}]\n", "s.yaml:2:9", "says nothing to do"},
    {"two_verbs", "scenario: x\nsteps:\n  - clock: {advance: 1 d}\n    ca: {publish_crl: true}\n", "s.yaml:4:5",
     "one step does one thing"},
    {"bad_code", "scenario: x\nsteps: [{clock: {advance: 1 d}, expect: {code: CERTSRV_E_TEMPLATE_DENYED}}]\n",
     "s.yaml:2:48", "did you mean 'CERTSRV_E_TEMPLATE_DENIED'?"},
    {"bad_rule", "scenario: x\nsteps: [{clock: {advance: 1 d}, expect: {rule: kdc.maping.strong}}]\n", "s.yaml:2:48",
     "did you mean 'kdc.mapping.strong'?"},
    {"bad_rule_in_trace", "scenario: x\nsteps: [{clock: {advance: 1 d}, expect: {trace: {kdc.maping.strong: warn}}}]\n",
     "s.yaml:2:50", "did you mean 'kdc.mapping.strong'?"},
    {"bad_event", "scenario: x\nsteps: [{clock: {advance: 1 d}, expect: {event: lots}}]\n", "s.yaml:2:49",
     "none or a number"},
    {"unknown_device", "scenario: x\nlab: {devices: [{name: LAPTOP-01}]}\nsteps:\n  - check_in: {device: LAPTOP-1}\n",
     "s.yaml:4:24", "did you mean 'LAPTOP-01'?"},
    {"missing_ldif", "scenario: x\nsteps:\n  - add: {ldif: missing.ldif}\n", "s.yaml:3:17", "relative to the scenario"},
    {"unknown_account_that_enrolls",
     "scenario: x\nlab: {users: [{name: jane}]}\nsteps:\n  - enroll: {as: jnae, template: User}\n", "s.yaml:4:18",
     "did you mean 'jane'?"},
    {"unknown_account_though_success_is_expected",
     "scenario: x\nsteps:\n  - enroll: {as: nobody, template: User}\n    expect: {outcome: issued}\n", "s.yaml:3:18",
     "Administrator"},
    {"unknown_user", "scenario: x\nlab: {users: [{name: jane}], devices: [{name: A, user: jan}]}\n", "s.yaml:2:56",
     "did you mean 'jane'?"},
    {"unknown_connector", "scenario: x\nsteps: [{upgrade: {connector: CONECTOR01, version: 6.1.1.1}}]\n", "s.yaml:2:31",
     "did you mean 'CONNECTOR01'?"},
    {"unknown_step_id", "scenario: x\nsteps:\n  - revoke: {certificate: first}\n", "s.yaml:3:27", "earlier step"},
    {"step_id_twice", "scenario: x\nsteps:\n  - {clock: {advance: 1 d}, as: a}\n  - {clock: {advance: 1 d}, as: a}\n",
     "s.yaml:4:33", "used twice"},
    {"logon_with_nothing", "scenario: x\nsteps: [{logon: {as: jane}}]\n", "s.yaml:2:17",
     "either 'device' or 'certificate'"},
    {"unreadable_file", "scenario: x\nlab: {profiles: [{file: nowhere.json, assign: all_users}]}\n", "s.yaml:2:25",
     "cannot be read"},
    {"profile_is_no_object", "scenario: x\nlab: {profiles: [{file: list.json, set: {a: 1}}]}\n", "s.yaml:2:25",
     "not a JSON object"},
    {"profile_without_source", "scenario: x\nlab: {profiles: [{assign: all_users}]}\n", "s.yaml:2:18",
     "either 'file' or 'inline'"},
    {"bad_key_spec", "scenario: x\nlab: {ca: {key: DSA-1024}}\n", "s.yaml:2:17", "RSA-2048"},
    {"template_without_name", "scenario: x\nlab: {templates: [{duplicate: User}]}\n", "s.yaml:2:19", "needs a name"},
    {"template_key", "scenario: x\nlab: {templates: [{name: T, minimal_key_size: 2048}]}\n", "s.yaml:2:29",
     "did you mean 'minimum_key_size'?"},
    {"edit_flag_sign", "scenario: x\nsteps: [{ca: {edit_flag: EDITF_ATTRIBUTEENDDATE}}]\n", "s.yaml:2:26",
     "begin with + or -"},
    {"bad_san", "scenario: x\nsteps: [{enroll: {as: a, template: T, san: jane}}]\n", "s.yaml:2:44", "upn="},
    {"empty_matrix", "scenario: x\nmatrix: {user: []}\nsteps: []\n", "s.yaml:2:10", "has no values"},
    {"unknown_variable", "scenario: x\nmatrix: {user: [jane]}\nwhy: \"${usr}\"\n", "s.yaml:3:6",
     "did you mean '${user}'?"},
    {"unknown_variable_part", "scenario: x\nmatrix: {user: [{name: jane}]}\nwhy: \"${user.nam}\"\n", "s.yaml:3:6",
     "did you mean '${user.name}'?"},
    {"open_variable", "scenario: x\nwhy: \"${user\"\n", "s.yaml:2:6", "without '}'"},
    {"repeat_without_steps", "scenario: x\nsteps: [{repeat: {for_each: {a: [1]}}}]\n", "s.yaml:2:18",
     "'steps' is missing"},
    {"wrong_value_after_substitution",
     "scenario: x\nmatrix: {p: [windows, amiga]}\nlab: {devices: [{name: A, platform: \"${p}\"}]}\n", "s.yaml:3:37",
     "cannot be 'amiga'"},
};

INSTANTIATE_TEST_SUITE_P(All, MistakeTest, testing::ValuesIn(kMistakes),
                         [](const testing::TestParamInfo<Mistake>& mistake) {
                           return std::string(mistake.param.name);
                         });

TEST(ScenarioLoad, ReportsSeveralMistakesAtOnce) {
  const LoadedScenarios loaded = load_text("scenario: x\nlab: {usres: [], clock: never}\nstep: []\n");
  EXPECT_EQ(loaded.faults.size(), 3U) << all(loaded.faults);
}

TEST(ScenarioLoad, ReadsTheWholeLab) {
  const LoadedScenarios loaded = load_text(R"(
scenario: everything
why: because
refs: [REQ-1, KB5014754]
lab:
  clock: 2024-11-20T08:00:00Z
  seed: abc
  directory: in_process
  domain: {dns_name: fabrikam.com, netbios_name: FAB}
  ca:
    name: FAB-CA
    kind: standalone
    tiers: 1
    key: P-256
    validity: 365 d
    edit_flags: +EDITF_ATTRIBUTEENDDATE
    disable_extensions: [1.3.6.1.4.1.311.25.2]
    request_disposition: pending
    rights: [{account: CONNECTOR01$, rights: [request, issue_and_manage]}, {account: jane}]
    removed: [Authenticated Users]
  users: [{name: jane, display_name: Jane Doe, upn: j@fabrikam.com, mail: "-", groups: Sales}, {name: eve, cloud_only: true}]
  groups: [{name: Sales, members: [jane]}]
  computers: [{name: SRV}]
  templates:
    - display_name: Intune User
      subject: supplied_in_request
      private_key: exportable
      minimum_key_size: 2048
      remove: [Domain Users, Domain Admins]
      application_policies: [Client Authentication, Secure Email]
      enroll: CONNECTOR01$
  devices: [{name: PC, join: hybrid, user: jane, attributes: {serialNumber: 007}}]
  profiles:
    - {file: profile.json, assign: [all_users, -eve], set: {certificateTemplateName: IntuneUser, version: 2, flag: true, none: ~}}
    - {inline: {displayName: Q, list: [1, "1"]}}
  connectors: [{name: C1, version: 6.2301.1.0, domain_joined: false, sid_extension: true}]
  kdc: {enforcement: compatibility, backdating: 1 h, os_version: 2019, nt_auth_bypass: 1, use_subject_alt_name: false}
  import: [{ldif: users.ldif}]
steps: []
)");
  ASSERT_TRUE(loaded.ok()) << all(loaded.faults);
  ASSERT_EQ(loaded.cases.size(), 1U);
  const Scenario& s = loaded.cases.front();
  EXPECT_EQ(s.full_name(), "everything");
  EXPECT_EQ(s.refs, (std::vector<std::string>{"REQ-1", "KB5014754"}));
  EXPECT_TRUE(s.clock_given);
  EXPECT_EQ(to_iso(s.lab.clock), "2024-11-20T08:00:00Z");
  EXPECT_FALSE(s.lab.directory_over_ldap);
  EXPECT_EQ(s.lab.ca.host, "ca01.fabrikam.com");
  EXPECT_TRUE(s.lab.ca.standalone);
  EXPECT_EQ(s.lab.ca.key.kind, KeyKind::ec);
  EXPECT_EQ(s.lab.ca.validity, 365 * kDay);
  EXPECT_EQ(s.lab.ca.request_disposition, 0);
  ASSERT_EQ(s.lab.ca_rights.size(), 2U);
  EXPECT_EQ(s.lab.ca_rights[1].rights, std::vector<std::string>{"request"});
  EXPECT_EQ(s.lab.ca_removed, std::vector<std::string>{"Authenticated Users"});
  ASSERT_EQ(s.lab.users.size(), 2U);
  EXPECT_EQ(s.lab.users[0].mail, "-");
  EXPECT_TRUE(s.lab.users[1].cloud_only);
  ASSERT_EQ(s.lab.templates.size(), 1U);
  const std::vector<std::pair<std::string, std::string>> edits{
      {"subject", "supplied_in_request"}, {"private_key", "exportable"},
      {"minimum_key_size", "2048"},       {"remove", "Domain Users"},
      {"remove", "Domain Admins"},        {"application_policies", "Client Authentication, Secure Email"},
      {"allow_enroll", "CONNECTOR01$"}};
  EXPECT_EQ(s.lab.templates[0].edits, edits);
  EXPECT_EQ(s.lab.devices[0].attributes.at("serialNumber"), "007");
  ASSERT_EQ(s.lab.profiles.size(), 2U);
  EXPECT_EQ(
      s.lab.profiles[0].json,
      R"({"@odata.type":"#x","displayName":"P","version":2,"certificateTemplateName":"IntuneUser","flag":true,"none":null})");
  EXPECT_EQ(s.lab.profiles[0].assign, (std::vector<std::string>{"all_users", "-eve"}));
  EXPECT_EQ(s.lab.profiles[1].json, R"({"displayName":"Q","list":[1,"1"]})");
  EXPECT_TRUE(s.lab.connectors_given);
  EXPECT_FALSE(s.lab.connectors[0].domain_joined);
  EXPECT_EQ(s.lab.kdc.StrongCertificateBindingEnforcement, 1);
  EXPECT_EQ(s.lab.kdc.CertificateBackdatingCompensation, kHour);
  EXPECT_EQ(s.lab.kdc.os_version, 2019);
  EXPECT_FALSE(s.lab.kdc.UseSubjectAltName);
  ASSERT_EQ(s.lab.ldif_imports.size(), 1U);
  EXPECT_EQ(s.lab.ldif_imports[0].second, "dn: CN=x\n");
}

TEST(ScenarioLoad, ProfilesWithoutChangesStayByteForByte) {
  const LoadedScenarios loaded = load_text("scenario: x\nlab: {profiles: [{file: profile.json}]}\n");
  ASSERT_TRUE(loaded.ok()) << all(loaded.faults);
  EXPECT_EQ(loaded.cases[0].lab.profiles[0].json, R"({"@odata.type": "#x", "displayName": "P", "version": 1})");
}

TEST(ScenarioLoad, DefaultsComeFromTheLab) {
  const LoadedScenarios loaded = load_text("scenario: x\n");
  ASSERT_TRUE(loaded.ok());
  const LabSpec defaults;
  EXPECT_EQ(loaded.cases[0].lab.clock, defaults.clock);
  EXPECT_FALSE(loaded.cases[0].clock_given);
  EXPECT_EQ(loaded.cases[0].lab.ca.host, defaults.ca.host);
  EXPECT_FALSE(loaded.cases[0].lab.connectors_given);
}

TEST(ScenarioLoad, ReadsEveryStep) {
  const LoadedScenarios loaded = load_text(std::string(kHead) + R"(
  - deliver: {profile: P, to: PC}
    as: first
    note: hello
    expect:
      outcome: issued
      code: 0x80094012
      trace: {kdc.mapping.strong: warn}
      event: [39, 41]
      log: {connector/Admin: [1, 2], ca/Security: 4887}
      certificate: {sid: jane, san: [UPN=a, DNS=b], eku: Client Authentication, validity: 365 d, not_after: 2027-01-01, key: P-256}
  - renew: {profile: P, on: PC}
    expect: {certificate: {differs_from: first}, event: none, log: none}
  - check_in: {device: PC}
    expect: {certificate: none, outcome: any}
  - enroll: {as: jane, template: T, subject: CN=x, san: [upn=a, sid=jane], key: P-256, attributes: {ValidityPeriod: Days, ValidityPeriodUnits: 3}}
  - logon: {as: jane, device: PC, profile: P, which: previous}
  - logon: {as: jane, certificate: first}
  - clock: {set: 2025-01-01}
  - clock: {advance: 2 d}
  - registry: {set: {EnableSidSecurityExtension: 1, Text: "1", Other: word}, path: Software}
  - restart: {service: [A, B]}
  - upgrade: {version: 6.2406.0.1001}
  - template: {name: T, remove: Domain Users, publish: false}
  - ca: {grant: {account: jane, rights: [request, read]}}
  - ca: {remove: {account: jane}}
  - ca: {edit_flag: [+EDITF_ATTRIBUTEENDDATE, -EDITF_ATTRIBUTEEKU]}
  - ca: {publish_crl: true}
  - publication: {reachable: false}
  - revoke: {certificate: first, reason: key_compromise}
  - resolve: {request: first, decision: deny}
  - trust: {device: PC, trusted: false}
  - add: {user: {name: bob}}
  - add: {group: {name: G}}
  - add: {computer: {name: C}}
  - add: {member: {group: G, member: bob}}
  - add: {device: {name: PC2, user: bob}}
  - add: {template: {name: T2}}
  - add: {profile: {file: profile.json}}
  - add: {connector: {name: CONNECTOR02}}
  - add: {ldif: users.ldif}
  - map: {account: jane, certificate: first, form: issuer_serial}
  - set_attribute: {account: jane, attribute: mail, values: []}
  - check: {device: PC2, count: 0}
  - check: {chain: first}
  - repeat:
      for_each: {d: [PC, PC2], n: [1, 2]}
      steps:
        - check_in: {device: "${d}"}
          note: round ${n}
  - upgrade: {connector: CONNECTOR02, version: 6.2406.0.1002}
  - set_attribute: {group: G, attribute: mail, values: []}
)");
  ASSERT_TRUE(loaded.ok()) << all(loaded.faults);
  const Scenario& s = loaded.cases.front();
  ASSERT_EQ(s.steps.size(), 39U);
  const Expectation& first = *s.steps[0].expect;
  EXPECT_EQ(s.steps[0].id, "first");
  EXPECT_EQ(s.steps[0].note, "hello");
  EXPECT_EQ(describe(s.steps[0].where), "s.yaml:5:5");
  EXPECT_EQ(first.outcome, Outcome::issued);
  EXPECT_EQ(first.code, "0x80094012");
  EXPECT_EQ(first.trace.front().second, Verdict::warn);
  EXPECT_EQ(*first.events, (std::vector<int>{39, 41}));
  EXPECT_EQ(first.log->size(), 3U);
  EXPECT_EQ(first.certificate->sans->size(), 2U);
  EXPECT_EQ(first.certificate->validity, 365 * kDay);
  EXPECT_TRUE(s.steps[1].expect->events->empty());
  EXPECT_TRUE(s.steps[1].expect->log->empty());
  EXPECT_TRUE(s.steps[2].expect->certificate->none);
  EXPECT_TRUE(s.steps[2].expect->any_outcome);
  EXPECT_EQ(s.steps[3].action.as<step::Enroll>()->spec.attributes, "ValidityPeriod:Days\nValidityPeriodUnits:3\n");
  EXPECT_EQ(s.steps[4].action.as<step::Logon>()->spec.which, "previous");
  const auto& registry = *s.steps[8].action.as<step::Registry>();
  EXPECT_EQ(registry.connector, "CONNECTOR01");
  EXPECT_EQ(registry.values[0].type, "REG_DWORD");
  EXPECT_EQ(registry.values[1].type, "REG_SZ");
  EXPECT_EQ(registry.values[2].type, "REG_SZ");
  EXPECT_EQ(s.steps[11].action.as<step::EditTemplate>()->publish, false);
  EXPECT_FALSE(s.steps[16].action.as<step::Publication>()->reachable);
  EXPECT_TRUE(s.steps[16].action.as<step::Publication>()->renewed);
  EXPECT_EQ(s.steps[17].action.as<step::Revoke>()->reason, 1);
  EXPECT_EQ(s.steps[17].action.as<step::Revoke>()->caller, "Administrator");
  EXPECT_FALSE(s.steps[18].action.as<step::Resolve>()->issue);
  EXPECT_TRUE(s.steps[30].action.as<step::SetAttribute>()->write.values.empty());
  EXPECT_EQ(s.steps[38].action.as<step::SetAttribute>()->write.object, AttributeWrite::Object::group);
  EXPECT_EQ(s.steps[33].note, "round 1");
  EXPECT_EQ(s.steps[36].action.as<step::CheckIn>()->device, "PC2");
  for (const ScenarioStep& step : s.steps) EXPECT_FALSE(step.action.title().empty());
}

TEST(ScenarioLoad, AMatrixMakesOneCaseForEachCell) {
  const LoadedScenarios loaded = load_text(R"(
scenario: matrix
matrix:
  user: [{name: jane, upn: j@contoso.com}, {name: bob, upn: b@contoso.com}]
  platform: [windows, ios]
lab:
  users: ["${user}"]
  devices: [{name: "${user.name}-pc", platform: "${platform}", user: "${user.name}"}]
steps:
  - check_in: {device: "${user.name}-pc"}
    note: costs $${5}
)");
  ASSERT_TRUE(loaded.ok()) << all(loaded.faults);
  ASSERT_EQ(loaded.cases.size(), 4U);
  EXPECT_EQ(loaded.cases[0].full_name(), "matrix [user=jane, platform=windows]");
  EXPECT_EQ(loaded.cases[3].full_name(), "matrix [user=bob, platform=ios]");
  EXPECT_EQ(loaded.cases[2].lab.users[0].upn, "b@contoso.com");
  EXPECT_EQ(loaded.cases[1].lab.devices[0].platform, "ios");
  EXPECT_EQ(loaded.cases[3].lab.devices[0].name, "bob-pc");
  EXPECT_EQ(loaded.cases[3].steps[0].note, "costs ${5}");
}

TEST(ScenarioLoad, ExpansionIsBounded) {
  std::string nested = "scenario: x\nsteps:\n";
  std::string indent = "  ";
  for (int i = 0; i < 8; ++i) {
    nested += indent + "- repeat:\n" + indent + "    for_each: {v" + std::to_string(i) +
              ": [1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]}\n" + indent + "    steps:\n";
    indent += "      ";
  }
  const LoadedScenarios empty = load_text(nested + indent + "[]\n");
  EXPECT_FALSE(empty.ok());
  const LoadedScenarios full = load_text(nested + indent + "- clock: {advance: 1 d}\n");
  EXPECT_FALSE(full.ok());
  std::string wide = "scenario: x\nmatrix: {a: [";
  for (int i = 0; i < 1001; ++i) wide += std::to_string(i) + ", ";
  EXPECT_FALSE(load_text(wide + "0]}\n").ok());
}

// The mapping table must know every verb of templates/edit.h, and nothing else.
TEST(TemplateKeys, AgreeWithTheEditsOfTemplates) {
  for (const TemplateKey& key : template_keys()) {
    const auto verbs = templates::verbs();
    EXPECT_TRUE(std::any_of(verbs.begin(), verbs.end(), [&](const auto& v) { return v.verb == key.edit; })) << key.edit;
  }
  for (const templates::VerbInfo& verb : templates::verbs()) {
    const auto keys = template_keys();
    const bool known = verb.verb == "display_name" ||  // has a key of its own
                       std::any_of(keys.begin(), keys.end(), [&](const TemplateKey& k) { return k.edit == verb.verb; });
    EXPECT_TRUE(known) << verb.verb;
  }
}

TEST(Language, StarterLoads) {
  const LoadedScenarios loaded = load_text(scenario_starter());
  EXPECT_TRUE(loaded.ok()) << all(loaded.faults);
  EXPECT_FALSE(loaded.cases.empty());
}

TEST(ScenarioLoad, TakesLdifAsContentOrAsAFile) {
  const LoadedScenarios loaded = load_text(R"(scenario: s
lab: {import: [{ldif: users.ldif}, {ldif: "dn: CN=y"}]}
steps:
  - add: {ldif: users.ldif}
  - add:
      ldif: |
        dn: CN=z
        objectClass: user
  - add: {ldif: "version: 1"}
)");
  ASSERT_TRUE(loaded.ok()) << all(loaded.faults);
  using Imports = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(loaded.cases[0].lab.ldif_imports, (Imports{{"users.ldif", "dn: CN=x\n"}, {"s.yaml:2", "dn: CN=y"}}));
  Imports steps;
  for (const ScenarioStep& step : loaded.cases[0].steps) {
    const auto& ldif = *step.action.as<step::ImportLdif>();
    steps.emplace_back(ldif.source, ldif.text);
  }
  EXPECT_EQ(steps, (Imports{{"users.ldif", "dn: CN=x\n"},
                            {"s.yaml:6", "dn: CN=z\nobjectClass: user\n"},
                            {"s.yaml:9", "version: 1"}}));
}

}  // namespace
}  // namespace mimica::harness
