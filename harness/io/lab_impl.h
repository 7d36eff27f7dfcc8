// The lab behind harness/lab/lab.h. Its callers make one operation after the other; the servers' threads only read, and
// may write to the event log.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "ca/authority/authority.h"
#include "ca/faces/publication/ocsp.h"
#include "ca/faces/publication/publication.h"
#include "connector/delivery/removal.h"
#include "connector/device/device.h"
#include "connector/host/certificate_connector.h"
#include "connector/tenant/tenant.h"
#include "core/base/entropy.h"
#include "harness/io/krb5kdc_process.h"
#include "harness/io/lab_clock.h"
#include "harness/io/lab_revocation.h"
#include "harness/lab/lab.h"
#include "kdc/io/kdc_socket.h"
#include "kdc/realm/realm.h"
#include "ldap/dsa/dsa.h"
#include "ldap/forest/forest.h"
#include "ldap/io/server.h"
#include "net/io/http_server.h"
#include "templates/edit.h"

namespace mimica::harness {

// How the connector reaches the CAs: by host and name.
class CaPort final : public connector::EnrollmentPort {
 public:
  explicit CaPort(std::vector<ca::CertificationAuthority*> authorities) : authorities_(std::move(authorities)) {}
  Result<std::optional<connector::TemplateFacts>> template_facts(const std::string& ca_host, const std::string& ca_name,
                                                                 const std::string& template_name) override;
  Result<connector::SubmissionOutcome> submit(const connector::Submission& submission) override;
  Result<connector::RevocationOutcome> revoke(const std::string& ca_host, const std::string& ca_name,
                                              const std::string& caller, const std::string& serial_hex,
                                              int reason) override;

 private:
  Result<ca::CertificationAuthority*> reach(const std::string& ca_host, const std::string& ca_name) const;
  const std::vector<ca::CertificationAuthority*> authorities_;
};

class LabImpl final : public Lab {
 public:
  explicit LabImpl(const LabSpec& spec);
  ~LabImpl() override;
  Result<void> build();

  Timestamp now() const override { return clock_.now(); }
  void set_clock(Timestamp t) override;
  void advance(Seconds s) override;

  // lab_directory.cc
  Result<void> add_user(const UserSpec&) override;
  Result<void> add_group(const GroupSpec&) override;
  Result<void> add_computer(const ComputerSpec&) override;
  Result<void> add_member(const std::string& group, const std::string& member) override;
  Attempt set_attribute(const std::string& name, const std::string& attribute,
                        const std::vector<std::string>& values) override;
  Attempt write_attribute(const AttributeWrite&) override;
  Result<void> map_certificate(const std::string& account, const Certificate&, const std::string& form) override;
  Result<std::string> sid_of(const std::string& account) override;
  Result<void> import_ldif(const std::string& source, const std::string& text) override;
  Result<std::string> export_ldif() override;

  // lab_ca.cc
  Result<void> add_template(const TemplateSpec&) override;
  Result<void> edit_template(const std::string& name,
                             const std::vector<std::pair<std::string, std::string>>& edits) override;
  Result<void> publish_template(const std::string& name, bool published) override;

  // lab_templates.cc
  Result<void> remove_template(const std::string& name) override;
  Result<void> add_issuance_policy(const IssuancePolicySpec&) override;
  Result<std::vector<audit::Finding>> lint() override;
  Result<void> install_update(const std::string& name) override;

  // lab_ca.cc
  Result<void> set_ca_rights(const CaRight&, bool granted) override;
  Result<void> set_edit_flag(const std::string& flag) override;
  Report publish_crl(bool delta_only) override;
  Report renew_ca(bool new_key) override;
  Result<void> set_publication(bool reachable, bool renewed) override;
  Report revoke(const Certificate&, const std::string& caller, int reason) override;
  Report resolve_pending(std::int64_t request_id, const std::string& caller, bool issue) override;
  Report enroll(const EnrollSpec&) override;
  Report logon(const LogonSpec&) override;
  Certificate ca_certificate() const override { return ca_->ca_certificate(); }
  std::vector<Certificate> ca_chain() const override { return ca_->chain(); }
  Result<Bytes> crl(bool of_root) override;
  Result<Bytes> crl_of_key(int key_index, bool delta) override;
  std::vector<Certificate> ca_certificates() const override;
  Result<Trace> request_trace(std::int64_t request_id) override;
  Result<std::string> explain_request(std::int64_t request_id) override;
  Result<std::string> explain_certificate(const Certificate&) override;
  CertificateSummary summarise(const Certificate&) override;

  // lab_verbs.cc
  VerbResult certutil(const VerbCall&) override;
  VerbResult certreq(const VerbCall&) override;

  // lab_kerberos.cc
  Result<void> set_kdc_registry(const std::string& name, const std::optional<std::string>& data) override;
  Result<KerberosRealm> start_kerberos() override;
  Result<void> write_keytab(const std::string& path, const std::vector<std::string>& principals) override;

  // lab_intune.cc
  Attempt add_device(const DeviceSpec&) override;
  Attempt add_profile(const ProfileSpec&) override;
  Attempt add_connector(const ConnectorSpec&) override;
  Result<void> set_registry(const std::string& connector, const std::string& path, const std::string& name,
                            const std::string& type, const std::string& value) override;
  Result<void> restart_service(const std::string& connector, const std::string& display_name) override;
  Result<void> upgrade_connector(const std::string& connector, const std::string& version) override;
  Report deliver(const std::string& profile, const std::string& device) override;
  Report renew(const std::string& profile, const std::string& device) override;
  Report check_in(const std::string& device) override;
  Report trust(const std::string& device, bool trusted) override;
  Result<std::vector<Certificate>> device_certificates(const std::string& device) override;
  Result<Bytes> delivered_pfx(const std::string& device, std::string& password) override;

  std::vector<Endpoint> endpoints() const override;
  const EventLog& event_log() const override { return event_log_; }
  const LabSpec& spec() const override { return spec_; }

 private:
  // Where the event log stands; an operation reports what the CA and the connectors wrote after.
  struct LogMark {
    std::uint64_t record_id = 0;
  };
  LogMark mark() const { return {event_log_.last_record_id()}; }
  void add_new_events(const LogMark& mark, Report& report) const;
  std::string domain_controller() const { return ldap::ForestOptions().dc_host + "." + spec_.domain.dns_name; }
  Report failed(const Fault& fault) const;
  void describe_certificate(Report& report, BytesView der);
  Report from_submission(ca::SubmitOutcome outcome, const LogMark& mark);
  template <typename T>
  Report from_decision(Result<Decision<T>> answer, const LogMark& mark, std::string done);

  VerbTarget verb_target();

  // lab_kerberos.cc
  Result<void> open_realm();
  Result<void> write_realm_files();
  void set_random_password(const std::string& dn);
  Result<void> ensure_password(const std::string& principal);
  std::map<std::string, std::string> time_environment() const;
  void restart_krb5kdc();
  void follow_renewal();
  kdc::KdcConfig kdc_config() const;

  Result<void> build_directory();
  Result<void> build_authority();
  Result<void> build_inventory();
  Result<void> install_templates();
  Result<void> open_responder();
  HttpResponse answer(const HttpRequest& request);
  Result<Sid> principal(std::string_view name);
  Result<ldap::Account> account(const std::string& name);
  Result<templates::CertificateTemplate> read_template(const std::string& name);
  Result<std::vector<ldap::Entry>> oid_objects();
  Result<ldap::Entry> issuance_policy(const std::string& name);
  Result<std::string> policy_oids(const std::string& names);
  Result<Oid> forest_oid();
  Result<std::vector<templates::Edit>> parse_edits(const std::vector<std::pair<std::string, std::string>>& edits);

  Result<void> sync();  // Entra Connect, when the directory changed since the last time
  Result<connector::CertificateConnector*> find_connector(const std::string& name);
  struct DeviceRecord;
  Result<DeviceRecord*> find_device(const std::string& name);
  const connector::User* find_user(const std::string& name) const;
  connector::Flow flow();
  Result<connector::Profile> root_profile(const connector::Device& device);
  Result<void> trust_unless_managed(DeviceRecord& record);
  Result<connector::Assignment> assignment_to(const std::string& name);
  Result<Certificate> chosen_certificate(const LogonSpec& spec);
  Report from_delivery(connector::Delivery delivery, DeviceRecord& record, const LogMark& mark);
  Report deliver_or_renew(const std::string& profile, const std::string& device, bool renewal);

  LabSpec spec_;
  LabClock clock_;
  EventLog event_log_;
  std::unique_ptr<Entropy> entropy_;
  std::unique_ptr<KeySource> keys_;
  std::unique_ptr<ldap::Dsa> dsa_;
  std::unique_ptr<ldap::Server> ldap_server_;
  std::unique_ptr<ldap::Directory> console_;  // the administrator's, in process
  std::unique_ptr<ldap::Directory> lookups_;  // what the CA, the KDC and Entra Connect ask
  std::unique_ptr<ca::Database> database_;
  std::unique_ptr<ca::CertificationAuthority> ca_;
  std::unique_ptr<ca::OcspResponder> responder_;  // nullptr: the lab answers no OCSP
  std::atomic<bool> publication_reachable_ = true;
  std::mutex frozen_mutex_;
  std::optional<std::vector<ca::PublishedFile>> frozen_files_;  // what is still served while nothing new is published
  std::unique_ptr<LabRevocation> online_;
  std::unique_ptr<kdc::CachedRevocation> lists_;  // remembers what online_ answered
  std::unique_ptr<CaPort> port_;
  std::map<std::int64_t, PrivateKey> pending_keys_;  // that the lab made, by request id
  mutable std::mutex kdc_mutex_;                     // krb5kdc's questions come from a thread of their own
  kdc::KdcConfig kdc_config_;
  connector::Tenant tenant_;
  std::map<std::string, std::string> cloud_users_;  // name in the spec to id, of users without an account
  bool synced_ = false;
  bool ready_for_roots_ = false;  // all profiles of the spec are there
  std::vector<std::unique_ptr<connector::CertificateConnector>> connectors_;
  std::map<std::string, std::unique_ptr<DeviceRecord>, std::less<>> devices_;
  std::atomic<bool> ready_ = false;   // the HTTP handler may use ca_
  std::unique_ptr<HttpServer> http_;  // from here on in this order: their threads use the rest

  // Kerberos, once it is started.
  kdc::RealmFiles realm_files_;
  Bytes realm_issuer_;  // the CA certificate that the files were written for
  std::unique_ptr<ldap::Directory> realm_directory_;
  std::unique_ptr<kdc::KeyMaker> key_maker_;
  std::unique_ptr<kdc::Realm> realm_;
  std::unique_ptr<kdc::KdcSocket> realm_socket_;
  std::unique_ptr<Krb5kdcProcess> krb5kdc_;
};

}  // namespace mimica::harness
