// OpenSSL owners and access to the EVP_PKEY behind a key; private to core.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <mutex>
#include <string>

#include "core/pki/key.h"

namespace mimica {

template <auto Free>
struct OpenSslDeleter {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using PkeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY_free>>;
using PkeyCtxPtr = std::unique_ptr<EVP_PKEY_CTX, OpenSslDeleter<EVP_PKEY_CTX_free>>;
using MdCtxPtr = std::unique_ptr<EVP_MD_CTX, OpenSslDeleter<EVP_MD_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, OpenSslDeleter<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, OpenSslDeleter<X509_free>>;
struct X509StackDeleter {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};
using X509StackPtr = std::unique_ptr<STACK_OF(X509), X509StackDeleter>;

struct KeyAccess {
  // nullptr when the key material is no valid key, for example a point that is not on its curve.
  static EVP_PKEY* get(const PublicKey& key);
  // The key must not be empty.
  static EVP_PKEY* get(const PrivateKey& key);
  static Result<PrivateKey> adopt(PkeyPtr pkey);
};

// Fetched once, so that signing does not search the providers each time.
const EVP_MD* fetched_md(Digest digest);

// Empties this thread's error queue into one line; later operations must not see old errors.
std::string take_openssl_errors();
Fault openssl_fault(Code code, std::string what);

}  // namespace mimica
