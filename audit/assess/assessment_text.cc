#include "audit/assess/assessment_text.h"

#include <boost/json.hpp>

#include "core/base/text.h"

namespace mimica::audit {
namespace {

std::string date(Timestamp t) { return to_iso(t).substr(0, 10); }

std::string span_of(const Period& period) {
  if (!period.from && !period.until) return "always";
  if (!period.from) return "before " + date(*period.until);
  if (!period.until) return "from " + date(*period.from);
  return date(*period.from) + " to " + date(*period.until - 1);
}

std::string ids(const std::vector<int>& events) {
  const std::string out = join(events, ", ", [](const int id) { return std::to_string(id); });
  return out.empty() ? "-" : out;
}

std::string reason(const LogonVerdict& verdict) {
  if (!verdict.allowed) return "by " + verdict.rule;
  if (!verdict.strong) return "weak: " + verdict.mapping;
  return "strong by " + verdict.how + ": " + verdict.mapping;
}

std::string listed(const std::vector<std::string>& values) {
  const std::string out = join(values, "; ");
  return out.empty() ? "nothing" : out;
}

std::vector<std::string> carried(const Assessment& what) {
  std::vector<std::string> out;
  if (!what.upn.empty()) out.push_back("UPN=" + what.upn);
  for (const std::string& name : what.dns_names) out.push_back("DNS=" + name);
  for (const std::string& uri : what.sid_uris) out.push_back("URI=" + uri);
  out.push_back(what.sid ? "SID extension " + what.sid->to_string() : "no SID extension");
  return out;
}

class Text {
 public:
  Text(const Assessment& what, const std::vector<std::string>& notes, Colour colour)
      : what_(what), notes_(notes), colour_(colour) {}

  std::string all() {
    subject();
    verdict();
    modes();
    periods();
    mappings();
    repairs();
    for (const std::string& note : notes_) line("note         " + note);
    return std::move(out_);
  }

 private:
  void line(std::string_view text) { out_ += printable(text) + "\n"; }
  std::string paint(bool good, bool strong, const std::string& text) const {
    if (colour_ == Colour::none) return text;
    return (!good ? "\033[1;31m" : strong ? "\033[32m" : "\033[33m") + text + "\033[0m";
  }
  void title(const std::string& text) {
    out_ += colour_ == Colour::none ? "\n" + text + "\n" : "\n\033[1m" + text + "\033[0m\n";
  }

  void subject() {
    const Certificate& cert = what_.certificate;
    const std::string subject = cert.subject().to_cert_str();
    line("certificate  " + (subject.empty() ? "(no subject)" : subject));
    line("             issued by " + cert.issuer().to_cert_str() +
         (what_.issuer_in_nt_auth ? " (in NTAuth)" : " (not in NTAuth)"));
    line("             serial " + what_.text.serial + ", thumbprint " + what_.text.thumbprint);
    line("             valid " + to_iso(cert.not_before()) + " to " + to_iso(cert.not_after()));
    line("             carries " + listed(carried(what_)));
    if (!what_.account)
      return line("account      " + (what_.cname.empty() ? "none" : what_.cname + ": none, or several"));
    line("account      " + what_.account->sam_account_name + "  " + what_.account->dn);
    line("             SID " + what_.account->sid.to_string() + ", created " + to_iso(what_.account->when_created));
    line("mapped       strongly by " + listed(what_.strong));
    line("             weakly by " + listed(what_.weak));
  }

  void verdict() {
    const LogonVerdict& now = what_.now;
    out_ += "\n" + paint(now.allowed, now.strong, now.allowed ? "ALLOWED" : "REFUSED") + "  at " + to_iso(what_.at) +
            "  " + printable(headline(now)) + (now.events.empty() ? "" : ", event " + ids(now.events)) + "\n";
    Trace safe;
    for (Step step : now.trace.steps()) {
      step.found = printable(step.found);
      step.hint = printable(step.hint);
      safe.add(std::move(step));
    }
    out_ += explain(safe, {}, {}, colour_);
  }

  void row(const std::string& head, const LogonVerdict& verdict) {
    constexpr std::size_t kHead = 28;
    std::string outcome = verdict.allowed ? "allowed" : "refused";
    const std::string code = verdict.allowed ? "-" : number(verdict.code);
    out_ += "  " + head + std::string(head.size() < kHead ? kHead - head.size() : 1, ' ');
    out_ += paint(verdict.allowed, verdict.strong, outcome) + "  " + code +
            std::string(6 - std::min(code.size(), std::size_t{5}), ' ');
    const std::string events = ids(verdict.events);
    line(events + std::string(events.size() < 8 ? 8 - events.size() : 1, ' ') + reason(verdict));
  }

  void modes() {
    title("  mode                        answer   code  events  reason");
    for (const ModeVerdict& mode : what_.modes) row(std::string(to_string(mode.mode)), mode.verdict);
  }

  void periods() {
    title("  domain controller as of     answer   code  events  reason");
    for (const Period& period : what_.periods)
      row(span_of(period) + (period.covers(what_.at) ? "  *" : ""), period.verdict);
    if (what_.refused_from)
      line("  refused from " + date(*what_.refused_from) +
           (*what_.refused_from > what_.certificate.not_after() ? ", when the certificate has ended anyway" : ""));
  }

  void mappings() {
    if (what_.mappings.empty()) return;
    title("  explicit mappings that make it strong (each was tried under Full Enforcement), best first");
    for (const MappingToAdd& mapping : what_.mappings) line("  " + mapping.value + "\n    " + mapping.note);
    title("  for ldapmodify");
    out_ += ldif_of(*what_.account, what_.mappings.front());
  }

  void repairs() {
    if (what_.repairs.empty()) return;
    title(what_.mappings.empty() ? "  what helps" : "  or instead");
    for (const Repair& repair : what_.repairs) {
      line("  " + repair.kind + ": " + repair.text);
      if (!repair.value.empty()) line("    " + repair.value);
    }
  }

  const Assessment& what_;
  const std::vector<std::string>& notes_;
  Colour colour_;
  std::string out_;
};

boost::json::object json_of(const LogonVerdict& verdict, bool with_trace) {
  boost::json::object out{{"allowed", verdict.allowed}};
  if (verdict.allowed) {
    out["strong"] = verdict.strong;
    out["how"] = verdict.how;
    out["mapping"] = verdict.mapping;
  } else {
    out["code"] = symbol(verdict.code);
    out["number"] = number(verdict.code);
    out["rule"] = verdict.rule;
  }
  boost::json::array events;
  for (const int id : verdict.events) events.emplace_back(id);
  out["events"] = std::move(events);
  if (with_trace) out["trace"] = boost::json::parse(trace_to_json(verdict.trace));
  return out;
}

boost::json::value json_of(const std::optional<Timestamp>& time) {
  return time ? boost::json::value(to_iso(*time)) : boost::json::value();
}

boost::json::array json_of(const std::vector<std::string>& values) {
  boost::json::array out;
  for (const std::string& value : values) out.emplace_back(value);
  return out;
}

boost::json::object certificate_json(const Assessment& what) {
  const Certificate& cert = what.certificate;
  return {{"subject", cert.subject().to_rfc4514()},
          {"issuer", cert.issuer().to_rfc4514()},
          {"serial", what.text.serial},
          {"thumbprint", what.text.thumbprint},
          {"not_before", to_iso(cert.not_before())},
          {"not_after", to_iso(cert.not_after())},
          {"upn", what.upn},
          {"dns_names", json_of(what.dns_names)},
          {"sid", what.sid ? boost::json::value(what.sid->to_string()) : boost::json::value()},
          {"sid_uris", json_of(what.sid_uris)},
          {"issuer_in_nt_auth", what.issuer_in_nt_auth}};
}

}  // namespace

std::string headline(const LogonVerdict& verdict) {
  return verdict.allowed ? reason(verdict) : describe(verdict.code) + " by " + verdict.rule;
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<std::uint8_t>(c);
    if ((octet < 0x20 && c != '\n') || octet == 0x7F)
      out += "\\x" + to_hex(BytesView(&octet, 1));
    else
      out += c;
  }
  return out;
}

std::string to_text(const Assessment& assessment, const std::vector<std::string>& notes, Colour colour) {
  return Text(assessment, notes, colour).all();
}

std::string to_json(const Assessment& what, const std::vector<std::string>& notes) {
  boost::json::object account;
  if (what.account)
    account = {{"name", what.account->sam_account_name},
               {"dn", what.account->dn},
               {"sid", what.account->sid.to_string()},
               {"when_created", to_iso(what.account->when_created)}};
  boost::json::array modes, periods, mappings, repairs;
  for (const ModeVerdict& mode : what.modes) {
    boost::json::object one = json_of(mode.verdict, true);
    one["mode"] = to_string(mode.mode);
    modes.push_back(std::move(one));
  }
  for (const Period& period : what.periods) {
    boost::json::object one = json_of(period.verdict, false);
    one["from"] = json_of(period.from);
    one["until"] = json_of(period.until);
    periods.push_back(std::move(one));
  }
  for (const MappingToAdd& mapping : what.mappings)
    mappings.push_back(boost::json::object{{"form", to_string(mapping.form)},
                                           {"value", mapping.value},
                                           {"note", mapping.note},
                                           {"ldif", ldif_of(*what.account, mapping)}});
  for (const Repair& repair : what.repairs)
    repairs.push_back(boost::json::object{{"kind", repair.kind}, {"text", repair.text}, {"value", repair.value}});
  return boost::json::serialize(
      boost::json::object{{"format", "mimica.kdc.check"},
                          {"version", 1},
                          {"at", to_iso(what.at)},
                          {"certificate", certificate_json(what)},
                          {"asked_for", what.cname},
                          {"account", what.account ? boost::json::value(std::move(account)) : boost::json::value()},
                          {"mapped_strongly_by", json_of(what.strong)},
                          {"mapped_weakly_by", json_of(what.weak)},
                          {"now", json_of(what.now, true)},
                          {"ready", what.ready()},
                          {"modes", std::move(modes)},
                          {"periods", std::move(periods)},
                          {"refused_from", json_of(what.refused_from)},
                          {"mappings", std::move(mappings)},
                          {"repairs", std::move(repairs)},
                          {"notes", json_of(notes)}});
}

}  // namespace mimica::audit
