// Keys and signatures. The only headers that show OpenSSL types are *_openssl.h ones private to core.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"

namespace mimica {

enum class KeyKind { rsa, ec };

struct KeySpec {
  KeyKind kind = KeyKind::rsa;
  int bits = 2048;  // RSA modulus; EC field size: 256, 384 or 521
  bool operator==(const KeySpec&) const = default;
};
std::string to_string(const KeySpec& spec);             // "RSA-2048", "P-256"
Result<KeySpec> parse_key_spec(std::string_view text);  // inverse; also "rsa:4096", "ecdsa:p384"

enum class Digest { sha1, sha256, sha384, sha512 };
Bytes digest(Digest algorithm, BytesView data);
Bytes md5(BytesView data);

// A public key as its SubjectPublicKeyInfo DER. Thread-safe.
class PublicKey {
 public:
  PublicKey() = default;  // empty: verifies nothing
  // Parses and checks the encoding and the algorithm (RSA up to 16384 bits, EC on P-256/384/521). Whether an EC point
  // lies on its curve shows at the first verification.
  static Result<PublicKey> from_spki(BytesView spki);
  const Bytes& spki() const { return spki_; }
  KeySpec spec() const { return spec_; }
  // SHA-1 of the BIT STRING content: RFC 5280 4.2.1.2 method 1.
  Bytes key_identifier() const;
  // `algorithm`: the AlgorithmIdentifier DER that came with the signature. Supports RSA PKCS#1 v1.5 and PSS and ECDSA
  // with SHA-1 and SHA-2. A signature that does not fit the key's kind is false; Faults: NTE_BAD_ALGID for an algorithm
  // outside this list, CRYPT_E_ASN1_* for one that is malformed or a key that is none.
  Result<bool> verify(BytesView algorithm, BytesView data, BytesView signature) const;

 private:
  Bytes spki_;
  KeySpec spec_;
  std::shared_ptr<void> handle_;  // the EVP_PKEY, made when first needed
  friend struct KeyAccess;
};

// A private key. Copies share the key. Thread-safe for signing.
class PrivateKey {
 public:
  PrivateKey() = default;
  static Result<PrivateKey> generate(const KeySpec& spec);
  // The first block "PRIVATE KEY" (PKCS#8), "RSA PRIVATE KEY" or "EC PRIVATE KEY"; not encrypted.
  static Result<PrivateKey> from_pem(std::string_view pem);
  static Result<PrivateKey> from_pkcs8(BytesView der);
  bool empty() const { return !handle_; }
  Bytes pkcs8() const;
  std::string pem() const;
  PublicKey public_key() const;
  KeySpec spec() const;
  // AlgorithmIdentifier DER of the signatures this key makes with that digest.
  Bytes signature_algorithm(Digest digest) const;
  // RSA: PKCS#1 v1.5; EC: ECDSA as DER. Hashes `data` first.
  Result<Bytes> sign(Digest digest, BytesView data) const;

 private:
  std::shared_ptr<void> handle_;  // EVP_PKEY and the public key
  friend struct KeyAccess;
};

// Where key pairs come from: generated, or taken in order from a fixed list so that tests start fast and repeat.
class KeySource {
 public:
  virtual ~KeySource() = default;
  virtual Result<PrivateKey> key(const KeySpec& spec) = 0;
};
class FreshKeys final : public KeySource {
 public:
  Result<PrivateKey> key(const KeySpec& spec) override { return PrivateKey::generate(spec); }
};

// Hands out given keys, each once, those of one KeySpec in the order they were given; generates a fresh key when none
// of that spec is left. Thread-safe.
class PooledKeys final : public KeySource {
 public:
  explicit PooledKeys(std::vector<PrivateKey> keys) : keys_(std::move(keys)) {}
  // Every "PRIVATE KEY" block (PKCS#8) of a PEM text; text between the blocks is ignored. A Fault names the block that
  // holds no usable key.
  static Result<std::unique_ptr<PooledKeys>> from_pem(std::string_view pem);
  Result<PrivateKey> key(const KeySpec& spec) override;
  // How many keys of that spec are left.
  std::size_t left(const KeySpec& spec) const;

 private:
  mutable std::mutex mutex_;
  std::vector<PrivateKey> keys_;  // an empty one was handed out
};

}  // namespace mimica
