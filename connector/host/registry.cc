#include "connector/host/registry.h"

#include <array>
#include <cstdio>
#include <utility>

#include "connector/rules.h"
#include "core/base/encoding.h"

namespace mimica::connector {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kHives{{
    {"HKLM", "HKEY_LOCAL_MACHINE"},
    {"HKCU", "HKEY_CURRENT_USER"},
    {"HKU", "HKEY_USERS"},
}};

std::string full_key(std::string_view key) {
  while (!key.empty() && key.back() == '\\') key.remove_suffix(1);
  const std::string_view hive = key.substr(0, key.find('\\'));
  for (const auto& entry : kHives)
    if (equals_ignore_case(hive, entry.first)) return std::string(entry.second) + std::string(key.substr(hive.size()));
  return std::string(key);
}

std::pair<std::string, std::string> folded(std::string_view key, std::string_view name) {
  return {to_lower(full_key(key)), to_lower(name)};
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A quoted string at the start of `line`; consumes it.
std::optional<std::string> take_quoted(std::string_view& line) {
  if (line.empty() || line.front() != '"') return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) {
      out += line[++i];
    } else if (line[i] == '"') {
      line.remove_prefix(i + 1);
      return out;
    } else {
      out += line[i];
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> parse_dword(std::string_view text) {
  if (text.empty() || text.size() > 8) return std::nullopt;
  const std::string padded = std::string(8 - text.size(), '0') + std::string(text);
  const auto bytes = from_hex(padded);
  if (!bytes || bytes->size() != 4) return std::nullopt;
  std::uint32_t number = 0;
  for (const std::uint8_t octet : *bytes) number = number << 8U | octet;
  return number;
}

std::optional<Bytes> parse_hex_list(std::string_view text) {
  std::string digits;
  for (const char c : text)
    if (c != ',' && c != ' ' && c != '\t') digits += c;
  return from_hex(digits);
}

Result<std::string> as_utf8(BytesView file, std::string_view source) {
  const Where where{std::string(source), 0, 0, std::nullopt};
  if (file.size() > kMaxRegSize) return fault(HResult::E_INVALIDARG, "the registry file is too large", where);
  auto text = decode_text(file);
  if (!text) return fault(HResult::E_INVALIDARG, "the registry file has " + text.error().what, where);
  return *std::move(text);
}

// Letters that one typing slip changes; enough to recognise a misspelt name.
bool resembles(std::string_view name, std::string_view wanted) {
  const std::string a = to_lower(name);
  const std::string b = to_lower(wanted);
  if (a == b) return false;
  if (a.find("sidsecurity") != std::string::npos || a.find("sidextension") != std::string::npos) return true;
  if (a.size() > b.size() + 3 || b.size() > a.size() + 3) return false;
  std::size_t head = 0;
  while (head < a.size() && head < b.size() && a[head] == b[head]) ++head;
  std::size_t tail = 0;
  while (tail < a.size() - head && tail < b.size() - head && a[a.size() - 1 - tail] == b[b.size() - 1 - tail]) ++tail;
  return head + tail + 3 >= b.size();
}

}  // namespace

std::string_view type_name(const RegistryValue& value) {
  constexpr std::array<std::string_view, 3> kNames{"REG_SZ", "REG_DWORD", "REG_BINARY"};
  return kNames[value.index()];
}

std::string to_string(const RegistryValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::uint32_t>(&value)) return std::to_string(*number);
  return to_hex(std::get<Bytes>(value));
}

void Registry::set(std::string_view key, std::string_view name, RegistryValue value) {
  const auto place = folded(key, name);
  const auto it = values_.find(place);
  if (it != values_.end()) {
    it->second.value = std::move(value);
  } else {
    values_.emplace(place, Entry{full_key(key), std::string(name), std::move(value)});
  }
}

const RegistryValue* Registry::get(std::string_view key, std::string_view name) const {
  const auto it = values_.find(folded(key, name));
  return it == values_.end() ? nullptr : &it->second.value;
}

bool Registry::remove(std::string_view key, std::string_view name) { return values_.erase(folded(key, name)) > 0; }

std::vector<Registry::Entry> Registry::entries() const {
  std::vector<Entry> out;
  for (const auto& value : values_) out.push_back(value.second);
  return out;
}

bool Registry::operator==(const Registry& other) const {
  if (values_.size() != other.values_.size()) return false;
  for (const auto& entry : values_) {
    const auto it = other.values_.find(entry.first);
    if (it == other.values_.end() || it->second.value != entry.second.value) return false;
  }
  return true;
}

bool sid_switch(const Registry& registry) {
  const RegistryValue* value = registry.get(kConnectorKey, kSidSwitch);
  if (value == nullptr) return false;
  const auto* number = std::get_if<std::uint32_t>(value);
  return number != nullptr && *number == 1;
}

Findings registry_findings(const Registry& registry, std::string_view subject) {
  Findings findings;
  const auto add = [&](const Rule& rule, const Registry::Entry& entry, std::string message) {
    findings.push_back(
        {&rule, Severity::warning, std::string(subject), entry.key + "\\" + entry.name, std::move(message), {}});
  };
  for (const Registry::Entry& entry : registry.entries()) {
    const bool right_key = equals_ignore_case(entry.key, kConnectorKey);
    const bool right_name = equals_ignore_case(entry.name, kSidSwitch);
    if (right_key && right_name && !std::holds_alternative<std::uint32_t>(entry.value))
      add(rule::kRegistryValueType, entry,
          "the value is " + std::string(type_name(entry.value)) + " and has no effect; REG_DWORD is read");
    if (!right_key && (right_name || resembles(entry.name, kSidSwitch)))
      add(rule::kRegistryPath, entry, "the connector does not read this key");
    if (right_key && !right_name && resembles(entry.name, kSidSwitch))
      add(rule::kRegistryValueName, entry, "the connector does not read a value of this name");
  }
  return findings;
}

std::string export_reg(const Registry& registry) {
  std::string out = "Windows Registry Editor Version 5.00\r\n";
  std::string key;
  for (const Registry::Entry& entry : registry.entries()) {
    if (!equals_ignore_case(entry.key, key)) {
      key = entry.key;
      out += "\r\n[" + key + "]\r\n";
    }
    out += entry.name.empty() ? std::string("@") : quoted(entry.name);
    out += '=';
    if (const auto* text = std::get_if<std::string>(&entry.value)) {
      out += quoted(*text);
    } else if (const auto* number = std::get_if<std::uint32_t>(&entry.value)) {
      char digits[9];
      std::snprintf(digits, sizeof digits, "%08x", *number);
      out += "dword:" + std::string(digits);
    } else {
      std::string list;
      for (const std::uint8_t octet : std::get<Bytes>(entry.value)) {
        if (!list.empty()) list += ',';
        list += to_hex(BytesView(&octet, 1));
      }
      out += "hex:" + list;
    }
    out += "\r\n";
  }
  return out;
}

Result<void> import_reg(Registry& registry, BytesView file, std::string_view source) {
  MIMICA_TRY(const std::string text, as_utf8(file, source));
  Registry changed = registry;
  std::string key;
  int number = 0;
  bool header = false;
  std::string pending;
  for (std::string_view raw : split(text, '\n')) {
    ++number;
    const Where where{std::string(source), number, 1, std::nullopt};
    std::string_view line = trim(raw);
    if (!line.empty() && line.back() == '\\') {  // hex: continues on the next line
      pending += line.substr(0, line.size() - 1);
      continue;
    }
    const std::string whole = pending + std::string(line);
    pending.clear();
    line = whole;
    if (line.empty() || line.front() == ';') continue;
    if (!header) {
      if (line != "Windows Registry Editor Version 5.00" && line != "REGEDIT4")
        return fault(HResult::E_INVALIDARG, "this is no registry file", where,
                     "the first line reads: Windows Registry Editor Version 5.00");
      header = true;
      continue;
    }
    if (line.front() == '[') {
      if (line.back() != ']') return fault(HResult::E_INVALIDARG, "the key does not end in ]", where);
      line = line.substr(1, line.size() - 2);
      const bool erase = !line.empty() && line.front() == '-';
      if (erase) line.remove_prefix(1);
      key = full_key(line);
      if (erase) {
        for (const Registry::Entry& entry : changed.entries())
          if (equals_ignore_case(entry.key, key) || starts_with_ignore_case(entry.key, key + "\\"))
            changed.remove(entry.key, entry.name);
        key.clear();
      }
      continue;
    }
    if (key.empty()) return fault(HResult::E_INVALIDARG, "a value stands outside a key", where);
    std::string name;
    if (line.front() == '@') {
      line.remove_prefix(1);
    } else {
      auto quoted_name = take_quoted(line);
      if (!quoted_name) return fault(HResult::E_INVALIDARG, "expected \"name\"=value", where);
      name = *std::move(quoted_name);
    }
    line = trim(line);
    if (line.empty() || line.front() != '=') return fault(HResult::E_INVALIDARG, "expected \"name\"=value", where);
    line = trim(line.substr(1));
    if (line == "-") {
      changed.remove(key, name);
    } else if (starts_with_ignore_case(line, "dword:")) {
      const auto value = parse_dword(trim(line.substr(6)));
      if (!value) return fault(HResult::E_INVALIDARG, "dword: takes up to eight hexadecimal digits", where);
      changed.set(key, name, *value);
    } else if (starts_with_ignore_case(line, "hex:")) {
      auto value = parse_hex_list(line.substr(4));
      if (!value) return fault(HResult::E_INVALIDARG, "hex: takes octets separated by commas", where);
      changed.set(key, name, *std::move(value));
    } else if (auto value = take_quoted(line); value && line.empty()) {
      changed.set(key, name, *std::move(value));
    } else {
      return fault(HResult::E_INVALIDARG, "only strings, dword: and hex: values are supported", where);
    }
  }
  if (!header) return fault(HResult::E_INVALIDARG, "this is no registry file", Where{std::string(source), 0, 0, {}});
  registry = std::move(changed);
  return {};
}

}  // namespace mimica::connector
