#include "core/windows/event_text.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "core/base/xml_text.h"

namespace mimica {
namespace {

using namespace std::string_view_literals;

constexpr EventProvider kTextProvider{"Vendor-Product", "{00000000-0000-0000-0000-000000000001}", "Product"};
constexpr EventField kTextFields[] = {{"AccountName", "User"}, {"Reason", ""}};
constexpr EventKind kClassic{.party = "kdc",
                             .id = 39,
                             .provider = &kTextProvider,
                             .channel = "System",
                             .level = EventLevel::warning,
                             .keywords = event_keywords::kClassic,
                             .qualifiers = 32768,
                             .text = "Something was odd.",
                             .fields = kTextFields};
constexpr EventKind kTextAudited{.party = "ca",
                                 .id = 4886,
                                 .provider = &kSecurityAuditing,
                                 .channel = "Security",
                                 .level = EventLevel::log_always,
                                 .keywords = event_keywords::kAuditSuccess,
                                 .task = 12805,
                                 .task_name = "Certification Services",
                                 .text = "Something happened.",
                                 .fields = kTextFields};
constexpr Rule kRule{"core.test.rule", "Something holds", "nowhere", "repair it"};

Event classic() {
  Event event =
      make_event(kClassic, parse_iso("2025-03-01T08:00:00Z").value(), {"jane", "a < b & \"c\"\nnext\x01\xFF"});
  event.computer = "dc01.contoso.com";
  event.record_id = 7;
  return event;
}

TEST(EventText, WritesTheXmlOfTheClassicApi) {
  EXPECT_EQ(event_xml(classic()),
            "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System>"
            "<Provider Name=\"Vendor-Product\" Guid=\"{00000000-0000-0000-0000-000000000001}\" "
            "EventSourceName=\"Product\"/><EventID Qualifiers=\"32768\">39</EventID><Version>0</Version>"
            "<Level>3</Level><Task>0</Task><Opcode>0</Opcode><Keywords>0x80000000000000</Keywords>"
            "<TimeCreated SystemTime=\"2025-03-01T08:00:00.000000000Z\"/><EventRecordID>7</EventRecordID>"
            "<Correlation/><Execution ProcessID=\"0\" ThreadID=\"0\"/><Channel>System</Channel>"
            "<Computer>dc01.contoso.com</Computer><Security/></System><EventData>"
            "<Data Name=\"AccountName\">jane</Data>"
            "<Data Name=\"Reason\">a &lt; b &amp; &quot;c&quot;&#10;next\xEF\xBF\xBD\xEF\xBF\xBD</Data>"
            "<Binary/></EventData></Event>");
  Event event = classic();
  event.binary = {0x18, 0xAB};
  EXPECT_NE(event_xml(event).find("<Binary>18AB</Binary></EventData>"), std::string::npos);
  event = make_event(kClassic, {0});
  EXPECT_NE(event_xml(event).find("</System><EventData/></Event>"), std::string::npos);
}

TEST(EventText, WritesTheXmlOfAuditRecords) {
  const std::string xml = event_xml(make_event(kTextAudited, {0}, {"jane", ""}));
  for (const char* part :
       {"<Provider Name=\"Microsoft-Windows-Security-Auditing\" Guid=\"{54849625-5478-4994-A5BA-3E3B0328C30D}\"/>",
        "<EventID>4886</EventID>", "<Level>0</Level>", "<Task>12805</Task>", "<Keywords>0x8020000000000000</Keywords>",
        "<Data Name=\"Reason\"></Data></EventData>"})
    EXPECT_NE(xml.find(part), std::string::npos) << part << " in " << xml;
  EXPECT_EQ(xml.find("Binary"), std::string::npos);
}

TEST(EventText, EscapesWhatXmlCannotCarry) {
  EXPECT_EQ(xml_escape("<a b=\"c\">&\t\r\n"), "&lt;a b=&quot;c&quot;&gt;&amp;&#9;&#13;&#10;");
  EXPECT_EQ(xml_escape("\xC3\xA9"), "\xC3\xA9");
  for (const std::string_view bad : {"\0"sv, "\x1F"sv, "\xFF"sv, "\xC3"sv, "\xED\xA0\x80"sv})
    EXPECT_EQ(xml_escape(bad).substr(0, 3), "\xEF\xBF\xBD");
  EXPECT_EQ(xml_escape("\xEF\xBF\xBF"), "\xEF\xBF\xBD");
  EXPECT_EQ(valid_utf8("a\x01\xFF<"), "a\x01\xEF\xBF\xBD<");
}

TEST(EventText, ReadsAsInEventViewer) {
  Event event = classic();
  Trace trace;
  trace.fail(kRule, KrbError::KDC_ERR_CERTIFICATE_MISMATCH, "it does not");
  event.trace = std::make_shared<const Trace>(trace);
  EXPECT_EQ(event_text(event),
            "Log Name:      System\nSource:        Vendor-Product\nDate:          2025-03-01T08:00:00Z\n"
            "Event ID:      39\nTask Category: None\nLevel:         Warning\nKeywords:      Classic\n"
            "Computer:      dc01.contoso.com\nRecord:        7\nDescription:\nSomething was odd.\n  User: jane\n"
            "  Reason: a < b & \"c\" next \xEF\xBF\xBD\nDecision:\n" +
                explain(trace) + "\n");
  EXPECT_EQ(event_line(event),
            "2025-03-01T08:00:00Z  System 39  Warning  dc01.contoso.com  AccountName=jane Reason=a < b & \"c\" next "
            "\xEF\xBF\xBD");
}

TEST(EventText, WritesJson) {
  Event event = classic();
  auto json = boost::json::parse(event_json(event)).as_object();
  EXPECT_EQ(json.at("record").as_int64(), 7);
  EXPECT_EQ(json.at("at").as_string(), "2025-03-01T08:00:00Z");
  EXPECT_EQ(json.at("id").as_int64(), 39);
  EXPECT_EQ(json.at("level").as_int64(), 3);
  EXPECT_EQ(json.at("levelName").as_string(), "Warning");
  EXPECT_EQ(json.at("channel").as_string(), "System");
  EXPECT_EQ(json.at("provider").as_string(), "Vendor-Product");
  EXPECT_EQ(json.at("computer").as_string(), "dc01.contoso.com");
  EXPECT_EQ(json.at("keywords").as_string(), "0x80000000000000");
  EXPECT_EQ(json.at("data").as_object().at("AccountName").as_string(), "jane");
  EXPECT_FALSE(json.contains("trace"));
  EXPECT_FALSE(json.contains("binary"));
  Trace trace;
  trace.fail(kRule, KrbError::KDC_ERR_CERTIFICATE_MISMATCH, "it does not\xFF");
  event.trace = std::make_shared<const Trace>(trace);
  event.binary = {1};
  json = boost::json::parse(event_json(event)).as_object();
  EXPECT_EQ(json.at("binary").as_string(), "01");
  EXPECT_EQ(json.at("trace").as_array().at(0).as_object().at("rule").as_string(), "core.test.rule");
}

TEST(EventText, NamesTheLevels) {
  EXPECT_EQ(to_string(EventLevel::log_always), "Information");
  EXPECT_EQ(to_string(EventLevel::information), "Information");
  EXPECT_EQ(to_string(EventLevel::error), "Error");
  EXPECT_EQ(to_string(EventLevel::critical), "Critical");
}

}  // namespace
}  // namespace mimica
