#include "ldap/dsa/dsa.h"

#include <mutex>

#include "ldap/dsa/accounts.h"
#include "ldap/dsa/passwords.h"
#include "ldap/dsa/schema_objects.h"
#include "ldap/dsa/search.h"
#include "ldap/dsa/state.h"
#include "ldap/dsa/write.h"

namespace mimica::ldap {

Dsa::Dsa(std::unique_ptr<dsa::State> state) : state_(std::move(state)) {}
Dsa::~Dsa() = default;

void Dsa::make_schema_objects() {
  const std::unique_lock lock(mutex_);
  dsa::load_schema_objects(*state_);
}

Result<Dsa::SearchAnswer> Dsa::search(const Caller& caller, const SearchRequest& request,
                                      const SearchOptions& options) {
  MIMICA_TRY(const auto filter, parse_filter(request.filter));
  return search(caller, request, filter, options);
}

Result<Dsa::SearchAnswer> Dsa::search(const Caller& caller, const SearchRequest& request, const Filter& filter,
                                      const SearchOptions& options) {
  if (dsa::needs_schema_objects(*state_, request.base) || (options.phantom_root && trim(request.base).empty()))
    make_schema_objects();
  const std::shared_lock lock(mutex_);
  return dsa::search(*state_, caller, request, filter, options);
}

Result<void> Dsa::add(const Caller& caller, const Entry& entry) {
  if (dsa::needs_schema_objects(*state_, entry.dn())) make_schema_objects();
  const std::unique_lock lock(mutex_);
  return dsa::add(*state_, caller, entry);
}

Result<void> Dsa::modify(const Caller& caller, std::string_view dn, const std::vector<Modification>& changes,
                         const WriteOptions& options) {
  if (dsa::needs_schema_objects(*state_, dn)) make_schema_objects();
  const std::unique_lock lock(mutex_);
  return dsa::modify(*state_, caller, dn, changes, options);
}

Result<void> Dsa::modify_dn(const Caller& caller, std::string_view dn, std::string_view new_rdn, bool delete_old_rdn,
                            const std::optional<std::string>& new_superior) {
  const std::unique_lock lock(mutex_);
  return dsa::modify_dn(*state_, caller, dn, new_rdn, delete_old_rdn, new_superior);
}

Result<void> Dsa::remove(const Caller& caller, std::string_view dn, const WriteOptions& options) {
  const std::unique_lock lock(mutex_);
  return dsa::remove(*state_, caller, dn, options);
}

Result<bool> Dsa::compare(const Caller& caller, std::string_view dn, std::string_view attribute,
                          std::string_view value) {
  const std::shared_lock lock(mutex_);
  return dsa::compare(*state_, caller, dn, attribute, value);
}

Result<Caller> Dsa::bind(std::string_view name, std::string_view password) {
  const std::shared_lock lock(mutex_);
  return dsa::bind(*state_, name, password);
}

Result<Caller> Dsa::impersonate(std::string_view account_name) {
  const std::shared_lock lock(mutex_);
  return dsa::impersonate(*state_, account_name);
}

void Dsa::set_password(std::string_view dn, std::string_view password) {
  const std::unique_lock lock(mutex_);
  dsa::set_password(*state_, dn, password);
}

std::optional<Dsa::Password> Dsa::password(std::string_view dn) const {
  const std::shared_lock lock(mutex_);
  return dsa::password(*state_, dn);
}

const NamingContexts& Dsa::naming_contexts() const { return state_->contexts; }
const Sid& Dsa::domain_sid() const { return state_->domain_sid; }
const std::string& Dsa::netbios_name() const { return state_->netbios_name; }
const std::string& Dsa::dns_name() const { return state_->dns_name; }

}  // namespace mimica::ldap
