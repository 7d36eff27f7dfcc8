#include "templates/catalogue.h"

#include "core/base/bytes.h"
#include "templates/oid_container.h"

namespace mimica::templates {
namespace {

enum class Permissions {  // who may enroll beside Domain Admins and Enterprise Admins
  administrators,
  domain_users,
  domain_computers,
  computers_and_controllers,
  ras_and_ias_servers,
  domain_controllers,
  domain_controllers_autoenroll,
};

struct BuiltIn {
  std::string_view cn, display_name;
  int number, schema;
  std::uint32_t revision, minor, flags, enrollment, name, private_key, key_spec, key_size;
  std::uint8_t key_usage;  // first of two octets; the second is 0
  std::string_view critical;
  std::int32_t depth;
  int validity_days, overlap_days;
  std::string_view eku, application;
  std::uint32_t ra_signatures;
  std::string_view ra_application, providers, superseded;
  Permissions permissions;
};

constexpr BuiltIn kBuiltIn[] = {
#define MIMICA_TEMPLATE(cn, display, number, schema, revision, minor, flags, enrollment, name, private_key, key_spec, \
                        key_size, key_usage, critical, depth, validity, overlap, eku, application, ra_signatures,     \
                        ra_application, providers, superseded, permissions)                                           \
  {cn,      display,     number,      schema,        revision,       minor,     flags,      enrollment,               \
   name,    private_key, key_spec,    key_size,      key_usage,      critical,  depth,      validity,                 \
   overlap, eku,         application, ra_signatures, ra_application, providers, superseded, Permissions::permissions},
#include "templates/builtin.def"
#undef MIMICA_TEMPLATE
};

struct Short {
  std::string_view key, value;
};
constexpr Short kPurposes[] = {
    {"client", "1.3.6.1.5.5.7.3.2"},
    {"server", "1.3.6.1.5.5.7.3.1"},
    {"codesign", "1.3.6.1.5.5.7.3.3"},
    {"email", "1.3.6.1.5.5.7.3.4"},
    {"ocsp", "1.3.6.1.5.5.7.3.9"},
    {"ike", "1.3.6.1.5.5.8.2.2"},
    {"kdc", "1.3.6.1.5.2.3.5"},
    {"efs", "1.3.6.1.4.1.311.10.3.4"},
    {"efsrecovery", "1.3.6.1.4.1.311.10.3.4.1"},
    {"ctlsigning", "1.3.6.1.4.1.311.10.3.1"},
    {"smartcard", "1.3.6.1.4.1.311.20.2.2"},
    {"agent", "1.3.6.1.4.1.311.20.2.1"},
    {"caexchange", "1.3.6.1.4.1.311.21.5"},
    {"kra", "1.3.6.1.4.1.311.21.6"},
    {"dsemail", "1.3.6.1.4.1.311.21.19"},
    {"qualified", "1.3.6.1.4.1.311.10.3.10"},
};
constexpr Short kProviders[] = {
    {"base", "Microsoft Base Cryptographic Provider v1.0"},
    {"enhanced", "Microsoft Enhanced Cryptographic Provider v1.0"},
    {"schannel", "Microsoft RSA SChannel Cryptographic Provider"},
    {"dhschannel", "Microsoft DH SChannel Cryptographic Provider"},
    {"dss", "Microsoft Base DSS Cryptographic Provider"},
};

constexpr std::string_view kPublished[] = {
    "DirectoryEmailReplication",
    "DomainControllerAuthentication",
    "KerberosAuthentication",
    "EFSRecovery",
    "EFS",
    "DomainController",
    "WebServer",
    "Machine",
    "User",
    "SubCA",
    "Administrator",
};

std::string_view look_up(std::span<const Short> table, std::string_view key) {
  for (const Short& item : table) {
    if (item.key == key) return item.value;
  }
  return {};
}

std::vector<std::string_view> words(std::string_view text) {
  return text.empty() ? std::vector<std::string_view>{} : split(text, ' ');
}

std::vector<Oid> purposes(std::string_view keys) {
  std::vector<Oid> oids;
  for (const std::string_view key : words(keys)) oids.emplace_back(look_up(kPurposes, key));
  return oids;
}

// Owner and group Enterprise Admins, protected from inheritance, ACEs in the order of a domain controller.
SecurityDescriptor descriptor(Permissions permissions, const Sid& root) {
  constexpr std::uint32_t kEnrollMask = access::kControlAccess | access::kReadProperty | access::kWriteProperty;
  constexpr std::uint32_t kReadOnlyDcMask = access::kControlAccess | access::kReadProperty;
  constexpr std::uint32_t kFullWithoutControlAccess = access::kFullControl & ~access::kControlAccess;
  SecurityDescriptor sd;
  sd.control = 0x9C04;
  const Sid domain_admins = root.with_rid(rid::kDomainAdmins),
            enterprise_admins = root.with_rid(rid::kEnterpriseAdmins);
  sd.owner = enterprise_admins;
  sd.group = enterprise_admins;
  sd.dacl.emplace();
  const auto enroll = [&sd](const Sid& who, std::uint32_t mask, bool auto_enroll) {
    grant(sd, who, mask, guids::kEnroll);
    if (auto_enroll) grant(sd, who, mask, guids::kAutoEnroll);
  };
  for (const Sid& who : {domain_admins, enterprise_admins}) {
    enroll(who, kEnrollMask, false);
    grant(sd, who, kFullWithoutControlAccess);
  }
  grant(sd, sids::kAuthenticatedUsers, access::kGenericRead);
  switch (permissions) {
    case Permissions::administrators:
      break;
    case Permissions::domain_users:
      enroll(root.with_rid(rid::kDomainUsers), kEnrollMask, false);
      break;
    case Permissions::computers_and_controllers:
      enroll(root.with_rid(rid::kDomainControllers), kEnrollMask, false);
      [[fallthrough]];
    case Permissions::domain_computers:
      enroll(root.with_rid(rid::kDomainComputers), kEnrollMask, false);
      break;
    case Permissions::ras_and_ias_servers:
      enroll(root.with_rid(rid::kRasAndIas), kEnrollMask, false);
      break;
    case Permissions::domain_controllers:
    case Permissions::domain_controllers_autoenroll: {
      const bool auto_enroll = permissions == Permissions::domain_controllers_autoenroll;
      enroll(sids::kEnterpriseDcs, kEnrollMask, auto_enroll);
      enroll(root.with_rid(rid::kDomainControllers), kEnrollMask, auto_enroll);
      enroll(root.with_rid(rid::kEnterpriseReadOnlyDcs), kReadOnlyDcMask, auto_enroll);
      break;
    }
  }
  sort_as_directory(*sd.dacl);
  return sd;
}

Oid numbered(const CatalogueContext& context, int number) {
  return Oid(context.forest_base.dotted() + ".1." + std::to_string(number));
}

CertificateTemplate make(const BuiltIn& row, const CatalogueContext& context) {
  CertificateTemplate value;
  value.cn = row.cn;
  value.display_name = row.display_name;
  value.schema_version = row.schema;
  value.major_revision = row.revision;
  value.minor_revision = row.minor;
  value.oid = numbered(context, row.number);
  value.flags = FlagSet<GeneralFlag>(row.flags);
  value.enrollment_flags = FlagSet<EnrollmentFlag>(row.enrollment);
  value.name_flags = FlagSet<NameFlag>(row.name);
  value.private_key_flags = FlagSet<PrivateKeyFlag>(row.private_key);
  value.default_key_spec = static_cast<DefaultKeySpec>(row.key_spec);
  value.minimal_key_size = row.key_size;
  value.key_usage = KeyUsage({row.key_usage, 0});
  for (const std::string_view arc : words(row.critical))
    value.critical_extensions.emplace_back("2.5.29." + std::string(arc));
  value.max_issuing_depth = row.depth;
  value.validity = row.validity_days * kDay;
  value.overlap = row.overlap_days * kDay;
  value.extended_key_usage = purposes(row.eku);
  value.application_policies = purposes(row.application);
  value.ra_signatures = row.ra_signatures;
  if (row.ra_application.find('`') != std::string_view::npos) {
    value.key_properties = parse_packed(row.ra_application).value().others;
  } else {
    value.ra_application_policies = purposes(row.ra_application);
  }
  for (const std::string_view provider : words(row.providers)) {
    value.default_providers.push_back({provider[0] - '0', std::string(look_up(kProviders, provider.substr(2)))});
  }
  for (const std::string_view cn : words(row.superseded)) value.superseded.emplace_back(cn);
  value.security = descriptor(row.permissions, context.root_domain);
  return value;
}

}  // namespace

std::vector<CertificateTemplate> built_in_templates(const CatalogueContext& context) {
  std::vector<CertificateTemplate> all;
  for (const BuiltIn& row : kBuiltIn) all.push_back(make(row, context));
  return all;
}

std::optional<CertificateTemplate> built_in_template(std::string_view cn, const CatalogueContext& context) {
  for (const BuiltIn& row : kBuiltIn) {
    if (equals_ignore_case(row.cn, cn)) return make(row, context);
  }
  return std::nullopt;
}

std::span<const std::string_view> published_by_default() { return kPublished; }

std::vector<ldap::Entry> built_in_oid_entries(const CatalogueContext& context, std::string_view configuration_dn) {
  std::vector<ldap::Entry> entries;
  constexpr int kFirstWithObject = 25;  // the numbers below are those of the V1 templates
  for (const BuiltIn& row : kBuiltIn) {
    if (row.number < kFirstWithObject) continue;
    entries.push_back(
        oid_entry(numbered(context, row.number), OidKind::template_oid, row.display_name, configuration_dn));
  }
  int number = 400;
  for (const std::string_view name : {"Low Assurance", "Medium Assurance", "High Assurance"}) {
    entries.push_back(oid_entry(numbered(context, number++), OidKind::issuance_policy, name, configuration_dn));
  }
  return entries;
}

}  // namespace mimica::templates
