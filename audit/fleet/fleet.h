// Many certificates against one directory: what breaks when domain controllers enforce strong mapping. Rows are written
// one by one, so that memory does not grow with the fleet.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/assess/assessment.h"
#include "core/base/time.h"

namespace mimica::audit {

// What becomes of a certificate. Only the first three are counted by default.
enum class FleetState {
  ready,      // passes under Full Enforcement
  breaks,     // passes in Compatibility mode, is refused under Full Enforcement
  fails,      // is refused in Compatibility mode already, or leads to no account
  expired,    // or not valid yet
  revoked,    // by the CA's database or a revocation list
  duplicate,  // the same certificate was there already
  ca,         // a CA certificate
  unreadable
};
std::string_view to_string(FleetState state);

struct FleetRow {
  std::string source;  // file or "request 17"
  FleetState state = FleetState::unreadable;
  std::string subject, issuer, serial, thumbprint, template_name;
  Timestamp not_before, not_after;
  std::string account;  // sAMAccountName; empty: leads to nobody
  std::string dn;
  std::string led_by;               // "UPN", "DNS name", ...
  std::string compatibility, full;  // "allowed" or the symbol of the code
  std::string rule;                 // that refuses under Full Enforcement
  std::string what_breaks;          // one sentence
  std::optional<Timestamp> from;    // when it is refused
  std::string suggestion;           // value of altSecurityIdentities, or what else helps
  std::string ldif;                 // for the file of fixes; empty: no explicit mapping helps
  std::size_t group = 0;            // renewals and copies for the same subject share a number
  std::size_t group_size = 1;
  bool newest = true;  // of its group
};

struct FleetSummary {
  std::map<FleetState, std::size_t> states;
  std::size_t certificates = 0, counted = 0;
  std::size_t groups = 0, groups_broken = 0;  // of counted ones; a group breaks when its newest certificate does
  // Of counted certificates that break or fail.
  std::map<std::string, std::size_t> by_template, by_issuer, by_rule;
  void add(const FleetRow& row, bool expired_counts);
};

bool is_counted(const FleetRow& row, bool expired_counts);

// The row of a readable certificate. `account` empty: the certificate leads to nobody.
FleetRow fleet_row(const Assessment& assessment, std::string led_by, bool revoked);

class FleetReport {
 public:
  virtual ~FleetReport() = default;
  virtual std::string begin() = 0;
  virtual std::string row(const FleetRow& row) = 0;
  virtual std::string end(const FleetSummary& summary, const std::vector<std::string>& notes) = 0;
};
// By the end of a file's name: .csv (RFC 4180; a leading =, +, -, @ gets an apostrophe), .json (one object), .jsonl
// (one object a line), .html (one file without anything from elsewhere). nullptr for another.
std::unique_ptr<FleetReport> fleet_report_for(std::string_view file_name, Timestamp at);

// The counts for people.
std::string fleet_text(const FleetSummary& summary, const std::vector<std::string>& notes);

}  // namespace mimica::audit
