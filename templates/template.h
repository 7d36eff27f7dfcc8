// A certificate template (pKICertificateTemplate, MS-CRTD) as a value in which nothing is a string that could be a
// type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/asn1/oid.h"
#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/windows/security_descriptor.h"
#include "ldap/entry.h"
#include "templates/flags.h"

namespace mimica::templates {

// `pKIKeyUsage`: the content of the X.509 BIT STRING, most significant bit first. Built-in templates hold two octets,
// templates whose key usage was saved by the console hold one; both are kept as found.
class KeyUsage {
 public:
  enum class Bit : std::uint16_t {  // first octet in the low byte
    digital_signature = 0x80,
    non_repudiation = 0x40,  // "Signature is proof of origin"
    key_encipherment = 0x20,
    data_encipherment = 0x10,
    key_agreement = 0x08,
    key_cert_sign = 0x04,
    crl_sign = 0x02,
    encipher_only = 0x01,
    decipher_only = 0x8000,
  };
  KeyUsage() = default;
  explicit KeyUsage(Bytes octets) : octets_(std::move(octets)) {}
  const Bytes& octets() const { return octets_; }
  bool has(Bit bit) const;
  // Saves as the console does: one octet, two when decipher_only is set. Unchanged values keep their form.
  void set(Bit bit, bool on);
  bool empty() const;                      // no bit set
  std::vector<std::string> names() const;  // "digitalSignature", in bit order
  bool operator==(const KeyUsage&) const = default;

 private:
  Bytes octets_;
};

// One of `pKIDefaultCSPs`: "1,Microsoft Software Key Storage Provider".
struct Provider {
  int preference = 0;  // from 1, lower first; 0: the value had no number
  std::string name;
  bool operator==(const Provider&) const = default;
};

// One property of the packed form of msPKI-RA-Application-Policies (MS-CRTD 2.23.2): DWORD or text.
struct KeyProperty {
  std::string name;  // "msPKI-Asymmetric-Algorithm"
  std::variant<std::uint32_t, std::string> value;
  bool operator==(const KeyProperty&) const = default;
};

enum class DefaultKeySpec : std::uint32_t { key_exchange = 1, signature = 2 };  // AT_KEYEXCHANGE, AT_SIGNATURE

struct CertificateTemplate {
  std::string cn;            // the template name that requests and profiles must use
  std::string display_name;  // for people only
  int schema_version = 1;    // 1 to 4; a CA ignores templates with any other
  std::uint32_t major_revision = 0;
  std::uint32_t minor_revision = 0;
  Oid oid;  // empty: the object has none
  FlagSet<GeneralFlag> flags;
  FlagSet<EnrollmentFlag> enrollment_flags;
  FlagSet<PrivateKeyFlag> private_key_flags;
  FlagSet<NameFlag> name_flags;
  KeyUsage key_usage;
  Seconds validity = 0;
  Seconds overlap = 0;                 // renewal window before the end
  std::int32_t max_issuing_depth = 0;  // -1: no path length
  std::vector<Oid> critical_extensions;
  std::vector<Oid> extended_key_usage;
  std::vector<Oid> application_policies;  // schema 2 and later; see effective_application_policies()
  std::vector<Provider> default_providers;
  DefaultKeySpec default_key_spec = DefaultKeySpec::key_exchange;
  std::uint32_t minimal_key_size = 0;  // bits
  std::uint32_t ra_signatures = 0;
  std::vector<Oid> ra_issuance_policies;
  std::vector<Oid> ra_application_policies;
  // Present: msPKI-RA-Application-Policies has its packed form, and these are the properties beside the policies.
  std::optional<std::vector<KeyProperty>> key_properties;
  std::vector<Oid> issuance_policies;
  std::vector<std::string> superseded;         // cn of replaced templates
  std::optional<SecurityDescriptor> security;  // absent: the directory did not return it
  std::vector<ldap::Attribute> other;          // attributes not modelled here, as found

  bool operator==(const CertificateTemplate&) const = default;

  // The compatibility settings: 0 none, 1 Server 2003 / XP, 2 Server 2008 / Vista, 3 Server 2008 R2 / Windows 7, 4
  // Server 2012 / Windows 8, 5 Server 2012 R2 / Windows 8.1, 6 Server 2016 / Windows 10 and later.
  int ca_version() const { return static_cast<int>(private_key_flags.bits() >> 16 & 0xF); }
  int recipient_version() const { return static_cast<int>(private_key_flags.bits() >> 24 & 0xF); }
  void set_compatibility(int ca, int recipient);

  bool supplies_subject() const { return name_flags.has(NameFlag::enrollee_supplies_subject); }
  bool is_exportable() const { return private_key_flags.has(PrivateKeyFlag::exportable_key); }
  bool is_built_in() const { return flags.has(GeneralFlag::is_default); }
  // Schema 3, or 4 without USE_LEGACY_PROVIDER: keys of a key storage provider (MS-CRTD 2.23).
  bool uses_key_storage_provider() const;
  // What ends up in the certificate: the EKU attribute, else the application policies.
  const std::vector<Oid>& effective_application_policies() const;
  // The packed property of that name, without case.
  const KeyProperty* key_property(std::string_view name) const;
  // Adds or replaces, keeping the alphabetical order in which Windows writes the properties.
  void set_key_property(std::string name, std::variant<std::uint32_t, std::string> value);
};

inline constexpr std::size_t kMaxKeyProperties = 64;
// The packed string ``Name`Type`Value` ``; policies are returned apart from the other properties.
struct PackedProperties {
  std::vector<Oid> ra_application_policies;
  std::vector<KeyProperty> others;
};
Result<PackedProperties> parse_packed(std::string_view text);
std::string write_packed(const std::vector<Oid>& ra_application_policies, const std::vector<KeyProperty>& others);

// Eight octets, little-endian negative count of 100 ns (MS-CRTD 2.9); must be whole seconds.
Result<Seconds> period_from_octets(BytesView octets);
Bytes period_to_octets(Seconds period);

}  // namespace mimica::templates
