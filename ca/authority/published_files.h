// What the CA gives out as files: its certificates and lists, and those of its root.
#pragma once

#include <vector>

#include "ca/authority/offline_root.h"
#include "ca/authority/revocation_lists.h"
#include "ca/authority/state.h"

namespace mimica::ca {

Result<std::vector<PublishedFile>> published_files(const AuthorityState& state, RevocationLists& lists,
                                                   OfflineRoot& root, Timestamp now);

}  // namespace mimica::ca
