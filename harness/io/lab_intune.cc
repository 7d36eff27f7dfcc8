// Devices, profiles and connectors of a lab, and the way of a certificate through them.
#include <algorithm>

#include "connector/profile/profile_reader.h"
#include "connector/tenant/validate.h"
#include "core/base/number.h"
#include "core/base/text.h"
#include "harness/io/lab_device.h"
#include "harness/io/lab_impl.h"

namespace mimica::harness {
namespace {

using connector::CertificateConnector;
using connector::Delivery;
using connector::DeliveryOutcome;

// Names that scenario scripts use beside those of connector/inventory/inventory.h.
std::optional<connector::Enrollment> enrollment_of(const std::string& platform) {
  if (platform == "android_device_owner") return connector::Enrollment::android_fully_managed;
  if (platform == "aosp") return connector::Enrollment::android_aosp;
  return connector::enrollment_named(platform);
}

Result<connector::RegistryValue> registry_value(const std::string& type, const std::string& text) {
  const std::string kind = to_upper(type.empty() ? "REG_DWORD" : type);
  if (kind == "REG_SZ" || kind == "SZ" || kind == "STRING") return connector::RegistryValue(text);
  if (kind == "REG_BINARY" || kind == "BINARY") {
    if (auto bytes = from_hex(text)) return connector::RegistryValue(*std::move(bytes));
    return fault(HResult::E_INVALIDARG, "'" + text + "' is not hexadecimal");
  }
  if (kind != "REG_DWORD" && kind != "DWORD")
    return fault(HResult::E_INVALIDARG, "'" + type + "' is no registry type", {},
                 "use REG_DWORD, REG_SZ or REG_BINARY");
  MIMICA_TRY(const std::uint32_t number, require_number<std::uint32_t>(text, "32-bit number"));
  return connector::RegistryValue(number);
}

// One settable attribute of a device: the Graph property or trait, and what it does with the text.
struct DeviceAttribute {
  std::string_view name;
  void (*set)(connector::ManagedDevice&, connector::DeviceTraits&, const std::string&);
};
bool truth(const std::string& text) { return text == "true" || text == "1" || text == "yes"; }
constexpr DeviceAttribute kDeviceAttributes[] = {
    {"serialNumber", [](auto& d, auto&, auto& v) { d.serial_number = v; }},
    {"imei", [](auto& d, auto&, auto& v) { d.imei = v; }},
    {"meid", [](auto& d, auto&, auto& v) { d.meid = v; }},
    {"wiFiMacAddress", [](auto& d, auto&, auto& v) { d.wifi_mac = v; }},
    {"azureADDeviceId", [](auto& d, auto&, auto& v) { d.entra_device_id = v; }},
    {"dnsName", [](auto& d, auto&, auto& v) { d.dns_name = v; }},
    {"manufacturer", [](auto& d, auto&, auto& v) { d.manufacturer = v; }},
    {"model", [](auto& d, auto&, auto& v) { d.model = v; }},
    {"ownership", [](auto& d, auto&, auto& v) { d.ownership = v; }},
    {"osEdition", [](auto& d, auto&, auto& v) { d.os_edition = v; }},
    {"identifiersCached", [](auto& d, auto&, auto& v) { d.identifiers_cached = truth(v); }},
    {"googleMobileServices", [](auto& d, auto&, auto& v) { d.google_mobile_services = truth(v); }},
    {"multiSession", [](auto& d, auto&, auto& v) { d.multi_session = truth(v); }},
    {"tpm", [](auto&, auto& t, auto& v) { t.tpm = truth(v); }},
    {"helloProvisioned", [](auto&, auto& t, auto& v) { t.hello_provisioned = truth(v); }},
    {"unlocked", [](auto&, auto& t, auto& v) { t.unlocked = truth(v); }},
};

// The connector's trace repeats for each attempt; the timeline's lines say it shortly.
std::vector<std::string> lines(const std::vector<connector::Stage>& stages) {
  std::vector<std::string> out;
  for (const connector::Stage& stage : stages) {
    std::string line(connector::to_string(stage.kind));
    if (stage.outcome != connector::StageOutcome::done)
      line += " (" + std::string(connector::to_string(stage.outcome)) + ")";
    if (!stage.detail.empty()) line += ": " + stage.detail;
    out.push_back(std::move(line));
  }
  return out;
}

Outcome outcome_of(const Delivery& delivery) {
  switch (delivery.outcome) {
    case DeliveryOutcome::installed:
      return delivery.decision.granted && delivery.decision.granted->has_key ? Outcome::issued : Outcome::done;
    case DeliveryOutcome::unchanged:
      return Outcome::done;
    case DeliveryOutcome::pending:
      return Outcome::pending;
    default:
      return Outcome::refused;
  }
}

std::string sentence_of(const Delivery& delivery) {
  if (delivery.outcome == DeliveryOutcome::installed) return "installed";
  if (delivery.outcome == DeliveryOutcome::unchanged) return "the device holds a current certificate";
  const Step* deciding = delivery.decision.trace.deciding();
  return deciding == nullptr ? std::string(connector::to_string(delivery.outcome)) : deciding->found;
}

Attempt refused(std::string what, Decision<std::string> decision, Where where = {}) {
  std::string why = explain(decision.trace);
  return Attempt::refused(fault(decision.code, std::move(what), std::move(where), std::move(why)),
                          std::move(decision.trace));
}

}  // namespace

Result<void> LabImpl::sync() {
  if (synced_) return {};
  MIMICA_RETURN_IF_FAULT(tenant_.entra_sync(*lookups_));
  synced_ = true;
  return {};
}

Result<CertificateConnector*> LabImpl::find_connector(const std::string& name) {
  for (const auto& connector : connectors_)
    if (equals_ignore_case(connector->settings().host, name)) return connector.get();
  const std::string all = join(connectors_, ", ", [](const auto& connector) { return connector->settings().host; });
  return fault(HResult::ERROR_FILE_NOT_FOUND, "the lab has no connector '" + name + "'", {},
               all.empty() ? "no connector was set up" : "there are: " + all);
}

const connector::User* LabImpl::find_user(const std::string& name) const {
  const auto cloud = cloud_users_.find(name);  // Entra knows no account name for them
  return tenant_.find_user(cloud == cloud_users_.end() ? name : cloud->second);
}

Result<LabImpl::DeviceRecord*> LabImpl::find_device(const std::string& name) {
  for (const auto& [known, record] : devices_)
    if (equals_ignore_case(known, name)) return record.get();
  std::string all;
  for (const auto& entry : devices_) all += (all.empty() ? "" : ", ") + entry.first;
  return fault(HResult::ERROR_FILE_NOT_FOUND, "the lab has no device '" + name + "'", {},
               all.empty() ? "no device was added" : "there are: " + all);
}

connector::Flow LabImpl::flow() {
  std::vector<CertificateConnector*> connectors;
  for (const auto& connector : connectors_) connectors.push_back(connector.get());
  return {tenant_, std::move(connectors), *port_, *keys_, *entropy_};
}

// ---- devices -------------------------------------------------------------------------------------------------------

Attempt LabImpl::add_device(const DeviceSpec& spec) {
  if (devices_.contains(spec.name))
    return fault(HResult::E_INVALIDARG, "there is a device '" + spec.name + "' already", {},
                 "give each device a name of its own");
  const auto enrollment = enrollment_of(spec.platform);
  if (!enrollment)
    return fault(HResult::E_INVALIDARG, "'" + spec.platform + "' is no platform", {},
                 "use windows, ios, macos, android_work_profile, android_device_owner, android_dedicated, aosp or "
                 "android_device_administrator");
  connector::ManagedDevice device;
  connector::DeviceTraits traits;
  device.name = spec.name;
  device.enrollment = *enrollment;
  const std::string join = !spec.join.empty() ? spec.join : spec.platform == "windows" ? "hybrid" : "registered";
  const auto join_type = connector::join_named(join == "entra" ? "joined" : join);
  if (!join_type)
    return fault(HResult::E_INVALIDARG, "'" + join + "' is no way to join a device", {},
                 "use hybrid, entra or registered");
  device.join = *join_type;
  if (!spec.os_version.empty()) {
    MIMICA_TRY(device.os_version, connector::Version::parse(spec.os_version));
  }
  if (!spec.os_at_enrollment.empty()) {
    MIMICA_TRY(device.os_at_enrollment, connector::Version::parse(spec.os_at_enrollment));
  }
  device.serial_number = "SN-" + spec.name;
  device.entra_device_id = Guid::random(*entropy_).to_string();
  for (const auto& attribute : spec.attributes) {
    const auto& [name, value] = attribute;
    const auto* known =
        std::find_if(std::begin(kDeviceAttributes), std::end(kDeviceAttributes),
                     [&](const DeviceAttribute& a) { return equals_ignore_case(a.name, attribute.first); });
    if (known == std::end(kDeviceAttributes)) {
      const std::string all = mimica::join(kDeviceAttributes, ", ", &DeviceAttribute::name);
      return fault(HResult::E_INVALIDARG, "'" + name + "' is no attribute of a device", {}, "use one of: " + all);
    }
    known->set(device, traits, value);
  }

  if (device.hybrid_windows()) {
    MIMICA_TRY(const auto existing, ldap::account_by_any_name(*console_, dsa_->naming_contexts(), spec.name + "$"));
    if (!existing) MIMICA_RETURN_IF_FAULT(add_computer({spec.name, {}}));
    device.domain_joined = true;
    device.dns_name = to_lower(spec.name) + "." + spec_.domain.dns_name;
  }
  MIMICA_RETURN_IF_FAULT(sync());
  if (!spec.user.empty()) {
    const connector::User* user = find_user(spec.user);
    if (user == nullptr)
      return fault(LdapCode::noSuchObject, "device '" + spec.name + "': no user is named '" + spec.user + "'", {},
                   "add the user first, by the account name");
    device.user_id = user->id;
  }

  auto record = std::make_unique<DeviceRecord>(DeviceRecord{connector::Device(std::move(device), traits), {}});
  connector::Flow parties = flow();
  MIMICA_TRY(Decision<std::string> enrolled, connector::enrol_device(parties, record->device, now()));
  if (!enrolled) return refused("device '" + spec.name + "' cannot be enrolled", std::move(enrolled));
  synced_ = false;  // its SID comes with the next synchronisation
  DeviceRecord& added = *devices_.emplace(spec.name, std::move(record)).first->second;
  return ready_for_roots_ ? trust_unless_managed(added) : Result<void>();
}

// A profile, assigned to nobody, that carries the lab's root.
Result<connector::Profile> LabImpl::root_profile(const connector::Device& device) {
  const connector::ProfileType* type = nullptr;
  for (const connector::ProfileType& candidate : connector::profile_types())
    if (candidate.kind == connector::ProfileKind::trusted_root &&
        candidate.serves_enrollment(device.record().enrollment))
      type = &candidate;
  if (type == nullptr)
    return fault(HResult::ERROR_NOT_SUPPORTED, "no trusted certificate profile exists for this platform");
  auto profile = connector::make_profile(type->name, "root of the lab");
  profile->id = "00000000-0000-0000-0000-0000000000ca";
  profile->trusted_root()->certificate = ca_->identity().root.der();
  return *std::move(profile);
}

// Where no trusted certificate profile takes care of it, the lab's root is on the device from the start.
Result<void> LabImpl::trust_unless_managed(DeviceRecord& record) {
  const auto serves = [&](const auto& entry) {
    return entry.second.kind == connector::ProfileKind::trusted_root && entry.second.type != nullptr &&
           entry.second.type->serves_enrollment(record.device.record().enrollment);
  };
  if (std::any_of(tenant_.profiles().begin(), tenant_.profiles().end(), serves)) return {};
  MIMICA_TRY(const connector::Profile profile, root_profile(record.device));
  const auto installed = record.device.install_trusted_root(profile, now());
  if (installed) return {};
  return fault(installed.code, "the root cannot be put on the device", {}, explain(installed.trace));
}

Report LabImpl::trust(const std::string& device, bool trusted) {
  auto record = find_device(device);
  if (!record) return failed(record.error());
  connector::Device& target = (*record)->device;
  Report report;
  if (trusted) {
    auto profile = root_profile(target);
    if (!profile) return failed(profile.error());
    auto installed = target.install_trusted_root(*profile, now());
    report.outcome = installed ? Outcome::done : Outcome::refused;
    report.code = installed.code;
    report.message = installed ? "the root of the lab is in " + std::string(connector::to_string(*installed.granted))
                               : std::string(sentence(report.code));
    report.trace = std::move(installed.trace);
    return report;
  }
  std::set<std::string> profiles;  // that brought CA certificates
  for (const connector::StoredCertificate& stored : target.certificates())
    if (!stored.has_key) profiles.insert(stored.profile_id);
  std::size_t removed = 0;
  for (const std::string& id : profiles) removed += target.remove_profile(id);
  report.message = removed > 0 ? "the certificates of the lab's CA are gone" : "they were not on the device";
  return report;
}

Result<std::vector<Certificate>> LabImpl::device_certificates(const std::string& device) {
  MIMICA_TRY(DeviceRecord* const record, find_device(device));
  std::vector<Certificate> out;
  const auto& all = record->device.certificates();
  for (auto at = all.rbegin(); at != all.rend(); ++at)
    if (at->has_key) out.push_back(at->certificate);
  return out;
}

Result<Bytes> LabImpl::delivered_pfx(const std::string& device, std::string& password) {
  MIMICA_TRY(DeviceRecord* const record, find_device(device));
  if (record->last_pfx.file.empty())
    return fault(HResult::ERROR_FILE_NOT_FOUND, "no PFX was delivered to '" + device + "' yet");
  password = record->last_pfx.password;
  return record->last_pfx.file;
}

Result<Certificate> LabImpl::chosen_certificate(const LogonSpec& spec) {
  if (spec.device.empty()) return fault(HResult::E_INVALIDARG, "a logon needs a device or a certificate");
  MIMICA_TRY(DeviceRecord* const record, find_device(spec.device));
  std::string profile_id;
  if (!spec.profile.empty()) {
    const connector::Profile* profile = tenant_.find_profile(spec.profile);
    if (profile == nullptr) return fault(HResult::ERROR_NOT_FOUND, "there is no profile '" + spec.profile + "'");
    profile_id = profile->id;
  }
  std::vector<const connector::StoredCertificate*> candidates;  // newest first
  const auto& all = record->device.certificates();
  for (auto at = all.rbegin(); at != all.rend(); ++at)
    if (at->has_key && (profile_id.empty() || at->profile_id == profile_id)) candidates.push_back(&*at);
  const std::size_t wanted = spec.which == "previous" ? 1 : 0;
  if (candidates.size() > wanted) return candidates[wanted]->certificate;
  return fault(HResult::ERROR_NOT_FOUND,
               "device '" + spec.device + "' holds " + std::to_string(candidates.size()) + " matching certificates", {},
               wanted == 0 ? "deliver a profile first" : "there is no previous one");
}

// ---- profiles ------------------------------------------------------------------------------------------------------

Result<connector::Assignment> LabImpl::assignment_to(const std::string& text) {
  const bool exclude = text.starts_with('-');
  const std::string name = exclude ? text.substr(1) : text;
  connector::Assignment out;
  if (name == "all_users" || name == "all_devices") {
    if (exclude) return fault(HResult::E_INVALIDARG, "'" + text + "': only groups can be excluded");
    out.target = name == "all_users" ? connector::TargetKind::all_users : connector::TargetKind::all_devices;
    return out;
  }
  out.target = exclude ? connector::TargetKind::exclude_group : connector::TargetKind::group;
  const connector::Group* group = tenant_.find_group(name);
  if (group == nullptr) {  // Intune assigns to groups only: one user or device gets a group of its own
    connector::Group own;
    own.name = "only " + name;
    if (const auto* user = find_user(name)) own.users.push_back(user->id);
    if (const auto* device = std::as_const(tenant_).find_device(name)) own.devices.push_back(device->id);
    if (own.users.empty() && own.devices.empty())
      return fault(HResult::ERROR_NOT_FOUND, "no group, user or device is named '" + name + "'", {},
                   "assign to all_users, all_devices, a group, a user or a device");
    group = tenant_.find_group(own.name);
    out.group_id = group != nullptr ? group->id : tenant_.put_group(std::move(own));
    return out;
  }
  out.group_id = group->id;
  return out;
}

Attempt LabImpl::add_profile(const ProfileSpec& spec) {
  MIMICA_RETURN_IF_FAULT(sync());
  MIMICA_TRY(connector::Profile profile, connector::parse_profile(spec.json, spec.source));
  if (auto* root = profile.trusted_root(); root != nullptr && root->certificate.empty())
    root->certificate = ca_->identity().root.der();
  const std::string name = profile.display_name;
  Decision<std::string> saved = tenant_.add_profile(std::move(profile), now());
  if (!saved) {
    const Step* deciding = saved.trace.deciding();
    return refused("profile '" + name + "' cannot be saved: " + (deciding == nullptr ? "" : deciding->found),
                   std::move(saved), spec.where.line != 0 ? spec.where : Where{spec.source, 0, 0, {}});
  }
  std::vector<connector::Assignment> assignments;
  for (const std::string& target : spec.assign) {
    MIMICA_TRY(connector::Assignment assignment, assignment_to(target));
    assignments.push_back(std::move(assignment));
  }
  if (assignments.empty()) return {};
  return tenant_.assign(*saved.granted, std::move(assignments));
}

// ---- connectors ----------------------------------------------------------------------------------------------------

Attempt LabImpl::add_connector(const ConnectorSpec& spec) {
  if (find_connector(spec.name))
    return fault(HResult::E_INVALIDARG, "there is a connector '" + spec.name + "' already", {},
                 "give each connector a host of its own");
  connector::ConnectorSettings settings;
  settings.host = spec.name;
  settings.domain = spec_.domain.netbios_name;
  if (spec.domain_joined) settings.dns_name = to_lower(spec.name) + "." + spec_.domain.dns_name;
  settings.domain_joined = spec.domain_joined;
  settings.service_account = spec.service_account;
  MIMICA_TRY(settings.version, connector::Version::parse(spec.version));
  connector::Registry registry;
  if (spec.sid_extension) registry.set(connector::kConnectorKey, connector::kSidSwitch, std::uint32_t{1});
  if (spec.domain_joined) {
    MIMICA_RETURN_IF_FAULT(add_computer({spec.name, {}}));
    // What the set-up guide asks for: Request Certificates, and Issue and Manage Certificates for revocation (REQ-48).
    const std::string account = spec.service_account.empty() ? spec.name + "$" : spec.service_account;
    MIMICA_RETURN_IF_FAULT(set_ca_rights({account, {"request", "issue_and_manage"}}, true));
  }
  auto connector = std::make_unique<CertificateConnector>(std::move(settings), std::move(registry), &event_log_);
  Decision<std::string> enrolled = connector->enrol(tenant_, now());
  if (!enrolled) return refused("connector '" + spec.name + "' cannot be registered", std::move(enrolled));
  connectors_.push_back(std::move(connector));
  return {};
}

Result<void> LabImpl::set_registry(const std::string& connector, const std::string& path, const std::string& name,
                                   const std::string& type, const std::string& value) {
  MIMICA_TRY(CertificateConnector* const host, find_connector(connector));
  MIMICA_TRY(connector::RegistryValue parsed, registry_value(type, value));
  host->registry().set(path.empty() ? connector::kConnectorKey : std::string_view(path), name, std::move(parsed));
  return {};
}

Result<void> LabImpl::restart_service(const std::string& connector, const std::string& display_name) {
  MIMICA_TRY(CertificateConnector* const host, find_connector(connector));
  if (const auto service = connector::service_named(display_name)) {
    host->restart(*service);
    return {};
  }
  const std::string all = join(connector::kServices, "; ",
                               [](const connector::Service service) { return connector::display_name(service); });
  return fault(HResult::ERROR_FILE_NOT_FOUND, "'" + display_name + "' is no service of a connector", {},
               "there are: " + all);
}

Result<void> LabImpl::upgrade_connector(const std::string& connector, const std::string& version) {
  MIMICA_TRY(CertificateConnector* const host, find_connector(connector));
  MIMICA_TRY(host->settings().version, connector::Version::parse(version));
  for (const connector::Service service : connector::kServices) host->restart(service);  // the installer does
  return {};
}

// ---- the flow ------------------------------------------------------------------------------------------------------

Report LabImpl::from_delivery(Delivery delivery, DeviceRecord& record, const LogMark& mark) {
  Report report;
  report.outcome = outcome_of(delivery);
  report.code = report.ok() ? Code{} : delivery.decision.code;
  report.message = sentence_of(delivery);
  report.stages = lines(delivery.stages);
  if (delivery.decision.granted) describe_certificate(report, delivery.decision.granted->certificate.der());
  report.trace = std::move(delivery.decision.trace);
  for (const connector::Processed& attempt : delivery.attempts)
    if (attempt.issuance.ca_request_id) report.request_id = attempt.issuance.ca_request_id;
  if (!delivery.opened.file.empty()) record.last_pfx = std::move(delivery.opened);
  add_new_events(mark, report);
  return report;
}

Report LabImpl::deliver_or_renew(const std::string& profile, const std::string& device, bool renewal) {
  const LogMark before = mark();
  auto record = find_device(device);
  if (!record) return failed(record.error());
  if (auto synced = sync(); !synced) return failed(synced.error());
  connector::Flow parties = flow();
  connector::DeliveryOptions options;
  options.run_retries = true;
  auto delivery = renewal ? connector::renew(parties, profile, (*record)->device, now(), false, options)
                          : connector::deliver(parties, profile, (*record)->device, now(), options);
  return delivery ? from_delivery(*std::move(delivery), **record, before) : failed(delivery.error());
}

Report LabImpl::deliver(const std::string& profile, const std::string& device) {
  return deliver_or_renew(profile, device, false);
}

Report LabImpl::renew(const std::string& profile, const std::string& device) {
  return deliver_or_renew(profile, device, true);
}

Report LabImpl::check_in(const std::string& device) {
  const LogMark before = mark();
  auto record = find_device(device);
  if (!record) return failed(record.error());
  if (auto synced = sync(); !synced) return failed(synced.error());
  connector::Flow parties = flow();
  connector::DeliveryOptions options;
  options.run_retries = true;
  auto deliveries = connector::check_in(parties, (*record)->device, now(), options);
  if (!deliveries) return failed(deliveries.error());
  // One report for all: the worst outcome decides, stages and traces follow each other.
  Report report;
  report.message = device + " is up to date";
  const auto rank = [](Outcome o) {
    return o == Outcome::refused ? 3 : o == Outcome::pending ? 2 : o == Outcome::issued ? 1 : 0;
  };
  for (Delivery& delivery : *deliveries) {
    if (delivery.outcome == DeliveryOutcome::not_applicable || delivery.outcome == DeliveryOutcome::not_assigned)
      continue;
    const connector::Profile* profile = tenant_.find_profile(delivery.profile_id);
    Report part = from_delivery(std::move(delivery), **record, mark());
    if (profile != nullptr) report.stages.push_back("profile: \"" + profile->display_name + "\"");
    report.stages.insert(report.stages.end(), part.stages.begin(), part.stages.end());
    report.trace.append(std::move(part.trace));
    if (rank(part.outcome) < rank(report.outcome)) continue;
    report.outcome = part.outcome;
    report.code = part.code;
    report.message = std::move(part.message);
    report.certificate = std::move(part.certificate);
    report.summary = std::move(part.summary);
    report.request_id = part.request_id;
  }
  add_new_events(before, report);
  return report;
}

}  // namespace mimica::harness
