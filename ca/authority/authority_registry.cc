// The registry of a running CA: reading and changing it.
#include <algorithm>

#include "ca/authority/authority.h"
#include "ca/registry/registry.h"
#include "ca/rules.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

constexpr std::uint32_t kAnyRight =
    ca_access::kManageCa | ca_access::kIssueAndManage | ca_access::kRead | ca_access::kRequestCertificates;

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

Result<Decision<Unit>> CertificationAuthority::may_read(std::string_view caller) const {
  Trace trace;
  MIMICA_TRY(const auto who, administrator(caller, trace));
  if (!who) return Decision<Unit>::refuse(std::move(trace));
  const SecurityDescriptor security = config().Security;
  const bool held = who->console || (check_access(security, who->token, kAnyRight).held_mask & kAnyRight) != 0;
  if (!held) {
    trace.fail(kPermissionRead, HResult::E_ACCESSDENIED, who->name + " and its groups hold no right on the CA",
               {{"caller", who->name}, {"sid", who->token.user.to_string()}});
    return Decision<Unit>::refuse(std::move(trace));
  }
  trace.pass(kPermissionRead, who->name);
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> CertificationAuthority::may(std::uint32_t right, std::string_view caller) const {
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, right, who, trace));
  return allowed ? Decision<Unit>::grant({}, std::move(trace)) : Decision<Unit>::refuse(std::move(trace));
}

CaConfig CertificationAuthority::registry() const {
  CaConfig config = this->config();
  std::vector<std::string> hashes;  // one for each certificate of the CA, by index
  for (const SigningCertificate& own : signing_certificates()) {
    const std::string hash = to_hex(own.certificate.thumbprint());
    std::vector<std::string> pairs;
    for (std::size_t at = 0; at + 1 < hash.size(); at += 2) pairs.push_back(hash.substr(at, 2));
    hashes.push_back(join(pairs, " "));
  }
  config.OtherValues["CA\\CACertHash"] = RegistryValue::of(std::move(hashes));
  if (config.is_enterprise()) {
    config.OtherValues["CA\\DSConfigDN"] = RegistryValue::of(look_ups_->contexts().configuration);
    config.OtherValues["CA\\DSDomainDN"] = RegistryValue::of(look_ups_->contexts().domain);
  }
  return config;
}

Result<Decision<RegistryChange>> CertificationAuthority::change_registry(
    const std::function<Result<RegistryChange>(CaConfig&)>& edit, std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<RegistryChange>::refuse(std::move(trace));
  std::optional<Result<RegistryChange>> change;
  bool security_changed = false;
  configure([&](CaConfig& config) {
    CaConfig edited = config;
    change = edit(edited);
    if (!*change) return;
    security_changed = edited.Security != config.Security;
    if (security_changed && !has_administrator(edited.Security)) {
      trace.fail(kSecurityKeepsAdministrator, HResult::CERTSRV_E_NO_CAADMIN_DEFINED, "nobody would hold 'Manage CA'");
      return;
    }
    config = std::move(edited);
  });
  if (!*change) return std::move(*change).error();
  if (trace.deciding() != nullptr) return Decision<RegistryChange>::refuse(std::move(trace));
  RegistryChange& done = **change;
  if (security_changed) trace.pass(kSecurityKeepsAdministrator);
  const std::size_t node = done.path.find("Configuration\\") + std::string_view("Configuration\\").size();
  emit(events::kConfigurationChanged,
       {done.path.substr(node, done.path.size() - node - done.entry.size() - 1), done.entry, event_value(done)});
  if (security_changed) emit(events::kSecurityChanged, {to_hex(config().Security.to_binary())});
  return Decision<RegistryChange>::grant(std::move(done), std::move(trace));
}

}  // namespace mimica::ca
