#include "templates/rules.h"

namespace mimica::templates {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {
      &rule::kCatalogExists,
      &rule::kCatalogSchema,
      &rule::kCatalogPublished,
      &rule::kCatalogCaVersion,
      &rule::kPermissionRead,
      &rule::kPermissionEnroll,
      &rule::kLintName,
      &rule::kLintCompatibility,
      &rule::kLintPublishInAd,
      &rule::kLintExportable,
      &rule::kLintKeySize,
      &rule::kLintKeySizeApple,
      &rule::kLintSubject,
      &rule::kLintApplicationPolicies,
      &rule::kLintProofOfOrigin,
      &rule::kLintConnector,
      &rule::kLintLowPrivilegedEnroll,
      &rule::kLintSecurityExtension,
      &rule::kLintManagerApproval,
      &rule::kLintRaSignature,
  };
  return kAll;
}

}  // namespace mimica::templates
