#include "core/pki/pfx.h"

#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "core/asn1/der.h"
#include "core/pki/key_openssl.h"

namespace mimica {
namespace {

using Pkcs12Ptr = std::unique_ptr<PKCS12, OpenSslDeleter<PKCS12_free>>;
using CmsPtr = std::unique_ptr<CMS_ContentInfo, OpenSslDeleter<CMS_ContentInfo_free>>;

constexpr std::size_t kMaxPfx = 1024 * 1024;
constexpr std::size_t kMaxEnveloped = 16 * 1024 * 1024;
constexpr int kIterations = 2048;
// The count comes from the file and costs time before the password is known to be right.
constexpr long kMaxIterations = 5'000'000;

X509Ptr to_x509(BytesView der) {
  const unsigned char* at = der.data();
  return X509Ptr(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
}

// DER of an object through its i2d function.
template <typename T>
Bytes to_der(const T* object, int (*encode)(const T*, unsigned char**)) {
  unsigned char* der = nullptr;
  const int length = encode(object, &der);
  Bytes out;
  if (length > 0) out.assign(der, der + length);
  OPENSSL_free(der);
  return out;
}

Result<Certificate> from_x509(const X509* x509) { return Certificate::parse(to_der<X509>(x509, i2d_X509)); }

Result<void> choose_recipient_algorithm(CMS_RecipientInfo* recipient) {
  EVP_PKEY_CTX* pctx = CMS_RecipientInfo_get0_pkey_ctx(recipient);
  const bool good = CMS_RecipientInfo_type(recipient) == CMS_RECIPINFO_TRANS
                        ? EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
                              EVP_PKEY_CTX_set_rsa_oaep_md(pctx, EVP_sha256()) == 1 &&
                              EVP_PKEY_CTX_set_rsa_mgf1_md(pctx, EVP_sha256()) == 1
                        : EVP_PKEY_CTX_set_ecdh_kdf_md(pctx, EVP_sha256()) == 1;
  if (good) return {};
  return openssl_fault(HResult::NTE_BAD_ALGID, "the recipient's key does not allow this encryption");
}

}  // namespace

Result<Bytes> make_pfx(const Pfx& pfx, std::string_view password) {
  if (pfx.key.empty()) return fault(HResult::NTE_BAD_KEYSET, "a PFX needs a private key");
  const X509Ptr certificate = to_x509(pfx.certificate.der());
  const X509StackPtr chain(sk_X509_new_null());
  for (const Certificate& one : pfx.chain) {
    X509Ptr x509 = to_x509(one.der());
    if (!x509 || sk_X509_push(chain.get(), x509.get()) <= 0)
      return openssl_fault(HResult::ERROR_INVALID_DATA, "a certificate of the PFX is not readable");
    static_cast<void>(x509.release());  // the stack owns it
  }
  const std::string secret(password);
  const char* name = pfx.friendly_name.empty() ? nullptr : pfx.friendly_name.c_str();
  // A MAC count of -1 leaves the MAC out; the next call adds it with the hash that is wanted.
  const Pkcs12Ptr p12(PKCS12_create(secret.c_str(), name, KeyAccess::get(pfx.key), certificate.get(), chain.get(),
                                    NID_aes_256_cbc, NID_aes_256_cbc, kIterations, -1, 0));
  if (!certificate || !p12 || PKCS12_set_mac(p12.get(), secret.c_str(), -1, nullptr, 0, kIterations, EVP_sha256()) != 1)
    return openssl_fault(HResult::ERROR_INVALID_DATA, "the key and the certificate make no PFX");
  ERR_clear_error();
  return to_der<PKCS12>(p12.get(), i2d_PKCS12);
}

Result<Pfx> open_pfx(BytesView der, std::string_view password) {
  if (der.size() > kMaxPfx)
    return fault(HResult::ERROR_INVALID_DATA, "the PFX exceeds " + std::to_string(kMaxPfx) + " octets");
  const unsigned char* at = der.data();
  const Pkcs12Ptr p12(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  if (!p12) return openssl_fault(HResult::ERROR_INVALID_DATA, "the input is not a PFX");
  const ASN1_INTEGER* count = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &count, p12.get());
  if (count != nullptr && (ASN1_INTEGER_get(count) < 1 || ASN1_INTEGER_get(count) > kMaxIterations))
    return fault(HResult::ERROR_INVALID_DATA, "the iteration count of the PFX is not usable");
  const std::string secret(password);
  if (PKCS12_mac_present(p12.get()) != 1 || PKCS12_verify_mac(p12.get(), secret.c_str(), -1) != 1) {
    ERR_clear_error();
    return fault(HResult::ERROR_INVALID_PASSWORD, "the password does not open the PFX");
  }
  EVP_PKEY* pkey = nullptr;
  X509* x509 = nullptr;
  STACK_OF(X509)* others = nullptr;
  const int parsed = PKCS12_parse(p12.get(), secret.c_str(), &pkey, &x509, &others);
  PkeyPtr key(pkey);
  const X509Ptr certificate(x509);
  const X509StackPtr chain(others);
  if (parsed != 1) return openssl_fault(HResult::ERROR_INVALID_DATA, "the content of the PFX is not readable");
  if (!key || !certificate)
    return fault(HResult::ERROR_INVALID_DATA, "the PFX holds no private key with its certificate");
  ERR_clear_error();
  Pfx out;
  MIMICA_TRY(out.key, KeyAccess::adopt(std::move(key)));
  MIMICA_TRY(out.certificate, from_x509(certificate.get()));
  for (int i = 0; i < sk_X509_num(chain.get()); ++i) {
    MIMICA_TRY(Certificate one, from_x509(sk_X509_value(chain.get(), i)));
    out.chain.push_back(std::move(one));
  }
  int length = 0;
  if (const unsigned char* alias = X509_alias_get0(certificate.get(), &length); alias != nullptr && length > 0)
    out.friendly_name = to_string(BytesView(alias, static_cast<std::size_t>(length)));
  return out;
}

Result<Bytes> cms_encrypt(BytesView content, const Certificate& recipient) {
  constexpr unsigned kFlags = CMS_BINARY | CMS_PARTIAL;
  const X509Ptr x509 = to_x509(recipient.der());
  const CmsPtr cms(CMS_encrypt(nullptr, nullptr, EVP_aes_256_cbc(), kFlags));
  if (!x509 || !cms) return openssl_fault(HResult::ERROR_INVALID_DATA, "the recipient's certificate is not readable");
  CMS_RecipientInfo* info = CMS_add1_recipient_cert(cms.get(), x509.get(), kFlags | CMS_KEY_PARAM);
  if (info == nullptr) return openssl_fault(HResult::NTE_BAD_ALGID, "the recipient's key does not allow encryption");
  MIMICA_RETURN_IF_FAULT(choose_recipient_algorithm(info));
  // A memory BIO refuses a null pointer, which an empty view may hold.
  const BioPtr in(BIO_new_mem_buf(content.empty() ? "" : as_text(content).data(), static_cast<int>(content.size())));
  if (!in || CMS_final(cms.get(), in.get(), nullptr, kFlags) != 1)
    return openssl_fault(HResult::E_FAIL, "the content could not be encrypted");
  return to_der<CMS_ContentInfo>(cms.get(), i2d_CMS_ContentInfo);
}

Result<Bytes> cms_decrypt(BytesView enveloped, const Certificate& recipient, const PrivateKey& key) {
  if (enveloped.size() > kMaxEnveloped)
    return fault(HResult::ERROR_INVALID_DATA, "the message exceeds " + std::to_string(kMaxEnveloped) + " octets");
  if (key.empty()) return fault(HResult::NTE_BAD_KEYSET, "there is no private key to decrypt with");
  const unsigned char* at = enveloped.data();
  const CmsPtr cms(d2i_CMS_ContentInfo(nullptr, &at, static_cast<long>(enveloped.size())));
  const X509Ptr x509 = to_x509(recipient.der());
  const BioPtr out(BIO_new(BIO_s_mem()));
  if (!cms || !x509 || !out || OBJ_obj2nid(CMS_get0_type(cms.get())) != NID_pkcs7_enveloped)
    return openssl_fault(HResult::CRYPT_E_INVALID_MSG_TYPE, "the message is not CMS EnvelopedData");
  if (CMS_decrypt(cms.get(), KeyAccess::get(key), x509.get(), nullptr, out.get(), CMS_BINARY) != 1)
    return openssl_fault(HResult::ERROR_INVALID_DATA, "the message cannot be decrypted with this certificate and key");
  ERR_clear_error();
  char* data = nullptr;
  const long length = BIO_get_mem_data(out.get(), &data);
  return to_bytes(std::string_view(data, static_cast<std::size_t>(length > 0 ? length : 0)));
}

// SignedData of RFC 5652 5.1 without content and signers: the "degenerate" case.
Result<Bytes> cms_certs_only(const std::vector<Certificate>& certificates) {
  if (certificates.empty()) return fault(HResult::E_INVALIDARG, "there is no certificate to put into the message");
  Bytes content;
  for (const Certificate& certificate : certificates)
    content.insert(content.end(), certificate.der().begin(), certificate.der().end());
  const Bytes empty_set = der::set_of({});
  const Bytes signed_data =
      der::sequence({der::integer(1), empty_set, der::sequence({der::oid(Oid("1.2.840.113549.1.7.1"))}),
                     der::tlv(tag::context_constructed(0), BytesView(content)), empty_set});
  return der::sequence(
      {der::oid(Oid("1.2.840.113549.1.7.2")), der::tlv(tag::context_constructed(0), BytesView(signed_data))});
}

}  // namespace mimica
