// The certification authority as its faces see it: a front over the parties that do its work. Their locks:
// ca/authority/state.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ca/authority/administration.h"
#include "ca/authority/issuance.h"
#include "ca/authority/maintenance.h"
#include "ca/authority/officers.h"
#include "ca/authority/offline_root.h"
#include "ca/authority/renewal.h"
#include "ca/authority/revocation_lists.h"
#include "ca/authority/rights.h"
#include "ca/authority/rows.h"
#include "ca/authority/state.h"
#include "ca/authority/values.h"

namespace mimica::ca {

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
  Result<std::optional<CrlRow>> crl(int key_index, CrlKind kind) {
    return lists_.in_force(key_index, kind, state_->now());
  }
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

  // ---- the registry by its names (ca/registry/registry.h) ----------------------------------------------------------
  // Whether the caller holds that right (ca_access::kManageCa or kIssueAndManage).
  Result<Decision<Unit>> may(std::uint32_t right, std::string_view caller) const;
  // Whether the caller may read the configuration and the database: any right on the CA will do.
  Result<Decision<Unit>> may_read(std::string_view caller) const;
  // config() with the values that follow from the set-up: CACertHash, DSConfigDN, DSDomainDN.
  CaConfig registry() const;
  // Needs Manage CA. Counts from the next request on; a fault of `edit` changes nothing.
  Result<Decision<RegistryChange>> change_registry(const std::function<Result<RegistryChange>(CaConfig&)>& edit,
                                                   std::string_view caller);

  // ---- maintenance of the database ---------------------------------------------------------------------------------
  // certutil -backupDB to a new file, while the CA runs. Needs Manage CA; events 4876, 4877.
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
  Database& database() { return state_->database(); }
  LookUps& look_ups() { return state_->look_ups(); }

 private:
  explicit CertificationAuthority(std::unique_ptr<AuthorityState> state)
      : state_(std::move(state)),
        rights_(*state_),
        rows_(*state_),
        lists_(*state_, rights_),
        root_(*state_),
        issuance_(*state_, rights_, rows_),
        officers_(*state_, rights_, rows_),
        renewal_(*state_, rights_, lists_),
        administration_(*state_, rights_),
        maintenance_(*state_, rights_, rows_, lists_, root_) {}

  const std::unique_ptr<AuthorityState> state_;
  const Rights rights_;
  Rows rows_;
  RevocationLists lists_;
  OfflineRoot root_;
  Issuance issuance_;
  Officers officers_;
  CaRenewal renewal_;
  Administration administration_;
  Maintenance maintenance_;
};

}  // namespace mimica::ca
