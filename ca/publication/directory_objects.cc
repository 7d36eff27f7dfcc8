#include "ca/publication/directory_objects.h"

#include <algorithm>

#include "ca/publication/names.h"
#include "core/windows/security_descriptor.h"
#include "ldap/account.h"
#include "ldap/provision.h"
#include "templates/catalogue.h"
#include "templates/codec.h"
#include "templates/oid_container.h"

namespace mimica::ca {
namespace {

constexpr std::string_view kServiceFlags = "10";  // SUPPORTS_NT_AUTHENTICATION, CA_SERVERTYPE_ADVANCED
constexpr std::string_view kTemplateOidBase = "msPKI-Cert-Template-OID";

std::string child(std::string_view name, std::string_view parent) {
  return "CN=" + escape_dn_value(name) + "," + std::string(parent);
}

ldap::Entry object(std::string dn, std::vector<std::string> classes) {
  ldap::Entry entry(std::move(dn));
  entry.set("objectClass", std::move(classes));
  entry.set("showInAdvancedViewOnly", std::string("TRUE"));
  return entry;
}

class Publisher {
 public:
  Publisher(ldap::Directory& directory, const ldap::NamingContexts& contexts, const DirectoryPublication& publication)
      : directory_(directory), contexts_(contexts), in_(publication), short_name_(sanitized_short_name(in_.ca_name)) {}

  Result<void> run() {
    MIMICA_TRY(root_domain_, root_domain_sid());
    MIMICA_RETURN_IF_FAULT(host_account());
    MIMICA_RETURN_IF_FAULT(containers());
    MIMICA_RETURN_IF_FAULT(templates_and_oids());
    MIMICA_RETURN_IF_FAULT(certificates());
    MIMICA_RETURN_IF_FAULT(crl_object());
    MIMICA_RETURN_IF_FAULT(recovery_object());
    return enrollment_service();
  }

 private:
  Result<Sid> root_domain_sid() {
    MIMICA_TRY(const auto entry, ldap::read_entry(directory_, contexts_.root_domain, {"objectSid"}));
    if (!entry) return fault(LdapCode::noSuchObject, "the root domain " + contexts_.root_domain + " cannot be read");
    MIMICA_TRY(const auto sid, entry->sid("objectSid"));
    if (!sid) return fault(LdapCode::noSuchAttribute, "the root domain has no objectSid");
    return *sid;
  }

  // Setup runs on a domain member and makes its account a member of Cert Publishers, so that it may publish.
  Result<void> host_account() {
    const std::string host = to_upper(short_host(in_.server_dns_name));
    MIMICA_TRY(auto account, ldap::account_by_sam(directory_, contexts_, host + "$"));
    if (!account) {
      ldap::ComputerSpec computer;
      computer.name = host;
      computer.dns_host_name = in_.server_dns_name;
      MIMICA_TRY(const std::string dn, ldap::add_computer(directory_, contexts_, computer));
      MIMICA_TRY(account, ldap::account_by_dn(directory_, dn));
      if (!account) return fault(LdapCode::noSuchObject, "the new account " + dn + " cannot be read");
    }
    host_ = *account;
    const Sid publishers = host_.sid.domain().with_rid(rid::kCertPublishers);
    for (const Sid& group : {publishers, sids::kPreWindows2000}) {
      MIMICA_TRY(const auto found,
                 directory_.search({.base = contexts_.domain,
                                    .filter = "(&(objectCategory=group)(objectSid=" + group.to_string() + "))",
                                    .attributes = {"cn"}}));
      if (found.empty()) continue;
      ldap::Modification change;
      change.kind = ldap::Modification::Kind::add;
      change.attribute = {"member", {host_.dn}};
      MIMICA_RETURN_IF_FAULT(unless(directory_.modify(found.front().dn(), {change}),
                                    {LdapCode::attributeOrValueExists, LdapCode::entryAlreadyExists}));
    }
    return {};
  }

  static Result<void> unless(Result<void> result, std::initializer_list<LdapCode> tolerated) {
    if (result) return {};
    for (const LdapCode code : tolerated)
      if (result.error().code == Code{code}) return {};
    return result;
  }

  Result<void> add(const ldap::Entry& entry) { return unless(directory_.add(entry), {LdapCode::entryAlreadyExists}); }

  // Full control for Enterprise Admins and the CA's own account, as the CA's objects show (observed).
  std::string descriptor(std::string_view everybody, std::string_view extra = {}) const {
    const std::string self = host_.sid.to_string();
    const std::string sddl = "O:EAG:EAD:" + std::string(extra) + "(A;OICI;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;EA)" +
                             "(A;OICI;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;DA)(A;OICI;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;BA)" +
                             "(A;OICI;CCDCLCSWRPWPDTLOCRSDRCWDWO;;;" + self + ")(A;OICI;LCRPLORC;;;" +
                             std::string(everybody) + ")";
    const Result<SecurityDescriptor> parsed = SecurityDescriptor::from_sddl(sddl, host_.sid.domain(), root_domain_);
    return parsed ? mimica::to_string(BytesView(parsed->to_binary())) : std::string{};
  }

  Result<void> containers() {
    const std::string services = contexts_.public_key_services();
    MIMICA_RETURN_IF_FAULT(add(object(services, {"top", "container"})));
    for (const std::string& dn :
         {contexts_.certification_authorities(), contexts_.cdp(), contexts_.aia(), child("KRA", services),
          contexts_.certificate_templates(), contexts_.enrollment_services()})
      MIMICA_RETURN_IF_FAULT(add(object(dn, {"top", "container"})));
    return add(object(contexts_.oid_container(), {"top", "msPKI-Enterprise-Oid"}));
  }

  Result<void> templates_and_oids() {
    if (!in_.install_templates) return {};
    MIMICA_TRY(const auto existing, directory_.search({.base = contexts_.certificate_templates(),
                                                       .scope = ldap::Scope::one_level,
                                                       .filter = "(objectClass=pKICertificateTemplate)",
                                                       .attributes = {"cn"}}));
    if (!existing.empty()) return {};
    MIMICA_TRY(const auto container,
               ldap::read_entry(directory_, contexts_.oid_container(), {"objectGUID", std::string(kTemplateOidBase)}));
    if (!container) return fault(LdapCode::noSuchObject, contexts_.oid_container() + " cannot be read");
    templates::CatalogueContext context;
    context.root_domain = root_domain_;
    if (const std::string_view base = container->first(kTemplateOidBase); !base.empty()) {
      MIMICA_TRY(context.forest_base, Oid::parse(base));
    } else {
      MIMICA_TRY(const auto guid, container->guid("objectGUID"));
      if (!guid) return fault(LdapCode::noSuchAttribute, contexts_.oid_container() + " has no objectGUID");
      context.forest_base = templates::forest_oid_base(*guid);
      ldap::Modification change;
      change.attribute = {std::string(kTemplateOidBase), {context.forest_base.dotted()}};
      MIMICA_RETURN_IF_FAULT(directory_.modify(contexts_.oid_container(), {change}));
    }
    for (const ldap::Entry& entry : templates::built_in_oid_entries(context, contexts_.configuration))
      MIMICA_RETURN_IF_FAULT(add(entry));
    for (const templates::CertificateTemplate& value : templates::built_in_templates(context))
      MIMICA_RETURN_IF_FAULT(add(templates::encode(value, contexts_.configuration)));
    return {};
  }

  ldap::Entry certification_authority(std::string dn, const Certificate& certificate) const {
    ldap::Entry entry = object(std::move(dn), {"top", "certificationAuthority"});
    entry.set("cACertificate", certificate.der());
    // One zero octet stands for "no list yet" (observed).
    entry.set("authorityRevocationList", std::string(1, '\0'));
    entry.set("certificateRevocationList", std::string(1, '\0'));
    return entry;
  }

  // Adds the certificate to a multi-valued cACertificate; the object is made when it is missing.
  Result<void> add_certificate(const std::string& dn, const Certificate& certificate, std::string security) {
    MIMICA_TRY(const auto existing, ldap::read_entry(directory_, dn, {"cACertificate"}));
    if (!existing) {
      ldap::Entry entry = certification_authority(dn, certificate);
      if (!security.empty()) entry.set("nTSecurityDescriptor", std::move(security));
      return add(entry);
    }
    const std::string value = mimica::to_string(BytesView(certificate.der()));
    const std::vector<std::string> values = existing->values("cACertificate");
    if (std::find(values.begin(), values.end(), value) != values.end()) return {};
    ldap::Modification change;
    // The single zero octet of an empty object is a placeholder.
    const bool placeholder = values.size() == 1 && values.front().size() <= 1;
    change.kind = placeholder ? ldap::Modification::Kind::replace : ldap::Modification::Kind::add;
    change.attribute = {"cACertificate", {value}};
    return directory_.modify(dn, {change});
  }

  Result<void> certificates() {
    MIMICA_RETURN_IF_FAULT(add_certificate(
        child(sanitized_short_name(in_.root_name), contexts_.certification_authorities()), in_.root, {}));
    MIMICA_RETURN_IF_FAULT(add_certificate(contexts_.nt_auth(), in_.certificate, {}));
    const std::string access = child(short_name_, contexts_.aia());
    MIMICA_RETURN_IF_FAULT(add_certificate(access, in_.certificate, descriptor("WD")));
    if (!in_.cross_pair.empty()) {
      ldap::Modification pair;
      pair.kind = ldap::Modification::Kind::add;
      pair.attribute = {"crossCertificatePair", {mimica::to_string(BytesView(in_.cross_pair))}};
      MIMICA_RETURN_IF_FAULT(unless(directory_.modify(access, {pair}), {LdapCode::attributeOrValueExists}));
    }
    if (in_.root.der() == in_.certificate.der()) return {};
    return add_certificate(child(sanitized_short_name(in_.root_name), contexts_.aia()), in_.root, descriptor("WD"));
  }

  Result<void> crl_object() {
    const std::string server = to_upper(short_host(in_.server_dns_name));
    MIMICA_RETURN_IF_FAULT(add(object(child(server, contexts_.cdp()), {"top", "container"})));
    ldap::Entry entry = object(crl_object_dn(contexts_, in_.ca_name, in_.server_dns_name, in_.key_index),
                               {"top", "cRLDistributionPoint"});
    entry.set("certificateRevocationList", std::string(1, '\0'));
    entry.set("nTSecurityDescriptor", descriptor("WD"));
    return add(entry);
  }

  Result<void> recovery_object() {
    ldap::Entry entry = object(child(short_name_, child("KRA", contexts_.public_key_services())),
                               {"top", "msPKI-PrivateKeyRecoveryAgent"});
    entry.set("userCertificate", std::string(1, '\0'));
    entry.set("nTSecurityDescriptor", descriptor("WD"));
    return add(entry);
  }

  Result<void> enrollment_service() {
    const std::string dn = enrollment_service_dn(contexts_, in_.ca_name);
    MIMICA_TRY(const auto existing, ldap::read_entry(directory_, dn, {"cn"}));
    if (existing) {
      ldap::Modification certificate;
      certificate.attribute = {"cACertificate", {mimica::to_string(BytesView(in_.certificate.der()))}};
      return directory_.modify(dn, {certificate});
    }
    ldap::Entry entry = object(dn, {"top", "pKIEnrollmentService"});
    entry.set("displayName", in_.ca_name);
    entry.set("dNSHostName", in_.server_dns_name);
    entry.set("cACertificate", in_.certificate.der());
    entry.set("cACertificateDN", in_.certificate.subject().to_cert_str());
    entry.set("flags", std::string(kServiceFlags));
    entry.set("nTSecurityDescriptor", descriptor("AU", "(OA;;CR;0e10c968-78fb-11d2-90d4-00c04f79dc55;;AU)"));
    if (in_.publish_default_templates) {
      std::vector<std::string> names;
      for (const std::string_view name : templates::published_by_default()) names.emplace_back(name);
      entry.set("certificateTemplates", std::move(names));
    }
    return add(entry);
  }

  ldap::Directory& directory_;
  const ldap::NamingContexts& contexts_;
  const DirectoryPublication& in_;
  const std::string short_name_;
  Sid root_domain_;
  ldap::Account host_;
};

}  // namespace

std::string enrollment_service_dn(const ldap::NamingContexts& contexts, std::string_view ca_name) {
  return child(sanitized_short_name(ca_name), contexts.enrollment_services());
}

std::string crl_object_dn(const ldap::NamingContexts& contexts, std::string_view ca_name,
                          std::string_view server_dns_name, int key_index) {
  return child(sanitized_short_name(ca_name) + index_suffix(key_index),
               child(to_upper(short_host(server_dns_name)), contexts.cdp()));
}

Result<void> publish_authority(ldap::Directory& directory, const ldap::NamingContexts& contexts,
                               const DirectoryPublication& publication) {
  return Publisher(directory, contexts, publication).run();
}

}  // namespace mimica::ca
