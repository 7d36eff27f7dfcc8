#include "templates/oid_container.h"

#include "core/pki/key.h"

namespace mimica::templates {

Oid forest_oid_base(const Guid& oid_container_guid) {
  const Bytes wire = oid_container_guid.to_binary();
  std::string dotted = "1.3.6.1.4.1.311.21.8";
  for (std::size_t i = 0; i < 15; i += 3) {
    dotted += '.' + std::to_string(wire[i] << 16 | wire[i + 1] << 8 | wire[i + 2]);
  }
  return Oid(dotted + '.' + std::to_string(wire[15]));
}

Oid allocate_oid(const Oid& forest_base, Entropy& entropy) {
  const std::uint32_t first = 1'000'000 + entropy.u32() % 99'000'000;
  const std::uint32_t second = 10'000'000 + entropy.u32() % 90'000'000;
  return Oid(forest_base.dotted() + '.' + std::to_string(first) + '.' + std::to_string(second));
}

std::string oid_object_name(const Oid& oid) {
  const std::string& dotted = oid.dotted();
  const std::u16string wide(dotted.begin(), dotted.end());
  return dotted.substr(dotted.rfind('.') + 1) + '.' + to_hex_upper(md5(utf16_le(wide)));
}

ldap::Entry oid_entry(const Oid& oid, OidKind kind, std::string_view display_name, std::string_view configuration_dn) {
  const std::string name = oid_object_name(oid);
  ldap::Entry entry("CN=" + name + ",CN=OID,CN=Public Key Services,CN=Services," + std::string(configuration_dn));
  entry.set("objectClass", std::vector<std::string>{"top", "msPKI-Enterprise-Oid"});
  entry.set("cn", name);
  if (!display_name.empty()) entry.set("displayName", std::string(display_name));
  entry.set("flags", std::to_string(static_cast<int>(kind)));
  entry.set("msPKI-Cert-Template-OID", oid.dotted());
  return entry;
}

ldap::Entry oid_entry(const IssuancePolicy& policy, std::string_view configuration_dn) {
  ldap::Entry entry = oid_entry(policy.oid, OidKind::issuance_policy, policy.name, configuration_dn);
  if (!policy.cps.empty()) entry.set("msPKI-OID-CPS", policy.cps);
  if (!policy.group.empty()) entry.set("msDS-OIDToGroupLink", policy.group);
  return entry;
}

Result<std::optional<IssuancePolicy>> issuance_policy(const ldap::Entry& entry) {
  MIMICA_TRY(const auto kind, entry.integer("flags"));
  if (kind.value_or(0) != static_cast<int>(OidKind::issuance_policy)) return std::optional<IssuancePolicy>{};
  IssuancePolicy out;
  MIMICA_TRY(out.oid, Oid::parse(entry.first("msPKI-Cert-Template-OID")));
  out.name = entry.first("displayName");
  out.cps = entry.first("msPKI-OID-CPS");
  out.group = entry.first("msDS-OIDToGroupLink");
  return std::optional<IssuancePolicy>(std::move(out));
}

ldap::Entry oid_entry(const CertificateTemplate& value, std::string_view configuration_dn) {
  return oid_entry(value.oid, OidKind::template_oid, value.display_name, configuration_dn);
}

}  // namespace mimica::templates
