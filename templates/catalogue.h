// The 33 built-in certificate templates and the 11 that a new Enterprise CA publishes.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "core/asn1/oid.h"
#include "core/windows/sid.h"
#include "ldap/entry.h"
#include "templates/template.h"

namespace mimica::templates {

// What the built-in templates take from their forest.
struct CatalogueContext {
  Oid forest_base;  // msPKI-Cert-Template-OID of CN=OID; see forest_oid_base()
  Sid root_domain;  // SID of the forest root domain
};

// All 33, in the order of their numbers (User 1 ... KerberosAuthentication 33), exactly as a Windows Server 2016 forest
// holds them after the first CA was set up: numbers, order of values and security descriptor.
std::vector<CertificateTemplate> built_in_templates(const CatalogueContext& context);
// One of them by cn, without case.
std::optional<CertificateTemplate> built_in_template(std::string_view cn, const CatalogueContext& context);

// certificateTemplates of a fresh CA, in its order.
std::span<const std::string_view> published_by_default();

// The 12 msPKI-Enterprise-Oid objects that setup adds below CN=OID: template OIDs 1.25 to 1.33 and the low, medium and
// high assurance issuance policies 1.400 to 1.402.
std::vector<ldap::Entry> built_in_oid_entries(const CatalogueContext& context, std::string_view configuration_dn);

}  // namespace mimica::templates
