// The lab's Kerberos realm: krb5kdc as a child process, asking the lab about principals and certificates.
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "harness/io/lab_device.h"
#include "harness/io/lab_impl.h"
#include "harness/io/scenario_files.h"
#include "kdc/io/kerberos_keys.h"
#include "kdc/policy/registry_values.h"
#include "ldap/dsa/in_process.h"
#include "ldap/provision.h"

namespace mimica::harness {
namespace {

constexpr Seconds kSameTime = 60;  // less is no difference: Kerberos tolerates five minutes
constexpr std::size_t kRandomPassword = 24;
constexpr std::string_view kDomainController = "DC01$";

Timestamp machine_now() {
  return {
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

// A moment as libfaketime reads it: an offset for a clock that runs, the instant for one that stands still.
std::string faketime(Timestamp lab, bool runs) {
  if (runs) {
    const Seconds offset = lab - machine_now();
    return (offset < 0 ? "" : "+") + std::to_string(offset);
  }
  std::string text = to_iso(lab);  // 2025-09-10T08:00:00Z
  text.pop_back();
  text[text.find('T')] = ' ';
  return text;
}

Result<std::string> private_folder(const std::string& state_directory) {
  if (!state_directory.empty()) {
    const std::string folder = std::filesystem::absolute(state_directory).string() + "/kerberos";
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) return fault(folder + ": " + failed.message());
    return folder;
  }
  const char* base = std::getenv("TMPDIR");
  std::string folder = std::string(base != nullptr ? base : "/tmp") + "/mimica-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return fault("no folder can be made at " + folder);
  return folder;
}

}  // namespace

LabImpl::~LabImpl() {
  krb5kdc_.reset();
  realm_socket_.reset();
  std::error_code ignored;
  if (spec_.state_directory.empty() && !realm_files_.folder.empty())
    std::filesystem::remove_all(realm_files_.folder, ignored);
}

void LabImpl::set_clock(Timestamp t) {
  clock_.set(t);
  restart_krb5kdc();
}

void LabImpl::advance(Seconds s) {
  clock_.advance(s);
  restart_krb5kdc();
}

kdc::KdcConfig LabImpl::kdc_config() const {
  const std::lock_guard lock(kdc_mutex_);
  return kdc_config_;
}

Result<void> LabImpl::set_kdc_registry(const std::string& name, const std::optional<std::string>& data) {
  const std::lock_guard lock(kdc_mutex_);
  return kdc::set_registry_value(kdc_config_, name, data);
}

// ---- the realm -----------------------------------------------------------------------------------------------------

Result<void> LabImpl::open_realm() {
  if (realm_) return {};
  realm_directory_ = ldap::in_process(*dsa_, ldap::Caller::system());
  key_maker_ = kdc::make_key_maker();
  kdc::RealmEnvironment environment;
  environment.directory = realm_directory_.get();
  // Every computer of a domain has a password that it made itself.
  environment.password = [this](const ldap::Account& account) {
    if (account.is_computer() && !dsa_->password(account.dn)) set_random_password(account.dn);
    return dsa_->password(account.dn);
  };
  environment.revocation = lists_.get();
  environment.config = [this] { return kdc_config(); };
  environment.clock = &clock_;
  environment.keys = key_maker_.get();
  environment.ticket_granting_password = to_base64(entropy_->bytes(kRandomPassword));
  environment.decided = [this](const kdc::LogonDecision& decided) {
    std::vector<Event> events = decided.events;
    event_log_.append(events, domain_controller(), std::make_shared<const Trace>(decided.decision.trace));
  };
  environment.audited = [this](Event event) {
    event.computer = domain_controller();
    event_log_.append(std::move(event));
  };
  MIMICA_TRY(realm_, kdc::Realm::open(std::move(environment)));
  return {};
}

void LabImpl::set_random_password(const std::string& dn) {
  dsa_->set_password(dn, to_base64(entropy_->bytes(kRandomPassword)));
}

Result<void> LabImpl::ensure_password(const std::string& principal) {
  MIMICA_TRY(const kdc::FoundAccount found,
             kdc::find_principal(*console_, dsa_->naming_contexts(), principal, realm_->dns_name()));
  if (found.account && !dsa_->password(found.account->dn)) set_random_password(found.account->dn);
  return {};
}

Result<void> LabImpl::write_keytab(const std::string& path, const std::vector<std::string>& principals) {
  MIMICA_RETURN_IF_FAULT(open_realm());
  std::vector<kdc::KeytabEntry> entries;
  for (const std::string& principal : principals) {
    MIMICA_RETURN_IF_FAULT(ensure_password(principal));
    MIMICA_TRY(auto found, realm_->keys_of(principal));
    entries.push_back({kdc::krb5kdc::to_string(found.name), found.key_version, std::move(found.keys)});
  }
  return kdc::write_keytab(path, entries);
}

Result<void> LabImpl::write_realm_files() {
  kdc::RealmFiles& files = realm_files_;
  std::string anchors, pool;
  const Certificate root = ca_chain().back();
  const bool root_apart = root.der() != ca_certificate().der();
  // A renewed CA keeps its earlier certificates: what they signed stays good.
  for (const Certificate& own : ca_certificates()) {
    pool += own.pem();
    if (!root_apart) anchors += own.pem();
  }
  if (root_apart) {
    pool += root.pem();
    anchors = root.pem();
  }
  MIMICA_RETURN_IF_FAULT(write_file(files.anchors(), as_bytes(anchors)));
  MIMICA_RETURN_IF_FAULT(write_file(files.pool(), as_bytes(pool)));
  files.has_kdc_certificate = kdc_config().has_kdc_certificate;
  files.kdc_host_names.clear();
  if (files.has_kdc_certificate) {
    EnrollSpec request;
    request.caller = kDomainController;
    request.template_name = spec_.kerberos.certificate_template;
    const Report issued = enroll(request);
    if (!issued.certificate || !issued.key)
      return fault(issued.code, "the CA issued no certificate for the KDC: " + issued.message, {},
                   "publish the template " + request.template_name + ", or set has_kdc_certificate to false");
    MIMICA_RETURN_IF_FAULT(write_file(files.kdc_certificate(), as_bytes(issued.certificate->pem() + pool)));
    MIMICA_RETURN_IF_FAULT(write_file(files.kdc_key(), as_bytes(issued.key->pem())));
    ::chmod(files.kdc_key().c_str(), 0600);
    for (const GeneralName& name : issued.certificate->subject_alt_names())
      if (name.kind == GeneralName::Kind::dns) files.kdc_host_names.push_back(name.text);
  }
  MIMICA_RETURN_IF_FAULT(write_file(files.client_profile(), as_bytes(kdc::client_profile(files))));
  MIMICA_RETURN_IF_FAULT(write_file(files.server_profile(), as_bytes(kdc::server_profile(files))));
  realm_issuer_ = ca_certificate().der();
  return {};
}

// Kerberos messages carry times, and clients judge certificates by their own clock: where the lab's time is not the
// machine's, krb5kdc and its clients get the lab's.
std::map<std::string, std::string> LabImpl::time_environment() const {
  const Seconds away = now() - machine_now();
  if (spec_.clock_runs && away < kSameTime && away > -kSameTime) return {};
  const auto library = find_libfaketime();
  if (!library) return {};
  return {{"LD_PRELOAD", *library},
          {"FAKETIME", faketime(now(), spec_.clock_runs)},
          {"DONT_FAKE_MONOTONIC", "1"},
          {"TZ", "UTC"}};
}

// The realm's files name the certificates of the CA, and the KDC's own comes from the newest.
void LabImpl::follow_renewal() {
  if (krb5kdc_ && realm_issuer_ != ca_certificate().der()) restart_krb5kdc();
}

void LabImpl::restart_krb5kdc() {
  if (!krb5kdc_) return;
  krb5kdc_.reset();
  // A KDC that cannot be started again is reported by start_kerberos(), which the next user calls.
  (void)start_kerberos();
}

Result<KerberosRealm> LabImpl::start_kerberos() {
  MIMICA_TRY(const std::string module, find_kdc_module());
  MIMICA_RETURN_IF_FAULT(find_krb5kdc());
  MIMICA_RETURN_IF_FAULT(open_realm());
  kdc::RealmFiles& files = realm_files_;
  if (!realm_socket_) {
    MIMICA_TRY(files.folder, private_folder(spec_.state_directory));
    files.realm = realm_->name();
    files.domain = realm_->dns_name();
    files.module_folder = std::filesystem::path(module).parent_path().string();
    files.socket = files.folder + "/lab";
    MIMICA_TRY(realm_socket_, kdc::KdcSocket::listen(files.socket, [this](const kdc::krb5kdc::Query& query) {
                 return realm_->answer(query);
               }));
    files.port = spec_.kerberos.port;
    if (files.port == 0) {
      MIMICA_TRY(files.port, free_kerberos_port());
    }
  }
  if (realm_issuer_ != ca_certificate().der()) {
    krb5kdc_.reset();
    MIMICA_RETURN_IF_FAULT(write_realm_files());
  }
  auto time = time_environment();
  if (!krb5kdc_ || !krb5kdc_->running()) {
    std::map<std::string, std::string> environment = time;
    std::string& preload = environment["LD_PRELOAD"];
    preload = module + (preload.empty() ? "" : ":" + preload);
    environment["KRB5_CONFIG"] = environment["KRB5_KDC_PROFILE"] = files.server_profile();
    environment["KRB5RCACHEDIR"] = files.folder;
    MIMICA_TRY(krb5kdc_, Krb5kdcProcess::start(files, environment));
  }
  KerberosRealm out{files.realm, files.port, files.folder, files.client_profile(), std::move(time)};
  out.environment["KRB5_CONFIG"] = files.client_profile();
  out.environment["KRB5CCNAME"] = "FILE:" + files.credentials_cache();
  return out;
}

}  // namespace mimica::harness
