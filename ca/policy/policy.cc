#include "ca/policy/policy.h"

#include <algorithm>

#include "ca/policy/signatures.h"
#include "ca/rules.h"
#include "core/base/text.h"
#include "templates/rules.h"

namespace mimica::ca {
namespace {

using templates::CertificateTemplate;
using templates::EnrollmentFlag;
using templates::PrivateKeyFlag;

constexpr int kWeakRsaBits = 1024;

std::string in_quotes(std::string_view text) { return "'" + std::string(text.substr(0, 256)) + "'"; }

// Applies the checks in order; each adds its step and says whether to go on.
class PolicyModule {
 public:
  PolicyModule(const PolicyInput& input, Trace& trace)
      : in_(input), config_(*input.config), request_(*input.request), trace_(trace) {}

  std::optional<Plan::Content> run() {
    if (!proof_of_possession() || !check_signers(in_, trace_) || !check_agent(in_, trace_) || !right_on_ca())
      return std::nullopt;
    if (config_.is_enterprise() ? !template_checks() : !standalone_checks()) return std::nullopt;
    if (!key() || !validity() || !disposition()) return std::nullopt;
    assemble();
    return std::move(plan_);
  }

 private:
  bool proof_of_possession() {
    if (request_.signature_valid) {
      trace_.pass(kRequestSignature);
      return true;
    }
    trace_.fail(
        kRequestSignature, HResult::NTE_BAD_SIGNATURE,
        "the signature of the " + std::string(to_string(request_.format)) + " does not verify with its own public key");
    return false;
  }

  bool right_on_ca() {
    if (!in_.new_request) {
      trace_.skip(kPermissionRequest, "resubmitted by a certificate manager");
      return true;
    }
    const AccessResult access = check_access(config_.Security, *in_.token, ca_access::kRequestCertificates);
    if (access.granted) {
      trace_.pass(kPermissionRequest, in_.requester_name + " may request certificates");
      return true;
    }
    trace_.fail(kPermissionRequest, HResult::CERTSRV_E_ENROLL_DENIED,
                in_.requester_name +
                    (access.decisive ? " is denied 'Request Certificates' on "
                                     : " and its groups lack 'Request Certificates' on ") +
                    config_.CommonName,
                {{"caller", in_.requester_name}, {"sid", in_.token->user.to_string()}},
                "allow 'Request Certificates' on the CA to " + in_.requester_name + " or one of its groups");
    return false;
  }

  // ---- templates ---------------------------------------------------------------------------------------------------

  bool template_checks() {
    if (!named() || !agree() || !published() || !version()) return false;
    if (!check_agent_for_template(in_, *template_, trace_) || !check_renewal_template(in_, *template_, trace_))
      return false;
    approved_before_ = has_previous_approval(in_, *template_, trace_);
    if (!enroll()) return false;
    std::optional<CertificateNames> names =
        template_->supplies_subject()
            ? names_from_request(config_, template_, request_, trace_)
            : names_from_directory(config_, *template_, *in_.requester, in_.domain, request_, trace_);
    if (!names) return false;
    names_ = *std::move(names);
    if (approved_before_) {
      trace_.skip(kSignatureRequired, "the certificate to renew stands in for signatures");
      keep_old_alternative_name();
    } else if (!check_authorised_signatures(in_, *template_, trace_)) {
      return false;
    }
    return issuance_policies();
  }

  // MS-WCCE 3.2.2.6.2.1.4.5.6: the approved renewal of a supplied name keeps its alternative name.
  void keep_old_alternative_name() {
    if (!template_->supplies_subject()) return;
    if (const Extension* old = request_.old_certificate->extension(oids::kSubjectAltName)) {
      names_.alternative_name = old->value;
      names_.alternative_critical = old->critical;
      names_.upn = request_.old_certificate->upn().value_or(std::string());
    }
  }

  // MS-WCCE 3.2.2.6.2.1.4.5.8.
  bool issuance_policies() {
    policies_ = template_->issuance_policies;
    if (!template_->enrollment_flags.has(EnrollmentFlag::issuance_policies_from_request)) return true;
    std::vector<Oid> wanted;
    if (const Extension* requested = request_.extension(oids::kCertificatePolicies)) {
      Result<std::vector<Oid>> parsed = ext::parse_policies(requested->value);
      if (!parsed) {
        trace_.fail(kExtensionPolicies, HResult::CRYPT_E_ASN1_CORRUPT,
                    "the certificate policies of the request are malformed");
        return false;
      }
      wanted = *std::move(parsed);
    }
    if (policies_.empty() && !wanted.empty()) {
      trace_.fail(kExtensionPolicies, HResult::CERTSRV_E_TEMPLATE_CONFLICT,
                  "the request asks for " + wanted.front().dotted() + ", template " + in_quotes(template_->cn) +
                      " lists no issuance policy to choose from");
      return false;
    }
    std::erase_if(policies_,
                  [&](const Oid& policy) { return std::find(wanted.begin(), wanted.end(), policy) == wanted.end(); });
    trace_.pass(kExtensionPolicies, std::to_string(policies_.size()) + " of the template's " +
                                        std::to_string(template_->issuance_policies.size()) + " policies");
    return true;
  }

  bool named() {
    if (!request_.template_identifiers.empty()) {
      const std::string found = join(request_.template_identifiers, "; ",
                                     [](const TemplateIdentifier& identifier) { return identifier.describe(); });
      trace_.pass(kTemplateNamed, found);
      return true;
    }
    trace_.fail(kTemplateNamed, HResult::CERTSRV_E_NO_CERT_TYPE,
                "neither a template extension nor the CertificateTemplate attribute is in the request");
    return false;
  }

  static std::string name_or_oid(const TemplateIdentifier& identifier) {
    return identifier.oid.empty() ? identifier.name : identifier.oid.dotted();
  }

  // An identifier that names nothing is an unknown template, not a disagreement.
  bool agree() {
    const TemplateIdentifier& first = request_.template_identifiers.front();
    for (const TemplateIdentifier& identifier : request_.template_identifiers) {
      const CertificateTemplate* found = templates::find_template(in_.templates, name_or_oid(identifier));
      if (found == nullptr) {
        trace_.append(templates::decide_published(name_or_oid(identifier), in_.templates, *in_.publication).trace);
        return false;
      }
      if (template_ == nullptr) template_ = found;
      if (equals_ignore_case(found->cn, template_->cn)) continue;
      trace_.fail(kTemplateAgreement, HResult::CERTSRV_E_TEMPLATE_CONFLICT,
                  first.describe() + " is " + in_quotes(template_->cn) + ", but " + identifier.describe() + " is " +
                      in_quotes(found->cn));
      return false;
    }
    trace_.pass(kTemplateAgreement);
    return true;
  }

  bool published() {
    const std::string named_as = name_or_oid(request_.template_identifiers.front());
    Decision<CertificateTemplate> decision = templates::decide_published(named_as, in_.templates, *in_.publication);
    trace_.append(std::move(decision.trace));
    if (!decision.granted) return false;
    if (in_.ca_token == nullptr) return true;
    Decision<Unit> readable = templates::decide_read(*template_, *in_.ca_token, in_.ca_account,
                                                     templates::Reader::certification_authority, in_.name_of);
    trace_.append(std::move(readable.trace));
    return readable.granted.has_value();
  }

  bool version() {
    for (const TemplateIdentifier& identifier : request_.template_identifiers) {
      if (!identifier.version || template_->schema_version < 2) continue;
      const auto current = std::pair<std::int64_t, std::int64_t>(template_->major_revision, template_->minor_revision);
      const auto wanted = std::pair(identifier.version->major, identifier.version->minor);
      if (wanted <= current) continue;
      trace_.fail(kTemplateVersion, HResult::CERTSRV_E_BAD_TEMPLATE_VERSION,
                  "the request was made for version " + std::to_string(wanted.first) + "." +
                      std::to_string(wanted.second) + ", the directory has " + std::to_string(current.first) + "." +
                      std::to_string(current.second));
      return false;
    }
    trace_.pass(kTemplateVersion);
    return true;
  }

  bool enroll() {
    // MS-WCCE 3.2.2.6.2.1.4.5.6: key-based renewal.
    if (approved_before_ && template_->supplies_subject() &&
        template_->enrollment_flags.has(
            EnrollmentFlag::allow_previous_approval_key_based_renewal_validate_reenrollment)) {
      trace_.skip(templates::rule::kPermissionEnroll,
                  "renewal by key: the earlier certificate stands in for the right");
      return true;
    }
    // Observed: with SubCA's refusal, which a manager of the CA then issues, as ESC7 has it.
    if (!in_.new_request) {
      trace_.skip(templates::rule::kPermissionEnroll, "resubmitted by a certificate manager");
      return true;
    }
    Decision<Unit> decision = templates::decide_enroll(*template_, *in_.token, in_.requester_name, in_.name_of);
    const bool granted = decision.granted.has_value();
    trace_.append(std::move(decision.trace));
    return granted;
  }

  // ---- stand-alone CA ----------------------------------------------------------------------------------------------

  bool standalone_checks() {
    if (!request_.template_identifiers.empty()) {
      trace_.fail(kTemplateSupport, HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE,
                  config_.CommonName + " is a stand-alone CA and knows no templates; the request names one by " +
                      request_.template_identifiers.front().describe());
      return false;
    }
    trace_.skip(kTemplateSupport, "stand-alone CA; the request names no template");
    std::optional<CertificateNames> names = names_from_request(config_, nullptr, request_, trace_);
    if (!names) return false;
    names_ = *std::move(names);
    return true;
  }

  // ---- key, validity, disposition ----------------------------------------------------------------------------------

  bool key() {
    const KeySpec spec = request_.pkcs10.public_key().spec();
    if (template_ != nullptr && template_->schema_version >= 2) {
      if (spec.bits < 0 || static_cast<std::uint32_t>(spec.bits) < template_->minimal_key_size) {
        trace_.fail(kKeyLength, HResult::CERTSRV_E_KEY_LENGTH,
                    to_string(spec) + "; template " + in_quotes(template_->cn) + " requires " +
                        std::to_string(template_->minimal_key_size) + " bits",
                    {{"bits", std::to_string(spec.bits)}, {"required", std::to_string(template_->minimal_key_size)}});
        return false;
      }
      trace_.pass(kKeyLength, to_string(spec));
    } else {
      trace_.skip(kKeyLength, "version 1 templates and stand-alone CAs set no length");
    }
    if (spec.kind == KeyKind::rsa && spec.bits < kWeakRsaBits) {
      trace_.fail(kKeyStrength, HResult::CERTSRV_E_WEAK_SIGNATURE_OR_KEY, to_string(spec));
      return false;
    }
    trace_.pass(kKeyStrength);
    if (template_ == nullptr) return true;
    if (!archival() || !check_renewal_key(in_, *template_, trace_)) return false;
    if (template_->private_key_flags.has(PrivateKeyFlag::attest_required)) {
      trace_.fail(kKeyAttestation, HResult::CERTSRV_E_KEY_ATTESTATION,
                  "template " + in_quotes(template_->cn) + " requires key attestation; a PKCS#10 carries none");
      return false;
    }
    return true;
  }

  bool archival() {
    // A renewal with the same key needs no second copy of it (MS-WCCE 3.2.2.6.2.1.4.5.7).
    const bool same_key =
        request_.old_certificate && template_->private_key_flags.has(PrivateKeyFlag::require_same_key_renewal);
    const bool wanted = template_->private_key_flags.has(PrivateKeyFlag::require_private_key_archival) && !same_key;
    if (wanted && !request_.has_archived_key) {
      trace_.fail(kKeyArchival, HResult::CERTSRV_E_ARCHIVED_KEY_REQUIRED,
                  "template " + in_quotes(template_->cn) + " archives private keys; the " +
                      std::string(to_string(request_.format)) + " carries none");
      return false;
    }
    if (!wanted && request_.has_archived_key) {
      trace_.fail(kKeyArchival, HResult::CERTSRV_E_ARCHIVED_KEY_UNEXPECTED,
                  "the request carries a private key; template " + in_quotes(template_->cn) + " archives none");
      return false;
    }
    if (wanted) {
      trace_.fail(kKeyArchival, HResult::CERTSRV_E_KEY_ARCHIVAL_NOT_CONFIGURED,
                  "the CA has no key recovery agents: it archives no keys");
      return false;
    }
    trace_.pass(kKeyArchival);
    return true;
  }

  bool validity() {
    const Certificate& ca = *in_.ca_certificate;
    if (in_.now < ca.not_before() || in_.now > ca.not_after()) {
      trace_.fail(kAuthorityCertificate, HResult::CERT_E_EXPIRED,
                  "the CA certificate is valid from " + to_iso(ca.not_before()) + " to " + to_iso(ca.not_after()),
                  {{"now", to_iso(in_.now)}});
      return false;
    }
    trace_.pass(kAuthorityCertificate);

    CertificateFields& fields = plan_.fields;
    fields.not_before = std::max(in_.now - config_.ClockSkewMinutes * kMinute, ca.not_before());
    const Seconds wanted = template_ != nullptr ? template_->validity : config_.ValidityPeriod;
    fields.not_after = fields.not_before + std::min(wanted, config_.ValidityPeriod);
    std::string cut_by = wanted > config_.ValidityPeriod ? "ValidityPeriod of the CA" : "";
    if (fields.not_after > ca.not_after()) {
      fields.not_after = ca.not_after();
      cut_by = "the end of the CA certificate";
    }
    if (!requested() || !overlap()) return false;
    std::vector<Fact> facts = {{"not before", to_iso(fields.not_before)}, {"not after", to_iso(fields.not_after)}};
    if (cut_by.empty()) {
      trace_.pass(kValidityPeriod, to_text(fields.not_after - fields.not_before), std::move(facts));
      return true;
    }
    trace_.warn(kValidityPeriod, "shorter than " + to_text(wanted) + ": cut by " + cut_by, std::move(facts));
    if (template_ != nullptr)
      plan_.warnings.push_back("The validity period is shorter than template " + in_quotes(template_->display_name) +
                               " specifies: it was cut by " + cut_by + ".");
    return true;
  }

  bool overlap() {
    if (!request_.old_certificate || template_ == nullptr) return true;
    const Seconds validity = plan_.fields.not_after - plan_.fields.not_before;
    if (template_->overlap < validity) {
      trace_.pass(kRenewalOverlap);
      return true;
    }
    trace_.fail(kRenewalOverlap, HResult::CERTSRV_E_CERT_TYPE_OVERLAP,
                "the renewal period of template " + in_quotes(template_->cn) + " is " + to_text(template_->overlap) +
                    ", the new certificate would be valid for " + to_text(validity));
    return false;
  }

  bool requested() {
    CertificateFields& fields = plan_.fields;
    const auto named = [this](std::string_view name) { return request_.attributes.find(name).has_value(); };
    if (!named("ExpirationDate") && !named("ValidityPeriod")) return true;
    if ((config_.EditFlags & editf::kAttributeEndDate) == 0) {
      trace_.warn(kValidityRequested, "ignored: EDITF_ATTRIBUTEENDDATE is off");
      return true;
    }
    const Result<RequestedValidity> wish = requested_validity(request_.attributes);
    if (!wish) {
      trace_.fail(kValidityRequested, HResult::ERROR_INVALID_DATA, wish.error().what, {}, wish.error().hint);
      return false;
    }
    if (wish->empty()) {
      trace_.warn(kValidityRequested, "ignored: ValidityPeriod and ValidityPeriodUnits have to be given together");
      return true;
    }
    const Timestamp end = wish->end(fields.not_before);
    if (end <= fields.not_before) {
      trace_.fail(kValidityRequested, HResult::ERROR_INVALID_DATA, "the validity would end before it starts",
                  {{"not before", to_iso(fields.not_before)}});
      return false;
    }
    if (end >= fields.not_after) {
      trace_.warn(kValidityRequested, "ignored: the request can only shorten the validity");
      return true;
    }
    fields.not_after = end;
    trace_.pass(kValidityRequested, "ends " + to_iso(end));
    return true;
  }

  bool disposition() {
    if (!in_.new_request) {
      trace_.skip(kDispositionPending, "a certificate manager approved the request");
      return true;
    }
    std::uint32_t action = config_.RequestDisposition & reqdisp::kMask;
    if (action == reqdisp::kUseRequestAttribute) {
      const std::string_view wish = request_.attributes.find("Disposition").value_or("");
      action = equals_ignore_case(wish, "Deny")      ? reqdisp::kDeny
               : equals_ignore_case(wish, "Pending") ? reqdisp::kPending
                                                     : reqdisp::kIssue;
    }
    if (action == reqdisp::kDeny) {
      trace_.fail(kDispositionDeny, HResult::CERTSRV_E_ADMIN_DENIED_REQUEST, "RequestDisposition denies the request");
      return false;
    }
    const bool by_ca = action == reqdisp::kPending || (config_.RequestDisposition & reqdisp::kPendingFirst) != 0;
    const bool by_template = template_ != nullptr && template_->enrollment_flags.has(EnrollmentFlag::pend_all_requests);
    if (by_template && approved_before_ && !by_ca) {
      trace_.skip(kDispositionPending, "the certificate to renew stands in for approval");
      return true;
    }
    plan_.pending = by_ca || by_template;
    trace_.pass(kDispositionPending, by_template ? "template " + in_quotes(template_->cn) + " requires manager approval"
                                     : by_ca     ? "RequestDisposition of the CA leaves it to a certificate manager"
                                                 : "issued at once");
    return true;
  }

  void assemble() {
    CertificateFields& fields = plan_.fields;
    fields.issuer_der = to_bytes(in_.ca_certificate->subject_der());
    fields.subject_der = std::move(names_.subject_der);
    fields.spki = request_.pkcs10.public_key().spki();
    plan_.digest = config_.SignatureDigest;
    plan_.key = request_.pkcs10.public_key().spec();

    ExtensionInput extensions;
    extensions.config = &config_;
    extensions.request = &request_;
    extensions.from = template_;
    extensions.names = &names_;
    extensions.issuance_policies = &policies_;
    extensions.practice_statements = &in_.practice_statements;
    extensions.authority_key_id = *in_.authority_key_id;
    extensions.revocation = in_.revocation;
    extensions.authority_access = in_.authority_access;
    if (template_ != nullptr)
      extensions.sid = decide_sid_extension(config_, *template_, request_, in_.requester->sid, trace_);
    plan_.extensions = assemble_extensions(extensions, trace_);
    for (const ExtensionRow& row : plan_.extensions)
      if (row.enabled())
        fields.extensions.push_back({row.oid, (row.flags & extension_flag::kCritical) != 0, row.value});

    if (template_ != nullptr) {
      plan_.template_cn = template_->cn;
      plan_.template_column = template_->schema_version < 2 ? template_->cn : template_->oid.dotted();
      plan_.enrollment_flags = template_->enrollment_flags.bits();
      plan_.general_flags = template_->flags.bits();
      plan_.private_key_flags = template_->private_key_flags.bits();
      plan_.publish_to_directory =
          (config_.PublishCertFlags & 2U) != 0 && template_->enrollment_flags.has(EnrollmentFlag::publish_to_ds);
    }
    for (std::string& warning : names_.warnings) plan_.warnings.push_back(std::move(warning));
    plan_.subject = std::move(names_.subject);
    plan_.upn = std::move(names_.upn);
  }

  const PolicyInput& in_;
  const CaConfig& config_;
  const IncomingRequest& request_;
  Trace& trace_;
  const CertificateTemplate* template_ = nullptr;
  CertificateNames names_;
  std::vector<Oid> policies_;
  bool approved_before_ = false;  // a renewal whose earlier certificate stands in for approval
  Plan::Content plan_;
};

}  // namespace

Decision<Plan> decide(const PolicyInput& input) {
  Trace trace;
  std::optional<Plan::Content> content = PolicyModule(input, trace).run();
  if (!content) return Decision<Plan>::refuse(std::move(trace));
  return Decision<Plan>::grant(Plan(*std::move(content)), std::move(trace));
}

}  // namespace mimica::ca
