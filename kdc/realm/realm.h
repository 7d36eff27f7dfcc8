// A Kerberos realm over an Active Directory domain: what MIT's krb5kdc is told about principals and certificates. Every
// question is answered from the directory as it is at that moment.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/base/time.h"
#include "kdc/krb5/krb5kdc_messages.h"
#include "kdc/mapping/principal_lookup.h"
#include "kdc/pkinit/gather.h"
#include "ldap/dsa/dsa.h"

namespace mimica::kdc {

// Makes long-term keys (RFC 3962). Behind an interface because libkrb5 does it, in io/.
class KeyMaker {
 public:
  virtual ~KeyMaker() = default;
  // One key for each encryption type of the realm, strongest first.
  virtual Result<std::vector<krb5kdc::Key>> from_password(std::string_view password, std::string_view salt) = 0;
};

// The salt of an account's keys (MS-KILE 3.1.1.2): "CONTOSO.COMjane", "CONTOSO.COMhostlaptop-01.contoso.com".
std::string key_salt(const ldap::Account& account, std::string_view realm_dns_name);

struct RealmEnvironment {
  ldap::Directory* directory = nullptr;
  std::function<std::optional<ldap::Dsa::Password>(const ldap::Account&)> password;
  RevocationSource* revocation = nullptr;
  std::function<KdcConfig()> config;  // as it is now
  const Clock* clock = nullptr;
  KeyMaker* keys = nullptr;
  std::string ticket_granting_password;               // random; the keys of krbtgt come from it
  std::function<void(const LogonDecision&)> decided;  // certificate logons, allowed and refused
  std::function<void(const Event&)> audited;          // 4768
};

class Realm {
 public:
  // Faults when the directory cannot be read.
  static Result<std::unique_ptr<Realm>> open(RealmEnvironment environment);

  // Total: what cannot be answered is a FailureAnswer. Thread-safe.
  krb5kdc::Answer answer(const krb5kdc::Query& query);

  const std::string& name() const { return name_; }          // "CONTOSO.COM"
  const std::string& dns_name() const { return dns_name_; }  // "contoso.com"
  // Keys of an account or service for a keytab. Faults: nobody has the name; the account has no password.
  Result<krb5kdc::PrincipalAnswer> keys_of(const std::string& principal);

 private:
  explicit Realm(RealmEnvironment environment) : environment_(std::move(environment)) {}
  Result<krb5kdc::Answer> respond(const krb5kdc::PrincipalQuery& query);
  Result<krb5kdc::Answer> respond(const krb5kdc::AuthorizeQuery& query);
  Result<krb5kdc::Answer> respond(const krb5kdc::AuditNotice& notice);
  Result<FoundAccount> find(const krb5kdc::Principal& name, bool client);
  Result<bool> is_service(const krb5kdc::Principal& name, const ldap::Account& account);
  Result<std::vector<krb5kdc::Key>> keys(std::string_view password, const std::string& salt);
  Result<const Trust*> trust();

  RealmEnvironment environment_;
  ldap::NamingContexts contexts_;
  std::optional<Trust> trust_;  // as of trust_usn_
  std::string trust_usn_;
  std::string name_, dns_name_;
  std::mutex mutex_;
  // Deriving keys takes milliseconds; the password and salt they came from tell whether they still hold.
  struct Derived {
    std::string password;
    std::vector<krb5kdc::Key> keys;
  };
  std::map<std::string, Derived, std::less<>> derived_;  // by salt
  std::map<std::string, Event, std::less<>> audits_;     // of certificate logons that krb5kdc has not reported yet
};

}  // namespace mimica::kdc
