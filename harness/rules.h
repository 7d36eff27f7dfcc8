// Checks that the harness itself makes, as documented constants (core/base/decision.h).
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::harness {

inline constexpr Rule kChainVerifies{
    "harness.check.chain", "The certificate chains to the lab's root, is within its validity and is not revoked",
    "RFC 5280 6.1", "look at the certificate that the chain stops at: its validity, its CRL, or its issuer"};

std::span<const Rule* const> rules();

}  // namespace mimica::harness
