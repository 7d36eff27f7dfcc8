// Requests that somebody signs, as clients make them: renewal with the earlier key, on behalf of another account, CMC
// (MS-WCCE 3.1.1.4.3). The CA's end is ca/request/envelope.h.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ca/request/envelope.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::ca {

inline const Oid kRenewalCertificate{"1.3.6.1.4.1.311.13.1"};  // szOID_RENEWAL_CERTIFICATE

struct RequestSigner {
  PrivateKey key;
  Certificate certificate;
};

struct SignedRequestSpec {
  RequestFormat format = RequestFormat::pkcs7;  // or cmc
  RequestSpec request;                          // the PKCS#10 inside
  PrivateKey key;                               // of the request
  std::vector<RequestSigner> signers;
  std::optional<Certificate> renews;  // adds the renewal attribute; its key has to be among the signers
  std::string requester_name;         // on whose behalf: "CONTOSO\\jane"
  std::vector<std::pair<std::string, std::string>> pairs = {};  // RegInfo of CMC
};
// Faults: formats that carry no signers; a key that does not sign.
Result<Bytes> make_signed_request(const SignedRequestSpec& spec);

}  // namespace mimica::ca
