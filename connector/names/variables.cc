#include "connector/names/variables.h"

#include <array>
#include <utility>

#include "connector/rules.h"
#include "core/base/bytes.h"

namespace mimica::connector {
namespace {

using V = Variable;

constexpr std::array<VariableName, 21> kVariables{{
    {"UserName", V::user_name, true},
    {"UserPrincipalName", V::user_principal_name, true},
    {"EmailAddress", V::email_address, true},
    {"OnPrem_Distinguished_Name", V::on_prem_distinguished_name, true},
    {"onPremisesSamAccountName", V::on_prem_sam_account_name, true},
    {"GivenName", V::given_name, true},
    {"SurName", V::surname, true},
    {"Department", V::department, true},
    {"OnPremisesSecurityIdentifier", V::on_prem_security_identifier},
    {"AAD_Device_ID", V::entra_device_id},
    {"AzureADDeviceId", V::entra_device_id},
    {"DeviceId", V::device_id},
    {"SerialNumber", V::serial_number, false, true},
    {"Device_Serial", V::serial_number, false, true},
    {"IMEI", V::imei, false, true},
    {"IMEINumber", V::imei, false, true},
    {"Device_IMEI", V::imei, false, true},
    {"MEID", V::meid, false, true},
    {"WiFiMacAddress", V::wifi_mac_address, false, true},
    {"DeviceName", V::device_name, false, true},
    {"FullyQualifiedDomainName", V::fully_qualified_domain_name, false, true},
}};

// The answer for one variable: a value, or the rule that it fails.
struct Looked {
  std::optional<std::string> value;
  const Rule* failed = nullptr;
  std::string why;
};

Looked value_or_empty(const std::string& value, std::string_view attribute, std::string_view owner) {
  if (!value.empty()) return {value, nullptr, {}};
  return {std::nullopt, &rule::kVariableAttributeEmpty,
          std::string(owner) + " has no value in " + std::string(attribute)};
}

// REQ-93, REQ-94: serial number, IMEI and MEID on personally-owned work profiles.
bool withheld(const ManagedDevice& device) {
  if (device.enrollment != Enrollment::android_work_profile) return false;
  const Version at_enrollment = device.os_at_enrollment.known() ? device.os_at_enrollment : device.os_version;
  if (at_enrollment >= Version::of(12)) return true;
  return device.os_version >= Version::of(12) && !device.identifiers_cached;
}

Looked look_up_user(V variable, const User& user, UserNameSemantics semantics) {
  const std::string owner = "user " + user.user_principal_name;
  const auto on_premises = [&](std::string_view attribute, auto member) -> Looked {
    if (!user.on_premises)
      return {std::nullopt, &rule::kVariableNotSynced,
              owner + " is not synchronised from Active Directory and has no " + std::string(attribute)};
    return value_or_empty((*user.on_premises).*member, attribute, owner);
  };
  switch (variable) {
    case V::user_name:
      if (semantics == UserNameSemantics::display_name) return value_or_empty(user.display_name, "displayName", owner);
      if (semantics == UserNameSemantics::upn)
        return value_or_empty(user.user_principal_name, "userPrincipalName", owner);
      return value_or_empty(user.user_principal_name.substr(0, user.user_principal_name.find('@')), "userPrincipalName",
                            owner);
    case V::user_principal_name:
      return value_or_empty(user.user_principal_name, "userPrincipalName", owner);
    case V::email_address:
      return value_or_empty(user.mail, "mail", owner);
    case V::given_name:
      return value_or_empty(user.given_name, "givenName", owner);
    case V::surname:
      return value_or_empty(user.surname, "surname", owner);
    case V::department:
      return value_or_empty(user.department, "department", owner);
    case V::on_prem_distinguished_name:
      return on_premises("onPremisesDistinguishedName", &OnPremises::distinguished_name);
    default:
      return on_premises("onPremisesSamAccountName", &OnPremises::sam_account_name);
  }
}

Looked look_up_device(V variable, const ManagedDevice& device) {
  const std::string owner = "device " + device.name;
  const auto identifier = [&](const std::string& value, std::string_view attribute) -> Looked {
    if (withheld(device))
      return {std::nullopt, &rule::kVariablePlatformWithheld,
              "Android 12 withholds " + std::string(attribute) + " on the personally-owned work profile of " + owner};
    return value_or_empty(value, attribute, owner);
  };
  switch (variable) {
    case V::entra_device_id:
      return value_or_empty(device.entra_device_id, "azureADDeviceId", owner);
    case V::device_id:
      return value_or_empty(device.id, "id", owner);
    case V::serial_number:
      return identifier(device.serial_number, "serialNumber");
    case V::imei:
      return identifier(device.imei, "imei");
    case V::meid:
      return identifier(device.meid, "meid");
    case V::wifi_mac_address:
      if (device.wifi_mac_withheld)
        return {std::nullopt, &rule::kVariablePlatformWithheld, owner + " does not disclose its Wi-Fi address"};
      return value_or_empty(device.wifi_mac, "wiFiMacAddress", owner);
    case V::device_name:
      return value_or_empty(device.name, "deviceName", owner);
    default:
      break;
  }
  if (device.enrollment != Enrollment::windows || !device.domain_joined)
    return {std::nullopt, &rule::kVariableNotDomainJoined, owner + " is no domain-joined Windows device"};
  return value_or_empty(device.dns_name, "DNS name", owner);
}

Looked look_up(const VariableName& name, const ManagedDevice& device, const User* user, const NamingOptions& options) {
  if (name.variable == V::on_prem_security_identifier)
    return {std::nullopt, &rule::kVariableUnknown, "{{" + std::string(name.name) + "}} exists for SCEP profiles only"};
  if (!name.user) return look_up_device(name.variable, device);
  if (user == nullptr)
    return {std::nullopt, &rule::kVariableNoUser,
            "{{" + std::string(name.name) + "}} on device " + device.name + ", which has no user"};
  return look_up_user(name.variable, *user, options.user_name);
}

std::string substitute(std::string_view format, const ManagedDevice& device, const User* user,
                       const NamingOptions& options, bool empty_mail_allowed, Trace& trace, bool& failed) {
  std::string text;
  for (const FormatPart& part : split_format(format).parts) {
    if (!part.variable) {
      text += part.text;
      continue;
    }
    const VariableName* name = find_variable(part.text);
    const std::string shown = "{{" + std::string(part.text.substr(0, 64)) + "}}";
    if (name == nullptr) {
      failed = true;
      trace.fail(rule::kVariableUnknown, HResult::ERROR_NOT_FOUND, shown + " is not a variable of Intune");
      continue;
    }
    const Looked looked = look_up(*name, device, user, options);
    if (looked.value) {
      text += *looked.value;
      trace.pass(rule::kVariableAttributeEmpty, shown + " = " + *looked.value, {{"variable", std::string(part.text)}});
    } else if (empty_mail_allowed && name->variable == V::email_address &&
               looked.failed == &rule::kVariableAttributeEmpty) {
      trace.warn(rule::kVariableAttributeEmpty, looked.why + "; the empty name goes to the certification authority");
    } else {
      failed = true;
      trace.fail(*looked.failed, HResult::ERROR_NOT_FOUND, looked.why, {{"variable", std::string(part.text)}});
    }
  }
  return text;
}

bool has_escaped_character(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i)
    if (text[i] == '\\' && std::string_view("+;,=").find(text[i + 1]) != std::string_view::npos) return true;
  return false;
}

bool is_ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}

}  // namespace

std::span<const VariableName> variable_names() { return kVariables; }

const VariableName* find_variable(std::string_view name) {
  for (const VariableName& entry : kVariables)
    if (equals_ignore_case(entry.name, name)) return &entry;
  return nullptr;
}

Format split_format(std::string_view format) {
  Format out;
  const auto literal = [&](std::string_view text) {
    if (text.empty()) return;
    if (text.find_first_of("{}") != std::string_view::npos) out.stray_brace = true;
    out.parts.push_back({text, false});
  };
  while (!format.empty()) {
    const std::size_t open = format.find("{{");
    const std::size_t close = open == std::string_view::npos ? open : format.find("}}", open + 2);
    if (close == std::string_view::npos) break;
    // "{{{{Name}}": the innermost opening belongs to the name.
    const std::size_t inner = format.substr(0, close).rfind("{{");
    literal(format.substr(0, inner));
    out.parts.push_back({format.substr(inner + 2, close - inner - 2), true});
    format.remove_prefix(close + 2);
  }
  literal(format);
  return out;
}

Decision<std::string> resolve_text(std::string_view format, const ManagedDevice& device, const User* user,
                                   const NamingOptions& options) {
  Trace trace;
  bool failed = false;
  std::string text = substitute(format, device, user, options, false, trace, failed);
  if (failed) return Decision<std::string>::refuse(std::move(trace));
  return Decision<std::string>::grant(std::move(text), std::move(trace));
}

Decision<ResolvedNames> resolve_names(const PkcsSettings& settings, const ManagedDevice& device, const User* user,
                                      const NamingOptions& options) {
  Trace trace;
  bool failed = false;
  ResolvedNames names;
  names.subject = substitute(settings.subject_format(), device, user, options, false, trace, failed);
  for (const SubjectAlternativeName& san : settings.effective_sans()) {
    const bool mail = san.type == SanType::email && options.empty_mail_reaches_ca;
    names.sans.push_back({san.type, substitute(san.value, device, user, options, mail, trace, failed)});
  }
  if (failed) return Decision<ResolvedNames>::refuse(std::move(trace));
  return Decision<ResolvedNames>::grant(std::move(names), std::move(trace));
}

Decision<EncodedNames> encode_names(const ResolvedNames& names, const NamingOptions& options) {
  Trace trace;
  EncodedNames out;
  const auto refuse = [&] { return Decision<EncodedNames>::refuse(std::move(trace)); };
  if (has_escaped_character(names.subject)) {
    const std::string found =
        "\"" + names.subject + "\" escapes a character with a backslash, which CertStrToName does not know";
    if (options.escaped == EscapedCharacters::fail) {
      trace.fail(rule::kSubjectEscapedCharacter, HResult::CRYPT_E_INVALID_X500_STRING, found);
      return refuse();
    }
    trace.warn(rule::kSubjectEscapedCharacter, found);
  } else {
    trace.pass(rule::kSubjectEscapedCharacter);
  }
  auto subject = Name::parse_cert_str(names.subject, options.reverse_subject);
  if (!subject) {
    const Fault& error = subject.error();
    trace.fail(rule::kSubjectX500, error.code, "\"" + names.subject + "\": " + error.what, {}, error.hint);
    return refuse();
  }
  out.subject = *std::move(subject);
  trace.pass(rule::kSubjectX500, out.subject.to_cert_str());
  for (const SubjectAlternativeName& san : names.sans) {
    GeneralName name;
    name.text = san.value;
    switch (san.type) {
      case SanType::upn:
        name.kind = GeneralName::Kind::upn;
        break;
      case SanType::email:
        name.kind = GeneralName::Kind::email;
        break;
      case SanType::dns:
        name.kind = GeneralName::Kind::dns;
        break;
      case SanType::uri:
        name.kind = GeneralName::Kind::uri;
        break;
      case SanType::none:
        continue;
      case SanType::custom_attribute:
        trace.warn(rule::kSubjectAlternativeName,
                   "customAzureADAttribute \"" + san.value + "\" has no documented encoding and is left out");
        continue;
    }
    if (san.type != SanType::upn && !is_ascii(san.value)) {
      trace.fail(rule::kSubjectAlternativeName, HResult::CRYPT_E_INVALID_IA5_STRING,
                 std::string(graph_name(san.type)) + " \"" + san.value + "\" holds characters outside ASCII");
      return refuse();
    }
    out.sans.push_back(std::move(name));
  }
  if (!out.sans.empty()) trace.pass(rule::kSubjectAlternativeName, std::to_string(out.sans.size()) + " names");
  return Decision<EncodedNames>::grant(std::move(out), std::move(trace));
}

}  // namespace mimica::connector
