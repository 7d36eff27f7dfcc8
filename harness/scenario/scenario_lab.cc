// The lab part of a scenario.
#include "harness/scenario/scenario_reader.h"

namespace mimica::harness {

CaSpec ScenarioReader::ca(const schema::View& view, LabSpec& lab) {
  CaSpec out;
  if (!view) return out;
  out.name = view["name"].text(out.name);
  out.host = view["host"].text(out.host);
  out.standalone = view["kind"].text() == "standalone";
  out.tiers = static_cast<int>(view["tiers"].integer(out.tiers));
  out.key = key(view["key"], out.key);
  if (const schema::View validity = view["validity"]) out.validity = parse_duration(validity.text()).value_or(0);
  out.edit_flags = view["edit_flags"].texts();
  out.disable_extensions = view["disable_extensions"].texts();
  out.ocsp_urls = view["ocsp_urls"].texts();
  out.ocsp = view["ocsp"].boolean(false);
  out.deterministic_good = view["deterministic_good"].boolean(false);
  out.sid_extension_update = view["sid_extension_update"].boolean(true);
  out.application_policy_update = view["application_policy_update"].boolean(true);
  if (const schema::View disposition = view["request_disposition"])
    out.request_disposition = disposition.text() == "issue" ? 1 : disposition.text() == "deny" ? 2 : 0;
  for (const schema::View& grant : view["rights"].list()) lab.ca_rights.push_back(right(grant));
  lab.ca_removed = view["removed"].texts();
  return out;
}

kdc::KdcConfig ScenarioReader::kdc(const schema::View& view) {
  kdc::KdcConfig out;
  if (!view) return out;
  out.profile = kdc::profile_named(view["profile"].text()).value_or(out.profile);
  if (const auto mode = view["enforcement"].given())
    out.StrongCertificateBindingEnforcement = *mode == "disabled" || *mode == "0"        ? 0
                                              : *mode == "compatibility" || *mode == "1" ? 1
                                                                                         : 2;
  if (const auto backdating = view["backdating"].given())
    out.CertificateBackdatingCompensation =
        parse_duration(*backdating).value_or(0) / (out.profile == kdc::Profile::samba ? kMinute : 1);
  out.UseSubjectAltName = view["use_subject_alt_name"].boolean(out.UseSubjectAltName);
  if (const schema::View bypass = view["nt_auth_bypass"])
    out.AllowNtAuthPolicyBypass = static_cast<int>(bypass.integer());
  out.os_version = static_cast<int>(schema::View(view["os_version"]).integer(out.os_version));
  out.revocation_unknown_ignored = view["revocation_unknown_ignored"].boolean(out.revocation_unknown_ignored);
  out.revocation_cache = view["revocation_cache"].boolean(out.revocation_cache);
  out.StrongNameMatches = view["strong_name_matches"].texts();
  out.has_kdc_certificate = view["has_kdc_certificate"].boolean(out.has_kdc_certificate);
  const auto read = [&](std::string_view name, bool& into) { into = view[name].boolean(into); };
  read("uri_mismatch_refused", out.uri_mismatch_refused);
  read("uri_list_accepted", out.uri_list_accepted);
  read("sid_alone_maps", out.sid_alone_maps);
  read("unresolved_upn_refused", out.unresolved_upn_refused);
  read("computer_upn_maps", out.computer_upn_maps);
  read("nt_auth_before_upn", out.nt_auth_before_upn);
  read("nt_auth_bypass_all_forms", out.nt_auth_bypass_all_forms);
  read("sha1_pukey_takes_key_hash", out.sha1_pukey_takes_key_hash);
  read("password_change_refused", out.password_change_refused);
  read("application_policies_count", out.application_policies_count);
  return out;
}

LabSpec ScenarioReader::lab(const schema::View& view) {
  LabSpec out;
  connectors_ = {ConnectorSpec{}.name};
  users_ = {"Administrator"};
  accounts_ = {"Administrator", "DC01$", ConnectorSpec{}.name + "$"};
  if (!view) return out;
  if (const schema::View clock = view["clock"]) out.clock = parse_iso(clock.text()).value_or(out.clock);
  out.seed = view["seed"].text(out.seed);
  out.directory_over_ldap = view["directory"].text("ldap") == "ldap";
  if (const schema::View domain = view["domain"]) {
    out.domain.dns_name = domain["dns_name"].text(out.domain.dns_name);
    out.domain.netbios_name = domain["netbios_name"].text();
    // The default host of the CA follows the domain.
    out.ca.host = "ca01." + out.domain.dns_name;
  }
  const std::string default_host = out.ca.host;
  out.ca = ca(view["ca"], out);
  if (!view["ca"] || !view["ca"]["host"]) out.ca.host = default_host;
  accounts_.push_back(out.ca.host.substr(0, out.ca.host.find('.')) + "$");
  for (const schema::View& import : view["import"].list()) out.ldif_imports.push_back(ldif(import["ldif"]));
  for (const schema::View& v : view["users"].list()) out.users.push_back(user(v));
  for (const schema::View& v : view["groups"].list()) out.groups.push_back(group(v));
  for (const schema::View& v : view["computers"].list()) out.computers.push_back(computer(v));
  for (const schema::View& v : view["policies"].list()) out.issuance_policies.push_back(policy_spec(v));
  for (const schema::View& v : view["templates"].list()) out.templates.push_back(template_spec(v));
  for (const schema::View& v : view["devices"].list()) out.devices.push_back(device_spec(v));
  for (const schema::View& v : view["profiles"].list()) out.profiles.push_back(profile(v));
  if (const schema::View connectors = view["connectors"]) {
    out.connectors_given = true;
    connectors_.clear();
    for (const schema::View& v : connectors.list()) out.connectors.push_back(connector_spec(v));
  }
  out.kdc = kdc(view["kdc"]);
  return out;
}

}  // namespace mimica::harness
