// The lab part of a scenario.
#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "harness/scenario/scenario_reader.h"
#include "harness/scenario/template_keys.h"

namespace mimica::harness {
namespace {

namespace json = boost::json;

json::value to_json(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return nullptr;
    case YamlNode::Kind::scalar: {
      if (!node.plain) return json::string(node.text);
      if (node.text == "true") return true;
      if (node.text == "false") return false;
      std::int64_t number = 0;
      const char* end = node.text.data() + node.text.size();
      const auto [at, error] = std::from_chars(node.text.data(), end, number);
      if (error == std::errc{} && at == end) return number;
      return json::string(node.text);
    }
    case YamlNode::Kind::sequence: {
      json::array out;
      for (const YamlNode& item : node.items) out.push_back(to_json(item));
      return out;
    }
    case YamlNode::Kind::mapping: {
      json::object out;
      for (const auto& member : node.members) out[member.key] = to_json(member.value);
      return out;
    }
  }
  return nullptr;
}

}  // namespace

std::string yaml_to_json(const YamlNode& node) { return json::serialize(to_json(node)); }

void ScenarioReader::add(const YamlNode& node, std::string what, std::string hint) {
  if (faults_.size() < 20) faults_.push_back(fault(std::move(what), node.where(source_), std::move(hint)));
}

void ScenarioReader::known_name(const schema::View& view, const std::string& kind,
                                const std::vector<std::string>& known) {
  if (!view || std::find(known.begin(), known.end(), view.text()) != known.end()) return;
  const std::string near = nearest(view.text(), known);
  std::string all;
  for (std::size_t i = 0; i < known.size() && i < 12; ++i) all += (i == 0 ? "" : ", ") + known[i];
  add(view.node(), "there is no " + kind + " '" + view.text() + "' here",
      !near.empty() ? "did you mean '" + near + "'?"
      : all.empty() ? "no " + kind + " has been given before this line"
                    : "there are: " + all);
}

std::string ScenarioReader::device(const schema::View& view) {
  known_name(view, "device", devices_);
  return view.text();
}

std::string ScenarioReader::connector(const schema::View& view) {
  known_name(view, "connector", connectors_);
  return view.text("CONNECTOR01");
}

std::string ScenarioReader::step_id(const schema::View& view) {
  known_name(view, "earlier step with the id", ids_);
  return view.text();
}

// Only plain names that nothing before this line makes are reported; UPNs, DNs and imports may name anybody.
void ScenarioReader::known_account(const schema::View& view) {
  if (directory_imported_ || view.text().find_first_of("\\@=") != std::string::npos ||
      starts_with_ignore_case(view.text(), "S-1-"))
    return;
  const auto named = [&](const std::string& known) {
    return equals_ignore_case(known, view.text()) || equals_ignore_case(known, view.text() + "$");
  };
  if (std::none_of(accounts_.begin(), accounts_.end(), named)) known_name(view, "account", accounts_);
}

std::string ScenarioReader::file(const schema::View& view) {
  if (!options_.read_file) {
    add(view.node(), "files cannot be read here", "give the content inline");
    return {};
  }
  auto content = options_.read_file(view.text());
  if (content) return *std::move(content);
  add(view.node(), content.error().what,
      content.error().hint.empty() ? "paths are relative to the scenario file" : content.error().hint);
  return {};
}

// A path has no line break and does not begin as LDIF does (RFC 2849: "version:" or "dn:").
std::pair<std::string, std::string> ScenarioReader::ldif(const schema::View& view) {
  directory_imported_ = true;
  const std::string given = view.text();
  if (given.find('\n') != std::string::npos || starts_with_ignore_case(given, "dn:") ||
      starts_with_ignore_case(given, "version:"))
    return {source_ + ":" + std::to_string(view.node().line), given};
  return {given, file(view)};
}

KeySpec ScenarioReader::key(const schema::View& view, KeySpec absent) {
  if (!view) return absent;
  auto spec = parse_key_spec(view.text());
  if (spec) return *spec;
  add(view.node(), "'" + view.text() + "' is no kind of key",
      "write RSA-2048, RSA-3072, RSA-4096, P-256, P-384 or P-521");
  return absent;
}

UserSpec ScenarioReader::user(const schema::View& view) {
  UserSpec out;
  out.where = view.node().where(source_);
  out.name = view["name"].text();
  out.display_name = view["display_name"].text();
  out.upn = view["upn"].text();
  out.mail = view["mail"].text();
  out.password = view["password"].text(out.password);
  out.groups = view["groups"].texts();
  out.cloud_only = view["cloud_only"].boolean();
  users_.push_back(out.name);
  accounts_.push_back(out.name);
  return out;
}

GroupSpec ScenarioReader::group(const schema::View& view) {
  return {view["name"].text(), view["members"].texts(), view.node().where(source_)};
}

ComputerSpec ScenarioReader::computer(const schema::View& view) {
  accounts_.push_back(view["name"].text() + "$");
  return {view["name"].text(), view["groups"].texts(), view.node().where(source_)};
}

DeviceSpec ScenarioReader::device_spec(const schema::View& view) {
  DeviceSpec out;
  out.where = view.node().where(source_);
  out.name = view["name"].text();
  out.platform = view["platform"].text(out.platform);
  out.join = view["join"].text();
  if (!directory_imported_) known_name(view["user"], "user", users_);
  out.user = view["user"].text();
  out.os_version = view["os_version"].text();
  out.os_at_enrollment = view["os_at_enrollment"].text();
  if (const schema::View attributes = view["attributes"])
    for (const auto& member : attributes.node().members) out.attributes[member.key] = member.value.text;
  devices_.push_back(out.name);
  accounts_.push_back(out.name + "$");
  return out;
}

TemplateSpec ScenarioReader::template_spec(const schema::View& view) {
  TemplateSpec out;
  out.where = view.node().where(source_);
  out.name = view["name"].text();
  out.display_name = view["display_name"].text();
  out.duplicate = view["duplicate"].text(out.duplicate);
  out.publish = view["publish"].boolean(true);
  if (out.name.empty() && out.display_name.empty())
    add(view.node(), "a template needs a name", "give 'display_name' or 'name'");
  out.edits = template_edits(view.node());
  return out;
}

IssuancePolicySpec ScenarioReader::policy_spec(const schema::View& view) {
  return {view["name"].text(), view["oid"].text(), view["cps"].text(), view["group"].text(),
          view.node().where(source_)};
}

ProfileSpec ScenarioReader::profile(const schema::View& view) {
  ProfileSpec out;
  out.where = view.node().where(source_);
  out.assign = view["assign"].texts();
  const schema::View from_file = view["file"];
  const schema::View given = view["inline"];
  if (static_cast<bool>(from_file) == static_cast<bool>(given)) {
    add(view.node(), "a profile needs either 'file' or 'inline'", "file: a JSON file; inline: the JSON itself");
    return out;
  }
  json::value document;
  if (given) {
    out.source = source_ + ":" + std::to_string(given.node().line);
    document = to_json(given.node());
  } else {
    out.source = from_file.text();
    out.json = file(from_file);
    if (out.json.empty()) return out;
    if (!view["set"]) return out;  // byte for byte as it is; whoever reads the profile reports its faults
    boost::system::error_code error;
    json::parse_options parsing;
    parsing.max_depth = 32;
    document = json::parse(out.json, error, {}, parsing);
    if (error || !document.is_object()) {
      add(from_file.node(), "'" + from_file.text() + "' is not a JSON object" + (error ? ": " + error.message() : ""),
          "a profile is one deviceConfiguration as Microsoft Graph returns it");
      return out;
    }
  }
  if (const schema::View changes = view["set"])
    for (const auto& member : changes.node().members) document.get_object()[member.key] = to_json(member.value);
  out.json = json::serialize(document);
  return out;
}

ConnectorSpec ScenarioReader::connector_spec(const schema::View& view) {
  ConnectorSpec out;
  out.where = view.node().where(source_);
  out.name = view["name"].text(out.name);
  out.version = view["version"].text(out.version);
  out.service_account = view["service_account"].text();
  out.domain_joined = view["domain_joined"].boolean(true);
  out.sid_extension = view["sid_extension"].boolean();
  connectors_.push_back(out.name);
  accounts_.push_back(out.name + "$");
  return out;
}

CaRight ScenarioReader::right(const schema::View& view) {
  CaRight out{view["account"].text(), view["rights"].texts(), view.node().where(source_)};
  if (out.rights.empty()) out.rights = {"request"};
  return out;
}

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
