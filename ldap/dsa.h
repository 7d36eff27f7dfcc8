// The embedded Active-Directory-like directory: an immutable snapshot that operations read, and a change function that
// replaces it. Pure: time and randomness are passed in, callers are values.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

#include "core/entropy.h"
#include "core/time.h"
#include "ldap/account.h"
#include "ldap/directory.h"

namespace mimica::ldap {

// Who performs an operation. Administrators (Domain Admins, Enterprise Admins, BUILTIN\Administrators, SYSTEM) may write.
struct Caller {
  Token token;                // empty user: anonymous
  std::string bound_dn;       // DN of the bound account; empty for anonymous and system
  std::string name;           // what Who Am I answers: "u:CONTOSO\\jane"
  bool is_system = false;     // the harness itself: bypasses access control, may set system-owned attributes
  bool anonymous() const { return !is_system && token.user.empty(); }
  static Caller system();
};

struct ForestOptions {
  std::string dns_name = "contoso.com";
  std::string netbios_name = "CONTOSO";
  std::string dc_host = "dc01";
  std::optional<Sid> domain_sid;  // default: from entropy
  std::string administrator_password = "Passw0rd!";
};

class Dsa {
 public:
  // The default forest of a fresh domain with the PKI containers an Enterprise CA finds (MS-WCCE 2.2.2.11): naming
  // contexts, schema with subschema entry, well-known users and groups, domain controller, Extended-Rights, Public Key
  // Services. Templates and CA objects are added by the templates and ca folders.
  static Result<std::unique_ptr<Dsa>> create(const ForestOptions& options, const Clock& clock, Entropy& entropy);
  virtual ~Dsa() = default;

  struct SearchOptions {
    bool types_only = false;
    std::size_t size_limit = 0;  // 0 = none
    std::optional<std::uint32_t> sd_flags;
    bool show_deleted = false;
    bool domain_scope = false;
  };
  struct SearchAnswer {
    std::vector<Entry> entries;
    std::vector<std::string> references;
    bool size_limit_exceeded = false;
  };
  virtual Result<SearchAnswer> search(const Caller&, const SearchRequest&, const SearchOptions&) = 0;
  virtual Result<void> add(const Caller&, const Entry&) = 0;
  virtual Result<void> modify(const Caller&, std::string_view dn, const std::vector<Modification>&) = 0;
  virtual Result<void> modify_dn(const Caller&, std::string_view dn, std::string_view new_rdn, bool delete_old_rdn,
                                 const std::optional<std::string>& new_superior) = 0;
  virtual Result<void> remove(const Caller&, std::string_view dn) = 0;
  virtual Result<bool> compare(const Caller&, std::string_view dn, std::string_view attribute, std::string_view value) = 0;
  // Simple bind: DN, UPN, DOMAIN\user, or empty name and password for anonymous. Fault invalidCredentials with AD's
  // diagnostic ("80090308: ... data 52e").
  virtual Result<Caller> bind(std::string_view name, std::string_view password) = 0;
  // A caller for an account that proved itself otherwise (SASL, tests).
  virtual Result<Caller> impersonate(std::string_view account_name) = 0;
  virtual void set_password(std::string_view dn, std::string_view password) = 0;

  virtual const NamingContexts& naming_contexts() const = 0;
  virtual const Sid& domain_sid() const = 0;
  virtual const std::string& netbios_name() const = 0;
  virtual const std::string& dns_name() const = 0;
};

// The Directory interface over a Dsa in the same process.
std::unique_ptr<Directory> in_process(Dsa& dsa, Caller caller);

// What administrators do all day; each returns the DN. They work over any Directory that assigns objectSid itself.
struct UserSpec {
  std::string name;          // sAMAccountName
  std::string display_name;  // default: name; also the cn
  std::string upn;           // default: name@<domain>
  std::string mail;          // empty: none
  std::string password;      // empty: the account cannot bind
  std::string container;     // DN; default CN=Users,<domain>
  std::vector<std::string> groups;  // sAMAccountNames
  std::vector<std::string> alt_security_identities;
};
Result<std::string> add_user(Directory&, const NamingContexts&, const UserSpec&);
struct ComputerSpec {
  std::string name;            // without '$'
  std::string dns_host_name;   // default: name.<domain>
  std::string password;
  bool domain_controller = false;
  std::vector<std::string> groups;
};
Result<std::string> add_computer(Directory&, const NamingContexts&, const ComputerSpec&);
struct GroupSpec {
  std::string name;
  std::vector<std::string> members;  // sAMAccountNames
};
Result<std::string> add_group(Directory&, const NamingContexts&, const GroupSpec&);
Result<void> add_member(Directory&, const NamingContexts&, std::string_view group, std::string_view member);

}  // namespace mimica::ldap
