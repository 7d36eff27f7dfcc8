#include <pybind11/stl.h>

#include <string>
#include <utility>
#include <vector>

#include "harness/lab/lab.h"
#include "harness/schema/template_keys.h"
#include "kdc/pkinit/logon.h"
#include "python/bindings.h"

namespace mimica::python {
namespace {

using Strings = std::vector<std::string>;

kdc::Profile checked_profile(const std::string& name) {
  const auto found = kdc::profile_named(name);
  if (!found) throw py::value_error("profile must be 'windows' or 'samba', not '" + name + "'");
  return *found;
}

void bind_kdc_config(py::module_& m) {
  using kdc::KdcConfig;
  const KdcConfig given;
  py::class_<KdcConfig>(m, "KdcConfig")
      .def(py::init([](const std::string& profile, std::optional<int> enforcement, std::optional<Seconds> backdating,
                       bool use_subject_alt_name, std::optional<int> nt_auth_bypass, int os_version,
                       bool revocation_unknown_ignored, Strings strong_name_matches, bool has_kdc_certificate,
                       bool uri_mismatch_refused, bool uri_list_accepted, bool sid_alone_maps,
                       bool unresolved_upn_refused, bool computer_upn_maps, bool nt_auth_before_upn,
                       bool nt_auth_bypass_all_forms, bool sha1_pukey_takes_key_hash, bool password_change_refused,
                       bool application_policies_count) {
             KdcConfig config;
             config.profile = checked_profile(profile);
             config.StrongCertificateBindingEnforcement = enforcement;
             config.CertificateBackdatingCompensation = backdating;
             config.UseSubjectAltName = use_subject_alt_name;
             config.AllowNtAuthPolicyBypass = nt_auth_bypass;
             config.os_version = os_version;
             config.revocation_unknown_ignored = revocation_unknown_ignored;
             config.StrongNameMatches = std::move(strong_name_matches);
             config.has_kdc_certificate = has_kdc_certificate;
             config.uri_mismatch_refused = uri_mismatch_refused;
             config.uri_list_accepted = uri_list_accepted;
             config.sid_alone_maps = sid_alone_maps;
             config.unresolved_upn_refused = unresolved_upn_refused;
             config.computer_upn_maps = computer_upn_maps;
             config.nt_auth_before_upn = nt_auth_before_upn;
             config.nt_auth_bypass_all_forms = nt_auth_bypass_all_forms;
             config.sha1_pukey_takes_key_hash = sha1_pukey_takes_key_hash;
             config.password_change_refused = password_change_refused;
             config.application_policies_count = application_policies_count;
             return config;
           }),
           py::kw_only(), py::arg("profile") = "windows", py::arg("StrongCertificateBindingEnforcement") = py::none(),
           py::arg("CertificateBackdatingCompensation") = py::none(),
           py::arg("UseSubjectAltName") = given.UseSubjectAltName, py::arg("AllowNtAuthPolicyBypass") = py::none(),
           py::arg("os_version") = given.os_version,
           py::arg("revocation_unknown_ignored") = given.revocation_unknown_ignored,
           py::arg("StrongNameMatches") = Strings{}, py::arg("has_kdc_certificate") = given.has_kdc_certificate,
           py::arg("uri_mismatch_refused") = given.uri_mismatch_refused,
           py::arg("uri_list_accepted") = given.uri_list_accepted, py::arg("sid_alone_maps") = given.sid_alone_maps,
           py::arg("unresolved_upn_refused") = given.unresolved_upn_refused,
           py::arg("computer_upn_maps") = given.computer_upn_maps,
           py::arg("nt_auth_before_upn") = given.nt_auth_before_upn,
           py::arg("nt_auth_bypass_all_forms") = given.nt_auth_bypass_all_forms,
           py::arg("sha1_pukey_takes_key_hash") = given.sha1_pukey_takes_key_hash,
           py::arg("password_change_refused") = given.password_change_refused,
           py::arg("application_policies_count") = given.application_policies_count)
      .def_property(
          "profile", [](const KdcConfig& c) { return text(kdc::to_string(c.profile)); },
          [](KdcConfig& c, const std::string& name) { c.profile = checked_profile(name); })
      .def_readwrite("StrongCertificateBindingEnforcement", &KdcConfig::StrongCertificateBindingEnforcement)
      .def_readwrite("CertificateBackdatingCompensation", &KdcConfig::CertificateBackdatingCompensation)
      .def_readwrite("UseSubjectAltName", &KdcConfig::UseSubjectAltName)
      .def_readwrite("AllowNtAuthPolicyBypass", &KdcConfig::AllowNtAuthPolicyBypass)
      .def_readwrite("os_version", &KdcConfig::os_version)
      .def_readwrite("revocation_unknown_ignored", &KdcConfig::revocation_unknown_ignored)
      .def_readwrite("revocation_cache", &KdcConfig::revocation_cache)
      .def_readwrite("StrongNameMatches", &KdcConfig::StrongNameMatches)
      .def_readwrite("has_kdc_certificate", &KdcConfig::has_kdc_certificate)
      .def_readwrite("uri_mismatch_refused", &KdcConfig::uri_mismatch_refused)
      .def_readwrite("uri_list_accepted", &KdcConfig::uri_list_accepted)
      .def_readwrite("sid_alone_maps", &KdcConfig::sid_alone_maps)
      .def_readwrite("unresolved_upn_refused", &KdcConfig::unresolved_upn_refused)
      .def_readwrite("computer_upn_maps", &KdcConfig::computer_upn_maps)
      .def_readwrite("nt_auth_before_upn", &KdcConfig::nt_auth_before_upn)
      .def_readwrite("nt_auth_bypass_all_forms", &KdcConfig::nt_auth_bypass_all_forms)
      .def_readwrite("sha1_pukey_takes_key_hash", &KdcConfig::sha1_pukey_takes_key_hash)
      .def_readwrite("password_change_refused", &KdcConfig::password_change_refused)
      .def_readwrite("application_policies_count", &KdcConfig::application_policies_count);
}

void bind_lab_spec(py::module_& m) {
  using harness::LabSpec;
  py::class_<LabSpec>(m, "LabSpec")
      .def(py::init<>())
      .def_readwrite("name", &LabSpec::name)
      .def_property(
          "clock", [](const LabSpec& s) { return s.clock.seconds; },
          [](LabSpec& s, std::int64_t seconds) { s.clock = checked_timestamp(seconds); })
      .def_readwrite("clock_runs", &LabSpec::clock_runs)
      .def_readwrite("seed", &LabSpec::seed)
      .def_readwrite("directory_over_ldap", &LabSpec::directory_over_ldap)
      .def_property(
          "domain", [](const LabSpec& s) { return text(s.domain.dns_name); },
          [](LabSpec& s, std::string name) { s.domain.dns_name = std::move(name); })
      .def_property(
          "netbios_name", [](const LabSpec& s) { return text(s.domain.netbios_name); },
          [](LabSpec& s, std::string name) { s.domain.netbios_name = std::move(name); })
      .def_readwrite("ca", &LabSpec::ca)
      .def_readwrite("ca_rights", &LabSpec::ca_rights)
      .def_readwrite("ca_removed", &LabSpec::ca_removed)
      .def_readwrite("templates", &LabSpec::templates)
      .def_readwrite("users", &LabSpec::users)
      .def_readwrite("groups", &LabSpec::groups)
      .def_readwrite("computers", &LabSpec::computers)
      .def_readwrite("devices", &LabSpec::devices)
      .def_readwrite("profiles", &LabSpec::profiles)
      .def_property(
          "connectors", [](const LabSpec& s) { return s.connectors; },
          [](LabSpec& s, std::vector<harness::ConnectorSpec> connectors) {
            s.connectors = std::move(connectors);
            s.connectors_given = true;
          })
      .def_readwrite("ldif_imports", &LabSpec::ldif_imports)
      .def_readwrite("kdc", &LabSpec::kdc)
      .def_readwrite("state_directory", &LabSpec::state_directory)
      .def_readwrite("http_port", &LabSpec::http_port)
      .def_readwrite("ldap_port", &LabSpec::ldap_port);
}

}  // namespace

void bind_specs(py::module_& m) {
  bind_parts(m);
  bind_kdc_config(m);
  bind_lab_spec(m);
  // The keys of scenario scripts and the edits they stand for, so that both languages say "enroll".
  m.def("template_keys", [] {
    py::dict out;
    for (const harness::TemplateKey& key : harness::template_keys()) out[text(key.key)] = text(key.edit);
    return out;
  });
}

}  // namespace mimica::python
