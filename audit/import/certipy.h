// `certipy find -json`: the CAs and templates of a forest (versions 4.8 and 5).
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/import/export_json.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "templates/named_rights.h"
#include "templates/template.h"

namespace mimica::audit {

// Version 4.8 writes flags as names and leaves the schema version out; 5 writes the bits as numbers.
enum class CertipyStyle { v4_8, v5 };

struct CertipyTemplate {
  // What the export tells of the template. `security` is rebuilt from the named permissions: it is good for judging,
  // not for writing to a directory. Without "Schema Version" a template with application policies for signatures, or
  // more bits than schema version 1 has, counts as version 2.
  templates::CertificateTemplate value;
  std::vector<std::string> authorities;  // that publish it
  bool enabled = false;
  std::optional<Timestamp> created, modified;
  Kept kept;
};

struct CertipyAuthority {
  std::string name, dns_name;
  std::optional<bool> user_specified_san;   // EDITF_ATTRIBUTESUBJECTALTNAME2
  std::optional<bool> enforces_encryption;  // IF_ENFORCEENCRYPTICERTREQUEST
  std::optional<bool> web_enrollment_over_http;
  std::optional<std::vector<Oid>> disabled_extensions;
  std::optional<SecurityDescriptor> security;  // rights as numbers of the CA's descriptor (1, 2, 256, 512)
  boost::json::object found;
};

struct CertipyDocument {
  CertipyStyle style = CertipyStyle::v5;
  std::vector<CertipyAuthority> authorities;
  std::vector<CertipyTemplate> templates;
  templates::NamedAccounts accounts;
  Kept kept;  // of the whole document
};

// Faults (E_INVALIDARG): no JSON, or neither CAs nor templates in it.
Result<CertipyDocument> read_certipy(std::string_view bytes, std::string_view source = "Certipy JSON");
std::string write_certipy(const CertipyDocument& document);

// A document of templates that were not read from one. `name_of` names accounts in permissions.
CertipyDocument certipy_document(const std::vector<templates::CertificateTemplate>& templates,
                                 const templates::NameOf& name_of, CertipyStyle style = CertipyStyle::v5);

}  // namespace mimica::audit
