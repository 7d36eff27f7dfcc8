// Templates: what the CA issues.
#include <algorithm>

#include "ca/authority/authority.h"
#include "ca/faces/certutil/verbs.h"
#include "ca/registry/registry.h"
#include "ldap/directory.h"
#include "templates/codec.h"
#include "templates/permission.h"

namespace mimica::certutil::verbs {
namespace {

// "Auto-Enroll", or what the caller lacks (observed).
std::string access_of(const templates::CertificateTemplate& value, const Token& token) {
  const bool enroll = templates::holds(value, token, templates::Right::enroll);
  if (enroll && templates::holds(value, token, templates::Right::autoenroll)) return "Auto-Enroll";
  return enroll ? "Auto-Enroll: Access is denied." : "Access is denied.";
}

// "1 Years", "6 Weeks": the largest unit that divides it.
std::string period_text(Seconds period) {
  constexpr std::pair<std::string_view, Seconds> kUnits[] = {
      {"Years", 365 * kDay}, {"Weeks", 7 * kDay}, {"Days", kDay}, {"Hours", kHour}};
  for (const auto& [name, seconds] : kUnits)
    if (period % seconds == 0) return std::to_string(period / seconds) + " " + std::string(name);
  return std::to_string(period) + " Seconds";
}

// The bits by name; with `all` those that are not set too, in parentheses.
template <typename Flag>
std::string flag_lines(std::uint32_t bits, bool all, std::string_view indent) {
  std::string out;
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1U) {
    const std::string name = templates::to_string(templates::FlagSet<Flag>(bit));
    if (name.starts_with("0x") || (!all && (bits & bit) == 0)) continue;
    const std::string text = "CT_FLAG_" + name + " -- " + ca::registry_number(bit);
    out += std::string(indent) + ((bits & bit) != 0 ? text : "(" + text + ")") + "\n";
  }
  return out;
}

Result<std::vector<templates::CertificateTemplate>> templates_named(const VerbContext& context) {
  MIMICA_TRY(const auto view, context.authority().look_ups().begin());
  MIMICA_TRY(const auto all, view->all_templates());
  const std::string_view wanted = context.arguments.value(0);
  std::vector<templates::CertificateTemplate> out;
  for (const templates::CertificateTemplate& one : *all)
    if (wanted.empty() || equals_ignore_case(wanted, one.cn) || equals_ignore_case(wanted, one.display_name) ||
        wanted == one.oid.dotted())
      out.push_back(one);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return to_lower(a.cn) < to_lower(b.cn); });
  if (out.empty())
    return fault(HResult::CERTSRV_E_UNKNOWN_CERT_TYPE, "there is no template '" + std::string(wanted) + "'");
  return out;
}

Result<std::shared_ptr<const ca::RequesterFacts>> caller(const VerbContext& context) {
  MIMICA_TRY(const auto view, context.authority().look_ups().begin());
  MIMICA_TRY(auto who, view->requester(context.call.caller.empty() ? "Administrator" : context.call.caller));
  if (who == nullptr) return fault(HResult::ERROR_NONE_MAPPED, "no account is named '" + context.call.caller + "'");
  return who;
}

std::string oid_lines(const std::vector<Oid>& oids) {
  std::string out = std::to_string(oids.size()) + " ObjectIds:\n";
  for (const Oid& oid : oids) {
    const std::string_view name = display_name(oid);
    out += "    " + oid.dotted() + (name.empty() ? "" : " " + std::string(name)) + "\n";
  }
  return out;
}

void print_properties(const VerbContext& context, const templates::CertificateTemplate& value) {
  const bool all = context.arguments.has("v");
  const auto line = [&](std::string_view name, std::string_view text) {
    context.line("  TemplateProp" + std::string(name) + " = " + std::string(text));
  };
  const auto number = [](std::int64_t n) { return ca::registry_number(static_cast<std::uint32_t>(n)); };
  line("CommonName", value.cn);
  line("FriendlyName", value.display_name);
  context.print("  TemplatePropEKUs =\n" + oid_lines(value.effective_application_policies()));
  context.line("  TemplatePropCryptoProviders =");
  for (std::size_t i = 0; i < value.default_providers.size(); ++i)
    context.line("    " + std::to_string(i) + ": " + value.default_providers[i].name);
  line("MajorRevision", number(value.major_revision));
  line("MinorRevision", number(value.minor_revision));
  line("SchemaVersion", number(value.schema_version));
  line("RASignatureCount", number(value.ra_signatures));
  line("MinimumKeySize", number(value.minimal_key_size));
  line("OID", value.oid.dotted());
  line("EnrollmentFlags", number(value.enrollment_flags.bits()));
  context.print(flag_lines<templates::EnrollmentFlag>(value.enrollment_flags.bits(), all, "    "));
  line("SubjectNameFlags", number(value.name_flags.bits()));
  context.print(flag_lines<templates::NameFlag>(value.name_flags.bits(), all, "    "));
  line("PrivateKeyFlags", number(value.private_key_flags.bits()));
  context.print(flag_lines<templates::PrivateKeyFlag>(value.private_key_flags.bits() & 0xF0F0FFFFU, all, "    "));
  line("GeneralFlags", number(value.flags.bits()));
  context.print(flag_lines<templates::GeneralFlag>(value.flags.bits(), all, "    "));
  line("ValidityPeriod", period_text(value.validity));
  line("RenewalPeriod", period_text(value.overlap));
}

// Values as -dsTemplate quotes them; octets that are no text in hexadecimal.
std::string quoted(const ldap::Attribute& attribute, std::string_view value) {
  for (const std::string_view period : {"pKIExpirationPeriod", "pKIOverlapPeriod"})
    if (equals_ignore_case(attribute.name, period))
      if (const auto seconds = templates::period_from_octets(as_bytes(value)))
        return "\"" + period_text(*seconds) + "\"";
  const bool text = is_valid_utf8(value) && std::all_of(value.begin(), value.end(),
                                                        [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
  return "\"" + (text ? std::string(value) : spaced(as_bytes(value))) + "\"";
}

template <typename Flag>
void print_flags(const VerbContext& context, const ldap::Attribute& attribute) {
  std::int64_t value = 0;
  for (const std::string& text : attribute.values) value = std::strtoll(text.c_str(), nullptr, 10);
  const auto bits = static_cast<std::uint32_t>(value);
  context.line("  " + attribute.name + " = \"" + std::to_string(value) + "\" ; 0x" + ca::registry_number(bits));
  context.print(flag_lines<Flag>(bits, context.arguments.has("v"), "    "));
}

}  // namespace

Result<void> ad_template(const VerbContext& context) {
  MIMICA_TRY(const auto who, caller(context));
  MIMICA_TRY(const auto list, templates_named(context));
  for (const templates::CertificateTemplate& one : list)
    context.line(one.cn + ": " + one.display_name + " -- " + access_of(one, who->token));
  return {};
}

Result<void> template_properties(const VerbContext& context) {
  MIMICA_TRY(const auto who, caller(context));
  MIMICA_TRY(const auto list, templates_named(context));
  context.line("  Name: Active Directory Enrollment Policy");
  context.line("  Url: ldap:");
  context.line(std::to_string(list.size()) + " Templates:");
  for (std::size_t i = 0; i < list.size(); ++i) {
    context.line("");
    context.line("  Template[" + std::to_string(i) + "]:");
    print_properties(context, list[i]);
    context.line("  " + access_of(list[i], who->token));
  }
  return {};
}

Result<void> ds_template(const VerbContext& context) {
  MIMICA_TRY(const auto list, templates_named(context));
  const std::string configuration = context.authority().look_ups().contexts().configuration;
  for (const templates::CertificateTemplate& one : list) {
    MIMICA_TRY(const auto entry,
               ldap::read_entry(*context.target.directory, templates::template_dn(one.cn, configuration)));
    if (!entry) continue;
    context.line("[" + one.cn + "]");
    for (const ldap::Attribute& attribute : entry->attributes()) {
      if (attribute.name == "flags") {
        print_flags<templates::GeneralFlag>(context, attribute);
      } else if (attribute.name == "msPKI-Enrollment-Flag") {
        print_flags<templates::EnrollmentFlag>(context, attribute);
      } else if (attribute.name == "msPKI-Certificate-Name-Flag") {
        print_flags<templates::NameFlag>(context, attribute);
      } else if (attribute.name == "msPKI-Private-Key-Flag") {
        print_flags<templates::PrivateKeyFlag>(context, attribute);
      } else if (attribute.values.size() == 1) {
        context.line("  " + attribute.name + " = " + quoted(attribute, attribute.values.front()));
      } else {
        context.line("  " + attribute.name + " =");
        for (std::size_t i = 0; i < attribute.values.size(); ++i)
          context.line("    " + std::to_string(i) + ": " + quoted(attribute, attribute.values[i]));
      }
    }
    context.line("");
  }
  return {};
}

Result<void> template_cas(const VerbContext& context) {
  MIMICA_TRY(const auto list, templates_named(context));
  const ldap::NamingContexts& contexts = context.authority().look_ups().contexts();
  MIMICA_TRY(const auto services,
             context.target.directory->search({.base = contexts.enrollment_services(),
                                               .scope = ldap::Scope::one_level,
                                               .filter = "(objectClass=pKIEnrollmentService)",
                                               .attributes = {"cn", "dNSHostName", "certificateTemplates"}}));
  for (const ldap::Entry& service : services)
    for (const std::string& name : service.values("certificateTemplates"))
      if (equals_ignore_case(name, list.front().cn))
        context.line(std::string(service.first("dNSHostName")) + "\\" + std::string(service.first("cn")));
  return {};
}

Result<void> ca_templates(const VerbContext& context) {
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  MIMICA_TRY(const auto view, context.authority().look_ups().begin());
  MIMICA_TRY(const auto who, caller(context));
  const std::string_view wanted = context.arguments.value(0);
  MIMICA_TRY(const auto names, context.authority().published_templates());
  bool found = wanted.empty();
  for (const std::string& name : names) {
    if (!wanted.empty() && !equals_ignore_case(wanted, name)) continue;
    found = true;
    MIMICA_TRY(const auto value, view->certificate_template(name));
    if (value == nullptr) {
      context.line(name + ": Unknown template");
      continue;
    }
    context.line(value->cn + ": " + value->display_name + " -- " + access_of(*value, who->token));
  }
  if (found) return {};
  return fault(HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE, "the CA does not issue '" + std::string(wanted) + "'");
}

Result<void> set_ca_templates(const VerbContext& context) {
  const std::string& change = context.arguments.values[0];
  if (change.size() < 2 || (change[0] != '+' && change[0] != '-'))
    return fault(HResult::E_INVALIDARG, "write +Template or -Template", {}, "several are separated by commas");
  for (const std::string_view one : split(std::string_view(change).substr(1), ',')) {
    const std::string_view name = trim(one);
    if (name.empty()) continue;
    MIMICA_RETURN_IF_FAULT(
        granted(context, context.authority().set_template_published(name, change[0] == '+', context.call.caller)));
    context.line((change[0] == '+' ? "Added: " : "Removed: ") + std::string(name));
  }
  return {};
}

}  // namespace mimica::certutil::verbs
