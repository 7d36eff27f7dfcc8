// The Certificate Connector for Microsoft Intune on its Windows server: polls the tenant, makes the key pair and the
// request, submits under the host's account, exports the PFX, encrypts it to the device and uploads it.
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/enrollment_port.h"
#include "connector/events.h"
#include "connector/host/registry.h"
#include "connector/tenant/tenant.h"
#include "core/base/entropy.h"

namespace mimica::connector {

// The first release that reads EnableSidSecurityExtension (REQ-15).
inline const Version kSidRelease = Version::of(6, 2406, 0, 1001);
// Older releases can no longer issue.
inline const Version kOldestIssuingRelease = Version::of(6, 2101, 13, 0);
// Windows Server 2019: the first host system with strong mapping support.
inline const Version kServer2019 = Version::of(10, 0, 17763);

enum class Service { create, create_legacy, revoke };
inline constexpr std::array kServices{Service::create, Service::create_legacy, Service::revoke};
std::string_view display_name(Service service);               // "PFX Create Certificate Connector for Microsoft Intune"
std::string_view service_name(Service service);               // "PkiCreateConnectorSvc"
std::optional<Service> service_named(std::string_view text);  // either name, any case

// Whose start-time reading of the registry decides about the SID extension. Public articles demand a restart of both
// PFX Create services and do not say which of them handles a request.
enum class SidPipeline { both_services, create_service, legacy_service };

struct RetryPolicy {
  int retries = 3;                                                           // failed attempts before the final one
  std::vector<Seconds> back_off = {1 * kMinute, 5 * kMinute, 15 * kMinute};  // the last one repeats
};

struct ConnectorSettings {
  std::string host = "CONNECTOR01";  // computer name without '$'
  std::string domain = "CONTOSO";    // NetBIOS name
  std::string dns_name;              // "connector01.contoso.com", for events; empty: host
  bool domain_joined = true;
  std::string service_account;  // "CONTOSO\\svc-intune"; empty: SYSTEM, so the computer account
  Version version = kSidRelease;
  Version host_system = Version::of(10, 0, 20348);  // Windows Server 2022
  bool host_update = true;  // the November 2024 update, without which the SID extension ends in E_POINTER
  std::set<ConnectorFeature> features = {ConnectorFeature::pkcs, ConnectorFeature::revocation};
  SidPipeline sid_pipeline = SidPipeline::both_services;
  RetryPolicy retry;
  // Does the PFX carry the CA certificates below the root? Undocumented; without them the device needs them by profile.
  bool pfx_includes_chain = true;
};

// What became of one leased request.
struct Processed {
  enum class Kind { issued, held, revoked, retry, failed };
  Kind kind = Kind::failed;
  CertificateRequest request;
  Code code;
  Trace trace;
  IssuanceState state = IssuanceState::unknown;
  std::optional<Timestamp> retry_at;
  Bytes pkcs10;
  Bytes certificate;         // DER, as soon as the CA issued, even when the key could not be exported
  std::vector<Bytes> chain;  // issuing CA up to the root
  EncryptedPfx payload;
  Issuance issuance;
  bool uploaded = true;  // false: the lease had passed to another connector and the answer was discarded
};

class CertificateConnector {
 public:
  // All services are running and have read `registry`. `log` outlives the connector; it may be null.
  explicit CertificateConnector(ConnectorSettings settings, Registry registry = {}, EventLog* log = nullptr);

  const ConnectorSettings& settings() const { return settings_; }
  ConnectorSettings& settings() { return settings_; }
  // Changes take effect when a service next starts.
  Registry& registry() { return registry_; }
  const Registry& registry() const { return registry_; }
  void start(Service service);
  void stop(Service service);
  void restart(Service service);
  bool running(Service service) const;
  // EnableSidSecurityExtension as the service read it at its start; nullopt when stopped.
  std::optional<bool> sid_switch_of(Service service) const;
  // As the services together answer it.
  bool sid_switch_in_effect() const;

  // The account under which requests reach the CA: "CONTOSO\\CONNECTOR01$", or the service account. Empty when the host
  // is not joined and runs as SYSTEM.
  std::string caller() const;

  // Does a certificate for this SID carry the extension? Grants yes or no, with a warning for each reason of a no;
  // refuses with E_POINTER when the host cannot build the extension.
  Decision<bool> decide_sid(const std::optional<Sid>& sid) const;
  // The conditions of REQ-19 and REQ-23, one step each, whatever the request.
  Trace sid_readiness() const;
  // Registry mistakes and outstanding restarts.
  Findings findings() const;

  // Enrols the connector in the tenant (once). Grants the connector id.
  Decision<std::string> enrol(Tenant& tenant, Timestamp now);
  const std::string& id() const { return id_; }
  // Can it take such a request: enrolled, feature installed, service running?
  bool serves(RequestKind kind) const;

  // Takes up to `max` due requests, processes and answers them; the tenant's states and queue follow. Faults when keys
  // cannot be made (the lease then runs out).
  Result<std::vector<Processed>> poll(Tenant& tenant, EnrollmentPort& port, KeySource& keys, Entropy& entropy,
                                      Timestamp now, std::size_t max = 1);

 private:
  Result<Processed> issue(const CertificateRequest& request, const NamingOptions& naming, EnrollmentPort& port,
                          KeySource& keys, Entropy& entropy);
  Result<Processed> revoke(const CertificateRequest& request, EnrollmentPort& port);
  void schedule(Processed& done, Timestamp now) const;
  void write(const EventKind& kind, Timestamp now, const std::string& request_id, std::string details,
             const std::shared_ptr<const Trace>& trace = nullptr) const;
  void record_download(const std::vector<CertificateRequest>& requests, Timestamp now) const;
  void record(const Processed& done, Timestamp now) const;
  void answer(Tenant& tenant, Processed& done, Timestamp now);

  ConnectorSettings settings_;
  Registry registry_;
  std::array<std::optional<Registry>, kServices.size()> snapshots_;
  std::string id_;
  EventLog* log_;
};

// Connectors of one tenant that would answer differently about the SID (any of them may take any request).
Findings lint_connectors(const std::vector<const CertificateConnector*>& connectors);

}  // namespace mimica::connector
