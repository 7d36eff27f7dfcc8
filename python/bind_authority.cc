#include <pybind11/stl.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/verb_files.h"
#include "python/lab_handle.h"

namespace mimica::python {
namespace {

using harness::Lab;
using Edits = std::vector<std::pair<std::string, std::string>>;
using certutil::VerbProgram;
using certutil::VerbResult;

VerbResult run_verb(LabHandle& self, VerbProgram program, std::vector<std::string> arguments, std::string caller,
                    const std::map<std::string, py::bytes>& files, bool json) {
  certutil::VerbCall call{std::move(arguments), std::move(caller), {}, json};
  for (const auto& [name, content] : files) call.files[name] = to_bytes(std::string_view(std::string(content)));
  return self.run([&](Lab& l) {
    unwrap(harness::read_verb_files(program, call));
    return program == VerbProgram::certutil ? l.certutil(call) : l.certreq(call);
  });
}

void bind_verbs(LabClass& lab) {
  for (const auto& [name, program] :
       {std::pair("certutil", VerbProgram::certutil), std::pair("certreq", VerbProgram::certreq)})
    lab.def(
        name,
        [program = program](LabHandle& self, std::vector<std::string> arguments, std::string caller,
                            const std::map<std::string, py::bytes>& files, bool json) {
          return run_verb(self, program, std::move(arguments), std::move(caller), files, json);
        },
        py::arg("arguments"), py::kw_only(), py::arg("caller"), py::arg("files"), py::arg("json"));
}

void bind_templates_and_ca(LabClass& lab) {
  lab.def(
         "add_template",
         [](LabHandle& self, const harness::TemplateSpec& spec) {
           self.run([s = spec](Lab& l) { unwrap(l.add_template(s)); });
         },
         py::arg("spec"))
      .def(
          "edit_template",
          [](LabHandle& self, const std::string& name, const Edits& edits) {
            self.run([&](Lab& l) { unwrap(l.edit_template(name, edits)); });
          },
          py::arg("name"), py::arg("edits"))
      .def(
          "publish_template",
          [](LabHandle& self, const std::string& name, bool published) {
            self.run([&](Lab& l) { unwrap(l.publish_template(name, published)); });
          },
          py::arg("name"), py::arg("published"))
      .def(
          "remove_template",
          [](LabHandle& self, const std::string& name) { self.run([&](Lab& l) { unwrap(l.remove_template(name)); }); },
          py::arg("name"))
      .def(
          "add_issuance_policy",
          [](LabHandle& self, const std::string& name, const std::string& oid, const std::string& cps,
             const std::string& group) {
            self.run([&](Lab& l) { unwrap(l.add_issuance_policy({name, oid, cps, group})); });
          },
          py::arg("name"), py::arg("oid"), py::arg("cps"), py::arg("group"))
      .def("lint", [](LabHandle& self) { return self.run([](Lab& l) { return unwrap(l.lint()); }); })
      .def(
          "set_ca_rights",
          [](LabHandle& self, const harness::CaRight& right, bool granted) {
            self.run([r = right, granted](Lab& l) { unwrap(l.set_ca_rights(r, granted)); });
          },
          py::arg("right"), py::arg("granted"))
      .def(
          "set_edit_flag",
          [](LabHandle& self, const std::string& flag) { self.run([&](Lab& l) { unwrap(l.set_edit_flag(flag)); }); },
          py::arg("flag"))
      .def(
          "publish_crl",
          [](LabHandle& self, bool delta_only) {
            return self.run([=](Lab& l) { return answer(l, l.publish_crl(delta_only)); });
          },
          py::arg("delta_only") = false)
      .def(
          "renew_ca",
          [](LabHandle& self, bool new_key) {
            return self.run([=](Lab& l) { return answer(l, l.renew_ca(new_key)); });
          },
          py::arg("new_key"))
      .def("ca_certificates",
           [](LabHandle& self) {
             return self.run([](Lab& l) {
               std::vector<NamedCertificate> out;
               for (const Certificate& c : l.ca_certificates()) out.push_back(named(l, c));
               return out;
             });
           })
      .def(
          "crl_of_key",
          [](LabHandle& self, int key_index, bool delta) {
            return octets(self.run([=](Lab& l) { return unwrap(l.crl_of_key(key_index, delta)); }));
          },
          py::arg("key_index"), py::arg("delta"))
      .def(
          "set_publication",
          [](LabHandle& self, bool reachable, bool renewed) {
            self.run([=](Lab& l) { unwrap(l.set_publication(reachable, renewed)); });
          },
          py::arg("reachable"), py::arg("renewed"))
      .def(
          "revoke",
          [](LabHandle& self, const NamedCertificate& certificate, const std::string& caller, int reason) {
            return self.run([&](Lab& l) { return answer(l, l.revoke(certificate.value, caller, reason)); });
          },
          py::arg("certificate"), py::arg("caller"), py::arg("reason"))
      .def(
          "resolve_pending",
          [](LabHandle& self, std::int64_t request_id, const std::string& caller, bool issue) {
            return self.run([&](Lab& l) { return answer(l, l.resolve_pending(request_id, caller, issue)); });
          },
          py::arg("request_id"), py::arg("caller"), py::arg("issue"))
      .def("ca_certificate",
           [](LabHandle& self) { return self.run([](Lab& l) { return named(l, l.ca_certificate()); }); })
      .def("ca_chain",
           [](LabHandle& self) {
             return self.run([](Lab& l) {
               std::vector<NamedCertificate> out;
               for (const Certificate& c : l.ca_chain()) out.push_back(named(l, c));
               return out;
             });
           })
      .def(
          "crl",
          [](LabHandle& self, bool of_root) {
            return octets(self.run([of_root](Lab& l) { return unwrap(l.crl(of_root)); }));
          },
          py::arg("of_root"))
      .def(
          "request_trace",
          [](LabHandle& self, std::int64_t request_id) {
            return self.run([request_id](Lab& l) { return unwrap(l.request_trace(request_id)); });
          },
          py::arg("request_id"))
      .def(
          "explain_request",
          [](LabHandle& self, std::int64_t request_id) {
            return text(self.run([request_id](Lab& l) { return unwrap(l.explain_request(request_id)); }));
          },
          py::arg("request_id"))
      .def(
          "explain_certificate",
          [](LabHandle& self, const NamedCertificate& certificate) {
            return text(self.run([&](Lab& l) { return unwrap(l.explain_certificate(certificate.value)); }));
          },
          py::arg("certificate"));
}

}  // namespace

void bind_authority(LabClass& lab) {
  bind_verbs(lab);
  bind_templates_and_ca(lab);
}

}  // namespace mimica::python
