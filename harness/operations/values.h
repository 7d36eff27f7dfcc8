// Those operations whose fields others look into, after they were read. The rest stand where they are described.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/operations/operation.h"

namespace mimica::harness::step {

struct CheckIn {
  std::string device;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct ImportLdif {
  std::string source;  // file, or the place in the scenario
  std::string text;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct Enroll {
  EnrollSpec spec;                     // a "sid=" entry may still hold an account name
  std::vector<std::string> signed_by;  // step ids whose certificates sign
  std::string renews;                  // step id of the certificate to renew; empty: none
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct Logon {
  LogonSpec spec;
  std::string certificate;  // step id; empty: the device's
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct RegistryValue {
  std::string name, type, value;
};
struct Registry {
  std::string connector, path;
  std::vector<RegistryValue> values;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct EditTemplate {
  std::string name;
  std::vector<std::pair<std::string, std::string>> edits;
  std::optional<bool> publish;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct Publication {
  bool reachable = true, renewed = true;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct Revoke {
  std::string certificate, caller;
  int reason = 0;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct Resolve {
  std::string request, caller;
  bool issue = true;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

struct SetAttribute {
  AttributeWrite write;
  std::string title() const;
  Result<Report> run(Lab& lab, const Earlier& earlier) const;
};

}  // namespace mimica::harness::step
