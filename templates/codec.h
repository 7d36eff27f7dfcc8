// Between directory entries of class pKICertificateTemplate and template values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ldap/entry.h"
#include "templates/template.h"

namespace mimica::templates {

// Reads an entry. Missing attributes take their documented defaults (schema version 1, numbers 0, no lists), so that
// exports without security descriptor or OID load too. Attributes that are not modelled are kept in `other`. Faults
// (E_INVALIDARG) name the template and the attribute.
Result<CertificateTemplate> decode(const ldap::Entry& entry);

// The entry below CN=Certificate Templates of that configuration naming context, in the attribute order of an export.
ldap::Entry encode(const CertificateTemplate& value, std::string_view configuration_dn);

// Names in `other` that the Active Directory schema does not allow on a template: worth a report when real exports are
// loaded. Attributes that a directory maintains itself (objectGUID, whenCreated, ...) are not among them.
std::vector<std::string> unrecognised_attributes(const CertificateTemplate& value);

std::string template_dn(std::string_view cn, std::string_view configuration_dn);

}  // namespace mimica::templates
