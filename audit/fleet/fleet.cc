#include "audit/fleet/fleet.h"

#include "audit/assess/assessment_text.h"

namespace mimica::audit {
namespace {

std::string outcome(const LogonVerdict& verdict) { return verdict.allowed ? "allowed" : symbol(verdict.code); }

const LogonVerdict& in_mode(const Assessment& what, kdc::Enforcement mode) {
  for (const ModeVerdict& one : what.modes)
    if (one.mode == mode) return one.verdict;
  return what.now;
}

std::string template_of(const Certificate& certificate) {
  if (const auto info = certificate.template_info()) return info->oid.dotted();
  return certificate.template_name().value_or(std::string());
}

void append_counts(std::string& out, const std::string& title, const std::map<std::string, std::size_t>& counts) {
  if (counts.empty()) return;
  out += title + "\n";
  for (const auto& [name, count] : counts)
    out += "  " + std::string(8 - std::min<std::size_t>(7, std::to_string(count).size()), ' ') + std::to_string(count) +
           "  " + printable(name.empty() ? "(none)" : name) + "\n";
}

constexpr std::size_t kMaxKinds = 10'000;  // a fleet of hostile certificates does not fill memory

void count(std::map<std::string, std::size_t>& counts, const std::string& name) {
  if (counts.size() < kMaxKinds || counts.contains(name)) ++counts[name];
}

}  // namespace

std::string_view to_string(FleetState state) {
  switch (state) {
    case FleetState::ready:
      return "ready";
    case FleetState::breaks:
      return "breaks";
    case FleetState::fails:
      return "fails";
    case FleetState::expired:
      return "expired";
    case FleetState::revoked:
      return "revoked";
    case FleetState::duplicate:
      return "duplicate";
    case FleetState::ca:
      return "ca";
    case FleetState::unreadable:
      return "unreadable";
  }
  return "?";
}

bool is_counted(const FleetRow& row, bool expired_counts) {
  return row.state == FleetState::ready || row.state == FleetState::breaks || row.state == FleetState::fails ||
         (expired_counts && row.state == FleetState::expired);
}

FleetRow fleet_row(const Assessment& what, std::string led_by, bool revoked) {
  FleetRow row;
  const Certificate& cert = what.certificate;
  row.subject = cert.subject().to_cert_str();
  row.issuer = cert.issuer().to_cert_str();
  row.serial = what.text.serial;
  row.thumbprint = what.text.thumbprint;
  row.template_name = template_of(cert);
  row.not_before = cert.not_before();
  row.not_after = cert.not_after();
  row.led_by = std::move(led_by);
  if (what.account) {
    row.account = what.account->sam_account_name;
    row.dn = what.account->dn;
  }
  const LogonVerdict& compatibility = in_mode(what, kdc::Enforcement::compatibility);
  const LogonVerdict& full = in_mode(what, kdc::Enforcement::full);
  row.compatibility = outcome(compatibility);
  row.full = outcome(full);
  row.rule = full.rule;
  row.from = what.refused_from;
  const Step* step = full.trace.deciding();
  const bool listed = step != nullptr && full.rule == "kdc.chain.revocation" && !step->facts.empty() &&
                      step->facts.front().value == symbol(HResult::CRYPT_E_REVOKED);
  if (revoked || listed)
    row.state = FleetState::revoked;
  else if (what.at < row.not_before || what.at > row.not_after)
    row.state = FleetState::expired;
  else if (full.allowed)
    row.state = FleetState::ready;
  else
    row.state = compatibility.allowed ? FleetState::breaks : FleetState::fails;
  if (full.allowed) return row;
  row.what_breaks = what.account ? (step == nullptr ? std::string() : step->found)
                                 : "no account is named or mapped by the certificate";
  if (!what.mappings.empty()) {
    row.suggestion = what.mappings.front().value;
    row.ldif = ldif_of(*what.account, what.mappings.front());
  } else if (!what.repairs.empty()) {
    row.suggestion = what.repairs.front().text;
  }
  return row;
}

void FleetSummary::add(const FleetRow& row, bool expired_counts) {
  ++certificates;
  ++states[row.state];
  if (!is_counted(row, expired_counts)) return;
  ++counted;
  const bool broken = row.full != "allowed";
  if (row.newest) {
    ++groups;
    if (broken) ++groups_broken;
  }
  if (!broken) return;
  count(by_template, row.template_name);
  count(by_issuer, row.issuer);
  count(by_rule, row.rule);
}

std::string fleet_text(const FleetSummary& summary, const std::vector<std::string>& notes) {
  const auto of = [&](FleetState state) {
    const auto at = summary.states.find(state);
    return std::to_string(at == summary.states.end() ? 0 : at->second);
  };
  std::string out = std::to_string(summary.certificates) + " certificates, " + std::to_string(summary.counted) +
                    " counted for " + std::to_string(summary.groups) + " subjects\n";
  out += "  ready for Full Enforcement   " + of(FleetState::ready) + "\n";
  out += "  break at Full Enforcement    " + of(FleetState::breaks) + "\n";
  out += "  fail already                 " + of(FleetState::fails) + "\n";
  out += "  subjects whose newest certificate breaks or fails   " + std::to_string(summary.groups_broken) + "\n";
  out += "not counted: expired " + of(FleetState::expired) + ", revoked " + of(FleetState::revoked) + ", duplicate " +
         of(FleetState::duplicate) + ", CA " + of(FleetState::ca) + ", unreadable " + of(FleetState::unreadable) + "\n";
  append_counts(out, "break or fail, by template", summary.by_template);
  append_counts(out, "break or fail, by issuer", summary.by_issuer);
  append_counts(out, "break or fail, by rule", summary.by_rule);
  for (const std::string& note : notes) out += "note: " + printable(note) + "\n";
  return out;
}

}  // namespace mimica::audit
