#include "audit/lint/authority_export.h"

#include "core/asn1/name.h"
#include "templates/codec.h"

namespace mimica::audit {

ExportedForest forest_of(const std::vector<ldap::Entry>& entries) {
  ExportedForest out;
  out.forest.linked_policies = linked_policies(entries);
  for (const ldap::Entry& entry : entries) {
    if (entry.is_a("pKICertificateTemplate")) {
      auto value = templates::decode(entry);
      if (value)
        out.forest.templates.push_back(*std::move(value));
      else
        out.unreadable.push_back(std::move(value).error());
    } else if (entry.is_a("pKIEnrollmentService")) {
      AuthorityFacts authority;
      authority.name = entry.has("cn") ? std::string(entry.first("cn")) : leaf_value(entry.dn());
      authority.published = entry.values("certificateTemplates");
      out.authorities.push_back(std::move(authority));
    }
  }
  return out;
}

}  // namespace mimica::audit
