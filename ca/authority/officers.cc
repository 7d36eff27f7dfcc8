#include "ca/authority/officers.h"

#include "ca/request/request.h"
#include "ca/revocation/crl.h"
#include "ca/rules.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

constexpr int kCertificateHold = 6;
constexpr int kReleaseFromHold = -1;
constexpr int kRemoveFromCrl = 8;
constexpr int kPublishExpired = -2, kDropExpired = -3;  // 0xFFFFFFFE and 0xFFFFFFFD: PublishExpiredCertInCRL alone

bool is_pending(const RequestRow& row, Trace& trace) {
  if (row.Disposition == DbDisposition::pending) {
    trace.pass(kRowResolvable);
    return true;
  }
  trace.fail(
      kRowResolvable, HResult::CERTSRV_E_BAD_REQUESTSTATUS,
      "request " + std::to_string(row.RequestID) + " is " + to_lower(to_string(row.Disposition)) + ", not pending");
  return false;
}

bool changes_expiry_only(int reason) { return reason == kPublishExpired || reason == kDropExpired; }

bool is_reason(int reason, Trace& trace) {
  if (reason != kReleaseFromHold && reason != kRemoveFromCrl && !changes_expiry_only(reason) &&
      (reason < 0 || reason > kCertificateHold)) {
    trace.fail(kRevocationReason, HResult::E_INVALIDARG, std::to_string(reason) + " is no revocation reason");
    return false;
  }
  trace.pass(kRevocationReason, revocation_reason_name(reason));
  return true;
}

bool is_revocable(const RequestRow& row, int reason, Trace& trace) {
  const bool on_hold = row.Disposition == DbDisposition::revoked && row.RevokedReason == kCertificateHold;
  const bool revocable = row.Disposition == DbDisposition::issued || row.Disposition == DbDisposition::revoked;
  std::string problem;
  if (!revocable) problem = "the certificate is " + to_lower(to_string(row.Disposition));
  if (revocable && reason == kReleaseFromHold && !on_hold) problem = "the certificate is not on hold";
  if (row.Disposition == DbDisposition::revoked && reason == kCertificateHold && !on_hold)
    problem = "the certificate is revoked already and cannot be put on hold";
  if (!problem.empty()) {
    trace.fail(kRowRevocable, HResult::ERROR_INVALID_DATA, problem);
    return false;
  }
  trace.pass(kRowRevocable);
  return true;
}

// `wanted` replaces what has the same name.
Result<void> change_attributes(RequestRecord& record, const RequestAttributes& wanted) {
  if (wanted.all().empty()) return fault(HResult::E_INVALIDARG, "an attribute is written as Name:Value");
  RequestAttributes all = wanted;
  const RequestAttributes present = RequestAttributes::parse(record.request.RequestAttributes);
  for (const RequestAttribute& old : present.all())
    if (!wanted.find(old.name)) all.add(old.name, old.value);
  std::string text;
  for (const RequestAttribute& one : all.all()) text += (text.empty() ? "" : "\n") + one.name + ":" + one.value;
  if (text.size() > kMaxAttributesSize) return fault(HResult::E_INVALIDARG, "the attributes are too long");
  for (const RequestAttribute& one : record.attributes)
    if (!all.find(one.name)) all.add(one.name, one.value);  // those from inside the request
  record.attributes = all.all();
  record.request.RequestAttributes = std::move(text);
  return {};
}

}  // namespace

Result<Decision<RequestRecord>> Officers::change_pending(
    std::int64_t request_id, std::string_view caller,
    const std::function<Result<void>(RequestRecord&, const Administrator&)>& change) {
  while (true) {
    Trace trace;
    Administrator who;
    const auto refused = [&] { return Decision<RequestRecord>::refuse(std::move(trace)); };
    MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kIssueAndManage, who, trace));
    if (!allowed) return refused();
    MIMICA_TRY(const auto seen, rows_.find(request_id, trace));
    if (!seen || !is_pending(seen->request, trace)) return refused();
    MIMICA_TRY(const bool in_charge, rights_.may_handle(who, *seen, trace));
    if (!in_charge) return refused();
    RequestRecord next = *seen;
    MIMICA_RETURN_IF_FAULT(change(next, who));
    MIMICA_TRY(const bool stored, rows_.replace(*seen, next));
    if (stored) return Decision<RequestRecord>::grant(std::move(next), std::move(trace));
  }
}

Result<Decision<Unit>> Officers::deny(std::int64_t request_id, std::string_view caller) {
  const Timestamp now = state_.now();
  MIMICA_TRY(auto denied, change_pending(request_id, caller, [now](RequestRecord& next, const Administrator& who) {
               next.request.Disposition = DbDisposition::denied;
               next.request.StatusCode = static_cast<std::uint32_t>(HResult::CERTSRV_E_ADMIN_DENIED_REQUEST);
               next.request.DispositionMessage = "Denied by " + who.name;
               next.request.ResolvedWhen = now;
               return Result<void>();
             }));
  if (!denied) return Decision<Unit>::refuse(std::move(denied.trace));
  state_.emit(events::kRequestDeniedByManager, now, {std::to_string(request_id)});
  return Decision<Unit>::grant({}, std::move(denied.trace));
}

Result<Decision<Unit>> Officers::set_attributes(std::int64_t request_id, std::string_view attributes,
                                                std::string_view caller) {
  const Timestamp now = state_.now();
  MIMICA_TRY(auto changed, change_pending(request_id, caller, [attributes](RequestRecord& next, const Administrator&) {
               return change_attributes(next, RequestAttributes::parse(attributes));
             }));
  if (!changed) return Decision<Unit>::refuse(std::move(changed.trace));
  state_.emit(events::kAttributesChanged, now,
              {std::to_string(request_id), changed.granted->request.RequestAttributes});
  return Decision<Unit>::grant({}, std::move(changed.trace));
}

Result<Decision<Unit>> Officers::revoke(std::string_view serial_hex, int reason, std::string_view caller,
                                        std::optional<Timestamp> effective) {
  const Timestamp now = state_.now();
  const std::string serial = to_lower(trim(serial_hex));
  while (true) {
    Trace trace;
    Administrator who;
    const auto refused = [&] { return Decision<Unit>::refuse(std::move(trace)); };
    MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kIssueAndManage, who, trace));
    if (!allowed || !is_reason(reason, trace)) return refused();
    MIMICA_TRY(const auto seen, state_.database().by_serial(serial));
    if (!seen) {
      trace.fail(kRowKnown, HResult::E_INVALIDARG, "no certificate has the serial number " + serial.substr(0, 128));
      return refused();
    }
    trace.pass(kRowKnown, "request " + std::to_string(seen->request.RequestID));
    RequestRecord next = *seen;
    if (changes_expiry_only(reason)) {
      next.certificate->PublishExpiredCertInCRL = reason == kPublishExpired;
      MIMICA_TRY(const bool stored, rows_.replace(*seen, next));
      if (!stored) continue;
      return Decision<Unit>::grant({}, std::move(trace));
    }
    if (!is_revocable(seen->request, reason, trace)) return refused();
    MIMICA_TRY(const bool in_charge, rights_.may_handle(who, *seen, trace));
    if (!in_charge) return refused();
    RequestRow& row = next.request;
    row.RevokedReason = reason;
    row.DispositionMessage = "Revoked by " + who.name;
    // After a release reason and dates stay: the next delta CRL says removeFromCRL.
    row.Disposition = reason == kReleaseFromHold ? DbDisposition::issued : DbDisposition::revoked;
    row.RevokedWhen = now;
    row.RevokedEffectiveWhen = effective.value_or(now);
    MIMICA_TRY(const bool stored, rows_.replace(*seen, next));
    if (!stored) continue;
    state_.emit(events::kCertificateRevoked, now, {serial, std::to_string(reason)});
    return Decision<Unit>::grant({}, std::move(trace));
  }
}

}  // namespace mimica::ca
