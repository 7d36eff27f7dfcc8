// A revocation list as a row of the database, and its signature.
#pragma once

#include "ca/revocation/crl.h"
#include "ca/store/database.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::ca {

CrlRow list_row(const CrlInput& input, const CrlFields& fields, int key_index, Timestamp now);
Result<Bytes> sign_list(const CrlFields& fields, const PrivateKey& key, const Certificate& ca, Digest digest);

}  // namespace mimica::ca
