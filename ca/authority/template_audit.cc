#include "ca/authority/template_audit.h"

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

void TemplateAudit::loaded(const Settings& settings, const templates::CertificateTemplate& value, Timestamp now) {
  if ((settings.config.EditFlags & editf::kAuditCertTemplateLoad) == 0) return;
  const EventKind* kind = &events::kTemplateLoaded;
  {
    const std::lock_guard lock(mutex_);
    const auto [known, is_new] = loaded_.try_emplace(value.cn, value);
    if (!is_new) {
      if (known->second == value) return;
      templates::CertificateTemplate same_security = value;
      same_security.security = known->second.security;
      kind = same_security == known->second ? &events::kTemplateSecurityUpdated : &events::kTemplateUpdated;
      known->second = value;
    }
  }
  const ldap::NamingContexts& contexts = state_.look_ups().contexts();
  state_.emit(*kind, now,
              {value.cn, std::to_string(value.major_revision) + "." + std::to_string(value.minor_revision),
               std::to_string(value.schema_version), value.oid.dotted(),
               templates::template_dn(value.cn, contexts.configuration), state_.look_ups().dns_name(),
               content_of(value), value.security ? to_hex(value.security->to_binary()) : std::string()});
}

}  // namespace mimica::ca
