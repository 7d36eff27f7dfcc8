// What a domain controller makes of a certificate, for Python.
#pragma once

#include <pybind11/pybind11.h>

namespace mimica::python {

void bind_kdc(pybind11::module_& m);

}  // namespace mimica::python
