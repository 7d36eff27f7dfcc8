// The forms in which a request reaches a CA (MS-WCCE 2.2.2.6), opened: PKCS#10, Netscape's SPKAC, and CMS signed data
// around a PKCS#10 or a CMC request. Signatures of the message are checked here; nothing is looked up.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ca/rules.h"
#include "core/base/decision.h"
#include "core/pki/certificate.h"

namespace mimica::ca {

enum class RequestFormat { pkcs10 = 0x100, keygen = 0x200, pkcs7 = 0x300, cmc = 0x400 };  // CR_IN_*
std::string_view to_string(RequestFormat format);  // "PKCS#10", "SPKAC", "PKCS#7", "CMC"

struct Envelope {
  RequestFormat format = RequestFormat::pkcs10;
  Bytes raw;                         // DER of the whole message
  CertificateRequest pkcs10;         // of SPKAC: made from its key and the name attributes, without a valid signature
  bool signature_valid = false;      // the requester holds the private key
  std::vector<Certificate> signers;  // whose keys signed the message, beside the request's own
  std::vector<Certificate> certificates;    // all of the message
  std::vector<Extension> added_extensions;  // by CMC control
  // Attributes of the message: RegInfo of CMC, name-value pairs that the signers of PKCS#7 signed.
  std::vector<std::pair<std::string, std::string>> pairs;
  bool has_archived_key = false;
};

inline constexpr int kMaxEnvelopes = 3;  // signed data inside signed data

// The request bytes without any textual armour; nullopt when they are neither DER nor base64.
std::optional<Bytes> remove_armour(BytesView request);

// `name_attributes`: for SPKAC, which names its subject beside the request ("CN", "Jane"), and "challenge".
// A refusal is a processing error: the row is kept with Disposition 30 (DB_DISP_ERROR).
Decision<Envelope> open_envelope(BytesView request,
                                 const std::vector<std::pair<std::string, std::string>>& name_attributes);

}  // namespace mimica::ca
