#include "kdc/pkinit/leads.h"

#include <algorithm>

#include "kdc/mapping/alt_security_identities.h"
#include "kdc/mapping/principal_lookup.h"

namespace mimica::kdc {
namespace {

class Finder {
 public:
  Finder(ldap::Directory& directory, const Trust& trust, const Certificate& certificate)
      : directory_(directory), trust_(trust), certificate_(certificate) {}

  Result<Leads> find() {
    std::optional<Sid> sid = certificate_.sid();
    bool upn_seen = false;
    for (const GeneralName& name : certificate_.subject_alt_names()) {
      if (name.kind == GeneralName::Kind::upn && !upn_seen) {
        upn_seen = true;
        MIMICA_RETURN_IF_FAULT(
            take("UPN", name.text, ldap::account_by_upn_or_name(directory_, trust_.contexts, name.text)));
      } else if (name.kind == GeneralName::Kind::dns) {
        MIMICA_RETURN_IF_FAULT(computer(name.text));
      } else if (name.kind == GeneralName::Kind::uri && !sid) {
        sid = sid_from_uri(name.text);
      }
    }
    MIMICA_RETURN_IF_FAULT(explicit_mappings());
    if (sid)
      MIMICA_RETURN_IF_FAULT(take("SID", sid->to_string(), ldap::account_by_sid(directory_, trust_.contexts, *sid)));
    return std::move(leads_);
  }

 private:
  void add(std::string by, ldap::Account account) {
    const auto known = std::find_if(leads_.accounts.begin(), leads_.accounts.end(),
                                    [&](const Lead& lead) { return lead.account.sid == account.sid; });
    if (known == leads_.accounts.end()) {
      leads_.accounts.push_back({std::move(account), {std::move(by)}});
    } else if (std::find(known->by.begin(), known->by.end(), by) == known->by.end()) {
      known->by.push_back(std::move(by));
    }
  }

  Result<void> take(std::string by, const std::string& name, Result<std::optional<ldap::Account>> looked_up) {
    MIMICA_TRY(FoundAccount found, unless_ambiguous(std::move(looked_up)));
    if (found.ambiguous) leads_.ambiguous.push_back(name);
    if (found.account) add(std::move(by), *std::move(found.account));
    return {};
  }

  // <host>.<domain> is the computer <host>$ (MS-PKCA 3.1.5.2.1.1).
  Result<void> computer(const std::string& name) {
    const std::size_t dot = name.find('.');
    if (dot == std::string::npos || dot == 0 || !equals_ignore_case(name.substr(dot + 1), trust_.realm)) return {};
    return take("DNS name", name, ldap::account_by_sam(directory_, trust_.contexts, name.substr(0, dot) + "$"));
  }

  // By the canonical spelling of each form; the directory compares without case.
  Result<void> explicit_mappings() {
    std::string any;
    for (const IdentityForm form : kIdentityForms) {
      if (form == IdentityForm::issuer) continue;
      const auto identity = identity_for(form, certificate_);
      if (identity) any += "(altSecurityIdentities=" + ldap::escape_filter(to_string(*identity)) + ")";
    }
    if (any.empty()) return {};
    MIMICA_TRY(const auto found, directory_.search({.base = trust_.contexts.domain,
                                                    .filter = "(|" + any + ")",
                                                    .attributes = {"objectSid", "sAMAccountName"}}));
    for (const ldap::Entry& entry : found) {
      MIMICA_TRY(auto account, ldap::account_by_dn(directory_, entry.dn()));
      if (account) add("altSecurityIdentities", *std::move(account));
    }
    return {};
  }

  ldap::Directory& directory_;
  const Trust& trust_;
  const Certificate& certificate_;
  Leads leads_;
};

}  // namespace

Result<Leads> find_leads(ldap::Directory& directory, const Trust& trust, const Certificate& certificate) {
  return Finder(directory, trust, certificate).find();
}

}  // namespace mimica::kdc
