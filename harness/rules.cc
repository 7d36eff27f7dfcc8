#include "harness/rules.h"

#include "audit/assess/certificate_rules.h"

namespace mimica::harness {

std::span<const Rule* const> rules() {
  // The checks of a certificate are named after the command that shows them, `mimica check`.
  static constexpr const Rule* kAll[] = {&kChainVerifies,
                                         &kDirectoryAccess,
                                         &kDirectoryConstraint,
                                         &audit::rule::kCertificateTime,
                                         &audit::rule::kCertificateSid,
                                         &audit::rule::kCertificatePurpose,
                                         &audit::rule::kCertificateName};
  return kAll;
}

}  // namespace mimica::harness
