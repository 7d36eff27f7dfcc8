#include "templates/edit.h"

#include <algorithm>

#include "core/base/refusal.h"
#include "templates/edit_rules.h"

namespace mimica::templates {
namespace {

const Oid& old_subject_alt_name() {
  static const Oid oid("2.5.29.7");
  return oid;
}

constexpr std::uint32_t kFullWithoutControlAccess = access::kFullControl & ~access::kControlAccess;
constexpr int kNewestVersion = 6;

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

Fault refused(const CertificateTemplate& value, const Rule& rule, HResult code, std::string what,
              std::string hint = {}) {
  return refused_by(rule, fault(code, "template \"" + value.cn + "\": " + std::move(what), {}, std::move(hint)));
}

// Schema version and the legacy provider bit follow compatibility and provider category.
void settle_schema(CertificateTemplate& value, bool key_storage) {
  const bool newest = value.ca_version() >= 4 && value.recipient_version() >= 4;
  value.schema_version = newest ? 4 : key_storage ? 3 : 2;
  value.private_key_flags.set(PrivateKeyFlag::use_legacy_provider, newest && !key_storage);
  if (!key_storage) {
    value.key_properties.reset();
  } else if (!value.key_properties) {
    // What the console writes for a new choice of key storage provider (observed).
    value.set_key_property("msPKI-Asymmetric-Algorithm", "RSA");
    value.set_key_property("msPKI-Hash-Algorithm", "SHA1");
    value.set_key_property("msPKI-Key-Usage", 0xFFFFFFU);
    value.set_key_property("msPKI-Symmetric-Algorithm", "3DES");
    value.set_key_property("msPKI-Symmetric-Key-Length", 168U);
  }
}

bool has_entry(const SecurityDescriptor& sd, const Sid& account) {
  return sd.dacl && std::any_of(sd.dacl->aces.begin(), sd.dacl->aces.end(),
                                [&](const Ace& ace) { return ace.trustee == account; });
}

struct Permission {
  std::uint32_t mask;
  std::optional<Guid> object_type;
};
Permission permission(Right right) {
  switch (right) {
    case Right::full_control:
      return {access::kFullControl, {}};
    case Right::read:
      return {access::kGenericRead, {}};
    case Right::write:
      return {access::kWriteProperty | access::kWriteDac | access::kWriteOwner, {}};
    case Right::enroll:
      return {access::kControlAccess, guids::kEnroll};
    case Right::autoenroll:
      return {access::kControlAccess, guids::kAutoEnroll};
  }
  return {0, {}};
}

// Takes the right out of every explicit entry of the account. An entry for one extended right goes as a whole, with the
// property bits that the built-in templates combine it with.
void clear_permission(Acl& acl, const Sid& account, const Permission& what) {
  std::erase_if(acl.aces, [&](Ace& ace) {
    if (ace.trustee != account || (ace.flags & 0x10) != 0 || ace.object_type != what.object_type) return false;
    ace.mask &= what.object_type ? 0 : ~what.mask;
    return ace.mask == 0;
  });
}

Result<void> set_permission(CertificateTemplate& value, const edit::SetPermission& change) {
  SecurityDescriptor& sd = *value.security;
  const Permission what = permission(change.right);
  switch (change.column) {
    case edit::Column::allow:
      if (!has_entry(sd, change.account)) grant(sd, change.account, access::kGenericRead);
      grant(sd, change.account, what.mask, what.object_type);
      break;
    case edit::Column::deny:
      if (what.object_type && sd.dacl) clear_permission(*sd.dacl, change.account, what);
      deny(sd, change.account, what.mask, what.object_type);
      break;
    case edit::Column::clear:
      if (sd.dacl) clear_permission(*sd.dacl, change.account, what);
      break;
  }
  if (sd.dacl) sort_as_directory(*sd.dacl);
  return {};
}

Result<void> set_compatibility(CertificateTemplate& value, const edit::SetCompatibility& change) {
  for (const int version : {change.ca, change.recipient}) {
    if (version < 1 || version > kNewestVersion)
      return refused(value, rule::kEditCompatibility, HResult::E_INVALIDARG, "compatibility versions go from 1 to 6");
  }
  const bool key_storage = value.uses_key_storage_provider();
  if (key_storage && (change.ca < 2 || change.recipient < 2)) {
    return refused(value, rule::kEditKeyStorage, HResult::ERROR_NOT_SUPPORTED,
                   "a key storage provider needs Windows Server 2008 and Windows Vista or later");
  }
  value.set_compatibility(change.ca, change.recipient);
  settle_schema(value, key_storage);
  return {};
}

Result<void> use_providers(CertificateTemplate& value, const edit::UseProviders& change) {
  const bool key_storage = change.category == edit::ProviderCategory::key_storage;
  if (key_storage && (value.ca_version() < 2 || value.recipient_version() < 2)) {
    return refused(value, rule::kEditKeyStorage, HResult::ERROR_NOT_SUPPORTED,
                   "a key storage provider needs compatibility Windows Server 2008 and Windows Vista or later",
                   "set the compatibility first");
  }
  settle_schema(value, key_storage);
  std::vector<std::string> names = change.names;
  if (names.empty()) {
    names = key_storage ? std::vector<std::string>{"Microsoft Software Key Storage Provider"}
                        : std::vector<std::string>{"Microsoft Enhanced Cryptographic Provider v1.0",
                                                   "Microsoft Base Cryptographic Provider v1.0"};
  }
  value.default_providers.clear();
  int preference = 0;
  for (std::string& name : names) value.default_providers.push_back({++preference, std::move(name)});
  return {};
}

Result<void> set_key_property(CertificateTemplate& value, std::string_view name, const std::string& text) {
  if (!value.uses_key_storage_provider()) {
    return refused(value, rule::kEditAlgorithmProvider, HResult::ERROR_NOT_SUPPORTED,
                   "only templates for a key storage provider name algorithms", "choose provider: ksp first");
  }
  if (text.empty() || text.find('`') != std::string::npos)
    return refused(value, rule::kEditAlgorithmName, HResult::E_INVALIDARG, "'" + text + "' is no algorithm name");
  value.set_key_property(std::string(name), text);
  return {};
}

void set_autoenrollment(CertificateTemplate& value, bool on) {
  value.enrollment_flags.set(EnrollmentFlag::auto_enrollment, on);
  std::erase(value.critical_extensions, old_subject_alt_name());
  if (!on) value.critical_extensions.push_back(old_subject_alt_name());
}

bool is_permission(const Edit& change) {
  return std::holds_alternative<edit::SetPermission>(change) || std::holds_alternative<edit::RemoveAccount>(change);
}

}  // namespace

Result<void> apply_edit(CertificateTemplate& value, const Edit& change) {
  if (is_permission(change)) {
    if (!value.security)
      return refused(value, rule::kEditPermissionsKnown, HResult::ERROR_NOT_SUPPORTED,
                     "its security descriptor is not known, so permissions cannot be changed");
  } else if (value.schema_version == 1) {
    return refused(value, rule::kEditSchemaVersion, HResult::ERROR_NOT_SUPPORTED,
                   "templates of schema version 1 cannot be edited, except for their permissions",
                   "duplicate it and edit the copy");
  }
  const auto set_flag = [&value](EnrollmentFlag flag, bool on) -> Result<void> {
    value.enrollment_flags.set(flag, on);
    return {};
  };
  return std::visit(
      Overloaded{
          [&](const edit::SetDisplayName& e) -> Result<void> {
            if (trim(e.name).empty())
              return refused(value, rule::kEditDisplayName, HResult::E_INVALIDARG, "the display name is empty");
            value.display_name = e.name;
            return {};
          },
          [&](const edit::SetValidity& e) -> Result<void> {
            if (e.period <= 0)
              return refused(value, rule::kEditValidity, HResult::E_INVALIDARG, "the validity period must be positive");
            value.validity = e.period;
            return {};
          },
          [&](const edit::SetOverlap& e) -> Result<void> {
            if (e.period < 0)
              return refused(value, rule::kEditRenewal, HResult::E_INVALIDARG,
                             "the renewal period must not be negative");
            value.overlap = e.period;
            return {};
          },
          [&](const edit::PublishInAd& e) { return set_flag(EnrollmentFlag::publish_to_ds, e.on); },
          [&](const edit::SetCompatibility& e) { return set_compatibility(value, e); },
          [&](const edit::AllowExport& e) -> Result<void> {
            value.private_key_flags.set(PrivateKeyFlag::exportable_key, e.on);
            return {};
          },
          [&](const edit::IncludeSymmetricAlgorithms& e) {
            return set_flag(EnrollmentFlag::include_symmetric_algorithms, e.on);
          },
          [&](const edit::SetMinimumKeySize& e) -> Result<void> {
            if (e.bits < 160 || e.bits > 16384)
              return refused(value, rule::kEditKeySize, HResult::E_INVALIDARG, "key sizes go from 160 to 16384 bits");
            value.minimal_key_size = e.bits;
            return {};
          },
          [&](const edit::UseProviders& e) { return use_providers(value, e); },
          [&](const edit::SetKeyAlgorithm& e) { return set_key_property(value, "msPKI-Asymmetric-Algorithm", e.name); },
          [&](const edit::SetHashAlgorithm& e) { return set_key_property(value, "msPKI-Hash-Algorithm", e.name); },
          [&](const edit::SupplyInRequest&) -> Result<void> {
            value.name_flags = {NameFlag::enrollee_supplies_subject};
            set_autoenrollment(value, false);
            return {};
          },
          [&](const edit::BuildFromDirectory& e) -> Result<void> {
            value.name_flags = e.names;
            set_autoenrollment(value, true);
            return {};
          },
          [&](const edit::SetApplicationPolicies& e) -> Result<void> {
            value.extended_key_usage = e.policies;
            value.application_policies = e.policies;
            return {};
          },
          [&](const edit::SetIssuancePolicies& e) -> Result<void> {
            value.issuance_policies = e.policies;
            return {};
          },
          [&](const edit::SetProofOfOrigin& e) -> Result<void> {
            value.key_usage.set(KeyUsage::Bit::non_repudiation, e.on);
            return {};
          },
          [&](const edit::RequireManagerApproval& e) { return set_flag(EnrollmentFlag::pend_all_requests, e.on); },
          [&](const edit::RequireSignatures& e) -> Result<void> {
            if (e.count > 100)
              return refused(value, rule::kEditSignatures, HResult::E_INVALIDARG,
                             "more than 100 authorised signatures cannot be required");
            value.ra_signatures = e.count;
            return {};
          },
          [&](const edit::SetRaApplicationPolicies& e) -> Result<void> {
            value.ra_application_policies = e.policies;
            return {};
          },
          [&](const edit::SetRaIssuancePolicies& e) -> Result<void> {
            value.ra_issuance_policies = e.policies;
            return {};
          },
          [&](const edit::Supersede& e) -> Result<void> {
            value.superseded = e.names;
            return {};
          },
          [&](const edit::SetPermission& e) { return set_permission(value, e); },
          [&](const edit::RemoveAccount& e) -> Result<void> {
            remove_trustee(*value.security, e.account);
            return {};
          },
          [&](const edit::SuppressSecurityExtension& e) {
            return set_flag(EnrollmentFlag::no_security_extension, e.on);
          },
      },
      change);
}

Result<void> save(CertificateTemplate& value, std::span<const Edit> edits) {
  CertificateTemplate changed = value;
  for (const Edit& change : edits) MIMICA_RETURN_IF_FAULT(apply_edit(changed, change));
  if (changed.overlap >= changed.validity) {
    return refused(changed, rule::kEditOverlap, HResult::CERTSRV_E_CERT_TYPE_OVERLAP,
                   "the renewal period of " + to_text(changed.overlap) + " is not shorter than the validity of " +
                       to_text(changed.validity));
  }
  if (changed.schema_version > 1) {
    changed.flags.set(GeneralFlag::is_modified);
    changed.minor_revision = (changed.minor_revision + 1) & 0x7FFFFFFF;
  }
  value = std::move(changed);
  return {};
}

Result<void> check_removable(const CertificateTemplate& value) {
  if (value.is_built_in())
    return refused(value, rule::kEditBuiltIn, HResult::ERROR_NOT_SUPPORTED, "built-in templates are not deleted here",
                   "take it off the CA's list instead");
  return {};
}

Result<CertificateTemplate> duplicate(const CertificateTemplate& source, const DuplicateOptions& options) {
  if (trim(options.display_name).empty())
    return refused(source, rule::kEditDisplayName, HResult::E_INVALIDARG, "a duplicate needs a display name");
  if (options.oid.empty())
    return refused(source, rule::kEditOid, HResult::E_INVALIDARG, "a duplicate needs an object identifier of its own");
  CertificateTemplate copy = source;
  copy.display_name = options.display_name;
  copy.cn = options.name;
  if (copy.cn.empty()) {
    copy.cn = options.display_name;
    std::erase(copy.cn, ' ');
  }
  copy.oid = options.oid;
  copy.major_revision = 100;
  copy.minor_revision = 2;
  copy.flags.set(GeneralFlag::is_default, false);
  copy.flags.set(GeneralFlag::is_modified);
  copy.superseded.clear();
  copy.other.clear();
  if (source.schema_version == 1) copy.application_policies = source.extended_key_usage;
  const bool key_storage = source.uses_key_storage_provider();
  const int lowest = key_storage ? 2 : 1;
  copy.set_compatibility(std::max(source.ca_version(), lowest), std::max(source.recipient_version(), lowest));
  settle_schema(copy, key_storage);
  std::stable_sort(copy.default_providers.begin(), copy.default_providers.end(),
                   [](const Provider& a, const Provider& b) { return a.preference < b.preference; });
  if (options.creator && copy.security) {
    copy.security->owner = *options.creator;
    if (!has_entry(*copy.security, *options.creator)) {
      grant(*copy.security, *options.creator, kFullWithoutControlAccess);
    }
    if (copy.security->dacl) sort_as_directory(*copy.security->dacl);
  }
  return copy;
}

}  // namespace mimica::templates
