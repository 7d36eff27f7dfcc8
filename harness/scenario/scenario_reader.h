// From a checked YAML tree to a Scenario. Private to the loader.
#pragma once

#include <string>
#include <vector>

#include "harness/operations/reader.h"
#include "harness/scenario/scenario.h"
#include "harness/schema/schema.h"

namespace mimica::harness {

// Reads one case.
class ScenarioReader : private OperationReader {
 public:
  ScenarioReader(const std::string& source, const LoadOptions& options, std::vector<Fault>& faults)
      : OperationReader(source, options.read_file, true, faults), options_(options) {}
  Scenario read(const YamlNode& document, const std::vector<YamlNode>& steps);

 private:
  CaSpec ca(const schema::View& view, LabSpec& lab);
  kdc::KdcConfig kdc(const schema::View& view);
  LabSpec lab(const schema::View& view);

  ScenarioStep step(const schema::View& view);
  Expectation expectation(const schema::View& view);
  CertificateExpectation certificate(const schema::View& view);

  const LoadOptions& options_;
};

}  // namespace mimica::harness
