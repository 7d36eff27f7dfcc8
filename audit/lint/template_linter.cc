#include "audit/lint/template_linter.h"

#include <algorithm>

#include "audit/lint/template_linter_rules.h"
#include "core/base/text.h"

namespace mimica::audit {
namespace {

bool concerns(const LintContext& context, std::initializer_list<Platform> platforms) {
  if (context.platforms.empty()) return true;
  return std::any_of(platforms.begin(), platforms.end(), [&](Platform platform) {
    return std::find(context.platforms.begin(), context.platforms.end(), platform) != context.platforms.end();
  });
}

std::string bits(std::uint32_t value) { return std::to_string(value) + " bits"; }

std::string purpose_names(const std::vector<Oid>& oids) {
  std::string text;
  for (const Oid& oid : oids) {
    const std::string_view name = display_name(oid);
    append_item(text, name.empty() ? oid.dotted() : std::string(name));
  }
  return text.empty() ? "none" : text;
}

std::string version_name(int version, bool is_ca) {
  constexpr std::string_view kCa[] = {"none",
                                      "Windows Server 2003",
                                      "Windows Server 2008",
                                      "Windows Server 2008 R2",
                                      "Windows Server 2012",
                                      "Windows Server 2012 R2",
                                      "Windows Server 2016"};
  constexpr std::string_view kRecipient[] = {"none",      "Windows XP",  "Windows Vista", "Windows 7",
                                             "Windows 8", "Windows 8.1", "Windows 10"};
  if (version < 0 || version > 6) return std::to_string(version);
  return std::string(is_ca ? kCa[version] : kRecipient[version]);
}

bool is_elliptic(const templates::CertificateTemplate& value) {
  const templates::KeyProperty* algorithm = value.key_property("msPKI-Asymmetric-Algorithm");
  const auto* name = algorithm == nullptr ? nullptr : std::get_if<std::string>(&algorithm->value);
  return name != nullptr && starts_with_ignore_case(*name, "EC");
}

void lint_general(const templates::CertificateTemplate& value, Trace& trace) {
  if (value.is_built_in())
    trace.warn(rule::kLintDuplicate, "the template is the built-in " + value.cn, {{"flags", to_string(value.flags)}});
  else
    trace.pass(rule::kLintDuplicate, "the template is no built-in one");
  if (trim(value.display_name).empty() || starts_with_ignore_case(value.display_name, "Copy of "))
    trace.warn(rule::kLintDisplayName, value.display_name.empty()
                                           ? "there is no display name"
                                           : "the display name is still \"" + value.display_name + '"');
  else
    trace.pass(rule::kLintDisplayName, '"' + value.display_name + '"');

  const std::vector<Fact> names{{"cn", value.cn}, {"display name", value.display_name}};
  if (value.cn == value.display_name) {
    trace.pass(rule::kLintName, "name and display name are equal", names);
  } else {
    trace.warn(rule::kLintName,
               "the template name is \"" + value.cn + "\", the display name \"" + value.display_name + '"', names,
               "profiles must name \"" + value.cn + '"');
  }

  const std::string compatibility =
      version_name(value.ca_version(), true) + " and " + version_name(value.recipient_version(), false);
  if (value.ca_version() >= 3 && value.recipient_version() >= 3) {
    trace.pass(rule::kLintCompatibility, compatibility);
  } else {
    trace.warn(rule::kLintCompatibility, "compatibility is " + compatibility);
  }

  if (!value.supplies_subject()) {
    trace.skip(rule::kLintPublishInAd, "the subject is not supplied in the request");
  } else if (value.enrollment_flags.has(templates::EnrollmentFlag::publish_to_ds)) {
    trace.warn(rule::kLintPublishInAd, "certificates are published to the requester's account, not to the subject's",
               {{"msPKI-Enrollment-Flag", to_string(value.enrollment_flags)}});
  } else {
    trace.pass(rule::kLintPublishInAd, "certificates are not published in Active Directory");
  }
}

void lint_key(const templates::CertificateTemplate& value, const LintContext& context, Trace& trace) {
  if (value.is_exportable()) {
    trace.pass(rule::kLintExportable, "the private key is exportable");
  } else {
    trace.fail(rule::kLintExportable, {}, "the private key is not exportable: the connector cannot make a PFX",
               {{"msPKI-Private-Key-Flag", to_string(value.private_key_flags)}});
  }

  const std::uint32_t floor = is_elliptic(value) ? 256 : 2048;
  const std::vector<Fact> sizes{{"msPKI-Minimal-Key-Size", std::to_string(value.minimal_key_size)},
                                {"required", std::to_string(floor)}};
  if (value.minimal_key_size >= floor) {
    trace.pass(rule::kLintKeySize, "at least " + bits(value.minimal_key_size), sizes);
  } else {
    trace.fail(rule::kLintKeySize, {}, "keys of " + bits(value.minimal_key_size) + " are accepted", sizes);
  }

  if (!concerns(context, {Platform::ios, Platform::macos})) {
    trace.skip(rule::kLintKeySizeApple, "no Apple platform uses the template");
  } else if (value.minimal_key_size < 4096) {
    trace.pass(rule::kLintKeySizeApple, bits(value.minimal_key_size) + " suit every platform");
  } else {
    trace.warn(rule::kLintKeySizeApple,
               bits(value.minimal_key_size) + " are not listed as supported for PKCS profiles on iOS, iPadOS and macOS",
               sizes);
  }
}

// A TPM makes RSA keys of up to 2048 bits; Windows Hello for Business does not leave it.
void lint_tpm(const templates::CertificateTemplate& value, const LintContext& context, Trace& trace) {
  if (!concerns(context, {Platform::windows}))
    trace.skip(rule::kLintKeySizeTpm, "the template is not used on Windows");
  else if (is_elliptic(value) || value.minimal_key_size < 4096)
    trace.pass(rule::kLintKeySizeTpm, bits(value.minimal_key_size) + " fit into a TPM");
  else
    trace.warn(rule::kLintKeySizeTpm, bits(value.minimal_key_size) + " are stored by the software provider only",
               {{"msPKI-Minimal-Key-Size", std::to_string(value.minimal_key_size)}});
}

void lint_ca(const LintContext& context, Trace& trace) {
  if (!context.may_request || !context.may_revoke) {
    trace.skip(rule::kLintCaRights, "the security of the CA was not given");
  } else if (!*context.may_request) {
    trace.fail(rule::kLintCaRights, {}, context.connector_name + " may not request certificates",
               {{"account", context.connector_name}});
  } else if (!*context.may_revoke) {
    trace.warn(rule::kLintCaRights, context.connector_name + " may not revoke certificates",
               {{"account", context.connector_name}});
  } else {
    trace.pass(rule::kLintCaRights, context.connector_name + " may request and revoke certificates");
  }
  if (!context.published)
    trace.skip(rule::kLintPublished, "no CA was given");
  else if (*context.published)
    trace.pass(rule::kLintPublished, "the CA publishes it");
  else
    trace.fail(rule::kLintPublished, {}, "no CA publishes the template");
}

void lint_content(const templates::CertificateTemplate& value, const LintContext& context, Trace& trace) {
  const std::vector<Fact> name_flags{{"msPKI-Certificate-Name-Flag", to_string(value.name_flags)}};
  if (value.supplies_subject()) {
    trace.pass(rule::kLintSubject, "the subject is supplied in the request", name_flags);
  } else {
    trace.fail(rule::kLintSubject, {}, "the CA builds the subject from the requesting account", name_flags);
  }

  std::vector<Oid> missing;
  for (const Oid& oid : {oids::kEncryptingFileSystem, oids::kSecureEmail, oids::kClientAuth}) {
    const std::vector<Oid>& present = value.effective_application_policies();
    if (std::find(present.begin(), present.end(), oid) == present.end()) missing.push_back(oid);
  }
  const std::vector<Fact> policies{{"application policies", purpose_names(value.effective_application_policies())}};
  if (missing.empty()) {
    trace.pass(rule::kLintApplicationPolicies, purpose_names(value.effective_application_policies()), policies);
  } else {
    trace.fail(rule::kLintApplicationPolicies, {}, "missing: " + purpose_names(missing), policies);
  }

  const std::vector<Fact> usage{{"key usage", join(value.key_usage.names(), ", ")}};
  if (!concerns(context, {Platform::ios})) {
    trace.skip(rule::kLintProofOfOrigin, "the template is not used on iOS or iPadOS");
  } else if (!value.key_usage.has(templates::KeyUsage::Bit::non_repudiation)) {
    trace.pass(rule::kLintProofOfOrigin, "'Signature is proof of origin' is clear", usage);
  } else if (context.platforms.empty()) {
    trace.warn(rule::kLintProofOfOrigin,
               "'Signature is proof of origin' is set; iOS and iPadOS cannot use the certificate", usage);
  } else {
    trace.fail(rule::kLintProofOfOrigin, {}, "'Signature is proof of origin' is set", usage);
  }
}

void lint_connector(const templates::CertificateTemplate& value, const LintContext& context, Trace& trace) {
  if (!context.connector) {
    trace.skip(rule::kLintConnector, "no connector account was given");
    return;
  }
  std::vector<templates::Right> missing;
  for (const templates::Right right : {templates::Right::read, templates::Right::enroll}) {
    if (!holds(value, *context.connector, right)) missing.push_back(right);
  }
  const std::vector<Fact> facts{{"account", context.connector_name},
                                {"held", templates::describe(held_rights(value, *context.connector))}};
  if (missing.empty()) {
    trace.pass(rule::kLintConnector, context.connector_name + " holds Read and Enroll", facts);
  } else {
    trace.fail(rule::kLintConnector, {}, context.connector_name + " lacks " + templates::describe(missing), facts,
               "allow " + templates::describe(missing) + " to " + context.connector_name);
  }
}

void lint_low_privileged(const templates::CertificateTemplate& value, const LintContext& context, Trace& trace) {
  const std::string purpose = authentication_purpose(value);
  if (!value.supplies_subject()) {
    trace.skip(rule::kLintLowPrivilegedEnroll, "the subject is not supplied in the request");
    return;
  }
  if (purpose.empty()) {
    trace.skip(rule::kLintLowPrivilegedEnroll, "the certificate does not authenticate anybody");
    return;
  }
  std::vector<Sid> broad;
  for (const Sid& sid : holders(value, templates::Right::enroll)) {
    if (is_low_privileged(sid)) broad.push_back(sid);
  }
  if (broad.empty()) {
    trace.pass(rule::kLintLowPrivilegedEnroll,
               "Enroll is held by " + templates::describe(holders(value, templates::Right::enroll), context.name_of));
    return;
  }
  const std::string who = templates::describe(broad, context.name_of);
  const std::vector<Fact> facts{{"Enroll is held by", who}, {"purpose", purpose}};
  if (value.enrollment_flags.has(templates::EnrollmentFlag::pend_all_requests) || value.ra_signatures > 0) {
    trace.warn(rule::kLintLowPrivilegedEnroll,
               who + " may request certificates in any name; approval or a signature still stands in between", facts);
  } else {
    trace.fail(rule::kLintLowPrivilegedEnroll, {},
               who + " may enroll for a certificate that logs on as anybody (" + purpose + ")", facts,
               "remove " + who + " from the template's permissions");
  }
}

void lint_issuance(const templates::CertificateTemplate& value, Trace& trace) {
  const std::vector<Fact> flags{{"msPKI-Enrollment-Flag", to_string(value.enrollment_flags)}};
  if (value.enrollment_flags.has(templates::EnrollmentFlag::no_security_extension)) {
    trace.warn(rule::kLintSecurityExtension, "the CA never adds the SID extension", flags);
  } else {
    trace.pass(rule::kLintSecurityExtension, "the SID extension is not suppressed", flags);
  }
  if (value.enrollment_flags.has(templates::EnrollmentFlag::pend_all_requests)) {
    trace.fail(rule::kLintManagerApproval, {}, "every request waits for a certificate manager", flags);
  } else {
    trace.pass(rule::kLintManagerApproval, "requests are answered at once", flags);
  }
  const std::vector<Fact> signatures{{"msPKI-RA-Signature", std::to_string(value.ra_signatures)}};
  if (value.ra_signatures > 0) {
    trace.fail(rule::kLintRaSignature, {},
               "requests need " + std::to_string(value.ra_signatures) + " authorised signature(s)", signatures);
  } else {
    trace.pass(rule::kLintRaSignature, "no authorised signature is needed", signatures);
  }
}

}  // namespace

Trace lint(const templates::CertificateTemplate& value, const LintContext& context) {
  Trace trace;
  lint_general(value, trace);
  lint_key(value, context, trace);
  lint_tpm(value, context, trace);
  lint_content(value, context, trace);
  lint_connector(value, context, trace);
  lint_ca(context, trace);
  lint_low_privileged(value, context, trace);
  lint_issuance(value, trace);
  return trace;
}

bool is_low_privileged(const Sid& sid) {
  static const Sid guests = *Sid::parse("S-1-5-32-546");
  for (const Sid& broad : {sids::kEveryone, sids::kAnonymous, sids::kAuthenticatedUsers, sids::kBuiltinUsers,
                           sids::kPreWindows2000, guests}) {
    if (sid == broad) return true;
  }
  // A domain group: S-1-5-21-a-b-c-RID.
  if (sid.authority() != 5 || sid.sub_authorities().size() != 5 || sid.sub_authorities().front() != 21) return false;
  return sid.rid() == rid::kDomainUsers || sid.rid() == rid::kDomainGuests || sid.rid() == rid::kDomainComputers;
}

std::string authentication_purpose(const templates::CertificateTemplate& value) {
  const std::vector<Oid>& policies = value.effective_application_policies();
  if (policies.empty()) return "no purpose is named, so every purpose";
  for (const Oid& oid : {oids::kClientAuth, oids::kSmartCardLogon, oids::kPkinitClient, oids::kAnyExtendedKeyUsage}) {
    if (std::find(policies.begin(), policies.end(), oid) == policies.end()) continue;
    const std::string_view name = display_name(oid);
    return name.empty() ? oid.dotted() : std::string(name);
  }
  return {};
}

}  // namespace mimica::audit
