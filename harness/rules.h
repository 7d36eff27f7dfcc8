// Checks that the harness itself makes, as documented constants (core/base/decision.h).
#pragma once

#include <span>

#include "core/base/decision.h"

namespace mimica::harness {

inline constexpr Rule kChainVerifies{
    "harness.check.chain", "The certificate chains to the lab's root, is within its validity and is not revoked",
    "RFC 5280 6.1", "look at the certificate that the chain stops at: its validity, its CRL, or its issuer"};

// Writes to the directory that its administrator, or an account with its own rights, tries.
inline constexpr Rule kDirectoryAccess{"harness.directory.access",
                                       "The account that writes has the right to write this attribute of this object",
                                       "MS-ADTS 3.1.1.5.3.1.1", "write as an account with the right, or grant it"};
inline constexpr Rule kDirectoryConstraint{
    "harness.directory.constraint", "The object may have this attribute with these values", "MS-ADTS 3.1.1.5.3.1.2",
    "look at the attribute in the schema: its name, its syntax, how many values it takes, and who maintains it"};

std::span<const Rule* const> rules();

}  // namespace mimica::harness
