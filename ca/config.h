// The configuration of a certification authority, with the names of its registry
// (HKLM\SYSTEM\CurrentControlSet\Services\CertSvc\Configuration\<CA>).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/key.h"
#include "core/name.h"
#include "core/oid.h"
#include "core/security_descriptor.h"
#include "core/time.h"

namespace mimica::ca {

enum class CaType { enterprise_root = 0, enterprise_sub = 1, standalone_root = 3, standalone_sub = 4 };

namespace editf {  // PolicyModules\...\EditFlags, CertSrv.h
inline constexpr std::uint32_t kEnableRequestExtensions = 0x1, kRequestExtensionList = 0x2, kDisableExtensionList = 0x4,
                               kAddOldKeyUsage = 0x8, kAttributeEndDate = 0x20, kBasicConstraintsCritical = 0x40,
                               kEnableAkiKeyId = 0x100, kAttributeEku = 0x8000, kEnableDefaultSmime = 0x10000,
                               kEmailOptional = 0x20000, kAttributeSubjectAltName2 = 0x40000,
                               kEnableChaseClientDc = 0x100000, kEnterpriseDefault = 0x11014E,
                               kStandaloneDefault = 0x11014E | kAttributeEndDate | kAttributeEku;
}  // namespace editf
namespace ca_access {  // CA security descriptor, CertAdm.h
inline constexpr std::uint32_t kManageCa = 0x1, kIssueAndManage = 0x2, kAuditor = 0x4, kOperator = 0x8, kRead = 0x100,
                               kRequestCertificates = 0x200;
}  // namespace ca_access

struct CaConfig {
  CaType CAType = CaType::enterprise_sub;
  std::string CommonName = "CONTOSO-CA";
  std::string CAServerName = "ca01.contoso.com";  // dNSHostName; the config string is CAServerName\CommonName
  Seconds ValidityPeriod = 2 * 365 * kDay;        // ValidityPeriod / ValidityPeriodUnits
  int ClockSkewMinutes = 10;
  Seconds CRLPeriod = 7 * kDay;
  Seconds CRLOverlap = 12 * kHour;
  std::uint32_t EditFlags = editf::kEnterpriseDefault;
  std::uint32_t RequestDisposition = 1;           // 0 pending, 1 issue, 2 deny, +0x100 pending first
  std::vector<std::string> SubjectTemplate = {"EMail", "CommonName", "OrganizationalUnit", "Organization",
                                              "Locality", "State", "DomainComponent", "Country"};
  bool EnforceX500NameLengths = true;
  std::vector<Oid> DisableExtensionList;
  std::vector<Oid> EnableRequestExtensionList;            // default filled by default_config()
  std::vector<Oid> EnableEnrolleeRequestExtensionList;
  SecurityDescriptor Security;                            // default: BA, DA, EA manage; Authenticated Users request
  std::vector<std::string> CRLPublicationURLs;            // with %1..%14 tokens as in the registry, without flags
  std::vector<std::string> CACertPublicationURLs;
  Digest SignatureDigest = Digest::sha256;
  std::uint8_t HighSerial = 0x61;                         // first octet of every serial number
  int Version = 6;                                        // 6 = Server 2016 and later (template minimum CA version)
  bool SidExtensionUpdate = true;                         // the May 2022 update is installed (KB5014754)
  bool ApplicationPolicyUpdate = true;                    // the November 2024 update is installed (CVE-2024-49019)
  bool is_enterprise() const { return CAType == CaType::enterprise_root || CAType == CaType::enterprise_sub; }
};
// Defaults of a freshly installed CA; `domain` resolves Domain Admins and Enterprise Admins in the default security.
CaConfig default_config(CaType type, const Sid& domain);

}  // namespace mimica::ca
