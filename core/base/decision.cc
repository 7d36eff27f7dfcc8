#include "core/base/decision.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <boost/json/monotonic_resource.hpp>

namespace mimica {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "fail";
    case Verdict::warn:
      return "warn";
    case Verdict::not_applicable:
      return "n/a";
  }
  return "?";
}

void Trace::append(Trace other) {
  steps_.insert(steps_.end(), std::make_move_iterator(other.steps_.begin()),
                std::make_move_iterator(other.steps_.end()));
}

const Step* Trace::deciding() const {
  const auto at =
      std::find_if(steps_.rbegin(), steps_.rend(), [](const Step& s) { return s.verdict == Verdict::fail; });
  return at == steps_.rend() ? nullptr : &*at;
}

const Step* Trace::find(std::string_view rule_id) const {
  const auto at = std::find_if(steps_.begin(), steps_.end(), [&](const Step& s) { return s.rule->id == rule_id; });
  return at == steps_.end() ? nullptr : &*at;
}

bool Trace::has(std::string_view rule_id, Verdict verdict) const {
  return std::any_of(steps_.begin(), steps_.end(),
                     [&](const Step& s) { return s.rule->id == rule_id && s.verdict == verdict; });
}

void Trace::pass(const Rule& rule, std::string found, std::vector<Fact> facts) {
  add({&rule, Verdict::pass, std::move(found), std::move(facts), {}, {}});
}
void Trace::warn(const Rule& rule, std::string found, std::vector<Fact> facts, std::string hint) {
  add({&rule, Verdict::warn, std::move(found), std::move(facts), std::move(hint), {}});
}
void Trace::skip(const Rule& rule, std::string why) {
  add({&rule, Verdict::not_applicable, std::move(why), {}, {}, {}});
}
void Trace::fail(const Rule& rule, Code code, std::string found, std::vector<Fact> facts, std::string hint) {
  add({&rule, Verdict::fail, std::move(found), std::move(facts), std::move(hint), code});
}

std::string explain(const Trace& trace, std::string_view headline, Code code, Colour colour) {
  const auto paint = [&](Verdict verdict, std::string text) {
    if (colour == Colour::none) return text;
    const char* start = verdict == Verdict::fail   ? "\033[1;31m"
                        : verdict == Verdict::warn ? "\033[33m"
                        : verdict == Verdict::pass ? "\033[32m"
                                                   : "\033[2m";
    return start + text + "\033[0m";
  };
  std::string out;
  if (!headline.empty()) {
    out += headline;
    if (const std::string text = describe(code); !text.empty()) out += ": " + text;
    out += '\n';
  }
  std::size_t width = 0;
  for (const Step& step : trace.steps()) width = std::max(width, step.rule->id.size());
  const Step* deciding = trace.deciding();
  for (const Step& step : trace.steps()) {
    const std::string mark = step.verdict == Verdict::fail ? "FAIL" : std::string(to_string(step.verdict));
    out += "  " + paint(step.verdict, mark) + std::string(6 - mark.size(), ' ') + std::string(step.rule->id);
    const std::string_view found = step.found.empty() ? step.rule->title : std::string_view(step.found);
    out += std::string(width - step.rule->id.size() + 2, ' ') + std::string(found) + '\n';
    const std::string_view hint = !step.hint.empty()  ? std::string_view(step.hint)
                                  : &step == deciding ? step.rule->hint
                                                      : std::string_view{};
    if (!hint.empty()) out += "        hint: " + std::string(hint) + '\n';
  }
  return out;
}

std::string trace_to_json(const Trace& trace) {
  // One block for the whole tree: each request of a CA comes through here.
  std::array<unsigned char, 16384> buffer;
  boost::json::monotonic_resource memory(buffer.data(), buffer.size());
  boost::json::array steps(&memory);
  steps.reserve(trace.steps().size());
  for (const Step& step : trace.steps()) {
    boost::json::object& o = steps.emplace_back(boost::json::object(&memory)).get_object();
    o.reserve(6);
    o.emplace("rule", step.rule->id);
    o.emplace("verdict", to_string(step.verdict));
    o.emplace("found", step.found);
    if (step.code.index() != 0) o.emplace("code", symbol(step.code));
    if (!step.hint.empty()) o.emplace("hint", step.hint);
    if (!step.facts.empty()) {
      boost::json::object& facts = o.emplace("facts", boost::json::object(&memory)).first->value().get_object();
      facts.reserve(step.facts.size());
      for (const Fact& fact : step.facts) facts[fact.name] = fact.value;
    }
  }
  return boost::json::serialize(steps);
}

Result<Trace> trace_from_json(std::string_view json, std::span<const Rule* const> rules) {
  boost::system::error_code error;
  const auto value = boost::json::parse(json, error);
  if (error || !value.is_array()) return fault("a stored trace is not a JSON array");
  const auto text = [](const boost::json::object& o, std::string_view key) -> std::string {
    const auto* v = o.if_contains(key);
    return v != nullptr && v->is_string() ? std::string(v->get_string()) : std::string();
  };
  Trace trace;
  for (const auto& item : value.get_array()) {
    if (!item.is_object()) return fault("a step of a stored trace is not an object");
    const auto& o = item.get_object();
    Step step;
    const std::string id = text(o, "rule");
    const auto rule = std::find_if(rules.begin(), rules.end(), [&](const Rule* r) { return r->id == id; });
    if (rule == rules.end()) return fault("a stored trace names the unknown rule '" + id + "'");
    step.rule = *rule;
    const std::string verdict = text(o, "verdict");
    bool known = false;
    for (Verdict v : {Verdict::pass, Verdict::fail, Verdict::warn, Verdict::not_applicable})
      if (to_string(v) == verdict) step.verdict = v, known = true;
    if (!known) return fault("a stored trace has the unknown verdict '" + verdict + "'");
    step.found = text(o, "found");
    step.hint = text(o, "hint");
    if (const std::string name = text(o, "code"); !name.empty()) step.code = code_named(name).value_or(Code{});
    if (const auto* facts = o.if_contains("facts"); facts != nullptr && facts->is_object())
      for (const auto& [name, fact] : facts->get_object())
        if (fact.is_string()) step.facts.push_back({std::string(name), std::string(fact.get_string())});
    trace.add(std::move(step));
  }
  return trace;
}

}  // namespace mimica
