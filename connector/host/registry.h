// The registry of a connector host, as far as it matters: values under keys, with .reg files to back it up and restore
// it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "connector/finding.h"
#include "core/base/bytes.h"

namespace mimica::connector {

// REG_SZ, REG_DWORD, REG_BINARY.
using RegistryValue = std::variant<std::string, std::uint32_t, Bytes>;
std::string_view type_name(const RegistryValue& value);  // "REG_SZ", ...
std::string to_string(const RegistryValue& value);       // text, decimal number, hexadecimal

// Keys and value names compare case-insensitively and keep their first spelling. Hives by either name: "HKLM" is stored
// as "HKEY_LOCAL_MACHINE". Value semantics: a copy is a snapshot.
class Registry {
 public:
  void set(std::string_view key, std::string_view name, RegistryValue value);
  // nullptr when absent.
  const RegistryValue* get(std::string_view key, std::string_view name) const;
  bool remove(std::string_view key, std::string_view name);
  struct Entry {
    std::string key;
    std::string name;
    RegistryValue value;
  };
  // By key, then name.
  std::vector<Entry> entries() const;
  bool operator==(const Registry& other) const;

 private:
  std::map<std::pair<std::string, std::string>, Entry> values_;  // folded key and name
};

inline constexpr std::string_view kConnectorKey =
    "HKEY_LOCAL_MACHINE\\Software\\Microsoft\\MicrosoftIntune\\PFXCertificateConnector";
inline constexpr std::string_view kSidSwitch = "EnableSidSecurityExtension";

// The value 1 of type DWORD at exactly the documented place (REQ-22).
bool sid_switch(const Registry& registry);

// Values that look like an attempt at the switch and have no effect: wrong key, misspelt name, wrong type.
Findings registry_findings(const Registry& registry, std::string_view subject);

// "Windows Registry Editor Version 5.00" text with CRLF line ends, UTF-8 (the real tool writes UTF-16, import takes
// both).
std::string export_reg(const Registry& registry);
inline constexpr std::size_t kMaxRegSize = 1024 * 1024;
// Applies a .reg file onto `registry`: values, deletions ("name"=-, [-key]). Supports REG_SZ, dword: and hex:.
Result<void> import_reg(Registry& registry, BytesView file, std::string_view source = "registry file");

}  // namespace mimica::connector
