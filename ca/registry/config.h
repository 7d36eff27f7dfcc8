// The configuration of a certification authority, with the names of its registry
// (HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration\<CA>).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/registry/registry_value.h"
#include "core/asn1/name.h"
#include "core/asn1/oid.h"
#include "core/base/time.h"
#include "core/pki/key.h"
#include "core/windows/security_descriptor.h"

namespace mimica::ca {

enum class CaType { enterprise_root = 0, enterprise_sub = 1, standalone_root = 3, standalone_sub = 4 };

namespace editf {  // PolicyModules\...\EditFlags, CertSrv.h
inline constexpr std::uint32_t kEnableRequestExtensions = 0x1, kRequestExtensionList = 0x2, kDisableExtensionList = 0x4,
                               kAddOldKeyUsage = 0x8, kAttributeEndDate = 0x20, kBasicConstraintsCritical = 0x40,
                               kEnableAkiKeyId = 0x100, kAttributeEku = 0x8000, kEnableDefaultSmime = 0x10000,
                               kEmailOptional = 0x20000, kAttributeSubjectAltName2 = 0x40000,
                               kAuditCertTemplateLoad = 0x200000, kEnableChaseClientDc = 0x100000,
                               kEnableRenewOnBehalfOf = 0x4000000, kEnterpriseDefault = 0x11014E,
                               kStandaloneDefault = 0x11014E | kAttributeEndDate | kAttributeEku;
}  // namespace editf
namespace reqdisp {  // PolicyModules\...\RequestDisposition, CertSrv.h
inline constexpr std::uint32_t kPending = 0, kIssue = 1, kDeny = 2, kUseRequestAttribute = 3, kMask = 0xFF,
                               kPendingFirst = 0x100;
}  // namespace reqdisp
namespace ca_access {  // CA security descriptor, CertAdm.h
inline constexpr std::uint32_t kManageCa = 0x1, kIssueAndManage = 0x2, kAuditor = 0x4, kOperator = 0x8, kRead = 0x100,
                               kRequestCertificates = 0x200;
}  // namespace ca_access

inline constexpr std::uint32_t kEnforceEncryptedRequests = 0x200;  // IF_ENFORCEENCRYPTICERTREQUEST, MS-WCCE 3.2.1.1.4

struct CaConfig {
  CaType CAType = CaType::enterprise_sub;
  std::string CommonName = "CONTOSO-CA";
  std::string CAServerName = "ca01.contoso.com";  // dNSHostName; the config string is CAServerName\CommonName
  Seconds ValidityPeriod = 2 * 365 * kDay;        // ValidityPeriod / ValidityPeriodUnits
  int ClockSkewMinutes = 10;
  Seconds CRLPeriod = 7 * kDay;
  Seconds CRLOverlap = 0;         // 0: computed (ca/revocation/crl.h)
  Seconds CRLDeltaPeriod = kDay;  // 0: no delta CRLs
  Seconds CRLDeltaOverlap = 0;    // 0: computed
  std::uint32_t CRLFlags = 0x2;   // CRLF_DELETE_EXPIRED_CRLS; ca/revocation/crl.h names the bits that are acted on
  std::uint32_t EditFlags = editf::kEnterpriseDefault;
  std::uint32_t RequestDisposition = 1;  // 0 pending, 1 issue, 2 deny, +0x100 pending first
  std::vector<std::string> SubjectTemplate = {"EMail",    "CommonName", "OrganizationalUnit", "Organization",
                                              "Locality", "State",      "DomainComponent",    "Country"};
  bool EnforceX500NameLengths = true;
  std::vector<Oid> DisableExtensionList;
  std::vector<Oid> EnableRequestExtensionList;  // default filled by default_config()
  std::vector<Oid> EnableEnrolleeRequestExtensionList;
  SecurityDescriptor Security;  // default: BA, DA, EA manage; Authenticated Users request
  // Who may handle whose requests (ca/policy/restrictions.h); absent: no restriction.
  std::optional<SecurityDescriptor> OfficerRights;
  std::optional<SecurityDescriptor> EnrollmentAgentRights;
  // As in the registry: "flags:pattern" with the tokens %1..%11 (ca/publication/names.h), e.g.
  // "6:http://%1/CertEnroll/%3%8%9.crl".
  std::vector<std::string> CRLPublicationURLs;
  std::vector<std::string> CACertPublicationURLs;
  Digest SignatureDigest = Digest::sha256;
  std::uint8_t HighSerial = 0x61;       // first octet of every serial number
  std::uint32_t PublishCertFlags = 2;   // exit module: 2 = PUBLISH_TO_DS certificates go into the directory
  int Version = 6;                      // 6 = Server 2016 and later (template minimum CA version)
  bool SidExtensionUpdate = true;       // the May 2022 update is installed (KB5014754)
  bool ApplicationPolicyUpdate = true;  // the November 2024 update is installed (CVE-2024-49019)
  // An account without userPrincipalName gets sAMAccountName@domain instead of CERTSRV_E_SUBJECT_UPN_REQUIRED. The
  // specification refuses (MS-WCCE 3.2.2.6.2.1.4.5.9); installations have been seen to construct the name.
  bool ImplicitUserPrincipalName = false;
  // Registry values by path and name ("CA\\LogLevel") that have no field here: kept and shown (ca/registry/registry.h),
  // not acted on. Also the unit in which a period was given.
  std::map<std::string, RegistryValue, std::less<>> OtherValues;
  bool is_enterprise() const { return CAType == CaType::enterprise_root || CAType == CaType::enterprise_sub; }
};
// Defaults of a freshly installed CA; `domain` resolves Domain Admins and Enterprise Admins in the default security.
CaConfig default_config(CaType type, const Sid& domain);
// Whether somebody holds Manage CA, which a CA insists on.
bool has_administrator(const SecurityDescriptor& security);
// Points every http entry of both URL lists to this server: "http://127.0.0.1:8080" or "http://pki.contoso.com".
void set_http_base(CaConfig& config, std::string_view base_url);
// EDITF_ names as certutil spells them: "EDITF_ATTRIBUTEENDDATE"; nullopt for an unknown name.
std::optional<std::uint32_t> edit_flag_named(std::string_view name);
// "EDITF_REQUESTEXTENSIONLIST | EDITF_…" of the bits set; unknown bits in hexadecimal.
std::string describe_edit_flags(std::uint32_t flags);

}  // namespace mimica::ca
