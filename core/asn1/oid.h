// Object identifiers (X.660) and the names this field uses for them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

// A valid OID, held in dotted form. Default-constructed: empty, equal to no parsed OID.
class Oid {
 public:
  Oid() = default;
  // For constants: the caller vouches for the form.
  explicit Oid(std::string_view dotted) : dotted_(dotted) {}
  // "1.2.840.113549"; at least two arcs, first 0..2, second 0..39 under 0 and 1, arcs up to 128 bits.
  static Result<Oid> parse(std::string_view dotted);
  // The content octets of a DER OBJECT IDENTIFIER (without tag and length).
  static Result<Oid> from_der_content(BytesView content);

  const std::string& dotted() const { return dotted_; }
  bool empty() const { return dotted_.empty(); }
  Bytes der_content() const;
  auto operator<=>(const Oid&) const = default;

 private:
  std::string dotted_;
};

// "Client Authentication", "Domain Users"-like display names as Windows shows them; empty if unknown.
std::string_view display_name(const Oid& oid);

namespace oids {
inline const Oid kSidExtension{"1.3.6.1.4.1.311.25.2"};    // szOID_NTDS_CA_SECURITY_EXT
inline const Oid kSidOtherName{"1.3.6.1.4.1.311.25.2.1"};  // szOID_NTDS_OBJECTSID
inline const Oid kUpn{"1.3.6.1.4.1.311.20.2.3"};           // szOID_NT_PRINCIPAL_NAME
inline const Oid kDirectoryGuid{"1.3.6.1.4.1.311.25.1"};   // szOID_NTDS_REPLICATION
inline const Oid kTemplateName{"1.3.6.1.4.1.311.20.2"};    // szOID_ENROLL_CERTTYPE_EXTENSION (V1)
inline const Oid kTemplateInfo{"1.3.6.1.4.1.311.21.7"};    // szOID_CERTIFICATE_TEMPLATE (V2+)
inline const Oid kApplicationPolicies{"1.3.6.1.4.1.311.21.10"};
inline const Oid kCaVersion{"1.3.6.1.4.1.311.21.1"};
inline const Oid kPreviousCaHash{"1.3.6.1.4.1.311.21.2"};
inline const Oid kCrlNextPublish{"1.3.6.1.4.1.311.21.4"};
inline const Oid kSubjectKeyIdentifier{"2.5.29.14"};
inline const Oid kKeyUsage{"2.5.29.15"};
inline const Oid kSubjectAltName{"2.5.29.17"};
inline const Oid kBasicConstraints{"2.5.29.19"};
inline const Oid kCrlNumber{"2.5.29.20"};
inline const Oid kCrlReason{"2.5.29.21"};
inline const Oid kCrlDistributionPoints{"2.5.29.31"};
inline const Oid kCertificatePolicies{"2.5.29.32"};
inline const Oid kAuthorityKeyIdentifier{"2.5.29.35"};
inline const Oid kExtendedKeyUsage{"2.5.29.37"};
inline const Oid kAnyExtendedKeyUsage{"2.5.29.37.0"};
inline const Oid kAuthorityInfoAccess{"1.3.6.1.5.5.7.1.1"};
inline const Oid kSmimeCapabilities{"1.2.840.113549.1.9.15"};
inline const Oid kOcspNoCheck{"1.3.6.1.5.5.7.48.1.5"};
inline const Oid kServerAuth{"1.3.6.1.5.5.7.3.1"};
inline const Oid kClientAuth{"1.3.6.1.5.5.7.3.2"};
inline const Oid kSecureEmail{"1.3.6.1.5.5.7.3.4"};
inline const Oid kSmartCardLogon{"1.3.6.1.4.1.311.20.2.2"};
inline const Oid kEncryptingFileSystem{"1.3.6.1.4.1.311.10.3.4"};
inline const Oid kCertificateRequestAgent{"1.3.6.1.4.1.311.20.2.1"};
inline const Oid kPkinitClient{"1.3.6.1.5.2.3.4"};
inline const Oid kPkinitKdc{"1.3.6.1.5.2.3.5"};
inline const Oid kExtensionRequest{"1.2.840.113549.1.9.14"};     // PKCS#9
inline const Oid kMsExtensionRequest{"1.3.6.1.4.1.311.2.1.14"};  // szOID_CERT_EXTENSIONS
inline const Oid kNameValuePair{"1.3.6.1.4.1.311.13.2.1"};       // szOID_ENROLLMENT_NAME_VALUE_PAIR
inline const Oid kOsVersion{"1.3.6.1.4.1.311.13.2.3"};
inline const Oid kCspProvider{"1.3.6.1.4.1.311.13.2.2"};
inline const Oid kCommonName{"2.5.4.3"};
inline const Oid kEmailAddress{"1.2.840.113549.1.9.1"};
inline const Oid kDomainComponent{"0.9.2342.19200300.100.1.25"};
}  // namespace oids

bool contains(const std::vector<Oid>& list, const Oid& oid);

}  // namespace mimica
