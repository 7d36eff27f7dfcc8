// What the Intune service knows about people and devices: the attributes that certificate profiles can ask for. Names
// of the Graph properties they stand for are given beside the members.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connector/inventory/version.h"
#include "core/base/time.h"
#include "core/windows/sid.h"

namespace mimica::connector {

enum class Platform { windows, ios, macos, android };
std::string_view to_string(Platform platform);  // "windows", "ios", ...

// How a device is managed; certificate profile types serve these (Intune: one profile type per Android mode).
enum class Enrollment {
  windows,
  ios,
  macos,
  android_device_administrator,
  android_work_profile,  // personally-owned work profile
  android_fully_managed,
  android_dedicated,
  android_corporate_work_profile,
  android_aosp,
};
std::string_view to_string(Enrollment enrollment);  // "windows", "android_work_profile", ...
std::optional<Enrollment> enrollment_named(std::string_view text);
Platform platform_of(Enrollment enrollment);

// managedDevice.joinType
enum class JoinType { unknown, registered, joined, hybrid };
std::string_view to_string(JoinType join);  // "azureADJoined", ...
// Graph's spelling, or "registered", "joined", "hybrid", "none".
std::optional<JoinType> join_named(std::string_view text);

// What Entra Connect brings from Active Directory; absent for a cloud-only object.
struct OnPremises {
  std::string distinguished_name;          // onPremisesDistinguishedName
  std::string sam_account_name;            // onPremisesSamAccountName
  std::optional<Sid> security_identifier;  // onPremisesSecurityIdentifier: the objectSid, never the cloud SID S-1-12-1
};

struct User {
  std::string id;
  std::string display_name;
  std::string user_principal_name;
  std::string mail;
  std::string given_name;
  std::string surname;
  std::string department;
  bool licensed = true;
  std::optional<OnPremises> on_premises;
  bool synced() const { return on_premises.has_value(); }
};

// A managedDevice row. Values come from the device itself and can be forged by whoever controls it (REQ-111).
struct ManagedDevice {
  std::string id;    // Intune device id
  std::string name;  // deviceName
  Enrollment enrollment = Enrollment::windows;
  JoinType join = JoinType::joined;
  Version os_version;
  Version os_at_enrollment;        // REQ-94; unknown: as os_version
  bool identifiers_cached = true;  // Intune read serial number, IMEI and MEID before the upgrade to Android 12
  std::string entra_device_id;     // azureADDeviceId
  std::string serial_number;
  std::string imei;
  std::string meid;
  std::string wifi_mac;
  bool wifi_mac_withheld = false;  // the platform reports a random address, or none
  std::string dns_name;            // fully qualified; meaningful when domain-joined
  bool domain_joined = false;
  std::optional<Sid> on_premises_sid;  // device.onPremisesSecurityIdentifier, once synced
  std::optional<std::string> user_id;  // primary user; absent on kiosks and dedicated devices
  bool google_mobile_services = true;
  std::string os_edition = "windows10Enterprise";  // windows10EditionType
  bool multi_session = false;                      // Windows Enterprise multi-session
  bool s_mode = false;
  std::string ownership = "Corporate";
  std::string manufacturer;
  std::string model;
  std::string category;
  std::string enrollment_profile;
  Timestamp enrolled_at;
  Platform platform() const { return platform_of(enrollment); }
  bool hybrid_windows() const { return enrollment == Enrollment::windows && join == JoinType::hybrid; }
};

// An Entra group: users and devices by id, and groups within it.
struct Group {
  std::string id;
  std::string name;
  std::vector<std::string> users;
  std::vector<std::string> devices;
  std::vector<std::string> groups;
};

}  // namespace mimica::connector
