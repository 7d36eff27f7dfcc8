#include "ca/rules.h"

#include <algorithm>
#include <array>
#include <vector>

#include "templates/rules.h"

namespace mimica::ca {
namespace {

constexpr std::array kRules = {
    &kAuthorityName,
    &kAuthorityCertificate,
    &kRequesterKnown,
    &kRequestSize,
    &kRequestWellFormed,
    &kRequestSingleValued,
    &kRequestAttributes,
    &kRequestSignature,
    &kRequestChallenge,
    &kRequestSigners,
    &kRenewalCertificateSigned,
    &kAgentSubject,
    &kAgentCertificate,
    &kAgentRestriction,
    &kAgentTemplate,
    &kPermissionRequest,
    &kTemplateSupport,
    &kTemplateNamed,
    &kTemplateAgreement,
    &kTemplateVersion,
    &kSubjectSupplied,
    &kSubjectFromDirectory,
    &kSubjectDns,
    &kSubjectEmail,
    &kSubjectUpn,
    &kSubjectGuid,
    &kSubjectAltName,
    &kSubjectTemplate,
    &kSubjectLengths,
    &kSignatureRequired,
    &kSignatureTrusted,
    &kSignatureCount,
    &kSignaturePolicies,
    &kRenewalTemplate,
    &kRenewalApproval,
    &kRenewalKey,
    &kRenewalOverlap,
    &kKeyStrength,
    &kKeyLength,
    &kKeyArchival,
    &kKeyAttestation,
    &kExtensionSid,
    &kExtensionRequested,
    &kExtensionPolicies,
    &kValidityRequested,
    &kValidityPeriod,
    &kDispositionDeny,
    &kDispositionPending,
    &kPermissionOfficer,
    &kPermissionManage,
    &kOfficerRestriction,
    &kPermissionRead,
    &kSecurityKeepsAdministrator,
    &kTemplatePublishable,
    &kRowKnown,
    &kRowResolvable,
    &kRowRevocable,
    &kRevocationReason,
    &kServerRunning,
    &kRowDeletion,
    &kRenewalParent,
    &kCrlNextPublish,
    &kCrlDeltaEnabled,
};

}  // namespace

std::span<const Rule* const> rules() { return kRules; }

std::span<const Rule* const> rules_in_traces() {
  static const std::vector<const Rule*> all = [] {
    std::vector<const Rule*> list(kRules.begin(), kRules.end());
    for (const Rule* rule : templates::rules()) list.push_back(rule);
    return list;
  }();
  return all;
}

bool is_processing_error(const Rule& rule) {
  constexpr std::array kErrors = {&kRequestSize,       &kRequestWellFormed,        &kRequestSingleValued,
                                  &kRequestAttributes, &kRequestSignature,         &kRequestChallenge,
                                  &kRequestSigners,    &kRenewalCertificateSigned, &kAgentSubject,
                                  &kAgentCertificate,  &kAgentRestriction};
  return std::any_of(kErrors.begin(), kErrors.end(), [&](const Rule* error) { return error->id == rule.id; });
}

}  // namespace mimica::ca
