#include "ca/authority/maintenance.h"

#include "ca/rules.h"

namespace mimica::ca {
namespace {

// MS-CSRA 3.1.4.2.18.
bool is_allowed(const RowDeletion& deletion) {
  using Table = RowDeletion::Table;
  using Kind = RowDeletion::Kind;
  if ((deletion.row_id != 0) == deletion.before.has_value() || deletion.row_id < 0) return false;
  if (!deletion.before) return deletion.kind == Kind::row;
  switch (deletion.table) {
    case Table::request:
      return deletion.kind != Kind::row;
    case Table::crl:
      return deletion.kind == Kind::expired;
    case Table::extension:
    case Table::attribute:
      return false;
  }
  return false;
}

}  // namespace

Result<Decision<Unit>> Maintenance::back_up(const std::string& path, std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed || !state_.is_running(trace)) return Decision<Unit>::refuse(std::move(trace));
  trace.pass(kServerRunning);
  state_.emit(events::kBackupStarted, now, {"1"});  // CSBACKUP_TYPE_FULL
  MIMICA_RETURN_IF_FAULT(state_.database().backup(path));
  state_.emit(events::kBackupCompleted, now, {});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> Maintenance::restore(const std::string& path, std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<Unit>::refuse(std::move(trace));
  const auto rows = rows_.hold();
  const auto lists = lists_.hold();
  const auto root = root_.hold();
  const AuthorityState::Suspension suspension(state_);
  state_.emit(events::kRestoreStarted, now, {});
  MIMICA_RETURN_IF_FAULT(state_.database().restore(path));
  state_.emit(events::kRestoreCompleted, now, {});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<std::int64_t>> Maintenance::delete_rows(const RowDeletion& deletion, std::string_view caller) {
  const Timestamp now = state_.now();
  Trace trace;
  Administrator who;
  MIMICA_TRY(bool allowed, rights_.has_right(caller, ca_access::kManageCa, who, trace));
  if (allowed) {
    MIMICA_TRY(allowed, rights_.has_right(caller, ca_access::kIssueAndManage, who, trace));
  }
  if (!allowed) return Decision<std::int64_t>::refuse(std::move(trace));
  if (!is_allowed(deletion)) {
    trace.fail(kRowDeletion, HResult::E_INVALIDARG,
               "one row id or one date is wanted, and a date only for requests, certificates and CRLs");
    return Decision<std::int64_t>::refuse(std::move(trace));
  }
  trace.pass(kRowDeletion);
  MIMICA_TRY(const std::int64_t erased, rows_.erase(deletion));
  const std::string filter = deletion.before ? "before " + to_iso(*deletion.before) + ", flags " +
                                                   std::to_string(static_cast<int>(deletion.kind))
                                             : "row " + std::to_string(deletion.row_id);
  state_.emit(events::kRowsDeleted, now,
              {std::to_string(static_cast<int>(deletion.table)), filter, std::to_string(erased)});
  return Decision<std::int64_t>::grant(erased, std::move(trace));
}

}  // namespace mimica::ca
