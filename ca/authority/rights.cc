#include "ca/authority/rights.h"

#include "ca/policy/restrictions.h"
#include "ca/request/envelope.h"
#include "ca/rules.h"

namespace mimica::ca {
namespace {

constexpr std::uint32_t kAnyRight =
    ca_access::kManageCa | ca_access::kIssueAndManage | ca_access::kRead | ca_access::kRequestCertificates;

std::string right_name(std::uint32_t right) {
  return right == ca_access::kManageCa ? "Manage CA" : "Issue and Manage Certificates";
}

}  // namespace

Result<std::optional<Administrator>> Rights::administrator(std::string_view caller, Trace& trace) const {
  if (caller.empty())
    return std::optional(Administrator{state_.look_ups().netbios_name() + "\\Administrator", {}, true});
  MIMICA_TRY(const auto view, state_.look_ups().begin());
  MIMICA_TRY(const auto facts, view->requester(caller));
  if (facts == nullptr) {
    trace.fail(kRequesterKnown, HResult::ERROR_NONE_MAPPED, "no account is named '" + std::string(caller) + "'");
    return std::optional<Administrator>();
  }
  return std::optional(Administrator{facts->name, facts->token, false});
}

Result<bool> Rights::has_right(std::string_view caller, std::uint32_t right, Administrator& who, Trace& trace) const {
  MIMICA_TRY(auto found, administrator(caller, trace));
  if (!found) return false;
  who = *std::move(found);
  const Rule& rule = right == ca_access::kManageCa ? kPermissionManage : kPermissionOfficer;
  if (who.console) {
    trace.skip(rule, "done at the console of the CA");
    return true;
  }
  const std::shared_ptr<const Settings> settings = state_.settings();
  if (check_access(settings->config.Security, who.token, right).granted) {
    trace.pass(rule, who.name + " holds '" + right_name(right) + "'");
    return true;
  }
  trace.fail(rule, HResult::E_ACCESSDENIED,
             who.name + " and its groups lack '" + right_name(right) + "' on " + settings->config.CommonName,
             {{"caller", who.name}, {"sid", who.token.user.to_string()}},
             "allow '" + right_name(right) + "' on the CA to " + who.name + " or one of its groups");
  return false;
}

Result<bool> Rights::may_handle(const Administrator& who, const RequestRecord& record, Trace& trace) const {
  const std::shared_ptr<const Settings> settings = state_.settings();
  if (who.console || !settings->config.OfficerRights) {
    trace.skip(kOfficerRestriction, who.console ? "done at the console of the CA" : "the CA restricts nobody");
    return true;
  }
  MIMICA_TRY(const auto view, state_.look_ups().begin());
  MIMICA_TRY(const auto requester, view->requester(record.request.RequesterName));
  const Token nobody;
  std::shared_ptr<const templates::CertificateTemplate> requested;
  std::string name = record.certificate ? record.certificate->CertificateTemplate : std::string();
  if (name.empty()) {
    // Not issued yet: what the request names.
    const Decision<IncomingRequest> incoming =
        read_request(record.request.RawRequest, record.request.RequestAttributes);
    if (incoming && !incoming.granted->template_identifiers.empty()) {
      const TemplateIdentifier& first = incoming.granted->template_identifiers.front();
      name = first.oid.empty() ? first.name : first.oid.dotted();
    }
  }
  if (!name.empty()) {
    MIMICA_TRY(requested, view->certificate_template(name));
  }
  RestrictionCase question;
  question.restrictions = &settings->config.OfficerRights;
  question.principal = &who.token;
  question.principal_name = who.name;
  question.about = requester == nullptr ? &nobody : &requester->token;
  question.about_name = record.request.RequesterName;
  question.requested = requested.get();
  return check_restriction(question, kOfficerRestriction, trace);
}

Result<Decision<Unit>> Rights::may_read(std::string_view caller) const {
  Trace trace;
  MIMICA_TRY(const auto who, administrator(caller, trace));
  if (!who) return Decision<Unit>::refuse(std::move(trace));
  const SecurityDescriptor security = state_.settings()->config.Security;
  const bool held = who->console || (check_access(security, who->token, kAnyRight).held_mask & kAnyRight) != 0;
  if (!held) {
    trace.fail(kPermissionRead, HResult::E_ACCESSDENIED, who->name + " and its groups hold no right on the CA",
               {{"caller", who->name}, {"sid", who->token.user.to_string()}});
    return Decision<Unit>::refuse(std::move(trace));
  }
  trace.pass(kPermissionRead, who->name);
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> Rights::may(std::uint32_t right, std::string_view caller) const {
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, right, who, trace));
  return allowed ? Decision<Unit>::grant({}, std::move(trace)) : Decision<Unit>::refuse(std::move(trace));
}

}  // namespace mimica::ca
