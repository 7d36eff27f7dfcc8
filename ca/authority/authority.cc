#include "ca/authority/authority.h"

#include "ca/authority/published_files.h"
#include "ca/issue/ca_certificates.h"
#include "ca/issue/issue.h"
#include "ca/publication/directory_objects.h"

namespace mimica::ca {
namespace {

constexpr std::uint32_t kSubCaRequestId = 2;

// Unsanitized common name below the domain, as setup of an Enterprise CA proposes it.
Result<Name> ca_subject(std::string_view common_name, std::string_view domain_dn) {
  Name name;
  if (!domain_dn.empty()) {
    MIMICA_TRY(name, Name::parse_rfc4514(domain_dn));
  }
  Ava ava;
  ava.type = oids::kCommonName;
  ava.value = std::string(common_name);
  name.rdns.push_back({std::move(ava)});
  return name;
}

}  // namespace

Result<std::unique_ptr<CertificationAuthority>> CertificationAuthority::open(const CaConfig& config,
                                                                             const SetupOptions& options,
                                                                             CaIdentity identity,
                                                                             const CaEnvironment& environment) {
  MIMICA_TRY(auto state, AuthorityState::open(config, options, std::move(identity), environment));
  return std::unique_ptr<CertificationAuthority>(new CertificationAuthority(std::move(state)));
}

Result<std::unique_ptr<CertificationAuthority>> CertificationAuthority::setup(const CaConfig& config,
                                                                              const SetupOptions& options,
                                                                              KeySource& keys,
                                                                              const CaEnvironment& environment) {
  const Timestamp now = environment.clock->now();
  MIMICA_TRY(const ldap::NamingContexts contexts, ldap::read_naming_contexts(*environment.directory));
  MIMICA_TRY(const Name subject,
             ca_subject(config.CommonName, config.is_enterprise() ? contexts.domain : std::string_view{}));
  CaIdentity identity;
  CaCertificateTerms terms;
  terms.not_before = now - config.ClockSkewMinutes * kMinute;
  if (options.two_tier) {
    MIMICA_TRY(const Name root_subject, ca_subject(root_name(options, config), {}));
    MIMICA_TRY(identity.root_key, keys.key(options.root_key.value_or(options.key)));
    terms.subject_der = root_subject.to_der();
    terms.key = identity.root_key.public_key();
    terms.serial = root_serial(*environment.entropy);
    terms.not_after = now + options.root_validity;
    MIMICA_TRY(identity.root, certify(root_certificate(terms), identity.root_key, config.SignatureDigest));
    UrlTokens tokens;
    tokens.server_dns_name = root_server(options, config);
    tokens.ca_name = root_name(options, config);
    tokens.configuration_container = contexts.configuration;
    MIMICA_TRY(identity.key, keys.key(options.key));
    terms.subject_der = subject.to_der();
    terms.key = identity.key.public_key();
    terms.serial = make_serial(config.HighSerial, kSubCaRequestId, 0, *environment.entropy);
    terms.not_after = terms.not_before + options.validity;
    MIMICA_TRY(identity.certificate, OfflineRoot::certify(identity, terms, config, tokens));
  } else {
    MIMICA_TRY(identity.key, keys.key(options.root_key.value_or(options.key)));
    terms.subject_der = subject.to_der();
    terms.key = identity.key.public_key();
    terms.serial = root_serial(*environment.entropy);
    terms.not_after = now + options.root_validity;
    MIMICA_TRY(identity.certificate, certify(root_certificate(terms), identity.key, config.SignatureDigest));
    identity.root_key = identity.key;
    identity.root = identity.certificate;
  }
  MIMICA_TRY(auto authority, open(config, options, std::move(identity), environment));
  if (config.is_enterprise()) {
    DirectoryPublication publication;
    publication.ca_name = config.CommonName;
    publication.server_dns_name = config.CAServerName;
    publication.certificate = authority->identity().certificate;
    publication.root = authority->identity().root;
    publication.root_name = options.two_tier ? root_name(options, config) : config.CommonName;
    publication.install_templates = options.install_templates;
    publication.publish_default_templates = options.publish_default_templates;
    MIMICA_RETURN_IF_FAULT(publish_authority(*environment.directory, contexts, publication));
  }
  MIMICA_RETURN_IF_FAULT(authority->lists_.current(now));
  if (options.two_tier) MIMICA_RETURN_IF_FAULT(authority->root_.current_list(now));
  return authority;
}

Result<SubmitOutcome> CertificationAuthority::submit(const SubmitInput& input) { return issuance_.submit(input); }

Result<SubmitOutcome> CertificationAuthority::retrieve(std::int64_t request_id) {
  return issuance_.retrieve(request_id);
}

Result<SubmitOutcome> CertificationAuthority::resubmit(std::int64_t request_id, std::string_view caller) {
  return issuance_.resubmit(request_id, caller);
}

Result<Decision<Unit>> CertificationAuthority::deny(std::int64_t request_id, std::string_view caller) {
  return officers_.deny(request_id, caller);
}

Result<Decision<Unit>> CertificationAuthority::set_attributes(std::int64_t request_id, std::string_view attributes,
                                                              std::string_view caller) {
  return officers_.set_attributes(request_id, attributes, caller);
}

Result<Decision<Unit>> CertificationAuthority::revoke(std::string_view serial_hex, int reason, std::string_view caller,
                                                      std::optional<Timestamp> effective) {
  return officers_.revoke(serial_hex, reason, caller, effective);
}

Result<Decision<CrlRow>> CertificationAuthority::publish_crl(std::string_view caller, const CrlPublication& what) {
  return lists_.publish(caller, what);
}

Result<CrlRow> CertificationAuthority::current_crl() { return lists_.current(state_->now()); }

Result<std::optional<CrlRow>> CertificationAuthority::current_delta_crl() {
  return lists_.in_force(tokens().key_index, CrlKind::delta, state_->now());
}

Result<CrlRow> CertificationAuthority::current_root_crl() {
  return identity().is_root() ? lists_.current(state_->now()) : root_.current_list(state_->now());
}

Result<Decision<Certificate>> CertificationAuthority::renew(bool new_key, KeySource& keys, std::string_view caller) {
  return renewal_.renew(new_key, keys, caller);
}

Result<Decision<Unit>> CertificationAuthority::set_template_published(std::string_view cn, bool published,
                                                                      std::string_view caller) {
  return administration_.set_template_published(cn, published, caller);
}

Result<std::vector<std::string>> CertificationAuthority::published_templates() {
  return administration_.published_templates();
}

Result<Decision<Unit>> CertificationAuthority::set_security(const SecurityDescriptor& security,
                                                            std::string_view caller) {
  return administration_.set_security(security, caller);
}

Result<Decision<Unit>> CertificationAuthority::set_rights(std::string_view account, std::uint32_t rights, bool granted,
                                                          std::string_view caller) {
  return administration_.set_rights(account, rights, granted, caller);
}

Result<Decision<Unit>> CertificationAuthority::set_restrictions(bool of_agents,
                                                                const std::optional<SecurityDescriptor>& restrictions,
                                                                std::string_view caller) {
  return administration_.set_restrictions(of_agents, restrictions, caller);
}

Result<Decision<Unit>> CertificationAuthority::remove_from_security(std::string_view account, std::string_view caller) {
  return administration_.remove_from_security(account, caller);
}

CaConfig CertificationAuthority::config() const { return state_->settings()->config; }

void CertificationAuthority::configure(const std::function<void(CaConfig&)>& change) { state_->configure(change); }

Result<Decision<Unit>> CertificationAuthority::may(std::uint32_t right, std::string_view caller) const {
  return rights_.may(right, caller);
}

Result<Decision<Unit>> CertificationAuthority::may_read(std::string_view caller) const {
  return rights_.may_read(caller);
}

CaConfig CertificationAuthority::registry() const { return administration_.registry(); }

Result<Decision<RegistryChange>> CertificationAuthority::change_registry(
    const std::function<Result<RegistryChange>(CaConfig&)>& edit, std::string_view caller) {
  return administration_.change_registry(edit, caller);
}

Result<Decision<Unit>> CertificationAuthority::back_up(const std::string& path, std::string_view caller) {
  return maintenance_.back_up(path, caller);
}

Result<Decision<Unit>> CertificationAuthority::restore(const std::string& path, std::string_view caller) {
  return maintenance_.restore(path, caller);
}

Result<Decision<std::int64_t>> CertificationAuthority::delete_rows(const RowDeletion& deletion,
                                                                   std::string_view caller) {
  return maintenance_.delete_rows(deletion, caller);
}

const CaIdentity& CertificationAuthority::identity() const { return state_->identity(); }

std::vector<Certificate> CertificationAuthority::chain() const { return state_->chain(); }

std::vector<SigningCertificate> CertificationAuthority::signing_certificates() const {
  return state_->signing_certificates();
}

Result<std::vector<PublishedFile>> CertificationAuthority::published_files() {
  return ca::published_files(*state_, lists_, root_, state_->now());
}

UrlTokens CertificationAuthority::tokens() const { return state_->settings()->tokens; }

bool CertificationAuthority::is_named(std::string_view name) const { return state_->is_named(name); }

}  // namespace mimica::ca
