#include "audit/assess/assessment.h"

#include <algorithm>
#include <array>

#include "kdc/rules.h"
#include "ldap/store/ldif.h"

namespace mimica::audit {
namespace {

// Best first: a serial number cannot be chosen by who holds the certificate.
constexpr kdc::IdentityForm kStrongForms[] = {kdc::IdentityForm::issuer_serial,
                                              kdc::IdentityForm::subject_key_identifier,
                                              kdc::IdentityForm::sha1_public_key, kdc::IdentityForm::issuer_sid};

std::string_view note_on(kdc::IdentityForm form) {
  switch (form) {
    case kdc::IdentityForm::issuer_serial:
      return "names exactly this certificate; a renewal needs a new value";
    case kdc::IdentityForm::subject_key_identifier:
      return "survives a renewal with the same key; whoever may choose the identifier in requests to a trusted CA may "
             "choose this one";
    case kdc::IdentityForm::sha1_public_key:
      return "names exactly this certificate by its thumbprint; a renewal needs a new value";
    case kdc::IdentityForm::issuer_sid:
      return "survives renewals by the same CA as long as certificates carry the SID; Windows Server 2022 and later";
    default:
      return {};
  }
}

class Assessor {
 public:
  Assessor(const kdc::LogonFacts& facts, const kdc::KdcConfig& config, Timestamp at)
      : facts_(facts), config_(config), at_(at) {}

  Assessment assess() {
    describe();
    out_.now = verdict_of(decide(facts_, effective(config_, at_), at_));
    settle();
    modes();
    periods();
    if (out_.account && !out_.ready()) {
      explicit_mappings();
      name_policy();
      reissue();
    }
    return std::move(out_);
  }

 private:
  const kdc::LogonFacts& valid_facts() const { return lasting_ ? *lasting_ : facts_; }

  // What passes with time says nothing about the mapping: the certificate's validity, a lockout, the hour of the week.
  void settle() {
    const bool outside_validity = facts_.chain.status == ChainStatus::not_time_valid;
    const bool account_waits =
        facts_.account && (facts_.account->account.locked_since || !facts_.account->account.logon_hours.empty());
    if (!outside_validity && !account_waits) return;
    lasting_ = facts_;
    if (outside_validity) lasting_->chain.status = ChainStatus::ok;
    if (!account_waits) return;
    lasting_->account->account.locked_since.reset();
    lasting_->account->account.logon_hours.clear();
  }

  void describe() {
    const kdc::CertFacts& cert = facts_.certificate;
    out_.at = at_;
    out_.certificate = cert.certificate;
    out_.text = cert.text;
    out_.upn = cert.upn;
    out_.dns_names = cert.dns_names;
    out_.sid = cert.sid;
    out_.sid_uris = cert.sid_uris;
    out_.issuer_in_nt_auth = cert.issuer_in_nt_auth;
    out_.cname = facts_.cname;
    if (!facts_.account || facts_.ambiguous) return;
    out_.account = facts_.account->account;
    mapped_by();
  }

  // What leads from the certificate to the account, whatever the policy makes of it.
  void mapped_by() {
    const kdc::AccountFacts& who = *facts_.account;
    const kdc::CertFacts& cert = facts_.certificate;
    if (who.account.is_computer()) {
      for (const std::string& name : cert.dns_names) {
        const std::size_t dot = name.find('.');
        if (dot == std::string::npos || !equals_ignore_case(name.substr(dot + 1), who.realm) ||
            !equals_ignore_case(name.substr(0, dot) + "$", who.account.sam_account_name))
          continue;
        out_.weak.push_back("DNS=" + name);
      }
    }
    if (!cert.upn.empty() && who.upn_owner == kdc::UpnOwner::this_account) out_.weak.push_back("UPN=" + cert.upn);
    for (const kdc::StoredIdentity& stored : who.identities) {
      if (stored.key.form == kdc::IdentityForm::issuer || !matches(stored.identity, cert.certificate)) continue;
      (is_strong(stored.key.form) ? out_.strong : out_.weak).push_back(stored.value);
    }
    if (cert.sid && *cert.sid == who.account.sid) out_.strong.push_back("SID extension " + cert.sid->to_string());
    for (const std::string& uri : cert.sid_uris)
      if (kdc::sid_from_uri(uri, config_.uri_list_accepted) == who.account.sid) out_.strong.push_back("SAN URI " + uri);
  }

  kdc::Policy in_mode(kdc::Enforcement mode) const {
    kdc::Policy policy = effective(config_, at_);
    policy.enforcement = mode;
    if (mode == kdc::Enforcement::full) policy.weak_refused_from.reset();
    return policy;
  }

  void modes() {
    for (const kdc::Enforcement mode :
         {kdc::Enforcement::disabled, kdc::Enforcement::compatibility, kdc::Enforcement::full})
      out_.modes.push_back({mode, verdict_of(decide(valid_facts(), in_mode(mode), at_))});
  }

  void periods() {
    std::optional<Timestamp> from;
    const auto add = [&](Timestamp inside) {
      LogonVerdict verdict = verdict_of(decide(valid_facts(), effective(config_, inside), at_));
      if (!out_.periods.empty() && out_.periods.back().verdict.same_as(verdict)) return;
      if (!out_.periods.empty()) out_.periods.back().until = from;
      out_.periods.push_back({from, std::nullopt, std::move(verdict)});
    };
    add(policy_dates().front() - 1);
    for (const Timestamp date : policy_dates()) {
      from = date;
      add(date);
    }
    bool passed = false;
    for (const Period& period : out_.periods) {
      if (period.verdict.allowed) {
        passed = true;
        out_.refused_from.reset();
      } else if (passed && !out_.refused_from) {
        out_.refused_from = period.from;
      }
    }
  }

  bool passes(const kdc::LogonFacts& facts, const kdc::Policy& policy) const {
    return static_cast<bool>(decide(facts, policy, at_).decision);
  }

  void explicit_mappings() {
    for (const kdc::IdentityForm form : kStrongForms) {
      const auto identity = identity_for(form, facts_.certificate.certificate);
      if (!identity) continue;
      kdc::LogonFacts tried = valid_facts();
      const kdc::AccountFacts& who = *tried.account;
      ldap::Account account = who.account;
      const std::string value = to_string(*identity);
      account.alt_security_identities.push_back(value);
      tried.account = account_facts(account, std::string(who.realm), who.upn_owner, std::string(who.upn_owner_name));
      if (passes(tried, in_mode(kdc::Enforcement::full)))
        out_.mappings.push_back({form, value, std::string(note_on(form))});
    }
  }

  void name_policy() {
    const kdc::CertFacts& cert = facts_.certificate;
    if (facts_.account->account.is_computer() || cert.issuer_thumbprint.empty() || cert.policies.empty()) return;
    kdc::NameRule rule;
    rule.issuer_thumbprint = cert.issuer_thumbprint;
    rule.policies = cert.policies;
    const std::size_t at = cert.upn.rfind('@');
    if (at != std::string::npos) rule.upn_suffixes.push_back(cert.upn.substr(at + 1));
    rule.issuer_subject = rule.upn_suffixes.empty();
    kdc::KdcConfig config = config_;
    config.StrongNameMatches.push_back(to_string(rule));
    kdc::Policy policy = effective(config, at_);
    policy.enforcement = kdc::Enforcement::full;
    if (!passes(valid_facts(), policy)) return;
    out_.repairs.push_back({"name_policy",
                            "allow name-based strong mappings for this CA and these certificate policies, for users "
                            "only (group policy 'Allow name-based strong mappings for certificates')",
                            to_string(rule)});
  }

  // Whether a certificate with the account's own names and SID would pass, everything else being as it is.
  void reissue() {
    const LogonVerdict& full = out_.modes.back().verdict;
    const ldap::Account& account = facts_.account->account;
    const bool about_mapping = full.rule == kdc::kMappingStrong.id || full.rule == kdc::kMappingSid.id ||
                               full.rule == kdc::kMappingFound.id || full.rule == kdc::kMappingUpn.id ||
                               full.rule == kdc::kMappingBackdating.id;
    if (!about_mapping) {
      const Step* step = full.trace.deciding();
      if (step != nullptr)
        out_.repairs.push_back({"rule", step->hint.empty() ? std::string(step->rule->hint) : step->hint, {}});
      return;
    }
    const std::string name = account.is_computer() ? "its DNS name" : "its UPN";
    const auto info = facts_.certificate.certificate.template_info();
    const auto v1 = facts_.certificate.certificate.template_name();
    const std::string from = v1     ? " from template " + *v1
                             : info ? " from the template with OID " + info->oid.dotted()
                                    : std::string();
    out_.repairs.push_back(
        {"reissue",
         "issue a new certificate" + from + " for " + account.sam_account_name + " with " + name +
             " and the SID extension (" + account.sid.to_string() +
             "): a template whose subject is built from Active Directory adds it unless "
             "CT_FLAG_NO_SECURITY_EXTENSION (0x80000) is set; with the subject supplied in the request only what the "
             "request carries is copied: set EnableSidSecurityExtension=1 on the Intune certificate connector (PKCS) "
             "and restart its services, or add the SAN URI " +
             kdc::sid_uri(account.sid) + " (SCEP; Windows Server 2019 and later)",
         {}});
  }

  const kdc::LogonFacts& facts_;
  const kdc::KdcConfig& config_;
  Timestamp at_;
  std::optional<kdc::LogonFacts> lasting_;
  Assessment out_;
};

}  // namespace

bool LogonVerdict::same_as(const LogonVerdict& other) const {
  return allowed == other.allowed && code == other.code && rule == other.rule && how == other.how &&
         mapping == other.mapping && events == other.events;
}

LogonVerdict verdict_of(const kdc::LogonDecision& decision) {
  LogonVerdict out;
  out.allowed = static_cast<bool>(decision.decision);
  out.code = decision.decision.code;
  out.rule = decision.decision.rule();
  if (out.allowed) {
    out.how = decision.decision.granted->how;
    out.strong = decision.decision.granted->strong;
    out.mapping = decision.decision.granted->mapping;
  }
  for (const Event& event : decision.events) out.events.push_back(event.id());
  out.trace = decision.decision.trace;
  return out;
}

bool Assessment::ready() const { return !modes.empty() && modes.back().verdict.allowed; }

Assessment assess(const kdc::LogonFacts& facts, const kdc::KdcConfig& config, Timestamp at) {
  return Assessor(facts, config, at).assess();
}

std::span<const Timestamp> policy_dates() {
  static constexpr std::array kDates = {
      kdc::dates::kStrongMapping, kdc::dates::kSanUri,      kdc::dates::kNoDisabledMode, kdc::dates::kNamePolicy,
      kdc::dates::kFullByDefault, kdc::dates::kNtAuthAudit, kdc::dates::kIssuerSid,      kdc::dates::kNtAuthEnforced,
      kdc::dates::kFullAlways,    kdc::dates::kNtAuthAlways};
  static_assert(std::is_sorted(kDates.begin(), kDates.end()));
  return kDates;
}

std::string ldif_of(const ldap::Account& account, const MappingToAdd& mapping) {
  return ldap::write_change(account.dn, {{ldap::Modification::Kind::add, {"altSecurityIdentities", {mapping.value}}}});
}

}  // namespace mimica::audit
