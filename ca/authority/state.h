// What the parties of the certification authority share, and the discipline of their locks.
//
// Every party (issuance, revocation lists, officers, renewal, maintenance, administration) may be called from any
// thread. Each has at most one lock of its own and holds it over no I/O but that of its own store:
//
//   AuthorityState   configuration and identity             over nothing: values are replaced as a whole
//   Rows             rows of requests and certificates      over the database, from the comparison to the write
//   RevocationLists  rows of lists                          over the database and the locations of the lists: no list
//                                                           may overtake a later one there
//   OfflineRoot      its own rows of lists                  over the database
//   Administration   list of published templates            over the CA's own entry in the directory
//   CaRenewal        the succession of CA certificates      over cross certificates' rows, the CA's directory objects
//   TemplateAudit    templates that were seen               over nothing
//
// Nobody holds two locks but Maintenance, which restores the database under those of Rows, RevocationLists and
// OfflineRoot, taken in this order, and those who read the state, whose lock comes last. Callers and templates are
// looked up before a lock is taken; what was decided about a row is stored only if the row is still what it was
// (Rows::replace). Each operation reads the clock once and passes the instant down.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ca/authority/values.h"
#include "ca/events.h"
#include "ca/issue/identity.h"
#include "ca/policy/look_ups.h"
#include "ca/publication/names.h"
#include "ca/registry/config.h"

namespace mimica::ca {

// Configuration with everything derived from it; replaced as a whole.
struct Settings {
  CaConfig config;
  SigningCertificate signer;  // of issued certificates
  UrlTokens tokens;
  Bytes revocation;        // encoded CDP of issued certificates
  Bytes authority_access;  // encoded AIA
  Bytes key_id;
};

class AuthorityState {
 public:
  static Result<std::unique_ptr<AuthorityState>> open(const CaConfig& config, const SetupOptions& options,
                                                      CaIdentity identity, const CaEnvironment& environment);

  Timestamp now() const { return environment_.clock->now(); }
  Database& database() const { return *environment_.database; }
  Entropy& entropy() const { return *environment_.entropy; }
  LookUps& look_ups() const { return *look_ups_; }
  const SetupOptions& options() const { return options_; }

  std::shared_ptr<const Settings> settings() const;
  // Those under which a certificate is signed by an earlier key; nullptr: there is no such key.
  std::shared_ptr<const Settings> settings_of(int ca_certificate_index) const;
  // `change` runs under the lock.
  void configure(const std::function<void(CaConfig&)>& change);

  // As it is now; the reference stays good after a renewal, for what it was.
  const CaIdentity& identity() const;
  // What a renewal made is in force from here on.
  void succeed(CaIdentity next);
  std::vector<Certificate> chain() const;  // this CA first, root last
  std::vector<SigningCertificate> signing_certificates() const;

  UrlTokens tokens_of(const Certificate& certificate) const;
  UrlTokens root_tokens() const;
  bool is_named(std::string_view name) const;
  const UrlTokens& names() const { return names_; }  // without indexes

  // A restore is going on while it lasts: fails kServerRunning.
  class Suspension {
   public:
    explicit Suspension(AuthorityState& state) : state_(state) { state_.suspended_ = true; }
    Suspension(const Suspension&) = delete;
    Suspension& operator=(const Suspension&) = delete;
    ~Suspension() { state_.suspended_ = false; }

   private:
    AuthorityState& state_;
  };
  bool is_running(Trace& trace) const;

  void emit(const EventKind& kind, Timestamp at, std::vector<std::string> values, const Trace& trace = {}) const;
  bool has_events() const { return environment_.events != nullptr; }

 private:
  AuthorityState(const SetupOptions& options, const CaEnvironment& environment)
      : options_(options), environment_(environment) {}
  std::shared_ptr<const Settings> derive(CaConfig config, SigningCertificate signer) const;

  const SetupOptions options_;
  const CaEnvironment environment_;
  UrlTokens names_;
  std::unique_ptr<LookUps> look_ups_;
  std::atomic<bool> suspended_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const Settings> settings_;
  std::vector<std::unique_ptr<const CaIdentity>> identities_;  // the last one is in force; the others for references
};

// An offline root's common name and host, as options and configuration name them.
std::string root_name(const SetupOptions& options, const CaConfig& config);
std::string root_server(const SetupOptions& options, const CaConfig& config);

}  // namespace mimica::ca
