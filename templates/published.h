// Whether a requested template exists and a CA issues it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/decision.h"
#include "templates/template.h"

namespace mimica::templates {

// What the pKIEnrollmentService object and the CA say.
struct Publication {
  std::string ca_name;
  std::vector<std::string> published;  // certificateTemplates: names (cn)
  int ca_version = 6;                  // as CertificateTemplate::ca_version()
};

// By cn, without case, or by template OID in dotted form. nullptr when none matches.
const CertificateTemplate* find_template(std::span<const CertificateTemplate> templates, std::string_view name_or_oid);

// Rules templates.catalog.exists, .schema, .published and .ca_version, in that order; refused with
// CERTSRV_E_UNSUPPORTED_CERT_TYPE (0x80094800). `templates` are those the CA can read. A display name in place of the
// template name is recognised and named in the hint.
Decision<CertificateTemplate> decide_published(std::string_view requested,
                                               std::span<const CertificateTemplate> templates,
                                               const Publication& publication);

}  // namespace mimica::templates
