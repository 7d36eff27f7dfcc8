// The enterprise stores in the directory: -dsPublish, -store, -viewstore.
#include <algorithm>

#include "ca/authority/authority.h"
#include "ca/faces/certutil/dump.h"
#include "ca/faces/certutil/verbs.h"
#include "ldap/directory.h"

namespace mimica::certutil::verbs {
namespace {

constexpr std::string_view kCertificates = "cACertificate";

std::string child(std::string_view name, const std::string& parent) {
  return "CN=" + escape_dn_value(name) + "," + parent;
}

// Adds a value to an attribute of an object that is made when it is missing; answers whether anything changed.
Result<bool> add_value(ldap::Directory& directory, const std::string& dn, std::string_view attribute,
                       const Bytes& value, bool replace, bool authority) {
  const std::string octets = to_string(BytesView(value));
  MIMICA_TRY(const auto entry, ldap::read_entry(directory, dn));
  if (!entry) {
    ldap::Entry made(dn);
    made.set("objectClass",
             std::vector<std::string>{"top", authority ? "certificationAuthority" : "cRLDistributionPoint"});
    if (authority) {
      // The schema demands all three of a certification authority (MS-WCCE 2.2.2.11.2); a blank is no list.
      for (const std::string_view other : {"cACertificate", "authorityRevocationList", "certificateRevocationList"})
        made.set(other, std::string(1, '\0'));
    }
    made.set(attribute, octets);
    MIMICA_RETURN_IF_FAULT(directory.add(made));
    return true;
  }
  const std::vector<std::string> present = entry->values(attribute);
  if (std::find(present.begin(), present.end(), octets) != present.end()) return false;
  const bool blank = present.size() == 1 && present.front().size() <= 1;
  ldap::Modification change;
  change.kind = replace || blank ? ldap::Modification::Kind::replace : ldap::Modification::Kind::add;
  change.attribute = {std::string(attribute), {octets}};
  MIMICA_RETURN_IF_FAULT(directory.modify(dn, {change}));
  return true;
}

Result<void> publish_certificate(const VerbContext& context, const std::string& dn, const Certificate& certificate) {
  MIMICA_TRY(const bool added, add_value(*context.target.directory, dn, kCertificates, certificate.der(), false, true));
  context.line("ldap:///" + dn + "?" + std::string(kCertificates));
  context.line("");
  context.line(added ? "Certificate added to DS store." : "Certificate already in DS store.");
  context.line("");
  return {};
}

Result<void> publish_list(const VerbContext& context, BytesView der) {
  const ldap::NamingContexts& contexts = context.authority().look_ups().contexts();
  MIMICA_TRY(const Crl crl, Crl::parse(der));
  MIMICA_TRY(const Name issuer, Name::from_der(crl.issuer_der()));
  const bool delta = find(crl.extensions(), Oid("2.5.29.27")) != nullptr;
  const std::string name = ca::sanitized_short_name(
      context.arguments.values.size() > 2 ? context.arguments.value(2) : issuer.last(oids::kCommonName));
  const std::string_view given = context.arguments.value(1);
  const std::string container =
      child(given.empty() ? ca::short_host(context.authority().config().CAServerName) : given, contexts.cdp());
  MIMICA_TRY(const auto existing, ldap::read_entry(*context.target.directory, container, {"cn"}));
  if (!existing) {
    if (!context.arguments.has("f"))
      return fault(HResult::ERROR_FILE_NOT_FOUND, "there is no container " + container, {}, "-f makes it");
    ldap::Entry made(container);
    made.set("objectClass", std::vector<std::string>{"top", "container"});
    MIMICA_RETURN_IF_FAULT(context.target.directory->add(made));
  }
  const std::string dn = child(name, container);
  const std::string_view attribute = delta ? "deltaRevocationList" : "certificateRevocationList";
  MIMICA_TRY(const bool added, add_value(*context.target.directory, dn, attribute, to_bytes(der), true, false));
  context.line("ldap:///" + dn + "?" + std::string(attribute));
  context.line("");
  context.line(std::string(delta ? "Delta" : "Base") + " CRL " + (added ? "added to" : "already in") + " DS store.");
  context.line("");
  return {};
}

// Below CN=Public Key Services only Enterprise Admins write; the administrator at the console is one.
Result<void> may_write(const VerbContext& context) {
  if (context.call.caller.empty()) return {};
  MIMICA_TRY(const auto view, context.authority().look_ups().begin());
  MIMICA_TRY(const auto who, view->requester(context.call.caller));
  if (who == nullptr) return fault(HResult::ERROR_NONE_MAPPED, "no account is named '" + context.call.caller + "'");
  if (who->token.contains(who->token.user.domain().with_rid(rid::kEnterpriseAdmins))) return {};
  return fault(HResult::E_ACCESSDENIED, who->name + " is no member of Enterprise Admins");
}

std::optional<std::string> store_dn(const ldap::NamingContexts& contexts, std::string_view name) {
  if (equals_ignore_case(name, "Root")) return contexts.certification_authorities();
  if (equals_ignore_case(name, "CA")) return contexts.aia();
  if (equals_ignore_case(name, "NTAuth")) return contexts.nt_auth();
  return std::nullopt;
}

}  // namespace

Result<void> ds_publish(const VerbContext& context) {
  if (context.target.directory == nullptr)
    return fault(HResult::ERROR_DIRECTORY_UNAVAILABLE, "there is no directory here");
  MIMICA_RETURN_IF_FAULT(may_write(context));
  MIMICA_TRY(const Bytes content, context.file(context.arguments.values[0]));
  const Bytes der = unarmoured(content);
  const std::string_view kind = context.arguments.value(1);
  const auto certificate = Certificate::parse(der);
  if (!certificate) {
    if (Crl::parse(der)) return publish_list(context, der);
    return fault(HResult::ERROR_INVALID_DATA, "the file is no certificate and no CRL");
  }
  const ldap::NamingContexts& contexts = context.authority().look_ups().contexts();
  const std::string name = ca::sanitized_short_name(certificate->subject().last(oids::kCommonName));
  const std::string in_aia = child(name, contexts.aia());
  if (equals_ignore_case(kind, "RootCA")) {
    MIMICA_RETURN_IF_FAULT(
        publish_certificate(context, child(name, contexts.certification_authorities()), *certificate));
    return publish_certificate(context, in_aia, *certificate);
  }
  if (equals_ignore_case(kind, "NTAuthCA")) return publish_certificate(context, contexts.nt_auth(), *certificate);
  const bool root = certificate->self_issued();
  if (equals_ignore_case(kind, "SubCA") || (kind.empty() && !root))
    return publish_certificate(context, in_aia, *certificate);
  return fault(HResult::E_INVALIDARG, "'" + std::string(kind.substr(0, 40)) + "' is no store for this certificate", {},
               "use RootCA, SubCA or NTAuthCA");
}

Result<void> view_store(const VerbContext& context) {
  if (context.target.directory == nullptr)
    return fault(HResult::ERROR_DIRECTORY_UNAVAILABLE, "there is no directory here");
  const std::string_view name = context.arguments.values.empty() ? "NTAuth" : context.arguments.value(0);
  const auto dn = store_dn(context.authority().look_ups().contexts(), name);
  if (!dn)
    return fault(HResult::ERROR_FILE_NOT_FOUND, "'" + std::string(name.substr(0, 40)) + "' is no enterprise store", {},
                 "use Root, CA or NTAuth");
  ldap::SearchRequest request;
  request.base = *dn;
  request.scope = equals_ignore_case(name, "NTAuth") ? ldap::Scope::base : ldap::Scope::one_level;
  request.attributes = {"cn", std::string(kCertificates)};
  MIMICA_TRY(const auto entries, context.target.directory->search(request));
  context.line(std::string(name) + " \"Enterprise\"");
  int number = 0;
  for (const ldap::Entry& entry : entries) {
    for (const std::string& value : entry.values(kCertificates)) {
      const auto certificate = Certificate::parse(as_bytes(value));
      if (!certificate) continue;
      context.line("================ Certificate " + std::to_string(number++) + " ================");
      context.line(short_certificate(*certificate));
    }
  }
  return {};
}

}  // namespace mimica::certutil::verbs
