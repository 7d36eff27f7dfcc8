// CAs in the exports of other programs: what the linter needs of them, and all of it for writing again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "audit/import/bloodhound.h"
#include "audit/import/certipy.h"
#include "audit/import/export_json.h"
#include "audit/lint/authority_linter.h"
#include "core/base/fault.h"

namespace mimica::audit {

// What `certipy find` says of a CA.
AuthorityFacts facts_of(const CertipyAuthority& authority, const CertipyDocument& document);

// "enterprisecas", "certtemplates", ...: what a collection of SharpHound holds; empty for another object.
std::string collection_type(const boost::json::object& object);

// Enterprise CAs as SharpHound collects them (data format version 6, "enterprisecas").
struct BloodHoundAuthority {
  AuthorityFacts facts;                   // `published` stays empty: the record names templates by object GUID
  std::vector<std::string> template_ids;  // objectGUID of the published templates
  Kept kept;
};
struct BloodHoundAuthorities {
  std::vector<BloodHoundAuthority> authorities;
  Kept kept;
};
// Faults (E_INVALIDARG): no JSON, or a collection of something else.
Result<BloodHoundAuthorities> read_bloodhound_authorities(std::string_view bytes,
                                                          std::string_view source = "BloodHound JSON");
std::string write_bloodhound_authorities(const BloodHoundAuthorities& document);

// Templates and CAs of an export, for judging.
struct ReadExport {
  std::vector<templates::CertificateTemplate> templates;
  std::vector<LinkedPolicy> linked_policies;
  std::vector<AuthorityFacts> authorities;
  std::vector<Fault> unreadable;
  templates::NameOf name_of;                                // may be empty
  std::string format;                                       // "LDIF", "Certipy JSON", ...
  std::map<std::string, std::string> template_ids;          // BloodHound: objectGUID of a template to its cn
  std::map<std::string, std::vector<std::string>> enabled;  // and name of a CA to the objectGUIDs it publishes
};
// Several files that describe one forest. CAs of BloodHound get their published templates as far as they are there.
ReadExport merged(std::vector<ReadExport> parts);

}  // namespace mimica::audit
