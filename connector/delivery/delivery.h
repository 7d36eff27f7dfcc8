// The whole way of a certificate, from the profile to the device, as one operation with a timeline, and
// its renewal. Every path ends in the tenant's states, the device's stores and the connectors' event logs.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/device/device.h"
#include "connector/host/certificate_connector.h"
#include "connector/tenant/tenant.h"

namespace mimica::connector {

// What a flow works with. Nothing is owned; everything must outlive the call.
struct Flow {
  Tenant& tenant;
  std::vector<CertificateConnector*> connectors;  // they compete: which one takes a request is random
  EnrollmentPort& port;
  KeySource& keys;
  Entropy& entropy;
};

enum class StageKind {
  validate,
  assign,
  trusted_root,
  variables,
  queue,
  poll,
  submit,
  issued,
  export_pfx,
  encrypt,
  deliver,
  install,
  report,
};
std::string_view to_string(StageKind kind);
enum class StageOutcome { done, waiting, failed, skipped };
std::string_view to_string(StageOutcome outcome);

struct Stage {
  StageKind kind;
  StageOutcome outcome;
  Timestamp at;
  std::string detail;
};

enum class DeliveryOutcome {
  installed,
  unchanged,  // the device holds a current certificate of this profile
  pending,    // something is awaited: a root, a connector, a CA manager, the next attempt's success
  refused,
  not_applicable,  // platform or applicability rules
  not_assigned,
};
std::string_view to_string(DeliveryOutcome outcome);

struct DeliveryOptions {
  Seconds transit = 0;       // time between issuance and arrival at the device
  bool run_retries = false;  // make the connector's further attempts at once, each at the instant it would be due
};

struct Delivery {
  DeliveryOutcome outcome = DeliveryOutcome::refused;
  // Granted when the certificate (or the trusted root) is on the device. Codes are HRESULTs.
  Decision<StoredCertificate> decision;
  std::vector<Stage> stages;
  std::string profile_id;
  std::string device_id;
  std::string connector;              // host that processed the request; empty: none did
  std::optional<Timestamp> retry_at;  // the connector tries again then
  std::vector<Processed> attempts;    // what connectors answered to this request, in order
  Bytes pkcs10;                       // artefacts of the last attempt, as far as it got
  Bytes certificate;                  // DER, also when the CA issued and the device never got it
  std::vector<Bytes> chain;
  EncryptedPfx payload;
  OpenedPfx opened;                // the PFX and its password as the device saw them
  bool reached_authority() const;  // a request row may exist at the CA
};

// Faults: unknown profile or device, keys that cannot be made. `profile` is an id or a display name.
Result<Delivery> deliver(Flow& flow, std::string_view profile, Device& device, Timestamp now,
                         const DeliveryOptions& options = {});

// Renews the certificate that the profile put on the device: refused outside the renewal window (rule
// connector.renewal.window) unless `force`.
Result<Delivery> renew(Flow& flow, std::string_view profile, Device& device, Timestamp now, bool force = false,
                       const DeliveryOptions& options = {});
// Threshold instant: notAfter - lifetime * percent / 100.
Timestamp renewal_due(const Certificate& certificate, int threshold_percent);

// Lets every connector take what is due (retries, revocations) without a device.
Result<std::vector<Processed>> poll_all(Flow& flow, Timestamp now);

// Enrols a device with the service and gives it a management key.
Result<Decision<std::string>> enrol_device(Flow& flow, Device& device, Timestamp now);

}  // namespace mimica::connector
