#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>

#include "harness/io/verb_files.h"
#include "python/answer.h"

namespace mimica::python {
namespace {

using certutil::VerbResult;
using harness::KerberosRealm;
using harness::Lab;
using harness::Report;

void bind_reports(py::module_& m) {
  py::class_<Answer>(m, "Report")
      .def_property_readonly("ok", [](const Answer& a) { return a.report.ok(); })
      .def_property_readonly("outcome", [](const Answer& a) { return text(to_string(a.report.outcome)); })
      .def_property_readonly("code", [](const Answer& a) { return code_object(a.report.code); })
      .def_property_readonly("rule", [](const Answer& a) { return text(a.report.rule()); })
      .def_property_readonly("message", [](const Answer& a) { return text(a.report.message); })
      .def_property_readonly("trace", [](const Answer& a) { return a.report.trace; })
      .def_property_readonly("events", [](const Answer& a) { return a.report.events; })
      .def_property_readonly("log",
                             [](const Answer& a) {
                               py::list out;
                               for (const auto& entry : a.report.log)
                                 out.append(py::make_tuple(text(entry.first), entry.second));
                               return out;
                             })
      .def_property_readonly("certificate", [](const Answer& a) { return a.certificate; })
      .def_property_readonly(
          "private_key",
          [](const Answer& a) { return a.report.key ? std::optional<std::string>(a.report.key->pem()) : std::nullopt; })
      .def_property_readonly("request_id", [](const Answer& a) { return a.report.request_id; })
      .def_property_readonly("stages", [](const Answer& a) { return texts(a.report.stages); });
  py::class_<KerberosRealm>(m, "KerberosRealm")
      .def_property_readonly("realm", [](const KerberosRealm& r) { return text(r.realm); })
      .def_property_readonly("port", [](const KerberosRealm& r) { return r.port; })
      .def_property_readonly("folder", [](const KerberosRealm& r) { return text(r.folder); })
      .def_property_readonly("configuration", [](const KerberosRealm& r) { return text(r.configuration); })
      .def_property_readonly("environment", [](const KerberosRealm& r) {
        py::dict out;
        for (const auto& variable : r.environment) out[text(variable.first)] = text(variable.second);
        return out;
      });
  py::class_<audit::Finding>(m, "Finding")
      .def_property_readonly(
          "kind",
          [](const audit::Finding& f) { return text(f.kind == audit::Finding::Kind::authority ? "ca" : "template"); })
      .def_property_readonly("subject", [](const audit::Finding& f) { return text(f.subject); })
      .def_property_readonly("sound", [](const audit::Finding& f) { return f.sound(); })
      .def_property_readonly("trace", [](const audit::Finding& f) { return f.trace; })
      .def_property_readonly("failed",
                             [](const audit::Finding& f) {
                               py::list out;
                               for (const Step& step : f.trace.steps())
                                 if (step.verdict == Verdict::fail) out.append(text(step.rule->id));
                               return out;
                             })
      .def("__repr__",
           [](const audit::Finding& f) { return text("<Finding " + f.subject + (f.sound() ? " sound>" : " weak>")); });
  py::class_<harness::Endpoint>(m, "Endpoint")
      .def_property_readonly("name", [](const harness::Endpoint& e) { return text(e.name); })
      .def_property_readonly("url", [](const harness::Endpoint& e) { return text(e.url); })
      .def_property_readonly("commands", [](const harness::Endpoint& e) { return texts(e.commands); })
      .def("__repr__", [](const harness::Endpoint& e) { return text("<Endpoint " + e.name + " " + e.url + ">"); });
}

void bind_verb_result(py::module_& m) {
  py::class_<VerbResult>(m, "VerbResult")
      .def_property_readonly("ok", [](const VerbResult& r) { return r.ok(); })
      .def_property_readonly("status", [](const VerbResult& r) { return code_object(r.status); })
      .def_property_readonly("text", [](const VerbResult& r) { return text(r.text); })
      .def_property_readonly("error_text", [](const VerbResult& r) { return text(r.error_text); })
      .def_property_readonly("json", [](const VerbResult& r) { return text(r.json); })
      .def_property_readonly("files",
                             [](const VerbResult& r) {
                               py::dict out;
                               for (const auto& [name, file] : r.files) out[text(name)] = octets(file.content);
                               return out;
                             })
      .def("save", [](const VerbResult& r) { unwrap(harness::write_verb_files(r)); });
}

}  // namespace

NamedCertificate named(Lab& lab, const Certificate& certificate) {
  NamedCertificate out = unnamed(certificate);
  if (std::string known = lab.summarise(certificate).template_name; !known.empty())
    out.template_name = std::move(known);
  return out;
}

Answer answer(Lab& lab, Report report) {
  std::optional<NamedCertificate> certificate;
  if (report.certificate) certificate = named(lab, *report.certificate);
  return {std::move(report), std::move(certificate)};
}

Answer answer(Report report) {
  std::optional<NamedCertificate> certificate;
  if (report.certificate) {
    certificate = unnamed(*report.certificate);
    if (report.summary && !report.summary->template_name.empty())
      certificate->template_name = report.summary->template_name;
  }
  return {std::move(report), std::move(certificate)};
}

void bind_answers(py::module_& m) {
  bind_reports(m);
  bind_verb_result(m);
}

}  // namespace mimica::python
