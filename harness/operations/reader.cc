#include "harness/operations/reader.h"

#include <algorithm>
#include <boost/json.hpp>

#include "core/base/number.h"
#include "harness/schema/template_keys.h"

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
      if (const auto number = parse_decimal<std::int64_t>(node.text)) return *number;
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

void OperationReader::add(const YamlNode& node, std::string what, std::string hint) {
  if (faults_.size() < 20) faults_.push_back(fault(std::move(what), node.where(source_), std::move(hint)));
}

void OperationReader::known_name(const schema::View& view, const std::string& kind,
                                 const std::vector<std::string>& known) {
  if (!names_known_ || !view || std::find(known.begin(), known.end(), view.text()) != known.end()) return;
  const std::string near = nearest(view.text(), known);
  std::string all;
  for (std::size_t i = 0; i < known.size() && i < 12; ++i) all += (i == 0 ? "" : ", ") + known[i];
  add(view.node(), "there is no " + kind + " '" + view.text() + "' here",
      !near.empty() ? "did you mean '" + near + "'?"
      : all.empty() ? "no " + kind + " has been given before this line"
                    : "there are: " + all);
}

std::string OperationReader::device(const schema::View& view) {
  known_name(view, "device", devices_);
  return view.text();
}

std::string OperationReader::connector(const schema::View& view) {
  known_name(view, "connector", connectors_);
  return view.text("CONNECTOR01");
}

std::string OperationReader::step_id(const schema::View& view) {
  known_name(view, "earlier step with the id", ids_);
  return view.text();
}

// Only plain names that nothing before this line makes are reported; UPNs, DNs and imports may name anybody.
void OperationReader::known_account(const schema::View& view) {
  if (directory_imported_ || view.text().find_first_of("\\@=") != std::string::npos ||
      starts_with_ignore_case(view.text(), "S-1-"))
    return;
  const auto named = [&](const std::string& known) {
    return equals_ignore_case(known, view.text()) || equals_ignore_case(known, view.text() + "$");
  };
  if (std::none_of(accounts_.begin(), accounts_.end(), named)) known_name(view, "account", accounts_);
}

std::string OperationReader::file(const schema::View& view) {
  if (!read_file_) {
    add(view.node(), "files cannot be read here", "give the content inline");
    return {};
  }
  auto content = read_file_(view.text());
  if (content) return *std::move(content);
  add(view.node(), content.error().what,
      content.error().hint.empty() ? "paths are relative to the scenario file" : content.error().hint);
  return {};
}

// A path has no line break and does not begin as LDIF does (RFC 2849: "version:" or "dn:").
std::pair<std::string, std::string> OperationReader::ldif(const schema::View& view) {
  directory_imported_ = true;
  const std::string given = view.text();
  if (given.find('\n') != std::string::npos || starts_with_ignore_case(given, "dn:") ||
      starts_with_ignore_case(given, "version:"))
    return {source_ + ":" + std::to_string(view.node().line), given};
  return {given, file(view)};
}

KeySpec OperationReader::key(const schema::View& view, KeySpec absent) {
  if (!view) return absent;
  auto spec = parse_key_spec(view.text());
  if (spec) return *spec;
  add(view.node(), "'" + view.text() + "' is no kind of key",
      "write RSA-2048, RSA-3072, RSA-4096, P-256, P-384 or P-521");
  return absent;
}

UserSpec OperationReader::user(const schema::View& view) {
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

GroupSpec OperationReader::group(const schema::View& view) {
  return {view["name"].text(), view["members"].texts(), view.node().where(source_)};
}

ComputerSpec OperationReader::computer(const schema::View& view) {
  accounts_.push_back(view["name"].text() + "$");
  return {view["name"].text(), view["groups"].texts(), view.node().where(source_)};
}

DeviceSpec OperationReader::device_spec(const schema::View& view) {
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

TemplateSpec OperationReader::template_spec(const schema::View& view) {
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

IssuancePolicySpec OperationReader::policy_spec(const schema::View& view) {
  return {view["name"].text(), view["oid"].text(), view["cps"].text(), view["group"].text(),
          view.node().where(source_)};
}

ProfileSpec OperationReader::profile(const schema::View& view) {
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

ConnectorSpec OperationReader::connector_spec(const schema::View& view) {
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

CaRight OperationReader::right(const schema::View& view) {
  CaRight out{view["account"].text(), view["rights"].texts(), view.node().where(source_)};
  if (out.rights.empty()) out.rights = {"request"};
  return out;
}

}  // namespace mimica::harness
