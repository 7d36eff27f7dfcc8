#include "kdc/pkinit/schannel.h"

#include <algorithm>

#include "core/base/text.h"
#include "kdc/mapping/principal_lookup.h"
#include "kdc/pkinit/account_state.h"
#include "kdc/rules.h"
#include "ldap/provision.h"

namespace mimica::kdc {
namespace {

class Schannel {
 public:
  Schannel(const SchannelFacts& facts, std::uint32_t methods, const Policy& policy, Timestamp at)
      : facts_(facts), methods_(methods), policy_(policy), at_(at) {}

  LogonDecision decide() {
    Decision<Mapped> decision = choose();
    const auto* code = std::get_if<KrbError>(&kdc_code_);
    const Sid sid = decision ? decision.granted->account.sid : Sid{};
    const KrbError status = decision          ? KrbError::KDC_ERR_NONE
                            : code != nullptr ? *code
                                              : KrbError::KDC_ERR_C_PRINCIPAL_UNKNOWN;
    const std::string user = decision ? decision.granted->account.sam_account_name : facts_.certificate.upn;
    const std::string realm = facts_.by_name ? facts_.by_name->realm : facts_.by_value ? facts_.by_value->realm : "";
    Event audit = events::ticket_request(user, realm, sid, status, facts_.certificate.text, at_);
    return {std::move(decision), std::move(events_), std::move(audit)};
  }

 private:
  bool on(std::uint32_t method) const { return (methods_ & method) != 0; }

  Decision<Mapped> choose() {
    if (on(mapping_method::kS4u2Self) && facts_.by_name)
      if (auto mapped = s4u(*facts_.by_name)) return *std::move(mapped);
    if (on(mapping_method::kS4u2SelfExplicit) && facts_.by_value)
      if (auto mapped = s4u(*facts_.by_value)) return *std::move(mapped);
    if (on(mapping_method::kUpn) && facts_.by_name) return without_kdc(*facts_.by_name, "UPN or host name");
    if (on(mapping_method::kSubjectIssuer) && facts_.by_subject_issuer)
      return without_kdc(*facts_.by_subject_issuer, "subject and issuer");
    if (on(mapping_method::kIssuer) && facts_.by_issuer) return without_kdc(*facts_.by_issuer, "issuer");
    trace_.fail(kSchannelMapped, HResult::SEC_E_LOGON_DENIED,
                refused_.empty() ? "no enabled method (" + methods_text() + ") finds an account" : refused_, {},
                refused_hint_);
    return Decision<Mapped>::refuse(std::move(trace_));
  }

  // Empty: the KDC refused, and a weaker method may still map.
  std::optional<Decision<Mapped>> s4u(const AccountFacts& account) {
    if (const auto state = account_may_log_on(account.account, at_, policy_.config); !state)
      return refuse_s4u(account, state);
    Decision<Mapped> mapped = map_certificate(facts_.certificate, account, policy_);
    for (Event& event : mapping_events(mapped.trace, facts_.certificate, account, policy_, facts_.domain, at_))
      events_.push_back(std::move(event));
    if (!mapped) return refuse_s4u(account, mapped);
    trace_.append(std::move(mapped.trace));
    trace_.pass(kSchannelMapped, "S4U2Self");
    mapped.trace = std::move(trace_);
    return mapped;
  }

  template <typename T>
  std::nullopt_t refuse_s4u(const AccountFacts& account, const Decision<T>& refusal) {
    const Step* step = refusal.trace.deciding();
    kdc_code_ = refusal.code;
    refused_ = "S4U2Self for " + account.account.sam_account_name + " answers " + describe(refusal.code) + ", " +
               std::string(step->rule->id) + ": " + step->found;
    refused_hint_ = step->hint;
    trace_.skip(kSchannelMapped, refused_);
    return std::nullopt;
  }

  Decision<Mapped> without_kdc(const AccountFacts& account, std::string_view method) {
    if (const auto state = account_may_log_on(account.account, at_, policy_.config); !state) {
      const Step* step = state.trace.deciding();
      trace_.fail(*step->rule, HResult::SEC_E_LOGON_DENIED, step->found);
      return Decision<Mapped>::refuse(std::move(trace_));
    }
    trace_.warn(kSchannelMapped, "mapped by " + std::string(method) + " without a strong mapping check", {},
                "set CertificateMappingMethods to 0x18 on the server");
    return Decision<Mapped>::grant({account.account, "weak", false, std::string(method)}, std::move(trace_));
  }

  std::string methods_text() const {
    std::string out;
    const auto add = [&](std::uint32_t method, std::string_view name) {
      if (on(method)) append_item(out, name);
    };
    add(mapping_method::kS4u2Self, "S4U2Self");
    add(mapping_method::kS4u2SelfExplicit, "S4U2Self by explicit mapping");
    add(mapping_method::kUpn, "UPN");
    add(mapping_method::kSubjectIssuer, "subject and issuer");
    add(mapping_method::kIssuer, "issuer");
    return out.empty() ? "none" : out;
  }

  const SchannelFacts& facts_;
  std::uint32_t methods_;
  const Policy& policy_;
  Timestamp at_;
  Trace trace_;
  std::vector<Event> events_;
  Code kdc_code_;
  std::string refused_;
  std::string refused_hint_;
};

// nullopt where several accounts fit: none of them is the answer.
Result<std::optional<ldap::Account>> single(Result<std::optional<ldap::Account>> found) {
  if (found || found.error().code != Code{LdapCode::constraintViolation}) return found;
  return std::optional<ldap::Account>{};
}

class SchannelGatherer {
 public:
  SchannelGatherer(ldap::Directory& directory, const std::vector<Certificate>& chain)
      : directory_(directory), chain_(chain) {}

  Result<SchannelFacts> gather() {
    if (chain_.empty()) return fault("the chain has no certificate");
    MIMICA_TRY(contexts_, ldap::read_naming_contexts(directory_));
    SchannelFacts facts;
    MIMICA_TRY(facts.domain, ldap::netbios_name(directory_, contexts_));
    const Certificate* issuer = chain_.size() > 1 ? &chain_[1] : nullptr;
    MIMICA_TRY(const bool known, in_nt_auth(issuer));
    facts.certificate = cert_facts(chain_.front(), issuer, known);
    if (!facts.certificate.upn.empty()) {
      MIMICA_TRY(upn_owner_, single(ldap::account_by_upn_or_name(directory_, contexts_, facts.certificate.upn)));
    }
    MIMICA_TRY(const auto named, by_name(facts.certificate));
    facts.by_name = account_with_upn(named);
    MIMICA_RETURN_IF_FAULT(by_values(facts));
    return facts;
  }

 private:
  Result<bool> in_nt_auth(const Certificate* issuer) {
    if (issuer == nullptr) return false;
    MIMICA_TRY(const auto entry, ldap::read_entry(directory_, contexts_.nt_auth(), {"cACertificate"}));
    if (!entry) return false;
    const auto values = entry->values("cACertificate");
    return std::find(values.begin(), values.end(), as_text(issuer->der())) != values.end();
  }

  std::optional<AccountFacts> account_with_upn(const std::optional<ldap::Account>& account) const {
    if (!account) return std::nullopt;
    const UpnOwner owner = !upn_owner_                       ? UpnOwner::nobody
                           : upn_owner_->sid == account->sid ? UpnOwner::this_account
                                                             : UpnOwner::another_account;
    return account_facts(*account, ldap::dns_name_of(contexts_.domain), owner,
                         upn_owner_ ? upn_owner_->sam_account_name : std::string());
  }

  Result<std::optional<ldap::Account>> by_name(const CertFacts& certificate) {
    if (upn_owner_ || !certificate.upn.empty()) return upn_owner_;
    for (const std::string& name : certificate.dns_names) {
      MIMICA_TRY(FoundAccount found, unless_ambiguous(ldap::account_by_spn(directory_, contexts_, "host/" + name)));
      if (found.account) return std::move(found.account);
    }
    return std::optional<ldap::Account>{};
  }

  // One pass over the accounts that have explicit mappings, so that every tolerated spelling is found.
  Result<void> by_values(SchannelFacts& facts) {
    MIMICA_TRY(const auto entries, directory_.search({.base = contexts_.domain,
                                                      .filter = "(altSecurityIdentities=*)",
                                                      .attributes = {"altSecurityIdentities"}}));
    Holder kdc, subject_issuer, issuer;
    for (const ldap::Entry& entry : entries)
      for (const std::string& value : entry.values("altSecurityIdentities")) {
        const auto identity = parse_alt_security_identity(value);
        if (!identity) continue;
        if (identity->form == IdentityForm::issuer) {
          // Many-to-one mappings may name any issuer of the chain.
          if (std::any_of(chain_.begin(), chain_.end(), [&](const Certificate& c) { return matches(*identity, c); }))
            issuer.add(entry.dn());
        } else if (matches(*identity, chain_.front())) {
          kdc.add(entry.dn());
          if (identity->form == IdentityForm::issuer_subject) subject_issuer.add(entry.dn());
        }
      }
    MIMICA_TRY(facts.by_value, account_of(kdc));
    MIMICA_TRY(facts.by_subject_issuer, account_of(subject_issuer));
    MIMICA_TRY(facts.by_issuer, account_of(issuer));
    return {};
  }

  // The account that a kind of mapping leads to; nobody when there are several.
  struct Holder {
    std::string dn;
    bool several = false;
    void add(const std::string& holder) {
      if (dn.empty())
        dn = holder;
      else if (dn != holder)
        several = true;
    }
  };
  Result<std::optional<AccountFacts>> account_of(const Holder& holder) {
    if (holder.dn.empty() || holder.several) return std::optional<AccountFacts>{};
    MIMICA_TRY(const auto account, ldap::account_by_dn(directory_, holder.dn));
    return account_with_upn(account);
  }

  ldap::Directory& directory_;
  const std::vector<Certificate>& chain_;
  ldap::NamingContexts contexts_;
  std::optional<ldap::Account> upn_owner_;
};

}  // namespace

std::uint32_t effective_methods(const SchannelConfig& config, Timestamp at) {
  return config.CertificateMappingMethods.value_or(at < dates::kStrongMapping ? mapping_method::kDefaultBefore2022
                                                                              : mapping_method::kDefault);
}

LogonDecision decide_schannel(const SchannelFacts& facts, const SchannelConfig& config, const Policy& policy,
                              Timestamp at) {
  return Schannel(facts, effective_methods(config, at), policy, at).decide();
}

Result<SchannelFacts> gather_schannel(ldap::Directory& directory, const std::vector<Certificate>& chain) {
  return SchannelGatherer(directory, chain).gather();
}

}  // namespace mimica::kdc
