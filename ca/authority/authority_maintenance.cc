// Backup, restore and deletion of rows.
#include "ca/authority/authority.h"
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

// Clears the flag however the restore ends.
class Suspension {
 public:
  explicit Suspension(std::atomic<bool>& flag) : flag_(flag) { flag_ = true; }
  Suspension(const Suspension&) = delete;
  Suspension& operator=(const Suspension&) = delete;
  ~Suspension() { flag_ = false; }

 private:
  std::atomic<bool>& flag_;
};

}  // namespace

bool CertificationAuthority::is_running(Trace& trace) const {
  if (!suspended_) return true;
  trace.fail(kServerRunning, HResult::CERTSRV_E_SERVER_SUSPENDED, "a restore is going on");
  return false;
}

Result<Decision<Unit>> CertificationAuthority::back_up(const std::string& path, std::string_view caller) {
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed || !is_running(trace)) return Decision<Unit>::refuse(std::move(trace));
  trace.pass(kServerRunning);
  emit(events::kBackupStarted, {"1"});  // CSBACKUP_TYPE_FULL
  MIMICA_RETURN_IF_FAULT(environment_.database->backup(path));
  emit(events::kBackupCompleted, {});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<Unit>> CertificationAuthority::restore(const std::string& path, std::string_view caller) {
  Trace trace;
  Administrator who;
  MIMICA_TRY(const bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (!allowed) return Decision<Unit>::refuse(std::move(trace));
  const std::lock_guard rows(administration_mutex_);
  const std::lock_guard lists(crl_mutex_);
  const Suspension suspension(suspended_);
  emit(events::kRestoreStarted, {});
  MIMICA_RETURN_IF_FAULT(environment_.database->restore(path));
  emit(events::kRestoreCompleted, {});
  return Decision<Unit>::grant({}, std::move(trace));
}

Result<Decision<std::int64_t>> CertificationAuthority::delete_rows(const RowDeletion& deletion,
                                                                   std::string_view caller) {
  const std::lock_guard lock(administration_mutex_);
  Trace trace;
  Administrator who;
  MIMICA_TRY(bool allowed, has_right(caller, ca_access::kManageCa, who, trace));
  if (allowed) {
    MIMICA_TRY(allowed, has_right(caller, ca_access::kIssueAndManage, who, trace));
  }
  if (!allowed) return Decision<std::int64_t>::refuse(std::move(trace));
  if (!is_allowed(deletion)) {
    trace.fail(kRowDeletion, HResult::E_INVALIDARG,
               "one row id or one date is wanted, and a date only for requests, certificates and CRLs");
    return Decision<std::int64_t>::refuse(std::move(trace));
  }
  trace.pass(kRowDeletion);
  MIMICA_TRY(const std::int64_t erased, environment_.database->erase(deletion));
  const std::string filter = deletion.before ? "before " + to_iso(*deletion.before) + ", flags " +
                                                   std::to_string(static_cast<int>(deletion.kind))
                                             : "row " + std::to_string(deletion.row_id);
  emit(events::kRowsDeleted, {std::to_string(static_cast<int>(deletion.table)), filter, std::to_string(erased)});
  return Decision<std::int64_t>::grant(erased, std::move(trace));
}

}  // namespace mimica::ca
