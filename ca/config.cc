#include "ca/config.h"

#include <array>
#include <cstdio>
#include <utility>

#include "core/bytes.h"

namespace mimica::ca {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint32_t>, 27> kEditFlagNames = {{
    {"EDITF_ENABLEREQUESTEXTENSIONS", 0x1},
    {"EDITF_REQUESTEXTENSIONLIST", 0x2},
    {"EDITF_DISABLEEXTENSIONLIST", 0x4},
    {"EDITF_ADDOLDKEYUSAGE", 0x8},
    {"EDITF_ADDOLDCERTTYPE", 0x10},
    {"EDITF_ATTRIBUTEENDDATE", 0x20},
    {"EDITF_BASICCONSTRAINTSCRITICAL", 0x40},
    {"EDITF_BASICCONSTRAINTSCA", 0x80},
    {"EDITF_ENABLEAKIKEYID", 0x100},
    {"EDITF_ATTRIBUTECA", 0x200},
    {"EDITF_IGNOREREQUESTERGROUP", 0x400},
    {"EDITF_ENABLEAKIISSUERNAME", 0x800},
    {"EDITF_ENABLEAKIISSUERSERIAL", 0x1000},
    {"EDITF_ENABLEAKICRITICAL", 0x2000},
    {"EDITF_SERVERUPGRADED", 0x4000},
    {"EDITF_ATTRIBUTEEKU", 0x8000},
    {"EDITF_ENABLEDEFAULTSMIME", 0x10000},
    {"EDITF_EMAILOPTIONAL", 0x20000},
    {"EDITF_ATTRIBUTESUBJECTALTNAME2", 0x40000},
    {"EDITF_ENABLELDAPREFERRALS", 0x80000},
    {"EDITF_ENABLECHASECLIENTDC", 0x100000},
    {"EDITF_AUDITCERTTEMPLATELOAD", 0x200000},
    {"EDITF_DISABLEOLDOSCNUPN", 0x400000},
    {"EDITF_DISABLELDAPPACKAGELIST", 0x800000},
    {"EDITF_ENABLEUPNMAP", 0x1000000},
    {"EDITF_ENABLEOCSPREVNOCHECK", 0x2000000},
    {"EDITF_ENABLERENEWONBEHALFOF", 0x4000000},
}};

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
  for (const auto& entry : kEditFlagNames)
    if (equals_ignore_case(entry.first, name)) return entry.second;
  return std::nullopt;
}

std::string describe_edit_flags(std::uint32_t flags) {
  std::string out;
  const auto append = [&out](std::string_view word) { out += (out.empty() ? "" : " | ") + std::string(word); };
  for (const auto& entry : kEditFlagNames) {
    if ((flags & entry.second) == 0) continue;
    append(entry.first);
    flags &= ~entry.second;
  }
  if (flags != 0) {
    std::array<char, 16> hex{};
    std::snprintf(hex.data(), hex.size(), "0x%x", flags);
    append(hex.data());
  }
  return out;
}

}  // namespace mimica::ca
