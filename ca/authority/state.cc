#include "ca/authority/state.h"

#include "ca/publication/directory_objects.h"
#include "ca/rules.h"
#include "core/base/text.h"
#include "core/pki/ocsp.h"

namespace mimica::ca {

std::string root_server(const SetupOptions& options, const CaConfig& config) {
  if (!options.root_server_name.empty()) return options.root_server_name;
  const std::size_t dot = config.CAServerName.find('.');
  return "rootca" + (dot == std::string::npos ? std::string{} : config.CAServerName.substr(dot));
}

std::string root_name(const SetupOptions& options, const CaConfig& config) {
  return options.root_common_name.empty() ? config.CommonName + "-Root" : options.root_common_name;
}

Result<std::unique_ptr<AuthorityState>> AuthorityState::open(const CaConfig& config, const SetupOptions& options,
                                                             CaIdentity identity, const CaEnvironment& environment) {
  auto state = std::unique_ptr<AuthorityState>(new AuthorityState(options, environment));
  MIMICA_TRY(const ldap::NamingContexts contexts, ldap::read_naming_contexts(*environment.directory));
  state->names_.server_dns_name = config.CAServerName;
  state->names_.ca_name = config.CommonName;
  state->names_.configuration_container = contexts.configuration;
  const std::string service =
      config.is_enterprise() ? enrollment_service_dn(contexts, config.CommonName) : std::string{};
  MIMICA_TRY(state->look_ups_, LookUps::make(*environment.directory, service));
  state->settings_ = state->derive(config, {identity.key, identity.certificate, std::nullopt, std::nullopt});
  state->identities_.push_back(std::make_unique<const CaIdentity>(std::move(identity)));
  return state;
}

std::shared_ptr<const Settings> AuthorityState::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

std::shared_ptr<const Settings> AuthorityState::settings_of(int ca_certificate_index) const {
  for (SigningCertificate& one : identity().all())
    if (certificate_index_of(one.certificate) == ca_certificate_index && !one.key.empty())
      return derive(settings()->config, std::move(one));
  return nullptr;
}

std::shared_ptr<const Settings> AuthorityState::derive(CaConfig config, SigningCertificate signer) const {
  auto derived = std::make_shared<Settings>();
  derived->tokens = tokens_of(signer.certificate);
  const UrlTokens& tokens = derived->tokens;
  const std::vector<std::string> points =
      expand_urls(config.CRLPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::base_crl);
  if (!points.empty()) derived->revocation = ext::distribution_points(points);
  std::vector<ext::AccessDescription> access;
  for (const std::string& url :
       expand_urls(config.CACertPublicationURLs, csurl::kAddToCertificate, tokens, UrlUse::ca_certificate))
    access.push_back({Oid("1.3.6.1.5.5.7.48.2"), url});
  for (const std::string& url :
       expand_urls(config.CACertPublicationURLs, csurl::kAddToOcsp, tokens, UrlUse::ca_certificate))
    access.push_back({kOcspAccessMethod, url});
  if (!access.empty()) derived->authority_access = ext::authority_info_access(access);
  derived->key_id = signer.certificate.subject_key_identifier().value_or(Bytes{});
  derived->signer = std::move(signer);
  derived->config = std::move(config);
  return derived;
}

void AuthorityState::configure(const std::function<void(CaConfig&)>& change) {
  const std::lock_guard lock(mutex_);
  CaConfig config = settings_->config;
  change(config);
  settings_ = derive(std::move(config), settings_->signer);
}

const CaIdentity& AuthorityState::identity() const {
  const std::lock_guard lock(mutex_);
  return *identities_.back();
}

void AuthorityState::succeed(CaIdentity next) {
  const std::lock_guard lock(mutex_);
  settings_ = derive(settings_->config, {next.key, next.certificate, std::nullopt, std::nullopt});
  identities_.push_back(std::make_unique<const CaIdentity>(std::move(next)));
}

std::vector<Certificate> AuthorityState::chain() const {
  const CaIdentity& identity = this->identity();
  std::vector<Certificate> chain = {identity.certificate};
  if (!identity.is_root()) chain.push_back(identity.root);
  return chain;
}

std::vector<SigningCertificate> AuthorityState::signing_certificates() const {
  std::vector<SigningCertificate> all = identity().all();
  for (SigningCertificate& one : all) one.key = {};
  return all;
}

UrlTokens AuthorityState::tokens_of(const Certificate& certificate) const {
  UrlTokens tokens = names_;
  tokens.certificate_index = certificate_index_of(certificate);
  tokens.key_index = key_index_of(certificate);
  return tokens;
}

UrlTokens AuthorityState::root_tokens() const {
  const std::shared_ptr<const Settings> settings = this->settings();
  UrlTokens tokens = names_;
  tokens.server_dns_name = root_server(options_, settings->config);
  tokens.ca_name = root_name(options_, settings->config);
  return tokens;
}

bool AuthorityState::is_named(std::string_view name) const {
  const std::string& common_name = names_.ca_name;
  return equals_ignore_case(name, common_name) || equals_ignore_case(name, sanitize_name(common_name)) ||
         equals_ignore_case(name, sanitized_short_name(common_name));
}

bool AuthorityState::is_running(Trace& trace) const {
  if (!suspended_) return true;
  trace.fail(kServerRunning, HResult::CERTSRV_E_SERVER_SUSPENDED, "a restore is going on");
  return false;
}

void AuthorityState::emit(const EventKind& kind, Timestamp at, std::vector<std::string> values,
                          const Trace& trace) const {
  if (environment_.events == nullptr) return;
  Event event = make_event(kind, at, std::move(values));
  event.computer = names_.server_dns_name;
  if (!trace.empty()) event.trace = std::make_shared<const Trace>(trace);
  environment_.events->append(std::move(event));
}

}  // namespace mimica::ca
