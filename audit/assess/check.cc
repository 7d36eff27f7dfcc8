#include "audit/assess/check.h"

#include <algorithm>

#include "audit/assess/certificate_rules.h"
#include "audit/lint/authority_linter.h"
#include "audit/lint/template_linter.h"
#include "connector/tenant/validate.h"

namespace mimica::audit {
namespace {

Finding finding_of(const connector::Profile& profile) {
  return {Finding::Kind::profile,
          (profile.display_name.empty() ? "without a name" : profile.display_name) + " (" + profile.type_name + ")",
          connector::trace_of(connector::validate(profile), connector::profile_rules(), HResult::E_INVALIDARG)};
}

}  // namespace

Trace check_certificate(const Certificate& certificate, Timestamp at) {
  Trace trace;
  const std::string period = to_iso(certificate.not_before()) + " to " + to_iso(certificate.not_after());
  if (at < certificate.not_before())
    trace.fail(rule::kCertificateTime, HResult::CERT_E_EXPIRED, "not valid before " + to_iso(certificate.not_before()));
  else if (at > certificate.not_after())
    trace.fail(rule::kCertificateTime, HResult::CERT_E_EXPIRED, "expired on " + to_iso(certificate.not_after()));
  else
    trace.pass(rule::kCertificateTime, period);
  if (certificate.is_ca()) {
    for (const Rule* rule : {&rule::kCertificateSid, &rule::kCertificatePurpose, &rule::kCertificateName})
      trace.skip(*rule, "this is the certificate of a certification authority");
    return trace;
  }

  const std::vector<GeneralName> names = certificate.subject_alt_names();
  const auto sid_uri = std::find_if(names.begin(), names.end(), [](const GeneralName& n) {
    return n.kind == GeneralName::Kind::uri && starts_with_ignore_case(n.text, "tag:microsoft.com,2022-09-14:sid:");
  });
  if (const Extension* extension = certificate.extension(oids::kSidExtension)) {
    auto sid = ext::parse_sid(extension->value);
    if (sid)
      trace.pass(rule::kCertificateSid, "security extension with " + sid->to_string());
    else
      trace.fail(rule::kCertificateSid, HResult::ERROR_INVALID_DATA,
                 "the security extension is malformed: " + sid.error().what);
  } else if (sid_uri != names.end()) {
    trace.warn(rule::kCertificateSid, "only as a SAN URI, which needs Windows Server 2019 or later: " + sid_uri->text);
  } else {
    trace.warn(rule::kCertificateSid,
               "neither security extension nor SAN URI: refused by domain controllers under full enforcement "
               "unless it is mapped explicitly");
  }

  const std::vector<Oid> purposes = certificate.extended_key_usage();
  const auto usable = std::find_if(purposes.begin(), purposes.end(), [](const Oid& oid) {
    return oid == oids::kClientAuth || oid == oids::kSmartCardLogon || oid == oids::kPkinitClient ||
           oid == oids::kAnyExtendedKeyUsage;
  });
  if (purposes.empty())
    trace.warn(rule::kCertificatePurpose, "no extended key usage at all: good for any purpose");
  else if (usable != purposes.end())
    trace.pass(rule::kCertificatePurpose, std::string(display_name(*usable)));
  else
    trace.warn(rule::kCertificatePurpose, "not for logon");

  const auto named = std::find_if(names.begin(), names.end(), [](const GeneralName& n) {
    return n.kind == GeneralName::Kind::upn || n.kind == GeneralName::Kind::dns;
  });
  if (named != names.end())
    trace.pass(rule::kCertificateName, to_string(*named));
  else
    trace.warn(rule::kCertificateName, "neither UPN nor DNS name");
  return trace;
}

std::vector<Finding> check_parts(const Imported& file, const CheckContext& context) {
  std::vector<Finding> out = file.findings;
  for (const connector::Profile& profile : file.profiles) out.push_back(finding_of(profile));
  for (const Certificate& certificate : file.certificates) {
    const std::string subject = certificate.subject().to_cert_str();
    Finding one{Finding::Kind::certificate, subject.empty() ? "without a subject" : subject,
                check_certificate(certificate, context.at)};
    if (context.details) one.detail = context.details(certificate);
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<Finding>> check(const Imported& file, const std::string& source, const CheckContext& context) {
  std::vector<Finding> out = check_parts(file, context);
  if (!file.forest) return out;
  const ReadExport& forest = *file.forest;
  const ForestFacts facts{forest.templates, forest.linked_policies, forest.name_of};
  LintContext lint_context;
  lint_context.name_of = forest.name_of;
  for (const AuthorityFacts& authority : forest.authorities)
    out.push_back({Finding::Kind::authority, authority.name, lint_configuration(authority, facts)});
  for (const templates::CertificateTemplate& value : forest.templates)
    out.push_back({Finding::Kind::certificate_template, value.cn, lint(value, lint_context)});
  for (const Fault& unreadable : forest.unreadable)
    out.push_back({Finding::Kind::certificate_template, "that cannot be read", {}, {}, {unreadable}});
  if (out.empty())
    return fault("the export holds neither a certificate template nor a CA", {source, 0, 0, {}},
                 "export the objects below CN=Public Key Services with all attributes");
  return out;
}

}  // namespace mimica::audit
