#include "harness/rules.h"

namespace mimica::harness {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {&kChainVerifies,   &kDirectoryAccess, &kDirectoryConstraint,
                                         &kCertificateTime, &kCertificateSid,  &kCertificatePurpose,
                                         &kCertificateName};
  return kAll;
}

}  // namespace mimica::harness
