// What a manager changes on a pending request before it is decided again.
#include "ca/authority/authority.h"
#include "ca/request/request.h"
#include "ca/rules.h"

namespace mimica::ca {
Result<Decision<Unit>> CertificationAuthority::set_attributes(std::int64_t request_id, std::string_view attributes,
                                                              std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  Trace trace;
  Administrator who;
  const auto refuse_it = [&] { return Decision<Unit>::refuse(std::move(trace)); };
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kIssueAndManage, who, trace));
  if (!allowed) return refuse_it();
  MIMICA_TRY(auto record, environment_.database->by_request_id(request_id));
  if (!record) {
    trace.fail(kRowKnown, HResult::CERTSRV_E_PROPERTY_EMPTY, "there is no request " + std::to_string(request_id));
    return refuse_it();
  }
  trace.pass(kRowKnown);
  RequestRow& row = record->request;
  if (row.Disposition != DbDisposition::pending) {
    trace.fail(
        kRowResolvable, HResult::CERTSRV_E_BAD_REQUESTSTATUS,
        "request " + std::to_string(request_id) + " is " + to_lower(to_string(row.Disposition)) + ", not pending");
    return refuse_it();
  }
  trace.pass(kRowResolvable);
  MIMICA_TRY(const bool in_charge, may_handle(who, *record, trace));
  if (!in_charge) return refuse_it();

  const RequestAttributes wanted = RequestAttributes::parse(attributes);
  if (wanted.all().empty()) return fault(HResult::E_INVALIDARG, "an attribute is written as Name:Value");
  RequestAttributes all = wanted;
  const RequestAttributes present = RequestAttributes::parse(row.RequestAttributes);
  for (const RequestAttribute& old : present.all())
    if (!wanted.find(old.name)) all.add(old.name, old.value);
  std::string text;
  for (const RequestAttribute& one : all.all()) text += (text.empty() ? "" : "\n") + one.name + ":" + one.value;
  if (text.size() > kMaxAttributesSize) return fault(HResult::E_INVALIDARG, "the attributes are too long");
  for (const RequestAttribute& one : record->attributes)
    if (!all.find(one.name)) all.add(one.name, one.value);  // those from inside the request
  record->attributes = all.all();
  row.RequestAttributes = std::move(text);
  MIMICA_RETURN_IF_FAULT(environment_.database->store(*record));
  emit(events::kAttributesChanged, {std::to_string(request_id), row.RequestAttributes});
  return Decision<Unit>::grant({}, std::move(trace));
}

}  // namespace mimica::ca
