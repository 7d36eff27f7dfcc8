// People, groups, computers and attributes of a lab, as its directory administrator changes them.
#include <algorithm>
#include <map>

#include "core/base/text.h"
#include "harness/io/lab_impl.h"
#include "harness/rules.h"
#include "kdc/mapping/alt_security_identities.h"
#include "ldap/dsa/in_process.h"
#include "ldap/principals.h"
#include "ldap/store/ldif.h"
#include "templates/codec.h"

namespace mimica::harness {
namespace {

constexpr const char* kMembers = "members are users, computers (LAPTOP-01$), devices and groups that exist before";

constexpr std::pair<std::string_view, kdc::IdentityForm> kMappingForms[] = {
    {"issuer_serial", kdc::IdentityForm::issuer_serial},
    {"ski", kdc::IdentityForm::subject_key_identifier},
    {"sha1_public_key", kdc::IdentityForm::sha1_public_key},
    {"issuer_sid", kdc::IdentityForm::issuer_sid},
    {"issuer_subject", kdc::IdentityForm::issuer_subject},
    {"subject", kdc::IdentityForm::subject},
    {"rfc822", kdc::IdentityForm::rfc822},
};

// How an export of another forest fits into this one: its suffix from the first name below a configuration naming
// context (or below a domain), its domain SID from the trustees of its security descriptors.
ldap::Rebase rebase_into(const std::vector<ldap::LdifRecord>& records, const ldap::NamingContexts& contexts,
                         const Sid& domain) {
  ldap::Rebase out;
  out.to_suffix = contexts.domain;
  std::map<Sid, int> domains;
  for (const ldap::LdifRecord& record : records) {
    const std::string& dn = record.entry.dn();
    const std::string lower = to_lower(dn);
    if (lower.find("{confignc}") != std::string::npos && out.from_suffix.empty()) {
      out.from_suffix = "{ConfigNC}";
      out.to_suffix = contexts.configuration;
    }
    const auto suffix = lower.find("dc=");
    if (out.from_suffix.empty() && suffix != std::string::npos) out.from_suffix = dn.substr(suffix);
    const std::string_view descriptor = record.entry.first("nTSecurityDescriptor");
    if (descriptor.empty()) continue;
    const auto parsed = SecurityDescriptor::from_binary(as_bytes(descriptor));
    if (!parsed || !parsed->dacl) continue;
    for (const Ace& ace : parsed->dacl->aces)
      if (ace.trustee.authority() == 5 && ace.trustee.sub_authorities().size() == 5) ++domains[ace.trustee.domain()];
  }
  const auto most = std::max_element(domains.begin(), domains.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != domains.end()) {
    out.from_domain = most->first;
    out.to_domain = domain;
  }
  if (out.from_suffix.empty()) out.from_suffix = out.to_suffix;
  return out;
}

Result<std::optional<ldap::Entry>> group_named(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                               const std::string& name) {
  ldap::SearchRequest groups;
  groups.base = contexts.domain;
  groups.filter = "(&(objectCategory=group)(sAMAccountName=" + ldap::escape_filter(name) + "))";
  groups.attributes = {"sAMAccountName"};
  MIMICA_TRY(std::vector<ldap::Entry> found, directory.search(groups));
  if (found.empty()) return std::optional<ldap::Entry>();
  return std::optional<ldap::Entry>(std::move(found.front()));
}

// The sAMAccountName of a member as people name it: a user, a computer or a group. Empty when the directory has nobody
// of that name.
Result<std::string> member_name(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                                const std::string& name) {
  MIMICA_TRY(auto found, ldap::account_by_any_name(directory, contexts, name));
  if (found) return std::move(found->sam_account_name);
  MIMICA_TRY(const auto nested, group_named(directory, contexts, name));
  return nested ? name : std::string();
}

// The directory says it with DSIDs and DNs; who writes a lab knows names.
template <typename T>
Result<void> unless_taken(Result<T> added, const std::string& name) {
  if (added) return {};
  Fault why = std::move(added).error();
  if (why.code == Code{LdapCode::entryAlreadyExists}) {
    why.hint = why.hint.empty() ? why.what : why.hint + "; give it another name, or leave it out";
    why.what = "an account named '" + name + "' exists already";
  }
  return why;
}

// What the directory answered to a write: a refusal that names its rule, or whatever else it said.
Attempt judged(Result<void> answer, const AttributeWrite& write) {
  if (answer) return answer;
  const auto* code = std::get_if<LdapCode>(&answer.error().code);
  if (code == nullptr) return answer;
  const Rule* rule = nullptr;
  switch (*code) {
    case LdapCode::insufficientAccessRights:
      rule = &kDirectoryAccess;
      break;
    case LdapCode::noSuchAttribute:
    case LdapCode::undefinedAttributeType:
    case LdapCode::constraintViolation:
    case LdapCode::attributeOrValueExists:
    case LdapCode::invalidAttributeSyntax:
    case LdapCode::unwillingToPerform:
    case LdapCode::objectClassViolation:
    case LdapCode::notAllowedOnRDN:
    case LdapCode::entryAlreadyExists:
      rule = &kDirectoryConstraint;
      break;
    default:
      return answer;
  }
  const std::string who = write.caller.empty() ? "the directory's administrator" : write.caller;
  Trace why;
  why.fail(*rule, *code, who + " writes " + write.attribute + " of " + write.name + ": " + answer.error().what);
  return Attempt::refused(std::move(answer).error(), std::move(why));
}

}  // namespace

Result<Sid> LabImpl::principal(std::string_view name) {
  MIMICA_TRY(const auto sid, ldap::principal_sid(*console_, dsa_->naming_contexts(), name));
  if (sid) return *sid;
  return fault(LdapCode::noSuchObject, "no account or group is named '" + std::string(name) + "'", {},
               "computer accounts end in '$', as in CONNECTOR01$");
}

Result<ldap::Account> LabImpl::account(const std::string& name) {
  MIMICA_TRY(auto found, ldap::account_by_any_name(*console_, dsa_->naming_contexts(), name));
  if (found) return *std::move(found);
  return fault(LdapCode::noSuchObject, "no account is named '" + name + "'", {},
               "computer accounts end in '$', as in LAPTOP-01$");
}

Result<void> LabImpl::add_user(const UserSpec& spec) {
  const std::string display_name = spec.display_name.empty() ? spec.name : spec.display_name;
  const std::string upn = spec.upn.empty() ? spec.name + "@" + spec_.domain.dns_name : spec.upn;
  const std::string mail = spec.mail == "-" ? "" : spec.mail.empty() ? upn : spec.mail;
  if (spec.cloud_only) {
    connector::User user;
    user.display_name = display_name;
    user.user_principal_name = upn;
    user.mail = mail;
    cloud_users_[spec.name] = tenant_.put_user(std::move(user));
    return {};
  }
  ldap::UserSpec user{spec.name};
  user.display_name = display_name;
  user.upn = upn;
  user.mail = mail;
  user.password = spec.password;
  user.groups = spec.groups;
  synced_ = false;
  return unless_taken(ldap::add_user(*console_, dsa_->naming_contexts(), user), spec.name);
}

Result<void> LabImpl::add_group(const GroupSpec& spec) {
  synced_ = false;
  ldap::GroupSpec group{spec.name};
  connector::Group entra;
  entra.name = spec.name;
  MIMICA_RETURN_IF_FAULT(sync());
  for (const std::string& member : spec.members) {
    const connector::ManagedDevice* device = tenant_.find_device(member);
    const connector::User* user = find_user(member);
    if (device != nullptr) entra.devices.push_back(device->id);
    if (user != nullptr) entra.users.push_back(user->id);
    MIMICA_TRY(std::string in_directory, member_name(*console_, dsa_->naming_contexts(), member));
    if (device == nullptr && user == nullptr && in_directory.empty())
      return fault(LdapCode::noSuchObject, "group '" + spec.name + "': nobody is named '" + member + "'", {}, kMembers);
    if (!in_directory.empty()) group.members.push_back(std::move(in_directory));
  }
  MIMICA_RETURN_IF_FAULT(unless_taken(ldap::add_group(*console_, dsa_->naming_contexts(), group), spec.name));
  tenant_.put_group(std::move(entra));
  return {};
}

Result<void> LabImpl::add_computer(const ComputerSpec& spec) {
  ldap::ComputerSpec computer{spec.name};
  computer.groups = spec.groups;
  synced_ = false;
  return unless_taken(ldap::add_computer(*console_, dsa_->naming_contexts(), computer), spec.name + "$");
}

Result<void> LabImpl::add_member(const std::string& group, const std::string& member) {
  synced_ = false;
  MIMICA_RETURN_IF_FAULT(sync());
  if (const connector::Group* known = tenant_.find_group(group)) {
    connector::Group changed = *known;
    if (const auto* device = tenant_.find_device(member)) changed.devices.push_back(device->id);
    if (const auto* user = find_user(member)) changed.users.push_back(user->id);
    tenant_.put_group(std::move(changed));
  }
  MIMICA_TRY(const std::string in_directory, member_name(*console_, dsa_->naming_contexts(), member));
  if (in_directory.empty()) {
    if (tenant_.find_device(member) != nullptr || find_user(member) != nullptr) return {};  // in the tenant only
    return fault(LdapCode::noSuchObject, "group '" + group + "': nobody is named '" + member + "'", {}, kMembers);
  }
  return ldap::add_member(*console_, dsa_->naming_contexts(), group, in_directory);
}

Attempt LabImpl::set_attribute(const std::string& name, const std::string& attribute,
                               const std::vector<std::string>& values) {
  using Object = AttributeWrite::Object;
  MIMICA_TRY(const auto group, group_named(*console_, dsa_->naming_contexts(), name));
  return write_attribute({group ? Object::group : Object::account, name, {}, attribute, values});
}

Attempt LabImpl::write_attribute(const AttributeWrite& write) {
  std::string dn;
  switch (write.object) {
    case AttributeWrite::Object::account: {
      MIMICA_TRY(ldap::Account target, account(write.name));
      dn = std::move(target.dn);
      synced_ = false;
      break;
    }
    case AttributeWrite::Object::group: {
      MIMICA_TRY(const auto group, group_named(*console_, dsa_->naming_contexts(), write.name));
      if (!group)
        return fault(LdapCode::noSuchObject, "no group is named '" + write.name + "'", {},
                     "users and computers are accounts");
      dn = group->dn();
      synced_ = false;
      break;
    }
    case AttributeWrite::Object::certificate_template:
      dn = templates::template_dn(write.name, dsa_->naming_contexts().configuration);
      break;
    case AttributeWrite::Object::issuance_policy: {
      MIMICA_TRY(const ldap::Entry policy, issuance_policy(write.name));
      dn = policy.dn();
      break;
    }
  }
  using Kind = ldap::Modification::Kind;
  const std::vector<ldap::Modification> changes = {
      {write.values.empty() ? Kind::erase : Kind::replace, {write.attribute, write.values}}};
  if (write.caller.empty()) return judged(console_->modify(dn, changes), write);
  MIMICA_TRY(const ldap::Account who, account(write.caller));
  MIMICA_TRY(ldap::Caller caller, dsa_->impersonate(who.sam_account_name));
  return judged(ldap::in_process(*dsa_, std::move(caller))->modify(dn, changes), write);
}

Result<void> LabImpl::map_certificate(const std::string& name, const Certificate& certificate,
                                      const std::string& form) {
  const auto* known = std::find_if(std::begin(kMappingForms), std::end(kMappingForms),
                                   [&](const auto& entry) { return entry.first == form; });
  if (known == std::end(kMappingForms)) {
    const std::string all = join(kMappingForms, ", ", [](const auto& entry) { return entry.first; });
    return fault(HResult::E_INVALIDARG, "'" + form + "' is no form of explicit mapping", {}, "use one of: " + all);
  }
  MIMICA_TRY(const kdc::AltSecurityIdentity identity, kdc::identity_for(known->second, certificate));
  MIMICA_TRY(const ldap::Account target, account(name));
  std::vector<std::string> values = target.alt_security_identities;
  values.push_back(kdc::to_string(identity));
  return set_attribute(name, "altSecurityIdentities", values);
}

Result<std::string> LabImpl::sid_of(const std::string& name) {
  MIMICA_TRY(const Sid sid, principal(name));
  return sid.to_string();
}

Result<void> LabImpl::import_ldif(const std::string& source, const std::string& text) {
  MIMICA_TRY(std::vector<ldap::LdifRecord> records, ldap::parse_ldif(text, source));
  synced_ = false;
  const ldap::NamingContexts& contexts = dsa_->naming_contexts();
  const ldap::Rebase rebase = rebase_into(records, contexts, dsa_->domain_sid());
  for (ldap::LdifRecord& record : ldap::rebase(std::move(records), rebase)) {
    // An export describes the state that its objects shall have: what is there already is replaced.
    const bool state = record.kind == ldap::LdifRecord::Kind::content;
    if (state) {
      MIMICA_TRY(const auto existing, ldap::read_entry(*console_, record.entry.dn(), {"objectClass"}));
      if (existing) MIMICA_RETURN_IF_FAULT(console_->remove(record.entry.dn()));
    }
    MIMICA_RETURN_IF_FAULT(ldap::apply_ldif(*console_, {std::move(record)}));
  }
  return {};
}

Result<std::string> LabImpl::export_ldif() {
  std::vector<ldap::Entry> all;
  const ldap::NamingContexts& contexts = dsa_->naming_contexts();
  for (const std::string& base : {contexts.domain, contexts.configuration}) {
    ldap::SearchRequest request;
    request.base = base;
    request.with_security_descriptor = true;
    MIMICA_TRY(std::vector<ldap::Entry> entries, console_->search(request));
    all.insert(all.end(), std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end()));
  }
  return ldap::write_ldif(all);
}

}  // namespace mimica::harness
