// msDS-KeyCredentialLink: public keys that an account may log on with ("key trust", MS-PKCA 3.1.5.2.1.4). Values are
// DN-Binary, "B:<digits>:<hex>:<DN>", around a KEYCREDENTIALLINK_BLOB (MS-ADTS 2.2.20), little-endian.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/pki/key.h"
#include "core/windows/guid.h"

namespace mimica::kdc {

inline constexpr std::size_t kMaxKeyCredentialSize = 132096;  // rangeUpper of the key material attributes

enum class KeyUsage : std::uint8_t { ngc = 1, fido = 7, fek = 8 };  // MS-ADTS 2.2.20.1

struct KeyCredential {
  Bytes key_id;    // SHA-256 of the material
  Bytes material;  // BCRYPT_RSAKEY_BLOB "RSA1" (MS-ADTS 2.2.20.5.1), or a SubjectPublicKeyInfo as some devices write
  std::uint8_t usage = 0;
  std::uint8_t source = 0;  // 0 Active Directory, 1 Azure AD
  std::optional<Guid> device;
  std::optional<Timestamp> created;
};

// Takes the DN-Binary text or the bare blob. Version 2 only; entries in increasing order; KeyID and KeyHash, if
// present, must be right; KeyID, KeyMaterial and KeyUsage are required (MS-ADTS 2.2.20.6). Unknown entries are skipped.
Result<KeyCredential> parse_key_credential(BytesView value);
// True when the credential is for logon and its key is that public key.
bool holds_key(const KeyCredential& credential, const PublicKey& key);
// Any readable value of an attribute holds the key.
bool any_holds_key(const std::vector<Bytes>& values, const PublicKey& key);

// The blob that key registration writes for an RSA key; faults for other keys.
Result<Bytes> make_key_credential(const PublicKey& key, const Guid& device, Timestamp created);
std::string dn_binary(BytesView blob, std::string_view dn);

}  // namespace mimica::kdc
