#include "ldap/dsa/protocol.h"

namespace mimica::ldap {

std::vector<std::string> supported_controls() {
  return {std::string(control::kPagedResults),  std::string(control::kSdFlags),
          std::string(control::kShowDeleted),   std::string(control::kLazyCommit),
          std::string(control::kTreeDelete),    std::string(control::kDomainScope),
          std::string(control::kSearchOptions), std::string(control::kPermissiveModify),
          std::string(control::kShowRecycled)};
}

std::vector<std::string> supported_extensions() { return {std::string(extension::kWhoAmI)}; }

}  // namespace mimica::ldap
