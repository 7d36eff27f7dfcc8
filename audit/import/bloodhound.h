// Certificate templates as SharpHound collects them for BloodHound (data format version 6, "certtemplates").
#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/import/export_json.h"
#include "core/base/fault.h"
#include "templates/template.h"

namespace mimica::audit {

struct BloodHoundTemplate {
  // The collection writes names in capitals. `security` is rebuilt from the listed rights: it is good for judging, not
  // for writing to a directory.
  templates::CertificateTemplate value;
  std::string object_id;  // objectGUID
  std::string domain;     // "CONTOSO.COM"
  Sid domain_sid;
  std::int64_t when_created = 0;               // seconds since 1970
  std::map<Sid, std::string> principal_types;  // "Group", "User", ...
  Kept kept, kept_properties;
};
struct BloodHoundDocument {
  std::vector<BloodHoundTemplate> templates;
  Kept kept;
};

// Faults (E_INVALIDARG): no JSON, no list "data", or one of something else than templates.
Result<BloodHoundDocument> read_bloodhound_templates(std::string_view bytes,
                                                     std::string_view source = "BloodHound JSON");
// The frame of SharpHound's files around what they hold; `type`: "certtemplates", "enterprisecas".
boost::json::object bloodhound_collection(boost::json::array data, std::string_view type);

std::string write_bloodhound_templates(const BloodHoundDocument& document);
// A document of templates that were not read from one.
BloodHoundDocument bloodhound_document(const std::vector<templates::CertificateTemplate>& templates,
                                       std::string_view domain, const Sid& domain_sid);

// "ESC1.LOCAL-S-1-5-32-544" and plain SIDs; an empty SID for anything else.
Sid bloodhound_sid(std::string_view text);

}  // namespace mimica::audit
