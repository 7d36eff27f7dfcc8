// Installation: keys, certificates, first lists, and the objects of the CA in the directory.
#include <algorithm>

#include "ca/authority.h"
#include "ca/directory_objects.h"
#include "ca/issue.h"
#include "core/http.h"

namespace mimica::ca {
namespace {

constexpr std::uint8_t kCaKeyUsage = 0x86;  // digitalSignature, keyCertSign, cRLSign
constexpr std::uint32_t kSubCaRequestId = 2;
constexpr std::size_t kRootSerialSize = 16;

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

// The extensions of a self-signed CA certificate in their observed order (Windows Server 2016: key usage not critical).
std::vector<Extension> root_extensions(const PublicKey& key) {
  const Bytes usage = {kCaKeyUsage};
  return {{oids::kKeyUsage, false, ext::key_usage(usage)},
          {oids::kBasicConstraints, true, ext::basic_constraints(true, std::nullopt)},
          {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(key.key_identifier())},
          {oids::kCaVersion, false, der::integer(0)}};
}

struct Authority {
  PrivateKey key;
  Certificate certificate;
};

Result<Authority> make_root(const Name& subject, const KeySpec& spec, Seconds validity, const CaConfig& config,
                            KeySource& keys, Entropy& entropy, Timestamp now) {
  Authority root;
  MIMICA_TRY(root.key, keys.key(spec));
  CertificateFields fields;
  fields.serial = entropy.bytes(kRootSerialSize);
  fields.serial.front() = static_cast<std::uint8_t>((fields.serial.front() & 0x7FU) | 0x10U);
  fields.subject_der = subject.to_der();
  fields.issuer_der = fields.subject_der;
  fields.not_before = now - config.ClockSkewMinutes * kMinute;
  fields.not_after = now + validity;
  const PublicKey key = root.key.public_key();
  fields.spki = key.spki();
  fields.extensions = root_extensions(key);
  MIMICA_TRY(const Bytes der, sign_certificate(fields, root.key, config.SignatureDigest));
  MIMICA_TRY(root.certificate, Certificate::parse(der));
  return root;
}

Result<Authority> make_subordinate(const Authority& root, const UrlTokens& root_tokens, const Name& subject,
                                   const KeySpec& spec, Seconds validity, const CaConfig& config, KeySource& keys,
                                   Entropy& entropy, Timestamp now) {
  Authority sub;
  MIMICA_TRY(sub.key, keys.key(spec));
  const PublicKey key = sub.key.public_key();
  const Bytes usage = {kCaKeyUsage};
  CertificateFields fields;
  fields.serial = make_serial(config.HighSerial, kSubCaRequestId, 0, entropy);
  fields.issuer_der = to_bytes(root.certificate.subject_der());
  fields.subject_der = subject.to_der();
  fields.not_before = std::max(now - config.ClockSkewMinutes * kMinute, root.certificate.not_before());
  fields.not_after = std::min(fields.not_before + validity, root.certificate.not_after());
  fields.spki = key.spki();
  fields.extensions = {{oids::kCaVersion, false, der::integer(0)},
                       {oids::kSubjectKeyIdentifier, false, ext::subject_key_identifier(key.key_identifier())},
                       {oids::kTemplateName, false, ext::template_name("SubCA")},
                       {oids::kKeyUsage, false, ext::key_usage(usage)},
                       {oids::kBasicConstraints, true, ext::basic_constraints(true, std::nullopt)}};
  if (const auto id = root.certificate.subject_key_identifier())
    fields.extensions.push_back({oids::kAuthorityKeyIdentifier, false, ext::authority_key_identifier(*id)});
  const auto http_only = [](std::vector<std::string> urls) {
    std::erase_if(urls, [](const std::string& url) { return !starts_with_ignore_case(url, "http://"); });
    return urls;
  };
  const auto points =
      http_only(expand_urls(config.CRLPublicationURLs, csurl::kAddToCertificate, root_tokens, UrlUse::base_crl));
  if (!points.empty())
    fields.extensions.push_back({oids::kCrlDistributionPoints, false, ext::distribution_points(points)});
  std::vector<ext::AccessDescription> access;
  for (const std::string& url : http_only(
           expand_urls(config.CACertPublicationURLs, csurl::kAddToCertificate, root_tokens, UrlUse::ca_certificate)))
    access.push_back({Oid("1.3.6.1.5.5.7.48.2"), url});
  if (!access.empty())
    fields.extensions.push_back({oids::kAuthorityInfoAccess, false, ext::authority_info_access(access)});
  MIMICA_TRY(const Bytes der, sign_certificate(fields, root.key, config.SignatureDigest));
  MIMICA_TRY(sub.certificate, Certificate::parse(der));
  return sub;
}

}  // namespace

CertificationAuthority::CertificationAuthority(const SetupOptions& options, CaIdentity identity,
                                               const CaEnvironment& environment)
    : options_(options), identity_(std::move(identity)), environment_(environment) {}

UrlTokens CertificationAuthority::root_tokens() const {
  const std::shared_ptr<const Settings> settings = this->settings();
  UrlTokens tokens = tokens_;
  tokens.server_dns_name = root_server(options_, settings->config);
  tokens.ca_name = root_name(options_, settings->config);
  return tokens;
}

Result<void> CertificationAuthority::start(const CaConfig& config) {
  MIMICA_TRY(const ldap::NamingContexts contexts, ldap::read_naming_contexts(*environment_.directory));
  tokens_.server_dns_name = config.CAServerName;
  tokens_.ca_name = config.CommonName;
  tokens_.configuration_container = contexts.configuration;
  const std::string service =
      config.is_enterprise() ? enrollment_service_dn(contexts, config.CommonName) : std::string{};
  MIMICA_TRY(look_ups_, LookUps::make(*environment_.directory, service));
  const std::lock_guard lock(settings_mutex_);
  settings_ = derive(config);
  return {};
}

Result<std::unique_ptr<CertificationAuthority>> CertificationAuthority::open(const CaConfig& config,
                                                                             const SetupOptions& options,
                                                                             CaIdentity identity,
                                                                             const CaEnvironment& environment) {
  auto authority =
      std::unique_ptr<CertificationAuthority>(new CertificationAuthority(options, std::move(identity), environment));
  MIMICA_CHECK(authority->start(config));
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
  if (options.two_tier) {
    MIMICA_TRY(const Name root_subject, ca_subject(root_name(options, config), {}));
    MIMICA_TRY(Authority root, make_root(root_subject, options.root_key.value_or(options.key), options.root_validity,
                                         config, keys, *environment.entropy, now));
    UrlTokens tokens;
    tokens.server_dns_name = root_server(options, config);
    tokens.ca_name = root_name(options, config);
    tokens.configuration_container = contexts.configuration;
    MIMICA_TRY(Authority issuing, make_subordinate(root, tokens, subject, options.key, options.validity, config, keys,
                                                   *environment.entropy, now));
    identity = {std::move(issuing.key), std::move(issuing.certificate), std::move(root.key),
                std::move(root.certificate)};
  } else {
    MIMICA_TRY(Authority root, make_root(subject, options.root_key.value_or(options.key), options.root_validity, config,
                                         keys, *environment.entropy, now));
    identity = {root.key, root.certificate, root.key, root.certificate};
  }
  MIMICA_TRY(auto authority, open(config, options, std::move(identity), environment));
  if (config.is_enterprise()) {
    DirectoryPublication publication;
    publication.ca_name = config.CommonName;
    publication.server_dns_name = config.CAServerName;
    publication.certificate = authority->identity_.certificate;
    publication.root = authority->identity_.root;
    publication.root_name = options.two_tier ? root_name(options, config) : config.CommonName;
    publication.install_templates = options.install_templates;
    publication.publish_default_templates = options.publish_default_templates;
    MIMICA_CHECK(publish_authority(*environment.directory, contexts, publication));
  }
  MIMICA_TRY(const CrlRow crl, authority->current_crl());
  if (options.two_tier) {
    MIMICA_TRY(const CrlRow root_crl, authority->current_root_crl());
  }
  return authority;
}

Result<void> CertificationAuthority::store_crl_in_directory(const CrlRow& row) const {
  if (look_ups_->enrollment_service().empty()) return {};
  ldap::Modification change;
  change.attribute = {"certificateRevocationList", {mimica::to_string(BytesView(row.CRLRawCRL))}};
  return look_ups_->directory().modify(crl_object_dn(look_ups_->contexts(), tokens_.ca_name, tokens_.server_dns_name),
                                       {change});
}

}  // namespace mimica::ca
