// Digests and the signature algorithms made of them (RFC 3279 2.2, RFC 4055, RFC 5754, RFC 5758).
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "core/asn1/oid.h"

namespace mimica {

inline constexpr std::string_view kRsaEncryptionOid = "1.2.840.113549.1.1.1";
inline constexpr std::string_view kRsaPssOid = "1.2.840.113549.1.1.10";
inline constexpr std::string_view kMgf1Oid = "1.2.840.113549.1.1.8";
inline constexpr std::string_view kEcPublicKeyOid = "1.2.840.10045.2.1";

struct DigestAlgorithm {
  const char* name;  // as OpenSSL fetches it
  std::string_view oid;
  std::string_view with_rsa;  // PKCS #1 v1.5
  std::string_view with_ecdsa;
};

// SHA-1, SHA-256, SHA-384, SHA-512 (the order of Digest, core/pki/key.h), then SHA-224, which is read but not written.
std::span<const DigestAlgorithm> digest_algorithms();

const DigestAlgorithm* digest_algorithm(const Oid& oid);  // nullptr: not known

struct SignatureAlgorithm {
  const DigestAlgorithm* digest;
  bool is_ecdsa;
};
// nullopt for what is not known, and for RSASSA-PSS, whose digest stands in its parameters.
std::optional<SignatureAlgorithm> signature_algorithm(const Oid& oid);

}  // namespace mimica
