// Full PKI requests of Certificate Management over CMS (RFC 5272; MS-WCCE 2.2.2.6.3), as far as clients of AD CS use
// them: control attributes and exactly one PKCS#10.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/base/fault.h"
#include "core/pki/certificate.h"

namespace mimica::ca {

inline constexpr std::size_t kMaxCmcParts = 64;  // control attributes, requests, nested parts

struct PkiData {
  Bytes pkcs10;
  // RegInfo: "Name=Value&Name=Value" in UTF-8 (MS-WCCE 2.2.2.6.3), with %XX undone.
  std::vector<std::pair<std::string, std::string>> registration_info;
  std::vector<Extension> added_extensions;  // id-cmc-addExtensions for the request
  std::vector<Oid> ignored_controls;        // known to nobody here
  bool has_key_hash = false;                // szOID_ENCRYPTED_KEY_HASH, of an archived key
};
// Faults: ERROR_INVALID_DATA unless there is exactly one PKCS#10; CRYPT_E_ASN1_*.
Result<PkiData> parse_pki_data(BytesView der);
Bytes make_pki_data(const PkiData& data);

}  // namespace mimica::ca
