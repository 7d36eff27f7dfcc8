#include "kdc/mapping/mapping.h"

#include <algorithm>

#include "core/base/text.h"
#include "kdc/mapping/samba_mapping.h"
#include "kdc/rules.h"

namespace mimica::kdc {
namespace {

std::string date_of(Timestamp t) { return to_iso(t).substr(0, 10); }

std::string allowed_until(std::optional<Timestamp> refused_from) {
  return refused_from ? "allowed now, refused from " + date_of(*refused_from) : "allowed";
}

// The forms that KB5057784 names.
bool listed_for_nt_auth(IdentityForm form) {
  return form == IdentityForm::issuer_serial || form == IdentityForm::subject_key_identifier ||
         form == IdentityForm::sha1_public_key || form == IdentityForm::issuer_subject;
}

// One decision in the making.
class Mapping {
 public:
  Mapping(const CertFacts& certificate, const AccountFacts& who, const Policy& policy)
      : cert_(certificate), who_(who), policy_(policy) {}

  Decision<Mapped> decide() {
    const bool named = who_.account.is_computer() ? computer_names() : user_principal_name();
    if (!named && !policy_.config.nt_auth_before_upn) return refuse_upn();
    explicit_mappings();
    if (!nt_auth()) return refuse();
    if (!named) return refuse_upn();
    if (!found()) return sid_alone();
    if (policy_.enforcement == Enforcement::disabled) return disabled_mode();
    if (strong_) {
      trace_.pass(kMappingStrong, "an explicit mapping is strong by itself");
      return grant("alt-security-identity", true, strong_->value);
    }
    if (name_policy()) return grant("name-policy", true, weak_text());
    switch (sid()) {
      case Sids::extension_equal:
        return grant("sid", true, weak_text());
      case Sids::uri_equal:
        return grant("uri", true, weak_text());
      case Sids::different:
        return refuse();
      case Sids::none:
        break;
    }
    return weak_only();
  }

 private:
  enum class Sids { none, extension_equal, uri_equal, different };

  Decision<Mapped> grant(std::string how, bool strong, std::string mapping) {
    return Decision<Mapped>::grant({who_.account, std::move(how), strong, std::move(mapping)}, std::move(trace_));
  }
  Decision<Mapped> refuse() { return Decision<Mapped>::refuse(std::move(trace_)); }

  std::string weak_text() const { return upn_hit_ ? "UPN=" + cert_.upn : dns_hit_ ? "DNS=" + *dns_hit_ : weak_->value; }

  // False: the UPN names another account, which ends the logon.
  bool user_principal_name() {
    if (!policy_.config.UseSubjectAltName) {
      trace_.skip(kMappingUpn, "UseSubjectAltName is 0: names in the certificate do not count");
      return true;
    }
    if (cert_.upn.empty()) {
      trace_.skip(kMappingUpn, "the certificate has no UPN");
      return true;
    }
    if (who_.upn_owner == UpnOwner::this_account) {
      upn_hit_ = true;
      trace_.pass(kMappingUpn, cert_.upn);
      return true;
    }
    if (who_.upn_owner != UpnOwner::another_account && !policy_.config.unresolved_upn_refused) {
      trace_.skip(kMappingUpn, "no single account has the UPN " + cert_.upn);
      return true;
    }
    return false;
  }

  Decision<Mapped> refuse_upn() {
    const std::string to = who_.upn_owner == UpnOwner::another_account ? "leads to " + who_.upn_owner_name
                           : who_.upn_owner == UpnOwner::ambiguous     ? "belongs to several accounts"
                                                                       : "leads to no account";
    trace_.fail(kMappingUpn, KrbError::KDC_ERR_CLIENT_NAME_MISMATCH,
                "the UPN " + cert_.upn + " of the certificate " + to + ", not to " + who_.account.sam_account_name,
                {{"upn", cert_.upn}, {"account", who_.account.sam_account_name}});
    return refuse();
  }

  // Never ends the logon: only a user's UPN does.
  bool computer_names() {
    dns_names();
    if (!dns_hit_ && policy_.config.computer_upn_maps && policy_.config.UseSubjectAltName && !cert_.upn.empty() &&
        who_.upn_owner == UpnOwner::this_account) {
      upn_hit_ = true;
      trace_.pass(kMappingUpn, cert_.upn);
    }
    return true;
  }

  void dns_names() {
    for (const std::string& name : cert_.dns_names) {
      const std::size_t dot = name.find('.');
      if (dot == std::string::npos) continue;
      const std::string_view host = std::string_view(name).substr(0, dot),
                             domain = std::string_view(name).substr(dot + 1);
      const std::string_view sam = who_.account.sam_account_name;
      if (sam.size() == host.size() + 1 && sam.back() == '$' && equals_ignore_case(sam.substr(0, host.size()), host) &&
          equals_ignore_case(domain, who_.realm)) {
        dns_hit_ = &name;
        trace_.pass(kMappingDnsName, name);
        return;
      }
    }
    trace_.skip(kMappingDnsName, cert_.dns_names.empty() ? "the certificate has no DNS name"
                                                         : "no DNS name of the certificate is " +
                                                               who_.account.sam_account_name + " in " + who_.realm);
  }

  bool counts(const IdentityKey& stored, const IdentityKey& key) const {
    return stored.form == key.form && key.form != IdentityForm::issuer &&
           (key.form != IdentityForm::issuer_sid || policy_.issuer_sid_mapping) &&
           (!key.of_key_hash || policy_.config.sha1_pukey_takes_key_hash) && stored.key == key.key;
  }

  void explicit_mappings() {
    for (const StoredIdentity& stored : who_.identities) {
      const bool hit = std::any_of(cert_.keys.begin(), cert_.keys.end(),
                                   [&](const IdentityKey& key) { return counts(stored.key, key); });
      if (!hit) continue;
      const StoredIdentity*& slot = is_strong(stored.key.form) ? strong_ : weak_;
      if (slot == nullptr) slot = &stored;
      if (stored.key.form == IdentityForm::issuer_subject) issuer_subject_ = true;
      if (policy_.config.nt_auth_bypass_all_forms || listed_for_nt_auth(stored.key.form)) bypass_covers_ = true;
    }
    if (const StoredIdentity* hit = strong_ != nullptr ? strong_ : weak_)
      trace_.pass(kMappingAltSecurityIdentity, hit->value);
    else if (!who_.identities.empty() || !who_.unreadable.empty())
      trace_.skip(kMappingAltSecurityIdentity, "no value of altSecurityIdentities matches the certificate");
    else
      trace_.skip(kMappingAltSecurityIdentity, "the account has no explicit mapping");
  }

  bool nt_auth() {
    if (cert_.issuer_in_nt_auth) {
      trace_.pass(kNtAuthTrusted, cert_.text.issuer);
      return true;
    }
    const std::string found = cert_.text.issuer + " is not in the NTAuth store";
    if (bypass_covers_ && policy_.nt_auth_bypass == 0) {
      trace_.warn(kNtAuthTrusted,
                  found + ": not checked for explicit mappings, " + allowed_until(policy_.nt_auth_refused_from));
      return true;
    }
    if (bypass_covers_ && policy_.nt_auth_bypass == 1) {
      trace_.warn(kNtAuthTrusted, found + ": " + allowed_until(policy_.nt_auth_refused_from));
      return true;
    }
    trace_.fail(kNtAuthTrusted, KrbError::KDC_ERR_CLIENT_NOT_TRUSTED, found, {{"issuer", cert_.text.issuer}});
    return false;
  }

  // A refusal is not in the trace yet: the switch for SIDs alone may still grant.
  bool found() {
    if (!upn_hit_ && !dns_hit_ && !strong_ && !weak_) return false;
    trace_.pass(kMappingFound);
    return true;
  }

  Decision<Mapped> sid_alone() {
    if (policy_.config.sid_alone_maps && policy_.config.UseSubjectAltName && cert_.sid &&
        *cert_.sid == who_.account.sid && policy_.enforcement != Enforcement::disabled) {
      trace_.pass(kMappingSid, "the SID extension alone maps the certificate");
      return grant("sid", true, cert_.sid->to_string());
    }
    std::string found =
        "neither a name nor an explicit mapping leads from the certificate to " + who_.account.sam_account_name;
    std::string hint = join(who_.unreadable, "; ");
    if (hint.empty()) hint = near_hint();
    if (hint.empty())
      hint = (who_.account.is_computer() ? "issue a certificate with the DNS name " + computer_dns_name()
                                         : std::string("issue a certificate with the account's UPN")) +
             ", or map explicitly: altSecurityIdentities " + cert_.explicit_mapping;
    trace_.fail(kMappingFound, KrbError::KDC_ERR_CLIENT_NAME_MISMATCH, std::move(found),
                {{"account", who_.account.sam_account_name}, {"serial", cert_.text.serial}}, std::move(hint));
    return refuse();
  }

  std::string computer_dns_name() const {
    std::string host = who_.account.sam_account_name;
    if (!host.empty() && host.back() == '$') host.pop_back();
    return to_lower(host) + "." + who_.realm;
  }

  std::string near_hint() const {
    for (const StoredIdentity& stored : who_.identities)
      if (std::string why = near_miss(stored.identity, cert_.certificate); !why.empty()) return why;
    return {};
  }

  bool name_policy() {
    const NamePolicy& names = policy_.name_policy;
    if (names.empty()) return false;
    if (names.fault) {
      trace_.warn(kMappingNamePolicy, "the rule list cannot be used: " + names.fault->describe(),
                  {{"rule", names.faulty_line}});
      return false;
    }
    if (who_.account.is_computer()) {
      trace_.skip(kMappingNamePolicy, "the policy is for user accounts only");
      return false;
    }
    const NameRule* rule = names.find(cert_.issuer_thumbprint, cert_.policies);
    if (rule == nullptr) {
      trace_.skip(kMappingNamePolicy, "no rule has the issuing CA and a policy of the certificate");
      return false;
    }
    const bool suffix =
        upn_hit_ && std::any_of(rule->upn_suffixes.begin(), rule->upn_suffixes.end(), [&](const std::string& s) {
          const std::string_view upn = cert_.upn;
          return upn.size() > s.size() && upn[upn.size() - s.size() - 1] == '@' &&
                 equals_ignore_case(upn.substr(upn.size() - s.size()), s);
        });
    if (!suffix && !(rule->issuer_subject && issuer_subject_)) {
      trace_.skip(kMappingNamePolicy, "the rule of the issuing CA lists another mapping method");
      return false;
    }
    trace_.pass(kMappingNamePolicy, to_string(*rule));
    return true;
  }

  Sids sid() {
    if (!policy_.config.UseSubjectAltName) {
      trace_.skip(kMappingSid, "UseSubjectAltName is 0: a SID in the certificate does not count");
      return Sids::none;
    }
    if (cert_.sid) {
      if (*cert_.sid == who_.account.sid) {
        trace_.pass(kMappingSid, "SID extension");
        return Sids::extension_equal;
      }
      return different(cert_.sid->to_string(), "SID extension");
    }
    if (cert_.sid_unreadable) trace_.warn(kMappingSid, "the SID extension is malformed and treated as absent");
    return uri();
  }

  Sids uri() {
    if (cert_.sid_uris.empty()) {
      if (!cert_.sid_unreadable) trace_.skip(kMappingSid, "the certificate has no SID");
      return Sids::none;
    }
    if (!policy_.san_uri) {
      trace_.skip(kMappingSid, "this domain controller does not know the SID in a SAN URI");
      return Sids::none;
    }
    std::string other;
    for (const std::string& text : cert_.sid_uris) {
      const auto found = sid_from_uri(text, policy_.config.uri_list_accepted);
      if (!found) continue;
      if (*found == who_.account.sid) {
        trace_.pass(kMappingSid, "SAN URI");
        return Sids::uri_equal;
      }
      other = found->to_string();
    }
    if (other.empty()) {
      trace_.skip(kMappingSid, "the SAN URI holds no readable SID: " + cert_.sid_uris.front());
      return Sids::none;
    }
    if (policy_.config.uri_mismatch_refused) return different(other, "SAN URI");
    trace_.skip(kMappingSid, "the SID of the SAN URI is another one and does not count: " + other);
    return Sids::none;
  }

  Sids different(const std::string& found, const std::string& where) {
    const std::string own = who_.account.sid.to_string();
    trace_.fail(kMappingSid, KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
                "the " + where + " says " + found + "; " + who_.account.sam_account_name + " has " + own,
                {{"certificate_sid", found}, {"account_sid", own}},
                "the certificate was issued for the account with " + found + ": issue a new one for " +
                    who_.account.sam_account_name + ", or map this one explicitly: altSecurityIdentities " +
                    cert_.explicit_mapping);
    return Sids::different;
  }

  std::string strong_hint() const {
    return "the certificate has no SID that counts: enable EnableSidSecurityExtension on the connector, restart both "
           "of its "
           "services and renew; or map explicitly: altSecurityIdentities " +
           cert_.explicit_mapping;
  }

  Decision<Mapped> disabled_mode() {
    const bool own_sid = cert_.sid && *cert_.sid == who_.account.sid;
    if (strong_ || own_sid)
      trace_.pass(kMappingStrong);
    else
      trace_.warn(kMappingStrong,
                  "weak mapping, not checked in Disabled mode: " + allowed_until(policy_.weak_refused_from), {},
                  strong_hint());
    if (strong_) return grant("alt-security-identity", true, strong_->value);
    return grant("weak", false, weak_text());
  }

  Decision<Mapped> weak_only() {
    if (policy_.enforcement == Enforcement::full) {
      trace_.fail(kMappingStrong, KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
                  "Full Enforcement needs a strong mapping; there is only " + weak_text(),
                  {{"mapping", weak_text()}, {"thumbprint", cert_.text.thumbprint}}, strong_hint());
      return refuse();
    }
    const Timestamp earliest = who_.account.when_created - policy_.backdating;
    if (cert_.not_before < earliest) {
      trace_.fail(kMappingBackdating, KrbError::KDC_ERR_CERTIFICATE_MISMATCH,
                  "the certificate is valid from " + to_iso(cert_.not_before) + ", the account was created " +
                      to_iso(who_.account.when_created) + "; at most " + to_text(policy_.backdating) + " are tolerated",
                  {{"not_before", to_iso(cert_.not_before)}, {"when_created", to_iso(who_.account.when_created)}},
                  strong_hint());
      return refuse();
    }
    trace_.pass(kMappingBackdating);
    std::string found =
        "weak mapping " + weak_text() + " in Compatibility mode: " + allowed_until(policy_.weak_refused_from);
    if (policy_.weak_refused_from && *policy_.weak_refused_from < dates::kFullAlways)
      found += " (with StrongCertificateBindingEnforcement=1 from " + date_of(dates::kFullAlways) + ")";
    trace_.warn(kMappingStrong, std::move(found), {{"mapping", weak_text()}}, strong_hint());
    return grant("weak", false, weak_text());
  }

  const CertFacts& cert_;
  const AccountFacts& who_;
  const Policy& policy_;
  Trace trace_;
  bool upn_hit_ = false;
  const std::string* dns_hit_ = nullptr;
  const StoredIdentity* strong_ = nullptr;
  const StoredIdentity* weak_ = nullptr;
  bool issuer_subject_ = false;
  bool bypass_covers_ = false;  // an explicit mapping to which AllowNtAuthPolicyBypass applies
};

}  // namespace

CertFacts cert_facts(const Certificate& certificate, const Certificate* issuer, bool issuer_in_nt_auth) {
  CertFacts facts;
  facts.certificate = certificate;
  facts.sid = certificate.sid();
  facts.sid_unreadable = !facts.sid && certificate.extension(oids::kSidExtension) != nullptr;
  std::optional<Sid> any_sid = facts.sid;
  for (GeneralName& name : certificate.subject_alt_names()) {
    if (name.kind == GeneralName::Kind::upn && facts.upn.empty()) {
      facts.upn = std::move(name.text);
    } else if (name.kind == GeneralName::Kind::dns) {
      facts.dns_names.push_back(std::move(name.text));
    } else if (name.kind == GeneralName::Kind::uri && is_sid_uri(name.text)) {
      if (!any_sid) any_sid = sid_from_uri(name.text);
      facts.sid_uris.push_back(std::move(name.text));
    }
  }
  facts.policies = certificate.policies();
  facts.keys = match_keys(certificate, any_sid);
  if (const auto mapping = identity_for(IdentityForm::issuer_serial, certificate))
    facts.explicit_mapping = to_string(*mapping);
  if (issuer != nullptr) facts.issuer_thumbprint = issuer->thumbprint();
  facts.issuer_in_nt_auth = issuer_in_nt_auth;
  facts.not_before = certificate.not_before();
  facts.text = certificate_text(certificate);
  return facts;
}

AccountFacts account_facts(const ldap::Account& account, std::string_view realm, UpnOwner upn_owner,
                           std::string_view upn_owner_name) {
  AccountFacts facts{account, std::string(realm), upn_owner, std::string(upn_owner_name), {}, {}};
  for (const std::string& value : account.alt_security_identities) {
    if (!is_x509_identity(value)) continue;
    auto identity = parse_alt_security_identity(value);
    if (!identity) {
      facts.unreadable.push_back("altSecurityIdentities value '" + value.substr(0, 200) +
                                 "': " + identity.error().what);
      continue;
    }
    IdentityKey key = match_key(*identity);
    facts.identities.push_back({value, *std::move(identity), std::move(key)});
  }
  return facts;
}

Decision<Mapped> map_certificate(const CertFacts& certificate, const AccountFacts& account, const Policy& policy) {
  if (policy.config.profile == Profile::samba) return map_certificate_as_samba(certificate, account, policy);
  return Mapping(certificate, account, policy).decide();
}

std::vector<Event> mapping_events(const Trace& trace, const CertFacts& certificate, const AccountFacts& account,
                                  const Policy& policy, std::string_view domain, Timestamp at) {
  const std::string& name = account.account.sam_account_name;
  const CertificateText& text = certificate.text;
  std::vector<Event> out;
  if (policy.config.profile == Profile::samba) return out;  // it writes none of these
  for (const Step& step : trace.steps()) {
    const bool failed = step.verdict == Verdict::fail;
    const bool warned = step.verdict == Verdict::warn;
    if (step.rule == &kNtAuthTrusted && failed) {
      out.push_back(events::client_certificate_invalid(domain, name, HResult::CERT_E_UNTRUSTEDCA, 1, at));
    } else if (step.rule == &kNtAuthTrusted && warned && policy.nt_auth_bypass == 1) {
      out.push_back(events::not_in_nt_auth(name, text, at));
    } else if (step.rule == &kMappingNamePolicy && warned && policy.name_policy.fault) {
      out.push_back(events::name_policy_unreadable(policy.name_policy.faulty_line, at));
    } else if (step.rule == &kMappingSid && failed) {
      out.push_back(events::sid_mismatch(name, account.account.sid, text, step.facts.front().value, at));
    } else if (step.rule == &kMappingBackdating && failed) {
      out.push_back(
          events::certificate_predates_account(name, text, certificate.not_before, account.account.when_created, at));
    } else if (step.rule == &kMappingStrong &&
               (failed || (warned && policy.enforcement == Enforcement::compatibility))) {
      out.push_back(events::no_strong_mapping(name, text, !failed, at));
    }
  }
  return out;
}

}  // namespace mimica::kdc
