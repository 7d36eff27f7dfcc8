// Chain building and verification at a given instant (RFC 5280 section 6 through libcrypto), revocation from OCSP
// responses and CRLs that the caller gathered.
#pragma once

#include <vector>

#include "core/pki/certificate.h"

namespace mimica {

enum class ChainStatus {
  ok,
  untrusted_root,  // ends in a self-signed certificate that is not an anchor
  incomplete,      // an issuer is missing
  not_time_valid,
  revoked,
  revocation_unknown,  // no OCSP answer or CRL that covers the certificate and is current
  bad_signature,
  not_a_ca,  // an issuer without basicConstraints cA or keyCertSign
  other,
};
HResult to_hresult(ChainStatus status);  // CERT_E_*, CRYPT_E_*; S_OK for ok

// What came of asking one source for the leaf's revocation status.
struct RevocationReply {
  enum class Kind { ocsp, crl };
  Kind kind = Kind::crl;
  std::string source;   // URL
  Bytes answer;         // DER: OCSP response or CRL; empty: none
  std::string problem;  // why there is no answer
};
// The same, judged.
struct RevocationFinding {
  RevocationReply::Kind kind = RevocationReply::Kind::crl;
  std::string source;
  std::string found;    // "good, until 2025-06-03T00:00:00Z", "the responder answers tryLater", ...
  bool usable = false;  // it says whether the leaf is revoked
};

struct ChainInput {
  Certificate leaf;
  std::vector<Certificate> intermediates;
  std::vector<Certificate> anchors;
  std::vector<Bytes> crls;  // DER, of any certificate of the chain
  Timestamp at;
  bool check_revocation = true;  // leaf only, as the KDC and most relying parties do
  // About the leaf. The first OCSP response that counts and says good or revoked decides; without one, CRLs do.
  std::vector<RevocationReply> replies = {};
};
struct ChainResult {
  ChainStatus status = ChainStatus::other;
  std::string detail;                              // which certificate and what libcrypto said
  std::vector<Certificate> chain;                  // leaf first; as far as it could be built
  std::vector<RevocationFinding> revocation = {};  // of the replies, in order
};
ChainResult build_chain(const ChainInput& input);

}  // namespace mimica
