// The embedded Active-Directory-like directory. Pure: time and randomness are passed in, callers are values. Every
// change is checked completely before it is applied, so an operation happens as a whole or not at all.
//
// A Dsa may be called from any thread. One lock protects its whole state: reading operations (search, compare, bind,
// impersonate, password) share it, writing ones hold it alone. It is held over no input or output and over no call back
// to a caller; the clock and the entropy of the lab are read below it and keep locks of their own. What is set when the
// forest is built (naming contexts, SID and names of the domain) never changes and is read without it.
#pragma once

#include <memory>
#include <shared_mutex>

#include "ldap/directory.h"
#include "ldap/dsa/caller.h"
#include "ldap/filter.h"
#include "ldap/provision.h"

namespace mimica::ldap {

namespace dsa {
struct State;
}

class Dsa {
 public:
  // A state whose forest is built: create_forest() of ldap/forest/forest.h makes one.
  explicit Dsa(std::unique_ptr<dsa::State> state);
  ~Dsa();

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
  Result<SearchAnswer> search(const Caller&, const SearchRequest&, const SearchOptions&);
  // The same with a filter that is parsed already; `request.filter` is ignored.
  Result<SearchAnswer> search(const Caller&, const SearchRequest&, const Filter&, const SearchOptions&);

  struct WriteOptions {
    std::optional<std::uint32_t> sd_flags = {};  // parts of nTSecurityDescriptor that a modify replaces; default all
    bool permissive = false;                     // adding what exists and removing what is missing succeed
    bool tree_delete = false;
  };
  Result<void> add(const Caller&, const Entry&);
  Result<void> modify(const Caller&, std::string_view dn, const std::vector<Modification>&, const WriteOptions&);
  Result<void> modify(const Caller& caller, std::string_view dn, const std::vector<Modification>& changes) {
    return modify(caller, dn, changes, WriteOptions{});
  }
  Result<void> modify_dn(const Caller&, std::string_view dn, std::string_view new_rdn, bool delete_old_rdn,
                         const std::optional<std::string>& new_superior);
  Result<void> remove(const Caller&, std::string_view dn, const WriteOptions&);
  Result<void> remove(const Caller& caller, std::string_view dn) { return remove(caller, dn, WriteOptions{}); }
  Result<bool> compare(const Caller&, std::string_view dn, std::string_view attribute, std::string_view value);
  // Simple bind: DN, UPN, DOMAIN\user, or empty name and password for anonymous. Fault invalidCredentials with AD's
  // diagnostic ("80090308: ... data 52e").
  Result<Caller> bind(std::string_view name, std::string_view password);
  // A caller for an account that proved itself otherwise (SASL, tests). Fault noSuchObject for an unknown name.
  Result<Caller> impersonate(std::string_view account_name);
  // For accounts that exist; an empty password means that the account cannot bind.
  void set_password(std::string_view dn, std::string_view password);
  // What a domain controller keeps to make Kerberos keys from (supplementalCredentials, MS-SAMR 2.2.10). nullopt for
  // accounts that have no password.
  struct Password {
    std::string text;
    int version = 0;  // msDS-KeyVersionNumber: 1 for the first password, one more with every change
  };
  std::optional<Password> password(std::string_view dn) const;

  const NamingContexts& naming_contexts() const;
  const Sid& domain_sid() const;
  const std::string& netbios_name() const;
  const std::string& dns_name() const;

 private:
  void make_schema_objects();

  std::unique_ptr<dsa::State> state_;
  mutable std::shared_mutex mutex_;  // protects *state_
};

}  // namespace mimica::ldap
