// How values cross between the lab and Python. Nothing here decides anything: the module converts, releases the
// interpreter lock around lab operations and turns faults into exceptions.
#pragma once

#include <pybind11/pybind11.h>

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/fault.h"
#include "core/base/time.h"
#include "core/pki/certificate.h"

namespace mimica::python {

namespace py = pybind11;

// Carries a Fault through pybind11; Python sees mimica.Fault.
class FaultError : public std::exception {
 public:
  explicit FaultError(Fault f) : fault(std::move(f)), message_(fault.describe()) {}
  const char* what() const noexcept override { return message_.c_str(); }
  Fault fault;

 private:
  std::string message_;
};

template <typename T>
T unwrap(Result<T> result) {
  if (!result) throw FaultError(std::move(result).error());
  return *std::move(result);
}
inline void unwrap(Result<void> result) {
  if (!result) throw FaultError(std::move(result).error());
}

// A certificate with the template name that its lab knows: the V1 name, the cn behind a V2 OID, or the OID itself.
struct NamedCertificate {
  Certificate value;
  std::string template_name;
};
NamedCertificate unnamed(Certificate certificate);  // from the certificate alone

// Text for Python. Octets that are not UTF-8 (names come out of outside certificates) appear as \xNN.
py::str text(std::string_view value);
py::list texts(const std::vector<std::string>& values);
py::bytes octets(BytesView value);
// None when there is no code.
py::object code_object(const Code& code);
// datetime in UTC; instants that datetime cannot hold become its minimum or maximum.
py::object instant(Timestamp t);
// Seconds since 1970-01-01T00:00:00Z; outside the years 1601..9999 a Fault.
Timestamp checked_timestamp(std::int64_t seconds);

void bind_values(py::module_& m);      // codes, faults, rules, traces, events, certificates
void bind_parts(py::module_& m);       // users, devices, templates, ...
void bind_specs(py::module_& m);       // what a lab is made of
void bind_answers(py::module_& m);     // what operations of a lab answer
void bind_lab(py::module_& m);         // the lab, and what its operations answer
void bind_operations(py::module_& m);  // the table of operations
void bind_scenarios(py::module_& m);   // the scenario runner

}  // namespace mimica::python
