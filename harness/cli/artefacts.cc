#include "harness/cli/artefacts.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "core/base/bytes.h"
#include "harness/io/scenario_files.h"
#include "harness/report/report.h"

namespace mimica::harness::cli {
namespace {

std::string safe(std::string_view text) {
  std::string out;
  for (const char c : to_lower(text)) {
    const bool keep = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
    if (keep)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  while (!out.empty() && (out.back() == '-' || out.back() == '.')) out.pop_back();
  while (!out.empty() && out.front() == '.') out.erase(0, 1);
  return out.substr(0, 60).empty() ? "unnamed" : out.substr(0, 60);
}

Result<void> put(const std::string& folder, const std::string& name, std::string_view content) {
  return write_file(folder + "/" + name, as_bytes(content));
}

}  // namespace

std::vector<std::string> folder_names(const std::vector<const Scenario*>& scenarios) {
  const auto name_of = [](const Scenario& scenario, bool with_parent) {
    const std::filesystem::path path(scenario.source);
    std::string out = safe(path.stem().string());
    if (with_parent) out = safe(std::filesystem::absolute(path).parent_path().filename().string()) + "-" + out;
    for (const auto& variable : scenario.variables) out += "-" + safe(variable.first + "-" + variable.second);
    return out;
  };
  std::map<std::string, std::size_t> uses;
  for (const Scenario* scenario : scenarios) ++uses[name_of(*scenario, false)];
  std::vector<std::string> out;
  std::set<std::string> taken;
  for (const Scenario* scenario : scenarios) {
    const std::string plain = name_of(*scenario, uses[name_of(*scenario, false)] > 1);
    std::string name = plain;
    for (int number = 2; !taken.insert(name).second; ++number) name = plain + "-" + std::to_string(number);
    out.push_back(name);
  }
  return out;
}

Result<void> prepare_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return fault(HResult::E_FAIL, "'" + folder + "' cannot be made: " + error.message());
  for (const char* file : {"ca.sqlite", "ca.sqlite-wal", "ca.sqlite-shm"})
    std::filesystem::remove(folder + "/" + file, error);
  return {};
}

Result<void> keep_artefacts(const CaseRecord& record, Lab& lab, const std::string& folder) {
  std::string chain, root;
  for (const Certificate& certificate : lab.ca_chain()) {
    chain += certificate.pem();
    root = certificate.pem();
  }
  MIMICA_RETURN_IF_FAULT(put(folder, "chain.pem", chain));
  MIMICA_RETURN_IF_FAULT(put(folder, "root.pem", root));
  for (const bool of_root : {false, true})
    if (auto crl = lab.crl(of_root))
      MIMICA_RETURN_IF_FAULT(write_file(folder + (of_root ? "/root.crl" : "/issuing.crl"), *crl));
  std::set<Bytes> written;
  for (const StepRecord& step : record.steps) {
    if (!step.report.certificate || step.report.certificate->is_ca()) continue;
    if (!written.insert(step.report.certificate->der()).second) continue;
    const std::string number = std::to_string(step.number);
    MIMICA_RETURN_IF_FAULT(put(folder,
                               std::string(number.size() < 2 ? 1 : 0, '0') + number + "-" + safe(step.title) + ".pem",
                               step.report.certificate->pem()));
  }
  for (const DeviceSpec& device : lab.spec().devices) {
    std::string password;
    auto pfx = lab.delivered_pfx(device.name, password);
    if (!pfx) continue;  // nothing was delivered to it
    MIMICA_RETURN_IF_FAULT(write_file(folder + "/devices/" + safe(device.name) + ".pfx", *pfx));
    MIMICA_RETURN_IF_FAULT(put(folder + "/devices", safe(device.name) + ".password", password + "\n"));
  }
  MIMICA_TRY(const std::string ldif, lab.export_ldif());
  MIMICA_RETURN_IF_FAULT(put(folder, "directory.ldif", ldif));
  TextOptions text;
  text.explain = true;
  MIMICA_RETURN_IF_FAULT(put(folder, "timeline.txt", timeline(record, text)));
  return put(folder, "report.json", report_json(std::vector<CaseRecord>{record}));
}

}  // namespace mimica::harness::cli
