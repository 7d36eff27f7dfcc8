#include "ca/registry/config.h"

#include <algorithm>
#include <utility>

#include "ca/registry/registry_flags.h"
#include "core/base/bytes.h"
#include "core/base/number.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

Ace allow(const Sid& trustee, std::uint32_t mask) {
  Ace ace;
  ace.mask = mask;
  ace.trustee = trustee;
  return ace;
}

}  // namespace

CaConfig default_config(CaType type, const Sid& domain) {
  CaConfig config;
  config.CAType = type;
  const bool enterprise = config.is_enterprise();

  // MS-CSRA note 15; a stand-alone CA has no domain administrators but Everyone may request (inferred).
  Acl dacl;
  dacl.revision = 2;
  dacl.aces.push_back(allow(sids::kBuiltinAdministrators, ca_access::kManageCa | ca_access::kIssueAndManage));
  if (enterprise) {
    for (const std::uint32_t rid : {rid::kDomainAdmins, rid::kEnterpriseAdmins})
      dacl.aces.push_back(allow(domain.with_rid(rid), ca_access::kManageCa | ca_access::kIssueAndManage));
    dacl.aces.push_back(allow(sids::kAuthenticatedUsers, ca_access::kRequestCertificates));
  } else {
    dacl.aces.push_back(allow(sids::kEveryone, ca_access::kRequestCertificates));
  }
  config.Security.owner = sids::kBuiltinAdministrators;
  config.Security.group = sids::kBuiltinAdministrators;
  config.Security.dacl = std::move(dacl);

  config.EnableRequestExtensionList = {oids::kSmimeCapabilities, oids::kCaVersion, oids::kPreviousCaHash,
                                       oids::kKeyUsage};
  config.EnableEnrolleeRequestExtensionList = {oids::kSubjectAltName};
  if (!enterprise) {
    config.EditFlags = editf::kStandaloneDefault;
    config.RequestDisposition = reqdisp::kPendingFirst | reqdisp::kIssue;
    config.ValidityPeriod = 365 * kDay;
    for (const Oid& oid : {oids::kExtendedKeyUsage, oids::kSubjectAltName, oids::kApplicationPolicies})
      config.EnableRequestExtensionList.push_back(oid);
  }
  if (enterprise) {
    config.CRLPublicationURLs.emplace_back("79:ldap:///CN=%7%8,CN=%2,CN=CDP,CN=Public Key Services,CN=Services,%6%10");
    config.CACertPublicationURLs.emplace_back("3:ldap:///CN=%7,CN=AIA,CN=Public Key Services,CN=Services,%6%11");
  }
  config.CRLPublicationURLs.emplace_back("6:http://%1/CertEnroll/%3%8%9.crl");
  config.CACertPublicationURLs.emplace_back("2:http://%1/CertEnroll/%1_%3%4.crt");
  return config;
}

bool has_administrator(const SecurityDescriptor& security) {
  return !security.dacl || std::any_of(security.dacl->aces.begin(), security.dacl->aces.end(), [](const Ace& ace) {
    return ace.allows() && (ace.mask & ca_access::kManageCa) != 0;
  });
}

void set_http_base(CaConfig& config, std::string_view base_url) {
  for (auto* list : {&config.CRLPublicationURLs, &config.CACertPublicationURLs}) {
    for (std::string& entry : *list) {
      const std::size_t scheme = entry.find("http://");
      if (scheme == std::string::npos) continue;
      const std::size_t path = entry.find('/', scheme + 7);
      entry = entry.substr(0, scheme) + std::string(base_url) + (path == std::string::npos ? "/" : entry.substr(path));
    }
  }
}

std::optional<std::uint32_t> edit_flag_named(std::string_view name) {
  const auto found = named_bits(edit_flag_names(), name);
  return found ? std::optional(found->value) : std::nullopt;
}

std::string describe_edit_flags(std::uint32_t flags) {
  std::string out;
  const auto append = [&out](std::string_view word) { append_item(out, word, " | "); };
  for (const NamedBits& entry : edit_flag_names()) {
    if ((flags & entry.value) == 0) continue;
    append(entry.name);
    flags &= ~entry.value;
  }
  if (flags != 0) append(to_0x(flags));
  return out;
}

}  // namespace mimica::ca
