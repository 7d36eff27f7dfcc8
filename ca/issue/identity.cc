#include "ca/issue/identity.h"

#include "core/asn1/der.h"

namespace mimica::ca {

std::int64_t ca_version(const Certificate& certificate) {
  const Extension* version = certificate.extension(oids::kCaVersion);
  if (version == nullptr) return 0;
  DerReader reader(version->value);
  return reader.integer().value_or(0);
}

}  // namespace mimica::ca
