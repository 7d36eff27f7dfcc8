#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "python/lab_handle.h"

namespace mimica::python {
namespace {

using harness::Lab;
using harness::Report;

void bind_intune(LabClass& lab) {
  lab.def(
         "add_device",
         [](LabHandle& self, const harness::DeviceSpec& spec) {
           self.run([s = spec](Lab& l) { unwrap(l.add_device(s)); });
         },
         py::arg("spec"))
      .def(
          "add_profile",
          [](LabHandle& self, const harness::ProfileSpec& spec) {
            self.run([s = spec](Lab& l) { unwrap(l.add_profile(s)); });
          },
          py::arg("spec"))
      .def(
          "add_connector",
          [](LabHandle& self, const harness::ConnectorSpec& spec) {
            self.run([s = spec](Lab& l) { unwrap(l.add_connector(s)); });
          },
          py::arg("spec"))
      .def(
          "set_registry",
          [](LabHandle& self, const std::string& connector, const std::string& path, const std::string& name,
             const std::string& type, const std::string& value) {
            self.run([&](Lab& l) { unwrap(l.set_registry(connector, path, name, type, value)); });
          },
          py::arg("connector"), py::arg("path"), py::arg("name"), py::arg("type"), py::arg("value"))
      .def(
          "restart_service",
          [](LabHandle& self, const std::string& connector, const std::string& display_name) {
            self.run([&](Lab& l) { unwrap(l.restart_service(connector, display_name)); });
          },
          py::arg("connector"), py::arg("display_name"))
      .def(
          "upgrade_connector",
          [](LabHandle& self, const std::string& connector, const std::string& version) {
            self.run([&](Lab& l) { unwrap(l.upgrade_connector(connector, version)); });
          },
          py::arg("connector"), py::arg("version"))
      .def(
          "device_certificates",
          [](LabHandle& self, const std::string& device) {
            return self.run([&](Lab& l) {
              std::vector<NamedCertificate> out;
              for (const Certificate& c : unwrap(l.device_certificates(device))) out.push_back(named(l, c));
              return out;
            });
          },
          py::arg("device"))
      .def(
          "delivered_pfx",
          [](LabHandle& self, const std::string& device) {
            std::string password;
            const Bytes pfx = self.run([&](Lab& l) { return unwrap(l.delivered_pfx(device, password)); });
            return py::make_tuple(octets(pfx), text(password));
          },
          py::arg("device"));
}

void bind_requests(LabClass& lab) {
  lab.def(
         "enroll",
         [](LabHandle& self, std::string caller, std::string template_name, std::string subject,
            std::vector<std::string> sans, const std::string& key, std::string attributes,
            const std::optional<py::bytes>& request, const std::vector<std::pair<std::string, std::string>>& signers,
            std::string on_behalf_of, const std::optional<std::pair<std::string, std::string>>& renews, bool same_key,
            std::string format) {
           harness::EnrollSpec spec;
           spec.caller = std::move(caller);
           spec.template_name = std::move(template_name);
           spec.subject = std::move(subject);
           spec.sans = std::move(sans);
           spec.key = unwrap(parse_key_spec(key));
           spec.attributes = std::move(attributes);
           if (request) spec.request = to_bytes(std::string_view(std::string(*request)));
           const auto keyed = [](const std::pair<std::string, std::string>& pems) {
             return harness::KeyedCertificate{unwrap(Certificate::parse_pem_or_der(as_bytes(pems.first))),
                                              unwrap(PrivateKey::from_pem(pems.second))};
           };
           for (const auto& signer : signers) spec.signers.push_back(keyed(signer));
           if (renews) spec.renews = keyed(*renews);
           spec.on_behalf_of = std::move(on_behalf_of);
           spec.same_key = same_key;
           spec.format = std::move(format);
           return self.run([&](Lab& l) { return answer(l, l.enroll(spec)); });
         },
         py::kw_only(), py::arg("caller"), py::arg("template_name"), py::arg("subject"), py::arg("sans"),
         py::arg("key"), py::arg("attributes"), py::arg("request"), py::arg("signers"), py::arg("on_behalf_of"),
         py::arg("renews"), py::arg("same_key"), py::arg("format"))
      .def(
          "deliver",
          [](LabHandle& self, const std::string& profile, const std::string& device) {
            return self.run([&](Lab& l) { return answer(l, l.deliver(profile, device)); });
          },
          py::arg("profile"), py::arg("device"))
      .def(
          "renew",
          [](LabHandle& self, const std::string& profile, const std::string& device) {
            return self.run([&](Lab& l) { return answer(l, l.renew(profile, device)); });
          },
          py::arg("profile"), py::arg("device"))
      .def(
          "check_in",
          [](LabHandle& self, const std::string& device) {
            return self.run([&](Lab& l) { return answer(l, l.check_in(device)); });
          },
          py::arg("device"))
      .def(
          "trust",
          [](LabHandle& self, const std::string& device, bool trusted) {
            return self.run([&](Lab& l) { return answer(l, l.trust(device, trusted)); });
          },
          py::arg("device"), py::arg("trusted"))
      .def(
          "logon",
          [](LabHandle& self, std::string account, std::string device, std::string profile, std::string which,
             const std::optional<NamedCertificate>& certificate) {
            harness::LogonSpec spec;
            spec.as = std::move(account);
            spec.device = std::move(device);
            spec.profile = std::move(profile);
            spec.which = std::move(which);
            if (certificate) spec.certificate = certificate->value;
            return self.run([&](Lab& l) { return answer(l, l.logon(spec)); });
          },
          py::kw_only(), py::arg("account"), py::arg("device") = "", py::arg("profile") = "", py::arg("which") = "",
          py::arg("certificate") = py::none());
}

}  // namespace

void bind_flow(LabClass& lab) {
  bind_intune(lab);
  bind_requests(lab);
}

}  // namespace mimica::python
