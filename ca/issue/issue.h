// From a plan to a certificate.
#pragma once

#include <cstdint>

#include "ca/policy/policy.h"
#include "core/base/entropy.h"
#include "core/pki/key.h"

namespace mimica::ca {

// The 19-octet form that a CA with a numeric HighSerial makes (MS-WCCE 3.2.1.4.2.1.4.6), big-endian: HighSerial,
// request id (4), random (8), index of the CA certificate (2), request id (4). The first octet is adjusted to be
// positive and without a leading zero nibble.
Bytes make_serial(std::uint8_t high_serial, std::uint32_t request_id, std::uint16_t ca_certificate_index,
                  Entropy& entropy);

// The signed certificate, DER.
Result<Bytes> issue(const Plan& plan, BytesView serial, const PrivateKey& ca_key);

}  // namespace mimica::ca
