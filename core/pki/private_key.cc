#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include <algorithm>

#include "core/asn1/algorithms.h"
#include "core/asn1/der.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"
#include "core/pki/key_encoding.h"
#include "core/pki/key_openssl.h"

namespace mimica {
namespace {

struct PrivateState {
  PkeyPtr pkey;
  PublicKey public_key;
};

const PrivateState& state_of(const std::shared_ptr<void>& handle) {
  return *static_cast<const PrivateState*>(handle.get());
}

Bytes number_of(const EVP_PKEY* pkey, const char* name) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(pkey, name, &number) != 1) return {};
  Bytes out(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, out.data());
  BN_clear_free(number);
  return out;
}

Result<PublicKey> public_of(const EVP_PKEY* pkey) {
  if (EVP_PKEY_is_a(pkey, "RSA") == 1)
    return PublicKey::from_spki(
        encode_rsa_spki(number_of(pkey, OSSL_PKEY_PARAM_RSA_N), number_of(pkey, OSSL_PKEY_PARAM_RSA_E)));
  if (EVP_PKEY_is_a(pkey, "EC") != 1)
    return fault(HResult::NTE_BAD_ALGID, "the private key is neither RSA nor EC", {}, "use an RSA or EC key");
  Bytes point(256);
  std::size_t length = 0;
  if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &length) != 1)
    return openssl_fault(HResult::NTE_BAD_ALGID, "the EC key has no public part");
  point.resize(length);
  return PublicKey::from_spki(encode_ec_spki({KeyKind::ec, EVP_PKEY_get_bits(pkey)}, point));
}

// RSAPrivateKey, RFC 8017 A.1.2.
Result<PkeyPtr> from_rsa_private_key(BytesView der) {
  DerReader outer(der);
  MIMICA_TRY(DerReader key, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(const std::int64_t version, key.integer());
  if (version != 0) return fault(HResult::NTE_NOT_SUPPORTED, "RSA keys of more than two primes are not supported");
  KeyParams params;
  for (const char* name : {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
                           OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
                           OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}) {
    MIMICA_TRY(const Bytes number, key.big_integer());
    params.number(name, number);
  }
  MIMICA_RETURN_IF_FAULT(key.finish());
  PkeyPtr pkey = params.make("RSA", EVP_PKEY_KEYPAIR);
  if (!pkey) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the numbers of the RSA key make no key");
  return pkey;
}

// ECPrivateKey, RFC 5915 3. `curve`: content of the curve's OID; empty if only the structure itself names it.
Result<PkeyPtr> from_ec_private_key(BytesView der, BytesView curve) {
  DerReader outer(der);
  MIMICA_TRY(DerReader key, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_RETURN_IF_FAULT(key.integer());
  MIMICA_TRY(const Bytes scalar, key.octet_string());
  if (key.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader parameters, key.enter(tag::context_constructed(0)));
    MIMICA_TRY(const Tlv named, parameters.expect(tag::kOid));
    if (curve.empty()) curve = named.content;
  }
  int bits = 0;
  for (int known : {256, 384, 521}) {
    const Bytes oid = curve_oid_content(known);
    if (std::equal(oid.begin(), oid.end(), curve.begin(), curve.end())) bits = known;
  }
  if (bits == 0)
    return fault(HResult::NTE_BAD_ALGID, "the curve of the EC key is not supported", {}, "use P-256, P-384 or P-521");
  if (key.at_end())
    return fault(HResult::NTE_NOT_SUPPORTED, "the EC private key does not hold its public key", {},
                 "rewrite it with 'openssl pkey', which adds the public key");
  MIMICA_TRY(DerReader tagged, key.enter(tag::context_constructed(1)));
  MIMICA_TRY(const BytesView point, tagged.bit_string());
  MIMICA_RETURN_IF_FAULT(key.finish());
  KeyParams params;
  params.text("group", group_name(bits));
  params.octets("pub", point);
  params.number("priv", scalar);
  PkeyPtr pkey = params.make("EC", EVP_PKEY_KEYPAIR);
  if (!pkey) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the numbers of the EC key make no key");
  return pkey;
}

}  // namespace

EVP_PKEY* KeyAccess::get(const PrivateKey& key) { return state_of(key.handle_).pkey.get(); }

Result<PrivateKey> KeyAccess::adopt(PkeyPtr pkey) {
  MIMICA_TRY(PublicKey public_key, public_of(pkey.get()));
  PrivateKey key;
  key.handle_ = std::make_shared<PrivateState>(PrivateState{std::move(pkey), std::move(public_key)});
  return key;
}

Result<PrivateKey> PrivateKey::generate(const KeySpec& spec) {
  const bool rsa = spec.kind == KeyKind::rsa;
  if (rsa ? (spec.bits < 512 || spec.bits > 16384) : group_name(spec.bits) == nullptr)
    return fault(HResult::E_INVALIDARG, "keys of type " + to_string(spec) + " cannot be generated", {},
                 "use RSA with 512 to 16384 bits, P-256, P-384 or P-521");
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_name(nullptr, rsa ? "RSA" : "EC", nullptr));
  EVP_PKEY* pkey = nullptr;
  if (!ctx || EVP_PKEY_keygen_init(ctx.get()) != 1 ||
      (rsa ? EVP_PKEY_CTX_set_rsa_keygen_bits(ctx.get(), spec.bits)
           : EVP_PKEY_CTX_set_group_name(ctx.get(), group_name(spec.bits))) != 1 ||
      EVP_PKEY_generate(ctx.get(), &pkey) != 1)
    return openssl_fault(HResult::E_FAIL, "the key could not be generated");
  return KeyAccess::adopt(PkeyPtr(pkey));
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  if (const auto pkcs8 = mimica::from_pem("PRIVATE KEY", pem)) return from_pkcs8(*pkcs8);
  if (const auto rsa = mimica::from_pem("RSA PRIVATE KEY", pem)) {
    MIMICA_TRY(PkeyPtr pkey, from_rsa_private_key(*rsa));
    return KeyAccess::adopt(std::move(pkey));
  }
  if (const auto ec = mimica::from_pem("EC PRIVATE KEY", pem)) {
    MIMICA_TRY(PkeyPtr pkey, from_ec_private_key(*ec, {}));
    return KeyAccess::adopt(std::move(pkey));
  }
  return fault(HResult::ERROR_INVALID_DATA, "the text holds no unencrypted private key in PEM form", {},
               "convert it with 'openssl pkey -in key.pem -out plain.pem'");
}

Result<PrivateKey> PrivateKey::from_pkcs8(BytesView der) {
  DerReader outer(der);
  MIMICA_TRY(DerReader info, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_RETURN_IF_FAULT(info.integer());
  MIMICA_TRY(DerReader algorithm, info.enter(tag::kSequence));
  MIMICA_TRY(const Oid oid, algorithm.oid());
  MIMICA_TRY(const Tlv key, info.expect(tag::kOctetString));
  if (oid.dotted() == kRsaEncryptionOid) {
    MIMICA_TRY(PkeyPtr pkey, from_rsa_private_key(key.content));
    return KeyAccess::adopt(std::move(pkey));
  }
  if (oid.dotted() == kEcPublicKeyOid) {
    MIMICA_TRY(const Tlv curve, algorithm.expect(tag::kOid));
    MIMICA_TRY(PkeyPtr pkey, from_ec_private_key(key.content, curve.content));
    return KeyAccess::adopt(std::move(pkey));
  }
  return fault(HResult::NTE_BAD_ALGID, "the key algorithm " + oid.dotted() + " is not supported", {},
               "use an RSA or EC key");
}

Bytes PrivateKey::pkcs8() const {
  if (empty()) return {};
  PKCS8_PRIV_KEY_INFO* info = EVP_PKEY2PKCS8(KeyAccess::get(*this));
  unsigned char* der = nullptr;
  const int length = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
  PKCS8_PRIV_KEY_INFO_free(info);
  Bytes out;
  if (length > 0) {
    out.assign(der, der + length);
    OPENSSL_clear_free(der, static_cast<std::size_t>(length));
  }
  ERR_clear_error();
  return out;
}

std::string PrivateKey::pem() const { return empty() ? std::string() : to_pem("PRIVATE KEY", pkcs8()); }
PublicKey PrivateKey::public_key() const { return empty() ? PublicKey() : state_of(handle_).public_key; }
KeySpec PrivateKey::spec() const { return empty() ? KeySpec() : state_of(handle_).public_key.spec(); }

Bytes PrivateKey::signature_algorithm(Digest digest) const {
  const DigestAlgorithm& algorithm = digest_algorithms()[static_cast<std::size_t>(digest)];
  if (spec().kind == KeyKind::ec) return der::sequence({der::oid(Oid(algorithm.with_ecdsa))});
  return der::sequence({der::oid(Oid(algorithm.with_rsa)), der::null()});
}

Result<Bytes> PrivateKey::sign(Digest digest, BytesView data) const {
  if (empty()) return fault(HResult::NTE_BAD_KEYSET, "there is no private key to sign with");
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  EVP_PKEY* pkey = KeyAccess::get(*this);
  Bytes out(static_cast<std::size_t>(EVP_PKEY_get_size(pkey)));
  std::size_t length = out.size();
  if (!ctx || EVP_DigestSignInit(ctx.get(), nullptr, fetched_md(digest), nullptr, pkey) != 1 ||
      EVP_DigestSign(ctx.get(), out.data(), &length, data.data(), data.size()) != 1)
    return openssl_fault(HResult::NTE_BAD_KEY_STATE, "the key does not sign");
  out.resize(length);
  return out;
}

Result<std::unique_ptr<PooledKeys>> PooledKeys::from_pem(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY-----";
  std::vector<PrivateKey> keys;
  for (auto at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at + kBegin.size())) {
    auto key = PrivateKey::from_pem(pem.substr(at));
    if (!key) {
      Fault why = std::move(key).error();
      why.what = "key " + std::to_string(keys.size() + 1) + ": " + why.what;
      return why;
    }
    keys.push_back(*std::move(key));
  }
  return std::make_unique<PooledKeys>(std::move(keys));
}

Result<PrivateKey> PooledKeys::key(const KeySpec& spec) {
  {
    const std::lock_guard lock(mutex_);
    for (PrivateKey& key : keys_)
      if (!key.empty() && key.spec() == spec) return std::exchange(key, PrivateKey());
  }
  return PrivateKey::generate(spec);
}

std::size_t PooledKeys::left(const KeySpec& spec) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      keys_.begin(), keys_.end(), [&](const PrivateKey& key) { return !key.empty() && key.spec() == spec; }));
}

}  // namespace mimica
