#include "templates/rules.h"

#include "templates/weakness_rules.h"

namespace mimica::templates {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {
      &rule::kCatalogExists,
      &rule::kCatalogSchema,
      &rule::kCatalogPublished,
      &rule::kCatalogCaVersion,
      &rule::kPermissionRead,
      &rule::kPermissionEnroll,
      &rule::kLintDuplicate,
      &rule::kLintDisplayName,
      &rule::kLintName,
      &rule::kLintCompatibility,
      &rule::kLintPublishInAd,
      &rule::kLintExportable,
      &rule::kLintKeySize,
      &rule::kLintKeySizeApple,
      &rule::kLintKeySizeTpm,
      &rule::kLintSubject,
      &rule::kLintApplicationPolicies,
      &rule::kLintProofOfOrigin,
      &rule::kLintConnector,
      &rule::kLintCaRights,
      &rule::kLintPublished,
      &rule::kLintLowPrivilegedEnroll,
      &rule::kLintSecurityExtension,
      &rule::kLintManagerApproval,
      &rule::kLintRaSignature,
      &rule::kWeaknessEsc1,
      &rule::kWeaknessEsc2,
      &rule::kWeaknessEsc3,
      &rule::kWeaknessEsc4,
      &rule::kWeaknessEsc9,
      &rule::kWeaknessEsc13,
      &rule::kWeaknessEsc15,
  };
  return kAll;
}

}  // namespace mimica::templates
