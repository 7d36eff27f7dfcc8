// mimica._mimica: the lab as a Python extension module. The typed package around it is python/mimica/.
#include "python/bind_kdc.h"
#include "python/bindings.h"

PYBIND11_MODULE(_mimica, m) {
  m.doc() = "The lab engine. Use the mimica package; names here follow harness/lab/lab.h.";
  mimica::python::bind_values(m);
  mimica::python::bind_specs(m);
  mimica::python::bind_lab(m);
  mimica::python::bind_operations(m);
  mimica::python::bind_kdc(m);
  mimica::python::bind_scenarios(m);
}
