#include <array>
#include <boost/json.hpp>

#include "audit/fleet/fleet.h"
#include "core/base/text.h"

namespace mimica::audit {
namespace {

constexpr std::array kColumns = {"source", "state",      "account",        "subject",   "template",   "issuer",
                                 "serial", "thumbprint", "not_before",     "not_after", "led_by",     "compatibility",
                                 "full",   "rule",       "what_breaks",    "from",      "suggestion", "dn",
                                 "group",  "group_size", "newest_of_group"};

std::array<std::string, kColumns.size()> cells(const FleetRow& row) {
  const bool dated = row.state != FleetState::unreadable;
  return {row.source,
          std::string(to_string(row.state)),
          row.account,
          row.subject,
          row.template_name,
          row.issuer,
          row.serial,
          row.thumbprint,
          dated ? to_iso(row.not_before) : "",
          dated ? to_iso(row.not_after) : "",
          row.led_by,
          row.compatibility,
          row.full,
          row.rule,
          row.what_breaks,
          row.from ? to_iso(*row.from) : "",
          row.suggestion,
          row.dn,
          std::to_string(row.group),
          std::to_string(row.group_size),
          row.newest ? "yes" : "no"};
}

// Text that is not UTF-8 has no place in any of these formats.
std::string as_text_of(std::string value) {
  if (is_valid_utf8(value)) return value;
  for (char& c : value)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  return value;
}

class Csv final : public FleetReport {
 public:
  std::string begin() override {
    const std::string out = join(kColumns, ",", std::identity());
    return out + "\r\n";
  }
  std::string row(const FleetRow& row) override {
    std::string out;
    for (const std::string& cell : cells(row)) {
      if (!out.empty()) out += ',';
      out += '"' + quoted(as_text_of(cell)) + '"';
    }
    return out + "\r\n";
  }
  std::string end(const FleetSummary&, const std::vector<std::string>&) override { return {}; }

 private:
  // A spreadsheet takes a cell that begins like this for a formula, also inside quotes.
  static std::string quoted(const std::string& cell) {
    std::string out;
    constexpr std::string_view kFormula("=+-@\t\r\n", 7);
    if (!cell.empty() && kFormula.find(cell.front()) != std::string_view::npos) out += '\'';
    for (const char c : cell) {
      if (c == '"') out += '"';
      if (c != '\0') out += c;
    }
    return out;
  }
};

boost::json::object object_of(const FleetRow& row) {
  boost::json::object out;
  const auto values = cells(row);
  for (std::size_t i = 0; i < kColumns.size(); ++i) out[kColumns[i]] = as_text_of(values[i]);
  out["group"] = row.group;
  out["group_size"] = row.group_size;
  out["newest_of_group"] = row.newest;
  return out;
}

boost::json::object object_of(const std::map<std::string, std::size_t>& counts) {
  boost::json::object out;
  for (const auto& [name, count] : counts) out[as_text_of(name)] = count;
  return out;
}

boost::json::object object_of(const FleetSummary& summary, const std::vector<std::string>& notes) {
  boost::json::object states;
  for (const auto& [state, count] : summary.states) states[to_string(state)] = count;
  boost::json::array texts;
  for (const std::string& note : notes) texts.emplace_back(as_text_of(note));
  return {{"certificates", summary.certificates},
          {"counted", summary.counted},
          {"states", std::move(states)},
          {"subjects", summary.groups},
          {"subjects_broken", summary.groups_broken},
          {"by_template", object_of(summary.by_template)},
          {"by_issuer", object_of(summary.by_issuer)},
          {"by_rule", object_of(summary.by_rule)},
          {"notes", std::move(texts)}};
}

class Json final : public FleetReport {
 public:
  Json(Timestamp at, bool lines) : at_(at), lines_(lines) {}
  std::string begin() override {
    if (lines_) return {};
    return R"({"format":"mimica.kdc.audit","version":1,"at":")" + to_iso(at_) + "\",\"certificates\":[";
  }
  std::string row(const FleetRow& row) override {
    const std::string text = boost::json::serialize(object_of(row));
    if (lines_) return text + "\n";
    const std::string out = (first_ ? "\n" : ",\n") + text;
    first_ = false;
    return out;
  }
  std::string end(const FleetSummary& summary, const std::vector<std::string>& notes) override {
    if (lines_) return boost::json::serialize(boost::json::object{{"summary", object_of(summary, notes)}}) + "\n";
    return "\n],\"summary\":" + boost::json::serialize(object_of(summary, notes)) + "}\n";
  }

 private:
  Timestamp at_;
  bool lines_;
  bool first_ = true;
};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : as_text_of(std::string(text))) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t' ? '?' : c;
    }
  }
  return out;
}

// The summary is written last and shown first.
constexpr std::string_view kHead = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Certificates and strong mapping</title>
<style>
body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;display:flex;flex-direction:column;color:#222;background:#fff}
header{order:0}section{order:1}.rows{order:2;overflow-x:auto}
h1{font-size:1.4rem;margin:0 0 .3rem}h2{font-size:1.1rem}
table{border-collapse:collapse}td,th{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}
.rows th{cursor:pointer;position:sticky;top:0;background:#f4f4f4;white-space:nowrap}
.rows td{max-width:26rem;overflow-wrap:anywhere}td.n{text-align:right}
.ready{color:#176b2c}.breaks,.fails{color:#a4161a;font-weight:600}.expired,.revoked,.duplicate,.ca,.unreadable{color:#777}
.counts{display:flex;flex-wrap:wrap;gap:2rem}
@media (prefers-color-scheme:dark){body{color:#ddd;background:#181818}.rows th{background:#2a2a2a}td,th{border-color:#444}
.ready{color:#6fcf86}.breaks,.fails{color:#ff8087}}
</style></head><body>
)html";

constexpr std::string_view kTail = R"html(<script>
document.querySelectorAll('.rows th').forEach(function (head, column) {
  var down = false;
  head.addEventListener('click', function () {
    var body = document.querySelector('.rows tbody'), rows = Array.prototype.slice.call(body.rows);
    rows.sort(function (a, b) {
      return a.cells[column].textContent.localeCompare(b.cells[column].textContent, undefined, {numeric: true}) * (down ? -1 : 1);
    });
    down = !down;
    rows.forEach(function (row) { body.appendChild(row); });
  });
});
</script></body></html>
)html";

class Html final : public FleetReport {
 public:
  explicit Html(Timestamp at) : at_(at) {}
  std::string begin() override {
    std::string out(kHead);
    out += "<header><h1>Certificates and strong mapping</h1><p>Judged at " + to_iso(at_) +
           ". Click a column to sort by it.</p></header>\n<div class=\"rows\"><table><thead><tr>";
    for (const char* name : kColumns) out += "<th>" + std::string(name) + "</th>";
    return out + "</tr></thead><tbody>\n";
  }
  std::string row(const FleetRow& row) override {
    const std::string state(to_string(row.state));
    std::string out = "<tr>";
    std::size_t column = 0;
    for (const std::string& cell : cells(row))
      out += (++column == 2 ? "<td class=\"" + state + "\">" : "<td>") + escaped(cell) + "</td>";
    return out + "</tr>\n";
  }
  std::string end(const FleetSummary& summary, const std::vector<std::string>& notes) override {
    std::string out = "</tbody></table></div>\n<section><h2>Summary</h2><p>" + std::to_string(summary.certificates) +
                      " certificates, " + std::to_string(summary.counted) + " counted for " +
                      std::to_string(summary.groups) + " subjects; the newest certificate of " +
                      std::to_string(summary.groups_broken) +
                      " of them is refused under Full Enforcement.</p><div class=\"counts\">";
    std::map<std::string, std::size_t> states;
    for (const auto& [state, count] : summary.states) states[std::string(to_string(state))] = count;
    out += table("State", states) + table("Refused, by template", summary.by_template) +
           table("Refused, by issuer", summary.by_issuer) + table("Refused, by rule", summary.by_rule) + "</div>";
    for (const std::string& note : notes) out += "<p>Note: " + escaped(note) + "</p>";
    return out + "</section>\n" + std::string(kTail);
  }

 private:
  static std::string table(const std::string& title, const std::map<std::string, std::size_t>& counts) {
    if (counts.empty()) return {};
    std::string out = "<table><tr><th>" + title + "</th><th>certificates</th></tr>";
    for (const auto& [name, count] : counts)
      out += "<tr><td>" + escaped(name.empty() ? "(none)" : name) + "</td><td class=\"n\">" + std::to_string(count) +
             "</td></tr>";
    return out + "</table>";
  }
  Timestamp at_;
};

}  // namespace

std::unique_ptr<FleetReport> fleet_report_for(std::string_view file_name, Timestamp at) {
  const std::string name = to_lower(file_name);
  if (name.ends_with(".csv")) return std::make_unique<Csv>();
  if (name.ends_with(".json")) return std::make_unique<Json>(at, false);
  if (name.ends_with(".jsonl")) return std::make_unique<Json>(at, true);
  if (name.ends_with(".html") || name.ends_with(".htm")) return std::make_unique<Html>(at);
  return nullptr;
}

}  // namespace mimica::audit
