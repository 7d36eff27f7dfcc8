#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <vector>

#include "python/lab_handle.h"

namespace mimica::python {
namespace {

using harness::Lab;

}  // namespace

void bind_directory(LabClass& lab) {
  lab.def(
         "add_user",
         [](LabHandle& self, const harness::UserSpec& spec) {
           self.run([s = spec](Lab& l) { unwrap(l.add_user(s)); });
         },
         py::arg("spec"))
      .def(
          "add_group",
          [](LabHandle& self, const harness::GroupSpec& spec) {
            self.run([s = spec](Lab& l) { unwrap(l.add_group(s)); });
          },
          py::arg("spec"))
      .def(
          "add_computer",
          [](LabHandle& self, const harness::ComputerSpec& spec) {
            self.run([s = spec](Lab& l) { unwrap(l.add_computer(s)); });
          },
          py::arg("spec"))
      .def(
          "add_member",
          [](LabHandle& self, const std::string& group, const std::string& member) {
            self.run([&](Lab& l) { unwrap(l.add_member(group, member)); });
          },
          py::arg("group"), py::arg("member"))
      .def(
          "set_attribute",
          [](LabHandle& self, const std::string& account, const std::string& attribute,
             const std::vector<std::string>& values) {
            self.run([&](Lab& l) { unwrap(l.set_attribute(account, attribute, values)); });
          },
          py::arg("account"), py::arg("attribute"), py::arg("values"))
      .def(
          "set_kdc_registry",
          [](LabHandle& self, const std::string& name, const std::optional<std::string>& data) {
            self.run([&](Lab& l) { unwrap(l.set_kdc_registry(name, data)); });
          },
          py::arg("name"), py::arg("data"))
      .def("start_kerberos",
           [](LabHandle& self) { return self.run([](Lab& l) { return unwrap(l.start_kerberos()); }); })
      .def(
          "write_keytab",
          [](LabHandle& self, const std::string& path, const std::vector<std::string>& principals) {
            self.run([&](Lab& l) { unwrap(l.write_keytab(path, principals)); });
          },
          py::arg("path"), py::arg("principals"))
      .def(
          "map_certificate",
          [](LabHandle& self, const std::string& account, const NamedCertificate& certificate,
             const std::string& form) {
            self.run([&](Lab& l) { unwrap(l.map_certificate(account, certificate.value, form)); });
          },
          py::arg("account"), py::arg("certificate"), py::arg("form"))
      .def(
          "sid_of",
          [](LabHandle& self, const std::string& account) {
            return text(self.run([&](Lab& l) { return unwrap(l.sid_of(account)); }));
          },
          py::arg("account"))
      .def(
          "import_ldif",
          [](LabHandle& self, const std::string& source, const std::string& ldif) {
            self.run([&](Lab& l) { unwrap(l.import_ldif(source, ldif)); });
          },
          py::arg("source"), py::arg("ldif"))
      .def("export_ldif",
           [](LabHandle& self) { return text(self.run([](Lab& l) { return unwrap(l.export_ldif()); })); });
}

}  // namespace mimica::python
