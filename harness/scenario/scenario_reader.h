// From a checked YAML tree to a Scenario. Private to the loader.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/scenario.h"
#include "harness/scenario/schema.h"

namespace mimica::harness {

// Reads one case. The tree has passed schema::check; what is left to find are names that mean nothing (devices,
// connectors, step ids) and files that cannot be read.
class ScenarioReader {
 public:
  ScenarioReader(const std::string& source, const LoadOptions& options, std::vector<Fault>& faults)
      : source_(source), options_(options), faults_(faults) {}
  Scenario read(const YamlNode& document, const std::vector<YamlNode>& steps);

 private:
  void add(const YamlNode& node, std::string what, std::string hint);
  void known_name(const schema::View& view, const std::string& kind, const std::vector<std::string>& known);
  std::string device(const schema::View& view);
  std::string connector(const schema::View& view);
  std::string step_id(const schema::View& view);
  std::string file(const schema::View& view);
  // Source and text of LDIF that stands in the scenario or in a file beside it.
  std::pair<std::string, std::string> ldif(const schema::View& view);
  // An account that a step needs to be there.
  void known_account(const schema::View& view);

  UserSpec user(const schema::View& view);
  GroupSpec group(const schema::View& view);
  ComputerSpec computer(const schema::View& view);
  DeviceSpec device_spec(const schema::View& view);
  IssuancePolicySpec policy_spec(const schema::View& view);
  TemplateSpec template_spec(const schema::View& view);
  ProfileSpec profile(const schema::View& view);
  ConnectorSpec connector_spec(const schema::View& view);
  CaRight right(const schema::View& view);
  CaSpec ca(const schema::View& view, LabSpec& lab);
  kdc::KdcConfig kdc(const schema::View& view);
  KeySpec key(const schema::View& view, KeySpec absent);
  LabSpec lab(const schema::View& view);

  ScenarioStep step(const schema::View& view);
  Action action(const std::string& verb, const schema::View& view);
  step::Addition addition(const schema::View& view);
  EnrollSpec enroll(const schema::View& view);
  step::Registry registry(const schema::View& view);
  Action ca_change(const schema::View& view);
  Expectation expectation(const schema::View& view);
  CertificateExpectation certificate(const schema::View& view);

  const std::string& source_;
  const LoadOptions& options_;
  std::vector<Fault>& faults_;
  std::vector<std::string> users_, accounts_, devices_, connectors_, ids_;
  bool directory_imported_ = false;
};

// The YAML value as JSON text: plain true, false, null and whole numbers keep their type, all else is a string.
std::string yaml_to_json(const YamlNode& node);

}  // namespace mimica::harness
