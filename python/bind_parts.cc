#include <pybind11/stl.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/pki/key.h"
#include "harness/lab/lab.h"
#include "python/bindings.h"

namespace mimica::python {
namespace {

using Strings = std::vector<std::string>;
using Pairs = std::vector<std::pair<std::string, std::string>>;

KeySpec key_spec(const std::string& spelling) { return unwrap(parse_key_spec(spelling)); }

void bind_directory_parts(py::module_& m) {
  using namespace harness;
  py::class_<UserSpec>(m, "UserSpec")
      .def(py::init([](std::string name, std::string display_name, std::string upn, std::string mail,
                       std::string password, Strings groups, bool cloud_only) {
             return UserSpec{std::move(name),     std::move(display_name), std::move(upn), std::move(mail),
                             std::move(password), std::move(groups),       cloud_only};
           }),
           py::arg("name"), py::kw_only(), py::arg("display_name") = "", py::arg("upn") = "", py::arg("mail") = "",
           py::arg("password") = UserSpec{}.password, py::arg("groups") = Strings{}, py::arg("cloud_only") = false)
      .def_readwrite("name", &UserSpec::name)
      .def_readwrite("display_name", &UserSpec::display_name)
      .def_readwrite("upn", &UserSpec::upn)
      .def_readwrite("mail", &UserSpec::mail)
      .def_readwrite("password", &UserSpec::password)
      .def_readwrite("groups", &UserSpec::groups)
      .def_readwrite("cloud_only", &UserSpec::cloud_only);
  py::class_<GroupSpec>(m, "GroupSpec")
      .def(py::init([](std::string name, Strings members) {
             return GroupSpec{std::move(name), std::move(members)};
           }),
           py::arg("name"), py::kw_only(), py::arg("members") = Strings{})
      .def_readwrite("name", &GroupSpec::name)
      .def_readwrite("members", &GroupSpec::members);
  py::class_<ComputerSpec>(m, "ComputerSpec")
      .def(py::init([](std::string name, Strings groups) {
             return ComputerSpec{std::move(name), std::move(groups)};
           }),
           py::arg("name"), py::kw_only(), py::arg("groups") = Strings{})
      .def_readwrite("name", &ComputerSpec::name)
      .def_readwrite("groups", &ComputerSpec::groups);
}

void bind_intune_parts(py::module_& m) {
  using namespace harness;
  py::class_<DeviceSpec>(m, "DeviceSpec")
      .def(py::init([](std::string name, std::string platform, std::string join, std::string user,
                       std::string os_version, std::string os_at_enrollment,
                       std::map<std::string, std::string> attributes) {
             DeviceSpec spec;
             spec.name = std::move(name);
             spec.platform = std::move(platform);
             spec.join = std::move(join);
             spec.user = std::move(user);
             spec.os_version = std::move(os_version);
             spec.os_at_enrollment = std::move(os_at_enrollment);
             spec.attributes = std::move(attributes);
             return spec;
           }),
           py::arg("name"), py::kw_only(), py::arg("platform") = DeviceSpec{}.platform, py::arg("join") = "",
           py::arg("user") = "", py::arg("os_version") = "", py::arg("os_at_enrollment") = "",
           py::arg("attributes") = std::map<std::string, std::string>{})
      .def_readwrite("name", &DeviceSpec::name)
      .def_readwrite("platform", &DeviceSpec::platform)
      .def_readwrite("join", &DeviceSpec::join)
      .def_readwrite("user", &DeviceSpec::user)
      .def_readwrite("os_version", &DeviceSpec::os_version)
      .def_readwrite("os_at_enrollment", &DeviceSpec::os_at_enrollment)
      .def_readwrite("attributes", &DeviceSpec::attributes);
  py::class_<ProfileSpec>(m, "ProfileSpec")
      .def(py::init([](std::string json, std::string source, Strings assign) {
             return ProfileSpec{std::move(json), std::move(source), std::move(assign)};
           }),
           py::arg("json"), py::kw_only(), py::arg("source") = "profile", py::arg("assign") = Strings{})
      .def_readwrite("json", &ProfileSpec::json)
      .def_readwrite("source", &ProfileSpec::source)
      .def_readwrite("assign", &ProfileSpec::assign);
  py::class_<ConnectorSpec>(m, "ConnectorSpec")
      .def(py::init([](std::string name, std::string version, std::string service_account, bool domain_joined,
                       bool sid_extension) {
             return ConnectorSpec{std::move(name), std::move(version), std::move(service_account), domain_joined,
                                  sid_extension};
           }),
           py::arg("name") = ConnectorSpec{}.name, py::kw_only(), py::arg("version") = ConnectorSpec{}.version,
           py::arg("service_account") = "", py::arg("domain_joined") = true, py::arg("sid_extension") = false)
      .def_readwrite("name", &ConnectorSpec::name)
      .def_readwrite("version", &ConnectorSpec::version)
      .def_readwrite("service_account", &ConnectorSpec::service_account)
      .def_readwrite("domain_joined", &ConnectorSpec::domain_joined)
      .def_readwrite("sid_extension", &ConnectorSpec::sid_extension);
}

void bind_ca_parts(py::module_& m) {
  using namespace harness;
  py::class_<CaSpec>(m, "CaSpec")
      .def(py::init([](std::string name, std::string host, bool standalone, int tiers, const std::string& key,
                       std::optional<Seconds> validity, Strings edit_flags, Strings disable_extensions,
                       std::optional<int> request_disposition, Strings ocsp_urls, bool ocsp, bool deterministic_good) {
             CaSpec spec;
             spec.name = std::move(name);
             spec.host = std::move(host);
             spec.standalone = standalone;
             spec.tiers = tiers;
             spec.key = key_spec(key);
             spec.validity = validity;
             spec.edit_flags = std::move(edit_flags);
             spec.disable_extensions = std::move(disable_extensions);
             spec.request_disposition = request_disposition;
             spec.ocsp_urls = std::move(ocsp_urls);
             spec.ocsp = ocsp;
             spec.deterministic_good = deterministic_good;
             return spec;
           }),
           py::kw_only(), py::arg("name") = CaSpec{}.name, py::arg("host") = CaSpec{}.host,
           py::arg("standalone") = false, py::arg("tiers") = CaSpec{}.tiers, py::arg("key") = to_string(CaSpec{}.key),
           py::arg("validity") = py::none(), py::arg("edit_flags") = Strings{},
           py::arg("disable_extensions") = Strings{}, py::arg("request_disposition") = py::none(),
           py::arg("ocsp_urls") = Strings{}, py::arg("ocsp") = false, py::arg("deterministic_good") = false)
      .def_readwrite("name", &CaSpec::name)
      .def_readwrite("host", &CaSpec::host)
      .def_readwrite("standalone", &CaSpec::standalone)
      .def_readwrite("tiers", &CaSpec::tiers)
      .def_property(
          "key", [](const CaSpec& s) { return text(to_string(s.key)); },
          [](CaSpec& s, const std::string& spelling) { s.key = key_spec(spelling); })
      .def_readwrite("validity", &CaSpec::validity)
      .def_readwrite("edit_flags", &CaSpec::edit_flags)
      .def_readwrite("disable_extensions", &CaSpec::disable_extensions)
      .def_readwrite("request_disposition", &CaSpec::request_disposition)
      .def_readwrite("ocsp_urls", &CaSpec::ocsp_urls)
      .def_readwrite("ocsp", &CaSpec::ocsp)
      .def_readwrite("deterministic_good", &CaSpec::deterministic_good)
      .def_readwrite("sid_extension_update", &CaSpec::sid_extension_update)
      .def_readwrite("application_policy_update", &CaSpec::application_policy_update);
  py::class_<CaRight>(m, "CaRight")
      .def(py::init([](std::string account, Strings rights) {
             return CaRight{std::move(account), std::move(rights)};
           }),
           py::arg("account"), py::arg("rights"))
      .def_readwrite("account", &CaRight::account)
      .def_readwrite("rights", &CaRight::rights);
  py::class_<TemplateSpec>(m, "TemplateSpec")
      .def(py::init([](std::string display_name, std::string name, std::string duplicate, bool publish, Pairs edits) {
             TemplateSpec spec;
             spec.name = std::move(name);
             spec.duplicate = std::move(duplicate);
             spec.display_name = std::move(display_name);
             spec.publish = publish;
             spec.edits = std::move(edits);
             return spec;
           }),
           py::arg("display_name"), py::kw_only(), py::arg("name") = "",
           py::arg("duplicate") = TemplateSpec{}.duplicate, py::arg("publish") = true, py::arg("edits") = Pairs{})
      .def_readwrite("name", &TemplateSpec::name)
      .def_readwrite("duplicate", &TemplateSpec::duplicate)
      .def_readwrite("display_name", &TemplateSpec::display_name)
      .def_readwrite("publish", &TemplateSpec::publish)
      .def_readwrite("edits", &TemplateSpec::edits);
}

}  // namespace

void bind_parts(py::module_& m) {
  bind_directory_parts(m);
  bind_intune_parts(m);
  bind_ca_parts(m);
}

}  // namespace mimica::python
