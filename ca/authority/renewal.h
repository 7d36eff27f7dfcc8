// Renewal of the CA certificate: decided, signed, put in place, and only then published.
#pragma once

#include <mutex>

#include "ca/authority/offline_root.h"
#include "ca/authority/revocation_lists.h"
#include "ca/authority/rights.h"
#include "ca/authority/state.h"

namespace mimica::ca {

class CaRenewal {
 public:
  CaRenewal(AuthorityState& state, const Rights& rights, RevocationLists& lists)
      : state_(state), rights_(rights), lists_(lists) {}

  // Comments: ca/authority/authority.h.
  Result<Decision<Certificate>> renew(bool new_key, KeySource& keys, std::string_view caller);

 private:
  // The identity that follows `current`; nothing but rows of cross certificates is written.
  Result<CaIdentity> successor(const CaIdentity& current, bool new_key, KeySource& keys, Timestamp now) const;
  Result<void> add_cross_certificates(const Settings& settings, CaIdentity& next, Timestamp now) const;
  Result<void> publish(const CaIdentity& identity) const;

  AuthorityState& state_;
  const Rights& rights_;
  RevocationLists& lists_;
  std::mutex mutex_;
};

}  // namespace mimica::ca
