#include "ca/authority/rows.h"

#include "ca/rules.h"

namespace mimica::ca {

Result<std::optional<RequestRecord>> Rows::find(std::int64_t request_id, Trace& trace) const {
  MIMICA_TRY(auto record, database_.by_request_id(request_id));
  if (record) {
    trace.pass(kRowKnown);
  } else {
    trace.fail(kRowKnown, HResult::CERTSRV_E_PROPERTY_EMPTY, "there is no request " + std::to_string(request_id));
  }
  return record;
}

Result<bool> Rows::replace(const RequestRecord& seen, const RequestRecord& next) {
  const std::lock_guard lock(mutex_);
  MIMICA_TRY(const auto present, database_.by_request_id(seen.request.RequestID));
  if (!present || present->request != seen.request || present->certificate != seen.certificate) return false;
  MIMICA_RETURN_IF_FAULT(database_.store(next));
  return true;
}

Result<std::int64_t> Rows::erase(const RowDeletion& deletion) {
  const std::lock_guard lock(mutex_);
  return database_.erase(deletion);
}

}  // namespace mimica::ca
