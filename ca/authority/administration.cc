#include "ca/authority/administration.h"

#include <algorithm>

#include "ca/policy/restrictions.h"
#include "ca/rules.h"
#include "core/base/text.h"
#include "ldap/principals.h"

namespace mimica::ca {
namespace {

bool keeps_administrator(const SecurityDescriptor& security, Trace& trace) {
  if (has_administrator(security)) {
    trace.pass(kSecurityKeepsAdministrator);
    return true;
  }
  trace.fail(kSecurityKeepsAdministrator, HResult::CERTSRV_E_NO_CAADMIN_DEFINED, "nobody would hold 'Manage CA'");
  return false;
}

std::string event_value(const RegistryChange& change) {
  if (!change.after) return "";
  const RegistryValue& value = *change.after;
  switch (value.type) {
    case RegistryValue::Type::dword:
      return std::to_string(value.number);
    case RegistryValue::Type::binary:
      return to_hex(value.bytes);
    default:
      return join(value.texts, "\n");
  }
}

}  // namespace

Result<std::vector<std::string>> Administration::published_templates() const {
  MIMICA_TRY(const auto view, state_.look_ups().begin());
  MIMICA_TRY(const auto list, view->published());
  return *list;
}

Result<Decision<Unit>> Administration::set_template_published(std::string_view cn, bool published,
                                                              std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<Unit>::refuse(std::move(trace));
  if (state_.look_ups().enrollment_service().empty()) {
    trace.fail(kTemplateSupport, HResult::CERTSRV_E_UNSUPPORTED_CERT_TYPE, "a stand-alone CA publishes no templates");
    return Decision<Unit>::refuse(std::move(trace));
  }
  MIMICA_TRY(const auto view, state_.look_ups().begin());
  MIMICA_TRY(const auto found, view->certificate_template(cn));
  const std::lock_guard lock(mutex_);
  MIMICA_TRY(const std::vector<std::string> current, published_templates());
  const auto same = [&](const std::string& name) {
    return equals_ignore_case(name, found == nullptr ? cn : std::string_view(found->cn));
  };
  const auto listed = std::find_if(current.begin(), current.end(), same);
  if (published ? found == nullptr : found == nullptr && listed == current.end()) {
    trace.fail(kTemplatePublishable, HResult::CERTSRV_E_UNKNOWN_CERT_TYPE,
               "there is no template '" + std::string(cn.substr(0, 256)) + "'");
    return Decision<Unit>::refuse(std::move(trace));
  }
  trace.pass(kTemplatePublishable);
  if ((listed != current.end()) == published) return Decision<Unit>::grant({}, std::move(trace));
  ldap::Modification change;
  change.kind = published ? ldap::Modification::Kind::add : ldap::Modification::Kind::erase;
  change.attribute = {"certificateTemplates", {published ? found->cn : *listed}};
  MIMICA_RETURN_IF_FAULT(state_.look_ups().directory().modify(state_.look_ups().enrollment_service(), {change}));
  MIMICA_TRY(const std::vector<std::string> now_published, published_templates());
  state_.emit(events::kPropertyChanged, now, {"29", "0", "4", join(now_published, "\n")});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> Administration::edit_security(const std::function<void(SecurityDescriptor&)>& edit,
                                                     std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<Unit>::refuse(std::move(trace));
  SecurityDescriptor security;
  bool kept = false;
  state_.configure([&](CaConfig& config) {
    security = config.Security;
    edit(security);
    kept = keeps_administrator(security, trace);
    if (kept) config.Security = security;
  });
  if (!kept) return Decision<Unit>::refuse(std::move(trace));
  state_.emit(events::kSecurityChanged, now, {to_hex(security.to_binary())});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> Administration::set_security(const SecurityDescriptor& security, std::string_view caller) {
  return edit_security([&](SecurityDescriptor& present) { present = security; }, caller);
}

Result<Sid> Administration::account_sid(std::string_view account) const {
  MIMICA_TRY(const auto sid, ldap::principal_sid(state_.look_ups().directory(), state_.look_ups().contexts(), account));
  if (sid) return *sid;
  return fault(HResult::ERROR_NONE_MAPPED, "no account or group is named '" + std::string(account) + "'", {},
               "computer accounts end in '$', as in CONNECTOR01$");
}

Result<Decision<Unit>> Administration::set_rights(std::string_view account, std::uint32_t rights, bool granted,
                                                  std::string_view caller) {
  MIMICA_TRY(const Sid sid, account_sid(account));
  const auto edit = [&](SecurityDescriptor& security) {
    if (granted) {
      grant(security, sid, rights);
    } else if (security.dacl) {
      for (Ace& ace : security.dacl->aces)
        if (ace.allows() && ace.trustee == sid) ace.mask &= ~rights;
      std::erase_if(security.dacl->aces, [](const Ace& ace) { return ace.mask == 0; });
    }
  };
  return edit_security(edit, caller);
}

Result<Decision<Unit>> Administration::remove_from_security(std::string_view account, std::string_view caller) {
  MIMICA_TRY(const Sid sid, account_sid(account));
  return edit_security([&](SecurityDescriptor& security) { remove_trustee(security, sid); }, caller);
}

Result<Decision<Unit>> Administration::set_restrictions(bool of_agents,
                                                        const std::optional<SecurityDescriptor>& restrictions,
                                                        std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<Unit>::refuse(std::move(trace));
  if (restrictions) MIMICA_RETURN_IF_FAULT(parse_restrictions(*restrictions));
  state_.configure(
      [&](CaConfig& config) { (of_agents ? config.EnrollmentAgentRights : config.OfficerRights) = restrictions; });
  state_.emit(events::kManagerSettingsChanged, now,
              {restrictions ? "1" : "0", restrictions ? to_hex(restrictions->to_binary()) : std::string()});
  return Decision<Unit>::grant({}, std::move(trace));
}

CaConfig Administration::registry() const {
  CaConfig config = state_.settings()->config;
  std::vector<std::string> hashes;  // one for each certificate of the CA, by index
  for (const SigningCertificate& own : state_.signing_certificates()) {
    const std::string hash = to_hex(own.certificate.thumbprint());
    std::vector<std::string> pairs;
    for (std::size_t at = 0; at + 1 < hash.size(); at += 2) pairs.push_back(hash.substr(at, 2));
    hashes.push_back(join(pairs, " "));
  }
  config.OtherValues["CA\\CACertHash"] = RegistryValue::of(std::move(hashes));
  if (config.is_enterprise()) {
    config.OtherValues["CA\\DSConfigDN"] = RegistryValue::of(state_.look_ups().contexts().configuration);
    config.OtherValues["CA\\DSDomainDN"] = RegistryValue::of(state_.look_ups().contexts().domain);
  }
  return config;
}

Result<Decision<RegistryChange>> Administration::change_registry(
    const std::function<Result<RegistryChange>(CaConfig&)>& edit, std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<RegistryChange>::refuse(std::move(trace));
  std::optional<Result<RegistryChange>> change;
  bool security_changed = false;
  state_.configure([&](CaConfig& config) {
    CaConfig edited = config;
    change = edit(edited);
    if (!*change) return;
    security_changed = edited.Security != config.Security;
    if (security_changed && !keeps_administrator(edited.Security, trace)) return;
    config = std::move(edited);
  });
  if (!*change) return std::move(*change).error();
  if (trace.deciding() != nullptr) return Decision<RegistryChange>::refuse(std::move(trace));
  RegistryChange& done = **change;
  const std::size_t node = done.path.find("Configuration\\") + std::string_view("Configuration\\").size();
  state_.emit(events::kConfigurationChanged, now,
              {done.path.substr(node, done.path.size() - node - done.entry.size() - 1), done.entry, event_value(done)});
  if (security_changed)
    state_.emit(events::kSecurityChanged, now, {to_hex(state_.settings()->config.Security.to_binary())});
  return Decision<RegistryChange>::grant(std::move(done), std::move(trace));
}

}  // namespace mimica::ca
