#include "ldap/rules.h"

namespace mimica::ldap {

std::span<const Rule* const> rules() {
  static constexpr const Rule* kAll[] = {&rule::kBindRequired,
                                         &rule::kBindCredentials,
                                         &rule::kBindAccountState,
                                         &rule::kNameSyntax,
                                         &rule::kNameSingle,
                                         &rule::kNameContext,
                                         &rule::kNameExists,
                                         &rule::kSearchTokenGroups,
                                         &rule::kSearchConstructed,
                                         &rule::kCompareAttribute,
                                         &rule::kCompareValue,
                                         &rule::kAddParent,
                                         &rule::kAddExists,
                                         &rule::kAddObjectClass,
                                         &rule::kAddAccess,
                                         &rule::kAddSuperior,
                                         &rule::kAddNaming,
                                         &rule::kWriteAccess,
                                         &rule::kWriteSchemaAttribute,
                                         &rule::kWriteSchemaFixed,
                                         &rule::kWriteAllowed,
                                         &rule::kWriteRequired,
                                         &rule::kWriteObjectClass,
                                         &rule::kWriteSingleValued,
                                         &rule::kWriteSyntax,
                                         &rule::kWriteReference,
                                         &rule::kWriteDuplicate,
                                         &rule::kWriteNoSuchValue,
                                         &rule::kWriteSystemOnly,
                                         &rule::kWriteRdn,
                                         &rule::kWriteUnique,
                                         &rule::kPasswordForm,
                                         &rule::kPasswordOld,
                                         &rule::kPasswordAccess,
                                         &rule::kRenameForm,
                                         &rule::kRenameSystem,
                                         &rule::kRenameNaming,
                                         &rule::kRenameContext,
                                         &rule::kRenameCircle,
                                         &rule::kRenameAccess,
                                         &rule::kRenameExists,
                                         &rule::kDeleteSystem,
                                         &rule::kDeleteAccess,
                                         &rule::kDeleteChildren};
  return kAll;
}

}  // namespace mimica::ldap
