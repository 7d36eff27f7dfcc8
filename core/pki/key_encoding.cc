#include "core/pki/key_encoding.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <algorithm>
#include <bit>

#include "core/asn1/algorithms.h"
#include "core/asn1/der.h"

namespace mimica {
namespace {

constexpr std::array<std::uint8_t, 9> kRsaOid{0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
constexpr std::array<std::uint8_t, 7> kEcOid{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
constexpr std::array<std::uint8_t, 8> kP256{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
constexpr std::array<std::uint8_t, 5> kP384{0x2B, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<std::uint8_t, 5> kP521{0x2B, 0x81, 0x04, 0x00, 0x23};

// Larger keys are refused: verifying with them would take seconds.
constexpr std::size_t kMaxModulus = 16384 / 8;
constexpr std::size_t kMaxExponent = 8;

struct Curve {
  int bits;
  const char* group;
  BytesView oid;
};
const std::array<Curve, 3>& curves() {
  static const std::array<Curve, 3> all{{{256, "P-256", kP256}, {384, "P-384", kP384}, {521, "P-521", kP521}}};
  return all;
}

bool same(BytesView a, BytesView b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

Fault bad_key(std::string what) { return fault(HResult::CRYPT_E_ASN1_CORRUPT, std::move(what)); }
Fault bad_algorithm(std::string what, std::string hint = {}) {
  return fault(HResult::NTE_BAD_ALGID, std::move(what), {}, std::move(hint));
}

// A positive INTEGER as a view without the sign octet.
Result<BytesView> magnitude(DerReader& reader) {
  MIMICA_TRY(const Tlv value, reader.expect(tag::kInteger));
  BytesView c = value.content;
  if (c.empty() || c[0] >= 0x80) return bad_key("a number of an RSA key is empty or negative");
  if (c.size() > 1 && c[0] == 0) {
    if (c[1] < 0x80) return bad_key("a number of an RSA key is not in its shortest form");
    c = c.subspan(1);
  }
  return c;
}

Result<SpkiParts> parse_rsa(BytesView bits) {
  SpkiParts parts;
  parts.bits = bits;
  DerReader outer(bits);
  MIMICA_TRY(DerReader key, outer.enter(tag::kSequence));
  MIMICA_TRY(parts.modulus, magnitude(key));
  MIMICA_TRY(parts.exponent, magnitude(key));
  MIMICA_RETURN_IF_FAULT(key.finish());
  MIMICA_RETURN_IF_FAULT(outer.finish());
  if (parts.modulus.size() > kMaxModulus || parts.exponent.size() > kMaxExponent)
    return fault(HResult::NTE_NOT_SUPPORTED, "the RSA key exceeds 16384 bits or its exponent 64 bits");
  if (parts.modulus[0] == 0 || parts.modulus.back() % 2 == 0) return bad_key("the RSA modulus is zero or even");
  if (parts.exponent.back() % 2 == 0) return bad_key("the RSA exponent is even");
  const int top = std::bit_width(static_cast<unsigned>(parts.modulus[0]));
  parts.spec = {KeyKind::rsa, static_cast<int>(parts.modulus.size() - 1) * 8 + top};
  return parts;
}

Result<SpkiParts> parse_ec(DerReader& algorithm, BytesView bits) {
  if (algorithm.peek() != tag::kOid)
    return bad_algorithm("the EC key does not name its curve", "use a key on P-256, P-384 or P-521");
  MIMICA_TRY(const Tlv curve, algorithm.next());
  MIMICA_RETURN_IF_FAULT(algorithm.finish());
  const auto& all = curves();
  const auto* at = std::find_if(all.begin(), all.end(), [&](const Curve& c) { return same(c.oid, curve.content); });
  if (at == all.end())
    return bad_algorithm("the curve of the EC key is not supported", "use a key on P-256, P-384 or P-521");
  const std::size_t field = static_cast<std::size_t>(at->bits + 7) / 8;
  const bool uncompressed = bits.size() == 1 + 2 * field && bits[0] == 4;
  const bool compressed = bits.size() == 1 + field && (bits[0] == 2 || bits[0] == 3);
  if (!uncompressed && !compressed) return bad_key("the point of the EC key has the wrong length or form");
  SpkiParts parts;
  parts.spec = {KeyKind::ec, at->bits};
  parts.point = parts.bits = bits;
  return parts;
}

// AlgorithmIdentifier of a hash, with NULL parameters or none.
Result<const char*> hash_algorithm(DerReader& reader) {
  MIMICA_TRY(DerReader algorithm, reader.enter(tag::kSequence));
  MIMICA_TRY(const Oid oid, algorithm.oid());
  if (!algorithm.at_end()) MIMICA_RETURN_IF_FAULT(algorithm.expect(tag::kNull));
  MIMICA_RETURN_IF_FAULT(algorithm.finish());
  const DigestAlgorithm* known = digest_algorithm(oid);
  if (known == nullptr) return bad_algorithm("the hash algorithm " + oid.dotted() + " is not supported");
  return known->name;
}

// RSASSA-PSS-params, RFC 4055 3.1.
Result<SignatureScheme> parse_pss(DerReader& algorithm) {
  SignatureScheme out{SignatureScheme::Kind::rsa_pss, "SHA1", "SHA1", 20};
  if (algorithm.at_end()) return out;
  MIMICA_TRY(DerReader params, algorithm.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(algorithm.finish());
  if (params.peek() == tag::context_constructed(0)) {
    MIMICA_TRY(DerReader field, params.enter(tag::context_constructed(0)));
    MIMICA_TRY(out.digest, hash_algorithm(field));
    MIMICA_RETURN_IF_FAULT(field.finish());
  }
  if (params.peek() == tag::context_constructed(1)) {
    MIMICA_TRY(DerReader field, params.enter(tag::context_constructed(1)));
    MIMICA_TRY(DerReader mask, field.enter(tag::kSequence));
    MIMICA_RETURN_IF_FAULT(field.finish());
    MIMICA_TRY(const Oid oid, mask.oid());
    if (oid.dotted() != kMgf1Oid) return bad_algorithm("the mask generation function is not MGF1");
    MIMICA_TRY(out.mgf1_digest, hash_algorithm(mask));
    MIMICA_RETURN_IF_FAULT(mask.finish());
  }
  if (params.peek() == tag::context_constructed(2)) {
    MIMICA_TRY(DerReader field, params.enter(tag::context_constructed(2)));
    MIMICA_TRY(const std::int64_t length, field.integer());
    MIMICA_RETURN_IF_FAULT(field.finish());
    if (length < 0 || length > static_cast<std::int64_t>(kMaxModulus)) return bad_key("the salt length is not usable");
    out.salt_length = static_cast<int>(length);
  }
  if (params.peek() == tag::context_constructed(3)) {
    MIMICA_TRY(DerReader field, params.enter(tag::context_constructed(3)));
    MIMICA_TRY(const std::int64_t trailer, field.integer());
    MIMICA_RETURN_IF_FAULT(field.finish());
    if (trailer != 1) return bad_algorithm("the trailer field of the RSA-PSS parameters is not 1");
  }
  MIMICA_RETURN_IF_FAULT(params.finish());
  return out;
}

}  // namespace

Result<SpkiParts> parse_spki(BytesView spki) {
  DerReader outer(spki);
  MIMICA_TRY(DerReader sequence, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(DerReader algorithm, sequence.enter(tag::kSequence));
  MIMICA_TRY(const BytesView bits, sequence.bit_string());
  MIMICA_RETURN_IF_FAULT(sequence.finish());
  MIMICA_TRY(const Tlv oid, algorithm.expect(tag::kOid));
  if (same(oid.content, kRsaOid)) {
    if (!algorithm.at_end()) MIMICA_RETURN_IF_FAULT(algorithm.expect(tag::kNull));
    MIMICA_RETURN_IF_FAULT(algorithm.finish());
    return parse_rsa(bits);
  }
  if (same(oid.content, kEcOid)) return parse_ec(algorithm, bits);
  MIMICA_TRY(const Oid named, Oid::from_der_content(oid.content));
  return bad_algorithm("the key algorithm " + named.dotted() + " is not supported", "use an RSA or EC key");
}

Bytes encode_rsa_spki(BytesView modulus, BytesView exponent) {
  const Bytes key = der::sequence({der::unsigned_integer(modulus), der::unsigned_integer(exponent)});
  return der::sequence({der::sequence({der::tlv(tag::kOid, kRsaOid), der::null()}), der::bit_string(key)});
}

Bytes encode_ec_spki(const KeySpec& spec, BytesView point) {
  const Bytes algorithm =
      der::sequence({der::tlv(tag::kOid, kEcOid), der::tlv(tag::kOid, curve_oid_content(spec.bits))});
  return der::sequence({algorithm, der::bit_string(point)});
}

const char* group_name(int bits) {
  for (const Curve& curve : curves())
    if (curve.bits == bits) return curve.group;
  return nullptr;
}

Bytes curve_oid_content(int bits) {
  for (const Curve& curve : curves())
    if (curve.bits == bits) return to_bytes(curve.oid);
  return {};
}

Result<SignatureScheme> parse_signature_algorithm(BytesView algorithm_identifier) {
  DerReader outer(algorithm_identifier);
  MIMICA_TRY(DerReader algorithm, outer.enter(tag::kSequence));
  MIMICA_RETURN_IF_FAULT(outer.finish());
  MIMICA_TRY(const Oid oid, algorithm.oid());
  if (oid.dotted() == kRsaPssOid) return parse_pss(algorithm);
  if (const auto known = signature_algorithm(oid)) {
    if (!algorithm.at_end()) MIMICA_RETURN_IF_FAULT(algorithm.expect(tag::kNull));
    MIMICA_RETURN_IF_FAULT(algorithm.finish());
    using Kind = SignatureScheme::Kind;
    return SignatureScheme{known->is_ecdsa ? Kind::ecdsa : Kind::rsa_pkcs1, known->digest->name, nullptr, 0};
  }
  return bad_algorithm("the signature algorithm " + oid.dotted() + " is not supported");
}

KeyParams::~KeyParams() {
  for (Bytes& buffer : buffers_)
    if (!buffer.empty()) OPENSSL_cleanse(buffer.data(), buffer.size());
}

void KeyParams::number(const char* name, BytesView big_endian) {
  Bytes& buffer = buffers_[count_];
  buffer.assign(big_endian.begin(), big_endian.end());
  if (std::endian::native == std::endian::little) std::reverse(buffer.begin(), buffer.end());
  params_[count_++] = OSSL_PARAM_construct_BN(name, buffer.data(), buffer.size());
}

void KeyParams::octets(const char* name, BytesView value) {
  Bytes& buffer = buffers_[count_];
  buffer.assign(value.begin(), value.end());
  params_[count_++] = OSSL_PARAM_construct_octet_string(name, buffer.data(), buffer.size());
}

void KeyParams::text(const char* name, const char* value) {
  // OSSL_PARAM takes a pointer to non-const but does not write through it here.
  params_[count_++] = OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

PkeyPtr KeyParams::make(const char* type, int selection) {
  params_[count_] = OSSL_PARAM_construct_end();
  const PkeyCtxPtr ctx(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* pkey = nullptr;
  if (!ctx || EVP_PKEY_fromdata_init(ctx.get()) != 1 ||
      EVP_PKEY_fromdata(ctx.get(), &pkey, selection, params_.data()) != 1) {
    EVP_PKEY_free(pkey);
    ERR_clear_error();
    return nullptr;
  }
  return PkeyPtr(pkey);
}

}  // namespace mimica
