#include "connector/tenant/validate.h"

#include <array>

#include "connector/names/variables.h"
#include "connector/rules.h"
#include "core/base/json_document.h"
#include "core/pki/certificate.h"

namespace mimica::connector {
namespace {

constexpr std::size_t kMaxNames = 500;
constexpr std::size_t kMaxSilentApps = 50;
constexpr std::string_view kSubjectPointer = "/subjectNameFormatString";
constexpr std::string_view kSansPointer = "/customSubjectAlternativeNames";

class Checker {
 public:
  explicit Checker(const Profile& profile)
      : profile_(profile), subject_("profile " + profile.display_name), findings_(import_findings(profile)) {}

  Findings run() && {
    common();
    if (const PkcsSettings* pkcs = profile_.pkcs()) {
      authority(*pkcs);
      lifetime(*pkcs);
      apple(*pkcs);
      android(*pkcs);
      subject_name(*pkcs);
      alternative_names(*pkcs);
      limits(*pkcs);
    }
    if (const TrustedRootSettings* root = profile_.trusted_root()) trusted_root(*root);
    return std::move(findings_);
  }

 private:
  void add(const Rule& rule, Severity severity, std::string pointer, std::string message, std::string hint = {}) {
    findings_.push_back({&rule, severity, subject_, std::move(pointer), std::move(message), std::move(hint)});
  }
  void error(const Rule& rule, std::string pointer, std::string message, std::string hint = {}) {
    add(rule, Severity::error, std::move(pointer), std::move(message), std::move(hint));
  }
  void warn(const Rule& rule, std::string pointer, std::string message, std::string hint = {}) {
    add(rule, Severity::warning, std::move(pointer), std::move(message), std::move(hint));
  }
  void info(const Rule& rule, std::string pointer, std::string message) {
    add(rule, Severity::info, std::move(pointer), std::move(message));
  }

  void common() {
    if (trim(profile_.display_name).empty()) error(rule::kProfileName, "/displayName", "the display name is empty");
    if (!profile_.description || trim(*profile_.description).empty())
      info(rule::kProfileDescription, "/description", "no description");
  }

  void authority(const PkcsSettings& s) {
    const auto needed = [&](const std::optional<std::string>& value, std::string_view key) {
      if (!value || trim(*value).empty())
        error(rule::kProfileAuthority, "/" + std::string(key), std::string(key) + " is empty");
    };
    needed(s.authority_host, "certificationAuthority");
    needed(s.authority_name, "certificationAuthorityName");
    needed(s.template_name, "certificateTemplateName");
    const std::string host = s.authority_host.value_or("");
    if (!host.empty()) {
      const std::string at = "/certificationAuthority";
      if (host.find("://") != std::string::npos) {
        warn(rule::kProfileAuthorityHost, at, "'" + host + "' has a scheme");
      } else if (host.back() == '/') {
        warn(rule::kProfileAuthorityHost, at, "'" + host + "' ends in a slash");
      } else if (host.find('.') == std::string::npos) {
        warn(rule::kProfileAuthorityHost, at, "'" + host + "' is no fully qualified name");
      } else if (host.find_first_of(" \\/") != std::string::npos) {
        warn(rule::kProfileAuthorityHost, at, "'" + host + "' is no host name");
      }
    }
    if (s.template_name && s.template_name->find(' ') != std::string::npos)
      warn(rule::kProfileTemplateName, "/certificateTemplateName",
           "'" + *s.template_name + "' contains blanks and looks like a display name");
    if (s.authority_type == AuthorityType::digicert || equals_ignore_case(host, "pki-ws.symauth.com"))
      warn(rule::kProfileAuthorityType, "/certificationAuthority", "the profile asks a DigiCert PKI Platform");
  }

  void lifetime(const PkcsSettings& s) {
    const std::string threshold = "/renewalThresholdPercentage";
    if (!s.renewal_threshold) {
      info(rule::kProfileRenewalThreshold, threshold, "unset; 20 percent is assumed");
    } else if (*s.renewal_threshold < 1 || *s.renewal_threshold > 99) {
      error(rule::kProfileRenewalThreshold, threshold, std::to_string(*s.renewal_threshold) + " is outside 1..99");
    } else if (*s.renewal_threshold != 20) {
      info(rule::kProfileRenewalThreshold, threshold,
           std::to_string(*s.renewal_threshold) + " percent; 20 is recommended");
    }
    const std::string validity = "/certificateValidityPeriodValue";
    if (!s.validity_value || !s.validity_scale) return;
    const int value = *s.validity_value;
    const std::string shown = std::to_string(value) + " " + std::string(graph_name(*s.validity_scale));
    const bool over = (*s.validity_scale == ValidityScale::days && value > 731) ||
                      (*s.validity_scale == ValidityScale::months && value > 24) ||
                      (*s.validity_scale == ValidityScale::years && value > 2);
    if (value <= 0) {
      error(rule::kProfileValidity, validity, shown + " is no validity period");
    } else if (over) {
      error(rule::kProfileValidity, validity, shown + " is longer than 24 months");
    } else if (*s.validity_scale == ValidityScale::days && value < 5) {
      warn(rule::kProfileValidity, validity, shown + " is shorter than five days; devices are likely to refuse it");
    }
  }

  void apple(const PkcsSettings& s) {
    if (!s.channel) return;
    const bool machine = s.effective_store() == CertificateStore::machine;
    if (*s.channel == DeploymentChannel::user && machine)
      error(rule::kProfileChannelStore, "/deploymentChannel", "a device certificate cannot use the user channel");
    if (*s.channel == DeploymentChannel::device && !machine)
      warn(rule::kProfileChannel, "/deploymentChannel",
           "a user certificate in the device channel goes to the system keychain");
  }

  void android(const PkcsSettings& s) {
    if (profile_.type == nullptr || !profile_.type->has(property::kRootCertificate) || s.root_profile_id) return;
    if (profile_.stored())
      info(rule::kProfileRootCertificate, "/rootCertificate@odata.bind",
           "an export does not show the trusted root profile; any root on the device counts");
    else
      error(rule::kProfileRootCertificate, "/rootCertificate@odata.bind", "no trusted root profile is bound");
  }

  // Variables of one text: unknown ones, user variables in a device profile, brackets, spoofable identity.
  void variables(const PkcsSettings& s, std::string_view text, const std::string& pointer) {
    const Format format = split_format(text);
    if (format.stray_brace) warn(rule::kProfileBraces, pointer, "a single or unbalanced bracket stays literal text");
    for (const FormatPart& part : format.parts) {
      if (!part.variable) continue;
      const std::string shown = "{{" + std::string(part.text.substr(0, 64)) + "}}";
      const VariableName* name = find_variable(part.text);
      if (name == nullptr) {
        error(rule::kProfileVariables, pointer, shown + " is not a variable of Intune");
      } else if (name->variable == Variable::on_prem_security_identifier) {
        error(rule::kProfileSidVariable, pointer, shown + " cannot be used in a PKCS profile");
      } else if (name->user && s.effective_store() == CertificateStore::machine) {
        error(rule::kProfileDeviceVariables, pointer, shown + " is a user attribute, the certificate type is Device");
      }
      if (name != nullptr && name->spoofable)
        info(rule::kProfileSpoofable, pointer, shown + " is reported by the device and can be forged");
    }
  }

  void subject_name(const PkcsSettings& s) {
    const std::string format = s.subject_format();
    const std::string pointer(kSubjectPointer);
    if (format.empty()) {
      error(rule::kProfileSubjectSyntax, pointer, "there is no subject name format");
      return;
    }
    variables(s, format, pointer);
    // Every variable as a harmless word: what remains is the grammar of the static text.
    std::string probe;
    for (const FormatPart& part : split_format(format).parts) {
      if (!part.variable) {
        probe += part.text;
        continue;
      }
      if (probe.empty() || probe.back() != '"') unquoted(part, pointer);
      probe += "x";
    }
    for (std::size_t i = 0; i + 1 < format.size(); ++i) {
      if (format[i] != '\\' || std::string_view("+;,=").find(format[i + 1]) == std::string_view::npos) continue;
      warn(rule::kProfileEscapedCharacter, pointer, "the subject escapes '" + format.substr(i + 1, 1) + "'");
      return;  // the syntax error that follows has the same cause
    }
    const auto parsed = Name::parse_cert_str(probe);
    if (!parsed) error(rule::kProfileSubjectSyntax, pointer, parsed.error().what, parsed.error().hint);
  }

  void unquoted(const FormatPart& part, const std::string& pointer) {
    const VariableName* name = find_variable(part.text);
    if (name == nullptr) return;
    const std::string shown = "{{" + std::string(part.text) + "}}";
    if (name->variable == Variable::on_prem_distinguished_name)
      warn(rule::kProfileUnquotedName, pointer, shown + " holds commas and is not quoted");
    if (name->variable == Variable::user_name)
      info(rule::kProfileUnquotedName, pointer, shown + " fails for names with a comma unless it is quoted");
  }

  void alternative_names(const PkcsSettings& s) {
    const std::vector<SubjectAlternativeName> all = s.effective_sans();
    const bool corporate_android = profile_.type != nullptr && profile_.type->has(property::kAccessType);
    for (std::size_t i = 0; i < all.size() && i <= kMaxNames; ++i) {
      const SubjectAlternativeName& san = all[i];
      const std::string pointer =
          i < s.sans.size() ? pointer_to(kSansPointer, i) + "/name" : std::string("/subjectAlternativeNameType");
      variables(s, san.value, pointer);
      bool user_name = false;
      bool address = san.value.find('@') != std::string::npos;
      bool odd = false;
      for (const FormatPart& part : split_format(san.value).parts) {
        const VariableName* name = part.variable ? find_variable(part.text) : nullptr;
        if (name != nullptr && name->variable == Variable::user_name) user_name = true;
        if (name != nullptr &&
            (name->variable == Variable::user_principal_name || name->variable == Variable::email_address))
          address = true;
        if (!part.variable && part.text.find_first_of("{}|;") != std::string_view::npos) odd = true;
      }
      if ((san.type == SanType::upn || san.type == SanType::email) && !address)
        warn(rule::kProfileSanAtSign, pointer, "'" + san.value + "' has no at sign");
      if (odd) warn(rule::kProfileSanCharacters, pointer, "'" + san.value + "' has one of { } | ;");
      if (user_name && corporate_android)
        warn(rule::kProfileSanUserName, pointer, "{{UserName}} is not supported in the subject alternative name here");
    }
  }

  void limits(const PkcsSettings& s) {
    if (s.sans.size() > kMaxNames)
      error(rule::kProfileLimits, std::string(kSansPointer), std::to_string(s.sans.size()) + " entries");
    if (s.key_usages.size() > kMaxNames)
      error(rule::kProfileLimits, "/extendedKeyUsages", std::to_string(s.key_usages.size()) + " entries");
    if (s.silent_packages.size() > kMaxSilentApps)
      error(rule::kProfileLimits, "/silentCertificateAccessDetails",
            std::to_string(s.silent_packages.size()) + " entries");
    for (std::size_t i = 0; i < s.key_usages.size() && i <= kMaxNames; ++i)
      if (!Oid::parse(s.key_usages[i].oid))
        error(rule::kProfileKeyUsage, pointer_to("/extendedKeyUsages", i) + "/objectIdentifier",
              "'" + s.key_usages[i].oid + "' is no object identifier");
  }

  void trusted_root(const TrustedRootSettings& s) {
    const std::string pointer = "/trustedRootCertificate";
    if (s.certificate.empty()) {
      info(rule::kProfileRootContent, pointer, "empty: the root of the lab is meant");
      return;
    }
    const auto certificate = Certificate::parse(s.certificate);
    if (!certificate) {
      const bool pem = as_text(s.certificate).find("-----BEGIN") != std::string_view::npos;
      error(rule::kProfileRootContent, pointer,
            pem ? std::string("the content is PEM text")
                : "the content is no DER certificate: " + certificate.error().what);
      return;
    }
    if (!certificate->is_ca() && !certificate->self_issued()) {
      error(rule::kProfileRootContent, pointer, certificate->subject().to_cert_str() + " is an end-entity certificate");
      return;
    }
    if (!s.destination) return;
    const bool root_store = *s.destination == DestinationStore::computer_root;
    if (root_store && !certificate->self_issued())
      warn(rule::kProfileRootStore, "/destinationStore",
           "an intermediate certificate in the root store is not trusted");
    if (!root_store && certificate->self_issued())
      warn(rule::kProfileRootStore, "/destinationStore", "a root certificate in an intermediate store is not trusted");
  }

  const Profile& profile_;
  std::string subject_;
  Findings findings_;
};

constexpr std::array kChecked{&rule::kProfileKind,
                              &rule::kProfileName,
                              &rule::kProfileDescription,
                              &rule::kProfileProperties,
                              &rule::kProfileAuthority,
                              &rule::kProfileAuthorityHost,
                              &rule::kProfileAuthorityType,
                              &rule::kProfileTemplateName,
                              &rule::kProfileRenewalThreshold,
                              &rule::kProfileValidity,
                              &rule::kProfileChannelStore,
                              &rule::kProfileChannel,
                              &rule::kProfileRootCertificate,
                              &rule::kProfileVariables,
                              &rule::kProfileSidVariable,
                              &rule::kProfileDeviceVariables,
                              &rule::kProfileBraces,
                              &rule::kProfileSpoofable,
                              &rule::kProfileSubjectSyntax,
                              &rule::kProfileEscapedCharacter,
                              &rule::kProfileUnquotedName,
                              &rule::kProfileSanAtSign,
                              &rule::kProfileSanCharacters,
                              &rule::kProfileSanUserName,
                              &rule::kProfileKeyUsage,
                              &rule::kProfileLimits,
                              &rule::kProfileRootContent,
                              &rule::kProfileRootStore};

std::optional<DeploymentChannel> channel_of(const Profile& profile) {
  if (const PkcsSettings* pkcs = profile.pkcs()) return pkcs->channel;
  if (const TrustedRootSettings* root = profile.trusted_root()) return root->channel;
  return std::nullopt;
}

}  // namespace

std::span<const Rule* const> profile_rules() { return kChecked; }

Findings validate(const Profile& profile) { return Checker(profile).run(); }

Decision<Unit> may_save(const Profile& profile) {
  const Findings findings = validate(profile);
  Trace trace = trace_of(findings, kChecked, HResult::E_INVALIDARG);
  if (has_errors(findings)) return Decision<Unit>::refuse(std::move(trace));
  return Decision<Unit>::grant({}, std::move(trace));
}

Decision<Unit> may_replace(const Profile& before, const Profile& after, bool assigned) {
  Decision<Unit> decision = may_save(after);
  bool allowed = static_cast<bool>(decision);
  if (before.type_name != after.type_name) {
    decision.trace.fail(rule::kProfileKind, HResult::E_INVALIDARG,
                        "the type changed from " + before.type_name + " to " + after.type_name);
    allowed = false;
  }
  if (assigned && channel_of(before) != channel_of(after)) {
    decision.trace.fail(rule::kProfileChannelImmutable, HResult::E_INVALIDARG,
                        "the profile is assigned and its deploymentChannel differs");
    allowed = false;
  } else {
    decision.trace.pass(rule::kProfileChannelImmutable);
  }
  if (!allowed) return Decision<Unit>::refuse(std::move(decision.trace));
  return decision;
}

}  // namespace mimica::connector
