#include "kdc/realm/realm.h"

#include "core/base/text.h"
#include "kdc/pkinit/account_state.h"
#include "ldap/provision.h"

namespace mimica::kdc {
namespace {

using krb5kdc::Answer;
using krb5kdc::AuditNotice;
using krb5kdc::AuthorizeAnswer;
using krb5kdc::AuthorizeQuery;
using krb5kdc::Principal;
using krb5kdc::PrincipalAnswer;
using krb5kdc::PrincipalQuery;

constexpr std::string_view kTicketGranting = "krbtgt", kChangePassword = "kadmin";
constexpr std::uint32_t kDontRequirePreauth = 0x400000;  // MS-ADTS 2.2.16
constexpr std::size_t kMaxDerived = 100'000, kMaxAudits = 1000;

bool has_own_keys(const Principal& name) {
  return name.components.size() == 2 &&
         (name.components.front() == kTicketGranting || name.components.front() == kChangePassword);
}

// The failing rule and what it found, on one line for krb5kdc's log.
std::string deciding(const Trace& trace) {
  for (const Step& step : trace.steps())
    if (step.verdict == Verdict::fail) return std::string(step.rule->id) + ": " + step.found;
  return {};
}

}  // namespace

std::string key_salt(const ldap::Account& account, std::string_view realm_dns_name) {
  const std::string realm = to_upper(realm_dns_name);
  if (!account.is_computer()) return realm + account.sam_account_name;
  std::string host = to_lower(account.sam_account_name);
  if (host.ends_with('$')) host.pop_back();
  return realm + "host" + host + "." + to_lower(realm_dns_name);
}

Result<std::unique_ptr<Realm>> Realm::open(RealmEnvironment environment) {
  std::unique_ptr<Realm> realm(new Realm(std::move(environment)));
  MIMICA_TRY(realm->contexts_, ldap::read_naming_contexts(*realm->environment_.directory));
  realm->dns_name_ = ldap::dns_name_of(realm->contexts_.domain);
  realm->name_ = to_upper(realm->dns_name_);
  return realm;
}

Answer Realm::answer(const krb5kdc::Query& query) {
  const std::lock_guard lock(mutex_);
  auto answered = std::visit([this](const auto& one) { return respond(one); }, query);
  if (answered) return *std::move(answered);
  return krb5kdc::FailureAnswer{answered.error().describe()};
}

Result<PrincipalAnswer> Realm::keys_of(const std::string& principal) {
  Principal name{krb5kdc::name_type::kPrincipal, {}, name_};
  for (const std::string_view part : split(principal, '/')) name.components.emplace_back(part);
  const std::lock_guard lock(mutex_);
  MIMICA_TRY(const Answer answered, respond(PrincipalQuery{std::move(name), false}));
  const auto& found = std::get<PrincipalAnswer>(answered);
  if (!found.found)
    return fault(KrbError::KDC_ERR_S_PRINCIPAL_UNKNOWN, "no account of " + dns_name_ + " has the name " + principal, {},
                 "add it to the account's servicePrincipalName");
  if (found.keys.empty())
    return fault(KrbError::KDC_ERR_NULL_KEY, "the account of " + principal + " has no password", {}, "set unicodePwd");
  return found;
}

Result<FoundAccount> Realm::find(const Principal& name, bool client) {
  ldap::Directory& directory = *environment_.directory;
  if (name.components.empty() || !equals_ignore_case(name.realm, name_)) return FoundAccount{};
  const std::string joined = join(name.components, "/");
  return client ? find_client(directory, contexts_, joined, dns_name_)
                : find_principal(directory, contexts_, joined, dns_name_);
}

Result<std::vector<krb5kdc::Key>> Realm::keys(std::string_view password, const std::string& salt) {
  const auto known = derived_.find(salt);
  if (known != derived_.end() && known->second.password == password) return known->second.keys;
  MIMICA_TRY(auto made, environment_.keys->from_password(password, salt));
  if (derived_.size() == kMaxDerived) derived_.clear();
  derived_[salt] = {std::string(password), made};
  return made;
}

// Roots, CAs and NTAuth are read again after any change of the directory.
Result<const Trust*> Realm::trust() {
  MIMICA_TRY(const auto root, ldap::read_entry(*environment_.directory, "", {"highestCommittedUSN"}));
  const std::string usn(root ? root->first("highestCommittedUSN") : std::string_view{});
  if (!trust_ || usn.empty() || usn != trust_usn_) {
    MIMICA_TRY(trust_, read_trust(*environment_.directory));
    trust_usn_ = usn;
  }
  return &*trust_;
}

Result<bool> Realm::is_service(const Principal& name, const ldap::Account& account) {
  if (name.components.size() > 1 || account.is_computer()) return true;
  MIMICA_TRY(const auto entry, ldap::read_entry(*environment_.directory, account.dn, {"servicePrincipalName"}));
  return entry && entry->has("servicePrincipalName");
}

Result<Answer> Realm::respond(const PrincipalQuery& query) {
  PrincipalAnswer out;
  if (!query.client && has_own_keys(query.name)) {
    MIMICA_TRY(out.keys, keys(environment_.ticket_granting_password, name_ + "krbtgt"));
    out.found = out.may_be_service = true;
    out.key_version = 2;
    out.name = query.name;
    return Answer(std::move(out));
  }
  MIMICA_TRY(const FoundAccount found, find(query.name, query.client));
  if (found.ambiguous) {
    out.refusal = static_cast<int>(KrbError::KDC_ERR_PRINCIPAL_NOT_UNIQUE);
    return Answer(std::move(out));
  }
  if (!found.account) return Answer(std::move(out));
  const ldap::Account& account = *found.account;
  out.found = true;
  out.name = query.name;
  if (query.client || query.name.components.size() == 1)
    out.name = {krb5kdc::name_type::kPrincipal, {account.sam_account_name}, name_};
  out.requires_preauth = (account.user_account_control & kDontRequirePreauth) == 0;
  if (query.client)
    if (const auto state = account_may_log_on(account, environment_.clock->now(), environment_.config()); !state) {
      out.refusal = static_cast<int>(std::get<KrbError>(state.code));
      out.refusal_text = deciding(state.trace);
    }
  if (!query.client) {
    MIMICA_TRY(out.may_be_service, is_service(query.name, account));
  }
  out.key_version = 1;
  if (const auto password = environment_.password(account)) {
    out.key_version = password->version;
    MIMICA_TRY(out.keys, keys(password->text, key_salt(account, dns_name_)));
  }
  return Answer(std::move(out));
}

Result<Answer> Realm::respond(const AuthorizeQuery& query) {
  auto certificate = Certificate::parse(query.certificate);
  if (!certificate)
    return Answer(
        AuthorizeAnswer{static_cast<int>(KrbError::KDC_ERR_INVALID_CERTIFICATE), certificate.error().what, {}});
  LogonRequest request;
  request.cname = join(query.client.components, "/");
  request.certificate = *std::move(certificate);
  for (const Bytes& der : query.intermediates)
    if (auto parsed = Certificate::parse(der)) request.intermediates.push_back(*std::move(parsed));
  MIMICA_TRY(const Trust* known, trust());
  MIMICA_TRY(const LogonDecision decided, logon(*environment_.directory, *known, *environment_.revocation, request,
                                                environment_.config(), environment_.clock->now()));
  AuthorizeAnswer out;
  out.text = deciding(decided.decision.trace);
  if (decided.decision) {
    out.indicators = {"pkinit", "mapping:" + decided.decision.granted->how,
                      decided.decision.granted->strong ? "strong-mapping" : "weak-mapping"};
  } else {
    const auto* code = std::get_if<KrbError>(&decided.decision.code);
    out.error = static_cast<int>(code != nullptr ? *code : KrbError::KRB_ERR_GENERIC);
  }
  if (audits_.size() == kMaxAudits) audits_.clear();
  Event audit = decided.audit;
  audit.trace = std::make_shared<const Trace>(decided.decision.trace);
  audits_.insert_or_assign(to_string(query.client), std::move(audit));
  environment_.decided(decided);
  return Answer(std::move(out));
}

Result<Answer> Realm::respond(const AuditNotice& notice) {
  const auto status = static_cast<KrbError>(notice.error);
  TicketExchange exchange;
  exchange.options = notice.options;
  if (!notice.address.empty())
    exchange.address = (notice.address.find(':') == std::string::npos ? "::ffff:" : "") + notice.address;
  exchange.port = "0";
  if (auto of_certificate = audits_.extract(to_string(notice.client))) {
    events::set_exchange(of_certificate.mapped(), exchange);
    environment_.audited(std::move(of_certificate.mapped()));
    return Answer(krb5kdc::AuditAnswer{});
  }
  // A password logon: the first half of an exchange that asks for pre-authentication is no outcome, and a wrong
  // password is event 4771, which has no certificate.
  if (status == KrbError::KDC_ERR_PREAUTH_REQUIRED || status == KrbError::KDC_ERR_PREAUTH_FAILED)
    return Answer(krb5kdc::AuditAnswer{});
  MIMICA_TRY(const FoundAccount found, find(notice.client, true));
  environment_.audited(events::ticket_request(
      found.account ? found.account->sam_account_name : join(notice.client.components, "/"), dns_name_,
      found.account ? found.account->sid : Sid{}, status, {}, environment_.clock->now(), exchange));
  return Answer(krb5kdc::AuditAnswer{});
}

}  // namespace mimica::kdc
