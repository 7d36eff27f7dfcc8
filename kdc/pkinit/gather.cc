#include "kdc/pkinit/gather.h"

#include <algorithm>

#include "kdc/mapping/key_credential.h"
#include "kdc/mapping/principal_lookup.h"
#include "ldap/provision.h"

namespace mimica::kdc {
namespace {

// The certificates in cACertificate of the entries at or below `base`.
Result<std::vector<Certificate>> certificates(ldap::Directory& directory, const std::string& base) {
  std::vector<Certificate> out;
  auto entries = directory.search({.base = base, .filter = "(cACertificate=*)", .attributes = {"cACertificate"}});
  if (!entries) {
    if (entries.error().code == Code{LdapCode::noSuchObject}) return out;
    return std::move(entries).error();
  }
  for (const ldap::Entry& entry : *entries)
    for (const std::string& value : entry.values("cACertificate"))
      if (auto certificate = Certificate::parse(as_bytes(value))) out.push_back(*std::move(certificate));
  return out;
}

class Gatherer {
 public:
  Gatherer(ldap::Directory& directory, const Trust& trust, RevocationSource& revocation, const LogonRequest& request,
           Timestamp at, RevocationUse use)
      : directory_(directory),
        trust_(trust),
        contexts_(trust.contexts),
        revocation_(revocation),
        request_(request),
        at_(at),
        use_(use) {}

  Result<LogonFacts> gather() {
    LogonFacts facts;
    facts.cname = request_.cname;
    facts.realm = trust_.realm;
    facts.domain = trust_.domain;
    MIMICA_TRY(FoundAccount found, find_client(directory_, contexts_, request_.cname, facts.realm));
    facts.ambiguous = found.ambiguous;
    if (!found.account) {
      facts.certificate = cert_facts(request_.certificate, nullptr, false);
    } else {
      MIMICA_RETURN_IF_FAULT(chain(facts));
      MIMICA_TRY(facts.account, account_and_upn(*found.account, facts));
      MIMICA_TRY(facts.key_owner, key_owner(*found.account));
    }
    return facts;
  }

 private:
  Result<std::optional<AccountFacts>> account_and_upn(const ldap::Account& account, const LogonFacts& facts) {
    UpnOwner owner = UpnOwner::nobody;
    std::string owner_name;
    if (!facts.certificate.upn.empty()) {
      MIMICA_TRY(const FoundAccount found,
                 unless_ambiguous(ldap::account_by_upn_or_name(directory_, contexts_, facts.certificate.upn)));
      if (found.ambiguous) {
        owner = UpnOwner::ambiguous;
      } else if (found.account) {
        owner = found.account->sid == account.sid ? UpnOwner::this_account : UpnOwner::another_account;
        owner_name = found.account->sam_account_name;
      }
    }
    return std::optional<AccountFacts>(account_facts(account, facts.realm, owner, owner_name));
  }

  Result<std::optional<KeyOwner>> key_owner(const ldap::Account& account) {
    const PublicKey& key = request_.certificate.public_key();
    if (any_holds_key(account.key_credentials, key))
      return std::optional<KeyOwner>({account.sid, account.sam_account_name});
    MIMICA_TRY(const auto entries,
               directory_.search({.base = contexts_.domain,
                                  .filter = "(msDS-KeyCredentialLink=*)",
                                  .attributes = {"objectSid", "sAMAccountName", "msDS-KeyCredentialLink"}}));
    for (const ldap::Entry& entry : entries) {
      std::vector<Bytes> values;
      for (const std::string& value : entry.values("msDS-KeyCredentialLink")) values.push_back(to_bytes(value));
      if (!any_holds_key(values, key)) continue;
      MIMICA_TRY(const auto sid, entry.sid("objectSid"));
      if (sid) return std::optional<KeyOwner>({*sid, std::string(entry.first("sAMAccountName"))});
    }
    return std::optional<KeyOwner>{};
  }

  Result<void> chain(LogonFacts& facts) {
    ChainInput input;
    input.leaf = request_.certificate;
    input.at = at_;
    input.anchors = trust_.anchors;
    input.intermediates = trust_.nt_auth;
    input.intermediates.insert(input.intermediates.end(), trust_.intermediates.begin(), trust_.intermediates.end());
    const std::size_t sent = std::min(request_.intermediates.size(), kMaxClientIntermediates);
    input.intermediates.insert(input.intermediates.end(), request_.intermediates.begin(),
                               request_.intermediates.begin() + static_cast<std::ptrdiff_t>(sent));
    input.check_revocation = false;
    facts.chain = build_chain(input);
    // A self-signed certificate is its own issuer.
    const auto path = facts.chain.chain;
    const Certificate* issuer = path.size() > 1                      ? &path[1]
                                : request_.certificate.self_issued() ? &request_.certificate
                                                                     : nullptr;
    if (issuer != nullptr &&
        (facts.chain.status == ChainStatus::ok || facts.chain.status == ChainStatus::not_time_valid)) {
      input.check_revocation = true;
      input.replies = gather_revocation(revocation_, directory_, request_.certificate, *issuer, use_, at_);
      facts.chain = build_chain(input);
    }
    const bool known =
        issuer != nullptr && std::any_of(trust_.nt_auth.begin(), trust_.nt_auth.end(),
                                         [&](const Certificate& ca) { return ca.der() == issuer->der(); });
    facts.certificate = cert_facts(request_.certificate, issuer, known);
    return {};
  }

  ldap::Directory& directory_;
  const Trust& trust_;
  const ldap::NamingContexts& contexts_;
  RevocationSource& revocation_;
  const LogonRequest& request_;
  Timestamp at_;
  RevocationUse use_;
};

}  // namespace

Result<Trust> read_trust(ldap::Directory& directory) {
  Trust trust;
  MIMICA_TRY(trust.contexts, ldap::read_naming_contexts(directory));
  trust.realm = ldap::dns_name_of(trust.contexts.domain);
  MIMICA_TRY(trust.domain, ldap::netbios_name(directory, trust.contexts));
  MIMICA_TRY(trust.anchors, certificates(directory, trust.contexts.certification_authorities()));
  MIMICA_TRY(trust.nt_auth, certificates(directory, trust.contexts.nt_auth()));
  MIMICA_TRY(trust.intermediates, certificates(directory, trust.contexts.aia()));
  return trust;
}

Result<LogonFacts> gather(ldap::Directory& directory, const Trust& trust, RevocationSource& revocation,
                          const LogonRequest& request, Timestamp at, RevocationUse use) {
  return Gatherer(directory, trust, revocation, request, at, use).gather();
}

Result<LogonFacts> gather(ldap::Directory& directory, RevocationSource& revocation, const LogonRequest& request,
                          Timestamp at, RevocationUse use) {
  MIMICA_TRY(const Trust trust, read_trust(directory));
  return gather(directory, trust, revocation, request, at, use);
}

RevocationUse revocation_use(const KdcConfig& config) {
  if (config.revocation_unknown_ignored) return RevocationUse::cache_only;
  return config.revocation_cache ? RevocationUse::cache_first : RevocationUse::online;
}

Result<LogonDecision> logon(ldap::Directory& directory, const Trust& trust, RevocationSource& revocation,
                            const LogonRequest& request, const KdcConfig& config, Timestamp at) {
  MIMICA_TRY(const LogonFacts facts, gather(directory, trust, revocation, request, at, revocation_use(config)));
  return decide(facts, effective(config, at), at);
}

Result<LogonDecision> logon(ldap::Directory& directory, RevocationSource& revocation, const LogonRequest& request,
                            const KdcConfig& config, Timestamp at) {
  MIMICA_TRY(const Trust trust, read_trust(directory));
  return logon(directory, trust, revocation, request, config, at);
}

}  // namespace mimica::kdc
