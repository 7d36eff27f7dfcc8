// The bit fields of a certificate template as typed sets (MS-CRTD 2.4, 2.26 to 2.28, certca.h).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

namespace mimica::templates {

// A set of bits of one field; bits without a name are kept.
template <typename Bit>
class FlagSet {
 public:
  constexpr FlagSet() = default;
  constexpr explicit FlagSet(std::uint32_t bits) : bits_(bits) {}
  constexpr FlagSet(std::initializer_list<Bit> flags) {
    for (const Bit flag : flags) set(flag);
  }
  constexpr bool has(Bit flag) const { return (bits_ & static_cast<std::uint32_t>(flag)) != 0; }
  constexpr void set(Bit flag, bool on = true) {
    bits_ = on ? bits_ | static_cast<std::uint32_t>(flag) : bits_ & ~static_cast<std::uint32_t>(flag);
  }
  constexpr std::uint32_t bits() const { return bits_; }
  // The signed 32-bit form that LDAP integers have.
  constexpr std::int32_t as_integer() const { return static_cast<std::int32_t>(bits_); }
  constexpr bool operator==(const FlagSet&) const = default;

 private:
  std::uint32_t bits_ = 0;
};

// `flags`. The low legacy bits are copies from Windows 2000 that a CA ignores.
enum class GeneralFlag : std::uint32_t {
  legacy_subject_request = 0x1,
  legacy_add_email = 0x2,
  legacy_add_object_guid = 0x4,
  legacy_publish_to_ds = 0x8,
  legacy_exportable_key = 0x10,
  auto_enrollment = 0x20,
  machine_type = 0x40,  // the subject is a computer
  is_ca = 0x80,
  add_directory_path = 0x100,
  add_template_name = 0x200,  // V1: put the template name extension into the certificate
  is_cross_ca = 0x800,
  do_not_persist_in_db = 0x1000,
  is_default = 0x10000,   // built in
  is_modified = 0x20000,  // changed, or a duplicate
};

// `msPKI-Enrollment-Flag`.
enum class EnrollmentFlag : std::uint32_t {
  include_symmetric_algorithms = 0x1,
  pend_all_requests = 0x2,
  publish_to_kra_container = 0x4,
  publish_to_ds = 0x8,
  auto_enrollment_check_user_ds_certificate = 0x10,
  auto_enrollment = 0x20,
  previous_approval_validate_reenrollment = 0x40,
  domain_authentication_not_required = 0x80,
  user_interaction_required = 0x100,
  add_template_name = 0x200,
  remove_invalid_certificate_from_personal_store = 0x400,
  allow_enroll_on_behalf_of = 0x800,
  add_ocsp_nocheck = 0x1000,
  enable_key_reuse_on_nt_token_keyset_storage_full = 0x2000,
  no_revocation_info_in_issued_certs = 0x4000,
  include_basic_constraints_for_ee_certs = 0x8000,
  allow_previous_approval_key_based_renewal_validate_reenrollment = 0x10000,
  issuance_policies_from_request = 0x20000,
  skip_auto_renewal = 0x40000,
  no_security_extension = 0x80000,  // KB5014754
};

// `msPKI-Private-Key-Flag`; bits 16 to 19 and 24 to 27 are the compatibility versions
// (CertificateTemplate::ca_version()).
enum class PrivateKeyFlag : std::uint32_t {
  require_private_key_archival = 0x1,
  exportable_key = 0x10,
  strong_key_protection_required = 0x20,
  require_alternate_signature_algorithm = 0x40,
  require_same_key_renewal = 0x80,
  use_legacy_provider = 0x100,
  ek_trust_on_use = 0x200,
  ek_validate_cert = 0x400,
  ek_validate_key = 0x800,
  attest_preferred = 0x1000,
  attest_required = 0x2000,
  attestation_without_policy = 0x4000,
  hello_ksp_key = 0x100000,
  hello_logon_key = 0x200000,
};

// `msPKI-Certificate-Name-Flag`.
enum class NameFlag : std::uint32_t {
  enrollee_supplies_subject = 0x1,
  add_email = 0x2,
  add_object_guid = 0x4,
  old_cert_supplies_subject_and_alt_name = 0x8,
  add_directory_path = 0x100,
  enrollee_supplies_subject_alt_name = 0x10000,  // a CA ignores it (MS-WCCE 3.2.2.6.2.1.4.5.9)
  subject_alt_require_domain_dns = 0x400000,
  subject_alt_require_spn = 0x800000,
  subject_alt_require_directory_guid = 0x1000000,
  subject_alt_require_upn = 0x2000000,
  subject_alt_require_email = 0x4000000,
  subject_alt_require_dns = 0x8000000,
  subject_require_dns_as_cn = 0x10000000,
  subject_require_email = 0x20000000,
  subject_require_common_name = 0x40000000,
  subject_require_directory_path = 0x80000000,
};

// The names of the specification: "INCLUDE_SYMMETRIC_ALGORITHMS | PUBLISH_TO_DS"; unnamed bits as one hexadecimal
// number; "0" for none.
std::string to_string(FlagSet<GeneralFlag> flags);
std::string to_string(FlagSet<EnrollmentFlag> flags);
std::string to_string(FlagSet<PrivateKeyFlag> flags);
std::string to_string(FlagSet<NameFlag> flags);

}  // namespace mimica::templates
