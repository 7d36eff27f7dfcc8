// A lab: one forest, its directory, an Enterprise CA, Intune with connectors and devices, and a KDC, wired together and
// driven by a lab clock. Everything a scenario step, a Python test or a lab exercise can do is a method here; every
// method answers a value with its trace. Nothing in this header prints, sleeps or reads a real clock.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/lint/authority_linter.h"
#include "ca/faces/certutil/verb.h"
#include "core/base/decision.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"
#include "core/windows/event_log.h"
#include "kdc/pkinit/logon.h"

namespace mimica::harness {

// ---- what a lab is made of; only differences from the defaults need to be given ------------------------------------

struct DomainSpec {
  std::string dns_name = "contoso.com";
  std::string netbios_name;  // empty: the first label in capitals
};

struct CaSpec {
  std::string name = "CONTOSO-CA";
  std::string host = "ca01.contoso.com";  // must lie in the domain
  bool standalone = false;
  int tiers = 2;  // 1: a single enterprise root; 2: offline root and issuing CA
  KeySpec key = {KeyKind::rsa, 2048};
  std::optional<Seconds> validity;              // ValidityPeriod of the CA
  std::vector<std::string> edit_flags;          // "+EDITF_ATTRIBUTEENDDATE", "-EDITF_..."
  std::vector<std::string> disable_extensions;  // OIDs for DisableExtensionList
  std::optional<int> request_disposition;
  std::vector<std::string> ocsp_urls;     // of a responder, for the AIA of issued certificates
  bool ocsp = false;                      // the lab answers OCSP at /ocsp itself; its URL goes into the AIA
  bool deterministic_good = false;        // serial numbers that were never issued are "unknown" there, not good
  bool sid_extension_update = true;       // the update of May 2022 is installed (KB5014754)
  bool application_policy_update = true;  // the update of November 2024 is installed (CVE-2024-49019)
};

// A grant on the CA itself. Rights: "request", "manage_ca", "issue_and_manage", "read".
struct CaRight {
  std::string account;
  std::vector<std::string> rights;
};

// An issuance policy: an msPKI-Enterprise-Oid object of the forest.
struct IssuancePolicySpec {
  std::string name;   // displayName
  std::string oid;    // dotted; empty: a new one below the forest's base
  std::string cps;    // URL of the certification practice statement (msPKI-OID-CPS); empty: none
  std::string group;  // whose members the holders become (msDS-OIDToGroupLink); empty: none
};

struct TemplateSpec {
  std::string name;                // cn; empty: the display name without spaces
  std::string duplicate = "User";  // cn of the template it is copied from
  std::string display_name;
  bool publish = true;
  // Edits as templates/edit.h names them, in order: {"subject", "supplied_in_request"}, {"private_key", "exportable"},
  // {"minimum_key_size", "2048"}, {"publish_in_ad", "false"}, {"allow_enroll", "CONNECTOR01$"}, {"remove", "Domain
  // Users"} ...
  std::vector<std::pair<std::string, std::string>> edits;
};

// Replaces the values of one attribute of a directory object.
struct AttributeWrite {
  enum class Object { account, certificate_template, issuance_policy } object = Object::account;
  std::string name;    // account name, cn of the template, or display name of the policy
  std::string caller;  // account that writes, with its rights only; empty: the directory's administrator
  std::string attribute;
  std::vector<std::string> values;  // none: the attribute is removed
};

struct UserSpec {
  std::string name;  // sAMAccountName
  std::string display_name;
  std::string upn;   // default name@domain
  std::string mail;  // default: upn; "-": none
  std::string password = "Passw0rd!";
  std::vector<std::string> groups;
  bool cloud_only = false;  // exists in Entra only: no account in the directory, no SID
};

struct GroupSpec {
  std::string name;
  std::vector<std::string> members;
};

struct ComputerSpec {
  std::string name;  // without '$'
  std::vector<std::string> groups;
};

struct DeviceSpec {
  std::string name;
  // windows, ios, macos, android_work_profile, android_device_owner, aosp, android_device_administrator
  std::string platform = "windows";
  std::string join;  // hybrid, entra, registered; default hybrid on Windows, registered elsewhere
  std::string user;  // primary user; empty: a device without a user
  std::string os_version;
  std::string os_at_enrollment;
  std::map<std::string, std::string> attributes;  // serialNumber, imei, wiFiMacAddress, tpm, ...
};

struct ProfileSpec {
  std::string json;    // Graph-shaped deviceConfiguration
  std::string source;  // for messages: file name
  // "all_users", "all_devices", group, user or device names; prefixed with "-" to exclude.
  std::vector<std::string> assign;
};

struct ConnectorSpec {
  std::string name = "CONNECTOR01";  // host; its computer account is NAME$
  std::string version = "6.2406.0.1001";
  std::string service_account;  // empty: SYSTEM, that is the computer account
  bool domain_joined = true;
  bool sid_extension = false;  // EnableSidSecurityExtension set to 1 before the services start
};

// MIT's krb5kdc as the lab's domain controller, and the realm for its clients.
struct KerberosSpec {
  bool enabled = false;
  int port = 0;  // TCP and UDP at 127.0.0.1; 0: a free one
  std::string certificate_template = "KerberosAuthentication";
};

struct LabSpec {
  std::string name = "lab";
  Timestamp clock = {1767600000};  // 2026-01-05T08:00:00Z
  bool clock_runs = false;      // true: the lab clock goes on from `clock` with the machine's; false: it stands still
  std::string seed = "mimica";  // entropy and test keys; empty: real randomness and fresh keys
  bool directory_over_ldap = true;  // look-ups go through libldap and a loopback socket; false: in process
  DomainSpec domain;
  CaSpec ca;
  std::vector<CaRight> ca_rights;
  std::vector<std::string> ca_removed;  // accounts whose entries leave the CA security (e.g. Authenticated Users)
  std::vector<IssuancePolicySpec> issuance_policies;
  std::vector<TemplateSpec> templates;
  std::vector<UserSpec> users;
  std::vector<GroupSpec> groups;
  std::vector<ComputerSpec> computers;
  std::vector<DeviceSpec> devices;
  std::vector<ProfileSpec> profiles;
  std::vector<ConnectorSpec> connectors;                          // empty: none
  bool connectors_given = false;                                  // false: one default connector is made
  std::vector<std::pair<std::string, std::string>> ldif_imports;  // source name, text
  kdc::KdcConfig kdc;
  KerberosSpec kerberos;
  std::string state_directory;  // SQLite database and published files; empty: in memory
  int http_port = 0;            // for CDP and AIA; 0: a free one
  int ldap_port = 0;
};

// ---- what operations answer ----------------------------------------------------------------------------------------

// Short facts of a certificate as timelines print them.
struct CertificateSummary {
  std::string subject, issuer, serial, template_name;  // template_name: V1 name, or the cn behind the V2 OID
  std::vector<std::string> sans;
  std::optional<std::string> sid;
  Timestamp not_before, not_after;
  std::string key;  // "RSA-2048"
  std::vector<std::string> ekus;
};

enum class Outcome { issued, allowed, done, pending, refused, failed };
std::string_view to_string(Outcome outcome);

// Every lab operation answers this. `outcome` is the yes or no; `code` and the deciding rule of `trace` say why.
struct Report {
  Outcome outcome = Outcome::done;
  Code code;
  std::string message;  // one line for people
  Trace trace;
  std::vector<Event> events;  // KDC events of a logon, without the audit record
  std::vector<std::pair<std::string, int>>
      log;  // events of the others in order: party and channel ("connector/Admin", "ca/Security"), id
  std::optional<Certificate> certificate;
  std::optional<CertificateSummary> summary;
  std::optional<PrivateKey> key;  // of an enroll that made the key pair itself
  std::optional<std::int64_t> request_id;
  std::optional<std::int64_t> count;  // of what a look found
  std::vector<std::string> stages;    // one line each: the way of the request through the parties
  bool ok() const { return outcome == Outcome::issued || outcome == Outcome::allowed || outcome == Outcome::done; }
  std::string_view rule() const;  // id of the deciding rule; empty when ok
};

struct Endpoint {
  std::string name;  // "ldap", "http"
  std::string url;
  std::vector<std::string> commands;  // ready to paste
};

// What a Kerberos client needs. Valid while the lab lives.
struct KerberosRealm {
  std::string realm;          // "CONTOSO.COM"
  int port = 0;               // of krb5kdc
  std::string folder;         // holds krb5.conf, anchors.pem, pool.pem, krb5kdc.log
  std::string configuration;  // path of krb5.conf
  // For a client's process: KRB5_CONFIG, KRB5CCNAME; and the lab's time through libfaketime where it differs from the
  // machine's. Ask again after the clock was moved.
  std::map<std::string, std::string> environment;
};

// A certificate with its private key, as who signs a request holds it.
struct KeyedCertificate {
  Certificate certificate;
  PrivateKey key;
};

struct EnrollSpec {
  std::string caller;  // account name
  std::string template_name;
  std::string subject;  // CertStrToName text; empty subject when empty
  std::vector<std::string>
      sans;  // "upn=jane@contoso.com", "dns=…", "email=…", "url=…", "sid=S-1-5-…" (security extension)
  KeySpec key = {KeyKind::rsa, 2048};
  std::string attributes;        // extra request attributes, "Name:Value" lines
  std::optional<Bytes> request;  // a ready request (DER or PEM) instead of everything above but `attributes`
  // A signed request, when any of these is given.
  std::vector<KeyedCertificate> signers;   // for example an enrollment agent
  std::string on_behalf_of;                // the account for which the signers ask
  std::optional<KeyedCertificate> renews;  // the certificate to renew, whose key signs too
  bool same_key = false;                   // the renewal keeps that key
  std::string format;                      // "pkcs7" or "cmc" (default)
  bool is_signed() const { return !signers.empty() || !on_behalf_of.empty() || renews || !format.empty(); }
};

struct LogonSpec {
  std::string as;                          // account: "jane", "jane@contoso.com", "LAPTOP-01$"
  std::string device;                      // uses the newest matching certificate in that device's store ...
  std::string profile;                     // ... of this profile (display name); empty: any
  std::string which;                       // "" newest, "previous": the one before
  std::optional<Certificate> certificate;  // instead of a device's
};

class Lab {
 public:
  // Builds everything. Faults name the part of the spec that is wrong.
  static Result<std::unique_ptr<Lab>> start(const LabSpec& spec);
  virtual ~Lab() = default;

  virtual Timestamp now() const = 0;
  virtual void set_clock(Timestamp t) = 0;
  virtual void advance(Seconds s) = 0;

  // Directory and people. Faults: duplicates, unknown names.
  virtual Result<void> add_user(const UserSpec&) = 0;
  virtual Result<void> add_group(const GroupSpec&) = 0;
  virtual Result<void> add_computer(const ComputerSpec&) = 0;
  virtual Result<void> add_member(const std::string& group, const std::string& member) = 0;
  virtual Result<void> add_device(const DeviceSpec&) = 0;
  virtual Result<void> set_attribute(const std::string& account, const std::string& attribute,
                                     const std::vector<std::string>& values) = 0;
  // Faults: insufficientAccessRights when the caller may not write; undefinedAttributeType, ... as the directory says.
  virtual Result<void> write_attribute(const AttributeWrite&) = 0;
  // Explicit mapping of a certificate to an account. form: "issuer_serial", "ski", "sha1_public_key", "issuer_subject",
  // "subject", "rfc822", "issuer_sid".
  virtual Result<void> map_certificate(const std::string& account, const Certificate&, const std::string& form) = 0;
  virtual Result<std::string> sid_of(const std::string& account) = 0;
  // A registry value of the KDC by its name, effective from the next logon on; nullopt deletes it.
  virtual Result<void> set_kdc_registry(const std::string& name, const std::optional<std::string>& data) = 0;
  virtual Result<void> import_ldif(const std::string& source, const std::string& text) = 0;
  virtual Result<std::string> export_ldif() = 0;

  // Templates and the CA, as its administrator does it.
  virtual Result<void> add_template(const TemplateSpec&) = 0;
  virtual Result<void> edit_template(const std::string& name,
                                     const std::vector<std::pair<std::string, std::string>>& edits) = 0;
  virtual Result<void> publish_template(const std::string& name, bool published) = 0;
  // Takes it off the CA's list, and deletes the object with its OID object. Faults: unknown, built in.
  virtual Result<void> remove_template(const std::string& name) = 0;
  virtual Result<void> add_issuance_policy(const IssuancePolicySpec&) = 0;
  // The forest's templates and the CA by the known misconfigurations (audit/lint/authority_linter.h).
  virtual Result<std::vector<ca::Finding>> lint() = 0;
  // "may_2022" (KB5014754: SID extension) or "november_2024" (CVE-2024-49019) on the CA's host.
  virtual Result<void> install_update(const std::string& name) = 0;
  virtual Result<void> set_ca_rights(const CaRight&, bool granted) = 0;
  virtual Result<void> set_edit_flag(const std::string& flag) = 0;  // "+EDITF_…" or "-EDITF_…"
  virtual Report publish_crl(bool delta_only = false) = 0;          // certutil -CRL [delta]
  virtual Report renew_ca(bool new_key) = 0;                        // certutil -renewCert [ReuseKeys], and a restart
  // Whether HTTP server and directory give out what the CA publishes, and whether it publishes CRLs that are due.
  virtual Result<void> set_publication(bool reachable, bool renewed) = 0;
  virtual Report revoke(const Certificate&, const std::string& caller, int reason) = 0;
  virtual Report resolve_pending(std::int64_t request_id, const std::string& caller, bool issue) = 0;

  // certutil and certreq (docs/certutil.md).
  virtual VerbResult certutil(const VerbCall&) = 0;
  virtual VerbResult certreq(const VerbCall&) = 0;

  // Intune: profiles, assignments, connectors.
  virtual Result<void> add_profile(const ProfileSpec&) = 0;
  virtual Result<void> add_connector(const ConnectorSpec&) = 0;
  virtual Result<void> set_registry(const std::string& connector, const std::string& path, const std::string& name,
                                    const std::string& type,
                                    const std::string& value) = 0;  // path empty: the documented key
  virtual Result<void> restart_service(const std::string& connector, const std::string& display_name) = 0;
  virtual Result<void> upgrade_connector(const std::string& connector, const std::string& version) = 0;

  // The flow.
  virtual Report enroll(const EnrollSpec&) = 0;                                       // somebody asks the CA directly
  virtual Report deliver(const std::string& profile, const std::string& device) = 0;  // Intune, connector, CA, device
  virtual Report renew(const std::string& profile, const std::string& device) = 0;
  virtual Report check_in(const std::string& device) = 0;  // everything assigned and due
  virtual Report logon(const LogonSpec&) = 0;
  virtual Report trust(const std::string& device, bool trusted) = 0;  // lab root in the device's store

  // Kerberos. Starts krb5kdc with a certificate of the lab's CA unless it runs already. Faults: the packages are
  // missing; the CA refuses the certificate.
  virtual Result<KerberosRealm> start_kerberos() = 0;
  // A keytab with the keys of services ("HTTP/web.contoso.com") and accounts ("WEB01$"); an account without a password
  // gets a random one first.
  virtual Result<void> write_keytab(const std::string& path, const std::vector<std::string>& principals) = 0;

  // Artefacts.
  virtual Certificate ca_certificate() const = 0;                   // certutil -ca.cert: this CA's own
  virtual std::vector<Certificate> ca_chain() const = 0;            // issuing CA first, root last
  virtual Result<Bytes> crl(bool of_root) = 0;                      // DER of the published base CRL
  virtual Result<Bytes> crl_of_key(int key_index, bool delta) = 0;  // of this CA; a Fault when there is none
  virtual std::vector<Certificate> ca_certificates() const = 0;     // this CA's own by certificate index, newest last
  virtual Result<std::vector<Certificate>> device_certificates(const std::string& device) = 0;  // newest first
  virtual Result<Bytes> delivered_pfx(const std::string& device, std::string& password) = 0;    // last PFX as delivered
  virtual Result<Trace> request_trace(std::int64_t request_id) = 0;
  virtual Result<std::string> explain_request(std::int64_t request_id) = 0;
  virtual Result<std::string> explain_certificate(const Certificate&) = 0;
  virtual CertificateSummary summarise(const Certificate&) = 0;
  virtual std::vector<Endpoint> endpoints() const = 0;
  virtual const EventLog& event_log() const = 0;  // of all parties; thread-safe, as long as the lab lives
  virtual const LabSpec& spec() const = 0;
};

}  // namespace mimica::harness
