#include "ca/policy/extensions.h"

#include <algorithm>

#include "ca/rules.h"
#include "core/base/text.h"
#include "core/pki/ocsp.h"

namespace mimica::ca {
namespace {

using templates::CertificateTemplate;
using templates::EnrollmentFlag;
using templates::GeneralFlag;

bool is_ca_template(const CertificateTemplate& from) {
  return from.flags.has(GeneralFlag::is_ca) || from.flags.has(GeneralFlag::is_cross_ca) ||
         equals_ignore_case(from.cn, "SubCA") || equals_ignore_case(from.cn, "CA") ||
         equals_ignore_case(from.cn, "CrossCA");
}

bool is_ocsp_without_check(const CertificateTemplate& from) {
  return from.enrollment_flags.has(EnrollmentFlag::add_ocsp_nocheck) &&
         contains(from.effective_application_policies(), kOcspSigning);
}

class Assembly {
 public:
  Assembly(const ExtensionInput& input, Trace& trace) : in_(input), trace_(trace) {}

  std::vector<ExtensionRow> run() {
    server_extensions();
    if (in_.from != nullptr) {
      template_extensions(*in_.from);
    } else {
      standalone_extensions();
    }
    std::vector<ExtensionRow> rows = in_request_order();
    for (auto* list : {&server_, &policy_})
      for (ExtensionRow& row : *list) rows.push_back(std::move(row));
    if ((in_.config->EditFlags & editf::kDisableExtensionList) != 0) {
      for (ExtensionRow& row : rows)
        if (contains(in_.config->DisableExtensionList, row.oid)) row.flags |= extension_flag::kDisabled;
    }
    return rows;
  }

 private:
  bool critical(const Oid& oid) const { return in_.from != nullptr && contains(in_.from->critical_extensions, oid); }
  void server(const Oid& oid, Bytes value) {
    server_.push_back(
        {oid, extension_flag::kOriginServer | (critical(oid) ? extension_flag::kCritical : 0U), std::move(value)});
  }
  void policy(const Oid& oid, Bytes value, bool is_critical = false) {
    const bool mark = is_critical || critical(oid);
    policy_.push_back({oid, extension_flag::kOriginPolicy | (mark ? extension_flag::kCritical : 0U), std::move(value)});
  }

  void server_extensions() {
    const IncomingRequest& request = *in_.request;
    Bytes key_identifier;
    if (const Extension* requested = request.extension(oids::kSubjectKeyIdentifier)) {
      DerReader reader(requested->value);
      const Result<Bytes> id = reader.octet_string();
      if (id && reader.at_end() && !id->empty() && id->size() <= 64) key_identifier = requested->value;
    }
    if (key_identifier.empty())
      key_identifier = ext::subject_key_identifier(request.pkcs10.public_key().key_identifier());
    server(oids::kSubjectKeyIdentifier, std::move(key_identifier));
    if ((in_.config->EditFlags & editf::kEnableAkiKeyId) != 0 && !in_.authority_key_id.empty())
      server(oids::kAuthorityKeyIdentifier, ext::authority_key_identifier(in_.authority_key_id));
    const bool no_revocation =
        in_.from != nullptr && (in_.from->enrollment_flags.has(EnrollmentFlag::no_revocation_info_in_issued_certs) ||
                                is_ocsp_without_check(*in_.from));
    const bool no_access = in_.from != nullptr && is_ocsp_without_check(*in_.from);
    if (!no_revocation && in_.revocation != nullptr && !in_.revocation->empty())
      server(oids::kCrlDistributionPoints, *in_.revocation);
    if (!no_access && in_.authority_access != nullptr && !in_.authority_access->empty())
      server(oids::kAuthorityInfoAccess, *in_.authority_access);
  }

  // The order that certificates of AD CS show when the request names no extension (observed): V1 has the template name
  // first, later versions the key usage.
  void template_extensions(const CertificateTemplate& from) {
    const bool v1 = from.schema_version < 2;
    if (v1) policy(oids::kTemplateName, ext::template_name(from.cn));
    if (!from.key_usage.empty()) policy(oids::kKeyUsage, ext::key_usage(key_usage(from)));
    if (!v1)
      policy(oids::kTemplateInfo, ext::template_info({from.oid, static_cast<std::int64_t>(from.major_revision),
                                                      static_cast<std::int64_t>(from.minor_revision)}));
    if (!from.extended_key_usage.empty()) policy(oids::kExtendedKeyUsage, ext::oid_list(from.extended_key_usage));
    if (!v1 && !from.application_policies.empty())
      policy(oids::kApplicationPolicies, ext::policies(from.application_policies));
    if (v1) requested_application_policies(from);
    if (in_.issuance_policies != nullptr && !in_.issuance_policies->empty())
      policy(oids::kCertificatePolicies, certificate_policies());
    basic_constraints(from);
    alternative_name();
    if (in_.sid) policy(oids::kSidExtension, *in_.sid);
    smime(from);
    if (is_ocsp_without_check(from)) policy(oids::kOcspNoCheck, der::null());
  }

  // With the id-qt-cps qualifier (RFC 5280 4.2.1.4) where the policy has a practice statement.
  Bytes certificate_policies() const {
    static const Oid kCpsQualifier{"1.3.6.1.5.5.7.2.1"};
    Bytes content;
    for (const Oid& oid : *in_.issuance_policies) {
      Bytes qualifiers;
      if (in_.practice_statements != nullptr)
        if (const auto url = in_.practice_statements->find(oid.dotted()); url != in_.practice_statements->end())
          qualifiers = der::sequence({der::sequence({der::oid(kCpsQualifier), der::ia5_string(url->second)})});
      const Bytes information = der::sequence({der::oid(oid), qualifiers});
      content.insert(content.end(), information.begin(), information.end());
    }
    return der::tlv(tag::kSequence, content);
  }

  // EDITF_ADDOLDKEYUSAGE repairs the combination that old clients choked on (Windows SDK policy sample).
  Bytes key_usage(const CertificateTemplate& from) const {
    using Bit = templates::KeyUsage::Bit;
    templates::KeyUsage usage = from.key_usage;
    if ((in_.config->EditFlags & editf::kAddOldKeyUsage) != 0 && usage.has(Bit::key_encipherment) &&
        usage.has(Bit::key_agreement)) {
      usage.set(Bit::key_agreement, false);
      usage.set(Bit::digital_signature, true);
    }
    return usage.octets();
  }

  // CVE-2024-49019: before the update of November 2024 a V1 template with supplied subject took the application
  // policies of the request.
  void requested_application_policies(const CertificateTemplate& from) {
    if (in_.config->ApplicationPolicyUpdate || !from.supplies_subject()) return;
    std::optional<Bytes> value;
    if (const Extension* requested = in_.request->extension(oids::kApplicationPolicies)) {
      if (ext::parse_policies(requested->value)) value = requested->value;
    } else if (const auto attribute = in_.request->attributes.find("ApplicationPolicies")) {
      std::vector<Oid> list;
      for (const std::string_view part : split(*attribute, '&'))
        if (Result<Oid> oid = Oid::parse(trim(part))) list.push_back(*std::move(oid));
      if (!list.empty()) value = ext::policies(list);
    }
    if (!value) return;
    trace_.warn(kExtensionRequested,
                "application policies of the request are taken: the update for CVE-2024-49019 is missing",
                {{"template", from.cn}}, "install the November 2024 update (ApplicationPolicyUpdate)");
    policy(oids::kApplicationPolicies, *std::move(value));
  }

  void basic_constraints(const CertificateTemplate& from) {
    const bool mark = (in_.config->EditFlags & editf::kBasicConstraintsCritical) != 0;
    if (is_ca_template(from)) {
      std::optional<std::int64_t> depth;
      if (from.max_issuing_depth >= 0) depth = from.max_issuing_depth;
      policy(oids::kBasicConstraints, ext::basic_constraints(true, depth), mark);
      return;
    }
    policy(oids::kBasicConstraints, ext::basic_constraints(false, std::nullopt), mark);
    if (!from.enrollment_flags.has(EnrollmentFlag::include_basic_constraints_for_ee_certs))
      policy_.back().flags |= extension_flag::kDisabled;
  }

  void alternative_name() {
    const CertificateNames& names = *in_.names;
    if (!names.alternative_name.empty())
      policy(oids::kSubjectAltName, names.alternative_name, names.alternative_critical);
  }

  void smime(const CertificateTemplate& from) {
    if (!from.enrollment_flags.has(EnrollmentFlag::include_symmetric_algorithms)) return;
    if (const Extension* requested = in_.request->extension(oids::kSmimeCapabilities)) {
      policy(oids::kSmimeCapabilities, requested->value);
    } else if ((in_.config->EditFlags & editf::kEnableDefaultSmime) != 0) {
      policy(oids::kSmimeCapabilities, default_smime_capabilities());
    }
  }

  void standalone_extensions() {
    if ((in_.config->EditFlags & editf::kAttributeEku) != 0) {
      if (const auto usage = in_.request->attributes.find("CertificateUsage")) {
        std::vector<Oid> list;
        for (const std::string_view part : split(*usage, ','))
          if (Result<Oid> oid = Oid::parse(trim(part))) list.push_back(*std::move(oid));
        if (!list.empty()) policy(oids::kExtendedKeyUsage, ext::oid_list(list));
      }
    }
    alternative_name();
  }

  // Extensions that the request names keep its order even where the CA replaces their value (observed).
  std::vector<ExtensionRow> in_request_order() {
    std::vector<ExtensionRow> rows;
    std::string taken;
    std::string left_out;
    for (const Extension& requested : in_.request->extensions) {
      const auto same = [&](const ExtensionRow& row) { return row.oid == requested.oid; };
      if (std::any_of(rows.begin(), rows.end(), same)) continue;
      bool replaced = false;
      for (auto* list : {&server_, &policy_}) {
        const auto it = std::find_if(list->begin(), list->end(), same);
        if (it == list->end()) continue;
        rows.push_back(std::move(*it));
        list->erase(it);
        replaced = true;
      }
      if (replaced) continue;
      const bool take = takes(requested.oid);
      std::string& words = take ? taken : left_out;
      append_item(words, requested.oid.dotted());
      std::uint32_t flags = extension_flag::kOriginRequest |
                            (requested.critical || critical(requested.oid) ? extension_flag::kCritical : 0U);
      if (!take) flags |= extension_flag::kDisabled;
      rows.push_back({requested.oid, flags, requested.value});
    }
    if (!left_out.empty()) {
      trace_.pass(kExtensionRequested, "left out: " + left_out + (taken.empty() ? "" : "; taken: " + taken));
    } else if (!taken.empty()) {
      trace_.pass(kExtensionRequested, "taken: " + taken);
    }
    return rows;
  }

  bool takes(const Oid& oid) const {
    // These speak for the CA, or are decided by their own rules; a request never brings them in.
    static const std::vector<Oid> kNever = {
        oids::kAuthorityKeyIdentifier, oids::kCrlDistributionPoints, oids::kAuthorityInfoAccess,
        oids::kSidExtension,           oids::kTemplateName,          oids::kTemplateInfo,
        oids::kBasicConstraints,       oids::kSmimeCapabilities,     oids::kSubjectAltName};
    const bool all = (in_.config->EditFlags & editf::kEnableRequestExtensions) != 0;
    if (contains(kNever, oid)) return false;
    if (all) return true;
    if ((in_.config->EditFlags & editf::kRequestExtensionList) == 0) return false;
    if (contains(in_.config->EnableRequestExtensionList, oid)) return true;
    const bool supplied = in_.from == nullptr || in_.from->supplies_subject();
    return supplied && contains(in_.config->EnableEnrolleeRequestExtensionList, oid);
  }

  const ExtensionInput& in_;
  Trace& trace_;
  std::vector<ExtensionRow> server_;
  std::vector<ExtensionRow> policy_;
};

}  // namespace

const Bytes& default_smime_capabilities() {
  static const Bytes kValue = *from_hex(
      "3035300E06082A864886F70D030202020080300E06082A864886F70D030402020080300706052B0E030207300A06082A864886F70D0307");
  return kValue;
}

std::optional<Bytes> decide_sid_extension(const CaConfig& config, const CertificateTemplate& from,
                                          const IncomingRequest& request, const Sid& requester, Trace& trace) {
  const Extension* requested = request.extension(oids::kSidExtension);
  if (!config.SidExtensionUpdate) {
    trace.warn(kExtensionSid, "none: the CA lacks the May 2022 update", {}, "install KB5014754 on the CA");
    return std::nullopt;
  }
  if (from.enrollment_flags.has(EnrollmentFlag::no_security_extension)) {
    trace.warn(kExtensionSid, "none: template '" + from.cn + "' has CT_FLAG_NO_SECURITY_EXTENSION", {},
               "clear 0x80000 of msPKI-Enrollment-Flag");
    return std::nullopt;
  }
  if ((config.EditFlags & editf::kDisableExtensionList) != 0 &&
      contains(config.DisableExtensionList, oids::kSidExtension)) {
    trace.warn(kExtensionSid, "none: DisableExtensionList of the CA holds 1.3.6.1.4.1.311.25.2", {},
               "certutil -setreg policy\\DisableExtensionList -1.3.6.1.4.1.311.25.2");
    return std::nullopt;
  }
  if (!from.supplies_subject()) {
    trace.pass(kExtensionSid, "objectSid of the requester: " + requester.to_string());
    return ext::sid(requester);
  }
  if (requested == nullptr) {
    trace.warn(kExtensionSid, "none: the requester supplies the subject and put no SID into the request");
    return std::nullopt;
  }
  const Result<Sid> supplied = ext::parse_sid(requested->value);
  if (supplied) {
    trace.pass(kExtensionSid, "copied from the request: " + supplied->to_string());
  } else {
    trace.warn(kExtensionSid, "copied from the request, but it holds no SID: " + supplied.error().what);
  }
  return requested->value;
}

std::vector<ExtensionRow> assemble_extensions(const ExtensionInput& input, Trace& trace) {
  return Assembly(input, trace).run();
}

}  // namespace mimica::ca
