// Installation: keys, certificates, first lists, and the objects of the CA in the directory.
#include <algorithm>

#include "ca/authority/authority.h"
#include "ca/issue/ca_certificates.h"
#include "ca/issue/issue.h"
#include "ca/publication/directory_objects.h"
#include "net/http.h"

namespace mimica::ca {
namespace {

constexpr std::uint32_t kSubCaRequestId = 2;

std::string root_server(const SetupOptions& options, const CaConfig& config) {
  if (!options.root_server_name.empty()) return options.root_server_name;
  const std::size_t dot = config.CAServerName.find('.');
  return "rootca" + (dot == std::string::npos ? std::string{} : config.CAServerName.substr(dot));
}

std::string root_name(const SetupOptions& options, const CaConfig& config) {
  return options.root_common_name.empty() ? config.CommonName + "-Root" : options.root_common_name;
}

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

CertificationAuthority::CertificationAuthority(const SetupOptions& options, CaIdentity identity,
                                               const CaEnvironment& environment)
    : options_(options), environment_(environment) {
  identities_.push_back(std::make_unique<const CaIdentity>(std::move(identity)));
}

UrlTokens CertificationAuthority::root_tokens() const {
  const std::shared_ptr<const Settings> settings = this->settings();
  UrlTokens tokens = names_;
  tokens.server_dns_name = root_server(options_, settings->config);
  tokens.ca_name = root_name(options_, settings->config);
  return tokens;
}

Result<void> CertificationAuthority::start(const CaConfig& config) {
  MIMICA_TRY(const ldap::NamingContexts contexts, ldap::read_naming_contexts(*environment_.directory));
  names_.server_dns_name = config.CAServerName;
  names_.ca_name = config.CommonName;
  names_.configuration_container = contexts.configuration;
  const std::string service =
      config.is_enterprise() ? enrollment_service_dn(contexts, config.CommonName) : std::string{};
  MIMICA_TRY(look_ups_, LookUps::make(*environment_.directory, service));
  const std::lock_guard lock(settings_mutex_);
  const CaIdentity& identity = *identities_.back();
  settings_ = derive(config, {identity.key, identity.certificate, std::nullopt, std::nullopt});
  return {};
}

Result<std::unique_ptr<CertificationAuthority>> CertificationAuthority::open(const CaConfig& config,
                                                                             const SetupOptions& options,
                                                                             CaIdentity identity,
                                                                             const CaEnvironment& environment) {
  auto authority =
      std::unique_ptr<CertificationAuthority>(new CertificationAuthority(options, std::move(identity), environment));
  MIMICA_RETURN_IF_FAULT(authority->start(config));
  return authority;
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
    MIMICA_TRY(identity.certificate,
               certify(subordinate_certificate(terms, issuer_over_http(identity.root, config, tokens)),
                       identity.root_key, config.SignatureDigest));
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
  MIMICA_TRY(const CrlRow crl, authority->current_crl());
  if (options.two_tier) {
    MIMICA_TRY(const CrlRow root_crl, authority->current_root_crl());
  }
  return authority;
}

}  // namespace mimica::ca
