#include "templates/flags.h"

#include <span>
#include <string_view>

#include "core/base/number.h"
#include "core/base/text.h"

namespace mimica::templates {
namespace {

struct Named {
  std::uint32_t bit;
  std::string_view name;
};

constexpr Named kGeneral[] = {
    {0x1, "IS_SUBJECT_REQ"},       {0x2, "ADD_EMAIL"},           {0x4, "ADD_OBJ_GUID"},  {0x8, "PUBLISH_TO_DS"},
    {0x10, "EXPORTABLE_KEY"},      {0x20, "AUTO_ENROLLMENT"},    {0x40, "MACHINE_TYPE"}, {0x80, "IS_CA"},
    {0x100, "ADD_DIRECTORY_PATH"}, {0x200, "ADD_TEMPLATE_NAME"}, {0x800, "IS_CROSS_CA"}, {0x1000, "DONOTPERSISTINDB"},
    {0x10000, "IS_DEFAULT"},       {0x20000, "IS_MODIFIED"},
};
constexpr Named kEnrollment[] = {
    {0x1, "INCLUDE_SYMMETRIC_ALGORITHMS"},
    {0x2, "PEND_ALL_REQUESTS"},
    {0x4, "PUBLISH_TO_KRA_CONTAINER"},
    {0x8, "PUBLISH_TO_DS"},
    {0x10, "AUTO_ENROLLMENT_CHECK_USER_DS_CERTIFICATE"},
    {0x20, "AUTO_ENROLLMENT"},
    {0x40, "PREVIOUS_APPROVAL_VALIDATE_REENROLLMENT"},
    {0x80, "DOMAIN_AUTHENTICATION_NOT_REQUIRED"},
    {0x100, "USER_INTERACTION_REQUIRED"},
    {0x200, "ADD_TEMPLATE_NAME"},
    {0x400, "REMOVE_INVALID_CERTIFICATE_FROM_PERSONAL_STORE"},
    {0x800, "ALLOW_ENROLL_ON_BEHALF_OF"},
    {0x1000, "ADD_OCSP_NOCHECK"},
    {0x2000, "ENABLE_KEY_REUSE_ON_NT_TOKEN_KEYSET_STORAGE_FULL"},
    {0x4000, "NOREVOCATIONINFOINISSUEDCERTS"},
    {0x8000, "INCLUDE_BASIC_CONSTRAINTS_FOR_EE_CERTS"},
    {0x10000, "ALLOW_PREVIOUS_APPROVAL_KEYBASEDRENEWAL_VALIDATE_REENROLLMENT"},
    {0x20000, "ISSUANCE_POLICIES_FROM_REQUEST"},
    {0x40000, "SKIP_AUTO_RENEWAL"},
    {0x80000, "NO_SECURITY_EXTENSION"},
};
constexpr Named kPrivateKey[] = {
    {0x1, "REQUIRE_PRIVATE_KEY_ARCHIVAL"},
    {0x10, "EXPORTABLE_KEY"},
    {0x20, "STRONG_KEY_PROTECTION_REQUIRED"},
    {0x40, "REQUIRE_ALTERNATE_SIGNATURE_ALGORITHM"},
    {0x80, "REQUIRE_SAME_KEY_RENEWAL"},
    {0x100, "USE_LEGACY_PROVIDER"},
    {0x200, "EK_TRUST_ON_USE"},
    {0x400, "EK_VALIDATE_CERT"},
    {0x800, "EK_VALIDATE_KEY"},
    {0x1000, "ATTEST_PREFERRED"},
    {0x2000, "ATTEST_REQUIRED"},
    {0x4000, "ATTESTATION_WITHOUT_POLICY"},
    {0x100000, "HELLO_KSP_KEY"},
    {0x200000, "HELLO_LOGON_KEY"},
};
constexpr Named kName[] = {
    {0x1, "ENROLLEE_SUPPLIES_SUBJECT"},
    {0x2, "ADD_EMAIL"},
    {0x4, "ADD_OBJ_GUID"},
    {0x8, "OLD_CERT_SUPPLIES_SUBJECT_AND_ALT_NAME"},
    {0x100, "ADD_DIRECTORY_PATH"},
    {0x10000, "ENROLLEE_SUPPLIES_SUBJECT_ALT_NAME"},
    {0x400000, "SUBJECT_ALT_REQUIRE_DOMAIN_DNS"},
    {0x800000, "SUBJECT_ALT_REQUIRE_SPN"},
    {0x1000000, "SUBJECT_ALT_REQUIRE_DIRECTORY_GUID"},
    {0x2000000, "SUBJECT_ALT_REQUIRE_UPN"},
    {0x4000000, "SUBJECT_ALT_REQUIRE_EMAIL"},
    {0x8000000, "SUBJECT_ALT_REQUIRE_DNS"},
    {0x10000000, "SUBJECT_REQUIRE_DNS_AS_CN"},
    {0x20000000, "SUBJECT_REQUIRE_EMAIL"},
    {0x40000000, "SUBJECT_REQUIRE_COMMON_NAME"},
    {0x80000000, "SUBJECT_REQUIRE_DIRECTORY_PATH"},
};

std::string names(std::uint32_t bits, std::span<const Named> table) {
  if (bits == 0) return "0";
  std::string text;
  for (const Named& named : table) {
    if ((bits & named.bit) == 0) continue;
    append_item(text, named.name, " | ");
    bits &= ~named.bit;
  }
  if (bits != 0) append_item(text, to_0x(bits), " | ");
  return text;
}

}  // namespace

std::string to_string(FlagSet<GeneralFlag> flags) { return names(flags.bits(), kGeneral); }
std::string to_string(FlagSet<EnrollmentFlag> flags) { return names(flags.bits(), kEnrollment); }
std::string to_string(FlagSet<PrivateKeyFlag> flags) { return names(flags.bits(), kPrivateKey); }
std::string to_string(FlagSet<NameFlag> flags) { return names(flags.bits(), kName); }

}  // namespace mimica::templates
