#include "ldap/provision.h"

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "core/base/text.h"
#include "ldap/account.h"

namespace mimica::ldap {
namespace {

Result<std::string> dn_of(Directory& directory, const NamingContexts& contexts, std::string_view sam_account_name) {
  MIMICA_TRY(const auto found, directory.search({.base = contexts.domain,
                                                 .filter = "(sAMAccountName=" + escape_filter(sam_account_name) + ")",
                                                 .attributes = {"sAMAccountName"}}));
  if (found.empty())
    return fault(LdapCode::noSuchObject, "nobody is named " + std::string(sam_account_name), {},
                 "add the account before it is put into a group");
  if (found.size() > 1)
    return fault(LdapCode::constraintViolation, "several accounts are named " + std::string(sam_account_name));
  return found.front().dn();
}

Result<void> join(Directory& directory, const NamingContexts& contexts, std::string_view dn,
                  const std::vector<std::string>& groups) {
  for (const std::string& group : groups) {
    MIMICA_TRY(const auto group_dn, dn_of(directory, contexts, group));
    MIMICA_RETURN_IF_FAULT(directory.modify(group_dn, {{Modification::Kind::add, {"member", {std::string(dn)}}}}));
  }
  return {};
}

std::string rdn(std::string_view name) { return "CN=" + escape_dn_value(name) + ","; }

}  // namespace

std::string dns_name_of(std::string_view domain_dn) {
  std::string out;
  for (std::string_view dn = domain_dn; !dn.empty(); dn = parent_dn(dn)) {
    if (!starts_with_ignore_case(dn, "DC=")) return {};
    if (!out.empty()) out += '.';
    out += leaf_value(dn);
  }
  return out;
}

std::string unicode_password(std::string_view password) {
  const auto text = utf8_to_utf16(password);
  return to_string(utf16_le(u"\"" + text.value_or(std::u16string()) + u"\""));
}

std::string template_oid_base(const Guid& oid_container) {
  constexpr std::size_t kOctetsPerArc = 3;
  const Bytes octets = oid_container.to_binary();
  std::string out = "1.3.6.1.4.1.311.21.8";
  for (std::size_t i = 0; i < octets.size(); i += kOctetsPerArc) {
    std::uint32_t arc = 0;
    for (std::size_t k = i; k < std::min(i + kOctetsPerArc, octets.size()); ++k) arc = arc << 8 | octets[k];
    out += "." + std::to_string(arc);
  }
  return out;
}

Result<std::string> add_user(Directory& directory, const NamingContexts& contexts, const UserSpec& spec) {
  const std::string name = spec.display_name.empty() ? spec.name : spec.display_name;
  const std::string container = spec.container.empty() ? "CN=Users," + contexts.domain : spec.container;
  Entry entry(rdn(name) + container);
  entry.set("objectClass", std::vector<std::string>{"top", "person", "organizationalPerson", "user"});
  entry.set("cn", name);
  entry.set("displayName", name);
  entry.set("sAMAccountName", spec.name);
  entry.set("userPrincipalName", spec.upn.empty() ? spec.name + "@" + dns_name_of(contexts.domain) : spec.upn);
  entry.set("userAccountControl", std::to_string(uac::kNormalAccount | uac::kDontExpirePassword));
  if (!spec.mail.empty()) entry.set("mail", spec.mail);
  if (!spec.password.empty()) entry.set("unicodePwd", unicode_password(spec.password));
  entry.set("altSecurityIdentities", spec.alt_security_identities);
  MIMICA_RETURN_IF_FAULT(directory.add(entry));
  MIMICA_RETURN_IF_FAULT(join(directory, contexts, entry.dn(), spec.groups));
  return entry.dn();
}

Result<std::string> add_computer(Directory& directory, const NamingContexts& contexts, const ComputerSpec& spec) {
  const std::string container = spec.domain_controller ? "OU=Domain Controllers," : "CN=Computers,";
  const std::string host =
      spec.dns_host_name.empty() ? to_lower(spec.name) + "." + dns_name_of(contexts.domain) : spec.dns_host_name;
  constexpr std::uint32_t kTrustedForDelegation = 0x80000;
  const std::uint32_t control =
      spec.domain_controller ? uac::kServerTrust | kTrustedForDelegation : uac::kWorkstationTrust;
  Entry entry(rdn(spec.name) + container + contexts.domain);
  entry.set("objectClass", std::vector<std::string>{"top", "person", "organizationalPerson", "user", "computer"});
  entry.set("cn", spec.name);
  entry.set("sAMAccountName", spec.name + "$");
  entry.set("userAccountControl", std::to_string(control));
  entry.set("dNSHostName", host);
  entry.set("servicePrincipalName",
            std::vector<std::string>{"HOST/" + host, "HOST/" + spec.name, "RestrictedKrbHost/" + host,
                                     "RestrictedKrbHost/" + spec.name});
  if (!spec.password.empty()) entry.set("unicodePwd", unicode_password(spec.password));
  MIMICA_RETURN_IF_FAULT(directory.add(entry));
  MIMICA_RETURN_IF_FAULT(join(directory, contexts, entry.dn(), spec.groups));
  return entry.dn();
}

Result<std::string> add_group(Directory& directory, const NamingContexts& contexts, const GroupSpec& spec) {
  Entry entry(rdn(spec.name) + "CN=Users," + contexts.domain);
  entry.set("objectClass", std::vector<std::string>{"top", "group"});
  entry.set("cn", spec.name);
  entry.set("sAMAccountName", spec.name);
  entry.set("groupType", "-2147483646");  // global security group
  for (const std::string& member : spec.members) {
    MIMICA_TRY(auto member_dn, dn_of(directory, contexts, member));
    entry.add("member", std::move(member_dn));
  }
  MIMICA_RETURN_IF_FAULT(directory.add(entry));
  return entry.dn();
}

Result<void> add_member(Directory& directory, const NamingContexts& contexts, std::string_view group,
                        std::string_view member) {
  MIMICA_TRY(const auto member_dn, dn_of(directory, contexts, member));
  return join(directory, contexts, member_dn, {std::string(group)});
}

}  // namespace mimica::ldap
