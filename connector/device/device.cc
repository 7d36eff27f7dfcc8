#include "connector/device/device.h"

#include <algorithm>

#include "connector/rules.h"
#include "core/pki/chain.h"
#include "core/pki/pfx.h"

namespace mimica::connector {
namespace {

constexpr Seconds kManagementLifetime = 365 * kDay;
constexpr std::uint16_t kNonRepudiation = 0x4000;
constexpr int kLargestTpmKey = 2048;

Code code_or(const Fault& error, HResult other) { return error.code.index() == 0 ? Code(other) : error.code; }

DeviceStore placement(const PkcsSettings& settings, Platform platform) {
  const bool machine = settings.effective_store() == CertificateStore::machine;
  switch (platform) {
    case Platform::windows:
      return machine ? DeviceStore::my_machine : DeviceStore::my_user;
    case Platform::ios:
      return DeviceStore::ios_keychain;
    case Platform::android:
      return DeviceStore::android_keystore;
    case Platform::macos:
      break;
  }
  const DeploymentChannel channel =
      settings.channel.value_or(machine ? DeploymentChannel::device : DeploymentChannel::user);
  return channel == DeploymentChannel::device ? DeviceStore::system_keychain : DeviceStore::user_keychain;
}

}  // namespace

std::string_view to_string(DeviceStore store) {
  switch (store) {
    case DeviceStore::root:
      return "LocalMachine\\Root";
    case DeviceStore::intermediate:
      return "LocalMachine\\CA";
    case DeviceStore::user_intermediate:
      return "CurrentUser\\CA";
    case DeviceStore::my_user:
      return "CurrentUser\\My";
    case DeviceStore::my_machine:
      return "LocalMachine\\My";
    case DeviceStore::user_keychain:
      return "user keychain";
    case DeviceStore::system_keychain:
      return "system keychain";
    case DeviceStore::ios_keychain:
      return "iOS keychain";
    case DeviceStore::android_keystore:
      return "Android VPN and apps";
  }
  return {};
}

std::string_view to_string(KeyLocation location) {
  switch (location) {
    case KeyLocation::software:
      return "software KSP";
    case KeyLocation::tpm:
      return "TPM KSP";
    case KeyLocation::hello:
      return "Windows Hello for Business";
    case KeyLocation::keychain:
      return "keychain";
    case KeyLocation::keystore:
      return "Android keystore";
  }
  return {};
}

Device::Device(ManagedDevice record, DeviceTraits traits, DevicePolicy policy)
    : record_(std::move(record)), traits_(traits), policy_(policy) {}

Result<void> Device::enrol(std::string_view device_id, KeySource& keys, Timestamp now, const KeySpec& spec) {
  MIMICA_TRY(PrivateKey key, keys.key(spec));
  record_.id = device_id;
  Name subject;
  subject.rdns.push_back({Ava{oids::kCommonName, std::string(device_id), 0, {}}});
  CertificateFields fields;
  fields.serial = digest(Digest::sha1, key.public_key().spki());
  fields.serial[0] = static_cast<std::uint8_t>((fields.serial[0] & 0x7FU) | 0x40U);  // positive, no leading zero
  fields.issuer_der = subject.to_der();
  fields.subject_der = fields.issuer_der;
  fields.not_before = now;
  fields.not_after = now + kManagementLifetime;
  fields.spki = key.public_key().spki();
  fields.extensions.push_back({oids::kExtendedKeyUsage, false, ext::oid_list({oids::kClientAuth})});
  MIMICA_TRY(const Bytes der, sign_certificate(fields, key, Digest::sha256));
  MIMICA_TRY(management_certificate_, Certificate::parse(der));
  management_key_ = std::move(key);
  return {};
}

Decision<DeviceStore> Device::install_trusted_root(const Profile& profile, Timestamp now) {
  Trace trace;
  const TrustedRootSettings* settings = profile.trusted_root();
  const auto refuse = [&](std::string found) {
    trace.fail(rule::kProfileRootContent, HResult::ERROR_INVALID_DATA, std::move(found));
    return Decision<DeviceStore>::refuse(std::move(trace));
  };
  if (settings == nullptr) return refuse("\"" + profile.display_name + "\" is no trusted certificate profile");
  if (settings->certificate.empty()) return refuse("\"" + profile.display_name + "\" holds no certificate");
  auto certificate = Certificate::parse(settings->certificate);
  if (!certificate) return refuse("the content is no DER certificate: " + certificate.error().what);
  if (!certificate->is_ca() && !certificate->self_issued())
    return refuse(certificate->subject().to_cert_str() + " is an end-entity certificate");
  DeviceStore store = certificate->self_issued() ? DeviceStore::root : DeviceStore::intermediate;
  if (settings->destination) {
    switch (*settings->destination) {
      case DestinationStore::computer_root:
        store = DeviceStore::root;
        break;
      case DestinationStore::computer_intermediate:
        store = DeviceStore::intermediate;
        break;
      case DestinationStore::user_intermediate:
        store = DeviceStore::user_intermediate;
        break;
    }
  }
  trace.pass(rule::kProfileRootContent,
             certificate->subject().to_cert_str() + " into " + std::string(to_string(store)));
  remove_profile(profile.id);
  StoredCertificate stored;
  stored.certificate = *std::move(certificate);
  stored.store = store;
  stored.profile_id = profile.id;
  stored.installed_at = now;
  certificates_.push_back(std::move(stored));
  return Decision<DeviceStore>::grant(store, std::move(trace));
}

bool Device::check_arrival(const Certificate& certificate, Timestamp now, Trace& trace) const {
  const Seconds lifetime = certificate.not_after() - certificate.not_before();
  const Seconds remaining = certificate.not_after() - now;
  const std::string found = "valid until " + to_iso(certificate.not_after()) + ", arrived at " + to_iso(now);
  if (remaining < policy_.near_expiry_floor || remaining * 100 < lifetime * policy_.near_expiry_percent) {
    trace.fail(rule::kDeviceNearExpiry, HResult::CERT_E_EXPIRED, found);
    return false;
  }
  trace.pass(rule::kDeviceNearExpiry, found);

  if (record_.platform() == Platform::ios) {
    const Extension* usage = certificate.extension(oids::kKeyUsage);
    const auto bits = usage == nullptr ? Result<std::uint16_t>(std::uint16_t{0}) : ext::parse_key_usage(usage->value);
    if (bits && (*bits & kNonRepudiation) != 0) {
      const std::string text = "the key usage asserts nonRepudiation (Signature is proof of origin)";
      if (policy_.refuse_proof_of_origin) {
        trace.fail(rule::kDeviceProofOfOrigin, HResult::CERT_E_WRONG_USAGE, text);
        return false;
      }
      trace.warn(rule::kDeviceProofOfOrigin, text);
    } else {
      trace.pass(rule::kDeviceProofOfOrigin);
    }
  }

  const KeySpec key = certificate.public_key().spec();
  const bool apple = record_.platform() == Platform::ios || record_.platform() == Platform::macos;
  if (apple && key.kind == KeyKind::rsa && key.bits > kLargestTpmKey) {
    trace.warn(rule::kDeviceKeySize, mimica::to_string(key) + " with PKCS is listed for Windows and Android only");
  } else {
    trace.pass(rule::kDeviceKeySize, mimica::to_string(key));
  }
  return true;
}

bool Device::choose_location(const PkcsSettings& settings, const KeySpec& key, Trace& trace,
                             KeyLocation& location) const {
  if (record_.platform() != Platform::windows) {
    location = record_.platform() == Platform::android ? KeyLocation::keystore : KeyLocation::keychain;
    return true;
  }
  const KeyStorageProvider provider = settings.key_storage.value_or(KeyStorageProvider::tpm_else_software);
  const std::string shown = std::string(graph_name(provider)) + ", " + mimica::to_string(key);
  const bool large = key.kind == KeyKind::rsa && key.bits > kLargestTpmKey;
  const auto fail = [&](HResult code, const std::string& why, std::string hint) {
    trace.fail(rule::kDeviceKeyStorage, code, shown + ": " + why, {}, std::move(hint));
    return false;
  };
  switch (provider) {
    case KeyStorageProvider::software:
      location = KeyLocation::software;
      break;
    case KeyStorageProvider::hello_else_fail:
      if (!traits_.hello_provisioned)
        return fail(HResult::NTE_DEVICE_NOT_READY, "Windows Hello for Business is not set up",
                    "provision Windows Hello for Business, or choose another KSP");
      if (key.kind != KeyKind::rsa || key.bits != kLargestTpmKey)
        return fail(HResult::NTE_NOT_SUPPORTED, "Windows Hello for Business holds RSA-2048 only",
                    "set the template's minimum key size to 2048; there is no other work-around");
      location = KeyLocation::hello;
      break;
    case KeyStorageProvider::tpm_else_fail:
      if (!traits_.tpm) return fail(HResult::NTE_DEVICE_NOT_READY, "the device has no TPM", {});
      if (large) return fail(HResult::NTE_NOT_SUPPORTED, "a TPM does not hold the key", {});
      location = KeyLocation::tpm;
      break;
    case KeyStorageProvider::tpm_else_software:
      location = traits_.tpm ? KeyLocation::tpm : KeyLocation::software;
      if (traits_.tpm && large) {
        if (!policy_.tpm_falls_back_for_large_keys)
          return fail(HResult::NTE_NOT_SUPPORTED, "a TPM is present and does not hold the key", {});
        location = KeyLocation::software;
      }
      break;
  }
  trace.pass(rule::kDeviceKeyStorage, shown + ": " + std::string(to_string(location)));
  return true;
}

bool Device::check_chain(const Certificate& certificate, const std::vector<Certificate>& extra, Timestamp now,
                         Trace& trace) const {
  ChainInput input;
  input.leaf = certificate;
  input.intermediates = extra;
  input.at = now;
  input.check_revocation = false;
  for (const StoredCertificate& stored : certificates_) {
    if (stored.has_key) continue;
    // Only a self-issued certificate in the root store anchors a chain.
    const bool anchor = stored.store == DeviceStore::root && stored.certificate.self_issued();
    (anchor ? input.anchors : input.intermediates).push_back(stored.certificate);
  }
  const ChainResult result = build_chain(input);
  if (result.status == ChainStatus::ok) {
    trace.pass(rule::kDeviceTrustedRoot,
               result.chain.empty() ? std::string() : "chain to " + result.chain.back().subject().to_cert_str());
    return true;
  }
  std::string found = result.detail.empty() ? std::string("no chain to a trusted root") : result.detail;
  if (input.anchors.empty()) found += "; the device holds no trusted root";
  trace.fail(rule::kDeviceTrustedRoot, to_hresult(result.status), std::move(found));
  return false;
}

Decision<StoredCertificate> Device::install_pfx(const EncryptedPfx& payload, const Profile& profile, Timestamp now,
                                                OpenedPfx* opened) {
  Trace trace;
  const auto refuse = [&] { return Decision<StoredCertificate>::refuse(std::move(trace)); };
  const PkcsSettings* settings = profile.pkcs();
  if (!enrolled() || settings == nullptr) {
    trace.fail(rule::kDeviceEnrolled, HResult::E_ACCESSDENIED,
               settings == nullptr ? "the profile delivers no PFX" : record_.name + " is not enrolled");
    return refuse();
  }
  trace.pass(rule::kDeviceEnrolled, record_.name);
  const auto undecipherable = [&](const Fault& error) {
    trace.fail(rule::kDeviceDecrypt, code_or(error, HResult::NTE_BAD_KEYSET), error.what);
    return refuse();
  };
  const auto password = cms_decrypt(payload.password, management_certificate_, management_key_);
  if (!password) return undecipherable(password.error());
  const auto file = cms_decrypt(payload.pfx, management_certificate_, management_key_);
  if (!file) return undecipherable(file.error());
  auto pfx = open_pfx(*file, as_text(*password));
  if (!pfx) return undecipherable(pfx.error());
  if (opened != nullptr) *opened = {*file, std::string(as_text(*password))};
  trace.pass(rule::kDeviceDecrypt, "with the key of " + management_certificate_.subject().to_cert_str());

  if (!check_arrival(pfx->certificate, now, trace)) return refuse();
  StoredCertificate stored;
  if (!choose_location(*settings, pfx->certificate.public_key().spec(), trace, stored.location)) return refuse();
  if (!check_chain(pfx->certificate, pfx->chain, now, trace)) return refuse();

  stored.certificate = pfx->certificate;
  stored.store = placement(*settings, record_.platform());
  if (record_.platform() == Platform::macos && settings->effective_store() == CertificateStore::user &&
      stored.store == DeviceStore::system_keychain)
    trace.warn(rule::kProfileChannel, "a user certificate went to the system keychain");
  stored.profile_id = profile.id;
  stored.has_key = true;
  stored.allow_all_apps = settings->allow_all_apps.value_or(false);
  const bool android = record_.platform() == Platform::android;
  stored.visible_to_user = !android || record_.enrollment == Enrollment::android_device_administrator;
  stored.prompts = android || (record_.platform() == Platform::macos && !stored.allow_all_apps);
  if (settings->access == CertificateAccess::specific_apps)
    stored.silent_apps.insert(settings->silent_packages.begin(), settings->silent_packages.end());
  stored.installed_at = now;
  const Bytes thumbprint = stored.certificate.thumbprint();
  remove(thumbprint);
  if (!policy_.replaced_certificate_stays) remove_profile(profile.id);
  certificates_.push_back(stored);
  keys_.push_back({thumbprint, pfx->key});
  return Decision<StoredCertificate>::grant(std::move(stored), std::move(trace));
}

std::vector<const StoredCertificate*> Device::in(DeviceStore store) const {
  std::vector<const StoredCertificate*> out;
  for (const StoredCertificate& stored : certificates_)
    if (stored.store == store) out.push_back(&stored);
  return out;
}

const StoredCertificate* Device::find(std::string_view profile_id) const {
  for (auto it = certificates_.rbegin(); it != certificates_.rend(); ++it)
    if (it->has_key && it->profile_id == profile_id) return &*it;
  return nullptr;
}

const StoredCertificate* Device::find_thumbprint(BytesView sha1) const {
  for (const StoredCertificate& stored : certificates_)
    if (stored.has_key && stored.certificate.thumbprint() == to_bytes(sha1)) return &stored;
  return nullptr;
}

bool Device::has_root_of(std::string_view profile_id) const {
  return std::any_of(certificates_.begin(), certificates_.end(), [&](const StoredCertificate& stored) {
    return !stored.has_key && stored.profile_id == profile_id;
  });
}

std::vector<const StoredCertificate*> Device::visible_certificates() const {
  std::vector<const StoredCertificate*> out;
  for (const StoredCertificate& stored : certificates_)
    if (stored.has_key && stored.visible_to_user) out.push_back(&stored);
  return out;
}

Decision<Bytes> Device::export_pfx(BytesView sha1) const {
  Trace trace;
  const StoredCertificate* stored = find_thumbprint(sha1);
  if (stored == nullptr) {
    trace.fail(rule::kDeviceCertificate, HResult::ERROR_NOT_FOUND, "no certificate " + to_hex(sha1));
    return Decision<Bytes>::refuse(std::move(trace));
  }
  trace.pass(rule::kDeviceCertificate, stored->certificate.subject().to_cert_str());
  trace.fail(rule::kDevicePrivateKeyExport, HResult::NTE_BAD_KEY_STATE,
             "the key in the " + std::string(to_string(stored->location)) + " is not marked exportable");
  return Decision<Bytes>::refuse(std::move(trace));
}

Decision<PrivateKey> Device::use_key(std::string_view app, BytesView sha1, bool user_approves) {
  Trace trace;
  const auto refuse = [&] { return Decision<PrivateKey>::refuse(std::move(trace)); };
  const Bytes thumbprint = to_bytes(sha1);
  const auto stored = std::find_if(certificates_.begin(), certificates_.end(), [&](const StoredCertificate& candidate) {
    return candidate.has_key && candidate.certificate.thumbprint() == thumbprint;
  });
  const auto keyed = std::find_if(keys_.begin(), keys_.end(), [&](const KeyedCertificate& candidate) {
    return candidate.thumbprint == thumbprint;
  });
  if (stored == certificates_.end() || keyed == keys_.end()) {
    trace.fail(rule::kDeviceCertificate, HResult::ERROR_NOT_FOUND, "no certificate " + to_hex(sha1));
    return refuse();
  }
  trace.pass(rule::kDeviceCertificate, stored->certificate.subject().to_cert_str());
  const std::string name(app);
  if (!stored->prompts) {
    trace.pass(rule::kDeviceKeyAccess, name + " needs no approval");
  } else if (stored->silent_apps.count(name) != 0) {
    trace.pass(rule::kDeviceKeyAccess, name + " is granted by the profile");
  } else if (stored->approved_apps.count(name) != 0 || user_approves) {
    stored->approved_apps.insert(name);
    trace.pass(rule::kDeviceKeyAccess, "the user approved " + name);
  } else {
    trace.fail(rule::kDeviceKeyAccess, HResult::E_ACCESSDENIED, "the user did not approve " + name);
    return refuse();
  }
  return Decision<PrivateKey>::grant(keyed->key, std::move(trace));
}

bool Device::remove(BytesView sha1) {
  const Bytes thumbprint = to_bytes(sha1);
  keys_.erase(std::remove_if(keys_.begin(), keys_.end(),
                             [&](const KeyedCertificate& keyed) { return keyed.thumbprint == thumbprint; }),
              keys_.end());
  const auto end = std::remove_if(certificates_.begin(), certificates_.end(), [&](const StoredCertificate& stored) {
    return stored.has_key && stored.certificate.thumbprint() == thumbprint;
  });
  const bool found = end != certificates_.end();
  certificates_.erase(end, certificates_.end());
  return found;
}

std::size_t Device::remove_profile(std::string_view profile_id) {
  std::vector<Bytes> keyed;
  for (const StoredCertificate& stored : certificates_)
    if (stored.has_key && stored.profile_id == profile_id) keyed.push_back(stored.certificate.thumbprint());
  for (const Bytes& thumbprint : keyed) remove(thumbprint);
  const auto end = std::remove_if(certificates_.begin(), certificates_.end(),
                                  [&](const StoredCertificate& stored) { return stored.profile_id == profile_id; });
  const std::size_t removed = keyed.size() + static_cast<std::size_t>(certificates_.end() - end);
  certificates_.erase(end, certificates_.end());
  return removed;
}

void Device::wipe() {
  certificates_.clear();
  keys_.clear();
  management_key_ = PrivateKey();
  management_certificate_ = Certificate();
}

}  // namespace mimica::connector
