#include "ca/policy/look_ups.h"

#include "ldap/provision.h"
#include "templates/codec.h"

namespace mimica::ca {
namespace {

constexpr std::size_t kMaxRemembered = 8192;

}  // namespace

Result<std::unique_ptr<LookUps>> LookUps::make(ldap::Directory& directory, std::string enrollment_service) {
  auto look_ups = std::unique_ptr<LookUps>(new LookUps(directory, std::move(enrollment_service)));
  MIMICA_TRY(look_ups->contexts_, ldap::read_naming_contexts(directory));
  MIMICA_TRY(look_ups->netbios_name_, ldap::netbios_name(directory, look_ups->contexts_));
  look_ups->dns_name_ = ldap::dns_name_of(look_ups->contexts_.domain);
  return look_ups;
}

Result<std::shared_ptr<LookUps::View>> LookUps::begin() {
  MIMICA_TRY(const auto root, ldap::read_entry(directory_, "", {"dsServiceName", "highestCommittedUSN"}));
  std::string state;
  if (root) {
    const std::string_view usn = root->first("highestCommittedUSN");
    if (!usn.empty()) state = std::string(root->first("dsServiceName")) + "\n" + std::string(usn);
  }
  if (state.empty()) return std::shared_ptr<View>(new View(*this));
  const std::lock_guard lock(mutex_);
  if (state != state_ || view_ == nullptr) {
    view_ = std::shared_ptr<View>(new View(*this));
    state_ = std::move(state);
  }
  return view_;
}

Result<std::shared_ptr<const RequesterFacts>> LookUps::View::requester(std::string_view name) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = requesters_.find(name); it != requesters_.end()) return it->second;
  }
  ldap::Directory& directory = owner_.directory_;
  MIMICA_TRY(auto account, ldap::account_by_any_name(directory, owner_.contexts_, name));
  std::shared_ptr<const RequesterFacts> result;
  if (account) {
    auto facts = std::make_shared<RequesterFacts>();
    MIMICA_TRY(facts->token, ldap::read_token(directory, owner_.contexts_, *account));
    facts->name = owner_.netbios_name_ + "\\" + account->sam_account_name;
    facts->account = *std::move(account);
    result = std::move(facts);
  }
  const std::lock_guard lock(mutex_);
  if (requesters_.size() >= kMaxRemembered) requesters_.clear();
  requesters_.insert_or_assign(std::string(name), result);
  return result;
}

Result<std::shared_ptr<const templates::CertificateTemplate>> LookUps::View::certificate_template(
    std::string_view name_or_oid) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = templates_.find(name_or_oid); it != templates_.end()) return it->second;
  }
  ldap::Directory& directory = owner_.directory_;
  const ldap::NamingContexts& contexts = owner_.contexts_;
  std::optional<ldap::Entry> entry;
  if (const Result<Oid> oid = Oid::parse(name_or_oid)) {
    auto found = directory.search({.base = contexts.certificate_templates(),
                                   .scope = ldap::Scope::one_level,
                                   .filter = "(msPKI-Cert-Template-OID=" + oid->dotted() + ")",
                                   .with_security_descriptor = true});
    if (!found && found.error().code != Code{LdapCode::noSuchObject}) return std::move(found).error();
    if (found && !found->empty()) entry = std::move(found->front());
  } else if (!name_or_oid.empty()) {
    auto found = ldap::read_entry(directory, templates::template_dn(name_or_oid, contexts.configuration), {}, true);
    // A name that cannot even be a cn names no template.
    if (!found && found.error().code != Code{LdapCode::invalidDNSyntax}) return std::move(found).error();
    if (found) entry = *std::move(found);
  }
  std::shared_ptr<const templates::CertificateTemplate> result;
  if (entry && entry->is_a("pKICertificateTemplate")) {
    MIMICA_TRY(templates::CertificateTemplate value, templates::decode(*entry));
    result = std::make_shared<const templates::CertificateTemplate>(std::move(value));
  }
  const std::lock_guard lock(mutex_);
  if (templates_.size() >= kMaxRemembered) templates_.clear();
  templates_.insert_or_assign(std::string(name_or_oid), result);
  return result;
}

Result<std::shared_ptr<const std::vector<templates::CertificateTemplate>>> LookUps::View::all_templates() {
  {
    const std::lock_guard lock(mutex_);
    if (all_templates_ != nullptr) return all_templates_;
  }
  MIMICA_TRY(const auto entries, owner_.directory_.search({.base = owner_.contexts_.certificate_templates(),
                                                           .scope = ldap::Scope::one_level,
                                                           .filter = "(objectClass=pKICertificateTemplate)",
                                                           .with_security_descriptor = true}));
  auto list = std::make_shared<std::vector<templates::CertificateTemplate>>();
  for (const ldap::Entry& entry : entries)
    if (Result<templates::CertificateTemplate> value = templates::decode(entry)) list->push_back(*std::move(value));
  const std::lock_guard lock(mutex_);
  all_templates_ = list;
  return all_templates_;
}

Result<std::shared_ptr<const std::vector<std::string>>> LookUps::View::published() {
  {
    const std::lock_guard lock(mutex_);
    if (published_ != nullptr) return published_;
  }
  auto list = std::make_shared<std::vector<std::string>>();
  if (!owner_.enrollment_service_.empty()) {
    MIMICA_TRY(const auto entry,
               ldap::read_entry(owner_.directory_, owner_.enrollment_service_, {"certificateTemplates"}));
    if (entry) *list = entry->values("certificateTemplates");
  }
  const std::lock_guard lock(mutex_);
  published_ = list;
  return published_;
}

Result<std::string> LookUps::View::practice_statement(const Oid& policy) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = practice_statements_.find(policy.dotted()); it != practice_statements_.end()) return it->second;
  }
  MIMICA_TRY(const auto found, owner_.directory_.search({.base = owner_.contexts_.oid_container(),
                                                         .scope = ldap::Scope::one_level,
                                                         .filter = "(msPKI-Cert-Template-OID=" + policy.dotted() + ")",
                                                         .attributes = {"msPKI-OID-CPS"}}));
  std::string url = found.empty() ? std::string() : std::string(found.front().first("msPKI-OID-CPS"));
  const std::lock_guard lock(mutex_);
  if (practice_statements_.size() >= kMaxRemembered) practice_statements_.clear();
  practice_statements_.insert_or_assign(policy.dotted(), url);
  return url;
}

std::string LookUps::View::name_of(const Sid& sid) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = names_.find(sid); it != names_.end()) return it->second;
  }
  Result<std::string> name = ldap::account_display_name(owner_.directory_, owner_.contexts_, sid);
  std::string text = name ? *std::move(name) : sid.to_string();
  const std::lock_guard lock(mutex_);
  if (names_.size() >= kMaxRemembered) names_.clear();
  names_.insert_or_assign(sid, text);
  return text;
}

}  // namespace mimica::ca
