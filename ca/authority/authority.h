// The certification authority as its faces see it: gather, decide, perform in one place.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ca/events.h"
#include "ca/issue/identity.h"
#include "ca/policy/look_ups.h"
#include "ca/policy/policy.h"
#include "ca/publication/names.h"
#include "ca/registry/config.h"
#include "ca/registry/registry.h"
#include "ca/store/database.h"
#include "core/base/decision.h"
#include "core/base/entropy.h"
#include "core/base/time.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"
#include "ldap/account.h"
#include "ldap/directory.h"

namespace mimica::ca {

// pdwDisposition as clients see it (MS-WCCE 3.2.1.4.2.1; CR_DISP_*).
enum class Disposition {
  incomplete = 0,
  error = 1,
  denied = 2,
  issued = 3,
  issued_out_of_band = 4,
  under_submission = 5,
  revoked = 6
};
std::string_view to_string(Disposition disposition);  // "issued", "under submission", ...
Disposition to_client(DbDisposition disposition);

struct SubmitInput {
  std::string caller;           // account name in any form of ldap::account_by_any_name; the authenticated identity
  Bytes request;                // any form of ca/request/envelope.h, DER or PEM
  std::string attributes = {};  // "Name:Value" lines separated by LF
  // pwszAuthority: the name of the CA the client believes to talk to, plain, sanitized or short. Empty: not checked.
  std::string authority = {};
  // Signs with the key of that CA certificate instead of the newest: for the signing certificates of OCSP responders,
  // what UseDefinedCACertInRequest allows.
  std::optional<int> ca_certificate_index = {};
};

struct SubmitOutcome {
  std::optional<std::int64_t> request_id;  // absent when no row was kept
  Disposition disposition = Disposition::error;
  HResult status = HResult::S_OK;  // the HRESULT of a denial or error
  std::string message;             // DispositionMessage
  Bytes certificate;               // DER when issued
  Trace trace;
};

struct SetupOptions {
  bool two_tier = true;  // an offline stand-alone root and this CA below it
  KeySpec key = {KeyKind::rsa, 2048};
  std::optional<KeySpec> root_key;  // default: the same kind
  std::string root_common_name;     // default: CommonName and "-Root"
  std::string root_server_name;     // default: "rootca" in the domain of CAServerName
  Seconds validity = 5 * 365 * kDay;
  Seconds root_validity = 10 * 365 * kDay;
  bool install_templates = true;          // the built-in templates, when the forest has none
  bool publish_default_templates = true;  // LoadDefaultTemplates
};

// What the CA works with; everything outlives it.
struct CaEnvironment {
  ldap::Directory* directory = nullptr;  // bound as an account that may write the CA's objects
  Database* database = nullptr;
  const Clock* clock = nullptr;
  Entropy* entropy = nullptr;
  EventLog* events = nullptr;  // may be null
};

// certutil -CRL [DD:HH | republish] [delta].
struct CrlPublication {
  enum class Lists { all, delta };  // all: base CRLs, and delta CRLs when they are enabled
  Lists lists = Lists::all;
  bool republish = false;                      // no new lists: the last ones go to their locations again
  std::optional<Timestamp> next_publish = {};  // instead of now plus period
};

// A file that the CA publishes; served by ca/faces/publication/publication.h and written to disk by whoever wants it.
struct PublishedFile {
  std::string name;  // "CONTOSO-CA.crl"
  std::string path;  // "/CertEnroll/CONTOSO-CA.crl", decoded
  enum class Kind { certificate, crl } kind = Kind::certificate;
  Bytes content;  // DER
  Timestamp modified;
};

// Thread-safe. Callers are account names as in SubmitInput; an empty caller of an administrative operation is the CA's
// own administrator at its console and needs no right.
class CertificationAuthority {
 public:
  // Makes keys and certificates, publishes the CA in the directory (Enterprise CAs), publishes the first CRLs.
  static Result<std::unique_ptr<CertificationAuthority>> setup(const CaConfig& config, const SetupOptions& options,
                                                               KeySource& keys, const CaEnvironment& environment);
  // Starts an existing CA again; the directory and the database hold what setup and operation left there.
  static Result<std::unique_ptr<CertificationAuthority>> open(const CaConfig& config, const SetupOptions& options,
                                                              CaIdentity identity, const CaEnvironment& environment);

  // ---- requests ----------------------------------------------------------------------------------------------------
  // Faults only when the question could not be answered (directory or database down); nothing was issued then.
  Result<SubmitOutcome> submit(const SubmitInput& input);
  // What became of a request: its certificate once it is issued. Unknown ids answer CERTSRV_E_PROPERTY_EMPTY.
  Result<SubmitOutcome> retrieve(std::int64_t request_id);
  // Issues a pending request (needs Issue and Manage Certificates) or a denied one (needs Manage CA).
  Result<SubmitOutcome> resubmit(std::int64_t request_id, std::string_view caller);
  Result<Decision<Unit>> deny(std::int64_t request_id, std::string_view caller);
  // certutil -setattributes: "Name:Value" lines for a pending request; they replace those of the same name. Fault
  // E_INVALIDARG: there is none, or they become too long.
  Result<Decision<Unit>> set_attributes(std::int64_t request_id, std::string_view attributes, std::string_view caller);

  // ---- revocation --------------------------------------------------------------------------------------------------
  // Reasons 0 to 6 and 8, -1 to release from hold; -2 and -3 (0xFFFFFFFE, 0xFFFFFFFD) only say that the certificate
  // stays on CRLs after its end, or does not. `effective`: default now; a CRL lists nothing before it.
  Result<Decision<Unit>> revoke(std::string_view serial_hex, int reason, std::string_view caller,
                                std::optional<Timestamp> effective = std::nullopt);
  // Lists of every key of the CA. Answers the base CRL of the newest key, or its delta CRL when only those are made. A
  // Fault when a location could not be written; the lists are in the database and over HTTP all the same.
  Result<Decision<CrlRow>> publish_crl(std::string_view caller, const CrlPublication& what = {});
  // The lists in force, of the newest key. What is due is published first: lists whose next publication the lab clock
  // has passed. Without delta CRLs the last one that was made, if any.
  Result<CrlRow> current_crl();
  Result<std::optional<CrlRow>> current_delta_crl();
  // The same of any key of the CA.
  Result<std::optional<CrlRow>> crl(int key_index, CrlKind kind) { return crl_in_force(key_index, kind); }
  Result<CrlRow> current_root_crl();

  // ---- renewal -----------------------------------------------------------------------------------------------------
  // certutil -renewCert [ReuseKeys]: a new CA certificate, self-signed or by the root, with the same key or a new one.
  // Published in the directory; a new key gets its CRLs and, at a root, cross certificates with the previous key.
  Result<Decision<Certificate>> renew(bool new_key, KeySource& keys, std::string_view caller);

  // ---- administration ----------------------------------------------------------------------------------------------
  // certutil -SetCATemplates +cn / -cn. Unknown: CERTSRV_E_UNKNOWN_CERT_TYPE.
  Result<Decision<Unit>> set_template_published(std::string_view cn, bool published, std::string_view caller);
  Result<std::vector<std::string>> published_templates();
  Result<Decision<Unit>> set_security(const SecurityDescriptor& security, std::string_view caller);
  // Ticks or clears rights (ca_access::k… bits) of an account or well-known group on the Security tab.
  Result<Decision<Unit>> set_rights(std::string_view account, std::uint32_t rights, bool granted,
                                    std::string_view caller);
  // Restricted enrollment agents (true) or certificate managers; nullopt: no restriction. Needs Manage CA.
  Result<Decision<Unit>> set_restrictions(bool of_agents, const std::optional<SecurityDescriptor>& restrictions,
                                          std::string_view caller);
  Result<Decision<Unit>> remove_from_security(std::string_view account, std::string_view caller);
  // The registry. The change takes effect at the next request, as after a restart of the service.
  CaConfig config() const;
  void configure(const std::function<void(CaConfig&)>& change);

  // ---- the registry by its names (ca/registry/registry.h)
  // ------------------------------------------------------------------- Whether the caller holds that right
  // (ca_access::kManageCa or kIssueAndManage).
  Result<Decision<Unit>> may(std::uint32_t right, std::string_view caller) const;
  // Whether the caller may read the configuration and the database: any right on the CA will do.
  Result<Decision<Unit>> may_read(std::string_view caller) const;
  // config() with the values that follow from the set-up: CACertHash, DSConfigDN, DSDomainDN.
  CaConfig registry() const;
  // Needs Manage CA. Counts from the next request on; a fault of `edit` changes nothing.
  Result<Decision<RegistryChange>> change_registry(const std::function<Result<RegistryChange>(CaConfig&)>& edit,
                                                   std::string_view caller);

  // ---- maintenance of the database (ca/authority/authority_maintenance.cc)
  // --------------------------------------------------- certutil -backupDB to a new file, while the CA runs. Needs
  // Manage CA; events 4876, 4877.
  Result<Decision<Unit>> back_up(const std::string& path, std::string_view caller);
  // certutil -restoreDB. Needs Manage CA; requests are refused with CERTSRV_E_SERVER_SUSPENDED meanwhile; events 4878,
  // 4879.
  Result<Decision<Unit>> restore(const std::string& path, std::string_view caller);
  // certutil -deleterow; the number of deleted rows. Needs Manage CA and Issue and Manage Certificates; event 4896.
  Result<Decision<std::int64_t>> delete_rows(const RowDeletion& deletion, std::string_view caller);

  // ---- what it publishes -------------------------------------------------------------------------------------------
  // As it is now; the references stay good after a renewal, for what they were.
  const CaIdentity& identity() const;
  const Certificate& ca_certificate() const { return identity().certificate; }  // certutil -ca.cert
  std::vector<Certificate> chain() const;                                       // this CA first, root last
  // By certificate index: CR_PROP_CASIGCERT and the cross certificates. Without private keys.
  std::vector<SigningCertificate> signing_certificates() const;
  // Certificates and current CRLs of this CA and its root, at the paths of their http URLs.
  Result<std::vector<PublishedFile>> published_files();
  UrlTokens tokens() const;  // with the indexes of the newest certificate and key
  // MS-WCCE 3.2.1.4.2.1: plain, sanitized or sanitized short name.
  bool is_named(std::string_view name) const;
  Database& database() { return *environment_.database; }
  LookUps& look_ups() { return *look_ups_; }

 private:
  // Configuration with everything derived from it; replaced as a whole.
  struct Settings {
    CaConfig config;
    SigningCertificate signer;  // of issued certificates
    UrlTokens tokens;
    Bytes revocation;        // encoded CDP of issued certificates
    Bytes authority_access;  // encoded AIA
    Bytes key_id;
  };
  struct Administrator {
    std::string name;  // for messages
    Token token;
    bool console = false;
  };

  CertificationAuthority(const SetupOptions& options, CaIdentity identity, const CaEnvironment& environment);
  Result<void> start(const CaConfig& config);

  std::shared_ptr<const Settings> settings() const;
  // Those under which a certificate is signed by an earlier key; nullptr: there is no such key.
  std::shared_ptr<const Settings> settings_of(int ca_certificate_index) const;
  std::shared_ptr<const Settings> derive(CaConfig config, SigningCertificate signer) const;
  void emit(const EventKind& kind, std::vector<std::string> values, const Trace& trace = {}) const;
  UrlTokens root_tokens() const;
  UrlTokens tokens_of(const Certificate& certificate) const;
  Result<void> add_cross_certificates(const Settings& settings, CaIdentity& next);
  Result<void> publish_identity(const CaIdentity& identity) const;

  struct Gathered;
  // `subject`: on whose behalf the caller asks; empty: for itself.
  Result<Gathered> gather(const Settings& settings, const IncomingRequest& request, std::string_view caller,
                          std::string_view subject, LookUps::View& view) const;
  Result<std::vector<SignerFacts>> signer_facts(const IncomingRequest& request, Timestamp now) const;
  PolicyInput policy_input(const Settings& settings, const IncomingRequest& request, const Gathered& gathered,
                           LookUps::View& view, Timestamp now) const;
  Result<SubmitOutcome> refuse(RequestRecord record, Trace trace);
  Result<SubmitOutcome> perform(const Settings& settings, const Plan& plan, RequestRecord record, Trace trace,
                                const ldap::Account& requester, std::string_view message);
  // Events 4898 to 4900, when EDITF_AUDITCERTTEMPLATELOAD asks for them.
  void audit_template(const Settings& settings, const templates::CertificateTemplate& value) const;
  void publish_certificate(RequestRecord& record, const ldap::Account& account) const;

  Result<std::optional<Administrator>> administrator(std::string_view caller, Trace& trace) const;
  Result<bool> has_right(std::string_view caller, std::uint32_t right, Administrator& who, Trace& trace) const;
  // Restricted certificate managers: whether `who` may handle this row.
  Result<bool> may_handle(const Administrator& who, const RequestRecord& record, Trace& trace) const;
  Result<Sid> account_sid(std::string_view account) const;

  // authority_crl.cc
  struct CrlRun;
  struct CrlSigner;
  std::vector<CrlSigner> crl_signers(const Settings& settings) const;
  Result<CrlRow> make_base_crl(const Settings& settings, const CrlSigner& signer, const CrlRun& run,
                               std::int64_t number, Timestamp now) const;
  Result<CrlRow> make_delta_crl(const Settings& settings, const CrlSigner& signer, const CrlRun& run,
                                std::int64_t number, Timestamp now, const CrlRow* base) const;
  Result<std::vector<CrlRow>> publish_lists(const CrlRun& run);
  Result<std::vector<CrlRow>> republish_lists(bool delta_only, const std::string& who);
  Result<void> publish_list(const Settings& settings, CrlRow& row, const UrlTokens& tokens, const std::string& who,
                            bool base_failed);
  Result<void> write_to_directory(std::string_view url, const Bytes& content) const;
  Result<void> publish_due_lists();
  Result<std::optional<CrlRow>> crl_in_force(int key_index, CrlKind kind);
  bool is_running(Trace& trace) const;  // fails kServerRunning during a restore

  const SetupOptions options_;
  const CaEnvironment environment_;
  UrlTokens names_;  // without indexes
  std::unique_ptr<LookUps> look_ups_;
  mutable std::mutex settings_mutex_;
  std::shared_ptr<const Settings> settings_;
  mutable std::mutex loaded_mutex_;
  mutable std::map<std::string, templates::CertificateTemplate> loaded_;  // templates that were audited, by cn
  std::atomic<bool> suspended_{false};                                    // during a restore
  std::vector<std::unique_ptr<const CaIdentity>> identities_;  // the last one is in force; the others for references
  std::mutex crl_mutex_;                                       // one publication at a time
  std::mutex administration_mutex_;  // one change of a row, the security or the template list at a time
};

}  // namespace mimica::ca
