// Object identifiers of a forest: the base, new template OIDs, and the objects below CN=OID,CN=Public Key Services.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/asn1/oid.h"
#include "core/base/entropy.h"
#include "core/windows/guid.h"
#include "ldap/entry.h"
#include "templates/template.h"

namespace mimica::templates {

// 1.3.6.1.4.1.311.21.8 and the objectGUID of the CN=OID container in wire order, cut into five 24-bit big-endian
// numbers and one octet (observed, Windows Server 2016).
Oid forest_oid_base(const Guid& oid_container_guid);

// A new OID below the base: two random arcs, 1000000 to 99999999 and 10000000 to 99999999.
Oid allocate_oid(const Oid& forest_base, Entropy& entropy);

enum class OidKind { template_oid = 1, issuance_policy = 2, application_policy = 3 };  // `flags` of the object

// Name of the object: last arc, dot, upper-case MD5 of the dotted OID as UTF-16LE (observed).
std::string oid_object_name(const Oid& oid);
ldap::Entry oid_entry(const Oid& oid, OidKind kind, std::string_view display_name, std::string_view configuration_dn);
// An issuance policy as its object holds it.
struct IssuancePolicy {
  Oid oid;
  std::string name;   // displayName
  std::string cps;    // msPKI-OID-CPS: URL of the certification practice statement; empty: none
  std::string group;  // msDS-OIDToGroupLink: DN of a universal group without members; empty: none
  bool operator==(const IssuancePolicy&) const = default;
};
ldap::Entry oid_entry(const IssuancePolicy& policy, std::string_view configuration_dn);
// nullopt when the object is no issuance policy (flags is not 2). Faults: its OID is missing or malformed.
Result<std::optional<IssuancePolicy>> issuance_policy(const ldap::Entry& entry);

// The one that belongs to a template with an OID of its own.
ldap::Entry oid_entry(const CertificateTemplate& value, std::string_view configuration_dn);

}  // namespace mimica::templates
