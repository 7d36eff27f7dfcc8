#include "audit/rules.h"

#include "audit/lint/authority_weakness_rules.h"
#include "audit/lint/template_weakness_rules.h"
#include "templates/rules.h"

namespace mimica::audit {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {
      &templates::rule::kLintDuplicate,
      &templates::rule::kLintDisplayName,
      &templates::rule::kLintName,
      &templates::rule::kLintCompatibility,
      &templates::rule::kLintPublishInAd,
      &templates::rule::kLintExportable,
      &templates::rule::kLintKeySize,
      &templates::rule::kLintKeySizeApple,
      &templates::rule::kLintKeySizeTpm,
      &templates::rule::kLintSubject,
      &templates::rule::kLintApplicationPolicies,
      &templates::rule::kLintProofOfOrigin,
      &templates::rule::kLintConnector,
      &templates::rule::kLintCaRights,
      &templates::rule::kLintPublished,
      &templates::rule::kLintLowPrivilegedEnroll,
      &templates::rule::kLintSecurityExtension,
      &templates::rule::kLintManagerApproval,
      &templates::rule::kLintRaSignature,
      &templates::rule::kWeaknessEsc1,
      &templates::rule::kWeaknessEsc2,
      &templates::rule::kWeaknessEsc3,
      &templates::rule::kWeaknessEsc4,
      &templates::rule::kWeaknessEsc9,
      &templates::rule::kWeaknessEsc13,
      &templates::rule::kWeaknessEsc15,
      &ca::kWeaknessEsc6,
      &ca::kWeaknessEsc7,
      &ca::kWeaknessEsc8,
      &ca::kWeaknessEsc11,
      &ca::kWeaknessEsc16,
  };
  return kAll;
}

}  // namespace mimica::audit
