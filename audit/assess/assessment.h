// What a domain controller makes of a certificate for an account: now, in each enforcement mode, after each date of
// KB5014754 and KB5057784; and what would make the mapping strong. A function of the facts of a logon.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kdc/pkinit/logon.h"

namespace mimica::audit {

// The answer to one logon, in the words of kdc/pkinit/logon.h.
struct LogonVerdict {
  bool allowed = false;
  Code code;                // of a refusal
  std::string rule;         // that decided a refusal
  std::string how;          // of an allowed logon: Mapped::how
  bool strong = false;      // of an allowed logon
  std::string mapping;      // of an allowed logon: what mapped
  std::vector<int> events;  // ids, in order
  Trace trace;
  // The same answer for the same reason; traces may differ in wording.
  bool same_as(const LogonVerdict& other) const;
};
LogonVerdict verdict_of(const kdc::LogonDecision& decision);

struct ModeVerdict {
  kdc::Enforcement mode = kdc::Enforcement::full;
  LogonVerdict verdict;
};

// A stretch of time in which domain controllers patched to the day answer the same.
struct Period {
  std::optional<Timestamp> from;   // empty: before the first date
  std::optional<Timestamp> until;  // the first instant after it; empty: from then on
  LogonVerdict verdict;
  bool covers(Timestamp at) const { return (!from || *from <= at) && (!until || at < *until); }
};

// A value of altSecurityIdentities with which the logon passes under Full Enforcement; it was tried.
struct MappingToAdd {
  kdc::IdentityForm form = kdc::IdentityForm::issuer_serial;
  std::string value;
  std::string note;  // what to know before choosing it
};

// Another way to a strong mapping.
struct Repair {
  std::string kind;  // "reissue", "name_policy", "rule": the hint of the deciding rule
  std::string text;
  std::string value;  // what to write, where it is one line: the tuple of the name-match policy
};

struct Assessment {
  Timestamp at;
  Certificate certificate;
  kdc::CertificateText text;
  std::string upn;
  std::vector<std::string> dns_names;
  std::optional<Sid> sid;  // of the security extension
  std::vector<std::string> sid_uris;
  bool issuer_in_nt_auth = false;

  std::string cname;
  std::optional<ldap::Account> account;  // empty: nobody, or several accounts, have the name
  std::vector<std::string> weak;         // what maps the certificate to the account: "UPN=…", "DNS=…", values
  std::vector<std::string> strong;

  LogonVerdict now;                // as of `at`, with everything that is known
  std::vector<ModeVerdict> modes;  // Disabled, Compatibility, Full Enforcement at `at`
  // Dates and modes look at the mapping: a certificate that has ended or not begun counts as valid, and a lockout or
  // the hour of the week does not count.
  std::vector<Period> periods;
  // When a logon that passes at `at` (or did in Compatibility mode) is refused although the certificate is valid.
  std::optional<Timestamp> refused_from;
  bool ready() const;  // passes under Full Enforcement

  std::vector<MappingToAdd> mappings;  // best first; empty when no explicit mapping is needed or none would help
  std::vector<Repair> repairs;
};

Assessment assess(const kdc::LogonFacts& facts, const kdc::KdcConfig& config, Timestamp at);

// The dates at which the behaviour of a domain controller changes, in order.
std::span<const Timestamp> policy_dates();

// An LDIF change record that adds the value to the account, ready for ldapmodify.
std::string ldif_of(const ldap::Account& account, const MappingToAdd& mapping);

}  // namespace mimica::audit
