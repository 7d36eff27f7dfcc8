// What a domain controller makes of a certificate: the assessment of `mimica kdc check`, as JSON for mimica/kdc.py.
#include "python/bind_kdc.h"

#include <pybind11/stl.h>

#include "audit/assess/assessment_text.h"
#include "harness/io/kdc_sources.h"
#include "python/bindings.h"

namespace mimica::python {
namespace {

py::list check(const NamedCertificate& certificate, const std::string& account, const kdc::KdcConfig& config,
               std::int64_t at, const std::vector<std::string>& ldif, const std::string& ldif_text,
               const std::vector<std::string>& roots, const std::vector<std::string>& nt_auth,
               const std::vector<std::string>& crls) {
  std::vector<std::string> out;
  {
    const py::gil_scoped_release release;
    harness::KdcJudge judge;
    harness::DirectoryChoice choice;
    choice.ldif = ldif;
    choice.ldif_text = ldif_text;
    choice.roots = roots;
    choice.nt_auth = nt_auth;
    judge.source = unwrap(harness::open_directory(choice));
    for (const std::string& list : crls) unwrap(judge.lists.add(to_bytes(list), "CRL"));
    judge.config = config;
    judge.check_revocation = !judge.lists.empty();
    if (!judge.check_revocation) judge.config.revocation_unknown_ignored = true;
    judge.at = checked_timestamp(at);
    const auto answer = unwrap(judge.check(account, {certificate.value}));
    for (const audit::Assessment& one : answer.assessments) out.push_back(audit::to_json(one, answer.notes));
  }
  return texts(out);
}

}  // namespace

void bind_kdc(py::module_& m) {
  m.def("kdc_check", &check, py::arg("certificate"), py::arg("account"), py::arg("config"), py::arg("at"),
        py::arg("ldif"), py::arg("ldif_text"), py::arg("roots"), py::arg("nt_auth"), py::arg("crls"));
}

}  // namespace mimica::python
