// Certificate templates, as their administrator changes and judges them.
#include <algorithm>

#include "core/base/bytes.h"
#include "harness/operations/operation.h"
#include "harness/operations/reader.h"
#include "harness/operations/values.h"
#include "harness/schema/template_keys.h"

namespace mimica::harness {
namespace step {

std::string EditTemplate::title() const {
  std::string out = "template " + name + ":";
  for (const auto& edit : edits) out += (out.back() == ':' ? " " : ", ") + edit.first + " " + edit.second;
  if (publish) out += std::string(out.back() == ':' ? " " : ", ") + (*publish ? "published" : "no longer published");
  return out;
}

Result<Report> EditTemplate::run(Lab& lab, const Earlier&) const {
  if (!edits.empty()) MIMICA_RETURN_IF_FAULT(lab.edit_template(name, edits));
  if (publish) MIMICA_RETURN_IF_FAULT(lab.publish_template(name, *publish));
  return Report{};
}

namespace {
struct RemoveTemplate {
  std::string name;
  std::string title() const { return "delete template " + name; }
  Result<Report> run(Lab& lab, const Earlier&) const { return report_of(lab.remove_template(name)); }
};

bool of_template(const audit::Finding& finding) { return finding.kind == audit::Finding::Kind::certificate_template; }

struct Lint {
  std::string certificate_template;  // empty: the worst of everything
  std::string title() const {
    return certificate_template.empty() ? std::string("lint everything") : "lint " + certificate_template;
  }
  Result<Report> run(Lab& lab, const Earlier&) const {
    MIMICA_TRY(auto findings, lab.lint());
    if (!certificate_template.empty()) {
      std::erase_if(findings, [&](const audit::Finding& finding) {
        return of_template(finding) && !equals_ignore_case(finding.subject, certificate_template);
      });
      if (std::none_of(findings.begin(), findings.end(), of_template))
        return fault("no certificate template is named '" + certificate_template + "'", {},
                     "templates are named by their cn");
    }
    Report report;
    report.trace = audit::summary(findings);
    const bool sound = report.trace.deciding() == nullptr;
    report.outcome = sound ? Outcome::done : Outcome::refused;
    report.message = sound ? "no known weakness" : "known weaknesses";
    return report;
  }
};
}  // namespace

}  // namespace step

std::vector<Operation> templates_operations() {
  using schema::View;
  return {
      {"template", 110,
       [](Vocabulary& v) -> const schema::Type* {
         std::vector<schema::Field> edit = {
             needed("name", v.text, "cn of the template."),
             field("display_name", v.text, "General tab: template display name; the name stays."),
             field("publish", v.boolean, "true: the CA issues for it from now on; false: no longer.")};
         for (schema::Field& f : v.template_fields()) edit.push_back(std::move(f));
         return v.object("edit template", "Changes a certificate template, as its administrator does.", std::move(edit),
                         "template: {name: IntuneUser, remove: Domain Users}");
       },
       [](OperationReader& reader, const View& f) -> Action {
         step::EditTemplate out{f["name"].text(), template_edits(f.node()), std::nullopt};
         if (f["display_name"]) out.edits.emplace(out.edits.begin(), "display_name", f["display_name"].text());
         if (f["publish"]) out.publish = f["publish"].boolean();
         if (out.edits.empty() && !out.publish)
           reader.add(f.node(), "nothing is to be changed", "give 'publish' or a setting of the template");
         return out;
       }},
      {"delete", 200,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("delete", "Deletes something.",
                         {verb("template", v.text, "cn of a template: off the CA's list, with its OID object.")},
                         "delete: {template: IntuneUser}");
       },
       [](OperationReader&, const View& f) -> Action { return step::RemoveTemplate{f["template"].text()}; }},
      {"lint", 210,
       [](Vocabulary& v) -> const schema::Type* {
         return v.object("lint",
                         "Judges templates and CA by the known misconfigurations; refused when something is found.",
                         {field("template", v.text, "cn of a template: this one and the CA.",
                                "everything, the worst verdict of each rule")},
                         "lint: {template: IntuneUser}");
       },
       [](OperationReader&, const View& f) -> Action { return step::Lint{f["template"].text()}; }},
  };
}

}  // namespace mimica::harness
