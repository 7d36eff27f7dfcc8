// A whole certificate as a domain controller sees it: facts, match keys, and its mapping to a fixed account and a fixed
// computer in every mode and profile. The same facts give the same answer, a stricter mode never allows more, and a
// value that is built for the certificate matches it.
#include <cstdlib>

#include "core/windows/event_text.h"
#include "kdc/pkinit/logon.h"

namespace {

using namespace mimica;
using namespace mimica::kdc;

void require(bool condition) {
  if (!condition) std::abort();
}

ldap::Account account(bool computer) {
  ldap::Account out;
  out.dn = "CN=jane,CN=Users,DC=contoso,DC=com";
  out.cn = "jane";
  out.sam_account_name = computer ? "LAPTOP-01$" : "jane";
  out.upn = "jane@contoso.com";
  out.sid = *Sid::parse("S-1-5-21-1004336348-1177238915-682003330-1105");
  out.user_account_control = computer ? ldap::uac::kWorkstationTrust : ldap::uac::kNormalAccount;
  out.when_created = Timestamp{1704067200};
  out.alt_security_identities = {"X509:<RFC822>jane@contoso.com", "X509:<S>CN=jane",
                                 "X509:<I>DC=com,DC=contoso,CN=CONTOSO-CA<SR>1200000000ac11000000002b"};
  return out;
}

Policy policy(Profile profile, Enforcement enforcement) {
  KdcConfig config;
  config.profile = profile;
  config.StrongNameMatches = {
      "0123456789abcdef0123456789abcdef01234567; 1.2.3.4; IssuerSubject, UpnSuffix=contoso.com"};
  Policy out = effective(config, Timestamp{1760400000});
  out.enforcement = enforcement;
  return out;
}

bool decide_twice(const CertFacts& facts, const AccountFacts& who, const Policy& how) {
  LogonFacts logon;
  logon.realm = who.realm;
  logon.account = who;
  logon.certificate = facts;
  const auto first = decide(logon, how, Timestamp{1760400000}), second = decide(logon, how, Timestamp{1760400000});
  require(static_cast<bool>(first.decision) == static_cast<bool>(second.decision));
  require(first.decision.code == second.decision.code && first.decision.rule() == second.decision.rule());
  require(first.events == second.events && first.audit == second.audit);
  require(trace_to_json(first.decision.trace) == trace_to_json(second.decision.trace));
  for (const Event& event : first.events) require(!event_json(event).empty());
  return static_cast<bool>(first.decision);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = Certificate::parse_pem_or_der(BytesView(data, size));
  if (!certificate) return 0;
  for (const IdentityForm form : kIdentityForms) {
    const auto identity = identity_for(form, *certificate);
    if (identity) require(matches(*identity, *certificate));
    if (identity) require(near_miss(*identity, *certificate).empty());
  }
  const CertFacts facts = cert_facts(*certificate, &*certificate, true);
  for (const bool computer : {false, true})
    for (const UpnOwner owner : {UpnOwner::this_account, UpnOwner::nobody}) {
      const AccountFacts who = account_facts(account(computer), "contoso.com", owner);
      for (const Profile profile : {Profile::windows, Profile::samba}) {
        const bool full = decide_twice(facts, who, policy(profile, Enforcement::full));
        const bool compatibility = decide_twice(facts, who, policy(profile, Enforcement::compatibility));
        const bool disabled = decide_twice(facts, who, policy(profile, Enforcement::disabled));
        // Samba's compatibility stops at the first weak value; full enforcement looks past it.
        require((profile == Profile::samba || full <= compatibility) && full <= disabled && compatibility <= disabled);
      }
    }
  return 0;
}
