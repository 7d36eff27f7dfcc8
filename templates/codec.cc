#include "templates/codec.h"

#include <algorithm>
#include <limits>
#include <set>

#include "core/asn1/name.h"
#include "core/base/number.h"

namespace mimica::templates {
namespace {

constexpr std::string_view kClass = "pKICertificateTemplate";
constexpr std::string_view kCategory = "CN=PKI-Certificate-Template,CN=Schema,";

// What a directory adds to every object; not a property of the template.
constexpr std::string_view kMaintained[] = {
    "distinguishedName",
    "objectGUID",
    "whenCreated",
    "whenChanged",
    "uSNCreated",
    "uSNChanged",
    "parentGUID",
    "objectCategory",
    "dSCorePropagationData",
    "instanceType",
    "name",
    "showInAdvancedViewOnly",
    "objectClass",
    "replPropertyMetaData",
    "allowedAttributesEffective",
    "structuralObjectClass",
    "entryUUID",
    "entryCSN",
    "creatorsName",
    "modifiersName",
    "createTimestamp",
    "modifyTimestamp",
    "entryDN",
    "subschemaSubentry",
    "canonicalName",
    "description",
    "pKIEnrollmentAccess",
};

// Takes attributes out of an entry one by one; the rest stays in `other`.
class Taker {
 public:
  Taker(const ldap::Entry& entry, std::string who) : entry_(entry), who_(std::move(who)) {}

  Fault bad(std::string_view name, std::string_view why, std::string hint = {}) const {
    return fault(HResult::E_INVALIDARG, "template " + who_ + ", " + std::string(name) + ": " + std::string(why), {},
                 std::move(hint));
  }

  Result<std::optional<std::string>> text(std::string_view name) {
    taken_.insert(to_lower(name));
    const ldap::Attribute* attribute = entry_.find(name);
    if (attribute == nullptr || attribute->values.empty()) return std::optional<std::string>{};
    if (attribute->values.size() > 1) return bad(name, "the attribute is single-valued");
    return std::optional<std::string>(attribute->values.front());
  }

  // Signed or unsigned 32-bit decimal: directories print signed numbers, some exports unsigned ones.
  Result<std::uint32_t> number(std::string_view name, std::uint32_t missing = 0) {
    MIMICA_TRY(const auto value, text(name));
    if (!value) return missing;
    std::string_view digits = *value;
    const bool negative = !digits.empty() && digits.front() == '-';
    if (negative) digits.remove_prefix(1);
    std::uint64_t magnitude = 0;
    bool good = !digits.empty() && digits.size() <= 10;
    for (const char c : digits) {
      good = good && c >= '0' && c <= '9';
      magnitude = magnitude * 10 + static_cast<std::uint64_t>(c - '0');
      if (!good) break;
    }
    if (!good || magnitude > (negative ? 0x80000000U : std::numeric_limits<std::uint32_t>::max())) {
      return bad(name, "'" + value->substr(0, 40) + "' is not a 32-bit number");
    }
    const auto bits = static_cast<std::uint32_t>(magnitude);
    return negative ? ~bits + 1 : bits;
  }

  Result<std::vector<std::string>> list(std::string_view name) {
    taken_.insert(to_lower(name));
    return entry_.values(name);
  }

  Result<std::vector<Oid>> oids(std::string_view name) {
    MIMICA_TRY(const std::vector<std::string> values, list(name));
    return parse_oids(name, values);
  }

  Result<std::vector<Oid>> parse_oids(std::string_view name, const std::vector<std::string>& values) const {
    std::vector<Oid> oids;
    for (const std::string& value : values) {
      auto oid = Oid::parse(trim(value));
      if (!oid) return bad(name, oid.error().what);
      oids.push_back(*std::move(oid));
    }
    return oids;
  }

  Result<Seconds> period(std::string_view name) {
    MIMICA_TRY(const auto value, text(name));
    if (!value) return Seconds{0};
    auto period = period_from_octets(as_bytes(*value));
    if (!period) return bad(name, period.error().what);
    return period;
  }

  // Takes the attribute if it has just this value, which encode() writes again.
  void expect(std::string_view name, std::string_view value) {
    const ldap::Attribute* attribute = entry_.find(name);
    if (attribute != nullptr && attribute->values.size() == 1 && equals_ignore_case(attribute->values[0], value)) {
      taken_.insert(to_lower(name));
    }
  }

  void take(std::string_view name) { taken_.insert(to_lower(name)); }

  std::vector<ldap::Attribute> rest() const {
    std::vector<ldap::Attribute> rest;
    for (const ldap::Attribute& attribute : entry_.attributes()) {
      if (!attribute.values.empty() && !taken_.contains(to_lower(ldap::base_name(attribute.name)))) {
        rest.push_back(attribute);
      }
    }
    return rest;
  }

 private:
  const ldap::Entry& entry_;
  std::string who_;
  std::set<std::string> taken_;
};

Provider parse_provider(std::string_view value) {
  const std::size_t comma = value.find(',');
  const std::string_view digits = value.substr(0, comma);
  const bool numbered = comma != std::string_view::npos && digits.size() <= 4;
  const int preference = numbered ? parse_decimal<int>(digits, 0).value_or(0) : 0;
  if (preference == 0) return {0, std::string(value)};
  return {preference, std::string(trim(value.substr(comma + 1)))};
}

std::vector<std::string> texts(const std::vector<Oid>& oids) {
  std::vector<std::string> values;
  for (const Oid& oid : oids) values.push_back(oid.dotted());
  return values;
}

std::string signed_text(std::uint32_t bits) { return std::to_string(static_cast<std::int32_t>(bits)); }

}  // namespace

Result<CertificateTemplate> decode(const ldap::Entry& entry) {
  std::string cn(entry.first("cn"));
  if (cn.empty()) cn = leaf_value(entry.dn());
  Taker taker(entry, "'" + cn + "'");
  if (cn.empty()) return taker.bad("cn", "the entry has no name");
  if (entry.has("objectClass") && !entry.is_a(kClass)) {
    return taker.bad("objectClass", "the entry is not a pKICertificateTemplate");
  }
  CertificateTemplate value;
  MIMICA_RETURN_IF_FAULT(taker.text("cn"));
  value.cn = cn;
  taker.expect("name", cn);
  taker.expect("instanceType", "4");
  taker.expect("showInAdvancedViewOnly", "TRUE");
  if (starts_with_ignore_case(entry.first("objectCategory"), kCategory)) taker.take("objectCategory");
  if (entry.values("objectClass") == std::vector<std::string>{"top", std::string(kClass)}) taker.take("objectClass");

  MIMICA_TRY(const auto display_name, taker.text("displayName"));
  value.display_name = display_name.value_or("");
  MIMICA_TRY(const std::uint32_t schema, taker.number("msPKI-Template-Schema-Version", 1));
  value.schema_version = static_cast<int>(schema);
  MIMICA_TRY(value.major_revision, taker.number("revision"));
  MIMICA_TRY(value.minor_revision, taker.number("msPKI-Template-Minor-Revision"));
  MIMICA_TRY(const auto oid, taker.oids("msPKI-Cert-Template-OID"));
  if (oid.size() > 1) return taker.bad("msPKI-Cert-Template-OID", "the attribute is single-valued");
  if (!oid.empty()) value.oid = oid.front();

  MIMICA_TRY(const std::uint32_t flags, taker.number("flags"));
  MIMICA_TRY(const std::uint32_t enrollment_flags, taker.number("msPKI-Enrollment-Flag"));
  MIMICA_TRY(const std::uint32_t private_key_flags, taker.number("msPKI-Private-Key-Flag"));
  MIMICA_TRY(const std::uint32_t name_flags, taker.number("msPKI-Certificate-Name-Flag"));
  value.flags = FlagSet<GeneralFlag>(flags);
  value.enrollment_flags = FlagSet<EnrollmentFlag>(enrollment_flags);
  value.private_key_flags = FlagSet<PrivateKeyFlag>(private_key_flags);
  value.name_flags = FlagSet<NameFlag>(name_flags);

  MIMICA_TRY(const auto key_usage, taker.text("pKIKeyUsage"));
  if (key_usage) {
    if (key_usage->empty() || key_usage->size() > 2) return taker.bad("pKIKeyUsage", "one or two octets are expected");
    value.key_usage = KeyUsage(to_bytes(*key_usage));
  }
  MIMICA_TRY(value.validity, taker.period("pKIExpirationPeriod"));
  MIMICA_TRY(value.overlap, taker.period("pKIOverlapPeriod"));
  MIMICA_TRY(const std::uint32_t depth, taker.number("pKIMaxIssuingDepth"));
  value.max_issuing_depth = static_cast<std::int32_t>(depth);
  MIMICA_TRY(value.critical_extensions, taker.oids("pKICriticalExtensions"));
  MIMICA_TRY(value.extended_key_usage, taker.oids("pKIExtendedKeyUsage"));
  MIMICA_TRY(value.application_policies, taker.oids("msPKI-Certificate-Application-Policy"));
  MIMICA_TRY(const auto providers, taker.list("pKIDefaultCSPs"));
  for (const std::string& provider : providers) value.default_providers.push_back(parse_provider(provider));
  MIMICA_TRY(const std::uint32_t key_spec, taker.number("pKIDefaultKeySpec", 1));
  value.default_key_spec = static_cast<DefaultKeySpec>(key_spec);
  MIMICA_TRY(value.minimal_key_size, taker.number("msPKI-Minimal-Key-Size"));

  MIMICA_TRY(value.ra_signatures, taker.number("msPKI-RA-Signature"));
  MIMICA_TRY(value.ra_issuance_policies, taker.oids("msPKI-RA-Policies"));
  constexpr std::string_view kRaApplication = "msPKI-RA-Application-Policies";
  MIMICA_TRY(const auto ra_application, taker.list(kRaApplication));
  if (ra_application.size() == 1 && ra_application[0].find('`') != std::string::npos) {
    auto packed = parse_packed(ra_application[0]);
    if (!packed) return taker.bad(kRaApplication, packed.error().what);
    value.ra_application_policies = std::move(packed->ra_application_policies);
    const bool is_empty = packed->others.empty() && value.ra_application_policies.empty();
    if (!is_empty) value.key_properties = std::move(packed->others);
  } else {
    MIMICA_TRY(value.ra_application_policies, taker.parse_oids(kRaApplication, ra_application));
  }
  MIMICA_TRY(value.issuance_policies, taker.oids("msPKI-Certificate-Policy"));
  MIMICA_TRY(value.superseded, taker.list("msPKI-Supersede-Templates"));
  MIMICA_TRY(const auto descriptor, taker.text("nTSecurityDescriptor"));
  if (descriptor) {
    auto security = SecurityDescriptor::from_binary(as_bytes(*descriptor));
    if (!security) return taker.bad("nTSecurityDescriptor", security.error().what);
    value.security = *std::move(security);
  }
  value.other = taker.rest();
  return value;
}

std::string template_dn(std::string_view cn, std::string_view configuration_dn) {
  return "CN=" + escape_dn_value(cn) + ",CN=Certificate Templates,CN=Public Key Services,CN=Services," +
         std::string(configuration_dn);
}

ldap::Entry encode(const CertificateTemplate& value, std::string_view configuration_dn) {
  ldap::Entry entry(template_dn(value.cn, configuration_dn));
  const auto set_list = [&entry](std::string_view name, std::vector<std::string> values) {
    if (!values.empty()) entry.set(name, std::move(values));
  };
  const auto is_kept = [&value](std::string_view name) {
    return std::any_of(value.other.begin(), value.other.end(), [&](const ldap::Attribute& attribute) {
      return equals_ignore_case(ldap::base_name(attribute.name), name);
    });
  };
  const auto set_unless_kept = [&](std::string_view name, std::vector<std::string> values) {
    if (!is_kept(name)) entry.set(name, std::move(values));
  };
  set_unless_kept("objectClass", {"top", std::string(kClass)});
  entry.set("cn", value.cn);
  if (!value.display_name.empty()) entry.set("displayName", value.display_name);
  set_unless_kept("name", {value.cn});
  set_unless_kept("instanceType", {"4"});
  set_unless_kept("showInAdvancedViewOnly", {"TRUE"});
  set_unless_kept("objectCategory", {std::string(kCategory) + std::string(configuration_dn)});
  entry.set("flags", signed_text(value.flags.bits()));
  entry.set("revision", signed_text(value.major_revision));
  entry.set("msPKI-Template-Minor-Revision", signed_text(value.minor_revision));
  entry.set("msPKI-Template-Schema-Version", std::to_string(value.schema_version));
  if (!value.oid.empty()) entry.set("msPKI-Cert-Template-OID", value.oid.dotted());
  entry.set("pKIDefaultKeySpec", signed_text(static_cast<std::uint32_t>(value.default_key_spec)));
  if (!value.key_usage.octets().empty()) entry.set("pKIKeyUsage", BytesView(value.key_usage.octets()));
  entry.set("pKIMaxIssuingDepth", std::to_string(value.max_issuing_depth));
  set_list("pKICriticalExtensions", texts(value.critical_extensions));
  entry.set("pKIExpirationPeriod", BytesView(period_to_octets(value.validity)));
  entry.set("pKIOverlapPeriod", BytesView(period_to_octets(value.overlap)));
  set_list("pKIExtendedKeyUsage", texts(value.extended_key_usage));
  std::vector<std::string> providers;
  for (const Provider& provider : value.default_providers) {
    providers.push_back(provider.preference == 0 ? provider.name
                                                 : std::to_string(provider.preference) + ',' + provider.name);
  }
  set_list("pKIDefaultCSPs", std::move(providers));
  entry.set("msPKI-RA-Signature", signed_text(value.ra_signatures));
  set_list("msPKI-RA-Policies", texts(value.ra_issuance_policies));
  if (value.key_properties) {
    std::string packed = write_packed(value.ra_application_policies, *value.key_properties);
    if (!packed.empty()) entry.set("msPKI-RA-Application-Policies", std::move(packed));
  } else {
    set_list("msPKI-RA-Application-Policies", texts(value.ra_application_policies));
  }
  entry.set("msPKI-Minimal-Key-Size", signed_text(value.minimal_key_size));
  entry.set("msPKI-Enrollment-Flag", signed_text(value.enrollment_flags.bits()));
  entry.set("msPKI-Private-Key-Flag", signed_text(value.private_key_flags.bits()));
  entry.set("msPKI-Certificate-Name-Flag", signed_text(value.name_flags.bits()));
  set_list("msPKI-Certificate-Policy", texts(value.issuance_policies));
  set_list("msPKI-Certificate-Application-Policy", texts(value.application_policies));
  set_list("msPKI-Supersede-Templates", value.superseded);
  if (value.security) entry.set("nTSecurityDescriptor", BytesView(value.security->to_binary()));
  for (const ldap::Attribute& attribute : value.other) entry.set(attribute.name, attribute.values);
  return entry;
}

std::vector<std::string> unrecognised_attributes(const CertificateTemplate& value) {
  std::vector<std::string> names;
  for (const ldap::Attribute& attribute : value.other) {
    const std::string_view name = ldap::base_name(attribute.name);
    const bool maintained = std::any_of(std::begin(kMaintained), std::end(kMaintained),
                                        [&](std::string_view known) { return equals_ignore_case(known, name); });
    if (!maintained) names.push_back(attribute.name);
  }
  return names;
}

}  // namespace mimica::templates
