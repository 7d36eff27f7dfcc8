// The states that the service reports about profiles, certificates and connectors, in Graph's vocabulary, and the
// requests it queues for connectors.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/names/variables.h"

namespace mimica::connector {

// certificateIssuanceStates, the members that a PKCS certificate passes through here.
enum class IssuanceState {
  unknown,
  requested,
  request_creation_failed,  // variables or request building
  request_submit_failed,    // no CA answered
  issue_failed,             // the CA denied
  issue_pending,            // the CA holds the request
  issued,
  response_processing_failed,  // export, encryption, upload
  response_pending,            // waits for the device
  install_failed,
  installed,
  renewal_requested,
  renew_verified,
  revoked,
  removed_from_collection,
  deleted,
  delete_failed,
};
std::string_view to_string(IssuanceState state);  // "issueFailed", ...

enum class RevocationStatus { none, pending, issued, failed, revoked };  // certificateRevocationStatus
std::string_view to_string(RevocationStatus status);

// complianceStatus of a profile on a device, as the admin centre words it beside: unknown is Pending.
enum class ProfileStatus { unknown, not_applicable, compliant, error, conflict, not_assigned };
std::string_view to_string(ProfileStatus status);      // "notApplicable", ...
std::string_view admin_wording(ProfileStatus status);  // "Pending", "Succeeded", ...

// A PFX on its way: both parts are CMS EnvelopedData to the device's management certificate.
struct EncryptedPfx {
  Bytes pfx;
  Bytes password;
  bool empty() const { return pfx.empty(); }
  bool operator==(const EncryptedPfx&) const = default;
};

// Who made a certificate, under which configuration (the audit fields of an issuance).
struct Issuance {
  std::string connector;
  Version connector_version;
  bool sid_switch = false;  // as the services read it at their start
  std::string key_origin;   // "connector:CONNECTOR01": the key is never made on the device (REQ-37)
  std::optional<std::int64_t> ca_request_id;
  bool operator==(const Issuance&) const = default;
};

// managedDeviceCertificateState: one row per certificate of a profile on a device.
struct CertificateState {
  std::string profile_id;
  int profile_version = 1;
  std::string device_id;
  std::string user_id;  // empty: none
  IssuanceState state = IssuanceState::unknown;
  RevocationStatus revocation = RevocationStatus::none;
  Code error;         // certificateErrorCode as its HRESULT
  std::string rule;   // the rule that decided a failure
  Bytes certificate;  // DER once issued
  std::string ca_host;
  std::string ca_name;
  Issuance issuance;
  EncryptedPfx payload;  // kept by the service after delivery: a re-assignment sends it again
  Timestamp changed_at;
};

struct StatusRow {  // deviceConfigurationDeviceStatus
  std::string profile_id;
  std::string device_id;
  std::string user_id;
  ProfileStatus status = ProfileStatus::unknown;
  Code error;
  std::string rule;
  Timestamp reported_at;
};

struct StatusOverview {  // deviceConfigurationDeviceOverview
  int pending = 0, not_applicable = 0, success = 0, error = 0, conflict = 0;
};

enum class ConnectorFeature { pkcs, imported_pfx, scep, revocation };
std::string_view to_string(ConnectorFeature feature);

enum class RequestKind { issue, renew, revoke };
std::string_view to_string(RequestKind kind);

// What the service hands to a connector.
struct CertificateRequest {
  std::string id;
  RequestKind kind = RequestKind::issue;
  std::string profile_id;
  int profile_version = 1;
  std::string device_id;
  std::string user_id;
  std::string ca_host;
  std::string ca_name;
  std::string template_name;
  ResolvedNames names;
  std::vector<ExtendedKeyUsage> key_usages;
  std::optional<int> validity_value;
  std::optional<ValidityScale> validity_scale;
  std::optional<Sid> sid;    // of the user, or of a hybrid-joined Windows device
  Bytes device_certificate;  // DER of the management certificate
  std::string serial;        // revoke: lower-case hexadecimal
  int reason = 0;            // revoke: RFC 5280 5.3.1
  int attempts = 0;          // made so far
  Timestamp not_before;      // the next attempt is due then
  std::string leased_by;     // connector id; empty: free
  Timestamp lease_until;
};

}  // namespace mimica::connector
