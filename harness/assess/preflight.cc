#include "harness/assess/preflight.h"

#include <algorithm>

#include "audit/lint/template_linter.h"
#include "connector/profile/profile.h"
#include "connector/profile/profile_reader.h"
#include "connector/tenant/validate.h"
#include "harness/lab/request_builder.h"
#include "harness/report/report.h"
#include "harness/rules.h"
#include "ldap/store/ldif.h"
#include "templates/codec.h"

namespace mimica::harness {
namespace {

std::vector<Preflight> profiles(const std::string& source, std::string_view content) {
  std::vector<Preflight> out;
  auto parsed = connector::parse_profiles(content, source);
  if (!parsed) {
    out.push_back({"profile", {}, {}, {parsed.error()}});
    return out;
  }
  for (const connector::Profile& profile : *parsed) {
    Preflight one;
    one.subject = "profile " + (profile.display_name.empty() ? "without a name" : profile.display_name) + " (" +
                  profile.type_name + ")";
    one.trace = connector::trace_of(connector::validate(profile), connector::profile_rules(), HResult::E_INVALIDARG);
    out.push_back(std::move(one));
  }
  return out;
}

Result<std::vector<Preflight>> templates_of(const std::string& source, std::string_view content) {
  std::vector<Preflight> out;
  MIMICA_TRY(const auto records, ldap::parse_ldif(content, source));
  std::size_t others = 0;
  for (const ldap::LdifRecord& record : records) {
    if (!record.entry.is_a("pKICertificateTemplate")) {
      ++others;
      continue;
    }
    Preflight one;
    one.subject = "template " + leaf_value(record.entry.dn());
    auto decoded = templates::decode(record.entry);
    if (!decoded) {
      one.faults.push_back(decoded.error());
      if (one.faults.back().where.source.empty()) one.faults.back().where = {source, record.line, 1, {}};
    } else {
      one.trace = templates::lint(*decoded, {});
    }
    out.push_back(std::move(one));
  }
  if (out.empty())
    return fault("no certificate template among " + std::to_string(others) + " entries", {source, 0, 0, {}},
                 "export pKICertificateTemplate objects with all attributes");
  return out;
}

Preflight scenario(const std::string& source, std::string_view content) {
  Preflight out;
  out.subject = "scenario";
  LoadOptions options;
  // Only the scenario itself is looked at; what it names is read when it runs.
  options.read_file = [](const std::string&) -> Result<std::string> { return std::string("{}"); };
  LoadedScenarios loaded = load_scenarios(content, source, options);
  out.faults = std::move(loaded.faults);
  if (!loaded.cases.empty()) out.subject = "scenario " + loaded.cases.front().name;
  return out;
}

}  // namespace

Trace check_certificate(const Certificate& certificate, Timestamp at) {
  Trace trace;
  const std::string period = to_iso(certificate.not_before()) + " to " + to_iso(certificate.not_after());
  if (at < certificate.not_before())
    trace.fail(kCertificateTime, HResult::CERT_E_EXPIRED, "not valid before " + to_iso(certificate.not_before()));
  else if (at > certificate.not_after())
    trace.fail(kCertificateTime, HResult::CERT_E_EXPIRED, "expired on " + to_iso(certificate.not_after()));
  else
    trace.pass(kCertificateTime, period);
  if (certificate.is_ca()) {
    for (const Rule* rule : {&kCertificateSid, &kCertificatePurpose, &kCertificateName})
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
      trace.pass(kCertificateSid, "security extension with " + sid->to_string());
    else
      trace.fail(kCertificateSid, HResult::ERROR_INVALID_DATA,
                 "the security extension is malformed: " + sid.error().what);
  } else if (sid_uri != names.end()) {
    trace.warn(kCertificateSid, "only as a SAN URI, which needs Windows Server 2019 or later: " + sid_uri->text);
  } else {
    trace.warn(kCertificateSid,
               "neither security extension nor SAN URI: refused by domain controllers under full enforcement "
               "unless it is mapped explicitly");
  }

  const std::vector<Oid> purposes = certificate.extended_key_usage();
  const auto usable = std::find_if(purposes.begin(), purposes.end(), [](const Oid& oid) {
    return oid == oids::kClientAuth || oid == oids::kSmartCardLogon || oid == oids::kPkinitClient ||
           oid == oids::kAnyExtendedKeyUsage;
  });
  if (purposes.empty())
    trace.warn(kCertificatePurpose, "no extended key usage at all: good for any purpose");
  else if (usable != purposes.end())
    trace.pass(kCertificatePurpose, std::string(display_name(*usable)));
  else
    trace.warn(kCertificatePurpose, "not for logon");

  const auto named = std::find_if(names.begin(), names.end(), [](const GeneralName& n) {
    return n.kind == GeneralName::Kind::upn || n.kind == GeneralName::Kind::dns;
  });
  if (named != names.end())
    trace.pass(kCertificateName, to_string(*named));
  else
    trace.warn(kCertificateName, "neither UPN nor DNS name");
  return trace;
}

Result<std::vector<Preflight>> preflight(const std::string& source, std::string_view content, Timestamp at) {
  const std::string_view text = trim(content);
  if (text.empty()) return fault("the file is empty", {source, 0, 0, {}});
  const bool pem =
      text.find("-----BEGIN") != std::string_view::npos && text.find("CERTIFICATE") != std::string_view::npos;
  if (pem || static_cast<unsigned char>(content[0]) == 0x30) {
    MIMICA_TRY(const Certificate certificate, Certificate::parse_pem_or_der(as_bytes(content)));
    const CertificateSummary summary = summarise_certificate(certificate, [](const Oid& oid) { return oid.dotted(); });
    Preflight one;
    one.subject = "certificate " + (summary.subject.empty() ? "without a subject" : summary.subject);
    one.detail = certificate_lines(summary, "  ");
    one.trace = check_certificate(certificate, at);
    return std::vector<Preflight>{std::move(one)};
  }
  if (text[0] == '{' || text[0] == '[' || starts_with_ignore_case(text, "\xEF\xBB\xBF{"))
    return profiles(source, content);
  const auto begins_line = [&](std::string_view word) {
    return starts_with_ignore_case(text, word) || text.find("\n" + std::string(word)) != std::string_view::npos;
  };
  if (begins_line("dn:")) return templates_of(source, content);
  if (begins_line("scenario:") || begins_line("steps:") || begins_line("lab:"))
    return std::vector<Preflight>{scenario(source, content)};
  return fault("what this file holds is not recognised", {source, 0, 0, {}},
               "a Graph JSON profile, an LDIF export of templates, a certificate (PEM or DER) or a scenario");
}

}  // namespace mimica::harness
