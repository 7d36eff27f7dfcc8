// The steps of a scenario and their expectations.
#include <algorithm>
#include <array>

#include "core/base/bytes.h"
#include "harness/scenario/language.h"
#include "harness/scenario/scenario_reader.h"
#include "harness/scenario/template_keys.h"
#include "kdc/policy/registry_values.h"

namespace mimica::harness {
namespace {

using schema::View;

bool says_none(const View& view) { return view && view.node().is_scalar() && view.text() == "none"; }

std::vector<int> numbers(const YamlNode& node) {
  std::vector<int> out;
  const auto one = [&](const YamlNode& n) {
    if (n.is_scalar()) out.push_back(static_cast<int>(std::strtol(n.text.c_str(), nullptr, 10)));
  };
  one(node);
  for (const YamlNode& item : node.items) one(item);
  return out;
}

int reason_number(std::string_view name) {  // RFC 5280 5.3.1
  constexpr std::array<std::pair<std::string_view, int>, 7> kReasons{{{"unspecified", 0},
                                                                      {"key_compromise", 1},
                                                                      {"ca_compromise", 2},
                                                                      {"affiliation_changed", 3},
                                                                      {"superseded", 4},
                                                                      {"cessation_of_operation", 5},
                                                                      {"certificate_hold", 6}}};
  for (const auto& reason : kReasons)
    if (reason.first == name) return reason.second;
  return 0;
}

// A step that expects anything else may name on purpose what there is not.
bool expects_success(const std::optional<Expectation>& expect) {
  if (!expect) return true;
  if (expect->any_outcome || !expect->code.empty() || !expect->rule.empty()) return false;
  return expect->outcome != Outcome::refused && expect->outcome != Outcome::failed;
}

}  // namespace

CertificateExpectation ScenarioReader::certificate(const View& view) {
  CertificateExpectation out;
  if (says_none(view)) {
    out.none = true;
    return out;
  }
  out.sid = view["sid"].given();
  out.subject = view["subject"].given();
  out.issuer = view["issuer"].given();
  out.template_name = view["template"].given();
  out.key = view["key"].given();
  if (const View san = view["san"]) out.sans = says_none(san) ? std::vector<std::string>{} : san.texts();
  if (const View eku = view["eku"]) out.ekus = eku.texts();
  if (const View validity = view["validity"]) out.validity = parse_duration(validity.text()).value_or(0);
  if (const View end = view["not_after"]) out.not_after = parse_iso(end.text()).value_or({});
  if (const View same = view["same_as"]) out.same_as = step_id(same);
  if (const View other = view["differs_from"]) out.differs_from = step_id(other);
  return out;
}

Expectation ScenarioReader::expectation(const View& view) {
  Expectation out;
  if (const View outcome = view["outcome"]) {
    out.any_outcome = outcome.text() == "any";
    for (const Outcome o :
         {Outcome::issued, Outcome::allowed, Outcome::done, Outcome::pending, Outcome::refused, Outcome::failed})
      if (to_string(o) == outcome.text()) out.outcome = o;
  }
  out.code = view["code"].text();
  out.rule = view["rule"].text();
  if (const View trace = view["trace"]) {
    for (const auto& member : trace.node().members) {
      if (!options_.rules.empty() &&
          std::find(options_.rules.begin(), options_.rules.end(), member.key) == options_.rules.end()) {
        const std::string near = nearest(member.key, options_.rules);
        YamlNode at;
        at.line = member.line;
        at.column = member.column;
        add(at, "no rule is called '" + member.key + "'",
            near.empty() ? "`mimica rules` lists all rules" : "did you mean '" + near + "'?");
      }
      for (const Verdict v : {Verdict::pass, Verdict::fail, Verdict::warn, Verdict::not_applicable})
        if (to_string(v) == member.value.text) out.trace.emplace_back(member.key, v);
    }
  }
  if (const View event = view["event"]) out.events = says_none(event) ? std::vector<int>{} : numbers(event.node());
  if (const View log = view["log"]) {
    out.log.emplace();
    if (log.node().is_mapping()) {
      for (const auto& member : log.node().members)
        for (const int id : numbers(member.value)) out.log->push_back({member.key, id});
    } else if (!says_none(log)) {
      for (const int id : numbers(log.node())) out.log->push_back({"", id});
    }
  }
  if (const View cert = view["certificate"]) out.certificate = certificate(cert);
  return out;
}

EnrollSpec ScenarioReader::enroll(const View& view) {
  EnrollSpec out;
  out.caller = view["as"].text();
  out.template_name = view["template"].text();
  out.subject = view["subject"].text();
  out.sans = view["san"].texts();
  for (const View& san : view["san"].list())
    if (const auto equals = san.text().find('='); equals == std::string::npos || equals == 0)
      add(san.node(), "'" + san.text() + "' is no subject alternative name",
          "write upn=, dns=, email=, url= or sid= and the value");
  out.key = key(view["key"], out.key);
  if (const View attributes = view["attributes"])
    for (const auto& member : attributes.node().members) out.attributes += member.key + ":" + member.value.text + "\n";
  if (const View request = view["request"]) {
    if (view["subject"] || view["san"] || view["key"])
      add(request.node(), "'request' stands beside 'subject', 'san' or 'key'", "a ready request brings its own");
    out.request = to_bytes(std::string_view(file(request)));
  }
  return out;
}

step::Registry ScenarioReader::registry(const View& view) {
  step::Registry out;
  out.connector = connector(view["connector"]);
  out.path = view["path"].text();
  for (const auto& member : view["set"].node().members) {
    const std::string& value = member.value.text;
    const bool whole = member.value.plain && !value.empty() &&
                       std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
    out.values.push_back({member.key, view["type"].text(whole ? "REG_DWORD" : "REG_SZ"), value});
  }
  return out;
}

Action ScenarioReader::ca_change(const View& view) {
  const YamlNode::Member* what = view.verb();
  if (what->key == "grant" || what->key == "remove")
    return step::CaRights{right(view[what->key]), what->key == "grant"};
  if (what->key == "edit_flag") {
    for (const View& flag : view["edit_flag"].list())
      if (flag.text().empty() || (flag.text()[0] != '+' && flag.text()[0] != '-'))
        add(flag.node(), "'" + flag.text() + "' must begin with + or -", "for example +EDITF_ATTRIBUTEENDDATE");
    return step::EditFlags{view["edit_flag"].texts()};
  }
  if (what->key == "renew") return step::RenewCa{view["renew"].text() == "new_key"};
  if (what->key == "install_update") return step::InstallUpdate{view["install_update"].texts()};
  return step::PublishCrl{what->key == "publish_delta_crl"};
}

step::Addition ScenarioReader::addition(const View& view) {
  const std::string& key = view.verb()->key;
  const View what = view[key];
  if (key == "user") return user(what);
  if (key == "group") return group(what);
  if (key == "computer") return computer(what);
  if (key == "member") return step::Membership{what["group"].text(), what["member"].text()};
  if (key == "device") return device_spec(what);
  if (key == "template") return template_spec(what);
  if (key == "policy") return policy_spec(what);
  if (key == "profile") return profile(what);
  if (key == "connector") return connector_spec(what);
  auto [source, text] = ldif(what);
  return step::Ldif{std::move(source), std::move(text)};
}

Action ScenarioReader::action(const std::string& verb, const View& v) {
  if (verb == "deliver") return step::Deliver{v["profile"].text(), device(v["to"])};
  if (verb == "renew") return step::Renew{v["profile"].text(), device(v["on"])};
  if (verb == "check_in") return step::CheckIn{device(v["device"])};
  if (verb == "enroll") {
    step::Enroll out{enroll(v), {}, v["renews"] ? step_id(v["renews"]) : std::string()};
    for (const View& signer : v["signed_by"].list()) out.signed_by.push_back(step_id(signer));
    out.spec.on_behalf_of = v["on_behalf_of"].text();
    out.spec.same_key = v["same_key"].text() == "true";
    out.spec.format = v["format"].text();
    if (out.spec.same_key && out.renews.empty())
      add(v["same_key"].node(), "'same_key' stands without 'renews'", "name the step whose certificate is renewed");
    return out;
  }
  if (verb == "logon") {
    step::Logon out;
    out.spec.as = v["as"].text();
    out.spec.device = v["device"] ? device(v["device"]) : "";
    out.spec.profile = v["profile"].text();
    out.spec.which = v["which"].text() == "previous" ? "previous" : "";
    if (v["certificate"]) out.certificate = step_id(v["certificate"]);
    if (static_cast<bool>(v["device"]) == static_cast<bool>(v["certificate"]))
      add(v.node(), "a logon needs either 'device' or 'certificate'",
          "device: uses its newest certificate; certificate: a step id");
    return out;
  }
  if (verb == "clock") {
    if (v["set"]) return step::SetClock{parse_iso(v["set"].text()).value_or({})};
    return step::AdvanceClock{parse_duration(v["advance"].text()).value_or(0)};
  }
  if (verb == "registry") return registry(v);
  if (verb == "kdc") {
    step::KdcRegistry out;
    if (const View set = v["set"])
      for (const auto& member : set.node().members) out.values.emplace_back(member.key, member.value.text);
    for (const std::string& name : v["delete"].texts()) out.values.emplace_back(name, std::nullopt);
    kdc::KdcConfig scratch;
    for (const auto& [name, data] : out.values)
      if (const auto set = kdc::set_registry_value(scratch, name, data); !set)
        add(v.node(), set.error().what, set.error().hint);
    if (out.values.empty()) add(v.node(), "nothing is to be changed", "give 'set' or 'delete'");
    return out;
  }
  if (verb == "restart") return step::Restart{connector(v["connector"]), v["service"].texts()};
  if (verb == "upgrade") return step::Upgrade{connector(v["connector"]), v["version"].text()};
  if (verb == "template") {
    step::EditTemplate out{v["name"].text(), template_edits(v.node()), std::nullopt};
    if (v["display_name"]) out.edits.emplace(out.edits.begin(), "display_name", v["display_name"].text());
    if (v["publish"]) out.publish = v["publish"].boolean();
    if (out.edits.empty() && !out.publish)
      add(v.node(), "nothing is to be changed", "give 'publish' or a setting of the template");
    return out;
  }
  if (verb == "ca") return ca_change(v);
  if (verb == "publication") return step::Publication{v["reachable"].boolean(true), v["renewed"].boolean(true)};
  if (verb == "revoke")
    return step::Revoke{step_id(v["certificate"]), v["as"].text("Administrator"),
                        reason_number(v["reason"].text("unspecified"))};
  if (verb == "resolve")
    return step::Resolve{step_id(v["request"]), v["as"].text("Administrator"), v["decision"].text() == "issue"};
  if (verb == "trust") return step::Trust{device(v["device"]), v["trusted"].boolean(true)};
  if (verb == "add") return step::Add{addition(v)};
  if (verb == "map") return step::Map{v["account"].text(), step_id(v["certificate"]), v["form"].text()};
  if (verb == "set_attribute") {
    step::SetAttribute out;
    using Object = AttributeWrite::Object;
    int objects = 0;
    for (const auto& [name, object] :
         {std::pair{"account", Object::account}, std::pair{"group", Object::group},
          std::pair{"template", Object::certificate_template}, std::pair{"policy", Object::issuance_policy}}) {
      if (!v[name]) continue;
      ++objects;
      out.write.object = object;
      out.write.name = v[name].text();
    }
    if (objects != 1)
      add(v.node(), "set_attribute needs one object", "give 'account', 'group', 'template' or 'policy'");
    out.write.caller = v["as"].text();
    out.write.attribute = v["attribute"].text();
    out.write.values = v["values"].texts();
    return out;
  }
  if (verb == "delete") return step::RemoveTemplate{v["template"].text()};
  if (verb == "lint") return step::Lint{v["template"].text()};
  if (v["chain"]) return step::CheckChain{step_id(v["chain"])};
  step::CheckDevice look{device(v["device"]), std::nullopt};
  if (v["count"]) look.count = v["count"].integer();
  return look;
}

ScenarioStep ScenarioReader::step(const View& view) {
  ScenarioStep out;
  const YamlNode::Member* verb = view.verb();
  out.where = {source_, verb->line, verb->column, {}};
  out.note = view["note"].text();
  out.action = action(verb->key, view[verb->key]);
  if (const View expect = view["expect"]) out.expect = expectation(expect);
  if (std::holds_alternative<step::Enroll>(out.action) && expects_success(out.expect))
    known_account(view["enroll"]["as"]);
  if (const View id = view["as"]) {
    out.id = id.text();
    if (std::find(ids_.begin(), ids_.end(), out.id) != ids_.end())
      add(id.node(), "the step id '" + out.id + "' is used twice", "each step needs an id of its own");
    ids_.push_back(out.id);
  }
  return out;
}

Scenario ScenarioReader::read(const YamlNode& document, const std::vector<YamlNode>& steps) {
  const View root(&document, &scenario_language());
  Scenario out;
  out.source = source_;
  out.name = root["scenario"].text();
  out.why = root["why"].text();
  out.refs = root["refs"].texts();
  out.lab = lab(root["lab"]);
  out.lab.name = out.name;
  out.clock_given = root["lab"] && root["lab"]["clock"];
  for (const YamlNode& node : steps) out.steps.push_back(step(View(&node, &step_language())));
  return out;
}

}  // namespace mimica::harness
