// Reads the fields of operations and the parts of labs from a checked tree. What is left to find after schema::check
// are names that mean nothing (devices, connectors, ids) and files that cannot be read.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "harness/lab/lab.h"
#include "harness/schema/schema.h"

namespace mimica::harness {

// Content of a file that a document names, relative to the document's own place.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

class OperationReader {
 public:
  // names_known: the reader has seen everything that exists, so that another name is a fault; else the lab decides.
  OperationReader(const std::string& source, const FileReader& read_file, bool names_known, std::vector<Fault>& faults)
      : source_(source), read_file_(read_file), names_known_(names_known), faults_(faults) {}

  void add(const YamlNode& node, std::string what, std::string hint);

  std::string device(const schema::View& view);
  std::string connector(const schema::View& view);
  std::string step_id(const schema::View& view);
  std::string file(const schema::View& view);
  // Source and text of LDIF that stands in the document or in a file beside it.
  std::pair<std::string, std::string> ldif(const schema::View& view);
  // An account that an operation needs to be there.
  void known_account(const schema::View& view);
  KeySpec key(const schema::View& view, KeySpec absent);

  UserSpec user(const schema::View& view);
  GroupSpec group(const schema::View& view);
  ComputerSpec computer(const schema::View& view);
  DeviceSpec device_spec(const schema::View& view);
  IssuancePolicySpec policy_spec(const schema::View& view);
  TemplateSpec template_spec(const schema::View& view);
  ProfileSpec profile(const schema::View& view);
  ConnectorSpec connector_spec(const schema::View& view);
  CaRight right(const schema::View& view);

 protected:
  const std::string& source_;
  const FileReader& read_file_;
  bool names_known_;
  std::vector<Fault>& faults_;
  std::vector<std::string> users_, accounts_, devices_, connectors_, ids_;
  bool directory_imported_ = false;

 private:
  void known_name(const schema::View& view, const std::string& kind, const std::vector<std::string>& known);
};

// The YAML value as JSON text: plain true, false, null and whole numbers keep their type, all else is a string.
std::string yaml_to_json(const YamlNode& node);

}  // namespace mimica::harness
