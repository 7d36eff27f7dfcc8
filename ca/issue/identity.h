// Keys and certificates of a CA, with those that renewals left behind.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::ca {

// The CA version extension, keyIndex << 16 | certIndex: V0.0 gives 0, V1.0 (renewed with the same key) 1, V1.1 (with a
// new key) 0x10001. 0 without the extension.
std::int64_t ca_version(const Certificate& certificate);
inline int certificate_index_of(const Certificate& certificate) {
  return static_cast<int>(ca_version(certificate) & 0xFFFF);
}
inline int key_index_of(const Certificate& certificate) {
  return static_cast<int>((ca_version(certificate) >> 16) & 0xFFFF);
}

// A row of the Signing_Cert table (MS-WCCE 3.2.1.1.2).
struct SigningCertificate {
  PrivateKey key = {};  // empty: only the certificate is left
  Certificate certificate = {};
  // Of a root that was renewed with a new key. Forward: this key certifies the next one, for those who trust this
  // certificate. Backward: this key certifies the previous one.
  std::optional<Certificate> forward_cross = {};
  std::optional<Certificate> backward_cross = {};
};

// On a single-tier CA both pairs are the same.
struct CaIdentity {
  PrivateKey key;  // the newest
  Certificate certificate;
  PrivateKey root_key;  // may be empty: the offline root stays offline, its CRL cannot be renewed
  Certificate root;
  std::vector<SigningCertificate> earlier = {};    // by certificate index, oldest first
  std::optional<Certificate> backward_cross = {};  // of the newest
  bool is_root() const { return certificate.der() == root.der(); }
  // By certificate index; the last one is in force.
  std::vector<SigningCertificate> all() const {
    std::vector<SigningCertificate> list = earlier;
    list.push_back({key, certificate, std::nullopt, backward_cross});
    return list;
  }
};

}  // namespace mimica::ca
