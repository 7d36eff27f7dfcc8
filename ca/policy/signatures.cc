#include "ca/policy/signatures.h"

#include <algorithm>

#include "ca/policy/restrictions.h"
#include "ca/rules.h"

namespace mimica::ca {
namespace {

using templates::CertificateTemplate;
using templates::EnrollmentFlag;
using templates::PrivateKeyFlag;

std::string quoted(const CertificateTemplate& value) { return "'" + value.cn + "'"; }

std::string name_of(const Certificate& certificate) {
  return certificate.subject().empty() ? "serial number " + certificate.serial_hex()
                                       : certificate.subject().to_cert_str();
}

// What the earlier certificate says about its names, against the account as it is now.
std::string differing_name(const Certificate& old, const ldap::Account& account) {
  bool found = false;
  for (const GeneralName& name : old.subject_alt_names()) {
    if (name.kind == GeneralName::Kind::upn) {
      found = true;
      if (!equals_ignore_case(name.text, account.upn))
        return "its UPN " + name.text + " is not that of the account, '" + account.upn + "'";
    } else if (name.kind == GeneralName::Kind::email) {
      found = true;
      if (!equals_ignore_case(name.text, account.mail))
        return "its e-mail address " + name.text + " is not that of the account, '" + account.mail + "'";
    }
  }
  return found ? std::string() : "it holds neither a UPN nor an e-mail address";
}

std::optional<std::string> template_of(const Certificate& certificate) {
  if (const auto info = certificate.template_info()) return info->oid.dotted();
  return certificate.template_name();
}

bool is_template(const std::string& identifier, const CertificateTemplate& requested) {
  return identifier == requested.oid.dotted() || equals_ignore_case(identifier, requested.cn);
}

}  // namespace

bool has_purpose(const Certificate& certificate, const Oid& purpose) {
  std::vector<Oid> purposes = certificate.extended_key_usage();
  if (const Extension* policies = certificate.extension(oids::kApplicationPolicies))
    if (const auto listed = ext::parse_policies(policies->value))
      purposes.insert(purposes.end(), listed->begin(), listed->end());
  return purposes.empty() || contains(purposes, purpose) || contains(purposes, oids::kAnyExtendedKeyUsage);
}

bool check_signers(const PolicyInput& input, Trace& trace) {
  const std::vector<Certificate>& signers = input.request->signers;
  for (std::size_t i = 0; i < signers.size(); ++i) {
    // A signer about whom nothing was gathered is not trusted.
    const SignerFacts facts =
        i < input.signers.size() ? input.signers[i] : SignerFacts{ChainStatus::other, "not judged"};
    if (facts.status == ChainStatus::ok) continue;
    trace.fail(kSignatureTrusted, to_hresult(facts.status), name_of(signers[i]) + ": " + facts.detail,
               {{"serial", signers[i].serial_hex()}});
    return false;
  }
  if (!signers.empty()) trace.pass(kSignatureTrusted, std::to_string(signers.size()) + " signing certificate(s)");
  return true;
}

bool check_agent(const PolicyInput& input, Trace& trace) {
  if (input.subject_token == nullptr) return true;
  trace.pass(kAgentSubject, input.subject_name);
  const std::vector<Certificate>& signers = input.request->signers;
  if (signers.empty()) {
    trace.fail(kAgentCertificate, HResult::CERTSRV_E_SIGNATURE_POLICY_REQUIRED,
               "the request is on behalf of " + input.subject_name + ", but no certificate signed it");
    return false;
  }
  for (const Certificate& signer : signers) {
    if (has_purpose(signer, oids::kCertificateRequestAgent)) continue;
    trace.fail(kAgentCertificate, HResult::CERT_E_WRONG_USAGE,
               name_of(signer) + " lacks the purpose Certificate Request Agent (1.3.6.1.4.1.311.20.2.1)",
               {{"on behalf of", input.subject_name}, {"serial", signer.serial_hex()}});
    return false;
  }
  trace.pass(kAgentCertificate, name_of(signers.front()));
  return true;
}

bool check_agent_for_template(const PolicyInput& input, const CertificateTemplate& requested, Trace& trace) {
  if (input.subject_token == nullptr) return true;
  RestrictionCase question;
  question.restrictions = &input.config->EnrollmentAgentRights;
  question.principal = input.token;
  question.principal_name = input.requester_name;
  question.about = input.subject_token;
  question.about_name = input.subject_name;
  question.requested = &requested;
  if (!check_restriction(question, kAgentRestriction, trace)) return false;
  if (requested.schema_version < 2) {
    trace.pass(kAgentTemplate, "version 1 templates allow it");
    return true;
  }
  if (requested.ra_signatures > 0 && contains(requested.ra_application_policies, oids::kCertificateRequestAgent)) {
    trace.pass(kAgentTemplate);
    return true;
  }
  trace.fail(
      kAgentTemplate, HResult::CERTSRV_E_BAD_RENEWAL_SUBJECT,
      "template " + quoted(requested) + " does not require the signature of a Certificate Request Agent",
      {{"on behalf of", input.subject_name}, {"authorised signatures", std::to_string(requested.ra_signatures)}});
  return false;
}

bool check_authorised_signatures(const PolicyInput& input, const CertificateTemplate& requested, Trace& trace) {
  if (requested.ra_signatures == 0) {
    trace.pass(kSignatureRequired, "the template demands none");
    return true;
  }
  const std::string wanted = "template " + quoted(requested) + " demands " + std::to_string(requested.ra_signatures) +
                             " authorised signature(s)";
  const bool policies = !requested.ra_application_policies.empty() || !requested.ra_issuance_policies.empty();
  // The earlier certificate of a renewal only counts where it holds what the template demands.
  std::vector<const Certificate*> signers;
  for (const Certificate& signer : input.request->signers) {
    const bool old = input.request->old_certificate && input.request->old_certificate->der() == signer.der();
    if (!old || policies) signers.push_back(&signer);
  }
  if (signers.empty()) {
    trace.fail(kSignatureRequired, HResult::CERTSRV_E_SIGNATURE_POLICY_REQUIRED,
               wanted + "; the " + std::string(to_string(input.request->format)) + " carries none");
    return false;
  }
  trace.pass(kSignatureRequired, std::to_string(signers.size()) + " signature(s)");
  if (signers.size() < requested.ra_signatures) {
    trace.fail(kSignatureCount, HResult::CERTSRV_E_SIGNATURE_COUNT,
               wanted + ", and " + std::to_string(signers.size()) + " signed");
    return false;
  }
  trace.pass(kSignatureCount);
  const auto reject = [&](const Certificate& signer, const std::string& what) {
    trace.fail(kSignaturePolicies, HResult::CERTSRV_E_SIGNATURE_REJECTED, name_of(signer) + " lacks " + what,
               {{"template", requested.cn}, {"serial", signer.serial_hex()}});
    return false;
  };
  // certca.h: every signer holds all application policies and at least one issuance policy, and each issuance policy
  // is held by some signer.
  for (const Certificate* signer : signers) {
    for (const Oid& policy : requested.ra_application_policies)
      if (!has_purpose(*signer, policy)) return reject(*signer, "the application policy " + policy.dotted());
    const std::vector<Oid> held = signer->policies();
    const bool any = requested.ra_issuance_policies.empty() ||
                     std::any_of(requested.ra_issuance_policies.begin(), requested.ra_issuance_policies.end(),
                                 [&](const Oid& policy) { return contains(held, policy); });
    if (!any) return reject(*signer, "every issuance policy that the template demands");
  }
  for (const Oid& policy : requested.ra_issuance_policies)
    if (std::none_of(signers.begin(), signers.end(),
                     [&](const Certificate* signer) { return contains(signer->policies(), policy); }))
      return reject(*signers.front(), "the issuance policy " + policy.dotted() + ", and so do the other signers");
  trace.pass(kSignaturePolicies);
  return true;
}

bool check_renewal_template(const PolicyInput& input, const CertificateTemplate& requested, Trace& trace) {
  if (!input.request->old_certificate) return true;
  const auto of_old = template_of(*input.request->old_certificate);
  if (of_old && is_template(*of_old, requested)) {
    trace.pass(kRenewalTemplate, quoted(requested));
    return true;
  }
  trace.fail(kRenewalTemplate, HResult::CERTSRV_E_TEMPLATE_CONFLICT,
             of_old ? "the certificate to renew is of template " + *of_old + ", the request names " + quoted(requested)
                    : "the certificate to renew names no template");
  return false;
}

bool check_renewal_key(const PolicyInput& input, const CertificateTemplate& requested, Trace& trace) {
  if (!input.request->old_certificate || !requested.private_key_flags.has(PrivateKeyFlag::require_same_key_renewal))
    return true;
  const Bytes& key = input.request->pkcs10.public_key().spki();
  const std::vector<Certificate>& signers = input.request->signers;
  if (std::any_of(signers.begin(), signers.end(),
                  [&](const Certificate& signer) { return signer.public_key().spki() == key; })) {
    trace.pass(kRenewalKey, "the same key");
    return true;
  }
  trace.fail(kRenewalKey, HResult::CERTSRV_E_RENEWAL_BAD_PUBLIC_KEY,
             "template " + quoted(requested) + " demands renewal with the same key; the request has another one");
  return false;
}

bool has_previous_approval(const PolicyInput& input, const CertificateTemplate& requested, Trace& trace) {
  if (!input.request->old_certificate ||
      !requested.enrollment_flags.has(EnrollmentFlag::previous_approval_validate_reenrollment))
    return false;
  const Certificate& old = *input.request->old_certificate;
  std::string problem;
  const auto info = old.template_info();
  if (!info || info->oid != requested.oid) {
    problem = "it does not name the template by its OID";
  } else if (!requested.supplies_subject()) {
    problem = differing_name(old, *input.requester);
  } else if (input.request->pkcs10.subject().empty()) {
    problem = "the request carries no subject";
  } else if (const Name& wanted = input.request->pkcs10.subject();
             wanted.to_cert_str() != old.subject().to_cert_str() &&
             apply_subject_template(wanted, input.config->SubjectTemplate, nullptr).to_cert_str() !=
                 old.subject().to_cert_str()) {
    problem = "the request asks for another subject, " + wanted.to_cert_str();
  }
  if (!problem.empty()) {
    trace.warn(kRenewalApproval, "the earlier certificate does not stand in for approval: " + problem,
               {{"serial", old.serial_hex()}});
    return false;
  }
  trace.pass(kRenewalApproval, "the earlier certificate stands in for approval and signatures",
             {{"serial", old.serial_hex()}});
  return true;
}

}  // namespace mimica::ca
