// Backup, restore, deletion of rows, integrity.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "ca/rules.h"
#include "ca/testing/test_lab.h"

namespace mimica::ca {
namespace {

class MaintenanceTest : public testing::Test {
 protected:
  MaintenanceTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mimica-db-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    lab_ = std::make_unique<TestLab>(CaType::enterprise_sub, file("ca.db"));
    lab_->database = must(open_database(file("live.db"), [this](std::string_view point) {
      if (at_point_) at_point_(point);
    }));
    lab_->start();
    lab_->add_user("jane", "jane@contoso.com");
    lab_->new_events();
  }
  ~MaintenanceTest() override {
    lab_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  SubmitOutcome submit(const std::string& name = "User") {
    return must(lab_->ca->submit({"jane", request_der(fixed_key("rsa-2048")), "CertificateTemplate:" + name}));
  }
  std::vector<int> event_ids() {
    std::vector<int> ids;
    for (const Event& event : lab_->new_events()) ids.push_back(event.kind->id);
    return ids;
  }
  CertificationAuthority& ca() { return *lab_->ca; }
  Database& database() { return *lab_->database; }

  std::filesystem::path folder_;
  std::function<void(std::string_view)> at_point_;
  std::unique_ptr<TestLab> lab_;
};

TEST_F(MaintenanceTest, BackupAndRestoreBringBackWhatWas) {
  const SubmitOutcome kept = submit();
  const std::int64_t number = must(database().highest_crl_number());
  ASSERT_TRUE(must(ca().back_up(file("backup.db"), "")));
  EXPECT_FALSE(ca().back_up(file("backup.db"), ""));  // exists
  const SubmitOutcome lost = submit();
  ASSERT_TRUE(must(ca().revoke(must(Certificate::parse(kept.certificate)).serial_hex(), 1, "")));
  ASSERT_TRUE(must(ca().publish_crl("")));
  lab_->new_events();

  ASSERT_TRUE(must(ca().restore(file("backup.db"), "")));
  EXPECT_EQ(event_ids(), (std::vector<int>{4878, 4879}));
  EXPECT_EQ(must(database().by_request_id(*kept.request_id))->request.Disposition, DbDisposition::issued);
  EXPECT_FALSE(must(database().by_request_id(*lost.request_id)));
  // Ids and numbers go on: certificates and CRLs from after the backup are in the world.
  EXPECT_GT(*submit().request_id, *lost.request_id);
  EXPECT_EQ(must(ca().publish_crl("")).granted->CRLNumber, number + 2);

  // The copy alone is the database of a CA.
  const auto copy = must(open_database_for_reading(file("backup.db")));
  EXPECT_EQ(must(copy->by_request_id(*kept.request_id))->certificate->RawCertificate, kept.certificate);
}

TEST_F(MaintenanceTest, RestoreRefusesWhatIsNoSoundDatabase) {
  const SubmitOutcome issued = submit();
  std::ofstream(file("text.db")) << "no database at all, but long enough to be looked at as one";
  EXPECT_FALSE(ca().restore(file("text.db"), ""));
  EXPECT_FALSE(ca().restore(file("absent.db"), ""));
  EXPECT_TRUE(must(ca().back_up(file("damaged.db"), "")));
  {
    std::fstream damaged(file("damaged.db"), std::ios::in | std::ios::out | std::ios::binary);
    damaged.seekp(4096 * 2 + 3);
    damaged.write("\xFF\xFF\xFF\xFF\xFF\xFF", 6);
  }
  const auto refused = ca().restore(file("damaged.db"), "");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code{HResult::ERROR_INVALID_DATA});
  EXPECT_TRUE(must(database().by_request_id(*issued.request_id)));
  EXPECT_FALSE(open_database(file("damaged.db")));
  EXPECT_EQ(submit().disposition, Disposition::issued);  // no longer suspended
}

TEST_F(MaintenanceTest, RequestsAreRefusedDuringARestore) {
  EXPECT_NE(must(ca().back_up(file("backup.db"), "")).trace.find(kServerRunning.id), nullptr);
  std::optional<SubmitOutcome> during, again;
  std::optional<Decision<Unit>> backup;
  at_point_ = [&](std::string_view) {
    if (during) return;
    during = submit();
    again = must(ca().resubmit(1, ""));
    backup = must(ca().back_up(file("second.db"), ""));
  };
  ASSERT_TRUE(must(ca().restore(file("backup.db"), "")));
  at_point_ = {};
  ASSERT_TRUE(during && backup);
  EXPECT_EQ(during->status, HResult::CERTSRV_E_SERVER_SUSPENDED);
  EXPECT_EQ(again->status, HResult::CERTSRV_E_SERVER_SUSPENDED);
  EXPECT_EQ(during->trace.deciding()->rule, &kServerRunning);
  EXPECT_FALSE(during->request_id);
  EXPECT_EQ(backup->rule(), kServerRunning.id);
}

TEST_F(MaintenanceTest, NeedsTheRights) {
  EXPECT_EQ(must(ca().back_up(file("backup.db"), "jane")).rule(), kPermissionManage.id);
  EXPECT_EQ(must(ca().restore(file("backup.db"), "jane")).rule(), kPermissionManage.id);
  RowDeletion one;
  one.row_id = 1;
  EXPECT_EQ(must(ca().delete_rows(one, "jane")).rule(), kPermissionManage.id);
  EXPECT_TRUE(must(ca().set_rights("jane", ca_access::kManageCa, true, "")));
  EXPECT_EQ(must(ca().delete_rows(one, "jane")).rule(), kPermissionOfficer.id);
  EXPECT_TRUE(must(ca().set_rights("jane", ca_access::kIssueAndManage, true, "")));
  EXPECT_TRUE(must(ca().delete_rows(one, "jane")));
}

TEST_F(MaintenanceTest, DeletesRowsAndReusesNoId) {
  using Table = RowDeletion::Table;
  using Kind = RowDeletion::Kind;
  const auto erase = [&](const RowDeletion& deletion) { return *must(ca().delete_rows(deletion, "")).granted; };
  const SubmitOutcome first = submit();
  const SubmitOutcome denied = submit("WebServer");
  ASSERT_EQ(denied.disposition, Disposition::denied);
  const SubmitOutcome last = submit();
  lab_->new_events();
  EXPECT_EQ(erase({Table::request, Kind::row, *last.request_id}), 1);
  const std::vector<Event> events = lab_->new_events();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].kind->id, 4896);
  EXPECT_EQ(events[0]["RowsDeleted"], "1");
  EXPECT_EQ(events[0]["TableId"], "0");
  EXPECT_EQ(erase({Table::request, Kind::row, *last.request_id}), 0);
  EXPECT_FALSE(must(database().by_request_id(*last.request_id)));
  const auto reopened = must(open_database(file("live.db")));
  EXPECT_EQ(must(reopened->next_request_id()), *last.request_id + 1);

  const Timestamp now = lab_->clock.now();
  EXPECT_EQ(erase({Table::request, Kind::unresolved, 0, now}), 0);
  EXPECT_EQ(erase({Table::request, Kind::unresolved, 0, now + 1}), 1);
  EXPECT_FALSE(must(database().by_request_id(*denied.request_id)));
  EXPECT_EQ(erase({Table::request, Kind::expired, 0, now + 300 * kDay}), 0);
  EXPECT_FALSE(must(database().by_request_id(*first.request_id))->attributes.empty());
  EXPECT_EQ(erase({Table::attribute, Kind::row, *first.request_id}), 1);
  EXPECT_GT(erase({Table::extension, Kind::row, *first.request_id}), 3);
  EXPECT_TRUE(must(database().by_request_id(*first.request_id))->extensions.empty());
  EXPECT_EQ(erase({Table::request, Kind::expired, 0, now + 400 * kDay}), 1);
  EXPECT_EQ(must(database().count(DbDisposition::issued)), 0);

  const CrlRow crl = *must(database().latest_crl(0));
  EXPECT_EQ(erase({Table::crl, Kind::expired, 0, crl.CRLNextUpdate}), 1);  // the delta CRL, which ends first
  EXPECT_TRUE(must(database().latest_crl(0)));
  EXPECT_EQ(erase({Table::crl, Kind::row, crl.CRLRowId}), 1);
  EXPECT_FALSE(must(database().latest_crl(0)));
  EXPECT_EQ(must(ca().publish_crl("")).granted->CRLNumber, crl.CRLNumber + 1);
}

TEST_F(MaintenanceTest, RefusesDeletionsThatNameNothingOrTooMuch) {
  using Table = RowDeletion::Table;
  using Kind = RowDeletion::Kind;
  const Timestamp now = lab_->clock.now();
  for (const RowDeletion& deletion :
       {RowDeletion{Table::request, Kind::row, 0}, RowDeletion{Table::request, Kind::row, 1, now},
        RowDeletion{Table::request, Kind::row, 0, now}, RowDeletion{Table::request, Kind::expired, 1},
        RowDeletion{Table::attribute, Kind::expired, 0, now}, RowDeletion{Table::extension, Kind::expired, 0, now},
        RowDeletion{Table::crl, Kind::unresolved, 0, now}, RowDeletion{Table::request, Kind::row, -1}}) {
    const auto refused = must(ca().delete_rows(deletion, ""));
    EXPECT_EQ(refused.rule(), kRowDeletion.id);
    EXPECT_EQ(refused.trace.deciding()->code, Code{HResult::E_INVALIDARG});
  }
}

}  // namespace
}  // namespace mimica::ca
