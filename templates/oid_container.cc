#include "templates/oid_container.h"

#include "core/key.h"

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

ldap::Entry oid_entry(const CertificateTemplate& value, std::string_view configuration_dn) {
  return oid_entry(value.oid, OidKind::template_oid, value.display_name, configuration_dn);
}

}  // namespace mimica::templates
