// The steps of a scenario and their expectations.
#include <algorithm>

#include "core/base/assertion.h"
#include "harness/scenario/language.h"
#include "harness/scenario/scenario_reader.h"

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

ScenarioStep ScenarioReader::step(const View& view) {
  const YamlNode::Member* verb = view.verb();
  const Operation* operation = operation_named(verb->key);
  MIMICA_ASSERT(operation != nullptr);  // `repeat`, the only other verb, is gone by now
  ScenarioStep out{operation->read(*this, view[verb->key]), {}, {}, {}, {}};
  out.where = {source_, verb->line, verb->column, {}};
  out.note = view["note"].text();
  if (const View expect = view["expect"]) out.expect = expectation(expect);
  if (verb->key == "enroll" && expects_success(out.expect)) known_account(view["enroll"]["as"]);
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
