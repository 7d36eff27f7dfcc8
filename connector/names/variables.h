// Variables of subject and subject alternative name formats: {{UserName}}, {{DeviceId}}, ... Names are
// case-insensitive, substitution is textual (values are not quoted for you), and one variable without a value fails the
// whole profile on the device (REQ-112).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/inventory/inventory.h"
#include "connector/profile/profile.h"
#include "core/base/decision.h"
#include "core/pki/certificate.h"

namespace mimica::connector {

enum class Variable {
  user_name,
  user_principal_name,
  email_address,
  on_prem_distinguished_name,
  on_prem_sam_account_name,
  given_name,
  surname,
  department,
  on_prem_security_identifier,  // SCEP only
  entra_device_id,
  device_id,
  serial_number,
  imei,
  meid,
  wifi_mac_address,
  device_name,
  fully_qualified_domain_name,
};

struct VariableName {
  std::string_view name;  // as documented
  Variable variable;
  bool user = false;       // needs user affinity
  bool spoofable = false;  // reported by the device about itself (REQ-111)
};
// Every documented name, aliases included.
std::span<const VariableName> variable_names();
const VariableName* find_variable(std::string_view name);

// A format split into literal text and variables.
struct FormatPart {
  std::string_view text;  // literal text, or the name between the brackets
  bool variable = false;
};
struct Format {
  std::vector<FormatPart> parts;
  bool stray_brace = false;  // a single or unbalanced bracket was found in the literal text
};
Format split_format(std::string_view format);

// What {{UserName}} stands for: public articles disagree, so it is a switch of the tenant.
enum class UserNameSemantics { display_name, alias, upn };

// What a subject with backslash-escaped + ; , = does (REQ-92): the request fails, or goes out as CertStrToName reads
// it.
enum class EscapedCharacters { fail, as_parsed };

struct NamingOptions {
  UserNameSemantics user_name = UserNameSemantics::display_name;
  // An e-mail SAN of a user without mail goes to the CA as an empty name and fails there (E_INVALIDARG), as field
  // reports have it; false: the service refuses like for any other empty variable.
  bool empty_mail_reaches_ca = true;
  EscapedCharacters escaped = EscapedCharacters::fail;
  // Windows: CertEnroll encodes the subject in reverse of the string (first RDN of the DER = last of the string).
  bool reverse_subject = true;
};

struct ResolvedNames {
  std::string subject;  // CertStrToName text without variables
  std::vector<SubjectAlternativeName> sans;
  bool operator==(const ResolvedNames&) const = default;
};

// One text. Refusals: connector.variable.* with ERROR_NOT_FOUND, one failing step per variable.
Decision<std::string> resolve_text(std::string_view format, const ManagedDevice& device, const User* user,
                                   const NamingOptions& options);
// Subject and all subject alternative names of a profile.
Decision<ResolvedNames> resolve_names(const PkcsSettings& settings, const ManagedDevice& device, const User* user,
                                      const NamingOptions& options);

struct EncodedNames {
  Name subject;
  std::vector<GeneralName> sans;
};
// What the connector puts into the PKCS#10. Refusals: connector.subject.* with the CRYPT_E_INVALID_* codes.
Decision<EncodedNames> encode_names(const ResolvedNames& names, const NamingOptions& options);

}  // namespace mimica::connector
