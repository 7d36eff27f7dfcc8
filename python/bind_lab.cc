#include <pybind11/stl.h>

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/scenario_files.h"
#include "harness/io/verb_files.h"
#include "harness/lab/lab.h"
#include "harness/operations/session.h"
#include "python/answer.h"
#include "python/bindings.h"

namespace mimica::python {
namespace {

using harness::Lab;
using harness::LabSpec;
using harness::Report;
using Edits = std::vector<std::pair<std::string, std::string>>;

// A lab as Python holds it. Operations run without the interpreter lock and one after the other, so that Python threads
// may share a lab; after close() every operation is a Fault.
class LabHandle {
 public:
  explicit LabHandle(const LabSpec& spec) {
    py::gil_scoped_release released;
    lab_ = unwrap(Lab::start(spec));
  }
  ~LabHandle() { close(); }
  LabHandle(const LabHandle&) = delete;
  LabHandle& operator=(const LabHandle&) = delete;

  void close() {
    py::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    lab_.reset();
  }

  bool closed() {
    py::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    return lab_ == nullptr;
  }

  // `operation` must not touch Python objects: arguments are converted before, answers after.
  template <typename Operation>
  auto run(Operation&& operation) {
    py::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    if (!lab_) throw FaultError(fault("the lab is closed", {}, "use it inside its with block"));
    const auto turn = lab_->exclusive();
    return operation(*lab_);
  }

  // An operation of the table (harness/operations/) by its key, with its fields in JSON.
  Answer run_operation(const std::string& verb, const std::string& fields, const std::string& id) {
    return run([&](Lab& lab) {
      const harness::FileReader files = [](const std::string& path) { return harness::read_file(path); };
      return answer(lab, unwrap(session_.run(lab, verb, fields, id, files)));
    });
  }

 private:
  std::mutex mutex_;
  harness::OperationSession session_;
  std::unique_ptr<Lab> lab_;
};

EventLevel event_level(const std::string& name) {
  for (const EventLevel level : {EventLevel::critical, EventLevel::error, EventLevel::warning, EventLevel::information})
    if (equals_ignore_case(name, to_string(level))) return level;
  throw py::value_error("level must be 'critical', 'error', 'warning' or 'information'");
}

void bind_answers(py::module_& m) {
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
  using harness::KerberosRealm;
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

using LabClass = py::class_<LabHandle>;
using certutil::VerbProgram;
using certutil::VerbResult;

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

void bind_authority(LabClass& lab) {
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

void bind_flow(LabClass& lab) {
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

void bind_clock(LabClass& lab) {
  lab.def("now", [](LabHandle& self) { return self.run([](Lab& l) { return l.now(); }).seconds; })
      .def(
          "set_clock",
          [](LabHandle& self, std::int64_t seconds) {
            const Timestamp t = checked_timestamp(seconds);
            self.run([t](Lab& l) { l.set_clock(t); });
          },
          py::arg("seconds"))
      .def(
          "advance",
          [](LabHandle& self, std::int64_t seconds) {
            self.run([seconds](Lab& l) {
              std::int64_t target = 0;
              if (__builtin_add_overflow(l.now().seconds, seconds, &target))
                throw FaultError(fault("the lab clock cannot advance that far"));
              checked_timestamp(target);
              l.advance(seconds);
            });
          },
          py::arg("seconds"));
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

void bind_lab(py::module_& m) {
  bind_answers(m);
  bind_verb_result(m);
  LabClass lab(m, "LabHandle");
  // The copy is made under the interpreter lock: another thread may be editing the spec.
  lab.def(py::init([](const LabSpec& spec) { return std::make_unique<LabHandle>(LabSpec(spec)); }), py::arg("spec"))
      .def("close", &LabHandle::close)
      .def_property_readonly("closed", &LabHandle::closed)
      .def("run", &LabHandle::run_operation, py::arg("verb"), py::arg("fields"), py::kw_only(), py::arg("id"))
      .def("endpoints", [](LabHandle& self) { return self.run([](Lab& l) { return l.endpoints(); }); })
      .def(
          "events",
          [](LabHandle& self, const std::string& channel, const std::string& provider, const std::string& party,
             std::vector<int> ids, const std::optional<std::string>& level, std::optional<std::int64_t> since,
             std::optional<std::int64_t> until, const std::map<std::string, std::string>& data, std::uint64_t after,
             std::optional<std::size_t> limit, bool newest_first) {
            EventQuery query{channel, provider, party, std::move(ids)};
            if (level) query.level_at_most = event_level(*level);
            if (since) query.since = Timestamp{*since};
            if (until) query.until = Timestamp{*until};
            for (const auto& [name, value] : data) query.data.push_back({name, value});
            query.after = after;
            if (limit) query.limit = *limit;
            query.newest_first = newest_first;
            return self.run([&](Lab& l) { return l.event_log().query(query); });
          },
          py::kw_only(), py::arg("channel"), py::arg("provider"), py::arg("party"), py::arg("ids"), py::arg("level"),
          py::arg("since"), py::arg("until"), py::arg("data"), py::arg("after"), py::arg("limit"),
          py::arg("newest_first"))
      .def("spec", [](LabHandle& self) { return self.run([](Lab& l) { return LabSpec(l.spec()); }); });
  bind_clock(lab);
  bind_directory(lab);
  bind_authority(lab);
  bind_verbs(lab);
  bind_intune(lab);
  bind_flow(lab);
}

}  // namespace mimica::python
