// What certificates, requests, CRLs and SPKACs have in common; for the readers of such objects.
#pragma once

#include <initializer_list>
#include <string_view>

#include "core/pki/certificate.h"

namespace mimica::detail {

// SEQUENCE { body SEQUENCE, AlgorithmIdentifier, BIT STRING }, as views into the input.
struct Signed {
  BytesView body;          // encoded: what the signature covers
  BytesView body_content;  // the same without tag and length
  BytesView algorithm;
  BytesView signature;
};
// `what` names the object in Faults.
Result<Signed> parse_signed(BytesView der, std::size_t limit, std::string_view what);

// DER as it is, the first PEM block with one of the labels, or bare base64.
Result<Bytes> pem_or_der(BytesView text, std::initializer_list<std::string_view> labels, std::string_view what);

Result<Bytes> sign_body(BytesView body, const PrivateKey& key, Digest digest);

// SEQUENCE OF Extension.
Bytes encode_extensions(const std::vector<Extension>& extensions);

}  // namespace mimica::detail
