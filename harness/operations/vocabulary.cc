#include "harness/operations/vocabulary.h"

#include "harness/schema/template_keys.h"

namespace mimica::harness {
namespace {

using schema::Choice;
using schema::Kind;

std::vector<std::string_view> split_bar(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto bar = text.find('|');
    out.push_back(text.substr(0, bar));
    text = bar == std::string_view::npos ? std::string_view{} : text.substr(bar + 1);
  }
  return out;
}

}  // namespace

Vocabulary::Vocabulary() {
  scalars();
  people();
  machines();
  authority();
}

Vocabulary::Vocabulary(const Vocabulary& base) : CommonTypes(base) {}

schema::Type* Vocabulary::make(Kind kind) {
  types_.emplace_back();
  types_.back().kind = kind;
  return &types_.back();
}

schema::Type* Vocabulary::object(std::string name, std::string help, std::vector<Field> fields, std::string example) {
  Type* t = make(Kind::object);
  t->name = std::move(name);
  t->help = std::move(help);
  t->fields = std::move(fields);
  t->example = std::move(example);
  return t;
}

const schema::Type* Vocabulary::list(const Type* item) {
  Type* t = make(Kind::list);
  t->item = item;
  return t;
}

const schema::Type* Vocabulary::map(const Type* item) {
  Type* t = make(Kind::map);
  t->item = item;
  return t;
}

const schema::Type* Vocabulary::choice(std::vector<Choice> values, std::string name) {
  Type* t = make(Kind::choice);
  t->values = std::move(values);
  t->name = std::move(name);
  return t;
}

const schema::Type* Vocabulary::any_of(std::vector<const Type*> alternatives, std::string example) {
  Type* t = make(Kind::any_of);
  t->alternatives = std::move(alternatives);
  t->example = std::move(example);
  return t;
}

const schema::Type* Vocabulary::number(std::int64_t low, std::int64_t high) {
  Type* t = make(Kind::integer);
  t->minimum = low;
  t->maximum = high;
  return t;
}

std::vector<schema::Field> Vocabulary::template_fields() {
  std::vector<Field> out;
  for (const TemplateKey& k : template_keys()) {
    const Type* type = text;
    switch (k.kind) {
      case Kind::integer:
        type = number(0, 1'000'000);
        break;
      case Kind::boolean:
        type = boolean;
        break;
      case Kind::duration:
        type = duration;
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
    if (k.lists != TemplateKey::Lists::none) type = texts;
    out.push_back(field(std::string(k.key), type, std::string(k.help)));
  }
  return out;
}

void Vocabulary::scalars() {
  text = make(Kind::text);
  boolean = make(Kind::boolean);
  time = make(Kind::time);
  duration = make(Kind::duration);
  code = make(Kind::code);
  rule = make(Kind::rule);
  json = make(Kind::json);
  texts = any_of({text, list(text)});
  none = choice({{"none", ""}});
}

void Vocabulary::people() {
  user = object(
      "user", "A person: an account in the directory that Entra Connect has synchronised, or a cloud-only one.",
      {needed("name", text, "sAMAccountName, for example jane"),
       field("display_name", text, "Display name, the {{UserName}} of profiles.", "the name"),
       field("upn", text, "User principal name.", "name@domain"),
       field("mail", text, "E-mail address; `-` for none.", "the UPN"),
       field("password", text, "Password for simple binds and web enrollment.", "Passw0rd!"),
       field("groups", texts, "Groups the user is a member of."),
       field("cloud_only", boolean, "Exists in Entra ID only: no account in the directory and no SID.", "false")},
      "{name: jane, upn: jane@contoso.com}");
  group = object("group", "A security group.",
                 {needed("name", text, "Name of the group."), field("members", texts, "Account names of its members.")},
                 "{name: Sales, members: [jane, bob]}");
  computer = object("computer", "A domain-joined machine beside those that devices and connectors bring along.",
                    {needed("name", text, "Name without the dollar sign."),
                     field("groups", texts, "Groups the computer account is a member of.")},
                    "{name: FILESRV01}");
}

void Vocabulary::machines() {
  const Type* platform = choice({{"windows", ""},
                                 {"ios", "iOS and iPadOS"},
                                 {"macos", ""},
                                 {"android_work_profile", "personally-owned work profile"},
                                 {"android_device_owner", "fully managed"},
                                 {"android_dedicated", "dedicated: a kiosk without a user"},
                                 {"android_corporate_work_profile", "corporate-owned work profile"},
                                 {"android_device_administrator", ""},
                                 {"aosp", "Android without Google services"}},
                                "platform");
  device =
      object("device", "A device that Intune manages.",
             {needed("name", text, "Device name."),
              field("platform", platform, "Operating system and management mode.", "windows"),
              field("join",
                    choice({{"hybrid", "joined to the directory and to Entra ID: has a computer account and SID"},
                            {"entra", "joined to Entra ID only"},
                            {"registered", "registered in Entra ID only"}},
                           "join"),
                    "How the device is joined.", "hybrid on Windows, registered elsewhere"),
              field("user", text, "Primary user; absent for kiosks and dedicated devices."),
              field("os_version", text, "Version of the operating system."),
              field("os_at_enrollment", text, "Version when the device enrolled, where that matters (Android 12)."),
              field("attributes", map(text),
                    "Properties of the device: serialNumber, imei, meid, wiFiMacAddress, azureADDeviceId, dnsName, "
                    "manufacturer, model, "
                    "ownership, osEdition, identifiersCached, googleMobileServices, multiSession, tpm, "
                    "helloProvisioned, unlocked.")},
             "{name: LAPTOP-01, platform: windows, join: hybrid, user: jane}");
  profile = object(
      "profile", "A device configuration profile in the shape of Microsoft Graph's deviceConfiguration.",
      {field("file", text, "JSON file, relative to the scenario."),
       field("inline", map(json), "The JSON itself, instead of a file."),
       field("assign", texts, "all_users, all_devices, or names of groups, users and devices; a leading `-` excludes."),
       field("set", map(json), "Properties to change in the JSON, for example certificateTemplateName.")},
      "{file: ../profiles/windows-user-pkcs.json, assign: all_users}");
  connector = object(
      "connector", "A host with the Certificate Connector for Microsoft Intune.",
      {field("name", text, "Host name; its computer account is the name with a dollar sign.", "CONNECTOR01"),
       field("version", text, "Version of the connector.", "6.2406.0.1001"),
       field("service_account", text, "Account the services run under; absent: SYSTEM, that is the computer account."),
       field("domain_joined", boolean, "Whether the host is joined to the domain.", "true"),
       field("sid_extension", boolean, "EnableSidSecurityExtension is 1 when the services first start.", "false")},
      "{name: CONNECTOR01, sid_extension: true}");
}

void Vocabulary::authority() {
  const Type* right = choice({{"request", "Request Certificates"},
                              {"issue_and_manage", "Issue and Manage Certificates"},
                              {"manage_ca", "Manage CA"},
                              {"read", "Read"}},
                             "right");
  const Type* rights = any_of({right, list(right)});
  policy = object(
      "policy", "An issuance policy: an object of the forest that certificates name.",
      {needed("name", text, "Display name."), field("oid", text, "Object identifier.", "a new one of the forest"),
       field("cps", text, "URL of the certification practice statement."),
       field("group", text, "Group whose members the holders become (msDS-OIDToGroupLink).")},
      "{name: Vault, group: Vault Admins}");
  std::vector<Field> of_template = {field("name", text, "cn of the template.", "the display name without blanks"),
                                    field("duplicate", text, "cn of the template it is copied from.", "User"),
                                    field("display_name", text, "Display name.", "the name"),
                                    field("publish", boolean, "The CA issues certificates for it.", "true")};
  for (Field& f : template_fields()) of_template.push_back(std::move(f));
  certificate_template = object(
      "template", "A certificate template made by duplicating another, with the changes an administrator makes.",
      std::move(of_template),
      "{display_name: Intune User, subject: supplied_in_request, private_key: exportable, enroll: [CONNECTOR01$]}");
  grant = object(
      "CA rights", "Rights of one account on the certification authority.",
      {needed("account", text, "User, group or computer account."), field("rights", rights, "The rights.", "request")},
      "{account: CONNECTOR01$, rights: [request, issue_and_manage]}");
}

}  // namespace mimica::harness
