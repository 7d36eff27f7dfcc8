// What managers do with requests, certificates and revocation lists.

#include "ca/authority/authority.h"
#include "ca/faces/certutil/verbs.h"
#include "ca/revocation/crl.h"
#include "core/base/number.h"

namespace mimica::certutil::verbs {
namespace {

constexpr std::size_t kMostSerials = 1000;

Result<std::int64_t> number(std::string_view text) { return require_number<std::int64_t>(text, "number"); }

// A number, or a name as the reasons are spelled in RFC 5280 or printed by certutil.
Result<int> reason(std::string_view text) {
  if (text.empty()) return 0;
  constexpr std::pair<std::string_view, int> kNames[] = {
      {"unspecified", 0}, {"keycompromise", 1},        {"cacompromise", 2},    {"affiliationchanged", 3},
      {"superseded", 4},  {"cessationofoperation", 5}, {"certificatehold", 6}, {"unrevoke", -1}};
  for (const auto& [name, value] : kNames)
    if (equals_ignore_case(name, text)) return value;
  MIMICA_TRY(const std::int64_t value, number(text));
  if (value < -1 || value > 255) return fault(HResult::E_INVALIDARG, "there is no such revocation reason");
  return static_cast<int>(value);
}

}  // namespace

Result<void> revoke(const VerbContext& context) {
  MIMICA_TRY(const int why_revoked, reason(context.arguments.value(1)));
  const std::vector<std::string_view> serials = split(context.arguments.values[0], ',');
  if (serials.size() > kMostSerials) return fault(HResult::E_INVALIDARG, "too many serial numbers at once");
  for (const std::string_view one : serials) {
    std::string serial = to_lower(trim(one));
    std::erase(serial, ' ');
    const std::string text = why_revoked < 0 ? "Unrevoke" : ca::revocation_reason_name(why_revoked);
    context.line("Revoking \"" + serial + "\" -- Reason: " + text);
    MIMICA_RETURN_IF_FAULT(granted(context, context.authority().revoke(serial, why_revoked, context.call.caller)));
  }
  return {};
}

Result<void> is_valid(const VerbContext& context) {
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().may_read(context.call.caller)));
  std::string serial = to_lower(trim(context.arguments.values[0]));
  std::erase(serial, ' ');
  MIMICA_TRY(const auto record, context.authority().database().by_serial(serial));
  const auto state = record ? std::optional(record->request.Disposition) : std::nullopt;
  const bool revoked = state == ca::DbDisposition::revoked && record->request.RevokedEffectiveWhen &&
                       *record->request.RevokedEffectiveWhen <= context.target.now;
  const bool issued = state == ca::DbDisposition::issued || state == ca::DbDisposition::revoked;
  const std::string quoted = "\"" + serial + "\"";
  if (!issued) {
    context.line("Certificate disposition for " + quoted + " is Invalid (4)");
    return fault(HResult::CERTSRV_E_PROPERTY_EMPTY, "the CA issued no certificate with that serial number");
  }
  if (!revoked) {
    context.line("Certificate disposition for " + quoted + " is Valid (3)");
    return {};
  }
  context.line("Certificate disposition for " + quoted + " is Revoked (" +
               ca::revocation_reason_name(record->request.RevokedReason.value_or(0)) + ")");
  context.result.status = HResult::CRYPT_E_REVOKED;
  return {};
}

Result<void> publish_crl(const VerbContext& context) {
  ca::CrlPublication what;
  for (const std::string& value : context.arguments.values) {
    const std::size_t colon = value.find(':');
    if (equals_ignore_case(value, "delta")) {
      what.lists = ca::CrlPublication::Lists::delta;
    } else if (equals_ignore_case(value, "republish")) {
      what.republish = true;
    } else if (colon != std::string::npos) {
      MIMICA_TRY(const std::int64_t days, number(std::string_view(value).substr(0, colon)));
      MIMICA_TRY(const std::int64_t hours, number(std::string_view(value).substr(colon + 1)));
      if (days < 0 || hours < 0 || days > 36500 || hours > 23 || days + hours == 0)
        return fault(HResult::E_INVALIDARG, "a validity is written as days:hours, for example 7:00");
      what.next_publish = context.target.now + days * kDay + hours * kHour;
    } else {
      return fault(HResult::E_INVALIDARG, "'" + value.substr(0, 40) + "' is none of dd:hh, republish and delta");
    }
  }
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().publish_crl(context.call.caller, what)));
  return {};
}

Result<void> renew_cert(const VerbContext& context) {
  const std::string_view how = context.arguments.value(0);
  if (!how.empty() && !equals_ignore_case(how, "ReuseKeys"))
    return fault(HResult::E_INVALIDARG, "'" + std::string(how.substr(0, 40)) + "' is not ReuseKeys");
  if (context.target.keys == nullptr) return fault(HResult::NTE_DEVICE_NOT_READY, "no key can be made here");
  MIMICA_TRY(const Certificate certificate,
             granted(context, context.authority().renew(how.empty(), *context.target.keys, context.call.caller)));
  context.line("Serial Number: " + certificate.serial_hex());
  context.line("NotAfter: " + show_date(certificate.not_after()));
  return {};
}

Result<void> resubmit(const VerbContext& context) {
  MIMICA_TRY(const std::int64_t id, number(context.arguments.values[0]));
  MIMICA_TRY(const ca::SubmitOutcome outcome, context.authority().resubmit(id, context.call.caller));
  if (outcome.disposition == ca::Disposition::issued) {
    context.line("Certificate issued.");
    return {};
  }
  context.result.error_text += why(outcome.trace);
  if (outcome.disposition == ca::Disposition::under_submission) {
    context.line("Certificate request is pending: " + outcome.message);
    return {};
  }
  return fault(outcome.status, outcome.message);
}

Result<void> set_attributes(const VerbContext& context) {
  MIMICA_TRY(const std::int64_t id, number(context.arguments.values[0]));
  std::string text = context.arguments.values[1];
  if (text.starts_with('@')) {
    MIMICA_TRY(const Bytes content, context.file(std::string_view(text).substr(1)));
    text = to_string(BytesView(content));
  }
  MIMICA_RETURN_IF_FAULT(
      granted(context, context.authority().set_attributes(id, separated_lines(text), context.call.caller)));
  return {};
}

Result<void> deny(const VerbContext& context) {
  MIMICA_TRY(const std::int64_t id, number(context.arguments.values[0]));
  MIMICA_RETURN_IF_FAULT(granted(context, context.authority().deny(id, context.call.caller)));
  return {};
}

}  // namespace mimica::certutil::verbs
