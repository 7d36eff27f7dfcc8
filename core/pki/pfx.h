// PKCS#12 (RFC 7292) and CMS EnvelopedData (RFC 5652).
#pragma once

#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica {

struct Pfx {
  PrivateKey key;
  Certificate certificate;
  std::vector<Certificate> chain;
  std::string friendly_name;
};
// PBES2 with AES-256-CBC and an HMAC-SHA-256 MAC: OpenSSL, Windows 10 and later, macOS 11 and later read it.
Result<Bytes> make_pfx(const Pfx& pfx, std::string_view password);
Result<Pfx> open_pfx(BytesView der, std::string_view password);

// EnvelopedData for one recipient (RSA key transport with OAEP-SHA-256, or ECDH for EC keys), AES-256-CBC content.
Result<Bytes> cms_encrypt(BytesView content, const Certificate& recipient);
Result<Bytes> cms_decrypt(BytesView enveloped, const Certificate& recipient, const PrivateKey& key);
// certs-only SignedData ("PKCS #7"): the chain form of CA answers.
Result<Bytes> cms_certs_only(const std::vector<Certificate>& certificates);

}  // namespace mimica
