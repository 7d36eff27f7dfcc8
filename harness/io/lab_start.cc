// Building a lab: forest, servers, certification authority, people, tenant, in that order.
#include <sys/stat.h>

#include "ca/faces/publication/publication.h"
#include "ca/io/sqlite/database.h"
#include "harness/io/lab_device.h"
#include "harness/io/lab_impl.h"
#include "harness/lab/test_keys.h"
#include "ldap/dsa/in_process.h"
#include "ldap/forest/forest.h"
#include "ldap/io/client.h"
#include "templates/catalogue.h"
#include "templates/codec.h"

namespace mimica::harness {
namespace {

constexpr std::string_view kAdministratorPassword = "Passw0rd!";

std::string first_label(std::string_view dns_name) { return std::string(dns_name.substr(0, dns_name.find('.'))); }

bool lies_in(std::string_view host, std::string_view domain) {
  return host.size() > domain.size() + 1 && host[host.size() - domain.size() - 1] == '.' &&
         equals_ignore_case(host.substr(host.size() - domain.size()), domain);
}

// The parts of a spec that follow from others.
LabSpec completed(LabSpec spec) {
  const LabSpec defaults;
  if (spec.domain.netbios_name.empty()) spec.domain.netbios_name = to_upper(first_label(spec.domain.dns_name));
  if (spec.domain.dns_name != defaults.domain.dns_name) {
    if (spec.ca.host == defaults.ca.host) spec.ca.host = "ca01." + spec.domain.dns_name;
    if (spec.ca.name == defaults.ca.name) spec.ca.name = spec.domain.netbios_name + "-CA";
  }
  if (!spec.connectors_given && spec.connectors.empty()) spec.connectors.push_back({});
  return spec;
}

// A fault without a place of its own comes from the part of the lab that is being made.
Result<void> placed(Result<void> made, const Where& where) {
  if (!made && made.error().where == Where{}) made.error().where = where;
  return made;
}

}  // namespace

LabImpl::LabImpl(const LabSpec& spec)
    : spec_(completed(spec)), clock_(spec.clock, spec.clock_runs), kdc_config_(spec.kdc) {
  if (spec_.seed.empty()) {
    entropy_ = std::make_unique<SystemEntropy>();
    keys_ = std::make_unique<FreshKeys>();
  } else {
    entropy_ = std::make_unique<SeededEntropy>(spec_.seed);
    keys_ = std::make_unique<TestKeys>();
  }
  tenant_.options().name = spec_.domain.dns_name;
}

Result<std::unique_ptr<Lab>> Lab::start(const LabSpec& spec) {
  auto lab = std::make_unique<LabImpl>(spec);
  MIMICA_RETURN_IF_FAULT(lab->build());
  return std::unique_ptr<Lab>(std::move(lab));
}

Result<void> LabImpl::build() {
  if (!lies_in(spec_.ca.host, spec_.domain.dns_name))
    return fault(HResult::E_INVALIDARG,
                 "the CA host '" + spec_.ca.host + "' is not in the domain " + spec_.domain.dns_name, {},
                 "an Enterprise CA runs on a member of the domain (REQ-06)");
  if (spec_.ca.tiers != 1 && spec_.ca.tiers != 2)
    return fault(HResult::E_INVALIDARG, "a PKI of " + std::to_string(spec_.ca.tiers) + " tiers is not supported", {},
                 "use 1 or 2");
  MIMICA_RETURN_IF_FAULT(build_directory());
  if (!spec_.kdc.has_kdc_certificate) {
    std::vector<Event> events = {kdc::events::kdc_certificate_not_verified(now())};
    event_log_.append(events, domain_controller(), nullptr);
  }
  MIMICA_RETURN_IF_FAULT(build_authority());
  return build_inventory();
}

Result<void> LabImpl::build_directory() {
  ldap::ForestOptions forest;
  forest.dns_name = spec_.domain.dns_name;
  forest.netbios_name = spec_.domain.netbios_name;
  forest.administrator_password = kAdministratorPassword;
  MIMICA_TRY(dsa_, ldap::create_forest(forest, clock_, *entropy_));
  console_ = ldap::in_process(*dsa_, ldap::Caller::system());

  ldap::ServerOptions server;
  server.port = spec_.ldap_port;
  MIMICA_TRY(ldap_server_, ldap::Server::start(*dsa_, server));
  if (spec_.directory_over_ldap) {
    ldap::ClientOptions client;
    client.url = ldap_server_->url();
    client.bind_name = spec_.domain.netbios_name + "\\Administrator";
    client.password = kAdministratorPassword;
    MIMICA_TRY(lookups_, ldap::connect(client));
  } else {
    MIMICA_TRY(ldap::Caller administrator, dsa_->impersonate("Administrator"));
    lookups_ = ldap::in_process(*dsa_, std::move(administrator));
  }
  return {};
}

HttpResponse LabImpl::answer(const HttpRequest& request) {
  if (!ready_) return text_response(503, "the lab is still starting");
  if (!publication_reachable_) return text_response(503, "the publication is out of reach");
  if (responder_ && responder_->is_own_path(request)) return responder_->serve(request);
  const std::lock_guard lock(frozen_mutex_);
  return frozen_files_ ? ca::serve_publication(request, *frozen_files_) : ca::serve_publication(request, *ca_);
}

Result<void> LabImpl::build_authority() {
  HttpServerOptions server;
  server.port = static_cast<std::uint16_t>(spec_.http_port);
  MIMICA_TRY(http_, HttpServer::start(server, [this](const HttpRequest& request) { return answer(request); }));

  ldap::ComputerSpec host{first_label(spec_.ca.host)};
  host.name = to_upper(host.name);
  host.dns_host_name = spec_.ca.host;
  MIMICA_RETURN_IF_FAULT(ldap::add_computer(*console_, dsa_->naming_contexts(), host));

  std::string path;
  if (!spec_.state_directory.empty()) {
    ::mkdir(spec_.state_directory.c_str(), 0700);
    path = spec_.state_directory + "/ca.sqlite";
  }
  MIMICA_TRY(database_, ca::open_database(path));

  const bool root = spec_.ca.tiers == 1;
  const ca::CaType type = spec_.ca.standalone ? (root ? ca::CaType::standalone_root : ca::CaType::standalone_sub)
                                              : (root ? ca::CaType::enterprise_root : ca::CaType::enterprise_sub);
  ca::CaConfig config = ca::default_config(type, dsa_->domain_sid());
  config.CommonName = spec_.ca.name;
  config.CAServerName = spec_.ca.host;
  if (spec_.ca.validity) config.ValidityPeriod = *spec_.ca.validity;
  if (spec_.ca.request_disposition)
    config.RequestDisposition = static_cast<std::uint32_t>(*spec_.ca.request_disposition);
  for (const std::string& oid : spec_.ca.disable_extensions) {
    MIMICA_TRY(Oid parsed, Oid::parse(oid));
    config.DisableExtensionList.push_back(std::move(parsed));
  }
  config.SidExtensionUpdate = spec_.ca.sid_extension_update;
  config.ApplicationPolicyUpdate = spec_.ca.application_policy_update;
  ca::set_http_base(config, http_->base_url());
  for (const std::string& url : spec_.ca.ocsp_urls) config.CACertPublicationURLs.push_back("32:" + url);
  if (spec_.ca.ocsp) {
    if (spec_.ca.standalone)
      return fault(HResult::E_INVALIDARG, "a stand-alone CA cannot enroll its OCSP responder", {},
                   "leave 'ocsp' out: OCSPResponseSigning is a template");
    config.CACertPublicationURLs.push_back("32:" + http_->base_url() + "/ocsp");
  }

  ca::SetupOptions setup;
  setup.two_tier = !root;
  setup.key = spec_.ca.key;
  ca::CaEnvironment environment;
  environment.directory = lookups_.get();
  environment.database = database_.get();
  environment.clock = &clock_;
  environment.entropy = entropy_.get();
  environment.events = &event_log_;
  MIMICA_TRY(ca_, ca::CertificationAuthority::setup(config, setup, *keys_, environment));
  if (spec_.ca.standalone) MIMICA_RETURN_IF_FAULT(install_templates());
  if (spec_.ca.ocsp) MIMICA_RETURN_IF_FAULT(open_responder());
  ready_ = true;
  online_ = std::make_unique<LabRevocation>(
      http_->base_url(), [this](const HttpRequest& request) { return answer(request); }, publication_reachable_);
  lists_ = std::make_unique<kdc::CachedRevocation>(*online_);
  port_ = std::make_unique<CaPort>(std::vector{ca_.get()});
  for (const std::string& flag : spec_.ca.edit_flags) MIMICA_RETURN_IF_FAULT(set_edit_flag(flag));
  return {};
}

// A stand-alone CA brings no templates; here the forest has them all the same, as one with another, Enterprise CA.
Result<void> LabImpl::install_templates() {
  const ldap::NamingContexts& contexts = dsa_->naming_contexts();
  MIMICA_TRY(const auto container, ldap::read_entry(*console_, contexts.oid_container(), {"msPKI-Cert-Template-OID"}));
  if (!container) return fault(LdapCode::noSuchObject, "the forest has no OID container");
  templates::CatalogueContext context;
  MIMICA_TRY(context.forest_base, Oid::parse(container->first("msPKI-Cert-Template-OID")));
  context.root_domain = dsa_->domain_sid();
  for (const templates::CertificateTemplate& value : templates::built_in_templates(context))
    MIMICA_RETURN_IF_FAULT(console_->add(templates::encode(value, contexts.configuration)));
  return {};
}

Result<void> LabImpl::build_inventory() {
  for (const UserSpec& user : spec_.users) MIMICA_RETURN_IF_FAULT(placed(add_user(user), user.where));
  for (const ComputerSpec& computer : spec_.computers)
    MIMICA_RETURN_IF_FAULT(placed(add_computer(computer), computer.where));
  for (const ConnectorSpec& spec : spec_.connectors) MIMICA_RETURN_IF_FAULT(placed(add_connector(spec), spec.where));
  for (const auto& [source, text] : spec_.ldif_imports) MIMICA_RETURN_IF_FAULT(import_ldif(source, text));
  for (const DeviceSpec& device : spec_.devices) MIMICA_RETURN_IF_FAULT(placed(add_device(device), device.where));
  for (const GroupSpec& group : spec_.groups) MIMICA_RETURN_IF_FAULT(placed(add_group(group), group.where));
  for (const IssuancePolicySpec& policy : spec_.issuance_policies)
    MIMICA_RETURN_IF_FAULT(placed(add_issuance_policy(policy), policy.where));
  for (const TemplateSpec& spec : spec_.templates) MIMICA_RETURN_IF_FAULT(placed(add_template(spec), spec.where));
  for (const std::string& removed : spec_.ca_removed) {
    MIMICA_TRY(const auto done, ca_->remove_from_security(removed, ""));
    if (!done) return fault(done.code, "'" + removed + "' could not be removed from the CA's security");
  }
  for (const CaRight& right : spec_.ca_rights) MIMICA_RETURN_IF_FAULT(placed(set_ca_rights(right, true), right.where));
  for (const ProfileSpec& profile : spec_.profiles) MIMICA_RETURN_IF_FAULT(placed(add_profile(profile), profile.where));
  ready_for_roots_ = true;
  for (const auto& entry : devices_) MIMICA_RETURN_IF_FAULT(trust_unless_managed(*entry.second));
  if (spec_.kerberos.enabled) MIMICA_RETURN_IF_FAULT(start_kerberos());
  return {};
}

std::vector<Endpoint> LabImpl::endpoints() const {
  const std::string base = dsa_->naming_contexts().domain;
  const std::string bind = "-x -H " + ldap_server_->url() + " -D '" + spec_.domain.netbios_name +
                           "\\Administrator' -w '" + std::string(kAdministratorPassword) + "'";
  std::vector<Endpoint> out;
  out.push_back({"ldap",
                 ldap_server_->url(),
                 {"ldapsearch " + bind + " -b '" + base + "' '(objectClass=user)' sAMAccountName objectSid",
                  "ldapsearch " + bind + " -b '" + dsa_->naming_contexts().certificate_templates() +
                      "' '(objectClass=pKICertificateTemplate)' displayName msPKI-Cert-Template-OID"}});
  Endpoint http{"http", http_->base_url(), {}};
  if (const auto files = ca_->published_files())
    for (const ca::PublishedFile& file : *files)
      http.commands.push_back("curl -o '" + file.name + "' '" + http_->base_url() + percent_encode(file.path, "/") +
                              "'");
  out.push_back(std::move(http));
  if (krb5kdc_) {
    const std::string with =
        "KRB5_CONFIG=" + realm_files_.client_profile() + " KRB5CCNAME=FILE:" + realm_files_.credentials_cache() + " ";
    out.push_back({"kerberos",
                   "kerberos://127.0.0.1:" + std::to_string(realm_files_.port),
                   {"echo '" + std::string(kAdministratorPassword) + "' | " + with + "kinit Administrator",
                    with + "kvno ldap/dc01." + spec_.domain.dns_name, with + "klist"}});
  }
  return out;
}

}  // namespace mimica::harness
