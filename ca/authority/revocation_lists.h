// Revocation lists of the CA's own keys: when one is due, what a run makes, where it goes.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ca/authority/rights.h"
#include "ca/authority/state.h"

namespace mimica::ca {

class RevocationLists {
 public:
  RevocationLists(const AuthorityState& state, const Rights& rights) : state_(state), rights_(rights) {}

  // Comments: ca/authority/authority.h.
  Result<Decision<CrlRow>> publish(std::string_view caller, const CrlPublication& what);
  // The list of a key in force at `now`. What is due is published first.
  Result<std::optional<CrlRow>> in_force(int key_index, CrlKind kind, Timestamp now);
  // The base CRL of the newest key.
  Result<CrlRow> current(Timestamp now);
  // While it is held no list is made or published.
  std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }

 private:
  struct Run;
  struct Signer;
  std::vector<Signer> signers(const Settings& settings, Timestamp now) const;
  Result<CrlRow> make_base(const Settings& settings, const Signer& signer, const Run& run, std::int64_t number) const;
  Result<CrlRow> make_delta(const Settings& settings, const Signer& signer, const Run& run, std::int64_t number,
                            const CrlRow* base) const;
  // With the lock held.
  Result<std::vector<CrlRow>> publish_run(const Run& run);
  Result<std::vector<CrlRow>> republish(bool delta_only, const std::string& who, Timestamp now);
  Result<void> publish_due(Timestamp now);
  Result<void> publish_list(const Settings& settings, CrlRow& row, const UrlTokens& tokens, const std::string& who,
                            bool base_failed, Timestamp now);
  Result<void> write_to_directory(std::string_view url, const Bytes& content) const;

  const AuthorityState& state_;
  const Rights& rights_;
  std::mutex mutex_;
};

}  // namespace mimica::ca
