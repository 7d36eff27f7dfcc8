#include "harness/cli/artefacts.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/bytes.h"
#include "harness/io/scenario_files.h"
#include "harness/report.h"

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

std::string folder_name(const CaseRecord& record) {
  std::string out = safe(std::filesystem::path(record.source).stem().string());
  if (const auto cell = record.name.find(" ["); cell != std::string::npos && record.name.back() == ']')
    out += "-" + safe(record.name.substr(cell + 2));
  return out;
}

Result<void> keep_artefacts(const CaseRecord& record, Lab& lab, const std::string& folder) {
  std::string chain, root;
  for (const Certificate& certificate : lab.ca_chain()) {
    chain += certificate.pem();
    root = certificate.pem();
  }
  MIMICA_CHECK(put(folder, "chain.pem", chain));
  MIMICA_CHECK(put(folder, "root.pem", root));
  for (const bool of_root : {false, true})
    if (auto crl = lab.crl(of_root)) MIMICA_CHECK(write_file(folder + (of_root ? "/root.crl" : "/issuing.crl"), *crl));
  for (const StepRecord& step : record.steps) {
    if (!step.report.certificate) continue;
    const std::string number = std::to_string(step.number);
    MIMICA_CHECK(put(folder, std::string(number.size() < 2 ? 1 : 0, '0') + number + "-" + safe(step.title) + ".pem",
                     step.report.certificate->pem()));
  }
  for (const DeviceSpec& device : lab.spec().devices) {
    std::string password;
    auto pfx = lab.delivered_pfx(device.name, password);
    if (!pfx) continue;  // nothing was delivered to it
    MIMICA_CHECK(write_file(folder + "/devices/" + safe(device.name) + ".pfx", *pfx));
    MIMICA_CHECK(put(folder + "/devices", safe(device.name) + ".password", password + "\n"));
  }
  MIMICA_TRY(const std::string ldif, lab.export_ldif());
  MIMICA_CHECK(put(folder, "directory.ldif", ldif));
  TextOptions text;
  text.explain = true;
  MIMICA_CHECK(put(folder, "timeline.txt", timeline(record, text)));
  return put(folder, "report.json", report_json(std::vector<CaseRecord>{record}));
}

}  // namespace mimica::harness::cli
