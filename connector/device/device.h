// A managed device: its stores, its management key, what it accepts and what it lets its apps do.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "connector/tenant/certificate_state.h"
#include "core/base/decision.h"
#include "core/pki/certificate.h"
#include "core/pki/key.h"

namespace mimica::connector {

enum class DeviceStore {
  root,               // LocalMachine\Root, system trust store
  intermediate,       // LocalMachine\CA
  user_intermediate,  // CurrentUser\CA
  my_user,            // CurrentUser\My
  my_machine,         // LocalMachine\My
  user_keychain,      // macOS login keychain
  system_keychain,    // macOS
  ios_keychain,
  android_keystore,  // Android "VPN and apps"; hidden from the user on Android Enterprise
};
std::string_view to_string(DeviceStore store);  // "LocalMachine\\Root", ...

enum class KeyLocation { software, tpm, hello, keychain, keystore };
std::string_view to_string(KeyLocation location);

struct DeviceTraits {
  bool tpm = true;
  bool hello_provisioned = false;  // Windows Hello for Business
  bool unlocked = true;
  bool knox = false;  // Samsung
};

// Where public sources leave the behaviour open.
struct DevicePolicy {
  bool refuse_proof_of_origin = true;  // iOS and a certificate with nonRepudiation: refuse, or install with a warning
  bool tpm_falls_back_for_large_keys = false;  // TPM-else-software KSP, TPM present, key over 2048 bits
  bool untrusted_chain_waits = true;           // no trusted root: keep the PFX waiting, or fail the installation
  bool replaced_certificate_stays = true;      // after a renewal the old certificate remains in the store
  int near_expiry_percent = 10;                // less than this part of the lifetime remains on arrival: refused
  Seconds near_expiry_floor = kDay;            // or less than this
};

struct StoredCertificate {
  Certificate certificate;
  DeviceStore store = DeviceStore::my_user;
  std::string profile_id;
  bool has_key = false;
  bool exportable = false;  // always false after a PKCS profile (REQ-38)
  KeyLocation location = KeyLocation::software;
  bool visible_to_user = true;  // REQ-64
  bool allow_all_apps = false;  // AllowAllAppsAccess
  bool prompts = false;         // apps need the user's approval
  std::set<std::string> silent_apps;
  std::set<std::string> approved_apps;
  Timestamp installed_at;
};

// What one delivered PFX contained, as the device opened it.
struct OpenedPfx {
  Bytes file;
  std::string password;
};

class Device {
 public:
  explicit Device(ManagedDevice record, DeviceTraits traits = {}, DevicePolicy policy = {});
  // What the device reports about itself; the service keeps its own copy (Tenant::find_device).
  const ManagedDevice& record() const { return record_; }
  ManagedDevice& record() { return record_; }
  const DeviceTraits& traits() const { return traits_; }
  DeviceTraits& traits() { return traits_; }
  const DevicePolicy& policy() const { return policy_; }
  DevicePolicy& policy() { return policy_; }

  // Makes the management key pair and its certificate ("Microsoft Intune MDM Device CA" stands behind the real one).
  // Call it once the service has given an id; again after a re-enrolment.
  Result<void> enrol(std::string_view device_id, KeySource& keys, Timestamp now,
                     const KeySpec& spec = {KeyKind::ec, 256});
  bool enrolled() const { return !management_key_.empty(); }
  const Certificate& management_certificate() const { return management_certificate_; }

  // Trusted certificate profiles. Refused by connector.profile.root_content for something that is no CA certificate.
  Decision<DeviceStore> install_trusted_root(const Profile& profile, Timestamp now);
  // A delivered PFX: decrypts it, checks it, stores it. Rules connector.device.*.
  Decision<StoredCertificate> install_pfx(const EncryptedPfx& payload, const Profile& profile, Timestamp now,
                                          OpenedPfx* opened = nullptr);

  const std::vector<StoredCertificate>& certificates() const { return certificates_; }
  std::vector<const StoredCertificate*> in(DeviceStore store) const;
  // The newest certificate with a key that a profile delivered; nullptr when there is none.
  const StoredCertificate* find(std::string_view profile_id) const;
  const StoredCertificate* find_thumbprint(BytesView sha1) const;
  bool has_root_of(std::string_view profile_id) const;
  // What a user sees in the settings app (REQ-64).
  std::vector<const StoredCertificate*> visible_certificates() const;

  // The export verb: always refused with NTE_BAD_KEY_STATE for delivered keys (REQ-38).
  Decision<Bytes> export_pfx(BytesView sha1) const;
  // An app asks for the key (package id on Android, any name elsewhere); `user_approves` is what the user would answer
  // to a prompt. Grants the key for signing. Rule connector.device.key_access, E_ACCESSDENIED.
  Decision<PrivateKey> use_key(std::string_view app, BytesView sha1, bool user_approves);

  bool remove(BytesView sha1);
  std::size_t remove_profile(std::string_view profile_id);  // certificates that this profile brought
  void wipe();                                              // everything, the management key included

 private:
  struct KeyedCertificate {
    Bytes thumbprint;
    PrivateKey key;
  };
  bool check_arrival(const Certificate& certificate, Timestamp now, Trace& trace) const;
  bool choose_location(const PkcsSettings& settings, const KeySpec& key, Trace& trace, KeyLocation& location) const;
  bool check_chain(const Certificate& certificate, const std::vector<Certificate>& extra, Timestamp now,
                   Trace& trace) const;

  ManagedDevice record_;
  DeviceTraits traits_;
  DevicePolicy policy_;
  PrivateKey management_key_;
  Certificate management_certificate_;
  std::vector<StoredCertificate> certificates_;
  std::vector<KeyedCertificate> keys_;
};

}  // namespace mimica::connector
