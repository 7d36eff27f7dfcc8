// The rows of requests, as those who decide about them read and replace them.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>

#include "ca/authority/state.h"

namespace mimica::ca {

class Rows {
 public:
  explicit Rows(const AuthorityState& state) : database_(state.database()) {}

  // Fails or passes kRowKnown.
  Result<std::optional<RequestRecord>> find(std::int64_t request_id, Trace& trace) const;
  // Stores `next` in the place of `seen`; false, when the row is no longer what was seen: then whoever decided reads
  // and decides again.
  Result<bool> replace(const RequestRecord& seen, const RequestRecord& next);
  Result<std::int64_t> erase(const RowDeletion& deletion);
  // While it is held nothing is replaced or erased.
  std::unique_lock<std::mutex> hold() { return std::unique_lock(mutex_); }

 private:
  Database& database_;
  std::mutex mutex_;
};

}  // namespace mimica::ca
