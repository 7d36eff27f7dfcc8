// Events 4898 to 4900: which template a request loaded, and how it differs from what was loaded before.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "ca/authority/state.h"
#include "templates/template.h"

namespace mimica::ca {

class TemplateAudit {
 public:
  explicit TemplateAudit(const AuthorityState& state) : state_(state) {}

  // Writes when EDITF_AUDITCERTTEMPLATELOAD asks for it.
  void loaded(const Settings& settings, const templates::CertificateTemplate& value, Timestamp now);

 private:
  const AuthorityState& state_;
  std::mutex mutex_;
  std::map<std::string, templates::CertificateTemplate> loaded_;  // by cn
};

}  // namespace mimica::ca
