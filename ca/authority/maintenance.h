// Backup, restore and deletion of rows.
#pragma once

#include "ca/authority/offline_root.h"
#include "ca/authority/revocation_lists.h"
#include "ca/authority/rights.h"
#include "ca/authority/rows.h"
#include "ca/authority/state.h"

namespace mimica::ca {

// Comments on the operations: ca/authority/authority.h.
class Maintenance {
 public:
  Maintenance(AuthorityState& state, const Rights& rights, Rows& rows, RevocationLists& lists, OfflineRoot& root)
      : state_(state), rights_(rights), rows_(rows), lists_(lists), root_(root) {}

  Result<Decision<Unit>> back_up(const std::string& path, std::string_view caller);
  Result<Decision<Unit>> restore(const std::string& path, std::string_view caller);
  Result<Decision<std::int64_t>> delete_rows(const RowDeletion& deletion, std::string_view caller);

 private:
  AuthorityState& state_;
  const Rights& rights_;
  Rows& rows_;
  RevocationLists& lists_;
  OfflineRoot& root_;
};

}  // namespace mimica::ca
