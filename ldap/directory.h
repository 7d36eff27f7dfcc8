// The one interface through which a directory is asked (docs/architecture.md): the embedded server in process, the same
// over a socket, OpenLDAP slapd, Samba AD DC or a real Active Directory. Semantics are those of LDAPv3 with AD's
// controls.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ldap/entry.h"

namespace mimica::ldap {

enum class Scope { base, one_level, subtree };

struct SearchRequest {
  std::string base;  // RFC 4514; "" is the rootDSE
  Scope scope = Scope::subtree;
  std::string filter = "(objectClass=*)";    // RFC 4515
  std::vector<std::string> attributes = {};  // empty: all user attributes
  bool with_security_descriptor = false;     // sends the SD flags control with owner|group|DACL
};

struct Modification {
  enum class Kind { add, erase, replace };
  Kind kind = Kind::replace;
  Attribute attribute;  // erase with no values: the whole attribute
};

// Every method may fault with the server's LDAP code (noSuchObject, insufficientAccessRights, ...) or, when the server
// cannot be reached, with LdapCode::unavailable.
class Directory {
 public:
  virtual ~Directory() = default;
  // All matching entries; paging is done inside. A missing base faults with noSuchObject.
  virtual Result<std::vector<Entry>> search(const SearchRequest& request) = 0;
  virtual Result<void> add(const Entry& entry) = 0;
  virtual Result<void> modify(std::string_view dn, const std::vector<Modification>& modifications) = 0;
  virtual Result<void> remove(std::string_view dn) = 0;
  // Renames, and with `new_superior` (not empty) moves. Directories that cannot fault with unwillingToPerform.
  virtual Result<void> modify_dn(std::string_view dn, std::string_view new_rdn, bool delete_old_rdn = true,
                                 std::string_view new_superior = {});
};

// Reads one entry; nullopt when it does not exist.
Result<std::optional<Entry>> read_entry(Directory& directory, std::string_view dn,
                                        std::vector<std::string> attributes = {},
                                        bool with_security_descriptor = false);

// Learnt from the rootDSE; never composed from a domain name.
struct NamingContexts {
  std::string domain;         // defaultNamingContext
  std::string configuration;  // configurationNamingContext
  std::string schema;
  std::string root_domain;
  std::string public_key_services() const;    // CN=Public Key Services,CN=Services,<configuration>
  std::string certificate_templates() const;  // CN=Certificate Templates,<public key services>
  std::string enrollment_services() const;
  std::string nt_auth() const;  // CN=NTAuthCertificates,...
  std::string certification_authorities() const;
  std::string aia() const;
  std::string cdp() const;
  std::string oid_container() const;
};
Result<NamingContexts> read_naming_contexts(Directory& directory);

// RFC 4515 escaping of an assertion value; binary-safe.
std::string escape_filter(std::string_view value);

}  // namespace mimica::ldap
