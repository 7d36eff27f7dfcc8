// Which extensions a certificate gets, with which values and in which order (MS-WCCE 3.2.2.6.2.1.4.4).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "ca/policy/subject.h"
#include "ca/registry/config.h"
#include "ca/request/request.h"
#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "templates/template.h"

namespace mimica::ca {

namespace extension_flag {  // Extensions.ExtensionFlags, CertSrv.h EXTENSION_*
inline constexpr std::uint32_t kCritical = 1, kDisabled = 2, kOriginRequest = 0x10000, kOriginPolicy = 0x20000,
                               kOriginServer = 0x40000;
}  // namespace extension_flag

// A row of the Extensions table; only rows without kDisabled enter the certificate, in this order.
struct ExtensionRow {
  Oid oid;
  std::uint32_t flags = 0;
  Bytes value;
  bool enabled() const { return (flags & extension_flag::kDisabled) == 0; }
};

// URLs of certification practice statements by dotted OID of the issuance policy.
using PracticeStatements = std::map<std::string, std::string>;

struct ExtensionInput {
  const CaConfig* config = nullptr;
  const IncomingRequest* request = nullptr;
  const templates::CertificateTemplate* from = nullptr;  // nullptr: stand-alone CA
  const CertificateNames* names = nullptr;
  const std::vector<Oid>* issuance_policies = nullptr;
  const PracticeStatements* practice_statements = nullptr;
  Bytes authority_key_id;                   // SKI of the CA certificate
  const Bytes* revocation = nullptr;        // encoded CDP value; nullptr or empty: none
  const Bytes* authority_access = nullptr;  // encoded AIA value
  std::optional<Bytes> sid;                 // value of the security extension
};
std::vector<ExtensionRow> assemble_extensions(const ExtensionInput& input, Trace& trace);

// What the SID extension of a certificate is to hold; adds the step of kExtensionSid.
std::optional<Bytes> decide_sid_extension(const CaConfig& config, const templates::CertificateTemplate& from,
                                          const IncomingRequest& request, const Sid& requester, Trace& trace);

// RC2-128, RC4-128, DES and 3DES: the list that certificates of AD CS carry when the request names none (observed).
const Bytes& default_smime_capabilities();

}  // namespace mimica::ca
