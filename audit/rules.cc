#include "audit/rules.h"

#include "audit/lint/authority_weakness_rules.h"
#include "audit/lint/template_linter_rules.h"
#include "audit/lint/template_weakness_rules.h"

namespace mimica::audit {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {
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
      &rule::kWeaknessEsc6,
      &rule::kWeaknessEsc7,
      &rule::kWeaknessEsc8,
      &rule::kWeaknessEsc11,
      &rule::kWeaknessEsc16,
  };
  return kAll;
}

}  // namespace mimica::audit
