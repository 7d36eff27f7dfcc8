// The forest of a fresh domain, before a CA is installed (MS-ADTS 6.1.1, MS-WCCE 2.2.2.11).
#include "ldap/forest/forest.h"

#include "core/asn1/name.h"
#include "core/base/bytes.h"
#include "ldap/dsa/access.h"
#include "ldap/dsa/checks.h"
#include "ldap/dsa/defaults.h"
#include "ldap/dsa/known_attributes.h"
#include "ldap/dsa/passwords.h"
#include "ldap/dsa/state.h"
#include "ldap/dsa/write.h"
#include "ldap/rules.h"

namespace mimica::ldap {
namespace {

using dsa::State;

constexpr std::string_view kSite = "Default-First-Site-Name";

// Head of the domain: the rights every domain has; the many inherited object ACEs for pre-Windows 2000 access are left
// out.
constexpr std::string_view kDomainSddl =
    "O:BAG:BAD:AI(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)(A;;RPWPCRCCLCLORCWOWDSW;;;"
    "DA)"
    "(A;CI;RPWPCRCCLCLORCWOWDSDSW;;;BA)(A;CI;LC;;;RU)(A;;RPLCLORC;;;AU)(A;;RP;;;WD)(A;;RPLCLORC;;;ED)"
    "(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;ED)(OA;;CR;1131f6aa-9c07-11d1-f79f-00c04fc2dcd2;;BA)"
    "(OA;;CR;1131f6ad-9c07-11d1-f79f-00c04fc2dcd2;;BA)(OA;;CR;1131f6ad-9c07-11d1-f79f-00c04fc2dcd2;;DD)";
// Head of the configuration: what its objects inherit was observed on CN=Public Key Services (Windows Server 2016).
constexpr std::string_view kConfigurationSddl =
    "O:EAG:EAD:AI(A;;RPLCLORC;;;AU)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)(A;CI;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)"
    "(A;CI;RPWPCRCCLCLORCWOWDSDSW;;;DA)";
constexpr std::string_view kSchemaSddl =
    "O:SAG:SAD:AI(A;;RPLCLORC;;;AU)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)(A;CI;RPWPCRCCLCLORCWOWDSW;;;SA)";
// CN=Public Key Services and its containers, as they stood before the first CA was installed (observed, Server 2016).
constexpr std::string_view kPublicKeyServicesSddl =
    "O:EAG:EAD:AI(A;;RPLCLORC;;;AU)(A;;0xe01bd;;;EA)(A;;RPWPCRCCDCLCLORCWOWDSDDTSW;;;SY)"
    "(A;CIID;RPWPCRCCDCLCLORCWOWDSDDTSW;;;EA)(A;CIID;RPWPCRCCLCLORCWOWDSDSW;;;DA)";

// Set in every descriptor that a domain controller stores, together with the DACL's flag that SDDL writes as AI.
constexpr std::uint16_t kSaclAutoInherited = 0x800;

constexpr std::string_view kSecurityGlobal = "-2147483646", kSecurityLocal = "-2147483644",
                           kSecurityUniversal = "-2147483640", kBuiltinLocal = "-2147483643";

struct Group {
  std::string_view name;
  std::uint32_t rid;
  std::string_view type;
  std::string_view members = {};  // common names, separated by '|'; S-1-... are foreign security principals
};

constexpr Group kDomainGroups[] = {
    {"Domain Computers", 515, kSecurityGlobal},
    {"Domain Controllers", 516, kSecurityGlobal},
    {"Schema Admins", 518, kSecurityUniversal, "Administrator"},
    {"Enterprise Admins", 519, kSecurityUniversal, "Administrator"},
    {"Cert Publishers", 517, kSecurityLocal},
    {"Domain Admins", 512, kSecurityGlobal, "Administrator"},
    {"Domain Users", 513, kSecurityGlobal},
    {"Domain Guests", 514, kSecurityGlobal},
    {"Group Policy Creator Owners", 520, kSecurityGlobal, "Administrator"},
    {"RAS and IAS Servers", 553, kSecurityLocal},
    {"Allowed RODC Password Replication Group", 571, kSecurityLocal},
    {"Read-only Domain Controllers", 521, kSecurityGlobal},
    {"Enterprise Read-only Domain Controllers", 498, kSecurityUniversal},
    {"Denied RODC Password Replication Group", 572, kSecurityLocal,
     "krbtgt|Domain Controllers|Schema Admins|Enterprise Admins|Cert Publishers|Domain Admins|Group Policy Creator "
     "Owners|Read-only Domain Controllers"},
    {"Cloneable Domain Controllers", 522, kSecurityGlobal},
    {"Protected Users", 525, kSecurityGlobal},
    {"Key Admins", 526, kSecurityGlobal},
    {"Enterprise Key Admins", 527, kSecurityUniversal},
    {"DnsAdmins", 1101, kSecurityLocal},
    {"DnsUpdateProxy", 1102, kSecurityGlobal},
};
constexpr Group kBuiltinGroups[] = {
    {"Administrators", 544, kBuiltinLocal, "Administrator|Enterprise Admins|Domain Admins"},
    {"Users", 545, kBuiltinLocal, "S-1-5-4|S-1-5-11|Domain Users"},
    {"Guests", 546, kBuiltinLocal, "Guest|Domain Guests"},
    {"Print Operators", 550, kBuiltinLocal},
    {"Backup Operators", 551, kBuiltinLocal},
    {"Replicator", 552, kBuiltinLocal},
    {"Remote Desktop Users", 555, kBuiltinLocal},
    {"Network Configuration Operators", 556, kBuiltinLocal},
    {"Performance Monitor Users", 558, kBuiltinLocal},
    {"Performance Log Users", 559, kBuiltinLocal},
    {"Distributed COM Users", 562, kBuiltinLocal},
    {"IIS_IUSRS", 568, kBuiltinLocal, "S-1-5-17"},
    {"Cryptographic Operators", 569, kBuiltinLocal},
    {"Event Log Readers", 573, kBuiltinLocal},
    {"Certificate Service DCOM Access", 574, kBuiltinLocal},
    {"RDS Remote Access Servers", 575, kBuiltinLocal},
    {"RDS Endpoint Servers", 576, kBuiltinLocal},
    {"RDS Management Servers", 577, kBuiltinLocal},
    {"Hyper-V Administrators", 578, kBuiltinLocal},
    {"Access Control Assistance Operators", 579, kBuiltinLocal},
    {"Remote Management Users", 580, kBuiltinLocal},
    {"Server Operators", 549, kBuiltinLocal},
    {"Account Operators", 548, kBuiltinLocal},
    {"Pre-Windows 2000 Compatible Access", 554, kBuiltinLocal, "S-1-5-11"},
    {"Incoming Forest Trust Builders", 557, kBuiltinLocal},
    {"Windows Authorization Access Group", 560, kBuiltinLocal, "S-1-5-9"},
    {"Terminal Server License Servers", 561, kBuiltinLocal},
};

// Extended rights and validated writes (MS-ADTS 5.1.3.2.1): name, display name, rightsGuid, validAccesses, appliesTo.
struct Right {
  std::string_view cn, display_name, guid, accesses, applies_to;
};
constexpr std::string_view kControl = "256", kValidated = "8", kPropertySet = "48";
constexpr std::string_view kUser = "bf967aba-0de6-11d0-a285-00aa003049e2",
                           kGroupClass = "bf967a9c-0de6-11d0-a285-00aa003049e2",
                           kDomainDns = "19195a5b-6da0-11d0-afd3-00c04fd930c9",
                           kTemplate = "e5209ca2-3bba-11d2-90cc-00c04fd91ab1",
                           kComputer = "bf967a86-0de6-11d0-a285-00aa003049e2";
constexpr Right kRights[] = {
    {"Certificate-Enrollment", "Certificate Enrollment", "0e10c968-78fb-11d2-90d4-00c04f79dc55", kControl, kTemplate},
    {"Certificate-AutoEnrollment", "AutoEnrollment", "a05b8cc2-17bc-4802-a710-e7c15ab866a2", kControl, kTemplate},
    {"User-Force-Change-Password", "Reset Password", "00299570-246d-11d0-a768-00aa006e0529", kControl, kUser},
    {"User-Change-Password", "Change Password", "ab721a53-1e2f-11d0-9819-00aa0040529b", kControl, kUser},
    {"Send-As", "Send As", "ab721a54-1e2f-11d0-9819-00aa0040529b", kControl, kUser},
    {"Receive-As", "Receive As", "ab721a56-1e2f-11d0-9819-00aa0040529b", kControl, kUser},
    {"DS-Replication-Get-Changes", "Replicating Directory Changes", "1131f6aa-9c07-11d1-f79f-00c04fc2dcd2", kControl,
     kDomainDns},
    {"DS-Replication-Get-Changes-All", "Replicating Directory Changes All", "1131f6ad-9c07-11d1-f79f-00c04fc2dcd2",
     kControl, kDomainDns},
    {"Self-Membership", "Add/Remove self as member", "bf9679c0-0de6-11d0-a285-00aa003049e2", kValidated, kGroupClass},
    {"Validated-DNS-Host-Name", "Validated write to DNS host name", "72e39547-7b18-11d1-adef-00c04fd8d5cd", kValidated,
     kComputer},
    {"Validated-SPN", "Validated write to service principal name", "f3a64788-5306-11d1-a9c5-0000f80367c1", kValidated,
     kComputer},
    {"General-Information", "General Information", "59ba2f42-79a2-11d0-9020-00c04fc2d3cf", kPropertySet, kUser},
    {"Personal-Information", "Personal Information", "77b5b886-944a-11d1-aebd-0000f80367c1", kPropertySet, kUser},
    {"Public-Information", "Public Information", "e48d0154-bcf8-11d1-8702-00c04fb96050", kPropertySet, kUser},
    {"User-Account-Restrictions", "Account Restrictions", "4c164200-20c0-11d0-a768-00aa006e0529", kPropertySet, kUser},
    {"User-Logon", "Logon Information", "5f202010-79a5-11d0-9020-00c04fc2d4cf", kPropertySet, kUser},
    {"Membership", "Group Membership", "bc0ac240-79a9-11d0-9020-00c04fc2d4cf", kPropertySet, kUser},
};

struct WellKnown {
  std::string_view guid, rdn;
};
constexpr WellKnown kWellKnownObjects[] = {
    {"AA312825768811D1ADED00C04FD8D5CD", "CN=Computers"},
    {"F4BE92A4C777485E878E9421D53087DB", "CN=Microsoft,CN=Program Data"},
    {"09460C08AE1E4A4EA0F64AEE7DAA1E5A", "CN=Program Data"},
    {"22B70C67D56E4EFB91E9300FCA3DC1AA", "CN=ForeignSecurityPrincipals"},
    {"18E2EA80684F11D2B9AA00C04F79F805", "CN=Deleted Objects"},
    {"2FBAC1870ADE11D297C400C04FD8D5CD", "CN=Infrastructure"},
    {"AB8153B7768811D1ADED00C04FD8D5CD", "CN=LostAndFound"},
    {"AB1D30F3768811D1ADED00C04FD8D5CD", "CN=System"},
    {"A361B2FFFFD211D1AA4B00C04FD7D83A", "OU=Domain Controllers"},
    {"A9D1CA15768811D1ADED00C04FD8D5CD", "CN=Users"},
};

Entry entry_of(std::string dn, std::string_view object_class,
               std::initializer_list<std::pair<std::string_view, std::string_view>> attributes = {}) {
  Entry out(std::move(dn));
  out.set("objectClass", std::string(object_class));
  for (const auto& [name, value] : attributes) out.add(name, std::string(value));
  return out;
}

std::string dn_of_domain(std::string_view dns_name) {
  std::string out;
  for (const std::string_view label : split(dns_name, '.')) {
    if (!out.empty()) out += ',';
    out += "DC=" + escape_dn_value(label);
  }
  return out;
}

bool is_dns_name(std::string_view name) {
  constexpr std::size_t kLongestName = 255, kLongestLabel = 63;
  if (name.empty() || name.size() > kLongestName) return false;
  for (const std::string_view label : split(name, '.')) {
    if (label.empty() || label.size() > kLongestLabel) return false;
    for (const char c : label)
      if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'))
        return false;
  }
  return true;
}

Sid random_domain_sid(Entropy& entropy) {
  constexpr std::uint32_t kNonUnique = 21;
  return Sid::parse("S-1-5-" + std::to_string(kNonUnique))
      .value_or(Sid{})
      .with_rid(entropy.u32())
      .with_rid(entropy.u32())
      .with_rid(entropy.u32());
}

Result<void> put(State& state, Entry entry, std::string_view sddl = {}, std::string_view password = {}) {
  if (!sddl.empty()) {
    MIMICA_TRY(auto sd, SecurityDescriptor::from_sddl(sddl, state.domain_sid, state.domain_sid));
    sd.control |= kSaclAutoInherited;
    entry.set(known().descriptor.name, BytesView(sd.to_binary()));
  }
  dsa::Passwords passwords;
  MIMICA_TRY(auto record, dsa::draft_add(state, Caller::system(), entry, passwords));
  if (!password.empty()) record.set(known().password_last_set, {std::to_string(to_filetime(state.clock.now()))});
  const RecordId id = state.store.insert(std::move(record));
  if (!password.empty()) dsa::store_password(state, id, password);
  return {};
}

Result<void> put_head(State& state, Entry entry, std::string_view sddl) {
  MIMICA_TRY(const auto classes, dsa::checked_classes(rule::kAddObjectClass, entry.values("objectClass")));
  const ObjectClass& object_class = *classes.back();
  Record record;
  record.dn = entry.dn();
  record.key = normalise_dn(record.dn);
  record.object_class = &object_class;
  record.guid = Guid::random(state.entropy);
  std::vector<std::string> names;
  for (const ObjectClass* one : classes) names.emplace_back(one->name);
  record.set(known().object_class, std::move(names));
  record.set(*Schema::active_directory().attribute(object_class.naming_attribute), {leaf_value(record.dn)});
  record.set(known().name, {leaf_value(record.dn)});
  record.set(known().object_guid, {to_string(record.guid.to_binary())});
  for (const Attribute& attribute : entry.attributes()) {
    const AttributeType* type = Schema::active_directory().attribute(attribute.name);
    if (type != &known().object_class) record.set(*type, attribute.values);
  }
  MIMICA_TRY(auto sd, SecurityDescriptor::from_sddl(sddl, state.domain_sid, state.domain_sid));
  sd.control |= kSaclAutoInherited;
  record.set(known().descriptor, {to_string(sd.to_binary())});
  dsa::add_defaults(state, Caller::system(), record);
  MIMICA_RETURN_IF_FAULT(dsa::check_record(record));
  state.store.insert(std::move(record));
  return {};
}

Result<void> build_domain(State& state, const ForestOptions& options) {
  const std::string& domain = state.contexts.domain;
  Entry head = entry_of(domain, "domainDNS",
                        {{"instanceType", "5"},
                         {"msDS-Behavior-Version", "7"},
                         {"ms-DS-MachineAccountQuota", "10"},
                         {"isCriticalSystemObject", "TRUE"},
                         {"systemFlags", "-1946157056"},
                         {"nTMixedDomain", "0"},
                         {"maxPwdAge", "-36288000000000"},
                         {"minPwdAge", "-864000000000"},
                         {"minPwdLength", "7"},
                         {"pwdHistoryLength", "24"},
                         {"pwdProperties", "1"},
                         {"lockoutThreshold", "0"},
                         {"lockoutDuration", "-18000000000"},
                         {"lockOutObservationWindow", "-18000000000"}});
  head.set("objectSid", BytesView(state.domain_sid.to_binary()));
  for (const WellKnown& known_object : kWellKnownObjects)
    head.add("wellKnownObjects",
             "B:32:" + std::string(known_object.guid) + ":" + std::string(known_object.rdn) + "," + domain);
  MIMICA_RETURN_IF_FAULT(put_head(state, std::move(head), kDomainSddl));

  for (const std::string_view cn :
       {"Users", "Computers", "System", "Program Data", "ForeignSecurityPrincipals", "Managed Service Accounts"}) {
    Entry container = entry_of("CN=" + std::string(cn) + "," + domain, "container");
    if (cn != "System" && cn != "Program Data") container.set("showInAdvancedViewOnly", "FALSE");
    if (cn != "Program Data" && cn != "Managed Service Accounts") container.set("isCriticalSystemObject", "TRUE");
    MIMICA_RETURN_IF_FAULT(put(state, std::move(container)));
  }
  Entry builtin = entry_of("CN=Builtin," + domain, "builtinDomain",
                           {{"isCriticalSystemObject", "TRUE"}, {"showInAdvancedViewOnly", "FALSE"}});
  builtin.set("objectSid", BytesView(sids::kBuiltinAdministrators.domain().to_binary()));
  MIMICA_RETURN_IF_FAULT(put(state, std::move(builtin)));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=Microsoft,CN=Program Data," + domain, "container")));
  MIMICA_RETURN_IF_FAULT(
      put(state, entry_of("CN=LostAndFound," + domain, "lostAndFound", {{"isCriticalSystemObject", "TRUE"}})));
  MIMICA_RETURN_IF_FAULT(put(
      state, entry_of("CN=Infrastructure," + domain, "infrastructureUpdate", {{"isCriticalSystemObject", "TRUE"}})));
  MIMICA_RETURN_IF_FAULT(put(
      state, entry_of("CN=Deleted Objects," + domain, "container",
                      {{"isDeleted", "TRUE"}, {"isCriticalSystemObject", "TRUE"}, {"systemFlags", "-1946157056"}})));
  MIMICA_RETURN_IF_FAULT(
      put(state, entry_of("OU=Domain Controllers," + domain, "organizationalUnit",
                          {{"isCriticalSystemObject", "TRUE"}, {"showInAdvancedViewOnly", "FALSE"}})));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=Policies,CN=System," + domain, "container")));
  MIMICA_RETURN_IF_FAULT(
      put(state, entry_of("CN=AdminSDHolder,CN=System," + domain, "container", {{"isCriticalSystemObject", "TRUE"}})));

  const auto account = [&](std::string_view name, std::uint32_t rid_value, std::string_view control,
                           std::string_view primary) {
    Entry out = entry_of("CN=" + std::string(name) + ",CN=Users," + domain, "user",
                         {{"sAMAccountName", name},
                          {"userAccountControl", control},
                          {"primaryGroupID", primary},
                          {"isCriticalSystemObject", "TRUE"}});
    out.set("objectSid", BytesView(state.domain_sid.with_rid(rid_value).to_binary()));
    return out;
  };
  Entry administrator = account("Administrator", rid::kAdministrator, "66048", "513");
  administrator.set("adminCount", "1");
  MIMICA_RETURN_IF_FAULT(put(state, std::move(administrator), {}, options.administrator_password));
  MIMICA_RETURN_IF_FAULT(put(state, account("Guest", rid::kGuest, "66082", "514")));
  Entry krbtgt = account("krbtgt", rid::kKrbtgt, "514", "513");
  krbtgt.set("showInAdvancedViewOnly", "TRUE");
  krbtgt.set("adminCount", "1");
  krbtgt.set("servicePrincipalName", "kadmin/changepw");
  MIMICA_RETURN_IF_FAULT(put(state, std::move(krbtgt)));

  const std::string host = to_lower(state.dc_host) + "." + state.dns_name;
  Entry controller = entry_of(state.dc_dn, "computer",
                              {{"sAMAccountName", state.dc_host + "$"},
                               {"userAccountControl", "532480"},
                               {"primaryGroupID", "516"},
                               {"dNSHostName", host},
                               {"isCriticalSystemObject", "TRUE"},
                               {"operatingSystem", "Windows Server 2022 Datacenter"},
                               {"operatingSystemVersion", "10.0 (20348)"},
                               {"msDS-SupportedEncryptionTypes", "28"}});
  constexpr std::uint32_t kFirstRid = 1000;
  controller.set("objectSid", BytesView(state.domain_sid.with_rid(kFirstRid).to_binary()));
  for (const std::string& name : {"ldap/" + host, "ldap/" + state.dc_host, "ldap/" + host + "/" + state.dns_name,
                                  "ldap/" + host + "/" + state.netbios_name, "HOST/" + host, "HOST/" + state.dc_host,
                                  "HOST/" + host + "/" + state.dns_name, "GC/" + host + "/" + state.dns_name,
                                  "RestrictedKrbHost/" + host, "RestrictedKrbHost/" + state.dc_host})
    controller.add("servicePrincipalName", name);
  return put(state, std::move(controller));
}

Result<void> build_groups(State& state) {
  const std::string& domain = state.contexts.domain;
  for (const std::string_view sid_text : {"S-1-5-4", "S-1-5-9", "S-1-5-11", "S-1-5-17"})
    MIMICA_RETURN_IF_FAULT(
        put(state, entry_of("CN=" + std::string(sid_text) + ",CN=ForeignSecurityPrincipals," + domain,
                            "foreignSecurityPrincipal", {{"showInAdvancedViewOnly", "TRUE"}})));
  const auto add = [&](const Group& group, std::string_view container, const Sid& authority) -> Result<void> {
    Entry out = entry_of("CN=" + std::string(group.name) + ",CN=" + std::string(container) + "," + domain, "group",
                         {{"sAMAccountName", group.name}, {"groupType", group.type}});
    constexpr std::uint32_t kFirstOrdinaryRid = 1000;
    if (group.rid < kFirstOrdinaryRid) out.set("isCriticalSystemObject", "TRUE");
    out.set("objectSid", BytesView(authority.with_rid(group.rid).to_binary()));
    if (!group.members.empty())
      for (const std::string_view member : split(group.members, '|'))
        out.add("member",
                "CN=" + std::string(member) +
                    (starts_with_ignore_case(member, "S-1-") ? ",CN=ForeignSecurityPrincipals," : ",CN=Users,") +
                    domain);
    return put(state, std::move(out));
  };
  for (const Group& group : kDomainGroups) MIMICA_RETURN_IF_FAULT(add(group, "Users", state.domain_sid));
  for (const Group& group : kBuiltinGroups)
    MIMICA_RETURN_IF_FAULT(add(group, "Builtin", sids::kBuiltinAdministrators.domain()));
  return {};
}

Result<void> build_configuration(State& state) {
  const std::string& configuration = state.contexts.configuration;
  MIMICA_RETURN_IF_FAULT(
      put_head(state,
               entry_of(configuration, "configuration",
                        {{"instanceType", "13"}, {"isCriticalSystemObject", "TRUE"}, {"systemFlags", "-1946157056"}}),
               kConfigurationSddl));
  MIMICA_RETURN_IF_FAULT(put_head(
      state, entry_of(state.contexts.schema, "dMD", {{"instanceType", "13"}, {"objectVersion", "88"}}), kSchemaSddl));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=Aggregate," + state.contexts.schema, "subSchema")));

  MIMICA_RETURN_IF_FAULT(put(
      state, entry_of("CN=Deleted Objects," + configuration, "container",
                      {{"isDeleted", "TRUE"}, {"isCriticalSystemObject", "TRUE"}, {"systemFlags", "-1946157056"}})));
  const std::string partitions = "CN=Partitions," + configuration;
  MIMICA_RETURN_IF_FAULT(put(state, entry_of(partitions, "crossRefContainer",
                                             {{"msDS-Behavior-Version", "7"}, {"systemFlags", "-2147483648"}})));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=" + state.netbios_name + "," + partitions, "crossRef",
                                             {{"nCName", state.contexts.domain},
                                              {"dnsRoot", state.dns_name},
                                              {"nETBIOSName", state.netbios_name},
                                              {"systemFlags", "3"},
                                              {"msDS-Behavior-Version", "7"}})));
  MIMICA_RETURN_IF_FAULT(
      put(state, entry_of("CN=Enterprise Configuration," + partitions, "crossRef",
                          {{"nCName", configuration}, {"dnsRoot", state.dns_name}, {"systemFlags", "1"}})));
  MIMICA_RETURN_IF_FAULT(
      put(state, entry_of("CN=Enterprise Schema," + partitions, "crossRef",
                          {{"nCName", state.contexts.schema}, {"dnsRoot", state.dns_name}, {"systemFlags", "1"}})));

  const std::string site = "CN=" + std::string(kSite) + ",CN=Sites," + configuration;
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=Sites," + configuration, "sitesContainer")));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=Subnets,CN=Sites," + configuration, "subnetContainer")));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of(site, "site")));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=NTDS Site Settings," + site, "nTDSSiteSettings")));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=Servers," + site, "serversContainer")));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of(state.server_dn, "server",
                                             {{"dNSHostName", to_lower(state.dc_host) + "." + state.dns_name},
                                              {"serverReference", state.dc_dn}})));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=NTDS Settings," + state.server_dn, "nTDSDSA",
                                             {{"options", "1"}, {"msDS-Behavior-Version", "7"}})));

  const std::string rights = "CN=Extended-Rights," + configuration;
  MIMICA_RETURN_IF_FAULT(put(state, entry_of(rights, "container")));
  for (const Right& right : kRights)
    MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=" + std::string(right.cn) + "," + rights, "controlAccessRight",
                                               {{"displayName", right.display_name},
                                                {"rightsGuid", right.guid},
                                                {"validAccesses", right.accesses},
                                                {"appliesTo", right.applies_to}})));

  const std::string services = "CN=Services," + configuration;
  MIMICA_RETURN_IF_FAULT(put(state, entry_of(services, "container")));
  MIMICA_RETURN_IF_FAULT(put(state, entry_of("CN=Windows NT," + services, "container")));
  return put(state,
             entry_of("CN=Directory Service,CN=Windows NT," + services, "nTDSService", {{"tombstoneLifetime", "180"}}));
}

Result<void> build_public_key_services(State& state) {
  const std::string services = state.contexts.public_key_services();
  MIMICA_RETURN_IF_FAULT(put(state, entry_of(services, "container"), kPublicKeyServicesSddl));
  for (const std::string_view cn :
       {"AIA", "CDP", "Certificate Templates", "Certification Authorities", "Enrollment Services", "KRA"})
    MIMICA_RETURN_IF_FAULT(
        put(state, entry_of("CN=" + std::string(cn) + "," + services, "container"), kPublicKeyServicesSddl));
  const Guid guid = Guid::random(state.entropy);
  Entry oid = entry_of(state.contexts.oid_container(), "msPKI-Enterprise-Oid",
                       {{"msPKI-Cert-Template-OID", template_oid_base(guid)}});
  oid.set("objectGUID", BytesView(guid.to_binary()));
  return put(state, std::move(oid), kPublicKeyServicesSddl);
}

Result<void> build(State& state, const ForestOptions& options) {
  MIMICA_RETURN_IF_FAULT(build_domain(state, options));
  MIMICA_RETURN_IF_FAULT(build_groups(state));
  MIMICA_RETURN_IF_FAULT(build_configuration(state));
  return build_public_key_services(state);
}

std::unique_ptr<State> empty_state(const ForestOptions& options, const Clock& clock, Entropy& entropy) {
  auto out = std::make_unique<State>(clock, entropy);
  State& state = *out;
  state.domain_sid = options.domain_sid ? *options.domain_sid : random_domain_sid(entropy);
  state.netbios_name = to_upper(options.netbios_name);
  state.dns_name = to_lower(options.dns_name);
  state.dc_host = to_upper(options.dc_host);
  state.contexts.domain = dn_of_domain(options.dns_name);
  state.contexts.root_domain = state.contexts.domain;
  state.contexts.configuration = "CN=Configuration," + state.contexts.domain;
  state.contexts.schema = "CN=Schema," + state.contexts.configuration;
  state.schema_key = normalise_dn(state.contexts.schema);
  state.schema_seed = to_string(entropy.bytes(32));
  state.server_dn =
      "CN=" + state.dc_host + ",CN=Servers,CN=" + std::string(kSite) + ",CN=Sites," + state.contexts.configuration;
  state.dc_dn = "CN=" + state.dc_host + ",OU=Domain Controllers," + state.contexts.domain;
  return out;
}

}  // namespace

Result<std::unique_ptr<Dsa>> create_forest(const ForestOptions& options, const Clock& clock, Entropy& entropy) {
  constexpr std::size_t kLongestNetbiosName = 15;
  if (!is_dns_name(options.dns_name))
    return fault(LdapCode::invalidDNSyntax, "'" + options.dns_name + "' is no DNS name");
  if (options.netbios_name.empty() || options.netbios_name.size() > kLongestNetbiosName ||
      !is_dns_name(options.netbios_name))
    return fault(LdapCode::invalidDNSyntax, "'" + options.netbios_name + "' is no NetBIOS domain name");
  if (options.dc_host.find('.') != std::string::npos || !is_dns_name(options.dc_host))
    return fault(LdapCode::invalidDNSyntax, "'" + options.dc_host + "' is no host name");
  auto state = empty_state(options, clock, entropy);
  MIMICA_RETURN_IF_FAULT(build(*state, options));
  return std::make_unique<Dsa>(std::move(state));
}

}  // namespace mimica::ldap
