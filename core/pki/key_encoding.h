// The structures keys and signatures are carried in (RFC 3279, RFC 4055, RFC 5480, RFC 5915, RFC 8017); private to
// core.
#pragma once

#include <openssl/params.h>

#include <array>
#include <cstddef>
#include <vector>

#include "core/pki/key_openssl.h"

namespace mimica {

// The parts of a SubjectPublicKeyInfo, as views into it.
struct SpkiParts {
  KeySpec spec;
  BytesView modulus, exponent;  // RSA, big-endian
  BytesView point;              // EC, encoded point
  BytesView bits;               // content of the BIT STRING
};
Result<SpkiParts> parse_spki(BytesView spki);
Bytes encode_rsa_spki(BytesView modulus, BytesView exponent);
Bytes encode_ec_spki(const KeySpec& spec, BytesView point);

// The curve's name in OpenSSL; nullptr for a field size that is not supported.
const char* group_name(int bits);
Bytes curve_oid_content(int bits);

struct SignatureScheme {
  enum class Kind { rsa_pkcs1, rsa_pss, ecdsa };
  Kind kind = Kind::rsa_pkcs1;
  const char* digest = nullptr;       // OpenSSL name
  const char* mgf1_digest = nullptr;  // RSA-PSS
  int salt_length = 20;               // RSA-PSS, octets
};
// Faults: NTE_BAD_ALGID for an algorithm that is not supported.
Result<SignatureScheme> parse_signature_algorithm(BytesView algorithm_identifier);

// Parameters for EVP_PKEY_fromdata; big-endian numbers go in. The list refers to its own buffers: do not copy.
class KeyParams {
 public:
  KeyParams() = default;
  KeyParams(const KeyParams&) = delete;
  KeyParams& operator=(const KeyParams&) = delete;
  ~KeyParams();
  void number(const char* name, BytesView big_endian);
  void octets(const char* name, BytesView value);
  void text(const char* name, const char* value);
  // `type`: "RSA" or "EC"; nullptr when OpenSSL refuses.
  PkeyPtr make(const char* type, int selection);

 private:
  static constexpr std::size_t kMost = 10;
  std::array<Bytes, kMost> buffers_;  // held key material is wiped in the destructor
  std::array<OSSL_PARAM, kMost + 1> params_{};
  std::size_t count_ = 0;
};

}  // namespace mimica
