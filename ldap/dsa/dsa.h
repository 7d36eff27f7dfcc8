// The embedded Active-Directory-like directory. Pure: time and randomness are passed in, callers are values. Every
// change is checked completely before it is applied, so an operation happens as a whole or not at all; readers share a
// lock.
#pragma once

#include <functional>
#include <memory>

#include "core/base/entropy.h"
#include "core/base/time.h"
#include "ldap/account.h"
#include "ldap/directory.h"
#include "ldap/filter.h"
#include "ldap/provision.h"

namespace mimica::ldap {

// Who performs an operation. Administrators (Domain Admins, Enterprise Admins, BUILTIN\Administrators, SYSTEM) may
// write.
struct Caller {
  Token token;             // empty user: anonymous
  std::string bound_dn;    // DN of the bound account; empty for anonymous and system
  std::string name;        // what Who Am I answers: "u:CONTOSO\\jane"
  bool is_system = false;  // the harness itself: bypasses access control, may set system-owned attributes
  bool anonymous() const { return !is_system && token.user.empty(); }
  static Caller system();
};

struct ForestOptions {
  std::string dns_name = "contoso.com";
  std::string netbios_name = "CONTOSO";
  std::string dc_host = "dc01";
  std::optional<Sid> domain_sid = {};  // default: from entropy
  std::string administrator_password = "Passw0rd!";
};

class Dsa {
 public:
  // The default forest of a fresh domain with the PKI containers an Enterprise CA finds (MS-WCCE 2.2.2.11): naming
  // contexts, schema with subschema entry, well-known users and groups, domain controller, Extended-Rights, Public Key
  // Services. Templates and CA objects are added by the templates and ca folders. Clock and entropy must outlive the
  // Dsa.
  static Result<std::unique_ptr<Dsa>> create(const ForestOptions& options, const Clock& clock, Entropy& entropy);
  virtual ~Dsa() = default;

  // What LDAP controls and the wire add to a search.
  struct SearchOptions {
    std::size_t size_limit = 0;                  // 0 = none
    std::optional<std::uint32_t> sd_flags = {};  // 1 owner, 2 group, 4 DACL, 8 SACL; 0 means 15
    bool show_deleted = false;
    bool domain_scope = false;  // no continuation references
    bool phantom_root = false;  // a search from "" covers all naming contexts
  };
  struct SearchAnswer {
    std::vector<Entry> entries;
    std::vector<std::string> references;  // LDAP URLs of subordinate naming contexts
    bool size_limit_exceeded = false;
  };
  // Attribute lists and results as RFC 4511; options such as ";binary" are ignored in the list and absent in the
  // answer.
  virtual Result<SearchAnswer> search(const Caller&, const SearchRequest&, const SearchOptions&) = 0;
  // The same with a filter that is parsed already; `request.filter` is ignored.
  virtual Result<SearchAnswer> search(const Caller&, const SearchRequest&, const Filter&, const SearchOptions&) = 0;

  struct WriteOptions {
    std::optional<std::uint32_t> sd_flags = {};  // parts of nTSecurityDescriptor that a modify replaces; default all
    bool permissive = false;                     // adding what exists and removing what is missing succeed
    bool tree_delete = false;
  };
  virtual Result<void> add(const Caller&, const Entry&) = 0;
  virtual Result<void> modify(const Caller&, std::string_view dn, const std::vector<Modification>&,
                              const WriteOptions&) = 0;
  Result<void> modify(const Caller& caller, std::string_view dn, const std::vector<Modification>& changes) {
    return modify(caller, dn, changes, WriteOptions{});
  }
  virtual Result<void> modify_dn(const Caller&, std::string_view dn, std::string_view new_rdn, bool delete_old_rdn,
                                 const std::optional<std::string>& new_superior) = 0;
  virtual Result<void> remove(const Caller&, std::string_view dn, const WriteOptions&) = 0;
  Result<void> remove(const Caller& caller, std::string_view dn) { return remove(caller, dn, WriteOptions{}); }
  virtual Result<bool> compare(const Caller&, std::string_view dn, std::string_view attribute,
                               std::string_view value) = 0;
  // Simple bind: DN, UPN, DOMAIN\user, or empty name and password for anonymous. Fault invalidCredentials with AD's
  // diagnostic ("80090308: ... data 52e").
  virtual Result<Caller> bind(std::string_view name, std::string_view password) = 0;
  // A caller for an account that proved itself otherwise (SASL, tests). Fault noSuchObject for an unknown name.
  virtual Result<Caller> impersonate(std::string_view account_name) = 0;
  // For accounts that exist; an empty password means that the account cannot bind.
  virtual void set_password(std::string_view dn, std::string_view password) = 0;
  // What a domain controller keeps to make Kerberos keys from (supplementalCredentials, MS-SAMR 2.2.10). nullopt for
  // accounts that have no password.
  struct Password {
    std::string text;
    int version = 0;  // msDS-KeyVersionNumber: 1 for the first password, one more with every change
  };
  virtual std::optional<Password> password(std::string_view dn) const = 0;

  virtual const NamingContexts& naming_contexts() const = 0;
  virtual const Sid& domain_sid() const = 0;
  virtual const std::string& netbios_name() const = 0;
  virtual const std::string& dns_name() const = 0;
};

// The Directory interface over a Dsa in the same process.
std::unique_ptr<Directory> in_process(Dsa& dsa, Caller caller);

}  // namespace mimica::ldap
