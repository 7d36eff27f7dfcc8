#include "audit/import/export_documents.h"

#include <boost/json.hpp>

#include "audit/import/adcs_template.h"
#include "audit/import/live_diff.h"
#include "audit/lint/authority_export.h"
#include "core/base/encoding.h"
#include "core/base/json_text.h"
#include "core/base/text.h"
#include "ldap/store/ldif.h"
#include "templates/codec.h"

namespace mimica::audit {
namespace {

namespace json = boost::json;

const json::array* array_member(const json::object* object, std::string_view key) {
  const json::value* value = object == nullptr ? nullptr : object->if_contains(key);
  return value == nullptr ? nullptr : value->if_array();
}

SecurityDescriptor read_security(const json::array& rights) {
  SecurityDescriptor sd;
  sd.dacl.emplace();
  for (const json::value& item : rights) {
    const json::object* one = item.if_object();
    if (one == nullptr) continue;
    const Sid who = bloodhound_sid(text_member(*one, "PrincipalSID").value_or(""));
    const std::string right = text_member(*one, "RightName").value_or("");
    if (who.empty()) continue;
    if (right == "Owns") sd.owner = who;
    if (right == "ManageCA") grant(sd, who, ca::ca_access::kManageCa);
    if (right == "ManageCertificates") grant(sd, who, ca::ca_access::kIssueAndManage);
    if (right == "Enroll") grant(sd, who, ca::ca_access::kRequestCertificates);
  }
  return sd;
}

// Callback entries as in the registry (MS-CSRA 2.2.1.11); whom and which templates they are about is not kept here.
std::optional<SecurityDescriptor> read_agents(const json::array& restrictions) {
  if (restrictions.empty()) return std::nullopt;
  SecurityDescriptor sd;
  sd.dacl.emplace();
  for (const json::value& item : restrictions) {
    const json::object* one = item.if_object();
    const json::object* agent = one == nullptr ? nullptr : object_member(*one, "Agent");
    if (agent == nullptr) continue;
    Ace ace;
    ace.type = text_member(*one, "AccessType").value_or("") == "AccessAllowedCallback" ? Ace::Type::allow_callback
                                                                                       : Ace::Type::deny_callback;
    ace.mask = 0x10000;
    ace.trustee = bloodhound_sid(text_member(*agent, "ObjectIdentifier").value_or(""));
    if (!ace.trustee.empty()) sd.dacl->aces.push_back(std::move(ace));
  }
  return sd;
}

// What the facts can say again.
json::object produce(const BloodHoundAuthority& one) {
  json::object out;
  json::array enabled;
  for (const std::string& id : one.template_ids)
    enabled.push_back({{"ObjectIdentifier", id}, {"ObjectType", "CertTemplate"}});
  out["EnabledCertTemplates"] = std::move(enabled);
  return out;
}

json::object produce(const BloodHoundAuthorities& document) {
  json::array data;
  for (const BloodHoundAuthority& one : document.authorities) data.push_back(one.kept.restore(produce(one)));
  return bloodhound_collection(std::move(data), "enterprisecas");
}

BloodHoundAuthority read_authority(const json::object& object) {
  BloodHoundAuthority out;
  if (const json::object* properties = object_member(object, "Properties"))
    out.facts.name = text_member(*properties, "caname").value_or("");
  if (const json::object* registry = object_member(object, "CARegistryData")) {
    const json::object* security = object_member(*registry, "CASecurity");
    if (const json::array* rights = array_member(security, "Data"); rights != nullptr && !rights->empty())
      out.facts.security = read_security(*rights);
    const json::object* agents = object_member(*registry, "EnrollmentAgentRestrictions");
    if (const json::array* restrictions = array_member(agents, "Restrictions"))
      out.facts.enrollment_agent_rights = read_agents(*restrictions);
    const json::object* san = object_member(*registry, "IsUserSpecifiesSanEnabled");
    if (san != nullptr && bool_member(*san, "Collected").value_or(false))
      out.facts.edit_flags = bool_member(*san, "Value").value_or(false) ? ca::editf::kAttributeSubjectAltName2 : 0U;
  }
  if (const json::array* enabled = array_member(&object, "EnabledCertTemplates"))
    for (const json::value& item : *enabled)
      if (const json::object* one = item.if_object())
        out.template_ids.push_back(text_member(*one, "ObjectIdentifier").value_or(""));
  out.kept = Kept::of(object, produce(out));
  return out;
}

}  // namespace

std::string collection_type(const json::object& object) {
  const json::object* meta = object_member(object, "meta");
  return meta == nullptr ? std::string() : text_member(*meta, "type").value_or("");
}

AuthorityFacts facts_of(const CertipyAuthority& authority, const CertipyDocument& document) {
  AuthorityFacts out;
  out.name = authority.name;
  for (const CertipyTemplate& one : document.templates)
    for (const std::string& name : one.authorities)
      if (name == authority.name) out.published.push_back(one.value.cn);
  if (authority.user_specified_san)
    out.edit_flags = *authority.user_specified_san ? ca::editf::kAttributeSubjectAltName2 : 0U;
  out.security = authority.security;
  out.disabled_extensions = authority.disabled_extensions;
  if (authority.enforces_encryption)
    out.interface_flags = *authority.enforces_encryption ? ca::kEnforceEncryptedRequests : 0U;
  out.web_enrollment = authority.web_enrollment_over_http;
  return out;
}

Result<BloodHoundAuthorities> read_bloodhound_authorities(std::string_view bytes, std::string_view source) {
  MIMICA_TRY(const json::value parsed, parse_export(bytes, source));
  const json::object* object = parsed.if_object();
  const json::array* data = array_member(object, "data");
  if (data == nullptr || collection_type(*object) != "enterprisecas")
    return fault(HResult::E_INVALIDARG, "the export is no collection of enterprise CAs",
                 {std::string(source), 0, 0, {}}, "SharpHound writes them to *_enterprisecas.json");
  BloodHoundAuthorities out;
  for (const json::value& item : *data) {
    const json::object* one = item.if_object();
    if (one == nullptr)
      return fault(HResult::E_INVALIDARG, "an entry of the collection is no object", {std::string(source), 0, 0, {}});
    out.authorities.push_back(read_authority(*one));
  }
  out.kept = Kept::of(*object, produce(out));
  return out;
}

std::string write_bloodhound_authorities(const BloodHoundAuthorities& document) {
  return json_text(document.kept.restore(produce(document)));
}

ReadExport merged(std::vector<ReadExport> parts) {
  ReadExport out;
  std::vector<templates::NameOf> namers;
  const auto append = [](auto& into, auto& from) {
    into.insert(into.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  };
  for (ReadExport& part : parts) {
    append(out.templates, part.templates);
    append(out.linked_policies, part.linked_policies);
    append(out.authorities, part.authorities);
    append(out.unreadable, part.unreadable);
    out.template_ids.merge(part.template_ids);
    out.enabled.merge(part.enabled);
    if (out.format.find(part.format) == std::string::npos) append_item(out.format, part.format);
    if (part.name_of) namers.push_back(part.name_of);
  }
  for (AuthorityFacts& authority : out.authorities)
    for (const std::string& id : out.enabled[authority.name])
      if (const auto at = out.template_ids.find(id); at != out.template_ids.end())
        authority.published.push_back(at->second);
  if (!namers.empty())
    out.name_of = [namers](const Sid& sid) {
      for (const templates::NameOf& one : namers)
        if (std::string name = one(sid); !name.empty()) return name;
      return std::string();
    };
  return out;
}

}  // namespace mimica::audit
