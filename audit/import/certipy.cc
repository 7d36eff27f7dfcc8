#include "audit/import/certipy.h"

#include <algorithm>
#include <boost/json.hpp>

#include "audit/lint/template_linter.h"
#include "core/base/json_text.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

constexpr std::string_view kAuthorities = "Certificate Authorities";
constexpr std::string_view kTemplates = "Certificate Templates";

bool has_purpose(const std::vector<Oid>& oids, const Oid& oid) {
  return std::find(oids.begin(), oids.end(), oid) != oids.end();
}

// "PUBLISH_TO_DS" as version 4.8 writes it: "PublishToDs".
std::string camel_case(std::string_view name) {
  std::string out;
  bool start = true;
  for (const char c : name) {
    if (c == '_') {
      start = true;
      continue;
    }
    out += start ? c : (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    start = false;
  }
  return out;
}

template <typename Bit>
json::array write_flags(templates::FlagSet<Bit> flags, CertipyStyle style) {
  json::array out;
  for (unsigned shift = 0; shift < 32; ++shift) {
    const templates::FlagSet<Bit> one(1U << shift);
    if ((flags.bits() & one.bits()) == 0) continue;
    if (style == CertipyStyle::v5)
      out.emplace_back(std::int64_t{one.bits()});
    else
      out.emplace_back(camel_case(to_string(one)));
  }
  if (out.empty() && style == CertipyStyle::v4_8) out.emplace_back("None");
  return out;
}

template <typename Bit>
std::optional<templates::FlagSet<Bit>> read_flags(const json::object& object, std::string_view key, bool& by_name) {
  const json::value* value = object.if_contains(key);
  const json::array* array = value == nullptr ? nullptr : value->if_array();
  if (array == nullptr) return std::nullopt;
  std::uint32_t bits = 0;
  for (const json::value& item : *array) {
    if (item.is_int64()) {
      if (item.get_int64() < 0 || item.get_int64() > 0xFFFFFFFF) return std::nullopt;
      bits |= static_cast<std::uint32_t>(item.get_int64());
    } else if (item.is_string()) {
      by_name = true;
      if (item.get_string() == "None") continue;
      bool known = false;
      for (unsigned shift = 0; shift < 32 && !known; ++shift) {
        const templates::FlagSet<Bit> one(1U << shift);
        if (camel_case(to_string(one)) != std::string_view(item.get_string())) continue;
        bits |= one.bits();
        known = true;
      }
      if (!known) return std::nullopt;
    } else {
      return std::nullopt;
    }
  }
  return templates::FlagSet<Bit>(bits);
}

// "2024-11-05 19:52:09+00:00"
std::optional<Timestamp> read_time(const json::object& object, std::string_view key) {
  const auto text = text_member(object, key);
  if (!text || text->size() != 25 || text->substr(19) != "+00:00") return std::nullopt;
  const auto parsed = parse_iso(text->substr(0, 10) + "T" + text->substr(11, 8) + "Z");
  return parsed ? std::optional<Timestamp>(*parsed) : std::nullopt;
}
std::string write_time(Timestamp at) {
  const std::string iso = to_iso(at);
  return iso.substr(0, 10) + " " + iso.substr(11, 8) + "+00:00";
}

std::optional<std::vector<Oid>> read_certipy_purposes(const json::object& object, std::string_view key) {
  const auto texts = texts_member(object, key);
  if (!texts) return std::nullopt;
  std::vector<Oid> out;
  for (const std::string& text : *texts) {
    const auto oid = parse_purpose(text);
    if (!oid) return std::nullopt;
    out.push_back(*oid);
  }
  return out;
}
json::array write_purposes(const std::vector<Oid>& oids) {
  json::array out;
  for (const Oid& oid : oids) out.emplace_back(purpose_text(oid));
  return out;
}

// Everything that our values can say, in the order of version 5.
json::object produce(const CertipyTemplate& one, CertipyStyle style) {
  const templates::CertificateTemplate& value = one.value;
  const std::vector<Oid>& purposes = value.effective_application_policies();
  const bool any = purposes.empty() || has_purpose(purposes, oids::kAnyExtendedKeyUsage);
  const bool client = any || has_purpose(purposes, oids::kClientAuth) || has_purpose(purposes, oids::kSmartCardLogon) ||
                      has_purpose(purposes, oids::kPkinitClient);
  json::object out;
  out["Template Name"] = value.cn;
  out["Display Name"] = value.display_name;
  if (!one.authorities.empty()) out["Certificate Authorities"] = to_array(one.authorities);
  out["Enabled"] = one.enabled;
  out["Client Authentication"] = client;
  out["Enrollment Agent"] = any || has_purpose(purposes, oids::kCertificateRequestAgent);
  out["Any Purpose"] = any;
  out["Enrollee Supplies Subject"] = value.supplies_subject();
  out["Certificate Name Flag"] = write_flags(value.name_flags, style);
  out["Enrollment Flag"] = write_flags(value.enrollment_flags, style);
  // The compatibility versions are not among the flags that are shown.
  out["Private Key Flag"] =
      write_flags(templates::FlagSet<templates::PrivateKeyFlag>(value.private_key_flags.bits() & ~0x0F0F0000U), style);
  if (!purposes.empty()) out["Extended Key Usage"] = write_purposes(purposes);
  out["Requires Manager Approval"] = value.enrollment_flags.has(templates::EnrollmentFlag::pend_all_requests);
  out["Requires Key Archival"] = value.private_key_flags.has(templates::PrivateKeyFlag::require_private_key_archival);
  if (!value.ra_application_policies.empty())
    out["RA Application Policies"] = write_purposes(value.ra_application_policies);
  if (!value.issuance_policies.empty()) out["Issuance Policies"] = write_purposes(value.issuance_policies);
  out["Authorized Signatures Required"] = std::int64_t{value.ra_signatures};
  if (style == CertipyStyle::v5) out["Schema Version"] = std::int64_t{value.schema_version};
  out["Validity Period"] = period_text(value.validity);
  out["Renewal Period"] = period_text(value.overlap);
  out["Minimum RSA Key Length"] = std::int64_t{value.minimal_key_size};
  if (one.created) out["Template Created"] = write_time(*one.created);
  if (one.modified) out["Template Last Modified"] = write_time(*one.modified);
  return out;
}

// A descriptor that grants what the permissions say.
std::optional<SecurityDescriptor> read_permissions(const json::object& object, templates::NamedAccounts& accounts) {
  const json::object* permissions = object_member(object, "Permissions");
  if (permissions == nullptr) return std::nullopt;
  SecurityDescriptor sd;
  sd.dacl.emplace();
  const auto each = [&](const json::object* group, std::string_view key, auto&& use) {
    if (group == nullptr) return;
    if (const auto names_of = texts_member(*group, key))
      for (const std::string& name : *names_of) use(accounts.sid_of(name));
  };
  const json::object* enrollment = object_member(*permissions, "Enrollment Permissions");
  each(enrollment, "Enrollment Rights",
       [&](const Sid& who) { grant(sd, who, access::kControlAccess, guids::kEnroll); });
  each(enrollment, "All Extended Rights", [&](const Sid& who) { grant(sd, who, access::kControlAccess); });
  const json::object* control = object_member(*permissions, "Object Control Permissions");
  each(control, "Owner", [&](const Sid& who) { sd.owner = who; });
  each(control, "Full Control Principals", [&](const Sid& who) { grant(sd, who, access::kFullControl); });
  each(control, "Write Owner Principals", [&](const Sid& who) { grant(sd, who, access::kWriteOwner); });
  each(control, "Write Dacl Principals", [&](const Sid& who) { grant(sd, who, access::kWriteDac); });
  each(control, "Write Property Principals", [&](const Sid& who) { grant(sd, who, access::kWriteProperty); });
  each(control, "Write Property Enroll",
       [&](const Sid& who) { grant(sd, who, access::kWriteProperty, guids::kEnroll); });
  return sd;
}

Result<CertipyTemplate> read_template(const json::object& object, CertipyDocument& document, std::string_view source) {
  CertipyTemplate out;
  templates::CertificateTemplate& value = out.value;
  const auto name = text_member(object, "Template Name");
  if (!name || name->empty())
    return fault(HResult::E_INVALIDARG, "a template of the export has no name", {std::string(source), 0, 0, {}});
  value.cn = *name;
  value.display_name = text_member(object, "Display Name").value_or("");
  out.authorities = texts_member(object, "Certificate Authorities").value_or(std::vector<std::string>{});
  out.enabled = bool_member(object, "Enabled").value_or(false);
  bool by_name = false;
  value.name_flags = read_flags<templates::NameFlag>(object, "Certificate Name Flag", by_name)
                         .value_or(templates::FlagSet<templates::NameFlag>());
  value.enrollment_flags = read_flags<templates::EnrollmentFlag>(object, "Enrollment Flag", by_name)
                               .value_or(templates::FlagSet<templates::EnrollmentFlag>());
  value.private_key_flags = read_flags<templates::PrivateKeyFlag>(object, "Private Key Flag", by_name)
                                .value_or(templates::FlagSet<templates::PrivateKeyFlag>());
  if (by_name) document.style = CertipyStyle::v4_8;
  if (bool_member(object, "Enrollee Supplies Subject").value_or(false))
    value.name_flags.set(templates::NameFlag::enrollee_supplies_subject);
  if (bool_member(object, "Requires Manager Approval").value_or(false))
    value.enrollment_flags.set(templates::EnrollmentFlag::pend_all_requests);
  if (bool_member(object, "Requires Key Archival").value_or(false))
    value.private_key_flags.set(templates::PrivateKeyFlag::require_private_key_archival);
  value.extended_key_usage = read_certipy_purposes(object, "Extended Key Usage").value_or(std::vector<Oid>{});
  value.ra_application_policies = read_certipy_purposes(object, "RA Application Policies").value_or(std::vector<Oid>{});
  value.issuance_policies = read_certipy_purposes(object, "Issuance Policies").value_or(std::vector<Oid>{});
  const auto number = [&](std::string_view key, std::int64_t most) {
    const std::int64_t found = number_member(object, key).value_or(0);
    return static_cast<std::uint32_t>(found < 0 || found > most ? 0 : found);
  };
  value.ra_signatures = number("Authorized Signatures Required", 1000);
  value.minimal_key_size = number("Minimum RSA Key Length", 1 << 20);
  const auto schema = number("Schema Version", 100);
  value.schema_version = schema != 0 ? static_cast<int>(schema) : value.ra_application_policies.empty() ? 1 : 2;
  if (value.schema_version > 1) value.application_policies = value.extended_key_usage;
  value.validity = parse_period(text_member(object, "Validity Period").value_or("")).value_or(0);
  value.overlap = parse_period(text_member(object, "Renewal Period").value_or("")).value_or(0);
  out.created = read_time(object, "Template Created");
  out.modified = read_time(object, "Template Last Modified");
  value.security = read_permissions(object, document.accounts);
  return out;
}

std::optional<bool> switch_member(const json::object& object, std::string_view key) {
  const auto text = text_member(object, key);
  if (text && (*text == "Enabled" || *text == "Disabled")) return *text == "Enabled";
  return std::nullopt;
}

CertipyAuthority read_authority(const json::object& object, templates::NamedAccounts& accounts) {
  CertipyAuthority out;
  out.name = text_member(object, "CA Name").value_or("");
  out.dns_name = text_member(object, "DNS Name").value_or("");
  out.user_specified_san = switch_member(object, "User Specified SAN");
  out.enforces_encryption = switch_member(object, "Enforce Encryption for Requests");
  out.web_enrollment_over_http = switch_member(object, "Web Enrollment");
  if (const json::object* web = object_member(object, "Web Enrollment"))
    if (const json::object* http = object_member(*web, "http"))
      out.web_enrollment_over_http = bool_member(*http, "enabled");
  if (const auto disabled = texts_member(object, "Disabled Extensions")) {
    out.disabled_extensions.emplace();
    for (const std::string& text : *disabled)
      if (const auto oid = Oid::parse(text)) out.disabled_extensions->push_back(*oid);
  }
  if (const json::object* permissions = object_member(object, "Permissions")) {
    SecurityDescriptor sd;
    sd.dacl.emplace();
    if (const auto owner = text_member(*permissions, "Owner")) sd.owner = accounts.sid_of(*owner);
    if (const json::object* rights = object_member(*permissions, "Access Rights")) {
      for (const auto& member : *rights) {
        std::uint32_t mask = 0;
        for (const char c : member.key())
          mask = c >= '0' && c <= '9' && mask < 0xFFFF ? mask * 10 + (c - '0') : 0xFFFFF;
        if (mask == 0 || mask > 0xFFFF) continue;
        if (const auto names_of = texts_member(*rights, member.key()))
          for (const std::string& name : *names_of) grant(sd, accounts.sid_of(name), mask);
      }
      out.security = std::move(sd);
    }
  }
  out.found = object;
  return out;
}

json::object produce(const CertipyDocument& document) {
  json::object authorities, templates, out;
  for (const CertipyAuthority& one : document.authorities) authorities[std::to_string(authorities.size())] = one.found;
  for (const CertipyTemplate& one : document.templates)
    templates[std::to_string(templates.size())] = one.kept.restore(produce(one, document.style));
  out[kAuthorities] = std::move(authorities);
  out[kTemplates] = std::move(templates);
  return out;
}

}  // namespace

Result<CertipyDocument> read_certipy(std::string_view bytes, std::string_view source) {
  MIMICA_TRY(const json::value parsed, parse_export(bytes, source));
  const json::object* object = parsed.if_object();
  if (object == nullptr || (!object->contains(kAuthorities) && !object->contains(kTemplates)))
    return fault(HResult::E_INVALIDARG, "the export holds neither CAs nor templates", {std::string(source), 0, 0, {}},
                 "`certipy find -json` writes both");
  CertipyDocument out;
  // A forest without CAs or templates has a sentence in place of the list.
  if (const json::object* authorities = object_member(*object, kAuthorities))
    for (const auto& member : *authorities)
      if (const json::object* one = member.value().if_object())
        out.authorities.push_back(read_authority(*one, out.accounts));
  std::vector<const json::object*> found;
  if (const json::object* templates = object_member(*object, kTemplates))
    for (const auto& member : *templates)
      if (const json::object* one = member.value().if_object()) {
        MIMICA_TRY(CertipyTemplate value, read_template(*one, out, source));
        out.templates.push_back(std::move(value));
        found.push_back(one);
      }
  for (std::size_t i = 0; i < found.size(); ++i)
    out.templates[i].kept = Kept::of(*found[i], produce(out.templates[i], out.style));
  out.kept = Kept::of(*object, produce(out));
  return out;
}

std::string write_certipy(const CertipyDocument& document) {
  return json_text(document.kept.restore(produce(document)));
}

CertipyDocument certipy_document(const std::vector<templates::CertificateTemplate>& templates,
                                 const templates::NameOf& name_of, CertipyStyle style) {
  CertipyDocument out;
  out.style = style;
  for (const templates::CertificateTemplate& value : templates) {
    CertipyTemplate one;
    one.value = value;
    json::object permissions, enrollment, control;
    const auto named = [&](const Sid& sid) {
      std::string name = name_of ? name_of(sid) : std::string();
      return name.empty() ? sid.to_string() : name;
    };
    if (value.security) {
      json::array rights;
      for (const Sid& sid : holders(value, templates::Right::enroll)) rights.emplace_back(named(sid));
      enrollment["Enrollment Rights"] = std::move(rights);
      if (value.security->owner) control["Owner"] = named(*value.security->owner);
      const std::pair<std::string_view, std::uint32_t> kinds[] = {
          {"Full Control Principals", access::kFullControl},
          {"Write Owner Principals", access::kWriteOwner},
          {"Write Dacl Principals", access::kWriteDac},
          {"Write Property Principals", access::kWriteProperty}};
      for (const auto& [key, mask] : kinds) {
        json::array who;
        SecurityDescriptor ownerless = *value.security;
        ownerless.owner.reset();
        if (ownerless.dacl)
          for (const Ace& ace : ownerless.dacl->aces) {
            if (!ace.allows() || ace.object_type ||
                !check_access(ownerless, {ace.trustee, {ace.trustee}}, mask).granted)
              continue;
            if (std::find(who.begin(), who.end(), json::value(named(ace.trustee))) == who.end())
              who.emplace_back(named(ace.trustee));
          }
        if (!who.empty()) control[key] = std::move(who);
      }
      permissions["Enrollment Permissions"] = std::move(enrollment);
      permissions["Object Control Permissions"] = std::move(control);
    }
    json::object whole = produce(one, style);
    if (!permissions.empty()) whole["Permissions"] = std::move(permissions);
    one.kept = Kept::of(whole, produce(one, style));
    out.templates.push_back(std::move(one));
  }
  return out;
}

}  // namespace mimica::audit
