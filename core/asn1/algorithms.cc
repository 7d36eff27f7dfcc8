#include "core/asn1/algorithms.h"

namespace mimica {
namespace {

constexpr DigestAlgorithm kDigestAlgorithms[] = {
    {"SHA1", "1.3.14.3.2.26", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"},
    {"SHA256", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"},
    {"SHA384", "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"},
    {"SHA512", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4"},
    {"SHA224", "2.16.840.1.101.3.4.2.4", "1.2.840.113549.1.1.14", "1.2.840.10045.4.3.1"},
};

}  // namespace

std::span<const DigestAlgorithm> digest_algorithms() { return kDigestAlgorithms; }

const DigestAlgorithm* digest_algorithm(const Oid& oid) {
  for (const DigestAlgorithm& known : kDigestAlgorithms)
    if (known.oid == oid.dotted()) return &known;
  return nullptr;
}

std::optional<SignatureAlgorithm> signature_algorithm(const Oid& oid) {
  for (const DigestAlgorithm& known : kDigestAlgorithms) {
    if (known.with_rsa == oid.dotted()) return SignatureAlgorithm{&known, false};
    if (known.with_ecdsa == oid.dotted()) return SignatureAlgorithm{&known, true};
  }
  return std::nullopt;
}

}  // namespace mimica
