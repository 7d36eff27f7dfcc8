#include "ca/registry/registry_entries.h"

#include <algorithm>
#include <array>

namespace mimica::ca {
namespace {

using Type = RegistryValue::Type;
using Found = std::optional<RegistryValue>;

constexpr Seconds kLongestPeriod = 1000 * 365 * kDay;

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
  if (count == 0 && !may_be_zero) return unfit_registry_value("a period of nothing is not supported here");
  if (count > static_cast<std::uint64_t>(kLongestPeriod / unit))
    return unfit_registry_value("the period is longer than 1000 years");
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
    return unfit_registry_value(
        "'" + (value.texts.empty() ? std::string() : value.texts.front()) + "' is no unit of a period",
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
  if (value.number > 24 * 60) return unfit_registry_value("a clock skew of more than a day is not supported here");
  config.ClockSkewMinutes = static_cast<int>(value.number);
  return {};
}
Result<void> write_high_serial(CaConfig& config, const RegistryValue& value) {
  if (value.number == 0 || value.number > 0xFF)
    return unfit_registry_value("this CA makes serial numbers from a HighSerial of one octet", "use 1 to 0xff");
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

}  // namespace

Fault unfit_registry_value(std::string what, std::string hint) {
  return fault(HResult::E_INVALIDARG, std::move(what), {}, std::move(hint));
}

// CertSrv.h wszREG*; initial values as MS-CSRA note 15 and CertSrv.h give them for an Enterprise CA.
std::span<const RegistryEntry> known_registry_entries() {
  using enum RegistryNode;
  using C = CaConfig;
  static const std::vector<RegistryEntry> table = {
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

}  // namespace mimica::ca
