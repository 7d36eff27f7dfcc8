#include "ca/rules.h"

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
    &kKeyStrength,
    &kKeyLength,
    &kKeyArchival,
    &kKeyAttestation,
    &kExtensionSid,
    &kExtensionRequested,
    &kValidityRequested,
    &kValidityPeriod,
    &kDispositionDeny,
    &kDispositionPending,
    &kPermissionOfficer,
    &kPermissionManage,
    &kSecurityKeepsAdministrator,
    &kTemplatePublishable,
    &kRowKnown,
    &kRowResolvable,
    &kRowRevocable,
    &kRevocationReason,
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
  return rule.id == kRequestSize.id || rule.id == kRequestWellFormed.id || rule.id == kRequestSingleValued.id ||
         rule.id == kRequestAttributes.id || rule.id == kRequestSignature.id;
}

}  // namespace mimica::ca
