// Views against the database: every query gives, in pages of any size, what a plain loop over the rows gives.
#include <gtest/gtest.h>

#include <algorithm>

#include "ca/io/sqlite/database.h"
#include "ca/testing/test_lab.h"
#include "ca/views/view.h"

namespace mimica::ca {
namespace {

constexpr std::int64_t kRows = 60;

class ViewTest : public testing::Test {
 protected:
  ViewTest() : database_(must(open_database(""))) {
    for (std::int64_t id = 1; id <= kRows; ++id) {
      RequestRecord record;
      RequestRow& row = record.request;
      row.RequestID = id;
      row.RawRequest = {static_cast<std::uint8_t>(id % 3 + 1)};
      row.Disposition = id % 5 == 0   ? DbDisposition::denied
                        : id % 7 == 0 ? DbDisposition::revoked
                                      : DbDisposition::issued;
      row.StatusCode = id % 5 == 0 ? 0x80094012U : 0;
      row.SubmittedWhen = {1000 + id % 11 * 86400};
      row.RequesterName = "CONTOSO\\u" + std::to_string(id % 4);
      if (row.Disposition == DbDisposition::revoked) row.RevokedReason = static_cast<int>(id % 6);
      if (id % 5 != 0) {
        CertificateRow& certificate = record.certificate.emplace();
        certificate.SerialNumber = "61" + std::to_string(100 + id);
        certificate.NotAfter = {5000 + id % 13 * 86400};
        if (id % 3 == 0) certificate.UPN = "u" + std::to_string(id % 9) + "@contoso.com";
        certificate.CertificateTemplate = id % 2 == 0 ? "User" : "WebServer";
      }
      record.attributes = {{"cdc", "DC" + std::to_string(id)}, {"rmd", "PC"}};
      record.extensions = {{oids::kKeyUsage, 1, {3, 2, 5, 0xA0}}};
      must(database_->store(record));
      rows_.push_back(record);
    }
  }

  std::vector<std::int64_t> ids(const ViewQuery& query, std::int64_t page_size) {
    std::vector<std::int64_t> out;
    std::optional<ViewCursor> cursor;
    do {
      const ViewPage page = must(database_->select(query, cursor, page_size));
      EXPECT_LE(static_cast<std::int64_t>(page.rows.size()), page_size);
      for (const ViewRow& row : page.rows) out.push_back(row.row_id);
      cursor = page.next;
    } while (cursor);
    return out;
  }

  // `less`: the wanted order; ties by id in the same direction.
  template <typename Keep, typename Less>
  void expect(const std::string& restriction, Keep keep, Less less, bool descending = false) {
    std::vector<const RequestRecord*> wanted;
    for (const RequestRecord& record : rows_)
      if (keep(record)) wanted.push_back(&record);
    std::sort(wanted.begin(), wanted.end(), [&](const RequestRecord* a, const RequestRecord* b) {
      if (descending) std::swap(a, b);
      if (less(*a, *b) != less(*b, *a)) return less(*a, *b);
      return a->request.RequestID < b->request.RequestID;
    });
    std::vector<std::int64_t> expected;
    for (const RequestRecord* record : wanted) expected.push_back(record->request.RequestID);
    const ViewQuery query = must(parse_view({ViewName::all, restriction, ""}, {}), restriction.c_str());
    EXPECT_FALSE(expected.empty()) << restriction;
    for (const std::int64_t page : {1, 7, 1000}) EXPECT_EQ(ids(query, page), expected) << restriction << " by " << page;
  }
  static bool by_id(const RequestRecord&, const RequestRecord&) { return false; }

  std::unique_ptr<Database> database_;
  std::vector<RequestRecord> rows_;
};

bool issued(const RequestRecord& record) { return record.request.Disposition == DbDisposition::issued; }

TEST_F(ViewTest, Restricts) {
  expect(
      "", [](const auto&) { return true; }, by_id);
  expect("Disposition=20", issued, by_id);
  expect(
      "RequestId>=37,RequestId<40",
      [](const RequestRecord& r) { return r.request.RequestID >= 37 && r.request.RequestID < 40; }, by_id);
  expect(
      "RequestId==$", [](const RequestRecord& r) { return r.request.RequestID == kRows; }, by_id);
  expect(
      "RequesterName=contoso\\U2,Disposition=20",
      [](const RequestRecord& r) { return r.request.RequesterName == "CONTOSO\\u2" && issued(r); }, by_id);
  expect(
      "StatusCode=-2146877422", [](const RequestRecord& r) { return r.request.StatusCode == 0x80094012U; }, by_id);
  expect(
      "StatusCode=0x80094012", [](const RequestRecord& r) { return r.request.StatusCode == 0x80094012U; }, by_id);
  expect(
      "SerialNumber=61101", [](const RequestRecord& r) { return r.request.RequestID == 1; }, by_id);
  expect(
      "UPN=", [](const RequestRecord& r) { return !r.certificate || r.certificate->UPN.empty(); }, by_id);
  expect(
      "CertificateTemplate=user,NotAfter>1/4/1970",
      [](const RequestRecord& r) {
        return r.certificate && r.certificate->CertificateTemplate == "User" &&
               r.certificate->NotAfter.seconds > 3 * 86400;
      },
      by_id);
  expect(
      "RawRequest=02", [](const RequestRecord& r) { return r.request.RawRequest == Bytes{2}; }, by_id);
  expect(
      "RevokedReason<3", [](const RequestRecord& r) { return r.request.RevokedReason.value_or(9) < 3; }, by_id);
}

TEST_F(ViewTest, SortsWithEmptyValuesFirstAndTiesById) {
  const auto all = [](const RequestRecord&) { return true; };
  const auto upn = [](const RequestRecord& r) { return r.certificate ? r.certificate->UPN : std::string{}; };
  const auto by_upn = [&](const RequestRecord& a, const RequestRecord& b) { return upn(a) < upn(b); };
  expect("+UPN", all, by_upn);
  expect("-UPN", all, by_upn, true);
  expect("-UPN,Disposition=20", issued, by_upn, true);
  expect(
      "-UPN>u2", [&](const RequestRecord& r) { return upn(r) > "u2"; }, by_upn, true);
  const auto by_submission = [](const RequestRecord& a, const RequestRecord& b) {
    return a.request.SubmittedWhen < b.request.SubmittedWhen;
  };
  expect("+SubmittedWhen", all, by_submission);
  expect("-SubmittedWhen", all, by_submission, true);
  const auto by_end = [](const RequestRecord& a, const RequestRecord& b) {
    return a.certificate->NotAfter < b.certificate->NotAfter;
  };
  expect(
      "-NotAfter>1/2/1970",
      [](const RequestRecord& r) { return r.certificate && r.certificate->NotAfter.seconds > 86400; }, by_end, true);
  expect("-RequestID", all, by_id, true);
  expect(
      "-Request.RequestID>50", [](const RequestRecord& r) { return r.request.RequestID > 50; }, by_id, true);
}

TEST_F(ViewTest, ShowsTheOtherTables) {
  ViewQuery query = must(parse_view({ViewName::attribute, "AttributeRequestId<=2", ""}, {}));
  const ViewPage page = must(database_->select(query, {}, 100));
  ASSERT_EQ(page.rows.size(), 4U);
  EXPECT_EQ(page.rows[0].values, (std::vector<ViewValue>{std::int64_t{1}, std::string("cdc"), std::string("DC1")}));
  query = must(parse_view({ViewName::attribute, "", ""}, {}));
  EXPECT_EQ(ids(query, 7).size(), 2U * kRows);
  query = must(parse_view({ViewName::attribute, "-AttributeValue>DC58", ""}, {}));
  EXPECT_EQ(ids(query, 3).size(), 6U + static_cast<std::size_t>(kRows));
  query = must(parse_view({ViewName::extension, "ExtensionRequestId=$", ""}, {}));
  EXPECT_EQ(ids(query, 1), std::vector<std::int64_t>{kRows});
  CrlRow base;
  base.CRLNumber = 1;
  CrlRow delta = base;
  delta.CRLMinBase = 1;
  CrlRow of_root = base;
  of_root.issuer = CrlIssuer::offline_root;
  must(database_->store_crls(std::vector{base, delta, of_root}));
  query = must(parse_view({ViewName::crl, "", ""}, {}));
  EXPECT_EQ(ids(query, 1), (std::vector<std::int64_t>{1, 2}));
  query = must(parse_view({ViewName::crl, "CRLRowId=$", ""}, {}));
  EXPECT_EQ(ids(query, 5), (std::vector<std::int64_t>{2}));
}

TEST_F(ViewTest, PrintsEveryColumnOfEveryRow) {
  const ViewQuery query = must(parse_view({ViewName::all, "", ""}, {}));
  std::string out;
  EXPECT_EQ(must(print_view(*database_, query, {}, [&](std::string_view text) { out += text; })), kRows);
  EXPECT_NE(out.find("\nRow 60:\n  Request ID: 0x3c (60)\n"), std::string::npos);
  EXPECT_NE(out.find("    cdc: \"DC60\"\n"), std::string::npos);
  EXPECT_NE(out.find("Maximum Row Index: 60\n\n60 Rows\n"), std::string::npos);
  EXPECT_NE(out.find(" 120 Request Attributes, "), std::string::npos);
}

}  // namespace
}  // namespace mimica::ca
