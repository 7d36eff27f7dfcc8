// Faults as Active Directory words them: eight hexadecimal digits of a Win32 error, the kind of error and the DIT
// engine's problem number (MS-ADTS 3.1.1.3.1.9). Clients parse the digits; the rest is for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/fault.h"

namespace mimica::ldap {

namespace win32 {  // MS-ERREF 2.2
inline constexpr std::uint32_t kInvalidParameter = 0x57, kLogonFailure = 0x52E, kNoSuchUser = 0x525,
                               kInvalidLogonHours = 0x530, kPasswordExpired = 0x532, kAccountDisabled = 0x533,
                               kAccountExpired = 0x701, kPasswordMustChange = 0x773, kNotAuthenticated = 0x4DC,
                               kUserExists = 0x524, kMemberInAlias = 0x562, kMemberNotInAlias = 0x561,
                               kGenFailure = 0x1F, kPasswordRestriction = 0x52D, kObjectNameExists = 0x2071,
                               kIllegalModOperation = 0x2077, kMissingRequiredAttribute = 0x207C,
                               kAttributeNotInClass = 0x207D, kObjectClassRequired = 0x207B,
                               kObjectClassViolation = 0x2014, kChildrenExist = 0x2015, kSingleValueConstraint = 0x2081,
                               kValueExists = 0x2083, kNoAttribute = 0x2080, kNoSuchValue = 0x2085, kNotOnRdn = 0x2016,
                               kNoParent = 0x2089, kObjectNotFound = 0x208D, kBadNameSyntax = 0x208F,
                               kInvalidSyntax = 0x200B, kInsufficientRights = 0x2098, kIllegalSuperior = 0x2099,
                               kReferral = 0x202B, kSystemOnly = 0x20B1, kNameReferenceInvalid = 0x20B5,
                               kNamingViolation = 0x2045, kSpnNotUnique = 0x21C7, kUpnNotUnique = 0x21C8,
                               kNotSupported = 0x2024, kUnavailableCriticalExtension = 0x2024;
}  // namespace win32

// The hint is for people and stays in process; `detail` becomes part of the diagnostic message.
Fault name_error(LdapCode code, std::uint32_t win32, std::string_view problem, std::string_view detail,
                 std::string hint);
Fault update_error(LdapCode code, std::uint32_t win32, std::string_view problem, std::string hint);
Fault attribute_error(LdapCode code, std::uint32_t win32, std::string_view problem, std::string_view attribute,
                      std::string hint);
Fault service_error(LdapCode code, std::uint32_t win32, std::string hint);
Fault security_error(std::string hint);  // insufficientAccessRights
Fault protocol_error(LdapCode code, std::uint32_t win32, std::string_view comment, std::string hint);  // "LdapErr"
Fault bind_error(std::uint32_t data, std::string hint);  // invalidCredentials, "data 52e"
Fault not_authenticated();                               // operationsError 000004DC
Fault no_such_object(std::string_view dn, std::string_view best_match);

}  // namespace mimica::ldap
