// What clients ask a CA about itself (GetCAProperty): -ping, -CAInfo, -ca.cert, -ca.chain, -GetCRL and the entry that
// certutil prints without a verb.
#include <boost/json.hpp>

#include "ca/authority/authority.h"
#include "ca/faces/certutil/verbs.h"
#include "ca/registry/registry.h"
#include "ca/registry/registry_flags.h"
#include "ca/registry/subject_template.h"
#include "core/base/number.h"
#include "core/base/text.h"
#include "core/pki/pfx.h"

namespace mimica::certutil::verbs {
namespace {

using Authority = ca::CertificationAuthority;

std::string config_string(const Authority& authority) {
  const ca::CaConfig config = authority.config();
  return config.CAServerName + "\\" + config.CommonName;
}

std::string_view type_name(ca::CaType type) {
  switch (type) {
    case ca::CaType::enterprise_root:
      return "Enterprise Root CA";
    case ca::CaType::enterprise_sub:
      return "Enterprise Subordinate CA";
    case ca::CaType::standalone_root:
      return "Stand-alone Root CA";
    case ca::CaType::standalone_sub:
      return "Stand-alone Subordinate CA";
  }
  return "";
}

// CA_DISP_* as GetCAProperty answers one octet for each certificate.
std::string certificate_state(const Certificate& certificate, Timestamp now) {
  if (now < certificate.not_before()) return "1 -- Error";
  return now > certificate.not_after() ? "4 -- Expired" : "3 -- Valid";
}

std::string publish_status(std::string_view label, std::uint32_t status) {
  constexpr std::pair<std::string_view, std::uint32_t> kNames[] = {
      {"CPF_BASE", 0x1},           {"CPF_DELTA", 0x2},         {"CPF_COMPLETE", 0x4},    {"CPF_SHADOW", 0x8},
      {"CPF_CASTORE_ERROR", 0x10}, {"CPF_BADURL_ERROR", 0x20}, {"CPF_MANUAL", 0x40},     {"CPF_SIGNATURE_ERROR", 0x80},
      {"CPF_LDAP_ERROR", 0x100},   {"CPF_FILE_ERROR", 0x200},  {"CPF_FTP_ERROR", 0x400}, {"CPF_HTTP_ERROR", 0x800}};
  std::string out = std::string(label) + "CRL Publish Status[0]: " + ca::registry_number(status) + "\n";
  for (const auto& [name, bit] : kNames)
    if ((status & bit) != 0) out += "\t" + std::string(name) + " -- " + ca::registry_number(bit) + "\n";
  return out;
}

std::string subject_template_oids(const ca::CaConfig& config) {
  std::string out;
  for (const std::string& name : config.SubjectTemplate)
    if (const Oid oid = ca::subject_template_type(name); !oid.empty()) append_item(out, oid.dotted(), "\n\t");
  return out;
}

Result<std::string> template_list(Authority& authority) {
  MIMICA_TRY(const auto names, authority.published_templates());
  MIMICA_TRY(const auto view, authority.look_ups().begin());
  std::string out;
  for (const std::string& name : names) {
    MIMICA_TRY(const auto found, view->certificate_template(name));
    out += "\n\t" + name + (found == nullptr || found->oid.empty() ? "" : "\n\t" + found->oid.dotted());
  }
  return out;
}

std::string urls(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& url : list) out += "\n\t" + url;
  return out;
}

struct Info {
  std::string_view name;
  bool in_summary;  // shown by -CAInfo without a name
  Result<std::string> (*show)(Authority&, Timestamp);
};

std::string labelled(std::string_view label, std::string_view value) {
  return std::string(label) + ": " + std::string(value) + "\n";
}

// The info names of certutil's help, with the labels it prints.
constexpr Info kInfos[] = {
    {"file", false,
     [](Authority&, Timestamp) -> Result<std::string> { return labelled("File version", "10.0.20348.1"); }},
    {"product", false,
     [](Authority&, Timestamp) -> Result<std::string> { return labelled("Product version", "10.0.20348.1"); }},
    {"exitcount", true,
     [](Authority&, Timestamp) -> Result<std::string> { return labelled("Exit module count", "1"); }},
    {"exit", false,
     [](Authority&, Timestamp) -> Result<std::string> {
       return labelled("Exit module description[0]", "Windows default");
     }},
    {"policy", false,
     [](Authority&, Timestamp) -> Result<std::string> {
       return labelled("Policy module description", "Windows default");
     }},
    {"name", true,
     [](Authority& a, Timestamp) -> Result<std::string> { return labelled("CA name", a.config().CommonName); }},
    {"sanitizedname", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return labelled("Sanitized CA name", ca::sanitize_name(a.config().CommonName));
     }},
    {"dsname", true,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return labelled("Sanitized CA short name (DS name)", ca::sanitized_short_name(a.config().CommonName));
     }},
    {"sharedfolder", false, [](Authority&, Timestamp) -> Result<std::string> { return labelled("Shared folder", ""); }},
    {"type", true,
     [](Authority& a, Timestamp) -> Result<std::string> {
       const ca::CaType type = a.config().CAType;
       std::string out =
           labelled("CA type", std::to_string(static_cast<int>(type)) + " -- " + std::string(type_name(type)));
       for (const ca::NamedBits& one : ca::ca_type_names())
         if (one.value == static_cast<std::uint32_t>(type))
           out += "\t" + std::string(one.name) + " -- " + ca::registry_number(one.value) + "\n";
       return out;
     }},
    {"info", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return labelled("CA info", std::string(type_name(a.config().CAType)));
     }},
    {"parent", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       if (a.identity().is_root()) return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, "a root has no parent CA");
       return labelled("Parent CA", a.identity().root.subject().last(oids::kCommonName));
     }},
    {"certcount", true,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return labelled("CA cert count", std::to_string(a.signing_certificates().size()));
     }},
    {"xchgcount", false,
     [](Authority&, Timestamp) -> Result<std::string> { return labelled("CA exchange cert count", "0"); }},
    {"kracount", true, [](Authority&, Timestamp) -> Result<std::string> { return labelled("KRA cert count", "0"); }},
    {"kraused", true,
     [](Authority&, Timestamp) -> Result<std::string> { return labelled("KRA cert used count", "0"); }},
    {"propidmax", false,
     [](Authority&, Timestamp) -> Result<std::string> { return labelled("Maximum property ID", "45"); }},
    {"certstate", true,
     [](Authority& a, Timestamp now) -> Result<std::string> {
       std::string out;
       for (const ca::SigningCertificate& one : a.signing_certificates())
         out += labelled("CA cert[" + std::to_string(ca::certificate_index_of(one.certificate)) + "]",
                         certificate_state(one.certificate, now));
       return out;
     }},
    {"certversion", true,
     [](Authority& a, Timestamp) -> Result<std::string> {
       std::string out;
       for (const ca::SigningCertificate& one : a.signing_certificates()) {
         const std::string index = std::to_string(ca::certificate_index_of(one.certificate));
         out += labelled("CA cert version[" + index + "]",
                         ca::registry_number(static_cast<std::uint32_t>(ca::ca_version(one.certificate))) + " -- V" +
                             index + "." + std::to_string(ca::key_index_of(one.certificate)));
       }
       return out;
     }},
    {"certstatuscode", true,
     [](Authority& a, Timestamp now) -> Result<std::string> {
       std::string out;
       for (const ca::SigningCertificate& one : a.signing_certificates()) {
         const bool in_force = now >= one.certificate.not_before() && now <= one.certificate.not_after();
         out += labelled("CA cert verify status[" + std::to_string(ca::certificate_index_of(one.certificate)) + "]",
                         in_force ? "0" : describe(HResult::CERT_E_EXPIRED));
       }
       return out;
     }},
    {"crlstate", true,
     [](Authority& a, Timestamp now) -> Result<std::string> {
       MIMICA_TRY(const ca::CrlRow row, a.current_crl());
       return labelled("CRL[0]", now > row.CRLNextUpdate ? "4 -- Expired" : "3 -- Valid");
     }},
    {"crlstatus", true,
     [](Authority& a, Timestamp) -> Result<std::string> {
       MIMICA_TRY(const ca::CrlRow row, a.current_crl());
       return publish_status("", row.CRLPublishFlags);
     }},
    {"deltacrlstatus", true,
     [](Authority& a, Timestamp) -> Result<std::string> {
       MIMICA_TRY(const auto row, a.current_delta_crl());
       return row ? publish_status("Delta ", row->CRLPublishFlags) : std::string();
     }},
    {"deltacrl", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       MIMICA_TRY(const auto row, a.current_delta_crl());
       if (!row) return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, "the CA has published no delta CRL");
       return "Delta CRL[0]:\n" + to_pem("X509 CRL", row->CRLRawCRL);
     }},
    {"dns", true,
     [](Authority& a, Timestamp) -> Result<std::string> { return labelled("DNS Name", a.config().CAServerName); }},
    {"role", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       const ca::CaConfig config = a.config();
       const auto value = config.OtherValues.find("CA\\RoleSeparationEnabled");
       return labelled("Role Separation",
                       value == config.OtherValues.end() ? "0" : ca::registry_number(value->second.number));
     }},
    {"ads", true, [](Authority&, Timestamp) -> Result<std::string> { return labelled("Advanced Server", "1"); }},
    {"templates", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       MIMICA_TRY(const std::string list, template_list(a));
       return "Templates:" + list + "\n";
     }},
    {"cdp", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return "CRL URLs:" +
              urls(ca::expand_urls(a.config().CRLPublicationURLs, ca::csurl::kAddToCertificate, a.tokens(),
                                   ca::UrlUse::base_crl)) +
              "\n";
     }},
    {"aia", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return "AIA URLs:" +
              urls(ca::expand_urls(a.config().CACertPublicationURLs, ca::csurl::kAddToCertificate, a.tokens(),
                                   ca::UrlUse::ca_certificate)) +
              "\n";
     }},
    {"ocsp", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return "OCSP URLs:" +
              urls(ca::expand_urls(a.config().CACertPublicationURLs, ca::csurl::kAddToOcsp, a.tokens(),
                                   ca::UrlUse::ca_certificate)) +
              "\n";
     }},
    {"localename", true,
     [](Authority&, Timestamp) -> Result<std::string> { return labelled("CA locale name", "en-US"); }},
    {"subjecttemplateoids", true,
     [](Authority& a, Timestamp) -> Result<std::string> {
       return labelled("Subject Template OIDs", subject_template_oids(a.config()));
     }},
    {"cert", false,
     [](Authority& a, Timestamp) -> Result<std::string> { return "CA cert[0]:\n" + a.ca_certificate().pem(); }},
    {"certchain", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       MIMICA_TRY(const Bytes chain, cms_certs_only(a.chain()));
       return "CA cert chain[0]:\n" + to_pem("PKCS7", chain);
     }},
    {"crl", false,
     [](Authority& a, Timestamp) -> Result<std::string> {
       MIMICA_TRY(const ca::CrlRow row, a.current_crl());
       return "CRL[0]:\n" + to_pem("X509 CRL", row.CRLRawCRL);
     }},
};

// The newest without an index.
Result<std::size_t> index_of(std::string_view text, std::size_t count) {
  if (text.empty()) return count - 1;
  const auto index = parse_decimal<std::size_t>(text);
  if (!index || *index >= count)
    return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, "the CA has no certificate with that index");
  return *index;
}

Result<void> only_index_zero(std::string_view index) {
  if (index.empty() || index == "0") return {};
  return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, "the CA has no certificate with that index");
}

}  // namespace

Result<void> entries(const VerbContext& context) {
  const Authority& authority = context.authority();
  const ca::CaConfig config = authority.config();
  const auto field = [&](std::string_view name, std::string_view value) {
    std::string line = "  " + std::string(name) + ":";
    line.resize(std::max<std::size_t>(line.size() + 1, 27), ' ');
    context.line(line + "\"" + std::string(value) + "\"");
  };
  const Name& subject = authority.ca_certificate().subject();
  const auto part = [&](std::string_view oid) { return subject.last(Oid(oid)); };
  context.line("Entry 0: (Local)");
  field("Name", config.CommonName);
  field("Organizational Unit", part("2.5.4.11"));
  field("Organization", part("2.5.4.10"));
  field("Locality", part("2.5.4.7"));
  field("State", part("2.5.4.8"));
  field("Country/region", part("2.5.4.6"));
  field("Config", config_string(authority));
  field("Exchange Certificate", "");
  field("Signature Certificate", ca::certificate_file_name(authority.tokens()));
  field("Description", "");
  field("Server", config.CAServerName);
  field("Authority", config.CommonName);
  field("Sanitized Name", ca::sanitize_name(config.CommonName));
  field("Short Name", config.CommonName);
  field("Sanitized Short Name", ca::sanitized_short_name(config.CommonName));
  field("Flags", config.is_enterprise() ? "13" : "12");
  field("Web Enrollment Servers", "");
  return {};
}

Result<void> ping(const VerbContext& context) {
  context.line("Connecting to " + config_string(context.authority()) + " ...");
  context.line("Server \"" + context.authority().config().CommonName + "\" ICertRequest2 interface is alive (0ms)");
  return {};
}

Result<void> ping_admin(const VerbContext& context) {
  context.line("Connecting to " + config_string(context.authority()) + " ...");
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may(ca::ca_access::kManageCa, context.call.caller)));
  context.line("Server ICertAdmin2 interface is alive");
  return {};
}

Result<void> ca_info(const VerbContext& context) {
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  std::string_view wanted = context.arguments.value(0);
  MIMICA_RETURN_IF_FAULT(only_index_zero(context.arguments.value(1)));
  bool found = false;
  boost::json::object json;
  for (const Info& info : kInfos) {
    if (wanted.empty() ? !info.in_summary : wanted != "*" && !equals_ignore_case(wanted, info.name)) continue;
    auto text = info.show(context.authority(), context.target.now);
    if (!text && wanted == "*") continue;
    if (!text) return std::move(text).error();
    context.print(*text);
    const std::size_t label = text->find(':');
    json[info.name] = trim(std::string_view(*text).substr(label == std::string::npos ? 0 : label + 1));
    found = true;
  }
  if (context.call.json) context.result.json = boost::json::serialize(json) + "\n";
  if (found) return {};
  return fault(HResult::E_INVALIDARG, "'" + std::string(wanted.substr(0, 80)) + "' is no info name known here");
}

Result<void> ca_cert(const VerbContext& context) {
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  const std::vector<ca::SigningCertificate> all = context.authority().signing_certificates();
  MIMICA_TRY(const std::size_t index, index_of(context.arguments.value(1), all.size()));
  const Certificate& certificate = all[index].certificate;
  context.line("CA cert[" + std::to_string(index) + "]: " + certificate_state(certificate, context.target.now));
  context.print(certificate.pem());
  context.result.files[context.arguments.values[0]] = {certificate.der()};
  return {};
}

Result<void> ca_chain(const VerbContext& context) {
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  MIMICA_RETURN_IF_FAULT(only_index_zero(context.arguments.value(1)));
  MIMICA_TRY(Bytes chain, cms_certs_only(context.authority().chain()));
  context.line("CA cert[0]: " + certificate_state(context.authority().ca_certificate(), context.target.now));
  context.print(to_pem("PKCS7", chain));
  context.result.files[context.arguments.values[0]] = {std::move(chain)};
  return {};
}

Result<void> get_crl(const VerbContext& context) {
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  bool delta = false;
  std::optional<int> key;
  for (std::size_t at = 1; at < context.arguments.values.size(); ++at) {
    if (equals_ignore_case(context.arguments.values[at], "delta")) {
      delta = true;
      continue;
    }
    const auto all = context.authority().signing_certificates();
    MIMICA_TRY(const std::size_t index, index_of(context.arguments.values[at], all.size()));
    key = ca::key_index_of(all[index].certificate);
  }
  const int newest = ca::key_index_of(context.authority().ca_certificate());
  MIMICA_TRY(auto row, context.authority().crl(key.value_or(newest), delta ? ca::CrlKind::delta : ca::CrlKind::base));
  if (!row)
    return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, delta ? "the CA has published no delta CRL" : "there is no CRL");
  context.print(to_pem("X509 CRL", row->CRLRawCRL));
  context.result.files[context.arguments.values[0]] = {std::move(row->CRLRawCRL)};
  return {};
}

}  // namespace mimica::certutil::verbs

namespace mimica::certutil {

Result<void> check_config(const VerbContext& context) {
  const std::string_view config = context.arguments.option("config");
  if (config.empty() || config == "-" || config == ".") return {};
  const std::size_t at = config.find('\\');
  const std::string server = context.authority().config().CAServerName;
  const std::string_view host = config.substr(0, at);
  const bool same_host = equals_ignore_case(host, server) || equals_ignore_case(host, ca::short_host(server));
  if (!same_host)
    return fault(HResult::RPC_S_SERVER_UNAVAILABLE,
                 "no certification authority answers at '" + std::string(host) + "'");
  if (at == std::string_view::npos || context.authority().is_named(config.substr(at + 1))) return {};
  return fault(HResult::E_INVALIDARG, "the CA at that host is named " + context.authority().config().CommonName);
}

}  // namespace mimica::certutil
