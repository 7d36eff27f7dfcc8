#include "audit/fleet/fleet.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "kdc/testing/testing.h"

namespace mimica::audit {
namespace {

using namespace kdc::testing;

const Timestamp kFleetNow = at("2025-12-01");

kdc::LogonFacts weak() {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com")};
  return facts_for(test_pki().ca.issue(spec), jane());
}

FleetRow row_of(const kdc::LogonFacts& facts, Timestamp when = kFleetNow, bool revoked = false) {
  return fleet_row(assess(facts, {}, when), "UPN", revoked);
}

TEST(FleetRow, SaysWhatBreaksAndWhatHelps) {
  const FleetRow row = row_of(weak());
  EXPECT_EQ(row.state, FleetState::breaks);
  EXPECT_EQ(row.account, "jane");
  EXPECT_EQ(row.compatibility, "allowed");
  EXPECT_EQ(row.full, "KDC_ERR_CERTIFICATE_MISMATCH");
  EXPECT_EQ(row.rule, "kdc.mapping.strong");
  EXPECT_EQ(row.from, at("2025-02-11"));
  EXPECT_TRUE(row.suggestion.starts_with("X509:<I>"));
  EXPECT_NE(row.ldif.find("changetype: modify"), std::string::npos);
}

TEST(FleetRow, States) {
  LeafSpec spec;
  spec.names = {upn("jane@contoso.com")};
  spec.sid = kJaneSid;
  EXPECT_EQ(row_of(facts_for(test_pki().ca.issue(spec), jane())).state, FleetState::ready);
  spec.sid = kOtherSid;
  EXPECT_EQ(row_of(facts_for(test_pki().ca.issue(spec), jane())).state, FleetState::fails);
  EXPECT_EQ(row_of(weak(), at("2027-01-01")).state, FleetState::expired);
  EXPECT_EQ(row_of(weak(), kFleetNow, true).state, FleetState::revoked);
  kdc::LogonFacts facts = weak();
  facts.chain.status = ChainStatus::revoked;
  EXPECT_EQ(row_of(facts).state, FleetState::revoked);
  facts.chain.status = ChainStatus::revocation_unknown;
  EXPECT_EQ(row_of(facts).state, FleetState::fails);
  facts = weak();
  facts.account.reset();
  EXPECT_EQ(row_of(facts).state, FleetState::fails);
  EXPECT_TRUE(row_of(facts).account.empty());
}

TEST(FleetSummary, CountsCertificatesAndSubjects) {
  FleetSummary summary;
  FleetRow row = row_of(weak());
  row.template_name = "IntuneUser";
  summary.add(row, false);
  row.newest = false;
  summary.add(row, false);
  row.state = FleetState::expired;
  summary.add(row, false);
  EXPECT_EQ(summary.certificates, 3U);
  EXPECT_EQ(summary.counted, 2U);
  EXPECT_EQ(summary.groups, 1U);
  EXPECT_EQ(summary.groups_broken, 1U);
  EXPECT_EQ(summary.by_template.at("IntuneUser"), 2U);
  EXPECT_EQ(summary.by_rule.at("kdc.mapping.strong"), 2U);
  summary.add(row, true);
  EXPECT_EQ(summary.counted, 3U);
  EXPECT_NE(fleet_text(summary, {"a note"}).find("a note"), std::string::npos);
}

std::string rendered(std::string_view name, const FleetRow& row) {
  const auto report = fleet_report_for(name, kFleetNow);
  FleetSummary summary;
  summary.add(row, false);
  std::string out = report->begin();
  out += report->row(row);
  out += report->row(row);
  return out + report->end(summary, {"a note"});
}

FleetRow hostile() {
  FleetRow row = row_of(weak());
  row.account = "=cmd|' /C calc'!A0";
  row.subject = "CN=a \"quoted\", <script>alert(1)</script>\r\nnext";
  row.what_breaks = "not \xFF UTF-8";
  return row;
}

TEST(FleetReport, CsvIsQuotedAndNoFormula) {
  const std::string text = rendered("OUT.CSV", hostile());
  EXPECT_NE(text.find("\"'=cmd|' /C calc'!A0\""), std::string::npos);
  EXPECT_NE(text.find("CN=a \"\"quoted\"\", <script>"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n"));
  EXPECT_TRUE(is_valid_utf8(text));
  for (const char first : std::string("=+-@\t\r")) {
    FleetRow row = hostile();
    row.account = std::string(1, first) + "x";
    EXPECT_NE(rendered("a.csv", row).find("\"'" + row.account + "\""), std::string::npos);
  }
}

TEST(FleetReport, JsonIsOneObjectAndJsonLinesAreMany) {
  const auto json = boost::json::parse(rendered("a.json", hostile())).as_object();
  EXPECT_EQ(json.at("format"), "mimica.kdc.audit");
  EXPECT_EQ(json.at("certificates").as_array().size(), 2U);
  EXPECT_EQ(json.at("certificates").at(0).at("rule"), "kdc.mapping.strong");
  EXPECT_EQ(json.at("summary").at("states").at("breaks"), 1);
  const std::string lines = rendered("a.jsonl", hostile());
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 3);
  const std::string first = lines.substr(0, lines.find('\n'));
  EXPECT_EQ(boost::json::parse(first).at("state"), "breaks");
}

TEST(FleetReport, HtmlEscapesAndLoadsNothing) {
  const std::string text = rendered("a.html", hostile());
  EXPECT_EQ(text.find("<script>alert"), std::string::npos);
  EXPECT_NE(text.find("&lt;script&gt;alert(1)"), std::string::npos);
  EXPECT_EQ(text.find("http://"), std::string::npos);
  EXPECT_EQ(text.find("https://"), std::string::npos);
  EXPECT_EQ(text.find("src="), std::string::npos);
  EXPECT_NE(text.find("default-src 'none'"), std::string::npos);
  EXPECT_TRUE(text.ends_with("</html>\n"));
}

TEST(FleetReport, OtherEndingsAreUnknown) { EXPECT_EQ(fleet_report_for("report.xlsx", kFleetNow), nullptr); }

}  // namespace
}  // namespace mimica::audit
