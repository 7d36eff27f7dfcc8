#include "audit/import/bloodhound.h"

#include <algorithm>
#include <boost/json.hpp>

#include "audit/lint/template_linter.h"
#include "core/base/json_text.h"
#include "core/base/text.h"
#include "templates/codec.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

// The directory rights behind the names of edges.
struct Edge {
  std::string_view name;
  std::uint32_t mask;
  const Guid* type;
};
const Guid kNameFlag = *Guid::parse("ea1dddc4-60ff-416e-8cc0-17cee534bce7");
const Guid kEnrollmentFlag = *Guid::parse("d15ef7d8-f226-46db-ae79-b34e560bd12c");
const Edge kEdges[] = {
    {"GenericAll", access::kFullControl, nullptr},
    {"GenericWrite", access::kGenericWrite, nullptr},
    {"WriteDacl", access::kWriteDac, nullptr},
    {"WriteOwner", access::kWriteOwner, nullptr},
    {"AllExtendedRights", access::kControlAccess, nullptr},
    {"Enroll", access::kControlAccess, &guids::kEnroll},
    {"AutoEnroll", access::kControlAccess, &guids::kAutoEnroll},
    {"WritePKINameFlag", access::kWriteProperty, &kNameFlag},
    {"WritePKIEnrollmentFlag", access::kWriteProperty, &kEnrollmentFlag},
};

std::string domain_prefixed(const Sid& sid, const std::string& domain) {
  const bool of_domain = sid.authority() == 5 && !sid.sub_authorities().empty() && sid.sub_authorities().front() == 21;
  return of_domain ? sid.to_string() : domain + "-" + sid.to_string();
}

json::array purposes(const std::vector<Oid>& oids) {
  json::array out;
  for (const Oid& oid : oids) out.emplace_back(oid.dotted());
  return out;
}
std::vector<Oid> listed_purposes(const json::object& object, std::string_view key) {
  std::vector<Oid> out;
  for (const std::string& text : texts_member(object, key).value_or(std::vector<std::string>{}))
    if (const auto oid = Oid::parse(text)) out.push_back(*oid);
  return out;
}

template <typename Bit>
std::string write_flags(templates::FlagSet<Bit> flags) {
  const std::string text = join(flag_names(to_string(flags)), ", ");
  return text.empty() ? "NONE" : text;
}
template <typename Bit>
templates::FlagSet<Bit> read_flags(const json::object& object, std::string_view key) {
  std::vector<std::string> names;
  const std::string text = text_member(object, key).value_or("NONE");
  if (text != "NONE")
    for (const std::string_view part : split(text, ',')) names.emplace_back(trim(part));
  return flags_from_names<Bit>(names).value_or(templates::FlagSet<Bit>());
}

json::object produce_properties(const BloodHoundTemplate& one) {
  const templates::CertificateTemplate& value = one.value;
  const std::string domain_dn = "DC=" + [&] {
    std::string text = one.domain;
    for (std::size_t at = 0; (at = text.find('.', at)) != std::string::npos; at += 4) text.replace(at, 1, ",DC=");
    return text;
  }();
  json::object out;
  out["domain"] = one.domain;
  out["name"] = to_upper(value.cn) + "@" + one.domain;
  out["distinguishedname"] = to_upper(templates::template_dn(value.cn, "CN=Configuration," + domain_dn));
  out["domainsid"] = one.domain_sid.to_string();
  out["description"] = nullptr;
  out["whencreated"] = one.when_created;
  out["validityperiod"] = period_text(value.validity);
  out["renewalperiod"] = period_text(value.overlap);
  out["schemaversion"] = std::int64_t{value.schema_version};
  out["displayname"] = value.display_name;
  out["oid"] = value.oid.dotted();
  out["enrollmentflag"] = write_flags(value.enrollment_flags);
  out["requiresmanagerapproval"] = value.enrollment_flags.has(templates::EnrollmentFlag::pend_all_requests);
  out["nosecurityextension"] = value.enrollment_flags.has(templates::EnrollmentFlag::no_security_extension);
  out["certificatenameflag"] = write_flags(value.name_flags);
  out["enrolleesuppliessubject"] = value.supplies_subject();
  out["subjectaltrequireupn"] = value.name_flags.has(templates::NameFlag::subject_alt_require_upn);
  out["ekus"] = purposes(value.extended_key_usage);
  out["certificateapplicationpolicy"] = purposes(value.application_policies);
  out["authorizedsignatures"] = std::int64_t{value.ra_signatures};
  out["applicationpolicies"] = purposes(value.ra_application_policies);
  out["issuancepolicies"] = purposes(value.ra_issuance_policies);
  out["effectiveekus"] = purposes(value.effective_application_policies());
  out["authenticationenabled"] = !authentication_purpose(value).empty();
  return out;
}

json::array produce_aces(const BloodHoundTemplate& one) {
  json::array out;
  if (!one.value.security) return out;
  const auto add = [&](const Sid& who, std::string_view right, bool inherited) {
    const auto type = one.principal_types.find(who);
    out.push_back({{"PrincipalSID", domain_prefixed(who, one.domain)},
                   {"PrincipalType", type == one.principal_types.end() ? "Group" : type->second},
                   {"RightName", right},
                   {"IsInherited", inherited}});
  };
  if (one.value.security->owner) add(*one.value.security->owner, "Owns", false);
  if (!one.value.security->dacl) return out;
  for (const Ace& ace : one.value.security->dacl->aces) {
    if (!ace.allows()) continue;
    for (const Edge& edge : kEdges) {
      const bool same_type = edge.type == nullptr ? !ace.object_type : ace.object_type == *edge.type;
      if (!same_type || (ace.mask & edge.mask) != edge.mask) continue;
      add(ace.trustee, edge.name, (ace.flags & 0x10) != 0);
      if (edge.mask == access::kFullControl) break;
    }
  }
  return out;
}

json::object produce(const BloodHoundTemplate& one) {
  json::object out;
  out["Properties"] = one.kept_properties.restore(produce_properties(one));
  out["Aces"] = produce_aces(one);
  if (!one.object_id.empty()) out["ObjectIdentifier"] = one.object_id;
  out["IsDeleted"] = false;
  out["IsACLProtected"] = one.value.security && (one.value.security->control & sd_control::kDaclProtected) != 0;
  return out;
}

json::object produce(const BloodHoundDocument& document) {
  json::array data;
  for (const BloodHoundTemplate& one : document.templates) data.push_back(one.kept.restore(produce(one)));
  return bloodhound_collection(std::move(data), "certtemplates");
}

std::optional<SecurityDescriptor> read_aces(const json::object& object, BloodHoundTemplate& into) {
  const json::value* value = object.if_contains("Aces");
  const json::array* aces = value == nullptr ? nullptr : value->if_array();
  if (aces == nullptr) return std::nullopt;
  SecurityDescriptor sd;
  if (bool_member(object, "IsACLProtected").value_or(false)) sd.control |= 0x1000;
  sd.dacl.emplace();
  for (const json::value& item : *aces) {
    const json::object* one = item.if_object();
    if (one == nullptr) continue;
    const Sid who = bloodhound_sid(text_member(*one, "PrincipalSID").value_or(""));
    const std::string right = text_member(*one, "RightName").value_or("");
    if (who.empty()) continue;
    into.principal_types.emplace(who, text_member(*one, "PrincipalType").value_or("Group"));
    if (right == "Owns") {
      sd.owner = who;
      continue;
    }
    for (const Edge& edge : kEdges) {
      if (edge.name != right) continue;
      Ace ace;
      ace.type = edge.type == nullptr ? Ace::Type::allow : Ace::Type::allow_object;
      if (edge.type != nullptr) ace.object_type = *edge.type;
      ace.mask = edge.mask;
      ace.trustee = who;
      if (bool_member(*one, "IsInherited").value_or(false)) ace.flags = 0x10;
      sd.dacl->aces.push_back(std::move(ace));
    }
  }
  return sd;
}

Result<BloodHoundTemplate> read_template(const json::object& object, std::string_view source) {
  const json::value* member = object.if_contains("Properties");
  const json::object* properties = member == nullptr ? nullptr : member->if_object();
  const auto name = properties == nullptr ? std::nullopt : text_member(*properties, "name");
  if (!name || name->empty() || name->front() == '@')
    return fault(HResult::E_INVALIDARG, "a template of the export has no name", {std::string(source), 0, 0, {}});
  BloodHoundTemplate out;
  templates::CertificateTemplate& value = out.value;
  const std::size_t at = name->rfind('@');
  value.cn = name->substr(0, at);
  out.object_id = text_member(object, "ObjectIdentifier").value_or("");
  out.domain = text_member(*properties, "domain").value_or("");
  out.domain_sid = bloodhound_sid(text_member(*properties, "domainsid").value_or(""));
  out.when_created = number_member(*properties, "whencreated").value_or(0);
  value.display_name = text_member(*properties, "displayname").value_or("");
  // The display name without blanks is usually the name, and has its case.
  std::string squeezed = value.display_name;
  std::erase(squeezed, ' ');
  if (equals_ignore_case(squeezed, value.cn)) value.cn = squeezed;
  value.validity = parse_period(text_member(*properties, "validityperiod").value_or("")).value_or(0);
  value.overlap = parse_period(text_member(*properties, "renewalperiod").value_or("")).value_or(0);
  const std::int64_t schema = number_member(*properties, "schemaversion").value_or(1);
  value.schema_version = schema < 1 || schema > 100 ? 1 : static_cast<int>(schema);
  if (const auto oid = Oid::parse(text_member(*properties, "oid").value_or(""))) value.oid = *oid;
  value.enrollment_flags = read_flags<templates::EnrollmentFlag>(*properties, "enrollmentflag");
  value.name_flags = read_flags<templates::NameFlag>(*properties, "certificatenameflag");
  value.extended_key_usage = listed_purposes(*properties, "ekus");
  value.application_policies = listed_purposes(*properties, "certificateapplicationpolicy");
  const std::int64_t signatures = number_member(*properties, "authorizedsignatures").value_or(0);
  value.ra_signatures = static_cast<std::uint32_t>(signatures < 0 || signatures > 1000 ? 0 : signatures);
  value.ra_application_policies = listed_purposes(*properties, "applicationpolicies");
  value.ra_issuance_policies = listed_purposes(*properties, "issuancepolicies");
  value.issuance_policies = listed_purposes(*properties, "certificatepolicy");
  value.security = read_aces(object, out);
  out.kept_properties = Kept::of(*properties, produce_properties(out));
  out.kept = Kept::of(object, produce(out));
  return out;
}

}  // namespace

json::object bloodhound_collection(json::array data, std::string_view type) {
  json::object out;
  const auto count = static_cast<std::int64_t>(data.size());
  out["data"] = std::move(data);
  out["meta"] = json::object{{"methods", 0}, {"type", type}, {"count", count}, {"version", 6}};
  return out;
}

Sid bloodhound_sid(std::string_view text) {
  if (const std::size_t at = text.find("-S-1-"); at != std::string_view::npos) text.remove_prefix(at + 1);
  const auto sid = Sid::parse(text);
  return sid ? *sid : Sid();
}

Result<BloodHoundDocument> read_bloodhound_templates(std::string_view bytes, std::string_view source) {
  MIMICA_TRY(const json::value parsed, parse_export(bytes, source));
  const json::object* object = parsed.if_object();
  const json::value* data = object == nullptr ? nullptr : object->if_contains("data");
  const json::value* meta = object == nullptr ? nullptr : object->if_contains("meta");
  const bool typed =
      meta != nullptr && meta->is_object() && text_member(meta->get_object(), "type").value_or("") == "certtemplates";
  if (data == nullptr || !data->is_array() || !typed)
    return fault(HResult::E_INVALIDARG, "the export is no collection of certificate templates",
                 {std::string(source), 0, 0, {}}, "SharpHound writes them to *_certtemplates.json");
  BloodHoundDocument out;
  for (const json::value& item : data->get_array()) {
    const json::object* one = item.if_object();
    if (one == nullptr)
      return fault(HResult::E_INVALIDARG, "an entry of the collection is no object", {std::string(source), 0, 0, {}});
    MIMICA_TRY(BloodHoundTemplate value, read_template(*one, source));
    out.templates.push_back(std::move(value));
  }
  out.kept = Kept::of(*object, produce(out));
  return out;
}

std::string write_bloodhound_templates(const BloodHoundDocument& document) {
  return json_text(document.kept.restore(produce(document)));
}

BloodHoundDocument bloodhound_document(const std::vector<templates::CertificateTemplate>& templates,
                                       std::string_view domain, const Sid& domain_sid) {
  BloodHoundDocument out;
  for (const templates::CertificateTemplate& value : templates) {
    BloodHoundTemplate one;
    one.value = value;
    one.domain = to_upper(domain);
    one.domain_sid = domain_sid;
    out.templates.push_back(std::move(one));
  }
  return out;
}

}  // namespace mimica::audit
