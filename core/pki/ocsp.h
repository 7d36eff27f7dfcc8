// The Online Certificate Status Protocol as values: requests, responses, and whether a response speaks for a
// certificate at an instant (RFC 6960, in the profile of RFC 5019). Nothing here connects to a responder.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/pki/certificate.h"

namespace mimica {

inline constexpr std::size_t kMaxOcspSize = 64 * 1024;     // octets of a request or response
inline constexpr std::size_t kMaxOcspEntries = 256;        // certificates in one request or response
inline constexpr std::size_t kMaxOcspCertificates = 8;     // of a response, that may be its signer
inline constexpr Seconds kOcspTolerance = 5 * kMinute;     // between the clocks of responder and reader
inline const Oid kOcspSigning{"1.3.6.1.5.5.7.3.9"};        // id-kp-OCSPSigning
inline const Oid kOcspAccessMethod{"1.3.6.1.5.5.7.48.1"};  // id-ad-ocsp

// Names a certificate by hashes of its issuer. RFC 5019 2.1.1 demands SHA-1 of requests.
struct OcspCertId {
  Digest hash = Digest::sha1;
  Bytes issuer_name_hash, issuer_key_hash;
  Bytes serial;  // unsigned big-endian
  bool operator==(const OcspCertId&) const = default;
};
OcspCertId ocsp_cert_id(const Certificate& certificate, const Certificate& issuer, Digest hash = Digest::sha1);

struct OcspRequest {
  std::vector<OcspCertId> certificates;  // those with a hash that we know
  Bytes nonce;                           // empty: none
};
Bytes make_ocsp_request(const OcspRequest& request);
Result<OcspRequest> parse_ocsp_request(BytesView der);

enum class OcspResponseStatus {
  successful = 0,
  malformed_request = 1,
  internal_error = 2,
  try_later = 3,
  sig_required = 5,
  unauthorized = 6
};
std::string_view to_string(OcspResponseStatus status);  // "tryLater", as RFC 6960 4.2.1 spells it

enum class OcspStatus { good, revoked, unknown };
std::string_view to_string(OcspStatus status);

struct OcspEntry {
  OcspCertId id;
  OcspStatus status = OcspStatus::good;
  Timestamp revoked_at;  // of a revoked certificate
  int reason = 0;        // RFC 5280 5.3.1; 0 is written without a reason
  Timestamp this_update;
  std::optional<Timestamp> next_update;  // absent: newer information is available all the time
  bool has_unknown_critical = false;     // a critical extension that we do not understand
};

struct OcspResponse {
  OcspResponseStatus status = OcspResponseStatus::successful;
  // The rest belongs to successful responses.
  Bytes responder_name;      // subject DER; empty when named by its key
  Bytes responder_key_hash;  // SHA-1 of the key
  Timestamp produced_at;
  std::vector<OcspEntry> entries;  // those with a hash that we know
  Bytes nonce;
  bool has_unknown_critical = false;
  std::vector<Certificate> certificates;  // the readable ones
  Bytes signed_octets, signature_algorithm, signature;
};
Result<OcspResponse> parse_ocsp_response(BytesView der);

struct OcspQuestion {
  Certificate certificate;
  Certificate issuer;
  Timestamp at;
  Bytes nonce;  // of the request; a response without one is taken all the same (RFC 5019 4)
};
// What the response says about the certificate: good, revoked or unknown. A Fault says why it does not count: an error
// status, another certificate, a signer that the issuer has not authorised (RFC 6960 4.2.2.2), a bad signature, times.
Result<OcspEntry> judge_ocsp_response(BytesView response, const OcspQuestion& question);

struct OcspResponseFields {
  enum class ResponderId { name, key };
  ResponderId responder_id = ResponderId::key;
  Certificate signer;      // of the key that signs: the CA's own, or the delegated one
  bool delegated = false;  // the signer's certificate goes with the response
  Timestamp produced_at;
  std::vector<OcspEntry> entries;
  Bytes nonce;  // echo of the request's
};
Result<Bytes> make_ocsp_response(const OcspResponseFields& fields, const PrivateKey& key, Digest digest);
// Any status but successful.
Bytes make_ocsp_error(OcspResponseStatus status);

}  // namespace mimica
