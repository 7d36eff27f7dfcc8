// The checks of this folder as documented constants.
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::templates::rule {

// ---- is the template there, and does the CA issue it ----------------------------------------------------------------
inline constexpr Rule kCatalogExists{"templates.catalog.exists", "The requested template exists in the directory.",
                                     "MS-WCCE 3.2.2.6.2.1.4.6; REQ-35",
                                     "name the template by its cn (the template name), not by its display name"};
inline constexpr Rule kCatalogSchema{
    "templates.catalog.schema", "The template's schema version is one that the CA knows (1 to 4).", "MS-WCCE 3.2.2.5",
    "set msPKI-Template-Schema-Version to the version the template was made for"};
inline constexpr Rule kCatalogPublished{"templates.catalog.published", "The CA publishes the template.",
                                        "MS-WCCE 3.2.2.6.2.1.4.6; REQ-47",
                                        "publish it: Certificate Templates > New > Certificate Template to Issue"};
inline constexpr Rule kCatalogCaVersion{
    "templates.catalog.ca_version",
    "The CA is at least of the version that the template's compatibility setting asks for.",
    "MS-WCCE 3.2.2.6.2.1.4.5.7; REQ-32", "lower the template's compatibility setting or use a newer CA",
    Provenance::inferred};

// ---- permissions ---------------------------------------------------------------------------------------------------
inline constexpr Rule kPermissionRead{
    "templates.permission.read", "The account may read the template.", "MS-CRTD 2.5.3; KB283218",
    "allow Read to the account or one of its groups; Authenticated Users hold it by default"};
inline constexpr Rule kPermissionEnroll{
    "templates.permission.enroll", "The caller holds the Enroll right on the template.",
    "MS-CRTD 2.5.1; MS-ADTS 5.1.3.3; REQ-45", "allow Enroll to the caller or one of its groups"};

}  // namespace mimica::templates::rule

namespace mimica::templates {

// Every rule of the folder, in the order above.
std::span<const Rule* const> rules();

}  // namespace mimica::templates
