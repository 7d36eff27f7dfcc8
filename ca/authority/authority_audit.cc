// Restrictions of managers and agents, and the audit of template loads.
#include "ca/authority/authority.h"
#include "ca/policy/restrictions.h"
#include "ca/rules.h"
#include "templates/codec.h"

namespace mimica::ca {
namespace {

template <typename Flags>
std::string flag_line(std::string_view name, const Flags& flags) {
  return std::string(name) + " = " + std::to_string(flags.bits()) + ": " + templates::to_string(flags) + "\n";
}

std::string content_of(const templates::CertificateTemplate& value) {
  return flag_line("flags", value.flags) + flag_line("msPKI-Private-Key-Flag", value.private_key_flags) +
         flag_line("msPKI-Certificate-Name-Flag", value.name_flags) +
         flag_line("msPKI-Enrollment-Flag", value.enrollment_flags) +
         "msPKI-Minimal-Key-Size = " + std::to_string(value.minimal_key_size) +
         "\nmsPKI-RA-Signature = " + std::to_string(value.ra_signatures) +
         "\npKIExpirationPeriod = " + to_text(value.validity) + "\npKIOverlapPeriod = " + to_text(value.overlap) + "\n";
}

}  // namespace

Result<Decision<Unit>> CertificationAuthority::set_restrictions(bool of_agents,
                                                                const std::optional<SecurityDescriptor>& restrictions,
                                                                std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<Unit>::refuse(std::move(trace));
  if (restrictions) MIMICA_RETURN_IF_FAULT(parse_restrictions(*restrictions));
  configure(
      [&](CaConfig& config) { (of_agents ? config.EnrollmentAgentRights : config.OfficerRights) = restrictions; });
  emit(events::kManagerSettingsChanged,
       {restrictions ? "1" : "0", restrictions ? to_hex(restrictions->to_binary()) : std::string()});
  return Decision<Unit>::grant({}, std::move(trace));
}

void CertificationAuthority::audit_template(const Settings& settings,
                                            const templates::CertificateTemplate& value) const {
  if ((settings.config.EditFlags & editf::kAuditCertTemplateLoad) == 0) return;
  const EventKind* kind = &events::kTemplateLoaded;
  {
    const std::lock_guard lock(loaded_mutex_);
    const auto [known, is_new] = loaded_.try_emplace(value.cn, value);
    if (!is_new) {
      if (known->second == value) return;
      templates::CertificateTemplate same_security = value;
      same_security.security = known->second.security;
      kind = same_security == known->second ? &events::kTemplateSecurityUpdated : &events::kTemplateUpdated;
      known->second = value;
    }
  }
  const ldap::NamingContexts& contexts = look_ups_->contexts();
  emit(*kind, {value.cn, std::to_string(value.major_revision) + "." + std::to_string(value.minor_revision),
               std::to_string(value.schema_version), value.oid.dotted(),
               templates::template_dn(value.cn, contexts.configuration), look_ups_->dns_name(), content_of(value),
               value.security ? to_hex(value.security->to_binary()) : std::string()});
}

}  // namespace mimica::ca
