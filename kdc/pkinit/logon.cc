#include "kdc/pkinit/logon.h"

#include <algorithm>

#include "core/base/text.h"
#include "kdc/pkinit/account_state.h"
#include "kdc/rules.h"

namespace mimica::kdc {
namespace {

constexpr std::uint16_t kDigitalSignature = 0x8000;

bool accepted_purpose(const Oid& oid) {
  return oid == oids::kClientAuth || oid == oids::kSmartCardLogon || oid == oids::kPkinitClient ||
         oid == oids::kAnyExtendedKeyUsage;
}

// The extended key usage as the KDC sees it: nullopt when nothing restricts the purposes.
std::optional<std::vector<Oid>> purposes(const Certificate& certificate, const KdcConfig& config) {
  std::optional<std::vector<Oid>> out;
  if (const Extension* eku = certificate.extension(oids::kExtendedKeyUsage))
    out = ext::parse_oid_list(eku->value).value_or({});
  if (!config.application_policies_count) return out;
  if (const Extension* policies = certificate.extension(oids::kApplicationPolicies)) {
    if (!out) out.emplace();
    const auto more = ext::parse_policies(policies->value).value_or({});
    out->insert(out->end(), more.begin(), more.end());
  }
  return out;
}

std::string name_of(const RevocationFinding& finding) {
  return (finding.kind == RevocationReply::Kind::ocsp ? "OCSP " : "CRL ") + finding.source;
}

// What was asked about the revocation of the certificate, and found.
std::vector<Fact> revocation_facts(const ChainResult& chain) {
  std::vector<Fact> out;
  for (const RevocationFinding& finding : chain.revocation) out.push_back({name_of(finding), finding.found});
  return out;
}

// The answer that says the certificate is not revoked.
std::string revocation_said(const ChainResult& chain) {
  for (const RevocationFinding& finding : chain.revocation)
    if (finding.usable) return name_of(finding) + ": " + finding.found;
  return {};
}

// Which element of the chain the status is about, as CERT_CHAIN_POLICY_STATUS counts: 0 is the leaf.
int element_of(const ChainResult& chain) {
  const bool about_the_end = chain.status == ChainStatus::untrusted_root || chain.status == ChainStatus::incomplete;
  return about_the_end && !chain.chain.empty() ? static_cast<int>(chain.chain.size()) - 1 : 0;
}

class Logon {
 public:
  Logon(const LogonFacts& facts, const Policy& policy, Timestamp at) : facts_(facts), policy_(policy), at_(at) {}

  LogonDecision decide() {
    Decision<Mapped> decision = pkinit() && account() ? certificate() : Decision<Mapped>::refuse(std::move(trace_));
    return finish(std::move(decision));
  }

 private:
  bool fail(const Rule& rule, KrbError code, std::string found, std::string hint = {}) {
    trace_.fail(rule, code, std::move(found), {}, std::move(hint));
    return false;
  }

  bool pkinit() {
    if (policy_.config.has_kdc_certificate) {
      trace_.pass(kPkinitAvailable);
      return true;
    }
    events_.push_back(events::no_kdc_certificate(at_));
    return fail(kPkinitAvailable, KrbError::KDC_ERR_PADATA_TYPE_NOSUPP, "the domain controller has no certificate");
  }

  bool account() {
    if (facts_.ambiguous)
      return fail(kAccountUnique, KrbError::KDC_ERR_PRINCIPAL_NOT_UNIQUE,
                  "several accounts are called " + facts_.cname);
    if (!facts_.account)
      return fail(kAccountExists, KrbError::KDC_ERR_C_PRINCIPAL_UNKNOWN,
                  "no account of " + facts_.realm + " is called " + facts_.cname);
    const ldap::Account& found = facts_.account->account;
    trace_.pass(kAccountUnique);
    trace_.pass(kAccountExists, found.sam_account_name);
    auto state = account_may_log_on(found, at_, policy_.config);
    trace_.append(std::move(state.trace));
    return static_cast<bool>(state);
  }

  Decision<Mapped> certificate() {
    if (facts_.key_owner && key_trust_applies()) return key_trust(*facts_.key_owner);
    if (!chain() || !key_usage() || !purpose()) return Decision<Mapped>::refuse(std::move(trace_));
    Decision<Mapped> mapped = map_certificate(facts_.certificate, *facts_.account, policy_);
    for (Event& event : mapping_events(mapped.trace, facts_.certificate, *facts_.account, policy_, facts_.domain, at_))
      events_.push_back(std::move(event));
    trace_.append(std::move(mapped.trace));
    mapped.trace = std::move(trace_);
    return mapped;
  }

  // Samba turns to registered keys only for certificates without a known issuer, and to those of the account only.
  bool key_trust_applies() const {
    if (policy_.config.profile == Profile::windows) return true;
    const ChainStatus status = facts_.chain.status;
    return (status == ChainStatus::untrusted_root || status == ChainStatus::incomplete) &&
           facts_.key_owner->sid == facts_.account->account.sid;
  }

  // A registered key needs no chain (MS-PKCA 3.1.5.2.1.4).
  Decision<Mapped> key_trust(const KeyOwner& owner) {
    const ldap::Account& found = facts_.account->account;
    if (owner.sid != found.sid) {
      fail(kKeyTrustAccount, KrbError::KDC_ERR_CLIENT_NAME_MISMATCH,
           "the key is registered for " + owner.sam_account_name + ", not for " + found.sam_account_name);
      return Decision<Mapped>::refuse(std::move(trace_));
    }
    trace_.pass(kKeyTrustAccount, found.sam_account_name);
    return Decision<Mapped>::grant({found, "key-trust", true, "msDS-KeyCredentialLink"}, std::move(trace_));
  }

  bool chain() {
    const ChainResult& chain = facts_.chain;
    const auto refuse = [&](const Rule& rule, std::string hint = {}) {
      events_.push_back(events::client_certificate_invalid(facts_.domain, facts_.account->account.sam_account_name,
                                                           to_hresult(chain.status), element_of(chain), at_));
      std::vector<Fact> found{{"status", symbol(to_hresult(chain.status))}};
      if (rule.id == kChainRevocation.id)
        for (Fact& fact : revocation_facts(chain)) found.push_back(std::move(fact));
      trace_.fail(rule, KrbError::KDC_ERR_CLIENT_NOT_TRUSTED, chain.detail, std::move(found), std::move(hint));
      return false;
    };
    switch (chain.status) {
      case ChainStatus::ok:
        break;
      case ChainStatus::not_time_valid:
        trace_.pass(kChainTrusted);
        return refuse(kChainValidTime);
      case ChainStatus::revoked:
        trace_.pass(kChainTrusted);
        return refuse(kChainRevocation, "issue a new certificate; this one is revoked");
      case ChainStatus::revocation_unknown:
        trace_.pass(kChainTrusted);
        trace_.pass(kChainValidTime);
        if (!policy_.config.revocation_unknown_ignored) return refuse(kChainRevocation);
        trace_.warn(kChainRevocation,
                    "unknown, and ignored by UseCachedCRLOnlyAndIgnoreRevocationUnknownErrors: " + chain.detail,
                    revocation_facts(chain));
        return true;
      case ChainStatus::untrusted_root:
      case ChainStatus::incomplete:
      case ChainStatus::bad_signature:
      case ChainStatus::not_a_ca:
      case ChainStatus::other:
        return refuse(kChainTrusted);
    }
    trace_.pass(kChainTrusted);
    trace_.pass(kChainValidTime);
    trace_.pass(kChainRevocation, revocation_said(chain), revocation_facts(chain));
    return true;
  }

  bool key_usage() {
    const Extension* extension = facts_.certificate.certificate.extension(oids::kKeyUsage);
    if (extension == nullptr) {
      trace_.skip(kKeyUsageDigitalSignature, "the certificate has no key usage extension");
      return true;
    }
    const auto bits = ext::parse_key_usage(extension->value);
    if (!bits || (*bits & kDigitalSignature) == 0)
      return fail(kKeyUsageDigitalSignature, KrbError::KDC_ERR_INCONSISTENT_KEY_PURPOSE,
                  "the key usage extension lacks digitalSignature");
    trace_.pass(kKeyUsageDigitalSignature);
    return true;
  }

  bool purpose() {
    const auto allowed = purposes(facts_.certificate.certificate, policy_.config);
    if (allowed && std::none_of(allowed->begin(), allowed->end(), accepted_purpose)) {
      const std::string list = join(*allowed, ", ", &Oid::dotted);
      return fail(kEkuClientAuthentication, KrbError::KDC_ERR_INCONSISTENT_KEY_PURPOSE,
                  "the extended key usage allows only: " + (list.empty() ? "nothing readable" : list));
    }
    trace_.pass(kEkuClientAuthentication);
    return true;
  }

  LogonDecision finish(Decision<Mapped> decision) {
    const auto* code = std::get_if<KrbError>(&decision.code);
    const KrbError status = decision ? KrbError::KDC_ERR_NONE : code != nullptr ? *code : KrbError::KRB_ERR_GENERIC;
    const std::string& user = facts_.account ? facts_.account->account.sam_account_name : facts_.cname;
    const Sid sid = facts_.account ? facts_.account->account.sid : Sid{};
    if (policy_.config.profile == Profile::samba) events_.clear();  // it writes none of the System log's
    Event audit = events::ticket_request(user, facts_.realm, sid, status, facts_.certificate.text, at_);
    return {std::move(decision), std::move(events_), std::move(audit)};
  }

  const LogonFacts& facts_;
  const Policy& policy_;
  Timestamp at_;
  Trace trace_;
  std::vector<Event> events_;
};

}  // namespace

LogonDecision decide(const LogonFacts& facts, const Policy& policy, Timestamp at) {
  return Logon(facts, policy, at).decide();
}

void write(EventLog& log, LogonDecision& decided, std::string_view computer) {
  const auto trace = std::make_shared<const Trace>(decided.decision.trace);
  log.append(decided.events, computer, trace);
  std::vector<Event> audit = {std::move(decided.audit)};
  log.append(audit, computer, trace);
  decided.audit = std::move(audit.front());
}

}  // namespace mimica::kdc
