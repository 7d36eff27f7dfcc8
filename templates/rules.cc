#include "templates/rules.h"

namespace mimica::templates {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {
      &rule::kCatalogExists,    &rule::kCatalogSchema,  &rule::kCatalogPublished,
      &rule::kCatalogCaVersion, &rule::kPermissionRead, &rule::kPermissionEnroll,
  };
  return kAll;
}

}  // namespace mimica::templates
