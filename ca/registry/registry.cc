#include "ca/registry/registry.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>

#include "ca/registry/registry_flags.h"
#include "core/base/number.h"

namespace mimica::ca {
namespace {

using Type = RegistryValue::Type;
using Found = std::optional<RegistryValue>;

constexpr Seconds kLongestPeriod = 1000 * 365 * kDay;
constexpr std::size_t kMaxItems = 256;
constexpr std::string_view kConfiguration =
    "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\CertSvc\\Configuration\\";
constexpr std::string_view kPolicyModule = "PolicyModules\\CertificateAuthority_MicrosoftDefault.Policy";
constexpr std::string_view kExitModule = "ExitModules\\CertificateAuthority_MicrosoftDefault.Exit";

// One value that the registry of a CA is known to hold. `read` and `write` reach the field behind it; without them the
// value is kept in OtherValues and starts as `initial`.
struct Entry {
  RegistryNode node;
  std::string_view name;
  Type type;
  Found (*read)(const CaConfig&) = nullptr;
  Result<void> (*write)(CaConfig&, const RegistryValue&) = nullptr;  // null with `read`: fixed by the set-up
  std::span<const NamedBits> (*names)() = nullptr;
  Found initial = std::nullopt;
  void (*clear)(CaConfig&) = nullptr;  // null: the value cannot be missing
};

Fault unfit(std::string what, std::string hint = {}) {
  return fault(HResult::E_INVALIDARG, std::move(what), {}, std::move(hint));
}

// ---- fields --------------------------------------------------------------------------------------------------------

template <std::uint32_t CaConfig::*Field>
Found read_number(const CaConfig& config) {
  return RegistryValue::of(config.*Field);
}
template <std::uint32_t CaConfig::*Field>
Result<void> write_number(CaConfig& config, const RegistryValue& value) {
  config.*Field = value.number;
  return {};
}

template <std::vector<std::string> CaConfig::*Field>
Found read_texts(const CaConfig& config) {
  return RegistryValue::of(config.*Field);
}
template <std::vector<std::string> CaConfig::*Field>
Result<void> write_texts(CaConfig& config, const RegistryValue& value) {
  config.*Field = value.texts;
  return {};
}

template <std::vector<Oid> CaConfig::*Field>
Found read_oids(const CaConfig& config) {
  if ((config.*Field).empty()) return std::nullopt;
  std::vector<std::string> texts;
  for (const Oid& oid : config.*Field) texts.push_back(oid.dotted());
  return RegistryValue::of(std::move(texts));
}
template <std::vector<Oid> CaConfig::*Field>
Result<void> write_oids(CaConfig& config, const RegistryValue& value) {
  std::vector<Oid> oids;
  for (const std::string& text : value.texts) {
    if (trim(text).empty()) continue;
    MIMICA_TRY(Oid oid, Oid::parse(trim(text)));
    oids.push_back(std::move(oid));
  }
  config.*Field = std::move(oids);
  return {};
}

template <std::vector<Oid> CaConfig::*Field>
void clear_oids(CaConfig& config) {
  (config.*Field).clear();
}

template <std::optional<SecurityDescriptor> CaConfig::*Field>
Found read_descriptor(const CaConfig& config) {
  if (!(config.*Field)) return std::nullopt;
  return RegistryValue::of((config.*Field)->to_binary());
}
template <std::optional<SecurityDescriptor> CaConfig::*Field>
Result<void> write_descriptor(CaConfig& config, const RegistryValue& value) {
  MIMICA_TRY(config.*Field, SecurityDescriptor::from_binary(value.bytes));
  return {};
}
template <std::optional<SecurityDescriptor> CaConfig::*Field>
void clear_descriptor(CaConfig& config) {
  (config.*Field).reset();
}

template <std::string CaConfig::*Field>
Found read_text(const CaConfig& config) {
  return RegistryValue::of(config.*Field);
}

Found read_security(const CaConfig& config) { return RegistryValue::of(config.Security.to_binary()); }
Result<void> write_security(CaConfig& config, const RegistryValue& value) {
  MIMICA_TRY(config.Security, SecurityDescriptor::from_binary(value.bytes));
  return {};
}

// A period is two values, its unit and its number. The unit is remembered, because "Days 7" is not "Weeks 1" to the
// administrator who changes the number next.
constexpr std::pair<std::string_view, Seconds> kUnits[] = {
    {"Years", 365 * kDay}, {"Months", 30 * kDay}, {"Weeks", 7 * kDay}, {"Days", kDay},
    {"Hours", kHour},      {"Minutes", kMinute},  {"Seconds", 1}};

std::optional<std::pair<std::string_view, Seconds>> unit_named(std::string_view name) {
  for (const auto& unit : kUnits)
    if (equals_ignore_case(unit.first, name)) return unit;
  return std::nullopt;
}

std::pair<std::string_view, Seconds> unit_of(const CaConfig& config, std::string_view key, Seconds period,
                                             std::string_view otherwise) {
  const auto kept = config.OtherValues.find(key);
  if (kept != config.OtherValues.end() && !kept->second.texts.empty())
    if (const auto unit = unit_named(kept->second.texts.front()); unit && period % unit->second == 0) return *unit;
  if (period == 0) return *unit_named(otherwise);
  for (const auto& unit : kUnits)
    if (unit.first != "Months" && period % unit.second == 0) return unit;
  return kUnits[std::size(kUnits) - 1];
}

Result<void> set_period(Seconds& field, std::uint64_t count, Seconds unit, bool may_be_zero) {
  if (count == 0 && !may_be_zero) return unfit("a period of nothing is not supported here");
  if (count > static_cast<std::uint64_t>(kLongestPeriod / unit)) return unfit("the period is longer than 1000 years");
  field = static_cast<Seconds>(count) * unit;
  return {};
}

struct PeriodNames {
  std::string_view key;   // in OtherValues
  std::string_view unit;  // of a period of 0
  bool may_be_zero = false;
};
constexpr PeriodNames kValidity{"CA\\ValidityPeriod", "Years"}, kCrlPeriod{"CA\\CRLPeriod", "Weeks"},
    kCrlOverlap{"CA\\CRLOverlapPeriod", "Hours", true}, kDelta{"CA\\CRLDeltaPeriod", "Days", true},
    kDeltaOverlap{"CA\\CRLDeltaOverlapPeriod", "Minutes", true};

template <Seconds CaConfig::*Field, const PeriodNames& Names>
Found read_unit(const CaConfig& config) {
  return RegistryValue::of(std::string(unit_of(config, Names.key, config.*Field, Names.unit).first));
}
template <Seconds CaConfig::*Field, const PeriodNames& Names>
Result<void> write_unit(CaConfig& config, const RegistryValue& value) {
  const auto unit = value.texts.empty() ? std::nullopt : unit_named(value.texts.front());
  if (!unit)
    return unfit("'" + (value.texts.empty() ? std::string() : value.texts.front()) + "' is no unit of a period",
                 "use Years, Months, Weeks, Days, Hours, Minutes or Seconds");
  const Seconds count = config.*Field / unit_of(config, Names.key, config.*Field, Names.unit).second;
  MIMICA_RETURN_IF_FAULT(set_period(config.*Field, static_cast<std::uint64_t>(count), unit->second, true));
  config.OtherValues[std::string(Names.key)] = RegistryValue::of(std::string(unit->first));
  return {};
}
template <Seconds CaConfig::*Field, const PeriodNames& Names>
Found read_units(const CaConfig& config) {
  const Seconds unit = unit_of(config, Names.key, config.*Field, Names.unit).second;
  return RegistryValue::of(static_cast<std::uint32_t>(config.*Field / unit));
}
template <Seconds CaConfig::*Field, const PeriodNames& Names>
Result<void> write_units(CaConfig& config, const RegistryValue& value) {
  const auto unit = unit_of(config, Names.key, config.*Field, Names.unit);
  MIMICA_RETURN_IF_FAULT(set_period(config.*Field, value.number, unit.second, Names.may_be_zero));
  config.OtherValues[std::string(Names.key)] = RegistryValue::of(std::string(unit.first));
  return {};
}

Result<void> write_skew(CaConfig& config, const RegistryValue& value) {
  if (value.number > 24 * 60) return unfit("a clock skew of more than a day is not supported here");
  config.ClockSkewMinutes = static_cast<int>(value.number);
  return {};
}
Result<void> write_high_serial(CaConfig& config, const RegistryValue& value) {
  if (value.number == 0 || value.number > 0xFF)
    return unfit("this CA makes serial numbers from a HighSerial of one octet", "use 1 to 0xff");
  config.HighSerial = static_cast<std::uint8_t>(value.number);
  return {};
}
Result<void> write_name_lengths(CaConfig& config, const RegistryValue& value) {
  config.EnforceX500NameLengths = value.number != 0;
  return {};
}

// ---- the values ----------------------------------------------------------------------------------------------------

RegistryValue number(std::uint32_t value) { return RegistryValue::of(value); }
RegistryValue text(std::string_view value) { return RegistryValue::of(std::string(value)); }

// CertSrv.h wszREG*; initial values as MS-CSRA note 15 and CertSrv.h give them for an Enterprise CA.
std::span<const Entry> entries() {
  using enum RegistryNode;
  using C = CaConfig;
  static const std::vector<Entry> table = {
      {ca, "CAType", Type::dword, [](const C& c) -> Found { return number(static_cast<std::uint32_t>(c.CAType)); },
       nullptr, ca_type_names},
      {ca, "CommonName", Type::sz, read_text<&C::CommonName>},
      {ca, "CAServerName", Type::sz, read_text<&C::CAServerName>},
      {ca, "UseDS", Type::dword, [](const C& c) -> Found { return number(c.is_enterprise() ? 1 : 0); }},
      {ca, "ValidityPeriod", Type::sz, read_unit<&C::ValidityPeriod, kValidity>,
       write_unit<&C::ValidityPeriod, kValidity>},
      {ca, "ValidityPeriodUnits", Type::dword, read_units<&C::ValidityPeriod, kValidity>,
       write_units<&C::ValidityPeriod, kValidity>},
      {ca, "CRLPeriod", Type::sz, read_unit<&C::CRLPeriod, kCrlPeriod>, write_unit<&C::CRLPeriod, kCrlPeriod>},
      {ca, "CRLPeriodUnits", Type::dword, read_units<&C::CRLPeriod, kCrlPeriod>,
       write_units<&C::CRLPeriod, kCrlPeriod>},
      {ca, "CRLOverlapPeriod", Type::sz, read_unit<&C::CRLOverlap, kCrlOverlap>,
       write_unit<&C::CRLOverlap, kCrlOverlap>},
      {ca, "CRLOverlapUnits", Type::dword, read_units<&C::CRLOverlap, kCrlOverlap>,
       write_units<&C::CRLOverlap, kCrlOverlap>},
      {ca, "CRLDeltaPeriod", Type::sz, read_unit<&C::CRLDeltaPeriod, kDelta>, write_unit<&C::CRLDeltaPeriod, kDelta>},
      {ca, "CRLDeltaPeriodUnits", Type::dword, read_units<&C::CRLDeltaPeriod, kDelta>,
       write_units<&C::CRLDeltaPeriod, kDelta>},
      {ca, "CRLDeltaOverlapPeriod", Type::sz, read_unit<&C::CRLDeltaOverlap, kDeltaOverlap>,
       write_unit<&C::CRLDeltaOverlap, kDeltaOverlap>},
      {ca, "CRLDeltaOverlapUnits", Type::dword, read_units<&C::CRLDeltaOverlap, kDeltaOverlap>,
       write_units<&C::CRLDeltaOverlap, kDeltaOverlap>},
      {ca, "ClockSkewMinutes", Type::dword,
       [](const C& c) -> Found { return number(static_cast<std::uint32_t>(c.ClockSkewMinutes)); }, write_skew},
      {ca, "CAXchgValidityPeriod", Type::sz, nullptr, nullptr, nullptr, text("Weeks")},
      {ca, "CAXchgValidityPeriodUnits", Type::dword, nullptr, nullptr, nullptr, number(1)},
      {ca, "CAXchgOverlapPeriod", Type::sz, nullptr, nullptr, nullptr, text("Days")},
      {ca, "CAXchgOverlapPeriodUnits", Type::dword, nullptr, nullptr, nullptr, number(1)},
      {ca, "SubjectTemplate", Type::multi_sz, read_texts<&C::SubjectTemplate>, write_texts<&C::SubjectTemplate>},
      {ca, "EnforceX500NameLengths", Type::dword,
       [](const C& c) -> Found { return number(c.EnforceX500NameLengths ? 1 : 0); }, write_name_lengths},
      {ca, "CRLFlags", Type::dword, read_number<&C::CRLFlags>, write_number<&C::CRLFlags>, crl_flag_names},
      {ca, "CRLEditFlags", Type::dword, nullptr, nullptr, edit_flag_names, number(0x100)},
      {ca, "KRAFlags", Type::dword, nullptr, nullptr, kra_flag_names, number(0)},
      {ca, "KRACertCount", Type::dword, nullptr, nullptr, nullptr, number(0)},
      {ca, "KRACertHash", Type::multi_sz, nullptr, nullptr, nullptr, RegistryValue::of(std::vector<std::string>())},
      {ca, "InterfaceFlags", Type::dword, nullptr, nullptr, interface_flag_names, number(0x641)},
      {ca, "AuditFilter", Type::dword},
      {ca, "LogLevel", Type::dword, nullptr, nullptr, nullptr, number(3)},
      {ca, "RoleSeparationEnabled", Type::dword},
      {ca, "HighSerial", Type::dword, [](const C& c) -> Found { return number(c.HighSerial); }, write_high_serial},
      {ca, "CRLPublicationURLs", Type::multi_sz, read_texts<&C::CRLPublicationURLs>,
       write_texts<&C::CRLPublicationURLs>, publication_flag_names},
      {ca, "CACertPublicationURLs", Type::multi_sz, read_texts<&C::CACertPublicationURLs>,
       write_texts<&C::CACertPublicationURLs>, publication_flag_names},
      {ca, "Security", Type::binary, read_security, write_security},
      {ca, "OfficerRights", Type::binary, read_descriptor<&C::OfficerRights>, write_descriptor<&C::OfficerRights>,
       nullptr, std::nullopt, clear_descriptor<&C::OfficerRights>},
      {ca, "EnrollmentAgentRights", Type::binary, read_descriptor<&C::EnrollmentAgentRights>,
       write_descriptor<&C::EnrollmentAgentRights>, nullptr, std::nullopt, clear_descriptor<&C::EnrollmentAgentRights>},
      {ca, "SignedAttributes", Type::multi_sz, nullptr, nullptr, nullptr,
       RegistryValue::of(std::vector<std::string>{"RequesterName"})},
      {ca, "MaxIncomingMessageSize", Type::dword, nullptr, nullptr, nullptr, number(0x10000)},
      {policy, "EditFlags", Type::dword, read_number<&C::EditFlags>, write_number<&C::EditFlags>, edit_flag_names},
      {policy, "RequestDisposition", Type::dword, read_number<&C::RequestDisposition>,
       write_number<&C::RequestDisposition>, request_disposition_names},
      {policy, "EnableRequestExtensionList", Type::multi_sz, read_oids<&C::EnableRequestExtensionList>,
       write_oids<&C::EnableRequestExtensionList>, nullptr, std::nullopt, clear_oids<&C::EnableRequestExtensionList>},
      {policy, "EnableEnrolleeRequestExtensionList", Type::multi_sz, read_oids<&C::EnableEnrolleeRequestExtensionList>,
       write_oids<&C::EnableEnrolleeRequestExtensionList>, nullptr, std::nullopt,
       clear_oids<&C::EnableEnrolleeRequestExtensionList>},
      {policy, "DisableExtensionList", Type::multi_sz, read_oids<&C::DisableExtensionList>,
       write_oids<&C::DisableExtensionList>, nullptr, std::nullopt, clear_oids<&C::DisableExtensionList>},
      {policy, "CAPathLength", Type::dword, nullptr, nullptr, nullptr, number(0xFFFFFFFF)},
      {exit, "PublishCertFlags", Type::dword, read_number<&C::PublishCertFlags>, write_number<&C::PublishCertFlags>,
       exit_flag_names},
  };
  return table;
}

std::string_view node_name(RegistryNode node) {
  return node == RegistryNode::ca ? "CA" : node == RegistryNode::policy ? "policy" : "exit";
}
std::string key_of(RegistryNode node, std::string_view entry) {
  return std::string(node_name(node)) + "\\" + std::string(entry);
}

const Entry* known(const RegistryName& name) {
  for (const Entry& entry : entries())
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
bool shaped_as_text(const CaConfig& config, const Entry& entry, const Found& value) {
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
    return unfit(
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
  if (items.size() > kMaxItems) return unfit("the list has more than " + std::to_string(kMaxItems) + " items");
  return RegistryValue::of(std::move(items));
}

Type type_for(const Entry* entry, const Found& before, std::string_view argument) {
  if (before && before->type != Type::sz) return before->type;
  const bool change = argument.starts_with('+') || argument.starts_with('-');
  const bool list = change || argument.find("\\n") != std::string_view::npos;
  if (entry != nullptr && entry->type != Type::multi_sz) return entry->type;
  if (entry != nullptr || before) return list ? Type::multi_sz : Type::sz;
  if (parse_number<std::uint32_t>(change ? argument.substr(1) : argument)) return Type::dword;
  return list ? Type::multi_sz : Type::sz;
}

Result<RegistryChange> store(CaConfig& config, const RegistryName& name, const RegistryValue& value) {
  const Entry* entry = known(name);
  RegistryChange change;
  change.entry = name.entry;
  change.before = read_registry(config, name, &change.entry);
  change.path = registry_path(config, {name.node, change.entry});
  if (entry != nullptr && entry->read != nullptr && entry->write == nullptr)
    return unfit(std::string(entry->name) + " is fixed when the CA is set up");
  const bool text_for_list = entry != nullptr && entry->type == Type::multi_sz && value.type == Type::sz;
  if (entry != nullptr && entry->type != value.type && !text_for_list)
    return unfit(std::string(entry->name) + " is a " + std::string(to_string(entry->type)) + ", not a " +
                 std::string(to_string(value.type)));
  if (entry != nullptr && entry->write != nullptr) MIMICA_RETURN_IF_FAULT(entry->write(config, value));
  const auto at = kept(config, name);
  if (entry == nullptr || entry->write == nullptr || text_for_list) {
    if (at != config.OtherValues.end()) {
      config.OtherValues[at->first] = value;
    } else {
      if (config.OtherValues.size() >= kMaxOtherValues) return unfit("the registry key holds too many values");
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
  const Entry* entry = known(name);
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
  for (const Entry& entry : entries())
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
  const Entry* entry = known(name);
  return entry != nullptr && entry->read != nullptr;
}

Result<RegistryChange> change_registry(CaConfig& config, const RegistryName& name, std::string_view argument) {
  if (name.entry.empty()) return unfit("a value to change must be named", "for example policy\\EditFlags");
  if (argument.size() > kMaxRegistryText) return unfit("the value is longer than 64 KiB");
  const Entry* entry = known(name);
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
      if (!bytes) return unfit(name.entry + " is binary", "write it in hexadecimal");
      value = RegistryValue::of(*std::move(bytes));
      break;
    }
  }
  return store(config, name, value);
}

Result<RegistryChange> set_registry(CaConfig& config, const RegistryName& name, const RegistryValue& value) {
  if (name.entry.empty()) return unfit("a value to change must be named", "for example policy\\EditFlags");
  return store(config, name, value);
}

Result<RegistryChange> delete_registry(CaConfig& config, const RegistryName& name) {
  RegistryChange change;
  change.entry = name.entry;
  change.before = read_registry(config, name, &change.entry);
  change.path = registry_path(config, {name.node, change.entry});
  if (name.entry.empty() || !change.before)
    return fault(HResult::ERROR_FILE_NOT_FOUND, "there is no registry value '" + change.path + "'");
  const Entry* entry = known(name);
  if (entry != nullptr && entry->clear == nullptr && (entry->read != nullptr || entry->initial))
    return unfit(change.entry + " cannot be missing here", "set it instead");
  if (entry != nullptr && entry->clear != nullptr) entry->clear(config);
  if (const auto at = kept(config, name); at != config.OtherValues.end()) config.OtherValues.erase(at);
  return change;
}

}  // namespace mimica::ca
