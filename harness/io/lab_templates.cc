// Life of templates and issuance policies in a lab, and what the linter finds.
#include "core/base/text.h"
#include "harness/io/lab_impl.h"
#include "ldap/principals.h"
#include "templates/codec.h"
#include "templates/oid_container.h"

namespace mimica::harness {

Result<Oid> LabImpl::forest_oid() {
  MIMICA_TRY(const auto container,
             ldap::read_entry(*console_, dsa_->naming_contexts().oid_container(), {"msPKI-Cert-Template-OID"}));
  if (!container) return fault(LdapCode::noSuchObject, "the forest has no OID container");
  return Oid::parse(container->first("msPKI-Cert-Template-OID"));
}

Result<std::vector<ldap::Entry>> LabImpl::oid_objects() {
  return console_->search({.base = dsa_->naming_contexts().oid_container(),
                           .scope = ldap::Scope::one_level,
                           .filter = "(objectClass=msPKI-Enterprise-Oid)"});
}

Result<ldap::Entry> LabImpl::issuance_policy(const std::string& name) {
  MIMICA_TRY(std::vector<ldap::Entry> all, oid_objects());
  for (ldap::Entry& entry : all) {
    const auto kind = entry.integer("flags");
    if (!kind || kind->value_or(0) != static_cast<int>(templates::OidKind::issuance_policy)) continue;
    if (entry.first("msPKI-Cert-Template-OID") == name || equals_ignore_case(entry.first("displayName"), name))
      return std::move(entry);
  }
  return fault(LdapCode::noSuchObject, "no issuance policy is named '" + name + "'", {},
               "add it first; policies are named by their display name or OID");
}

// Names of issuance policies in a list that parse_edit() reads, as their OIDs.
Result<std::string> LabImpl::policy_oids(const std::string& names) {
  std::vector<std::string> out;
  for (const std::string_view part : split(names, ',')) {
    const std::string name(trim(part));
    if (name.empty() || Oid::parse(name)) {
      out.push_back(name);
      continue;
    }
    MIMICA_TRY(const ldap::Entry policy, issuance_policy(name));
    out.emplace_back(policy.first("msPKI-Cert-Template-OID"));
  }
  return join(out, ", ");
}

Result<void> LabImpl::add_issuance_policy(const IssuancePolicySpec& spec) {
  templates::IssuancePolicy policy;
  policy.name = spec.name;
  policy.cps = spec.cps;
  if (spec.oid.empty()) {
    MIMICA_TRY(const Oid base, forest_oid());
    policy.oid = templates::allocate_oid(base, *entropy_);
  } else {
    MIMICA_TRY(policy.oid, Oid::parse(spec.oid));
  }
  if (!spec.group.empty()) {
    MIMICA_TRY(
        const auto found,
        console_->search({.base = dsa_->naming_contexts().domain,
                          .filter = "(&(objectCategory=group)(sAMAccountName=" + ldap::escape_filter(spec.group) + "))",
                          .attributes = {"cn"}}));
    if (found.size() != 1)
      return fault(LdapCode::noSuchObject, "no group is named '" + spec.group + "'", {}, "add the group first");
    policy.group = found.front().dn();
  }
  return console_->add(templates::oid_entry(policy, dsa_->naming_contexts().configuration));
}

Result<void> LabImpl::remove_template(const std::string& name) {
  MIMICA_TRY(const templates::CertificateTemplate value, read_template(name));
  MIMICA_RETURN_IF_FAULT(templates::check_removable(value));
  MIMICA_RETURN_IF_FAULT(publish_template(value.cn, false));
  const std::string& configuration = dsa_->naming_contexts().configuration;
  MIMICA_RETURN_IF_FAULT(console_->remove(templates::template_dn(value.cn, configuration)));
  if (value.oid.empty()) return {};
  auto removed = console_->remove(templates::oid_entry(value, configuration).dn());
  // Imported templates may have come without their OID object.
  if (!removed && removed.error().code != Code{LdapCode::noSuchObject}) return removed;
  return {};
}

Result<std::vector<audit::Finding>> LabImpl::lint() {
  audit::ForestFacts forest;
  std::vector<audit::AuthorityFacts> authorities;
  MIMICA_TRY(const auto view, ca_->look_ups().begin());
  if (ca_->config().is_enterprise()) {
    MIMICA_TRY(const std::vector<std::string> published, ca_->published_templates());
    authorities.push_back(audit::facts_of(ca_->config(), published));
  }
  MIMICA_TRY(const auto all, view->all_templates());
  forest.templates = *all;
  MIMICA_TRY(const std::vector<ldap::Entry> oids, oid_objects());
  forest.linked_policies = audit::linked_policies(oids);
  forest.name_of = [&view](const Sid& sid) { return view->name_of(sid); };
  return audit::lint_authority(authorities, forest);
}

Result<void> LabImpl::install_update(const std::string& name) {
  if (name != "may_2022" && name != "november_2024")
    return fault(HResult::E_INVALIDARG, "'" + name + "' is no update of the CA", {}, "use may_2022 or november_2024");
  ca_->configure([&](ca::CaConfig& config) {
    (name == "may_2022" ? config.SidExtensionUpdate : config.ApplicationPolicyUpdate) = true;
  });
  return {};
}

}  // namespace mimica::harness
