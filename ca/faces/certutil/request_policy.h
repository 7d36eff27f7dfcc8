// From the policy file of `certreq -new` to the request it describes.
#pragma once

#include <optional>

#include "ca/faces/certutil/inf.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::certutil {

struct RequestPolicy {
  RequestSpec request;
  KeySpec key = {KeyKind::rsa, 2048};
  Digest digest = Digest::sha256;
  std::string friendly_name;
};
// Reads [NewRequest], [EnhancedKeyUsageExtension], [BasicConstraintsExtension], [Extensions] and [RequestAttributes].
// Faults name file and line: an unknown key, a bad value, or something that is not supported (request types other than
// PKCS10, renewal, key archival, an existing key).
Result<RequestPolicy> read_request_policy(const InfFile& file, std::string_view source);
// The PKCS#10, signed with the digest of the policy.
Result<Bytes> make_request(const RequestPolicy& policy, const PrivateKey& key);

}  // namespace mimica::certutil
