#include "harness/report/event_document.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "harness/rules_registry.h"
#include "kdc/events.h"

namespace mimica::harness {
namespace {

std::string document(EventFormat format, int events, const std::string& heading = {}) {
  EventDocument out(format);
  std::string text = out.begin();
  if (!heading.empty()) text += out.heading(heading);
  for (int i = 0; i < events; ++i) text += out.add(kdc::events::no_strong_mapping("jane", {}, true, {i}));
  return text + out.end();
}

TEST(EventDocument, TakesItsFormatFromTheSuffix) {
  EXPECT_EQ(event_format("a.xml").value(), EventFormat::xml);
  EXPECT_EQ(event_format("a.b.json").value(), EventFormat::json);
  EXPECT_EQ(event_format("x/a.txt").value(), EventFormat::text);
  EXPECT_FALSE(event_format("a.evtx"));
  EXPECT_FALSE(event_format(""));
}

TEST(EventDocument, IsJsonWithOneRecordOnEachLine) {
  EXPECT_TRUE(boost::json::parse(document(EventFormat::json, 0)).as_array().empty());
  const std::string text = document(EventFormat::json, 2, "a \"case\"");
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4);
  const boost::json::array parsed = boost::json::parse(text).as_array();
  ASSERT_EQ(parsed.size(), 2U);
  EXPECT_EQ(parsed[1].at("scenario").as_string(), "a \"case\"");
  EXPECT_EQ(parsed[1].at("id").as_int64(), 39);
  EXPECT_FALSE(boost::json::parse(document(EventFormat::json, 1)).as_array()[0].as_object().contains("scenario"));
}

TEST(EventDocument, IsXmlWithCommentsThatCannotEndEarly) {
  const std::string text = document(EventFormat::xml, 1, "a -->");
  EXPECT_NE(text.find("<Events>\n<!-- a   > -->\n<Event xmlns="), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with("</Event>\n</Events>\n"));
}

TEST(EventDocument, IsText) {
  EXPECT_TRUE(document(EventFormat::text, 1, "case").starts_with("==== case\n\nLog Name:      System\n"));
}

TEST(EventKinds, AreInTheTableOfTheDocument) {
  const std::string table = events_markdown();
  for (const EventKind* kind : all_event_kinds())
    EXPECT_NE(table.find("| " + std::to_string(kind->id) + " |"), std::string::npos) << kind->id;
  EXPECT_GT(all_event_kinds().size(), 35U);
}

}  // namespace
}  // namespace mimica::harness
