// Scenarios as values: a lab, steps and what is expected of them, read from YAML (docs/scenarios.md).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "harness/lab/lab.h"
#include "harness/scenario/yaml_tree.h"

namespace mimica::harness {

// ---- expectations --------------------------------------------------------------------------------------------------

struct CertificateExpectation {
  bool none = false;               // the step must not yield a certificate
  std::optional<std::string> sid;  // "absent", an account name or a SID
  std::optional<std::string> subject, issuer, template_name, key;
  std::optional<std::vector<std::string>> sans;  // all of them, any order
  std::optional<std::vector<std::string>> ekus;
  std::optional<Seconds> validity;
  std::optional<Timestamp> not_after;
  std::optional<std::string> same_as, differs_from;  // step ids
};

struct LogExpectation {
  std::string channel;  // empty: any
  int id = 0;
};

struct Expectation {
  std::optional<Outcome> outcome;
  bool any_outcome = false;
  std::string code;  // symbol or number as written; empty: not compared
  std::string rule;
  std::vector<std::pair<std::string, Verdict>> trace;
  std::optional<std::vector<int>> events;          // empty: none
  std::optional<std::vector<LogExpectation>> log;  // empty: none
  std::optional<CertificateExpectation> certificate;
  // With `code` or `rule` alone the step must not succeed; without either it must.
  bool wants_success() const { return code.empty() && rule.empty(); }
};

// ---- steps ---------------------------------------------------------------------------------------------------------

namespace step {
struct Deliver {
  std::string profile, device;
};
struct Renew {
  std::string profile, device;
};
struct CheckIn {
  std::string device;
};
struct Enroll {
  EnrollSpec spec;                     // a "sid=" entry may still hold an account name
  std::vector<std::string> signed_by;  // step ids whose certificates sign
  std::string renews;                  // step id of the certificate to renew; empty: none
};
struct Logon {
  LogonSpec spec;
  std::string certificate;
};  // certificate: step id; empty: the device's
struct SetClock {
  Timestamp to;
};
struct AdvanceClock {
  Seconds by = 0;
};
struct RegistryValue {
  std::string name, type, value;
};
struct Registry {
  std::string connector, path;
  std::vector<RegistryValue> values;
};
// Registry of the domain controller; nullopt deletes a value.
struct KdcRegistry {
  std::vector<std::pair<std::string, std::optional<std::string>>> values;
};
struct Restart {
  std::string connector;
  std::vector<std::string> services;
};
struct Upgrade {
  std::string connector, version;
};
struct EditTemplate {
  std::string name;
  std::vector<std::pair<std::string, std::string>> edits;
  std::optional<bool> publish;
};
struct RemoveTemplate {
  std::string name;
};
struct CaRights {
  CaRight right;
  bool grant = true;
};
struct EditFlags {
  std::vector<std::string> flags;
};
struct PublishCrl {
  bool delta_only = false;
};
struct RenewCa {
  bool new_key = true;
};
struct InstallUpdate {
  std::vector<std::string> names;
};
struct Publication {
  bool reachable = true, renewed = true;
};
struct Revoke {
  std::string certificate, caller;
  int reason = 0;
};
struct Resolve {
  std::string request, caller;
  bool issue = true;
};
struct Trust {
  std::string device;
  bool trusted = true;
};
struct Membership {
  std::string group, member;
};
struct Ldif {
  std::string source, text;
};
using Addition = std::variant<UserSpec, GroupSpec, ComputerSpec, Membership, DeviceSpec, TemplateSpec,
                              IssuancePolicySpec, ProfileSpec, ConnectorSpec, Ldif>;
struct Add {
  Addition what;
};
struct Map {
  std::string account, certificate, form;
};
struct SetAttribute {
  AttributeWrite write;
};
struct Lint {
  std::string certificate_template;  // empty: the worst of everything
};
struct CheckDevice {
  std::string device;
  std::optional<std::int64_t> count;
};
struct CheckChain {
  std::string certificate;
};
}  // namespace step

using Action =
    std::variant<step::Deliver, step::Renew, step::CheckIn, step::Enroll, step::Logon, step::SetClock,
                 step::AdvanceClock, step::Registry, step::KdcRegistry, step::Restart, step::Upgrade,
                 step::EditTemplate, step::RemoveTemplate, step::InstallUpdate, step::Lint, step::CaRights,
                 step::EditFlags, step::PublishCrl, step::RenewCa, step::Publication, step::Revoke, step::Resolve,
                 step::Trust, step::Add, step::Map, step::SetAttribute, step::CheckDevice, step::CheckChain>;

// One line for the timeline: `deliver "Intune User" to LAPTOP-01`.
std::string title(const Action& action);

struct ScenarioStep {
  Action action;
  std::optional<Expectation> expect;
  std::string id;  // what `as` gives it; empty: none
  std::string note;
  Where where;
};

struct Scenario {
  std::string name;
  std::string why;
  std::vector<std::string> refs;
  std::string source;                                          // file
  std::vector<std::pair<std::string, std::string>> variables;  // this cell of the matrix
  LabSpec lab;
  bool clock_given = false;  // the file says where the lab clock stands
  std::vector<ScenarioStep> steps;
  // "title" or "title [user=jane, platform=ios]"
  std::string full_name() const;
};

// ---- reading -------------------------------------------------------------------------------------------------------

// Content of a file that a scenario names, relative to the scenario's own place.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

struct LoadOptions {
  FileReader read_file;            // absent: naming a file is a Fault
  std::vector<std::string> rules;  // known rule ids, for `rule` and `trace`; empty: not checked
  YamlLimits limits;
  std::size_t most_cases = 1000;    // cells of a matrix
  std::size_t most_steps = 10'000;  // of one case, with all repetitions
};

// Either scenarios (one, or one for each cell of the matrix) or faults, each with file:line:column.
struct LoadedScenarios {
  std::vector<Scenario> cases;
  std::vector<Fault> faults;
  bool ok() const { return faults.empty(); }
};
LoadedScenarios load_scenarios(std::string_view text, const std::string& source, const LoadOptions& options);

}  // namespace mimica::harness
