#include "ca/registry/registry.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "ca/registry/registry_entries.h"
#include "core/base/number.h"

namespace mimica::ca {
namespace {

using Type = RegistryValue::Type;
using Found = std::optional<RegistryValue>;

constexpr std::size_t kMaxItems = 256;
constexpr std::string_view kConfiguration =
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\";
constexpr std::string_view kPolicyModule = "PolicyModules\\CertificateAuthority_MicrosoftDefault.Policy";
constexpr std::string_view kExitModule = "ExitModules\\CertificateAuthority_MicrosoftDefault.Exit";

std::string_view node_name(RegistryNode node) {
  return node == RegistryNode::ca ? "CA" : node == RegistryNode::policy ? "policy" : "exit";
}
std::string key_of(RegistryNode node, std::string_view entry) {
  return std::string(node_name(node)) + "\\" + std::string(entry);
}

const RegistryEntry* known(const RegistryName& name) {
  for (const RegistryEntry& entry : known_registry_entries())
    if (entry.node == name.node && equals_ignore_case(entry.name, name.entry)) return &entry;
  return nullptr;
}

// The value in OtherValues with that key, in any case.
auto kept(const CaConfig& config, const RegistryName& name) {
  const std::string key = key_of(name.node, name.entry);
  return std::find_if(config.OtherValues.begin(), config.OtherValues.end(),
                      [&](const auto& one) { return equals_ignore_case(one.first, key); });
}

// A list of OIDs that was set as one text stays one.
bool shaped_as_text(const CaConfig& config, const RegistryEntry& entry, const Found& value) {
  const auto at = kept(config, {entry.node, std::string(entry.name)});
  return entry.type == Type::multi_sz && at != config.OtherValues.end() && at->second.type == Type::sz && value &&
         value->texts == at->second.texts;
}

// Items of a list: separated by a backslash and an 'n', or by real line feeds.
std::vector<std::string> items_of(std::string_view text) {
  std::vector<std::string> items;
  std::string item;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escaped = text[at] == '\\' && at + 1 < text.size() && text[at + 1] == 'n';
    if (!escaped && text[at] != '\n') {
      item += text[at];
      continue;
    }
    if (!item.empty()) items.push_back(std::move(item));
    item.clear();
    if (escaped) ++at;
  }
  if (!item.empty()) items.push_back(std::move(item));
  return items;
}

Result<RegistryValue> parse_dword(const Found& before, std::span<const NamedBits> names, std::string_view argument) {
  const bool change = argument.starts_with('+') || argument.starts_with('-');
  const std::string_view word = trim(change ? argument.substr(1) : argument);
  NamedBits bits;
  if (const auto value = parse_number<std::uint32_t>(word)) {
    bits = {{}, *value, *value};
  } else if (const auto named = named_bits(names, word)) {
    bits = *named;
  } else {
    return unfit_registry_value(
        "'" + std::string(word.substr(0, 80)) + "' is no number and no name of a flag",
        names.empty() ? "write a number, decimal or 0x…" : "the names start as in " + std::string(names[0].name));
  }
  const std::uint32_t old = before ? before->number : 0;
  if (!change) return RegistryValue::of(bits.value);
  return RegistryValue::of(argument.front() == '+' ? (old & ~bits.mask) | bits.value : old & ~bits.value);
}

Result<RegistryValue> parse_list(const Found& before, std::string_view argument) {
  const bool change = argument.starts_with('+') || argument.starts_with('-');
  std::vector<std::string> items = items_of(change ? argument.substr(1) : argument);
  if (change) {
    std::vector<std::string> all = before ? before->texts : std::vector<std::string>();
    for (const std::string& item : items) std::erase(all, item);
    if (argument.front() == '+') all.insert(all.end(), items.begin(), items.end());
    items = std::move(all);
  }
  if (items.size() > kMaxItems)
    return unfit_registry_value("the list has more than " + std::to_string(kMaxItems) + " items");
  return RegistryValue::of(std::move(items));
}

Type type_for(const RegistryEntry* entry, const Found& before, std::string_view argument) {
  if (before && before->type != Type::sz) return before->type;
  const bool change = argument.starts_with('+') || argument.starts_with('-');
  const bool list = change || argument.find("\\n") != std::string_view::npos;
  if (entry != nullptr && entry->type != Type::multi_sz) return entry->type;
  if (entry != nullptr || before) return list ? Type::multi_sz : Type::sz;
  if (parse_number<std::uint32_t>(change ? argument.substr(1) : argument)) return Type::dword;
  return list ? Type::multi_sz : Type::sz;
}

Result<RegistryChange> store(CaConfig& config, const RegistryName& name, const RegistryValue& value) {
  const RegistryEntry* entry = known(name);
  RegistryChange change;
  change.entry = name.entry;
  change.before = read_registry(config, name, &change.entry);
  change.path = registry_path(config, {name.node, change.entry});
  if (entry != nullptr && entry->read != nullptr && entry->write == nullptr)
    return unfit_registry_value(std::string(entry->name) + " is fixed when the CA is set up");
  const bool text_for_list = entry != nullptr && entry->type == Type::multi_sz && value.type == Type::sz;
  if (entry != nullptr && entry->type != value.type && !text_for_list)
    return unfit_registry_value(std::string(entry->name) + " is a " + std::string(to_string(entry->type)) + ", not a " +
                                std::string(to_string(value.type)));
  if (entry != nullptr && entry->write != nullptr) MIMICA_RETURN_IF_FAULT(entry->write(config, value));
  const auto at = kept(config, name);
  if (entry == nullptr || entry->write == nullptr || text_for_list) {
    if (at != config.OtherValues.end()) {
      config.OtherValues[at->first] = value;
    } else {
      if (config.OtherValues.size() >= kMaxOtherValues)
        return unfit_registry_value("the registry key holds too many values");
      config.OtherValues[key_of(name.node, change.entry)] = value;
    }
  }
  change.after = read_registry(config, name);
  return change;
}

}  // namespace

std::string_view to_string(RegistryValue::Type type) {
  switch (type) {
    case Type::sz:
      return "REG_SZ";
    case Type::binary:
      return "REG_BINARY";
    case Type::dword:
      return "REG_DWORD";
    case Type::multi_sz:
      return "REG_MULTI_SZ";
  }
  return "REG_NONE";
}

Result<RegistryName> parse_registry_name(std::string_view text) {
  const auto after = [&](std::string_view key) -> std::optional<std::string_view> {
    if (!starts_with_ignore_case(text, key)) return std::nullopt;
    if (text.size() == key.size()) return std::string_view();
    if (text[key.size()] != '\\') return std::nullopt;
    return text.substr(key.size() + 1);
  };
  RegistryName name;
  std::optional<std::string_view> rest;
  if ((rest = after("CA\\" + std::string(kPolicyModule)))) {
    name.node = RegistryNode::policy;
  } else if ((rest = after("CA\\" + std::string(kExitModule)))) {
    name.node = RegistryNode::exit;
  } else if ((rest = after("policy"))) {
    name.node = RegistryNode::policy;
  } else if ((rest = after("exit"))) {
    name.node = RegistryNode::exit;
  } else {
    rest = after("CA");
  }
  if (!rest || rest->find('\\') != std::string_view::npos || rest->size() > 256)
    return fault(HResult::ERROR_FILE_NOT_FOUND, "there is no registry value '" + std::string(text.substr(0, 256)) + "'",
                 {}, "name it CA\\…, policy\\… or exit\\…, for example policy\\EditFlags");
  name.entry = std::string(*rest);
  return name;
}

std::string registry_path(const CaConfig& config, const RegistryName& name) {
  std::string path = std::string(kConfiguration) + config.CommonName;
  if (name.node == RegistryNode::policy) path += "\\" + std::string(kPolicyModule);
  if (name.node == RegistryNode::exit) path += "\\" + std::string(kExitModule);
  if (!name.entry.empty()) path += "\\" + name.entry;
  return path;
}

Found read_registry(const CaConfig& config, const RegistryName& name, std::string* spelling) {
  const RegistryEntry* entry = known(name);
  if (entry != nullptr && spelling != nullptr) *spelling = entry->name;
  if (entry != nullptr && entry->read != nullptr) {
    Found value = entry->read(config);
    if (shaped_as_text(config, *entry, value)) value->type = Type::sz;
    return value;
  }
  const auto at = kept(config, name);
  if (at == config.OtherValues.end()) return entry == nullptr ? std::nullopt : entry->initial;
  if (entry == nullptr && spelling != nullptr) *spelling = at->first.substr(at->first.find('\\') + 1);
  return at->second;
}

std::vector<std::string> registry_entries(const CaConfig& config, RegistryNode node) {
  std::vector<std::string> names;
  for (const RegistryEntry& entry : known_registry_entries())
    if (entry.node == node && read_registry(config, {node, std::string(entry.name)})) names.emplace_back(entry.name);
  const std::string prefix = key_of(node, "");
  for (const auto& one : config.OtherValues) {
    if (!one.first.starts_with(prefix)) continue;
    std::string name = one.first.substr(prefix.size());
    if (known({node, name}) == nullptr) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool is_honoured(const RegistryName& name) {
  const RegistryEntry* entry = known(name);
  return entry != nullptr && entry->read != nullptr;
}

Result<RegistryChange> change_registry(CaConfig& config, const RegistryName& name, std::string_view argument) {
  if (name.entry.empty())
    return unfit_registry_value("a value to change must be named", "for example policy\\EditFlags");
  if (argument.size() > kMaxRegistryText) return unfit_registry_value("the value is longer than 64 KiB");
  const RegistryEntry* entry = known(name);
  const Found before = read_registry(config, name);
  const auto names = entry != nullptr && entry->names != nullptr ? entry->names() : std::span<const NamedBits>();
  RegistryValue value;
  switch (type_for(entry, before, argument)) {
    case Type::dword: {
      MIMICA_TRY(value, parse_dword(before, names, argument));
      break;
    }
    case Type::multi_sz: {
      MIMICA_TRY(value, parse_list(before, argument));
      break;
    }
    case Type::sz:
      value = RegistryValue::of(std::string(argument));
      break;
    case Type::binary: {
      auto bytes = from_hex(argument);
      if (!bytes) return unfit_registry_value(name.entry + " is binary", "write it in hexadecimal");
      value = RegistryValue::of(*std::move(bytes));
      break;
    }
  }
  return store(config, name, value);
}

Result<RegistryChange> set_registry(CaConfig& config, const RegistryName& name, const RegistryValue& value) {
  if (name.entry.empty())
    return unfit_registry_value("a value to change must be named", "for example policy\\EditFlags");
  return store(config, name, value);
}

Result<RegistryChange> delete_registry(CaConfig& config, const RegistryName& name) {
  RegistryChange change;
  change.entry = name.entry;
  change.before = read_registry(config, name, &change.entry);
  change.path = registry_path(config, {name.node, change.entry});
  if (name.entry.empty() || !change.before)
    return fault(HResult::ERROR_FILE_NOT_FOUND, "there is no registry value '" + change.path + "'");
  const RegistryEntry* entry = known(name);
  if (entry != nullptr && entry->clear == nullptr && (entry->read != nullptr || entry->initial))
    return unfit_registry_value(change.entry + " cannot be missing here", "set it instead");
  if (entry != nullptr && entry->clear != nullptr) entry->clear(config);
  if (const auto at = kept(config, name); at != config.OtherValues.end()) config.OtherValues.erase(at);
  return change;
}

}  // namespace mimica::ca
