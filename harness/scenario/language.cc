#include "harness/scenario/language.h"

#include "harness/scenario/template_keys.h"

namespace mimica::harness {
namespace {

using schema::Choice;
using schema::Field;
using schema::Kind;
using schema::Type;

class Language {
 public:
  Language() {
    scalars();
    lab_parts();
    lab();
    expectations();
    steps();
    document();
  }
  const Type& root() const { return *document_; }
  const Type& step() const { return *step_; }

 private:
  Type* make(Kind kind) {
    types_.emplace_back();
    types_.back().kind = kind;
    return &types_.back();
  }
  Type* object(std::string name, std::string help, std::vector<Field> fields, std::string example = {}) {
    Type* t = make(Kind::object);
    t->name = std::move(name);
    t->help = std::move(help);
    t->fields = std::move(fields);
    t->example = std::move(example);
    return t;
  }
  const Type* list(const Type* item) {
    Type* t = make(Kind::list);
    t->item = item;
    return t;
  }
  const Type* map(const Type* item) {
    Type* t = make(Kind::map);
    t->item = item;
    return t;
  }
  const Type* choice(std::vector<Choice> values, std::string name = {}) {
    Type* t = make(Kind::choice);
    t->values = std::move(values);
    t->name = std::move(name);
    return t;
  }
  const Type* any_of(std::vector<const Type*> alternatives, std::string example = {}) {
    Type* t = make(Kind::any_of);
    t->alternatives = std::move(alternatives);
    t->example = std::move(example);
    return t;
  }
  const Type* number(std::int64_t low, std::int64_t high) {
    Type* t = make(Kind::integer);
    t->minimum = low;
    t->maximum = high;
    return t;
  }
  static Field field(std::string key, const Type* type, std::string help, std::string fallback = {}) {
    return {std::move(key), type, std::move(help), false, false, std::move(fallback)};
  }
  static Field needed(std::string key, const Type* type, std::string help) {
    return {std::move(key), type, std::move(help), true, false, {}};
  }
  static Field verb(std::string key, const Type* type, std::string help) {
    return {std::move(key), type, std::move(help), false, true, {}};
  }

  void scalars() {
    text_ = make(Kind::text);
    boolean_ = make(Kind::boolean);
    time_ = make(Kind::time);
    duration_ = make(Kind::duration);
    code_ = make(Kind::code);
    rule_ = make(Kind::rule);
    json_ = make(Kind::json);
    texts_ = any_of({text_, list(text_)});
    none_ = choice({{"none", ""}});
    right_ = choice({{"request", "Request Certificates"},
                     {"issue_and_manage", "Issue and Manage Certificates"},
                     {"manage_ca", "Manage CA"},
                     {"read", "Read"}},
                    "right");
    rights_ = any_of({right_, list(right_)});
    platform_ = choice({{"windows", ""},
                        {"ios", "iOS and iPadOS"},
                        {"macos", ""},
                        {"android_work_profile", "personally-owned work profile"},
                        {"android_device_owner", "fully managed"},
                        {"android_dedicated", "dedicated: a kiosk without a user"},
                        {"android_corporate_work_profile", "corporate-owned work profile"},
                        {"android_device_administrator", ""},
                        {"aosp", "Android without Google services"}},
                       "platform");
  }

  std::vector<Field> template_fields() {
    std::vector<Field> out;
    for (const TemplateKey& k : template_keys()) {
      const Type* type = text_;
      switch (k.kind) {
        case Kind::integer:
          type = number(0, 1'000'000);
          break;
        case Kind::boolean:
          type = boolean_;
          break;
        case Kind::duration:
          type = duration_;
          break;
        case Kind::choice: {
          std::vector<Choice> values;
          for (const auto word : split_bar(k.values)) values.push_back({std::string(word), ""});
          type = choice(std::move(values));
          break;
        }
        default:
          break;
      }
      if (k.lists != TemplateKey::Lists::none) type = texts_;
      out.push_back(field(std::string(k.key), type, std::string(k.help)));
    }
    return out;
  }
  static std::vector<std::string_view> split_bar(std::string_view text) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
      const auto bar = text.find('|');
      out.push_back(text.substr(0, bar));
      text = bar == std::string_view::npos ? std::string_view{} : text.substr(bar + 1);
    }
    return out;
  }

  void lab_parts() {
    user_ = object(
        "user", "A person: an account in the directory that Entra Connect has synchronised, or a cloud-only one.",
        {needed("name", text_, "sAMAccountName, for example jane"),
         field("display_name", text_, "Display name, the {{UserName}} of profiles.", "the name"),
         field("upn", text_, "User principal name.", "name@domain"),
         field("mail", text_, "E-mail address; `-` for none.", "the UPN"),
         field("password", text_, "Password for simple binds and web enrollment.", "Passw0rd!"),
         field("groups", texts_, "Groups the user is a member of."),
         field("cloud_only", boolean_, "Exists in Entra ID only: no account in the directory and no SID.", "false")},
        "{name: jane, upn: jane@contoso.com}");
    group_ =
        object("group", "A security group.",
               {needed("name", text_, "Name of the group."), field("members", texts_, "Account names of its members.")},
               "{name: Sales, members: [jane, bob]}");
    computer_ = object("computer", "A domain-joined machine beside those that devices and connectors bring along.",
                       {needed("name", text_, "Name without the dollar sign."),
                        field("groups", texts_, "Groups the computer account is a member of.")},
                       "{name: FILESRV01}");
    device_ =
        object("device", "A device that Intune manages.",
               {needed("name", text_, "Device name."),
                field("platform", platform_, "Operating system and management mode.", "windows"),
                field("join",
                      choice({{"hybrid", "joined to the directory and to Entra ID: has a computer account and SID"},
                              {"entra", "joined to Entra ID only"},
                              {"registered", "registered in Entra ID only"}},
                             "join"),
                      "How the device is joined.", "hybrid on Windows, registered elsewhere"),
                field("user", text_, "Primary user; absent for kiosks and dedicated devices."),
                field("os_version", text_, "Version of the operating system."),
                field("os_at_enrollment", text_, "Version when the device enrolled, where that matters (Android 12)."),
                field("attributes", map(text_),
                      "Properties of the device: serialNumber, imei, meid, wiFiMacAddress, azureADDeviceId, dnsName, "
                      "manufacturer, model, "
                      "ownership, osEdition, identifiersCached, googleMobileServices, multiSession, tpm, "
                      "helloProvisioned, unlocked.")},
               "{name: LAPTOP-01, platform: windows, join: hybrid, user: jane}");
    profile_ =
        object("profile", "A device configuration profile in the shape of Microsoft Graph's deviceConfiguration.",
               {field("file", text_, "JSON file, relative to the scenario."),
                field("inline", map(json_), "The JSON itself, instead of a file."),
                field("assign", texts_,
                      "all_users, all_devices, or names of groups, users and devices; a leading `-` excludes."),
                field("set", map(json_), "Properties to change in the JSON, for example certificateTemplateName.")},
               "{file: ../profiles/windows-user-pkcs.json, assign: all_users}");
    connector_ = object(
        "connector", "A host with the Certificate Connector for Microsoft Intune.",
        {field("name", text_, "Host name; its computer account is the name with a dollar sign.", "CONNECTOR01"),
         field("version", text_, "Version of the connector.", "6.2406.0.1001"),
         field("service_account", text_,
               "Account the services run under; absent: SYSTEM, that is the computer account."),
         field("domain_joined", boolean_, "Whether the host is joined to the domain.", "true"),
         field("sid_extension", boolean_, "EnableSidSecurityExtension is 1 when the services first start.", "false")},
        "{name: CONNECTOR01, sid_extension: true}");
    policy_ = object(
        "policy", "An issuance policy: an object of the forest that certificates name.",
        {needed("name", text_, "Display name."), field("oid", text_, "Object identifier.", "a new one of the forest"),
         field("cps", text_, "URL of the certification practice statement."),
         field("group", text_, "Group whose members the holders become (msDS-OIDToGroupLink).")},
        "{name: Vault, group: Vault Admins}");
    std::vector<Field> of_template = {field("name", text_, "cn of the template.", "the display name without blanks"),
                                      field("duplicate", text_, "cn of the template it is copied from.", "User"),
                                      field("display_name", text_, "Display name.", "the name"),
                                      field("publish", boolean_, "The CA issues certificates for it.", "true")};
    for (Field& f : template_fields()) of_template.push_back(std::move(f));
    template_ = object(
        "template", "A certificate template made by duplicating another, with the changes an administrator makes.",
        std::move(of_template),
        "{display_name: Intune User, subject: supplied_in_request, private_key: exportable, enroll: [CONNECTOR01$]}");
    grant_ = object("CA rights", "Rights of one account on the certification authority.",
                    {needed("account", text_, "User, group or computer account."),
                     field("rights", rights_, "The rights.", "request")},
                    "{account: CONNECTOR01$, rights: [request, issue_and_manage]}");
    import_ = object(
        "import", "Directory content from outside.",
        {needed("ldif", text_,
                "LDIF: its content, or the path of a file; domain and forest names are replaced by the lab's.")});
  }

  void lab() {
    const Type* domain =
        object("domain", "The one domain of the forest.",
               {field("dns_name", text_, "DNS name.", "contoso.com"),
                field("netbios_name", text_, "NetBIOS name.", "first label of the DNS name in capitals")});
    const Type* ca = object(
        "ca", "The certification authority.",
        {field("name", text_, "Common name.", "CONTOSO-CA"),
         field("host", text_, "DNS name of its host, in the domain.", "ca01.contoso.com"),
         field("kind",
               choice({{"enterprise", "with templates and directory"}, {"standalone", "without either"}}, "ca kind"),
               "Enterprise or standalone.", "enterprise"),
         field("tiers", number(1, 2), "2: offline root and issuing CA; 1: a single root.", "2"),
         field("key", text_, "RSA-2048, RSA-3072, RSA-4096, P-256, P-384 or P-521.", "RSA-2048"),
         field("validity", duration_, "ValidityPeriod of the CA: no certificate lives longer.", "730 d"),
         field("edit_flags", texts_, "Changes of EditFlags: `+EDITF_...` or `-EDITF_...`."),
         field("disable_extensions", texts_, "OIDs for DisableExtensionList."),
         field("request_disposition",
               choice({{"issue", "issue at once"},
                       {"pending", "a certificate manager decides"},
                       {"deny", "refuse everything"}},
                      "request disposition"),
               "What the policy module does with a request that passes.", "issue"),
         field("ocsp_urls", texts_, "URLs of an OCSP responder, for the AIA of issued certificates."),
         field("ocsp", boolean_, "The lab answers OCSP at /ocsp itself; the URL goes into the AIA.", "false"),
         field("deterministic_good", boolean_,
               "Switch: its answer about a serial number that was never issued is unknown, not good.", "false"),
         field("sid_extension_update", boolean_, "The update of May 2022 is installed (KB5014754).", "true"),
         field("application_policy_update", boolean_, "The update of November 2024 is installed (CVE-2024-49019).",
               "true"),
         field("rights", list(grant_), "Rights granted on the CA beside the defaults."),
         field("removed", texts_, "Accounts whose entries leave the CA's security, for example Authenticated Users.")});
    const Type* mode = choice({{"disabled", "0: no strong mapping is asked for"},
                               {"compatibility", "1: weak mappings are allowed with event 39"},
                               {"full", "2: weak mappings are refused"}},
                              "enforcement");
    const Type* bypass = number(0, 2);
    const Type* kdc = object(
        "kdc", "Registry and update level of the domain controllers. Absent values are the defaults of the lab's date.",
        {field("profile",
               choice({{"windows", "a Windows domain controller"},
                       {"samba", "a Samba AD domain controller where it differs: no dates, SAN URI, NTAuth or events"}},
                      "profile"),
               "Whose domain controllers they are.", "windows"),
         field("enforcement", any_of({mode, number(0, 2)}, "compatibility"), "StrongCertificateBindingEnforcement.",
               "default of the date"),
         field("backdating", duration_, "CertificateBackdatingCompensation.", "10 min; 0 min under samba"),
         field("use_subject_alt_name", boolean_, "UseSubjectAltName.", "true"),
         field("nt_auth_bypass", bypass, "AllowNtAuthPolicyBypass.", "default of the date"),
         field("has_kdc_certificate", boolean_, "Whether they have a certificate for PKINIT.", "true"),
         field("os_version", choice({{"2016", ""}, {"2019", ""}, {"2022", ""}, {"2025", ""}}),
               "Windows Server version.", "2022"),
         field("revocation_unknown_ignored", boolean_, "UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors.", "false"),
         field("revocation_cache", boolean_,
               "Switch: CRLs and OCSP answers are reused until their nextUpdate, as Windows does.", "false"),
         field("strong_name_matches", texts_, "Tuples of the policy that allows name-based strong mappings."),
         field("uri_mismatch_refused", boolean_, "Switch: a SAN URI with another SID is refused.", "true"),
         field("uri_list_accepted", boolean_,
               "Switch: a SAN URI of several values joined by commas is read up to the comma.", "false"),
         field("sid_alone_maps", boolean_, "Switch: the SID extension maps without a name or an explicit mapping.",
               "false"),
         field("unresolved_upn_refused", boolean_,
               "Switch: a SAN UPN that nobody has is refused even if an explicit mapping matches.", "true"),
         field("computer_upn_maps", boolean_,
               "Switch: a SAN UPN that leads to a computer maps it, beside its DNS name.", "true"),
         field("nt_auth_before_upn", boolean_, "Switch: NTAuth is judged before a SAN UPN of another account.",
               "false"),
         field("nt_auth_bypass_all_forms", boolean_,
               "Switch: nt_auth_bypass covers every explicit mapping, not only those that KB5057784 lists.", "true"),
         field("sha1_pukey_takes_key_hash", boolean_, "Switch: `<SHA1-PUKEY>` also takes the SHA-1 of the public key.",
               "false"),
         field("password_change_refused", boolean_, "Switch: an account that must change its password is refused.",
               "true"),
         field("application_policies_count", boolean_, "Switch: the Application Policies extension counts as EKU.",
               "false")});
    lab_ = object("lab", "What the lab is made of. Only what differs from the default lab needs to be given.",
                  {field("clock", time_, "Where the lab clock stands at the start.", "2026-01-05T08:00:00Z"),
                   field("seed", text_,
                         "Seed of all randomness and of the test keys; an empty text asks for fresh keys.", "mimica"),
                   field("directory",
                         choice({{"ldap", "look-ups go through libldap and a loopback socket"},
                                 {"in_process", "look-ups are function calls"}},
                                "directory"),
                         "How the parties ask the directory.", "ldap"),
                   field("domain", domain, "The domain."), field("ca", ca, "The certification authority."),
                   field("users", list(user_), "People."), field("groups", list(group_), "Groups."),
                   field("computers", list(computer_), "Further computers."),
                   field("policies", list(policy_), "Issuance policies of the forest."),
                   field("templates", list(template_), "Certificate templates made for this lab."),
                   field("devices", list(device_), "Devices."), field("profiles", list(profile_), "Intune profiles."),
                   field("connectors", list(connector_), "Certificate connectors; an empty list for none.",
                         "one connector CONNECTOR01"),
                   field("kdc", kdc, "The domain controllers."),
                   field("import", list(import_), "LDIF to load before anything else.")});
  }

  void expectations() {
    const Type* event = number(1, 65535);
    events_ = any_of({none_, event, list(event)}, "39");
    const Type* log_of_channel = map(any_of({event, list(event)}));
    log_ = any_of({none_, event, list(event), log_of_channel}, "{connector/Admin: 1051}");
    certificate_ =
        object("certificate", "What the certificate of this step must look like. Only what is given is compared.",
               {field("sid", text_, "`absent`, an account name, or a SID in text form."),
                field("subject", text_, "Subject, leaf first: `CN=Jane Doe, DC=contoso, DC=com`."),
                field("issuer", text_, "Issuer in the same form."),
                field("san", any_of({none_, text_, list(text_)}),
                      "All subject alternative names, in any order: `UPN=jane@contoso.com`."),
                field("template", text_, "cn of the template."), field("key", text_, "RSA-2048, P-256, ..."),
                field("eku", texts_, "All extended key usages, in any order, as OIDs or names."),
                field("validity", duration_, "Time from notBefore to notAfter."),
                field("not_after", time_, "End of validity."),
                field("same_as", text_, "Step id: the very certificate of that step."),
                field("differs_from", text_, "Step id: another certificate than that step's.")},
               "{sid: jane, san: UPN=jane@contoso.com}");
    const Type* verdict = choice({{"pass", ""}, {"fail", ""}, {"warn", ""}, {"n/a", ""}});
    expect_ = object(
        "expect",
        "What the step must answer. Without `expect` a step must succeed; with `code` or `rule` alone it must not.",
        {field("outcome",
               choice({{"issued", "a certificate was issued"},
                       {"allowed", "the logon is allowed"},
                       {"done", "the operation was carried out"},
                       {"pending", "taken under submission, waiting, or not applicable yet"},
                       {"refused", "a party decided against it"},
                       {"failed", "it could not be carried out"},
                       {"any", "whatever it is"}},
                      "outcome"),
               "The answer.", "success"),
         field("code", code_, "Code of the refusal: symbol or number."),
         field("rule", rule_, "Id of the rule that decided a refusal."),
         field("trace", map(verdict), "Verdicts of single rules: `{kdc.mapping.strong: warn}`."),
         field("event", events_, "KDC events of this logon: exactly these ids, or `none`."),
         field("log", log_, "Events that other parties logged in this step: these ids are among them, or `none`."),
         field("certificate", any_of({none_, certificate_}), "The certificate of this step, or `none`.")},
        "{outcome: refused, code: CERTSRV_E_TEMPLATE_DENIED, rule: templates.permission.enroll}");
  }

  void steps();
  void document();

  std::deque<Type> types_;
  const Type *text_{}, *boolean_{}, *time_{}, *duration_{}, *code_{}, *rule_{}, *json_{}, *texts_{}, *none_{},
      *right_{}, *rights_{}, *platform_{};
  const Type *user_{}, *group_{}, *computer_{}, *device_{}, *profile_{}, *connector_{}, *template_{}, *policy_{},
      *grant_{}, *import_{}, *lab_{};
  const Type *events_{}, *log_{}, *certificate_{}, *expect_{};
  Type* step_{};
  const Type* document_{};
};

void Language::steps() {
  const Type* deliver =
      object("deliver", "Intune hands the profile to the device: service, connector, CA, device.",
             {needed("profile", text_, "Display name of the profile."), needed("to", text_, "Device.")},
             "deliver: {profile: Intune User, to: LAPTOP-01}");
  const Type* renew =
      object("renew", "The service asks for a new certificate for a profile that the device already has.",
             {needed("profile", text_, "Display name of the profile."), needed("on", text_, "Device.")},
             "renew: {profile: Intune User, on: LAPTOP-01}");
  const Type* check_in = object("check_in", "The device checks in and receives everything that is assigned and due.",
                                {needed("device", text_, "Device.")}, "check_in: {device: LAPTOP-01}");
  const Type* enroll = object(
      "enroll", "Somebody asks the CA directly.",
      {needed("as", text_, "Account that asks."), needed("template", text_, "cn of the template."),
       field("subject", text_, "Subject in the grammar of CertStrToName.", "empty"),
       field(
           "san", texts_,
           "`upn=`, `dns=`, `email=`, `url=` names; `sid=` puts the security extension in (a SID or an account name)."),
       field("key", text_, "Key of the request.", "RSA-2048"),
       field("attributes", map(text_), "Request attributes, for example ValidityPeriod."),
       field("request", text_, "File with a ready request (DER or PEM), instead of subject, san and key."),
       field("on_behalf_of", text_, "Account for which an agent asks: CONTOSO\\\\jane or jane. Needs signed_by."),
       field("signed_by", texts_, "Step ids: their certificates sign the request."),
       field("renews", text_, "Step id: the certificate to renew; its key signs the request."),
       field("same_key", boolean_, "The renewal keeps the key.", "false"),
       field("format", choice({{"cmc", ""}, {"pkcs7", ""}}), "Form of a signed request.", "cmc")},
      "enroll: {as: jane, template: IntuneUser, subject: CN=Administrator, san: [upn=administrator@contoso.com]}");
  const Type* logon = object(
      "logon", "A certificate logon at the KDC.",
      {needed("as", text_, "Account: jane, jane@contoso.com or LAPTOP-01$."),
       field("device", text_, "Uses the newest certificate in this device's store."),
       field("profile", text_, "Only certificates of this profile."),
       field("which", choice({{"newest", ""}, {"previous", "the one before the newest"}}), "Which of them.", "newest"),
       field("certificate", text_, "Step id: the certificate of that step, instead of a device's.")},
      "logon: {device: LAPTOP-01, as: jane}");
  const Type* clock = object("clock", "Moves the lab clock.",
                             {verb("set", time_, "To this instant."), verb("advance", duration_, "By this time.")},
                             "clock: {set: 2025-09-10T08:00:00Z}");
  const Type* registry =
      object("registry", "Writes registry values on a connector host. Services see them after their next start.",
             {field("connector", text_, "Connector host.", "CONNECTOR01"),
              needed("set", map(text_), "Value names with their data."),
              field("path", text_, "Key.", "the documented key of the connector"),
              field("type", choice({{"REG_DWORD", ""}, {"REG_SZ", ""}, {"REG_BINARY", ""}}), "Value type.",
                    "REG_DWORD for whole numbers, else REG_SZ")},
             "registry: {connector: CONNECTOR01, set: {EnableSidSecurityExtension: 1}}");
  const Type* kdc_registry = object(
      "kdc registry", "Writes registry values of the domain controller. They count from the next logon on.",
      {field("set", map(text_),
             "Value names with their data: StrongCertificateBindingEnforcement, CertificateBackdatingCompensation "
             "(seconds), UseSubjectAltName, AllowNtAuthPolicyBypass, "
             "UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors, StrongNameMatches."),
       field("delete", texts_, "Names of values to delete, so that the default of the date counts.")},
      "kdc: {set: {StrongCertificateBindingEnforcement: 2}}");
  const Type* restart = object("restart", "Restarts services of a connector host.",
                               {field("connector", text_, "Connector host.", "CONNECTOR01"),
                                needed("service", texts_, "Display names of the services.")},
                               "restart: {service: PFX Create Certificate Connector for Microsoft Intune}");
  const Type* upgrade =
      object("upgrade", "Installs another version of the connector.",
             {field("connector", text_, "Connector host.", "CONNECTOR01"), needed("version", text_, "Version.")},
             "upgrade: {version: 6.2406.0.1001}");
  std::vector<Field> edit = {needed("name", text_, "cn of the template."),
                             field("display_name", text_, "General tab: template display name; the name stays."),
                             field("publish", boolean_, "true: the CA issues for it from now on; false: no longer.")};
  for (Field& f : template_fields()) edit.push_back(std::move(f));
  const Type* template_edit = object("edit template", "Changes a certificate template, as its administrator does.",
                                     std::move(edit), "template: {name: IntuneUser, remove: Domain Users}");
  const Type* update = choice({{"may_2022", "KB5014754: the SID extension"},
                               {"november_2024", "CVE-2024-49019: requested application policies are dropped"}},
                              "update");
  const Type* ca =
      object("change ca", "Changes the certification authority.",
             {verb("grant", grant_, "Grants rights."), verb("remove", grant_, "Takes rights away."),
              verb("edit_flag", texts_, "`+EDITF_...` sets, `-EDITF_...` clears."),
              verb("install_update", any_of({update, list(update)}), "Installs updates on its host."),
              verb("publish_crl", boolean_, "Publishes a new base CRL, and a delta CRL with it."),
              verb("publish_delta_crl", boolean_, "Publishes a new delta CRL alone."),
              verb("renew", choice({{"new_key", ""}, {"same_key", ""}}), "Renews the certificate of the CA.")},
             "ca: {grant: {account: CONNECTOR01$, rights: request}}");
  const Type* publication =
      object("publication", "How the places where CRLs and CA certificates are published work from now on.",
             {field("reachable", boolean_, "false: neither the HTTP server nor the directory gives them out.", "true"),
              field("renewed", boolean_, "false: CRLs that are due are not published; the last ones stay.", "true")},
             "publication: {reachable: false}");
  const Type* revoke =
      object("revoke", "Revokes the certificate of an earlier step.",
             {needed("certificate", text_, "Step id."), field("as", text_, "Account that asks.", "Administrator"),
              field("reason",
                    choice({{"unspecified", ""},
                            {"key_compromise", ""},
                            {"ca_compromise", ""},
                            {"affiliation_changed", ""},
                            {"superseded", ""},
                            {"cessation_of_operation", ""},
                            {"certificate_hold", ""}},
                           "reason"),
                    "Reason code.", "unspecified")},
             "revoke: {certificate: first, reason: key_compromise}");
  const Type* resolve = object("resolve", "A certificate manager decides on a pending request.",
                               {needed("request", text_, "Step id of the request."),
                                field("as", text_, "Account that decides.", "Administrator"),
                                needed("decision", choice({{"issue", ""}, {"deny", ""}}), "What is decided.")},
                               "resolve: {request: asked, decision: issue}");
  const Type* trust =
      object("trust", "Puts the lab's root into the device's store, or takes it out.",
             {needed("device", text_, "Device."), field("trusted", boolean_, "Whether it is trusted.", "true")},
             "trust: {device: LAPTOP-01}");
  const Type* member = object("membership", "A membership.",
                              {needed("group", text_, "Group."), needed("member", text_, "Account name.")});
  const Type* add = object(
      "add", "Adds something to the running lab.",
      {verb("user", user_, "A user."), verb("group", group_, "A group."), verb("computer", computer_, "A computer."),
       verb("member", member, "A member to a group."), verb("device", device_, "A device."),
       verb("template", template_, "A certificate template."), verb("policy", policy_, "An issuance policy."),
       verb("profile", profile_, "An Intune profile."), verb("connector", connector_, "A connector."),
       verb("ldif", text_,
            "LDIF: its content (a text with line breaks, or one that begins with `dn:` or `version:`), else "
            "the path of a file.")},
      "add: {user: {name: bob}}");
  const Type* map_step =
      object("map", "Writes an explicit mapping of a certificate into altSecurityIdentities of an account.",
             {needed("account", text_, "Account."), needed("certificate", text_, "Step id."),
              needed("form",
                     choice({{"issuer_serial", "strong"},
                             {"ski", "strong"},
                             {"sha1_public_key", "strong"},
                             {"issuer_sid", "strong"},
                             {"issuer_subject", "weak"},
                             {"subject", "weak"},
                             {"rfc822", "weak"}},
                            "form"),
                     "Form of the mapping.")},
             "map: {account: jane, certificate: first, form: issuer_serial}");
  const Type* set_attribute = object(
      "set_attribute", "Replaces the values of an attribute of an account, a group, a template or an issuance policy.",
      {field("account", text_, "User or computer account."), field("group", text_, "Group, instead of an account."),
       field("template", text_, "cn of a template, instead of an account."),
       field("policy", text_, "Display name of an issuance policy, instead of an account."),
       needed("attribute", text_, "LDAP attribute."),
       needed("values", texts_, "New values; an empty list removes the attribute."),
       field("as", text_, "Account that writes, with its own rights only.", "the directory's administrator")},
      "set_attribute: {account: jane, attribute: mail, values: jane@contoso.com}");
  const Type* remove = object("delete", "Deletes something.",
                              {verb("template", text_, "cn of a template: off the CA's list, with its OID object.")},
                              "delete: {template: IntuneUser}");
  const Type* lint =
      object("lint", "Judges templates and CA by the known misconfigurations; refused when something is found.",
             {field("template", text_, "cn of a template: this one and the CA.",
                    "everything, the worst verdict of each rule")},
             "lint: {template: IntuneUser}");
  const Type* check = object(
      "check", "Looks without changing anything.",
      {verb("device", text_,
            "The certificates in this device's store; `expect: {certificate: ...}` looks at the newest."),
       verb("chain", text_,
            "Step id: builds and verifies the chain of its certificate at the lab's time, with the published CRLs."),
       field("count", number(0, 100000), "With `device`: the number of certificates in its store.")},
      "check: {chain: first}");

  // `repeat` holds steps, so the step type must exist before it is filled.
  step_ = make(Kind::object);
  const Type* repeat = object(
      "repeat", "Repeats steps for each combination of values; `${name}` stands for the value.",
      {needed("for_each", map(list(json_)), "Names with their lists of values."),
       needed("steps", list(step_), "The steps.")},
      "repeat:\n  for_each: {device: [LAPTOP-01, IPHONE-01]}\n  steps:\n    - check_in: {device: \"${device}\"}");
  step_->name = "step";
  step_->help = "One entry of `steps`: exactly one verb, and what is expected of it.";
  step_->example = "- logon: {device: LAPTOP-01, as: jane}\n  expect: {outcome: allowed, event: none}";
  step_->fields = {verb("deliver", deliver, deliver->help),
                   verb("renew", renew, renew->help),
                   verb("check_in", check_in, check_in->help),
                   verb("enroll", enroll, enroll->help),
                   verb("logon", logon, logon->help),
                   verb("clock", clock, clock->help),
                   verb("registry", registry, registry->help),
                   verb("kdc", kdc_registry, kdc_registry->help),
                   verb("restart", restart, restart->help),
                   verb("upgrade", upgrade, upgrade->help),
                   verb("template", template_edit, template_edit->help),
                   verb("ca", ca, ca->help),
                   verb("publication", publication, publication->help),
                   verb("revoke", revoke, revoke->help),
                   verb("resolve", resolve, resolve->help),
                   verb("trust", trust, trust->help),
                   verb("add", add, add->help),
                   verb("map", map_step, map_step->help),
                   verb("set_attribute", set_attribute, set_attribute->help),
                   verb("delete", remove, remove->help),
                   verb("lint", lint, lint->help),
                   verb("check", check, check->help),
                   verb("repeat", repeat, repeat->help),
                   field("expect", expect_, "What the step must answer.", "it succeeds"),
                   field("as", text_, "Id of the step; later steps name its certificate or request by it."),
                   field("note", text_, "A sentence for the timeline.")};
}

void Language::document() {
  document_ = object("scenario", "A scenario file is one YAML document with these keys.",
                     {needed("scenario", text_, "Title: one line."), field("why", text_, "What the scenario shows."),
                      field("refs", texts_, "Requirements, articles and specifications it follows."),
                      field("lab", lab_, "The lab.", "the default lab"),
                      field("matrix", map(list(json_)),
                            "Runs the scenario once, in a lab of its own, for each combination of these values; "
                            "`${name}` stands for the value and "
                            "`${name.key}` for a part of it."),
                      field("steps", list(step_), "What happens, in order.")});
}

const Language& language() {
  static const Language instance;
  return instance;
}

}  // namespace

const schema::Type& scenario_language() { return language().root(); }
const schema::Type& step_language() { return language().step(); }

std::string scenario_json_schema() { return schema::json_schema(scenario_language(), "Mimica scenario"); }

}  // namespace mimica::harness
