#include "core/pki/key.h"

#include <openssl/err.h>
#include <openssl/rsa.h>

#include <array>

#include "core/asn1/der.h"
#include "core/base/number.h"
#include "core/base/text.h"
#include "core/pki/key_encoding.h"
#include "core/pki/key_openssl.h"

namespace mimica {
namespace {

struct LazyPkey {
  std::once_flag once;
  PkeyPtr pkey;
};

PkeyPtr make_public(BytesView spki) {
  const auto parts = parse_spki(spki);
  if (!parts) return nullptr;
  KeyParams params;
  if (parts->spec.kind == KeyKind::rsa) {
    params.number("n", parts->modulus);
    params.number("e", parts->exponent);
    return params.make("RSA", EVP_PKEY_PUBLIC_KEY);
  }
  params.text("group", group_name(parts->spec.bits));
  params.octets("pub", parts->point);
  return params.make("EC", EVP_PKEY_PUBLIC_KEY);
}

const EVP_MD* named_md(std::string_view name) {
  struct Fetched {
    std::string_view name;
    EVP_MD* md;
  };
  // Never freed: the library outlives every user of the digests, and its own clean-up order is not ours to know.
  static const std::array<Fetched, 6> all = [] {
    std::array<Fetched, 6> out{{{"SHA1", nullptr},
                                {"SHA224", nullptr},
                                {"SHA256", nullptr},
                                {"SHA384", nullptr},
                                {"SHA512", nullptr},
                                {"MD5", nullptr}}};
    for (Fetched& f : out) f.md = EVP_MD_fetch(nullptr, f.name.data(), nullptr);
    return out;
  }();
  for (const Fetched& f : all)
    if (f.name == name) return f.md;
  return nullptr;
}

Bytes digest_with(const EVP_MD* md, BytesView data) {
  Bytes out(EVP_MAX_MD_SIZE);
  unsigned length = 0;
  if (EVP_Digest(data.data(), data.size(), out.data(), &length, md, nullptr) != 1) length = 0;
  out.resize(length);
  return out;
}

}  // namespace

const EVP_MD* fetched_md(Digest digest) {
  switch (digest) {
    case Digest::sha1:
      return named_md("SHA1");
    case Digest::sha256:
      return named_md("SHA256");
    case Digest::sha384:
      return named_md("SHA384");
    case Digest::sha512:
      return named_md("SHA512");
  }
  return nullptr;
}

std::string take_openssl_errors() {
  std::string out;
  while (const unsigned long error = ERR_get_error()) {
    const char* reason = ERR_reason_error_string(error);
    append_item(out, reason != nullptr ? std::string(reason) : "error " + std::to_string(error), "; ");
  }
  return out;
}

Fault openssl_fault(Code code, std::string what) {
  if (const std::string errors = take_openssl_errors(); !errors.empty()) what += " (" + errors + ")";
  return fault(code, std::move(what));
}

std::string to_string(const KeySpec& spec) {
  return (spec.kind == KeyKind::rsa ? "RSA-" : "P-") + std::to_string(spec.bits);
}

Result<KeySpec> parse_key_spec(std::string_view text) {
  const Fault bad = fault(HResult::E_INVALIDARG, "'" + std::string(text.substr(0, 40)) + "' is not a key type", {},
                          "write RSA-2048, RSA-4096, P-256, P-384 or P-521");
  std::string_view rest = trim(text);
  KeySpec spec;
  const auto skip = [&](std::string_view prefix) {
    if (!starts_with_ignore_case(rest, prefix)) return false;
    rest.remove_prefix(prefix.size());
    return true;
  };
  const auto separator = [&] { return skip("-") || skip(":") || skip("_"); };
  if (skip("rsa")) {
    separator();
  } else {
    spec.kind = KeyKind::ec;
    if (skip("ecdsa") || skip("ec")) separator();
    if (!skip("nistp") && !skip("p")) return bad;
    separator();
  }
  const auto bits = parse_decimal<int>(rest);
  if (!bits) return bad;
  spec.bits = *bits;
  if (spec.kind == KeyKind::ec ? group_name(spec.bits) == nullptr : (spec.bits < 512 || spec.bits > 16384)) return bad;
  return spec;
}

Bytes digest(Digest algorithm, BytesView data) { return digest_with(fetched_md(algorithm), data); }
Bytes md5(BytesView data) { return digest_with(named_md("MD5"), data); }

EVP_PKEY* KeyAccess::get(const PublicKey& key) {
  auto* lazy = static_cast<LazyPkey*>(key.handle_.get());
  if (lazy == nullptr) return nullptr;
  std::call_once(lazy->once, [&] { lazy->pkey = make_public(key.spki_); });
  return lazy->pkey.get();
}

Result<PublicKey> PublicKey::from_spki(BytesView spki) {
  MIMICA_TRY(const SpkiParts parts, parse_spki(spki));
  PublicKey key;
  key.spki_ = to_bytes(spki);
  key.spec_ = parts.spec;
  key.handle_ = std::make_shared<LazyPkey>();
  return key;
}

Bytes PublicKey::key_identifier() const {
  const auto parts = parse_spki(spki_);
  return parts ? digest(Digest::sha1, parts->bits) : Bytes();
}

Result<bool> PublicKey::verify(BytesView algorithm, BytesView data, BytesView signature) const {
  MIMICA_TRY(const SignatureScheme scheme, parse_signature_algorithm(algorithm));
  if ((scheme.kind == SignatureScheme::Kind::ecdsa) != (spec_.kind == KeyKind::ec)) return false;
  EVP_PKEY* pkey = KeyAccess::get(*this);
  if (pkey == nullptr) return fault(HResult::CRYPT_E_ASN1_CORRUPT, "the public key is empty or not on its curve");
  const MdCtxPtr ctx(EVP_MD_CTX_new());
  EVP_PKEY_CTX* pctx = nullptr;
  if (!ctx || EVP_DigestVerifyInit(ctx.get(), &pctx, named_md(scheme.digest), nullptr, pkey) != 1)
    return openssl_fault(HResult::NTE_BAD_ALGID, "the signature cannot be verified");
  if (scheme.kind == SignatureScheme::Kind::rsa_pss &&
      (EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, named_md(scheme.mgf1_digest)) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, scheme.salt_length) != 1))
    return openssl_fault(HResult::NTE_BAD_ALGID, "the RSA-PSS parameters cannot be used");
  const bool good = EVP_DigestVerify(ctx.get(), signature.data(), signature.size(), data.data(), data.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace mimica
