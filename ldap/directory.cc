#include "ldap/directory.h"

namespace mimica::ldap {

Result<void> Directory::modify_dn(std::string_view dn, std::string_view, bool, std::string_view) {
  return fault(LdapCode::unwillingToPerform, "this directory cannot rename " + std::string(dn));
}

Result<std::optional<Entry>> read_entry(Directory& directory, std::string_view dn, std::vector<std::string> attributes,
                                        bool with_security_descriptor) {
  auto found = directory.search({.base = std::string(dn),
                                 .scope = Scope::base,
                                 .attributes = std::move(attributes),
                                 .with_security_descriptor = with_security_descriptor});
  if (!found) {
    // Active Directory refers to another server for a name outside every naming context that it holds.
    if (found.error().code == Code{LdapCode::noSuchObject} || found.error().code == Code{LdapCode::referral})
      return std::optional<Entry>{};
    return std::move(found).error();
  }
  if (found->empty()) return std::optional<Entry>{};
  return std::optional<Entry>{std::move(found->front())};
}

std::string NamingContexts::public_key_services() const {
  return "CN=Public Key Services,CN=Services," + configuration;
}
std::string NamingContexts::certificate_templates() const {
  return "CN=Certificate Templates," + public_key_services();
}
std::string NamingContexts::enrollment_services() const { return "CN=Enrollment Services," + public_key_services(); }
std::string NamingContexts::nt_auth() const { return "CN=NTAuthCertificates," + public_key_services(); }
std::string NamingContexts::certification_authorities() const {
  return "CN=Certification Authorities," + public_key_services();
}
std::string NamingContexts::aia() const { return "CN=AIA," + public_key_services(); }
std::string NamingContexts::cdp() const { return "CN=CDP," + public_key_services(); }
std::string NamingContexts::oid_container() const { return "CN=OID," + public_key_services(); }

Result<NamingContexts> read_naming_contexts(Directory& directory) {
  MIMICA_TRY(auto root, read_entry(directory, "",
                                   {"defaultNamingContext", "configurationNamingContext", "schemaNamingContext",
                                    "rootDomainNamingContext"}));
  if (!root) return fault(LdapCode::noSuchObject, "the directory has no rootDSE");
  NamingContexts contexts;
  contexts.domain = root->first("defaultNamingContext");
  contexts.configuration = root->first("configurationNamingContext");
  contexts.schema = root->first("schemaNamingContext");
  contexts.root_domain = root->first("rootDomainNamingContext");
  if (contexts.domain.empty() || contexts.configuration.empty())
    return fault(LdapCode::noSuchAttribute, "the rootDSE names no default or configuration naming context", {},
                 "the server must serve defaultNamingContext and configurationNamingContext as Active Directory does");
  if (contexts.root_domain.empty()) contexts.root_domain = contexts.domain;
  return contexts;
}

std::string escape_filter(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const bool text = is_valid_utf8(value);
  std::string out;
  out.reserve(value.size() + 8);
  for (const char c : value) {
    const auto octet = static_cast<unsigned char>(c);
    const bool special = c == '*' || c == '(' || c == ')' || c == '\\' || octet < 0x20 || octet == 0x7F;
    if (special || (octet >= 0x80 && !text)) {
      out.push_back('\\');
      out.push_back(kDigits[octet >> 4]);
      out.push_back(kDigits[octet & 15]);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace mimica::ldap
