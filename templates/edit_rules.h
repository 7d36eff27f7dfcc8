// What the Certificate Templates console demands of an edit, as documented constants.
#pragma once

#include "core/base/decision.h"

namespace mimica::templates::rule {

inline constexpr Rule kEditVerb{"templates.edit.verb", "The edit is one of those that the console offers.",
                                "docs/scenarios.md", "docs/scenarios.md lists the edits", Provenance::inferred};
inline constexpr Rule kEditArgument{"templates.edit.argument", "The argument is one that the edit takes.",
                                    "docs/scenarios.md", "write the argument as the list of edits describes it",
                                    Provenance::inferred};
inline constexpr Rule kEditSchemaVersion{"templates.edit.schema_version",
                                         "A template of schema version 1 changes in its permissions alone.",
                                         "MS-CRTD 2.16; REQ-29; REQ-30", "duplicate it and edit the copy"};
inline constexpr Rule kEditPermissionsKnown{"templates.edit.permissions_known",
                                            "The permissions of the template are known before they are changed.",
                                            "MS-CRTD 2.5", "read the template with its security descriptor"};
inline constexpr Rule kEditDisplayName{"templates.edit.display_name", "The display name is not empty.",
                                       "MS-CRTD 2.4; REQ-33", "type a name into the General tab"};
inline constexpr Rule kEditValidity{"templates.edit.validity", "The validity period is longer than nothing.",
                                    "MS-CRTD 2.9 (pKIExpirationPeriod)", "set the validity to a positive duration"};
inline constexpr Rule kEditRenewal{"templates.edit.renewal", "The renewal period is not negative.",
                                   "MS-CRTD 2.10 (pKIOverlapPeriod)", "set the renewal period to 0 or more"};
inline constexpr Rule kEditOverlap{"templates.edit.overlap", "The renewal period is shorter than the validity.",
                                   "MS-CRTD 2.10; MS-ERREF 2.1 (CERTSRV_E_CERT_TYPE_OVERLAP)",
                                   "shorten the renewal period or lengthen the validity"};
inline constexpr Rule kEditCompatibility{"templates.edit.compatibility",
                                         "The compatibility is of a version that the tab offers (1 to 6).",
                                         "MS-CRTD 2.27; REQ-32", "choose from Windows Server 2003 to 2016"};
inline constexpr Rule kEditKeyStorage{
    "templates.edit.key_storage",
    "A key storage provider goes with Windows Server 2008 and Windows Vista compatibility or later.",
    "MS-CRTD 2.16; MS-CRTD 2.27", "set the compatibility first"};
inline constexpr Rule kEditAlgorithmProvider{"templates.edit.algorithm_provider",
                                             "Only a template for a key storage provider names algorithms.",
                                             "MS-CRTD 2.23.1", "choose provider: ksp first"};
inline constexpr Rule kEditAlgorithmName{"templates.edit.algorithm_name",
                                         "The algorithm has a name, and it holds no separator.", "MS-CRTD 2.23.1",
                                         "use a name of the provider, such as RSA, ECDSA_P256 or SHA256"};
inline constexpr Rule kEditKeySize{"templates.edit.key_size", "The minimum key size is between 160 and 16384 bits.",
                                   "MS-CRTD 2.12; REQ-39", "set the minimum key size to 2048", Provenance::inferred};
inline constexpr Rule kEditSignatures{"templates.edit.signatures", "At most 100 authorised signatures are required.",
                                      "MS-CRTD 2.14", "ask for fewer signatures", Provenance::inferred};
inline constexpr Rule kEditOid{"templates.edit.oid", "A duplicate has an object identifier of its own.",
                               "MS-CRTD 2.20; MS-WCCE 2.2.2.7.7.2", "allocate one below the forest's OID container"};
inline constexpr Rule kEditBuiltIn{"templates.edit.built_in", "The template to delete is not a built-in one.",
                                   "docs/divergences.md", "take it off the CA's list instead", Provenance::inferred};

}  // namespace mimica::templates::rule
