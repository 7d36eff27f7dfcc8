// The directory and whatever else is added to a running lab.
#include <functional>

#include "core/base/text.h"
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "harness/operations/values.h"

namespace mimica::harness {
namespace step {

std::string SetAttribute::title() const {
  return (write.caller.empty() ? "set " : write.caller + " sets ") + write.attribute + " of " + write.name + " to " +
         (write.values.empty() ? "nothing" : join(write.values, ", "));
}

Result<Report> SetAttribute::run(Lab& lab, const Earlier&) const { return report_of(lab.write_attribute(write)); }

std::string ImportLdif::title() const { return "import " + source; }

Result<Report> ImportLdif::run(Lab& lab, const Earlier&) const { return report_of(lab.import_ldif(source, text)); }

namespace {
struct Add {
  std::string what;
  std::function<Attempt(Lab&)> to;
  std::string title() const { return what; }
  Result<Report> run(Lab& lab, const Earlier&) const { return report_of(to(lab)); }
};

// With the call of the lab that takes a value of this kind.
template <typename Spec, typename Answer>
Add added(std::string title, Spec spec, Answer (Lab::*call)(const Spec&)) {
  return {std::move(title), [spec = std::move(spec), call](Lab& lab) -> Attempt { return (lab.*call)(spec); }};
}

Action addition(OperationReader& reader, const schema::View& fields) {
  const std::string& key = fields.verb()->key;
  const schema::View f = fields[key];
  if (key == "user") {
    UserSpec spec = reader.user(f);
    return added("add user " + spec.name, spec, &Lab::add_user);
  }
  if (key == "group") {
    GroupSpec spec = reader.group(f);
    return added("add group " + quote(spec.name), spec, &Lab::add_group);
  }
  if (key == "computer") {
    ComputerSpec spec = reader.computer(f);
    return added("add computer " + spec.name, spec, &Lab::add_computer);
  }
  if (key == "member") {
    const std::string group = f["group"].text();
    const std::string member = f["member"].text();
    return Add{"add " + member + " to " + quote(group),
               [=](Lab& lab) -> Attempt { return lab.add_member(group, member); }};
  }
  if (key == "device") {
    DeviceSpec spec = reader.device_spec(f);
    return added("add device " + spec.name, spec, &Lab::add_device);
  }
  if (key == "template") {
    TemplateSpec spec = reader.template_spec(f);
    return added("add template " + quote(spec.name.empty() ? spec.display_name : spec.name), spec, &Lab::add_template);
  }
  if (key == "policy") {
    IssuancePolicySpec spec = reader.policy_spec(f);
    return added("add issuance policy " + quote(spec.name), spec, &Lab::add_issuance_policy);
  }
  if (key == "profile") {
    ProfileSpec spec = reader.profile(f);
    return added("add profile " + spec.source, spec, &Lab::add_profile);
  }
  if (key == "connector") {
    ConnectorSpec spec = reader.connector_spec(f);
    return added("add connector " + spec.name, spec, &Lab::add_connector);
  }
  auto [source, text] = reader.ldif(f);
  return ImportLdif{std::move(source), std::move(text)};
}

struct Map {
  std::string account, certificate, form;
  std::string title() const {
    return "map the certificate of step " + quote(certificate) + " to " + account + " (" + form + ")";
  }
  Result<Report> run(Lab& lab, const Earlier& earlier) const {
    MIMICA_TRY(const Certificate mapped, earlier.certificate(certificate));
    return report_of(lab.map_certificate(account, mapped, form));
  }
};
}  // namespace

}  // namespace step

std::vector<Operation> directory_operations() {
  using schema::View;
  return {
      {"add", 170,
       [](Vocabulary& v) -> const schema::Type* {
         const schema::Type* member =
             v.object("membership", "A membership.",
                      {needed("group", v.text, "Group."), needed("member", v.text, "Account name.")});
         return v.object(
             "add", "Adds something to the running lab.",
             {verb("user", v.user, "A user."), verb("group", v.group, "A group."),
              verb("computer", v.computer, "A computer."), verb("member", member, "A member to a group."),
              verb("device", v.device, "A device."),
              verb("template", v.certificate_template, "A certificate template."),
              verb("policy", v.policy, "An issuance policy."), verb("profile", v.profile, "An Intune profile."),
              verb("connector", v.connector, "A connector."),
              verb("ldif", v.text,
                   "LDIF: its content (a text with line breaks, or one that begins with `dn:` or `version:`), else the "
                   "path of a file.")},
             "add: {user: {name: bob}}");
       },
       [](OperationReader& reader, const View& f) -> Action { return step::addition(reader, f); }},
      {"map", 180,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("map", "Writes an explicit mapping of a certificate into altSecurityIdentities of an account.",
                         {needed("account", v.text, "Account."), needed("certificate", v.text, "Step id."),
                          needed("form",
                                 v.choice({{"issuer_serial", "strong"},
                                           {"ski", "strong"},
                                           {"sha1_public_key", "strong"},
                                           {"issuer_sid", "strong"},
                                           {"issuer_subject", "weak"},
                                           {"subject", "weak"},
                                           {"rfc822", "weak"}},
                                          "form"),
                                 "Form of the mapping.")},
                         "map: {account: jane, certificate: first, form: issuer_serial}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         return step::Map{f["account"].text(), reader.step_id(f["certificate"]), f["form"].text()};
       }},
      {"set_attribute", 190,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object(
             "set_attribute",
             "Replaces the values of an attribute of an account, a group, a template or an issuance policy.",
             {field("account", v.text, "User or computer account."),
              field("group", v.text, "Group, instead of an account."),
              field("template", v.text, "cn of a template, instead of an account."),
              field("policy", v.text, "Display name of an issuance policy, instead of an account."),
              needed("attribute", v.text, "LDAP attribute."),
              needed("values", v.texts, "New values; an empty list removes the attribute."),
              field("as", v.text, "Account that writes, with its own rights only.", "the directory's administrator")},
             "set_attribute: {account: jane, attribute: mail, values: jane@contoso.com}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         step::SetAttribute out;
         using Object = AttributeWrite::Object;
         int objects = 0;
         for (const auto& [name, object] :
              {std::pair{"account", Object::account}, std::pair{"group", Object::group},
               std::pair{"template", Object::certificate_template}, std::pair{"policy", Object::issuance_policy}}) {
           if (!f[name]) continue;
           ++objects;
           out.write.object = object;
           out.write.name = f[name].text();
         }
         if (objects != 1)
           reader.add(f.node(), "set_attribute needs one object", "give 'account', 'group', 'template' or 'policy'");
         out.write.caller = f["as"].text();
         out.write.attribute = f["attribute"].text();
         out.write.values = f["values"].texts();
         return out;
       }},
  };
}

}  // namespace mimica::harness
