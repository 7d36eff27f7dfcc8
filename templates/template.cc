#include "templates/template.h"

#include <algorithm>
#include <limits>

#include "core/base/text.h"

namespace mimica::templates {
namespace {

constexpr std::string_view kRaPolicies = "msPKI-RA-Application-Policies";
constexpr std::int64_t kTicksPerSecond = 10'000'000;

struct NamedUsage {
  KeyUsage::Bit bit;
  std::string_view name;
};
constexpr NamedUsage kUsages[] = {
    {KeyUsage::Bit::digital_signature, "digitalSignature"},
    {KeyUsage::Bit::non_repudiation, "nonRepudiation"},
    {KeyUsage::Bit::key_encipherment, "keyEncipherment"},
    {KeyUsage::Bit::data_encipherment, "dataEncipherment"},
    {KeyUsage::Bit::key_agreement, "keyAgreement"},
    {KeyUsage::Bit::key_cert_sign, "keyCertSign"},
    {KeyUsage::Bit::crl_sign, "cRLSign"},
    {KeyUsage::Bit::encipher_only, "encipherOnly"},
    {KeyUsage::Bit::decipher_only, "decipherOnly"},
};

Fault bad_packed(std::string what, std::size_t offset) {
  return fault(HResult::E_INVALIDARG, std::move(what), {std::string(kRaPolicies), 0, 0, offset});
}

Result<std::uint32_t> parse_dword(std::string_view text, std::size_t offset) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return bad_packed("a DWORD value is not a decimal number", offset);
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
    if (value > std::numeric_limits<std::uint32_t>::max()) return bad_packed("a DWORD value exceeds 32 bits", offset);
  }
  if (text.empty()) return bad_packed("a DWORD value is empty", offset);
  return static_cast<std::uint32_t>(value);
}

}  // namespace

bool KeyUsage::has(Bit bit) const {
  const auto mask = static_cast<std::uint16_t>(bit);
  const std::size_t octet = mask > 0xFF ? 1 : 0;
  return octet < octets_.size() && (octets_[octet] & (mask > 0xFF ? mask >> 8 : mask)) != 0;
}

void KeyUsage::set(Bit bit, bool on) {
  if (has(bit) == on) return;
  const auto mask = static_cast<std::uint16_t>(bit);
  octets_.resize(2);
  std::uint8_t& octet = octets_[mask > 0xFF ? 1 : 0];
  const auto in_octet = static_cast<std::uint8_t>(mask > 0xFF ? mask >> 8 : mask);
  octet = static_cast<std::uint8_t>(on ? octet | in_octet : octet & ~in_octet);
  if (octets_[1] == 0) octets_.resize(1);
}

bool KeyUsage::empty() const {
  return std::all_of(octets_.begin(), octets_.end(), [](std::uint8_t octet) { return octet == 0; });
}

std::vector<std::string> KeyUsage::names() const {
  std::vector<std::string> names;
  for (const NamedUsage& usage : kUsages) {
    if (has(usage.bit)) names.emplace_back(usage.name);
  }
  return names;
}

void CertificateTemplate::set_compatibility(int ca, int recipient) {
  const std::uint32_t rest = private_key_flags.bits() & ~0x0F0F0000U;
  private_key_flags = FlagSet<PrivateKeyFlag>(rest | static_cast<std::uint32_t>(ca & 0xF) << 16 |
                                              static_cast<std::uint32_t>(recipient & 0xF) << 24);
}

bool CertificateTemplate::uses_key_storage_provider() const {
  return schema_version == 3 || (schema_version == 4 && !private_key_flags.has(PrivateKeyFlag::use_legacy_provider));
}

const std::vector<Oid>& CertificateTemplate::effective_application_policies() const {
  return extended_key_usage.empty() ? application_policies : extended_key_usage;
}

const KeyProperty* CertificateTemplate::key_property(std::string_view name) const {
  if (!key_properties) return nullptr;
  for (const KeyProperty& property : *key_properties) {
    if (equals_ignore_case(property.name, name)) return &property;
  }
  return nullptr;
}

void CertificateTemplate::set_key_property(std::string name, std::variant<std::uint32_t, std::string> value) {
  if (!key_properties) key_properties.emplace();
  auto at = key_properties->begin();
  for (; at != key_properties->end() && at->name < name; ++at) {
  }
  if (at != key_properties->end() && at->name == name) {
    at->value = std::move(value);
  } else {
    key_properties->insert(at, KeyProperty{std::move(name), std::move(value)});
  }
}

Result<PackedProperties> parse_packed(std::string_view text) {
  PackedProperties packed;
  std::size_t at = 0;
  const auto field = [&]() -> Result<std::string_view> {
    const std::size_t end = text.find('`', at);
    if (end == std::string_view::npos) return bad_packed("a property field does not end with a grave accent", at);
    const std::string_view value = text.substr(at, end - at);
    at = end + 1;
    return value;
  };
  while (at < text.size()) {
    if (packed.others.size() == kMaxKeyProperties) return bad_packed("too many properties", at);
    MIMICA_TRY(const std::string_view name, field());
    const std::size_t type_at = at;
    MIMICA_TRY(const std::string_view type, field());
    const std::size_t value_at = at;
    MIMICA_TRY(const std::string_view value, field());
    if (type == "DWORD") {
      MIMICA_TRY(const std::uint32_t number, parse_dword(value, value_at));
      packed.others.push_back({std::string(name), number});
    } else if (type != "PZPWSTR") {
      return bad_packed("unknown property type '" + std::string(type.substr(0, 40)) + "'", type_at);
    } else if (equals_ignore_case(name, kRaPolicies)) {
      for (const std::string_view part : split(value, ',')) {
        if (trim(part).empty()) continue;
        MIMICA_TRY(Oid oid, Oid::parse(trim(part)));
        packed.ra_application_policies.push_back(std::move(oid));
      }
    } else {
      packed.others.push_back({std::string(name), std::string(value)});
    }
  }
  return packed;
}

std::string write_packed(const std::vector<Oid>& ra_application_policies, const std::vector<KeyProperty>& others) {
  std::string text;
  const auto write = [&text](std::string_view name, std::string_view type, std::string_view value) {
    for (const std::string_view part : {name, type, value}) {
      text += part;
      text += '`';
    }
  };
  bool policies_pending = !ra_application_policies.empty();
  const auto write_policies = [&] {
    const std::string list = join(ra_application_policies, ",", &Oid::dotted);
    write(kRaPolicies, "PZPWSTR", list);
    policies_pending = false;
  };
  for (const KeyProperty& property : others) {
    if (policies_pending && property.name > kRaPolicies) write_policies();
    if (const auto* number = std::get_if<std::uint32_t>(&property.value)) {
      write(property.name, "DWORD", std::to_string(*number));
    } else {
      write(property.name, "PZPWSTR", std::get<std::string>(property.value));
    }
  }
  if (policies_pending) write_policies();
  return text;
}

Result<Seconds> period_from_octets(BytesView octets) {
  if (octets.size() != 8) return fault(HResult::E_INVALIDARG, "a period has 8 octets");
  std::uint64_t ticks = 0;
  for (std::size_t i = 8; i-- > 0;) ticks = ticks << 8 | octets[i];
  // Negative by definition; two's complement.
  const std::uint64_t count = ~ticks + 1;
  if (ticks != 0 && (ticks >> 63) == 0) return fault(HResult::E_INVALIDARG, "a period is stored as a negative number");
  if (count % kTicksPerSecond != 0) return fault(HResult::E_INVALIDARG, "a period is not a whole number of seconds");
  return static_cast<Seconds>(count / kTicksPerSecond);
}

Bytes period_to_octets(Seconds period) {
  std::uint64_t ticks = ~(static_cast<std::uint64_t>(period) * kTicksPerSecond) + 1;
  Bytes octets;
  for (int i = 0; i < 8; ++i, ticks >>= 8) octets.push_back(static_cast<std::uint8_t>(ticks));
  return octets;
}

}  // namespace mimica::templates
