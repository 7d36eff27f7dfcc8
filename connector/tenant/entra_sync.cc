// What Entra Connect copies from Active Directory: users with their on-premises attributes, and the SID of
// hybrid-joined Windows devices.
#include <algorithm>

#include "connector/tenant/tenant.h"
#include "core/asn1/name.h"
#include "ldap/entry.h"

namespace mimica::connector {
namespace {

bool scoped_out(const SyncOptions& options, std::string_view dn) {
  return std::any_of(options.excluded_containers.begin(), options.excluded_containers.end(),
                     [&](const std::string& container) { return dn_is_under(dn, container); });
}

class Attributes {
 public:
  Attributes(const ldap::Entry& entry, const SyncOptions& options) : entry_(entry), options_(options) {}
  std::string text(std::string_view name) const {
    return selected(name) ? std::string(entry_.first(name)) : std::string();
  }
  Result<std::optional<Sid>> sid() const {
    if (!selected("objectSid")) return std::optional<Sid>{};
    return entry_.sid("objectSid");
  }

 private:
  bool selected(std::string_view name) const { return options_.deselected_attributes.count(std::string(name)) == 0; }
  const ldap::Entry& entry_;
  const SyncOptions& options_;
};

}  // namespace

Result<SyncReport> Tenant::entra_sync(ldap::Directory& directory, const SyncOptions& options) {
  SyncReport report;
  MIMICA_TRY(const ldap::NamingContexts contexts, ldap::read_naming_contexts(directory));
  ldap::SearchRequest people;
  people.base = contexts.domain;
  // Entra Connect leaves out built-in accounts (isCriticalSystemObject) and computers.
  people.filter = "(&(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE)))";
  people.attributes = {"objectGUID", "objectSid", "sAMAccountName", "userPrincipalName", "displayName", "mail",
                       "givenName",  "sn",        "department"};
  MIMICA_TRY(const std::vector<ldap::Entry> users, directory.search(people));
  std::set<std::string> seen;
  for (const ldap::Entry& entry : users) {
    if (scoped_out(options, entry.dn())) continue;
    const Attributes from(entry, options);
    MIMICA_TRY(const auto guid, entry.guid("objectGUID"));
    if (!guid) continue;
    User user;
    user.id = guid->to_string();
    const User* known = find_user(user.id);
    if (known != nullptr) user.licensed = known->licensed;
    user.display_name = from.text("displayName");
    if (user.display_name.empty()) user.display_name = leaf_value(entry.dn());
    user.user_principal_name = from.text("userPrincipalName");
    if (user.user_principal_name.empty())  // the fallback of Entra Connect: account name at the initial domain
      user.user_principal_name = std::string(entry.first("sAMAccountName")) + "@" + options_.name;
    user.mail = from.text("mail");
    user.given_name = from.text("givenName");
    user.surname = from.text("sn");
    user.department = from.text("department");
    OnPremises on_premises;
    on_premises.distinguished_name =
        options.deselected_attributes.count("distinguishedName") == 0 ? entry.dn() : std::string();
    on_premises.sam_account_name = from.text("sAMAccountName");
    MIMICA_TRY(on_premises.security_identifier, from.sid());
    user.on_premises = std::move(on_premises);
    known == nullptr ? ++report.users_added : ++report.users_updated;
    seen.insert(put_user(std::move(user)));
  }
  // A synchronised user who left the scope leaves the tenant; cloud-only users stay.
  for (auto it = users_.begin(); it != users_.end();) {
    if (it->second.synced() && seen.count(it->first) == 0) {
      it = users_.erase(it);
      ++report.users_removed;
    } else {
      ++it;
    }
  }

  ldap::SearchRequest machines;
  machines.base = contexts.domain;
  machines.filter = "(objectClass=computer)";
  machines.attributes = {"objectSid", "sAMAccountName", "dNSHostName", "userCertificate"};
  MIMICA_TRY(const std::vector<ldap::Entry> computers, directory.search(machines));
  for (auto& item : devices_) {
    ManagedDevice& device = item.second;
    if (!device.hybrid_windows()) continue;
    for (const ldap::Entry& entry : computers) {
      if (!equals_ignore_case(entry.first("sAMAccountName"), device.name + "$")) continue;
      if (scoped_out(options, entry.dn())) continue;
      if (options.computers_need_user_certificate && !entry.has("userCertificate")) continue;
      const Attributes from(entry, options);
      MIMICA_TRY(device.on_premises_sid, from.sid());
      device.domain_joined = true;
      if (device.dns_name.empty()) device.dns_name = from.text("dNSHostName");
      ++report.devices_updated;
    }
  }
  return report;
}

}  // namespace mimica::connector
