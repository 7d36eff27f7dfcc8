// The offline root above a two-tier CA: its key signs its own certificate, those of the CA below it, and its list.
#pragma once

#include <mutex>

#include "ca/authority/state.h"
#include "ca/issue/ca_certificates.h"

namespace mimica::ca {

class OfflineRoot {
 public:
  explicit OfflineRoot(const AuthorityState& state) : state_(state) {}

  // Fails kRenewalParent when the key is not here or the root has ended.
  static bool can_certify(const CaIdentity& identity, Timestamp now, Trace& trace);
  // A certificate of the CA below. `tokens`: names and locations of the root.
  static Result<Certificate> certify(const CaIdentity& identity, const CaCertificateTerms& terms,
                                     const CaConfig& config, const UrlTokens& tokens);
  // Renewed when it is due and the key is here.
  Result<CrlRow> current_list(Timestamp now);
  std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }

 private:
  const AuthorityState& state_;
  std::mutex mutex_;
};

}  // namespace mimica::ca
