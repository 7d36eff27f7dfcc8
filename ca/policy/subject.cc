#include "ca/policy/subject.h"

#include <algorithm>
#include <array>

#include "ca/registry/subject_template.h"
#include "ca/rules.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

using templates::GeneralFlag;
using templates::NameFlag;

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool lengths_are_fine(const CaConfig& config, const Name& subject, Trace& trace) {
  if (!config.EnforceX500NameLengths) {
    trace.skip(kSubjectLengths, "EnforceX500NameLengths is 0");
    return true;
  }
  for (const Rdn& rdn : subject.rdns) {
    for (const Ava& ava : rdn) {
      const std::size_t limit = max_characters(ava.type);
      const std::size_t length = characters(ava.value);
      if (limit == 0 || (length > 0 && length <= limit)) continue;
      trace.fail(kSubjectLengths, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
                 std::string(subject_template_word(ava.type)) + " has " + std::to_string(length) +
                     " characters; allowed are 1 to " + std::to_string(limit),
                 {{"type", ava.type.dotted()}, {"value", ava.value.substr(0, 256)}});
      return false;
    }
  }
  trace.pass(kSubjectLengths);
  return true;
}

Rdn single(const Oid& type, std::string value) {
  Ava ava;
  ava.type = type;
  ava.value = std::move(value);
  return {std::move(ava)};
}

GeneralName general_name(GeneralName::Kind kind, std::string text) {
  GeneralName name;
  name.kind = kind;
  name.text = std::move(text);
  return name;
}

// The SAN attribute replaces the alternative name of any template when EDITF_ATTRIBUTESUBJECTALTNAME2 is set.
bool apply_san_attribute(const CaConfig& config, const IncomingRequest& request, CertificateNames& names,
                         Trace& trace) {
  const auto attribute = request.attributes.find("SAN");
  if (!attribute) return true;
  if ((config.EditFlags & editf::kAttributeSubjectAltName2) == 0) {
    trace.skip(kSubjectAltName, "the SAN attribute is ignored: EDITF_ATTRIBUTESUBJECTALTNAME2 is off");
    return true;
  }
  const Result<std::vector<GeneralName>> parsed = parse_san_attribute(*attribute);
  if (!parsed) {
    trace.fail(kSubjectAltName, HResult::ERROR_INVALID_DATA, parsed.error().what);
    return false;
  }
  names.alternative_name = encode_general_names(*parsed);
  names.upn.clear();
  for (const GeneralName& name : *parsed)
    if (name.kind == GeneralName::Kind::upn && names.upn.empty()) names.upn = name.text;
  trace.warn(kSubjectAltName, "the SAN attribute of the requester replaces the alternative name",
             {{"SAN", std::string(attribute->substr(0, 256))}},
             "switch EDITF_ATTRIBUTESUBJECTALTNAME2 off: with it any requester can take any name");
  return true;
}

class DirectoryNames {
 public:
  DirectoryNames(const CaConfig& config, const templates::CertificateTemplate& from, const ldap::Account& account,
                 const DomainNames& domain, Trace& trace)
      : config_(config), template_(from), account_(account), domain_(domain), trace_(trace) {}

  bool build(CertificateNames& names) {
    if (!subject(names)) return false;
    return alternative(names);
  }

 private:
  bool wants(NameFlag flag) const { return template_.name_flags.has(flag); }
  bool machine() const { return template_.flags.has(GeneralFlag::machine_type); }

  bool dns_name() {
    if (!account_.dns_host_name.empty()) {
      trace_.pass(kSubjectDns, account_.dns_host_name);
      return true;
    }
    trace_.fail(kSubjectDns, HResult::CERTSRV_E_SUBJECT_DNS_REQUIRED,
                account_.sam_account_name + " has no dNSHostName" +
                    (account_.is_computer() ? "" : "; it is not a computer account"),
                {{"template", template_.cn}, {"flags", templates::to_string(template_.name_flags)}});
    return false;
  }

  // true: use it; nullopt: refused; false: issue without.
  std::optional<bool> mail(CertificateNames& names) {
    if (!account_.mail.empty()) {
      trace_.pass(kSubjectEmail, account_.mail);
      return true;
    }
    const bool optional = template_.schema_version < 2 || (config_.EditFlags & editf::kEmailOptional) != 0;
    if (!optional) {
      trace_.fail(kSubjectEmail, HResult::CERTSRV_E_SUBJECT_EMAIL_REQUIRED, account_.sam_account_name + " has no mail",
                  {{"template", template_.cn}, {"schema version", std::to_string(template_.schema_version)}});
      return std::nullopt;
    }
    trace_.warn(kSubjectEmail, account_.sam_account_name + " has no mail; the certificate is issued without it");
    const std::string warning = "0x80094004, The account " + account_.sam_account_name +
                                " has no e-mail address in the directory. The certificate will not hold one.";
    if (std::find(names.warnings.begin(), names.warnings.end(), warning) == names.warnings.end())
      names.warnings.push_back(warning);
    return false;
  }

  bool subject(CertificateNames& names) {
    if (wants(NameFlag::subject_require_directory_path)) {
      Result<Name> path = Name::parse_rfc4514(account_.dn);
      if (!path || path->empty()) {
        trace_.fail(kSubjectFromDirectory, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
                    "the account has no usable directory path", {{"dn", account_.dn}});
        return false;
      }
      names.subject = *std::move(path);
    } else if (wants(NameFlag::subject_require_dns_as_cn) ||
               (wants(NameFlag::subject_require_common_name) && machine())) {
      if (!dns_name()) return false;
      names.subject.rdns.push_back(single(oids::kCommonName, account_.dns_host_name));
    } else if (wants(NameFlag::subject_require_common_name)) {
      names.subject.rdns.push_back(single(oids::kCommonName, account_.cn));
    }
    if (wants(NameFlag::subject_require_email)) {
      const std::optional<bool> use = mail(names);
      if (!use) return false;
      if (*use) names.subject.rdns.push_back(single(oids::kEmailAddress, account_.mail));
    }
    return true;
  }

  bool alternative(CertificateNames& names) {
    std::vector<GeneralName> list;
    if (wants(NameFlag::subject_alt_require_upn) || wants(NameFlag::subject_alt_require_spn)) {
      names.upn = account_.upn;
      if (names.upn.empty() && config_.ImplicitUserPrincipalName)
        names.upn = account_.sam_account_name + "@" + domain_.dns;
      if (names.upn.empty()) {
        trace_.fail(kSubjectUpn, HResult::CERTSRV_E_SUBJECT_UPN_REQUIRED,
                    account_.sam_account_name + " has no userPrincipalName", {{"template", template_.cn}});
        return false;
      }
      trace_.pass(kSubjectUpn, names.upn);
      list.push_back(general_name(GeneralName::Kind::upn, names.upn));
    }
    if (wants(NameFlag::subject_alt_require_email)) {
      const std::optional<bool> use = mail(names);
      if (!use) return false;
      if (*use) list.push_back(general_name(GeneralName::Kind::email, account_.mail));
    }
    if (wants(NameFlag::subject_alt_require_directory_guid)) {
      if (account_.guid == Guid{}) {
        trace_.fail(kSubjectGuid, HResult::CERTSRV_E_SUBJECT_DIRECTORY_GUID_REQUIRED,
                    account_.sam_account_name + " has no objectGUID");
        return false;
      }
      trace_.pass(kSubjectGuid, account_.guid.to_string());
      GeneralName name = general_name(GeneralName::Kind::directory_guid, {});
      name.bytes = account_.guid.to_binary();
      list.push_back(std::move(name));
    }
    if (wants(NameFlag::subject_alt_require_dns)) {
      if (!dns_name()) return false;
      list.push_back(general_name(GeneralName::Kind::dns, account_.dns_host_name));
    }
    if (wants(NameFlag::subject_alt_require_domain_dns)) {
      if (domain_.dns.empty()) {
        trace_.fail(kSubjectDns, HResult::CERTSRV_E_SUBJECT_DNS_REQUIRED, "the DNS name of the domain is unknown");
        return false;
      }
      list.push_back(general_name(GeneralName::Kind::dns, domain_.dns));
      if (!domain_.netbios.empty()) list.push_back(general_name(GeneralName::Kind::dns, domain_.netbios));
    }
    if (!list.empty()) names.alternative_name = encode_general_names(list);
    return true;
  }

  const CaConfig& config_;
  const templates::CertificateTemplate& template_;
  const ldap::Account& account_;
  const DomainNames& domain_;
  Trace& trace_;
};

bool is_exchange(const templates::CertificateTemplate& from) {
  return equals_ignore_case(from.cn, "ExchangeUser") || equals_ignore_case(from.cn, "ExchangeUserSignature");
}

// MS-WCCE 3.2.2.6.2.1.4.6: beside an rfc822Name, a directoryName with a common name alone is left out.
void drop_common_names(std::vector<GeneralName> list, CertificateNames& names) {
  const auto is_email = [](const GeneralName& name) { return name.kind == GeneralName::Kind::email; };
  if (std::none_of(list.begin(), list.end(), is_email)) return;
  const std::size_t dropped = std::erase_if(list, [](const GeneralName& name) {
    return name.kind == GeneralName::Kind::directory && name.name.rdns.size() == 1 &&
           name.name.rdns.front().size() == 1 && name.name.rdns.front().front().type == oids::kCommonName;
  });
  if (dropped > 0) names.alternative_name = encode_general_names(list);
}

void finish(CertificateNames& names) {
  names.subject_der = names.subject.to_der();
  if (names.subject.empty() && !names.alternative_name.empty()) names.alternative_critical = true;
}

}  // namespace

Name apply_subject_template(const Name& subject, const std::vector<std::string>& subject_template,
                            std::vector<std::string>* dropped) {
  const bool keep = subject_template.empty() || std::any_of(subject_template.begin(), subject_template.end(),
                                                            [](const std::string& word) { return word.empty(); });
  if (keep) return subject;
  Name out;
  std::vector<Oid> listed;
  for (auto word = subject_template.rbegin(); word != subject_template.rend(); ++word) {
    const Oid type = subject_template_type(*word);
    if (type.empty() || std::find(listed.begin(), listed.end(), type) != listed.end()) continue;
    listed.push_back(type);
    for (const Rdn& rdn : subject.rdns) {
      for (const Ava& ava : rdn) {
        if (ava.type != type) continue;
        Ava plain = ava;
        plain.string_tag = 0;  // encoded anew, as a CA that rebuilds the name does
        out.rdns.push_back({std::move(plain)});
      }
    }
  }
  if (dropped != nullptr) {
    for (const Rdn& rdn : subject.rdns)
      for (const Ava& ava : rdn)
        if (std::find(listed.begin(), listed.end(), ava.type) == listed.end())
          dropped->emplace_back(subject_template_word(ava.type));
  }
  return out;
}

std::optional<CertificateNames> names_from_directory(const CaConfig& config, const templates::CertificateTemplate& from,
                                                     const ldap::Account& account, const DomainNames& domain,
                                                     const IncomingRequest& request, Trace& trace) {
  CertificateNames names;
  if (!DirectoryNames(config, from, account, domain, trace).build(names)) return std::nullopt;
  if (!apply_san_attribute(config, request, names, trace)) return std::nullopt;
  if (names.subject.empty() && names.alternative_name.empty()) {
    trace.fail(kSubjectFromDirectory, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
               "template '" + from.cn + "' puts nothing into subject or alternative name",
               {{"flags", templates::to_string(from.name_flags)}});
    return std::nullopt;
  }
  trace.pass(kSubjectFromDirectory, names.subject.empty() ? "empty subject" : names.subject.to_cert_str());
  if (!lengths_are_fine(config, names.subject, trace)) return std::nullopt;
  finish(names);
  return names;
}

std::optional<CertificateNames> names_from_request(const CaConfig& config, const templates::CertificateTemplate* from,
                                                   const IncomingRequest& request, Trace& trace) {
  CertificateNames names;
  const Name& supplied = request.pkcs10.subject();
  for (const Rdn& rdn : supplied.rdns) {
    for (const Ava& ava : rdn) {
      if (ava.raw.empty() || max_characters(ava.type) == 0) continue;
      trace.fail(kSubjectSupplied, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
                 std::string(subject_template_word(ava.type)) + " of the subject is no string");
      return std::nullopt;
    }
  }
  if (const Extension* extension = request.extension(oids::kSubjectAltName)) {
    const Result<std::vector<GeneralName>> parsed = parse_general_names(extension->value);
    if (!parsed || parsed->empty()) {
      trace.fail(kSubjectAltName, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
                 parsed ? "the subjectAltName extension of the request is empty" : parsed.error().what);
      return std::nullopt;
    }
    names.alternative_name = extension->value;
    names.alternative_critical = extension->critical;
    std::string found;
    for (const GeneralName& name : *parsed) {
      append_item(found, to_string(name));
      if (name.kind == GeneralName::Kind::upn && names.upn.empty()) names.upn = name.text;
    }
    trace.pass(kSubjectAltName, found);
    if (from != nullptr && is_exchange(*from)) drop_common_names(*parsed, names);
  }
  if (!apply_san_attribute(config, request, names, trace)) return std::nullopt;

  std::vector<std::string> dropped;
  names.subject = apply_subject_template(supplied, config.SubjectTemplate, &dropped);
  if (names.subject.empty() && names.alternative_name.empty()) {
    trace.fail(kSubjectSupplied, HResult::CERTSRV_E_BAD_REQUESTSUBJECT,
               supplied.empty()
                   ? "the request carries neither a subject nor an alternative name"
                   : "nothing of the subject is listed in SubjectTemplate, and there is no alternative name",
               {{"subject", supplied.to_cert_str()}});
    return std::nullopt;
  }
  trace.pass(kSubjectSupplied, supplied.empty() ? "alternative name only" : supplied.to_cert_str());
  if (dropped.empty()) {
    trace.pass(kSubjectTemplate);
  } else {
    trace.warn(kSubjectTemplate, "left out: " + join(dropped, ", "), {{"issued", names.subject.to_cert_str()}});
  }
  if (!lengths_are_fine(config, names.subject, trace)) return std::nullopt;
  finish(names);
  return names;
}

}  // namespace mimica::ca
