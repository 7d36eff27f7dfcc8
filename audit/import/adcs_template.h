// The export of the PowerShell module ADCSTemplate: one template as a JSON object of its directory attributes.
#pragma once

#include <string>
#include <string_view>

#include "audit/import/export_json.h"
#include "core/base/fault.h"
#include "templates/template.h"

namespace mimica::audit {

struct AdcsTemplateExport {
  templates::CertificateTemplate value;
  Kept kept;
};
// UTF-16LE with a byte order mark, as Export-ADCSTemplate writes it, or UTF-8. Octet strings are lists of decimal
// octets; a list of one value may stand as the value alone. Faults: see parse_export() and decode().
Result<AdcsTemplateExport> read_adcs_template(std::string_view bytes, std::string_view source = "ADCSTemplate JSON");
// UTF-16LE with a byte order mark, laid out as ConvertTo-Json of Windows PowerShell does.
std::string write_adcs_template(const AdcsTemplateExport& document);
std::string write_adcs_template(const templates::CertificateTemplate& value);

}  // namespace mimica::audit
