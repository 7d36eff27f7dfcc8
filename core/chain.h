// Chain building and verification at a given instant (RFC 5280 section 6 through libcrypto), revocation from CRLs that
// the caller gathered.
#pragma once

#include <vector>

#include "core/certificate.h"

namespace mimica {

enum class ChainStatus {
  ok,
  untrusted_root,  // ends in a self-signed certificate that is not an anchor
  incomplete,      // an issuer is missing
  not_time_valid,
  revoked,
  revocation_unknown,  // no CRL that covers the certificate and is current
  bad_signature,
  not_a_ca,  // an issuer without basicConstraints cA or keyCertSign
  other,
};
HResult to_hresult(ChainStatus status);  // CERT_E_*, CRYPT_E_*; S_OK for ok

struct ChainInput {
  Certificate leaf;
  std::vector<Certificate> intermediates;
  std::vector<Certificate> anchors;
  std::vector<Bytes> crls;  // DER
  Timestamp at;
  bool check_revocation = true;  // leaf only, as the KDC and most relying parties do
};
struct ChainResult {
  ChainStatus status = ChainStatus::other;
  std::string detail;              // which certificate and what libcrypto said
  std::vector<Certificate> chain;  // leaf first; as far as it could be built
};
ChainResult build_chain(const ChainInput& input);

}  // namespace mimica
