// The Intune and Entra side as a value: people, devices, profiles, assignments, states, and the queue that connectors
// poll. It decides and remembers; it reaches no network. Time is passed in with every call that needs it.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/inventory/inventory.h"
#include "connector/profile/profile.h"
#include "connector/tenant/certificate_state.h"
#include "ldap/directory.h"

namespace mimica::connector {

struct TenantOptions {
  std::string name = "contoso.onmicrosoft.com";  // also seeds the ids that the tenant gives out
  NamingOptions naming;
  Seconds request_lease = 10 * kMinute;  // a request taken and not answered returns to the queue
  int max_connectors = 100;
  // Does an edited PKCS profile get new certificates? Public articles only say that existing ones stay.
  bool reissue_on_edit = false;
};

struct ConnectorRecord {  // ndesConnector
  std::string id;
  std::string machine_name;
  Version version;
  std::set<ConnectorFeature> features;
  Timestamp enrolled_at;
  Timestamp last_connection;
};

// Why a profile reaches a device.
struct Targeting {
  bool through_user = false;
  bool through_device = false;
};

struct SyncOptions {
  // Objects below these DNs are scoped out of the synchronisation.
  std::vector<std::string> excluded_containers;
  // Attributes deselected in Entra Connect, for example "objectSid", "mail".
  std::set<std::string> deselected_attributes;
  // Entra Connect takes a computer only once its userCertificate attribute is populated.
  bool computers_need_user_certificate = false;
};
struct SyncReport {
  int users_added = 0, users_updated = 0, users_removed = 0, devices_updated = 0;
};

class Tenant {
 public:
  explicit Tenant(TenantOptions options = {}) : options_(std::move(options)) {}
  const TenantOptions& options() const { return options_; }
  TenantOptions& options() { return options_; }

  // Adds or replaces by id; an empty id gets one. Returns the id.
  std::string put_user(User user);
  std::string put_group(Group group);
  std::string put_filter(AssignmentFilter filter);
  // By id, UPN, sAMAccountName, display name; groups by id or name; devices by id or name; profiles by id or display
  // name. nullptr when there is none.
  const User* find_user(std::string_view name) const;
  const Group* find_group(std::string_view name) const;
  const ManagedDevice* find_device(std::string_view name) const;
  ManagedDevice* find_device(std::string_view name);
  const Profile* find_profile(std::string_view name) const;
  const std::map<std::string, User>& users() const { return users_; }
  const std::map<std::string, ManagedDevice>& devices() const { return devices_; }
  const std::map<std::string, Profile>& profiles() const { return profiles_; }
  const std::vector<Assignment>& assignments(std::string_view profile_id) const;
  bool remove_user(std::string_view id);

  // REQ-60: refused for Android device administrator with Google Mobile Services after 2024-12-31. Grants the device
  // id.
  Decision<std::string> enrol(ManagedDevice device, Timestamp now);
  void unenrol(std::string_view device_id);

  // Saves (validate.h decides). An id that is unset, zero or taken is replaced; version starts at 1. Grants the id.
  // Assignments that came with an $expand are taken over.
  Decision<std::string> add_profile(Profile profile, Timestamp now);
  // PATCH: version grows by one.
  Decision<Unit> update_profile(std::string_view id, Profile profile, Timestamp now);
  bool remove_profile(std::string_view id);
  // Replaces the whole set. Fault E_INVALIDARG for an unknown group or filter.
  Result<void> assign(std::string_view profile_id, std::vector<Assignment> assignments);

  // Does the profile reach the device? Rules connector.assignment.*; refused with ERROR_NOT_SUPPORTED when the profile
  // is not applicable to the device, with ERROR_NOT_FOUND when it is not assigned.
  Decision<Targeting> target(const Profile& profile, const ManagedDevice& device) const;
  // The user whom a certificate of this device is for; nullptr without affinity.
  const User* user_of(const ManagedDevice& device) const;

  // Synchronises users, and the SIDs and DNS names of hybrid-joined Windows devices, from Active Directory. Users that
  // came this way and are no longer found are removed; cloud-only users stay.
  Result<SyncReport> entra_sync(ldap::Directory& directory, const SyncOptions& options = {});

  // Connectors.
  Decision<std::string> register_connector(std::string_view machine_name, Version version,
                                           std::set<ConnectorFeature> features, Timestamp now);
  const std::map<std::string, ConnectorRecord>& connectors() const { return connectors_; }

  // The request queue.
  std::string enqueue(CertificateRequest request);
  // At most `max` due requests that `features` cover, leased to the connector until now + request_lease.
  std::vector<CertificateRequest> lease(std::string_view connector_id, const std::set<ConnectorFeature>& features,
                                        Timestamp now, std::size_t max = 1);
  // Answers to a leased request. Fault ERROR_NOT_FOUND when the lease has passed to somebody else: the answer is
  // discarded.
  Result<void> complete(std::string_view request_id, std::string_view connector_id);
  Result<void> retry_later(std::string_view request_id, std::string_view connector_id, Timestamp not_before);
  const CertificateRequest* find_request(std::string_view id) const;
  const std::vector<CertificateRequest>& queue() const { return queue_; }
  // Removes queued issue and renew requests of this profile and device.
  void cancel(std::string_view profile_id, std::string_view device_id);

  // States. The newest row of a profile on a device is its current certificate.
  CertificateState& add_state(CertificateState state);
  CertificateState* current_state(std::string_view profile_id, std::string_view device_id);
  CertificateState* state_of_serial(std::string_view serial_hex);
  const std::deque<CertificateState>& states() const { return states_; }
  void report(StatusRow row);
  const StatusRow* status(std::string_view profile_id, std::string_view device_id) const;
  StatusOverview overview(std::string_view profile_id) const;

 private:
  std::string new_id();
  bool in_group(const std::string& group_id, std::string_view user_id, std::string_view device_id, int depth) const;

  TenantOptions options_;
  std::uint64_t next_id_ = 1;
  std::map<std::string, User> users_;
  std::map<std::string, Group> groups_;
  std::map<std::string, ManagedDevice> devices_;
  std::map<std::string, Profile> profiles_;
  std::map<std::string, std::vector<Assignment>, std::less<>> assignments_;
  std::map<std::string, AssignmentFilter> filters_;
  std::map<std::string, ConnectorRecord> connectors_;
  std::vector<CertificateRequest> queue_;
  std::deque<CertificateState> states_;  // references stay valid when rows are added
  std::vector<StatusRow> statuses_;
};

// The SID that the service puts into a request: the user's for type User, the computer's for type Device on
// hybrid-joined Windows (REQ-17, REQ-18); nullopt otherwise.
std::optional<Sid> request_sid(const PkcsSettings& settings, const ManagedDevice& device, const User* user);

// Compares the assignments of a PKCS profile with those of its trusted root and of a profile that uses the certificate
// (REQ-57, REQ-89). `others` are ids of related profiles.
Findings lint_assignments(const Tenant& tenant, std::string_view profile_id, const std::vector<std::string>& others);

}  // namespace mimica::connector
