#include "ca/views/view.h"

#include <gtest/gtest.h>

#include <set>

#include "ca/testing/test_lab.h"
#include "core/base/text.h"

namespace mimica::ca {
namespace {

const Timestamp kViewNow = must(parse_iso("2026-05-23T17:39:00Z"));

Result<ViewQuery> parse(const std::string& restriction, ViewName view = ViewName::all, const std::string& out = "") {
  return parse_view({view, restriction, out}, kViewNow);
}

TEST(ViewColumns, HaveDistinctIdsAndNames) {
  std::set<std::uint32_t> ids;
  std::set<std::string_view> names;
  std::size_t count = 0;
  for (const ViewTable table : {ViewTable::request, ViewTable::attribute, ViewTable::extension, ViewTable::crl}) {
    for (const ViewColumn& column : view_columns(table)) {
      ++count;
      ids.insert(column.id);
      names.insert(column.name);
      EXPECT_EQ(column.table, table);
      EXPECT_EQ(must(find_view_column(table, column.name)), &column);
      EXPECT_EQ(must(find_view_column(table, to_upper(column.display_name)))->display_name, column.display_name);
      EXPECT_EQ(&view_column(column.id), &column);
    }
  }
  EXPECT_EQ(count, 39U + 36U + 3U + 4U + 17U);
  EXPECT_EQ(ids.size(), count);
  EXPECT_EQ(names.size(), count);
}

TEST(ViewColumns, MayLoseThePrefixWhereNothingElseHasTheName) {
  EXPECT_EQ(must(find_view_column(ViewTable::request, "disposition"))->id, 0x1009U);
  EXPECT_EQ(must(find_view_column(ViewTable::request, "RequestID"))->id, 0x2000U);
  EXPECT_EQ(must(find_view_column(ViewTable::request, "Request.RequestID"))->id, 0x1000U);
  EXPECT_EQ(must(find_view_column(ViewTable::request, "commonname"))->id, 0x2017U);
  EXPECT_EQ(must(find_view_column(ViewTable::request, "Request.CommonName"))->id, 0x101AU);
  EXPECT_EQ(must(find_view_column(ViewTable::request, "certificate template"))->id, 0x2003U);
  const auto unknown = find_view_column(ViewTable::request, "RequestorName");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code{HResult::E_INVALIDARG});
  EXPECT_NE(unknown.error().hint.find("RequesterName"), std::string::npos);
}

TEST(ViewNames, ReadAndRestrict) {
  EXPECT_EQ(must(parse_view_name("logfail")), ViewName::log_fail);
  EXPECT_EQ(must(parse_view_name("")), ViewName::all);
  EXPECT_FALSE(parse_view_name("Logs"));
  const auto only = [](ViewName view) {
    const ViewQuery query = must(parse("", view));
    EXPECT_EQ(query.restrictions.size(), 1U);
    return std::pair(query.restrictions.at(0).comparison, std::get<std::int64_t>(query.restrictions.at(0).value));
  };
  EXPECT_EQ(only(ViewName::queue), std::pair(SeekOperator::less_or_equal, std::int64_t{9}));
  EXPECT_EQ(only(ViewName::log), std::pair(SeekOperator::greater_or_equal, std::int64_t{20}));
  EXPECT_EQ(only(ViewName::log_fail), std::pair(SeekOperator::greater_or_equal, std::int64_t{30}));
  EXPECT_EQ(only(ViewName::revoked), std::pair(SeekOperator::equal, std::int64_t{21}));
  EXPECT_TRUE(must(parse("", ViewName::all)).restrictions.empty());
  EXPECT_EQ(must(parse("", ViewName::crl)).table, ViewTable::crl);
}

// MS-CSRA 3.1.4.1.10, with the ids that its notes miss by one from SerialNumber on.
TEST(ViewNames, HaveDefaultColumns) {
  const auto names = [](ViewName view) {
    std::vector<std::string> out;
    for (const ViewColumn* column : default_columns(view)) out.emplace_back(column->name);
    return join(out, " ");
  };
  const std::string pending =
      "Request.RequestID Request.RequesterName Request.SubmittedWhen Request.StatusCode Request.DispositionMessage "
      "CertificateTemplate Request.CommonName Request.EMail Request.OrgUnit Request.Organization Request.Locality "
      "Request.State Request.Country Request.RawRequest";
  const std::string issued =
      "Request.RequestID Request.RequesterName SerialNumber NotBefore NotAfter CertificateTemplate CommonName EMail "
      "OrgUnit Organization Locality State Country RawCertificate";
  EXPECT_EQ(names(ViewName::queue), pending);
  EXPECT_EQ(names(ViewName::log_fail), pending);
  EXPECT_EQ(names(ViewName::log), issued);
  EXPECT_EQ(names(ViewName::revoked),
            issued + " Request.RevokedWhen Request.RevokedEffectiveWhen Request.RevokedReason");
  EXPECT_EQ(default_columns(ViewName::all).size(), 75U);
  EXPECT_EQ(default_columns(ViewName::crl).size(), 17U);
}

TEST(ViewRestrictions, ReadOperatorsAndValues) {
  const ViewQuery query = must(
      parse("RequestId>=37, Request.RequestID < 0x40,disposition==20,RequesterName=CONTOSO\\jane ,"
            "DistinguishedName=\"CN=a, DC=b\",CertificateHash=AB cd,RawCertificate=3082,UPN=,StatusCode<=-2146877422,"
            "NotAfter>now,RequestID=$"));
  ASSERT_EQ(query.restrictions.size(), 11U);
  const auto& r = query.restrictions;
  EXPECT_EQ(r[0].comparison, SeekOperator::greater_or_equal);
  EXPECT_EQ(std::get<std::int64_t>(r[0].value), 37);
  EXPECT_EQ(r[1].comparison, SeekOperator::less);
  EXPECT_EQ(std::get<std::int64_t>(r[1].value), 64);
  EXPECT_EQ(r[2].comparison, SeekOperator::equal);
  EXPECT_EQ(std::get<std::string>(r[3].value), "CONTOSO\\jane");
  EXPECT_EQ(std::get<std::string>(r[4].value), "CN=a, DC=b");
  EXPECT_EQ(std::get<std::string>(r[5].value), "abcd");
  EXPECT_EQ(std::get<Bytes>(r[6].value), (Bytes{0x30, 0x82}));
  EXPECT_EQ(r[7].value.index(), 0U);
  EXPECT_EQ(r[8].comparison, SeekOperator::less_or_equal);
  EXPECT_EQ(std::get<std::int64_t>(r[8].value), -2146877422);
  EXPECT_EQ(std::get<Timestamp>(r[9].value), kViewNow);
  EXPECT_TRUE(r[10].last);
  EXPECT_FALSE(query.sort);
}

TEST(ViewRestrictions, ReadDates) {
  const std::pair<const char*, const char*> cases[] = {
      {"now", "2026-05-23T17:39:00Z"},
      {"now+01:02", "2026-05-24T19:39:00Z"},
      {"now-30:00", "2026-04-23T17:39:00Z"},
      {"6/1/2026", "2026-06-01T00:00:00Z"},
      {"6/1/2026 5:00 PM", "2026-06-01T17:00:00Z"},
      {"6/1/2026 12:30 AM", "2026-06-01T00:30:00Z"},
      {"06/01/2026 17:05:09", "2026-06-01T17:05:09Z"},
      {"6/1/2026+10:00", "2026-06-11T00:00:00Z"},
      {"6/1/2026 5:00 PM - 1:0", "2026-05-31T17:00:00Z"},
      {"2026-06-01", "2026-06-01T00:00:00Z"},
      {"2026-06-01-02:00", "2026-05-30T00:00:00Z"},
      {"2026-06-01T17:00:00+02:00", "2026-06-01T15:00:00Z"},
  };
  for (const auto& [text, expected] : cases) {
    const ViewQuery query = must(parse("NotAfter<=" + std::string(text)), text);
    EXPECT_EQ(to_iso(std::get<Timestamp>(query.restrictions.at(0).value)), expected) << text;
  }
  for (const char* text : {"6/31/2026", "13/1/2026", "6/1", "tomorrow", "6/1/2026 13:00 PM", "now+1", "now+1:2:3",
                           "6/1/2026 5 PM", "now+99999999999999999999:00"})
    EXPECT_FALSE(parse("NotAfter<=" + std::string(text))) << text;
}

TEST(ViewRestrictions, Sort) {
  ViewQuery query = must(parse("-RequesterName > DOMAIN, Disposition = 21"));
  ASSERT_TRUE(query.sort);
  EXPECT_EQ(query.sort->column->name, "Request.RequesterName");
  EXPECT_TRUE(query.sort->descending);
  EXPECT_EQ(query.restrictions.size(), 2U);
  query = must(parse("+NotAfter"));
  EXPECT_FALSE(query.sort->descending);
  EXPECT_TRUE(query.restrictions.empty());
}

TEST(ViewRestrictions, RefuseWithPosition) {
  const std::tuple<const char*, ViewName, std::size_t> cases[] = {
      {"Disposition=20,Bogus=1", ViewName::all, 15},
      {"+NotAfter>now,-NotBefore>now", ViewName::all, 14},  // two sorted columns
      {"Disposition=20,CRLNumber=3", ViewName::all, 15},    // two tables
      {"Disposition=20", ViewName::crl, 0},
      {"RawRequest<00", ViewName::all, 10},  // binary columns only compare with =
      {"-RawRequest=00", ViewName::all, 0},
      {"RawRequest=0x", ViewName::all, 11},
      {"Disposition=Issued", ViewName::all, 12},
      {"Disposition=99999999999", ViewName::all, 12},
      {"Disposition", ViewName::all, 11},
      {"=20", ViewName::all, 0},
      {"Disposition=20,", ViewName::all, 15},
      {"NotAfter=$", ViewName::all, 9},
      {"UPN>", ViewName::all, 4},
  };
  for (const auto& [text, view, offset] : cases) {
    const auto refused = parse(text, view);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code{HResult::E_INVALIDARG}) << text;
    EXPECT_EQ(refused.error().where.source, "-restrict") << text;
    EXPECT_EQ(refused.error().where.offset, offset) << text;
  }
  const auto columns = parse("", ViewName::all, "RequestID,NotAfterr");
  ASSERT_FALSE(columns);
  EXPECT_EQ(columns.error().where.source, "-out");
  EXPECT_EQ(columns.error().where.offset, 10U);
  EXPECT_FALSE(parse("", ViewName::all, "RequestID,CRLNumber"));
  EXPECT_FALSE(parse(std::string(40000, ' ') + "x"));
  EXPECT_FALSE(parse("UPN=" + std::string(3000, 'x')));
}

TEST(ViewRestrictions, TakeColumnLists) {
  const ViewQuery query = must(parse("", ViewName::all, "RequestID, request.requestername,notafter"));
  ASSERT_EQ(query.columns.size(), 3U);
  EXPECT_EQ(query.columns[0]->id, 0x2000U);
  EXPECT_EQ(query.columns[1]->id, 0x1010U);
  EXPECT_EQ(query.columns[2]->id, 0x200AU);
  EXPECT_FALSE(query.with_attributes);
  EXPECT_TRUE(must(parse("")).with_attributes);
}

}  // namespace
}  // namespace mimica::ca
