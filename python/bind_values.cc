#include <pybind11/operators.h>
#include <pybind11/stl.h>

#include <algorithm>

#include "core/asn1/oid.h"
#include "core/base/decision.h"
#include "core/pki/key.h"
#include "core/windows/event_text.h"
#include "python/bindings.h"

namespace mimica::python {
namespace {

// MS-DTYP's earliest FILETIME and the last second that GeneralizedTime can write.
constexpr std::int64_t kFirstSecond = -11644473600, kLastSecond = 253402300799;

py::object* fault_type = nullptr;  // lives as long as the interpreter

const char* space_of(const Code& code) {
  if (std::holds_alternative<HResult>(code)) return "hresult";
  if (std::holds_alternative<KrbError>(code)) return "kerberos";
  return "ldap";
}

std::int64_t value_of(const Code& code) {
  if (const auto* h = std::get_if<HResult>(&code)) return static_cast<std::uint32_t>(*h);
  if (const auto* k = std::get_if<KrbError>(&code)) return static_cast<std::int32_t>(*k);
  if (const auto* l = std::get_if<LdapCode>(&code)) return static_cast<std::int32_t>(*l);
  return 0;
}

// A Code that is not monostate: None stands for that one in Python.
struct KnownCode {
  Code code;
};

py::dict facts_object(const std::vector<Fact>& facts) {
  py::dict out;
  for (const Fact& fact : facts) out[text(fact.name)] = text(fact.value);
  return out;
}

std::string_view provenance_name(Provenance provenance) {
  switch (provenance) {
    case Provenance::documented:
      return "documented";
    case Provenance::observed:
      return "observed";
    case Provenance::inferred:
      return "inferred";
  }
  return "?";
}

void raise_fault(const Fault& fault) {
  py::object error = (*fault_type)(text(fault.describe()));
  error.attr("what") = text(fault.what);
  error.attr("code") = code_object(fault.code);
  error.attr("hint") = text(fault.hint);
  error.attr("where") = text(describe(fault.where));
  error.attr("source") = text(fault.where.source);
  error.attr("line") = fault.where.line;
  error.attr("column") = fault.where.column;
  PyErr_SetObject(fault_type->ptr(), error.ptr());
}

void bind_fault(py::module_& m) {
  py::dict defaults;
  defaults["what"] = "";
  defaults["code"] = py::none();
  defaults["hint"] = "";
  defaults["where"] = "";
  defaults["source"] = "";
  defaults["line"] = 0;
  defaults["column"] = 0;
  PyObject* type = PyErr_NewExceptionWithDoc(
      "mimica.Fault",
      "The question could not be answered: bad bytes, an unknown name, a full disk. A refusal is no Fault but a "
      "Decision.\n\n"
      "what: one sentence. code: the protocol code or None. where: position in the input (\"lab.yaml:12:5\") or \"\".\n"
      "source, line, column: the same in parts, lines and columns from 1, 0 when unknown. hint: how to repair it, or "
      "\"\".",
      PyExc_Exception, defaults.ptr());
  if (type == nullptr) throw py::error_already_set();
  fault_type = new py::object(py::reinterpret_steal<py::object>(type));
  m.attr("Fault") = *fault_type;
  py::register_local_exception_translator([](std::exception_ptr error) {
    try {
      if (error) std::rethrow_exception(error);
    } catch (const FaultError& e) {
      raise_fault(e.fault);
    }
  });
}

void bind_code(py::module_& m) {
  py::class_<KnownCode>(m, "Code")
      .def_property_readonly("symbol", [](const KnownCode& c) { return text(symbol(c.code)); })
      .def_property_readonly("number", [](const KnownCode& c) { return text(number(c.code)); })
      .def_property_readonly("value", [](const KnownCode& c) { return value_of(c.code); })
      .def_property_readonly("space", [](const KnownCode& c) { return space_of(c.code); })
      .def_property_readonly("sentence", [](const KnownCode& c) { return text(sentence(c.code)); })
      .def("__str__", [](const KnownCode& c) { return text(describe(c.code)); })
      .def("__repr__", [](const KnownCode& c) { return text("<Code " + describe(c.code) + ">"); })
      .def("__hash__", [](const KnownCode& c) { return py::hash(text(symbol(c.code))); })
      // A code equals its symbol, so that `decision.code == "CERTSRV_E_TEMPLATE_DENIED"` reads as it should. The number
      // is left out: it would need the same hash, and 66 means different things in different spaces.
      .def("__eq__", [](const KnownCode& c, const py::object& other) -> py::object {
        if (py::isinstance<KnownCode>(other)) return py::bool_(other.cast<const KnownCode&>().code == c.code);
        if (py::isinstance<py::str>(other)) return py::bool_(text(symbol(c.code)).equal(other));
        return py::reinterpret_borrow<py::object>(Py_NotImplemented);
      });
  m.def(
      "code_named", [](const std::string& name) { return code_object(code_named(name).value_or(Code{})); },
      py::arg("name"));
  m.def("code_symbols", [] {
    py::list out;
    for (const CodeEntry& entry : all_codes()) out.append(text(entry.name));
    return out;
  });
}

void bind_trace(py::module_& m) {
  py::class_<Rule>(m, "Rule")
      .def_property_readonly("id", [](const Rule& r) { return text(r.id); })
      .def_property_readonly("title", [](const Rule& r) { return text(r.title); })
      .def_property_readonly("citation", [](const Rule& r) { return text(r.citation); })
      .def_property_readonly("hint", [](const Rule& r) { return text(r.hint); })
      .def_property_readonly("provenance", [](const Rule& r) { return text(provenance_name(r.provenance)); })
      .def_property_readonly("effective", [](const Rule& r) { return text(r.effective); })
      .def("__repr__", [](const Rule& r) { return text("<Rule " + std::string(r.id) + ">"); })
      .def(
          "__eq__", [](const Rule& a, const Rule& b) { return a.id == b.id; }, py::is_operator())
      .def("__hash__", [](const Rule& r) { return py::hash(text(r.id)); });
  py::class_<Step>(m, "Step")
      .def_property_readonly("rule", [](const Step& s) { return *s.rule; })
      .def_property_readonly("verdict", [](const Step& s) { return text(to_string(s.verdict)); })
      .def_property_readonly("found", [](const Step& s) { return text(s.found); })
      .def_property_readonly("facts", [](const Step& s) { return facts_object(s.facts); })
      .def_property_readonly(
          "hint", [](const Step& s) { return text(s.hint.empty() ? s.rule->hint : std::string_view(s.hint)); })
      .def_property_readonly("code", [](const Step& s) { return code_object(s.code); })
      .def("__repr__", [](const Step& s) {
        return text("<Step " + std::string(to_string(s.verdict)) + " " + std::string(s.rule->id) + ": " + s.found +
                    ">");
      });
  py::class_<Trace>(m, "Trace")
      .def_property_readonly("steps",
                             [](const Trace& t) {
                               std::vector<Step> finished;
                               std::copy_if(t.steps().begin(), t.steps().end(), std::back_inserter(finished),
                                            [](const Step& s) { return s.rule != nullptr; });
                               return finished;
                             })
      .def_property_readonly("deciding",
                             [](const Trace& t) -> std::optional<Step> {
                               const Step* step = t.deciding();
                               if (step == nullptr || step->rule == nullptr) return std::nullopt;
                               return *step;
                             })
      .def("json", [](const Trace& t) { return text(trace_to_json(t)); })
      .def(
          "explain",
          [](const Trace& t, const std::string& headline, const std::optional<KnownCode>& code, bool colour) {
            return text(explain(t, headline, code ? code->code : Code{}, colour ? Colour::ansi : Colour::none));
          },
          py::arg("headline") = "", py::arg("code") = py::none(), py::arg("colour") = false);
}

void bind_event(py::module_& m) {
  py::class_<Event>(m, "Event")
      .def_property_readonly("id", [](const Event& e) { return e.id(); })
      .def_property_readonly("level", [](const Event& e) { return text(to_lower(to_string(e.level))); })
      .def_property_readonly("channel", [](const Event& e) { return text(e.kind->channel); })
      .def_property_readonly("provider", [](const Event& e) { return text(e.kind->provider->name); })
      .def_property_readonly("party", [](const Event& e) { return text(e.kind->party); })
      .def_property_readonly("computer", [](const Event& e) { return text(e.computer); })
      .def_property_readonly("record", [](const Event& e) { return e.record_id; })
      .def_property_readonly("keywords", [](const Event& e) { return e.keywords; })
      .def_property_readonly("data", [](const Event& e) { return facts_object(e.data); })
      .def_property_readonly("binary", [](const Event& e) { return octets(e.binary); })
      .def_property_readonly("at", [](const Event& e) { return instant(e.at); })
      .def_property_readonly("message", [](const Event& e) { return text(message(e)); })
      .def_property_readonly("trace",
                             [](const Event& e) { return e.trace ? std::optional<Trace>(*e.trace) : std::nullopt; })
      .def_property_readonly("text", [](const Event& e) { return text(event_text(e)); })
      .def_property_readonly("json", [](const Event& e) { return text(event_json(e)); })
      .def_property_readonly("xml", [](const Event& e) { return text(event_xml(e)); })
      .def("__repr__", [](const Event& e) { return text("<Event " + event_line(e) + ">"); });
}

std::string certificate_label(const NamedCertificate& c) {
  const Certificate& value = c.value;
  std::string out =
      "<Certificate " + (value.subject().empty() ? std::string("(empty subject)") : value.subject().to_rfc4514());
  out += " serial=" + value.serial_hex() + " until " + to_iso(value.not_after());
  if (const auto sid = value.sid()) out += " sid=" + sid->to_string();
  return out + ">";
}

void bind_certificate(py::module_& m) {
  py::class_<NamedCertificate>(m, "Certificate")
      .def_static(
          "parse",
          [](const py::bytes& data) {
            const std::string octet_string = data;
            return unnamed(unwrap(Certificate::parse_pem_or_der(as_bytes(octet_string))));
          },
          py::arg("data"))
      .def_static(
          "parse",
          [](const py::str& pem) {
            const std::string octet_string = pem;
            return unnamed(unwrap(Certificate::parse_pem_or_der(as_bytes(octet_string))));
          },
          py::arg("data"))
      .def_property_readonly("der", [](const NamedCertificate& c) { return octets(c.value.der()); })
      .def_property_readonly("pem", [](const NamedCertificate& c) { return text(c.value.pem()); })
      .def_property_readonly("serial", [](const NamedCertificate& c) { return text(c.value.serial_hex()); })
      .def_property_readonly("subject", [](const NamedCertificate& c) { return text(c.value.subject().to_rfc4514()); })
      .def_property_readonly("issuer", [](const NamedCertificate& c) { return text(c.value.issuer().to_rfc4514()); })
      .def_property_readonly("not_before", [](const NamedCertificate& c) { return instant(c.value.not_before()); })
      .def_property_readonly("not_after", [](const NamedCertificate& c) { return instant(c.value.not_after()); })
      .def_property_readonly("thumbprint", [](const NamedCertificate& c) { return text(to_hex(c.value.thumbprint())); })
      .def_property_readonly("key",
                             [](const NamedCertificate& c) { return text(to_string(c.value.public_key().spec())); })
      .def_property_readonly("sid",
                             [](const NamedCertificate& c) -> py::object {
                               const auto sid = c.value.sid();
                               return sid ? py::object(text(sid->to_string())) : py::object(py::none());
                             })
      .def_property_readonly("upn",
                             [](const NamedCertificate& c) -> py::object {
                               const auto upn = c.value.upn();
                               return upn ? py::object(text(*upn)) : py::object(py::none());
                             })
      .def_property_readonly("sans",
                             [](const NamedCertificate& c) {
                               py::list out;
                               for (const GeneralName& name : c.value.subject_alt_names())
                                 out.append(text(to_string(name)));
                               return out;
                             })
      .def_property_readonly("ekus",
                             [](const NamedCertificate& c) {
                               py::list out;
                               for (const Oid& oid : c.value.extended_key_usage()) out.append(text(oid.dotted()));
                               return out;
                             })
      .def_property_readonly("extensions",
                             [](const NamedCertificate& c) {
                               py::dict out;
                               for (const Extension& e : c.value.extensions())
                                 out[text(e.oid.dotted())] = octets(e.value);
                               return out;
                             })
      .def_property_readonly("template", [](const NamedCertificate& c) { return text(c.template_name); })
      .def_property_readonly("is_ca", [](const NamedCertificate& c) { return c.value.is_ca(); })
      .def(
          "signed_by",
          [](const NamedCertificate& c, const NamedCertificate& issuer) {
            return unwrap(c.value.signed_by(issuer.value.public_key()));
          },
          py::arg("issuer"))
      .def(
          "__eq__", [](const NamedCertificate& a, const NamedCertificate& b) { return a.value.der() == b.value.der(); },
          py::is_operator())
      .def("__hash__", [](const NamedCertificate& c) { return py::hash(octets(c.value.der())); })
      .def("__repr__", [](const NamedCertificate& c) { return text(certificate_label(c)); });
}

}  // namespace

NamedCertificate unnamed(Certificate certificate) {
  std::string name;
  if (const auto v1 = certificate.template_name()) {
    name = *v1;
  } else if (const auto v2 = certificate.template_info()) {
    name = v2->oid.dotted();
  }
  return {std::move(certificate), std::move(name)};
}

py::str text(std::string_view value) {
  PyObject* object = PyUnicode_DecodeUTF8(value.data(), static_cast<Py_ssize_t>(value.size()), "backslashreplace");
  if (object == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(object);
}

py::list texts(const std::vector<std::string>& values) {
  py::list out;
  for (const std::string& value : values) out.append(text(value));
  return out;
}

py::bytes octets(BytesView value) { return {reinterpret_cast<const char*>(value.data()), value.size()}; }

py::object code_object(const Code& code) {
  if (std::holds_alternative<std::monostate>(code)) return py::none();
  return py::cast(KnownCode{code});
}

py::object instant(Timestamp t) {
  const py::module_ datetime = py::module_::import("datetime");
  const py::object type = datetime.attr("datetime");
  const py::object utc = datetime.attr("timezone").attr("utc");
  constexpr std::int64_t first_python_second = -62135596800;  // 0001-01-01T00:00:00Z
  if (t.seconds < first_python_second) return type.attr("min").attr("replace")(py::arg("tzinfo") = utc);
  if (t.seconds > kLastSecond) return type.attr("max").attr("replace")(py::arg("tzinfo") = utc);
  return type(1970, 1, 1, py::arg("tzinfo") = utc) + datetime.attr("timedelta")(py::arg("seconds") = t.seconds);
}

Timestamp checked_timestamp(std::int64_t seconds) {
  if (seconds < kFirstSecond || seconds > kLastSecond)
    throw FaultError(fault("the instant lies outside the years 1601 to 9999", {}, "give a time in that range"));
  return {seconds};
}

void bind_values(py::module_& m) {
  bind_fault(m);
  bind_code(m);
  bind_trace(m);
  bind_event(m);
  bind_certificate(m);
  m.def(
      "parse_instant", [](const std::string& iso) { return unwrap(parse_iso(iso)).seconds; }, py::arg("iso"));
  m.def(
      "instant", [](std::int64_t seconds) { return instant(checked_timestamp(seconds)); }, py::arg("seconds"));
}

}  // namespace mimica::python
