#include "harness/io/scenario_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "harness/rules_registry.h"

namespace mimica::harness {
namespace fs = std::filesystem;

Result<std::string> read_file(const std::string& path, std::size_t most) {
  std::error_code error;
  if (fs::is_directory(path, error)) return fault("'" + path + "' is a folder, not a file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return fault("'" + path + "' cannot be read", {}, "check the path");
  std::string content;
  char buffer[65536];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    content.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (content.size() > most) return fault("'" + path + "' is larger than " + std::to_string(most / 1024) + " KiB");
  }
  if (in.bad()) return fault(HResult::E_FAIL, "reading '" + path + "' failed");
  return content;
}

Result<void> write_file(const std::string& path, BytesView content) {
  const fs::path target(path);
  std::error_code error;
  if (target.has_parent_path()) fs::create_directories(target.parent_path(), error);
  const std::string temporary = path + ".new";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(content.data()), static_cast<std::streamsize>(content.size()));
    out.flush();
    if (!out)
      return fault(HResult::E_FAIL, "'" + path + "' cannot be written", {}, "check the folder and its free space");
  }
  fs::rename(temporary, target, error);
  if (error) return fault(HResult::E_FAIL, "'" + path + "' cannot be written: " + error.message());
  return {};
}

LoadedScenarios load_scenario_file(const std::string& path) {
  LoadOptions options;
  options.rules = all_rule_ids();
  const fs::path folder = fs::path(path).parent_path();
  options.read_file = [folder](const std::string& name) {
    const fs::path given(name);
    auto content = read_file((given.is_absolute() ? given : folder / given).lexically_normal().string());
    if (!content) content.error().hint.clear();  // the reader of the scenario knows better what the path is relative to
    return content;
  };
  auto text = read_file(path, options.limits.octets);
  if (!text) {
    LoadedScenarios out;
    out.faults.push_back(text.error());
    return out;
  }
  return load_scenarios(*text, path, options);
}

Result<std::vector<std::string>> scenario_files(const std::vector<std::string>& paths) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    std::error_code error;
    if (!fs::is_directory(path, error)) {
      if (!fs::exists(path, error))
        return fault("there is no '" + path + "'", {}, "name scenario files or folders with them");
      out.push_back(path);
      continue;
    }
    std::vector<std::string> below;
    for (fs::recursive_directory_iterator at(path, fs::directory_options::skip_permission_denied, error), end;
         at != end && !error; at.increment(error)) {
      const std::string extension = at->path().extension().string();
      std::error_code ignored;
      if ((extension == ".yaml" || extension == ".yml") && at->is_regular_file(ignored))
        below.push_back(at->path().string());
    }
    if (error) return fault(HResult::E_FAIL, "'" + path + "' cannot be listed: " + error.message());
    if (below.empty())
      return fault("there is no scenario file below '" + path + "'", {}, "scenario files end in .yaml");
    std::sort(below.begin(), below.end());
    out.insert(out.end(), below.begin(), below.end());
  }
  return out;
}

}  // namespace mimica::harness
