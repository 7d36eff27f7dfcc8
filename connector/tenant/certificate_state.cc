#include "connector/tenant/certificate_state.h"

namespace mimica::connector {

std::string_view to_string(IssuanceState state) {
  switch (state) {
    case IssuanceState::unknown:
      return "unknown";
    case IssuanceState::requested:
      return "requested";
    case IssuanceState::request_creation_failed:
      return "requestCreationFailed";
    case IssuanceState::request_submit_failed:
      return "requestSubmitFailed";
    case IssuanceState::issue_failed:
      return "issueFailed";
    case IssuanceState::issue_pending:
      return "issuePending";
    case IssuanceState::issued:
      return "issued";
    case IssuanceState::response_processing_failed:
      return "responseProcessingFailed";
    case IssuanceState::response_pending:
      return "responsePending";
    case IssuanceState::install_failed:
      return "installFailed";
    case IssuanceState::installed:
      return "installed";
    case IssuanceState::renewal_requested:
      return "renewalRequested";
    case IssuanceState::renew_verified:
      return "renewVerified";
    case IssuanceState::revoked:
      return "revoked";
    case IssuanceState::removed_from_collection:
      return "removedFromCollection";
    case IssuanceState::deleted:
      return "deleted";
    case IssuanceState::delete_failed:
      return "deleteFailed";
  }
  return {};
}

std::string_view to_string(RevocationStatus status) {
  switch (status) {
    case RevocationStatus::none:
      return "none";
    case RevocationStatus::pending:
      return "pending";
    case RevocationStatus::issued:
      return "issued";
    case RevocationStatus::failed:
      return "failed";
    case RevocationStatus::revoked:
      return "revoked";
  }
  return {};
}

std::string_view to_string(ProfileStatus status) {
  switch (status) {
    case ProfileStatus::unknown:
      return "unknown";
    case ProfileStatus::not_applicable:
      return "notApplicable";
    case ProfileStatus::compliant:
      return "compliant";
    case ProfileStatus::error:
      return "error";
    case ProfileStatus::conflict:
      return "conflict";
    case ProfileStatus::not_assigned:
      return "notAssigned";
  }
  return {};
}

std::string_view admin_wording(ProfileStatus status) {
  switch (status) {
    case ProfileStatus::unknown:
      return "Pending";
    case ProfileStatus::not_applicable:
      return "Not applicable";
    case ProfileStatus::compliant:
      return "Succeeded";
    case ProfileStatus::error:
      return "Error";
    case ProfileStatus::conflict:
      return "Conflict";
    case ProfileStatus::not_assigned:
      return "Not assigned";
  }
  return {};
}

std::string_view to_string(ConnectorFeature feature) {
  switch (feature) {
    case ConnectorFeature::pkcs:
      return "PKCS";
    case ConnectorFeature::imported_pfx:
      return "PKCS imported certificates";
    case ConnectorFeature::scep:
      return "SCEP";
    case ConnectorFeature::revocation:
      return "Certificate revocation";
  }
  return {};
}

std::string_view to_string(RequestKind kind) {
  switch (kind) {
    case RequestKind::issue:
      return "issue";
    case RequestKind::renew:
      return "renew";
    case RequestKind::revoke:
      return "revoke";
  }
  return {};
}

}  // namespace mimica::connector
