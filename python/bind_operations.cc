#include <pybind11/stl.h>

#include <vector>

#include "harness/operations/operation.h"
#include "python/bindings.h"

namespace mimica::python {

using harness::Operation;
using harness::schema::Field;

void bind_operations(py::module_& m) {
  py::class_<Field>(m, "OperationField")
      .def_property_readonly("key", [](const Field& f) { return text(f.key); })
      .def_property_readonly("type", [](const Field& f) { return text(harness::schema::describe(*f.type)); })
      .def_property_readonly("help", [](const Field& f) { return text(f.help); })
      .def_property_readonly("required", [](const Field& f) { return f.required; })
      .def_property_readonly("default", [](const Field& f) { return text(f.fallback); });
  py::class_<Operation>(m, "Operation")
      .def_property_readonly("key", [](const Operation& o) { return text(o.key); })
      .def_property_readonly("help", [](const Operation& o) { return text(o.type->help); })
      .def_property_readonly("example", [](const Operation& o) { return text(o.type->example); })
      .def_property_readonly("fields", [](const Operation& o) { return o.type->fields; })
      .def("__repr__", [](const Operation& o) { return text("<Operation " + std::string(o.key) + ">"); });
  m.def("operations", [] {
    const auto all = harness::operations();
    return std::vector<Operation>(all.begin(), all.end());
  });
}

}  // namespace mimica::python
