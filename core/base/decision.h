// Decisions that explain themselves: every yes and every no carries the rules tried, in order.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/fault.h"
#include "core/base/time.h"

namespace mimica {

// Where a rule's behaviour comes from.
enum class Provenance {
  documented,  // a public specification or vendor documentation says so
  observed,    // seen in real artefacts of a Windows installation
  inferred,    // our conclusion; listed in docs/divergences.md
};

// A check as a documented constant. Rules are `inline constexpr Rule kSomething{...}` in the rules.h of their folder;
// each folder lists its rules so that docs/rules.md can be generated and stored traces can be read back.
struct Rule {
  std::string_view id;        // "templates.permission.enroll": folder.subject.check, lower case
  std::string_view title;     // one sentence saying what must hold
  std::string_view citation;  // "MS-CRTD 2.5.1", "KB5014754", "REQ-45"
  std::string_view hint;      // general repair advice; a Step may carry a more specific one
  Provenance provenance = Provenance::documented;
  std::string_view effective = {};  // ISO date from which the rule applies; empty = always
};

enum class Verdict { pass, fail, warn, not_applicable };
std::string_view to_string(Verdict verdict);  // "pass", "fail", "warn", "n/a"

struct Fact {
  std::string name;
  std::string value;
  bool operator==(const Fact&) const = default;
};

struct Step {
  const Rule* rule = nullptr;  // never null in a finished trace
  Verdict verdict = Verdict::pass;
  std::string found;        // one line: what was found (and, on failure, what was required)
  std::vector<Fact> facts;  // the values the check looked at
  std::string hint;         // specific repair; empty: use rule->hint
  Code code;                // code a failing step answers with
};

class Trace {
 public:
  void add(Step step) { steps_.push_back(std::move(step)); }
  void append(Trace other);
  const std::vector<Step>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  // The step that decided a refusal: the last failing one. nullptr when nothing failed.
  const Step* deciding() const;
  const Step* find(std::string_view rule_id) const;
  bool has(std::string_view rule_id, Verdict verdict) const;

  // Convenience for rule code.
  void pass(const Rule& rule, std::string found = {}, std::vector<Fact> facts = {});
  void warn(const Rule& rule, std::string found, std::vector<Fact> facts = {}, std::string hint = {});
  void skip(const Rule& rule, std::string why);
  void fail(const Rule& rule, Code code, std::string found, std::vector<Fact> facts = {}, std::string hint = {});

 private:
  std::vector<Step> steps_;
};

// An answered question. `granted` holds the value on yes; on no, `code` is the answer's code and trace.deciding() why.
template <typename T>
struct [[nodiscard]] Decision {
  std::optional<T> granted;
  Code code;
  Trace trace;

  explicit operator bool() const { return granted.has_value(); }
  std::string_view rule() const {
    const Step* step = trace.deciding();
    return step == nullptr || granted ? std::string_view{} : step->rule->id;
  }
  static Decision grant(T value, Trace trace) { return {std::move(value), {}, std::move(trace)}; }
  // The refusal takes its code from the deciding step of the trace.
  static Decision refuse(Trace trace) {
    const Step* step = trace.deciding();
    Code code = step == nullptr ? Code{} : step->code;
    return {std::nullopt, code, std::move(trace)};
  }
};

struct Unit {
  bool operator==(const Unit&) const = default;
};

enum class Colour { none, ansi };

// The explanation that every face renders:
//   request 17 refused: CERTSRV_E_TEMPLATE_DENIED (0x80094012)
//     pass  templates.catalog.published   "IntuneUser" is published by CONTOSO-CA
//     FAIL  templates.permission.enroll   needs Enroll on …
//           hint: allow Enroll …
// `headline` is the first line's text before the code ("request 17 refused"); an empty one omits the line.
std::string explain(const Trace& trace, std::string_view headline = {}, Code code = {}, Colour colour = Colour::none);

// JSON array of {rule, verdict, found, code?, hint?, facts{}}; the form stored in databases and printed by --json.
std::string trace_to_json(const Trace& trace);
// Reads it back; a rule id that `rules` does not know is a Fault.
Result<Trace> trace_from_json(std::string_view json, std::span<const Rule* const> rules);

}  // namespace mimica
