// Hosts with the Certificate Connector.
#include <algorithm>

#include "core/base/text.h"
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "harness/operations/values.h"

namespace mimica::harness {
namespace step {

std::string Registry::title() const {
  std::string out = "registry of " + connector + ":";
  for (const RegistryValue& v : values) out += " " + v.name + " = " + v.value;
  return out;
}

Result<Report> Registry::run(Lab& lab, const Earlier&) const {
  for (const RegistryValue& v : values)
    MIMICA_RETURN_IF_FAULT(lab.set_registry(connector, path, v.name, v.type, v.value));
  return Report{};
}

namespace {
struct Restart {
  std::string connector;
  std::vector<std::string> services;
  std::string title() const { return "restart on " + connector + ": " + join(services, ", "); }
  Result<Report> run(Lab& lab, const Earlier&) const {
    for (const std::string& service : services) MIMICA_RETURN_IF_FAULT(lab.restart_service(connector, service));
    return Report{};
  }
};

struct Upgrade {
  std::string connector, version;
  std::string title() const { return "install connector " + version + " on " + connector; }
  Result<Report> run(Lab& lab, const Earlier&) const { return report_of(lab.upgrade_connector(connector, version)); }
};
}  // namespace

}  // namespace step

std::vector<Operation> connector_operations() {
  using schema::View;
  return {
      {"registry", 70,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("registry",
                         "Writes registry values on a connector host. Services see them after their next start.",
                         {field("connector", v.text, "Connector host.", "CONNECTOR01"),
                          needed("set", v.map(v.text), "Value names with their data."),
                          field("path", v.text, "Key.", "the documented key of the connector"),
                          field("type", v.choice({{"REG_DWORD", ""}, {"REG_SZ", ""}, {"REG_BINARY", ""}}),
                                "Value type.", "REG_DWORD for whole numbers, else REG_SZ")},
                         "registry: {connector: CONNECTOR01, set: {EnableSidSecurityExtension: 1}}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         step::Registry out;
         out.connector = reader.connector(f["connector"]);
         out.path = f["path"].text();
         for (const auto& member : f["set"].node().members) {
           const std::string& value = member.value.text;
           const bool whole = member.value.plain && !value.empty() &&
                              std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
           out.values.push_back({member.key, f["type"].text(whole ? "REG_DWORD" : "REG_SZ"), value});
         }
         return out;
       }},
      {"restart", 90,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("restart", "Restarts services of a connector host.",
                         {field("connector", v.text, "Connector host.", "CONNECTOR01"),
                          needed("service", v.texts, "Display names of the services.")},
                         "restart: {service: PFX Create Certificate Connector for Microsoft Intune}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         return step::Restart{reader.connector(f["connector"]), f["service"].texts()};
       }},
      {"upgrade", 100,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "upgrade", "Installs another version of the connector.",
             {field("connector", v.text, "Connector host.", "CONNECTOR01"), needed("version", v.text, "Version.")},
             "upgrade: {version: 6.2406.0.1001}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         return step::Upgrade{reader.connector(f["connector"]), f["version"].text()};
       }},
  };
}

}  // namespace mimica::harness
