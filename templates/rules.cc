#include "templates/rules.h"

#include "templates/edit_rules.h"

namespace mimica::templates {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {&rule::kCatalogExists,
                                         &rule::kCatalogSchema,
                                         &rule::kCatalogPublished,
                                         &rule::kCatalogCaVersion,
                                         &rule::kPermissionRead,
                                         &rule::kPermissionEnroll,
                                         &rule::kEditVerb,
                                         &rule::kEditArgument,
                                         &rule::kEditSchemaVersion,
                                         &rule::kEditPermissionsKnown,
                                         &rule::kEditDisplayName,
                                         &rule::kEditValidity,
                                         &rule::kEditRenewal,
                                         &rule::kEditOverlap,
                                         &rule::kEditCompatibility,
                                         &rule::kEditKeyStorage,
                                         &rule::kEditAlgorithmProvider,
                                         &rule::kEditAlgorithmName,
                                         &rule::kEditKeySize,
                                         &rule::kEditSignatures,
                                         &rule::kEditOid,
                                         &rule::kEditBuiltIn};
  return kAll;
}

}  // namespace mimica::templates
