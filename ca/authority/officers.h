// What certificate managers do: deny, change attributes of pending requests, revoke.
#pragma once

#include <functional>

#include "ca/authority/rights.h"
#include "ca/authority/rows.h"
#include "ca/authority/state.h"

namespace mimica::ca {

// Comments on the operations: ca/authority/authority.h.
class Officers {
 public:
  Officers(const AuthorityState& state, const Rights& rights, Rows& rows)
      : state_(state), rights_(rights), rows_(rows) {}

  Result<Decision<Unit>> deny(std::int64_t request_id, std::string_view caller);
  Result<Decision<Unit>> set_attributes(std::int64_t request_id, std::string_view attributes, std::string_view caller);
  Result<Decision<Unit>> revoke(std::string_view serial_hex, int reason, std::string_view caller,
                                std::optional<Timestamp> effective);

 private:
  // Who may decide about a pending request makes `change` to its row; the row as it is stored then.
  Result<Decision<RequestRecord>> change_pending(
      std::int64_t request_id, std::string_view caller,
      const std::function<Result<void>(RequestRecord&, const Administrator&)>& change);

  const AuthorityState& state_;
  const Rights& rights_;
  Rows& rows_;
};

}  // namespace mimica::ca
