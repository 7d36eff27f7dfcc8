#include "core/windows/event_log.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace mimica {
namespace {

constexpr EventProvider kProvider{"Vendor-Product", "{00000000-0000-0000-0000-000000000001}", "Product"};
constexpr EventField kFields[] = {{"Account", "User"}, {"Reason", ""}};
constexpr EventKind kWarned{.party = "kdc",
                            .id = 39,
                            .provider = &kProvider,
                            .channel = "System",
                            .level = EventLevel::warning,
                            .text = "Something was odd.",
                            .fields = kFields};
constexpr EventKind kAudited{.party = "ca",
                             .id = 4886,
                             .provider = &kSecurityAuditing,
                             .channel = "Security",
                             .level = EventLevel::log_always,
                             .keywords = event_keywords::kAuditSuccess,
                             .text = "Something happened."};

std::vector<std::uint64_t> records(const std::vector<Event>& events) {
  std::vector<std::uint64_t> out;
  for (const Event& event : events) out.push_back(event.record_id);
  return out;
}
using Records = std::vector<std::uint64_t>;

class FilledLog : public testing::Test {
 protected:
  void SetUp() override {
    log.append(make_event(kWarned, {100}, {"jane", "old"}));
    log.append(make_event(kAudited, {200}));
    Event error = make_event(kWarned, {300}, {"bob", "old"});
    error.level = EventLevel::error;
    log.append(error);
    log.append(make_event(kAudited, {400}));
  }
  EventLog log;
};

TEST(EventLog, MakesRecordsOfAKind) {
  const Event event = make_event(kWarned, {100}, {"jane", "old", "one too many"});
  EXPECT_EQ(event.id(), 39);
  EXPECT_EQ(event.level, EventLevel::warning);
  EXPECT_EQ(event.keywords, kWarned.keywords);
  EXPECT_EQ(event.data, (std::vector<Fact>{{"Account", "jane"}, {"Reason", "old"}}));
  EXPECT_EQ(event["Account"], "jane");
  EXPECT_EQ(event["Nothing"], "");
}

TEST_F(FilledLog, NumbersRecordsOverAllChannels) {
  EXPECT_EQ(records(log.query()), (Records{1, 2, 3, 4}));
  EXPECT_EQ(log.last_record_id(), 4U);
  EXPECT_EQ(log.size(), 4U);
  EXPECT_EQ(log.dropped(), 0U);
  EXPECT_EQ(EventLog().last_record_id(), 0U);
  EXPECT_TRUE(EventLog().query().empty());
}

TEST_F(FilledLog, AnswersQueries) {
  EXPECT_EQ(records(log.query({.channel = "security"})), (Records{2, 4}));
  EXPECT_EQ(records(log.query({.provider = "vendor-product"})), (Records{1, 3}));
  EXPECT_EQ(records(log.query({.provider = "PRODUCT"})), (Records{1, 3}));
  EXPECT_EQ(records(log.query({.party = "ca"})), (Records{2, 4}));
  EXPECT_EQ(records(log.query({.ids = {39}})), (Records{1, 3}));
  EXPECT_EQ(records(log.query({.ids = {39, 4886}})), (Records{1, 2, 3, 4}));
  EXPECT_EQ(records(log.query({.level_at_most = EventLevel::error})), (Records{3}));
  EXPECT_EQ(records(log.query({.level_at_most = EventLevel::warning})), (Records{1, 3}));
  EXPECT_EQ(records(log.query({.level_at_most = EventLevel::information})), (Records{1, 2, 3, 4}));
  EXPECT_EQ(records(log.query({.since = Timestamp{200}, .until = Timestamp{300}})), (Records{2, 3}));
  EXPECT_EQ(records(log.query({.data = {{"Account", "bob"}}})), (Records{3}));
  EXPECT_EQ(records(log.query({.data = {{"Reason", "old"}, {"Account", "jane"}}})), (Records{1}));
  EXPECT_EQ(records(log.query({.data = {{"Account", ""}}})), (Records{}));
  EXPECT_EQ(records(log.query({.ids = {39}, .newest_first = true})), (Records{3, 1}));
  EXPECT_EQ(records(log.query({.limit = 2})), (Records{1, 2}));
  EXPECT_EQ(records(log.query({.limit = 1, .newest_first = true})), (Records{4}));
  EXPECT_EQ(records(log.query({.limit = 0})), (Records{}));
}

TEST_F(FilledLog, AnswersWhatCameAfterARecord) {
  EXPECT_EQ(records(log.query({.after = 2})), (Records{3, 4}));
  EXPECT_EQ(records(log.query({.after = 2, .newest_first = true})), (Records{4, 3}));
  EXPECT_EQ(records(log.query({.after = 4})), (Records{}));
  EXPECT_EQ(records(log.query({.after = UINT64_MAX})), (Records{}));
}

TEST(EventLog, FillsInWhatTheRecordsOfADecisionShare) {
  EventLog log;
  std::vector<Event> events = {make_event(kWarned, {100}), make_event(kAudited, {100})};
  const auto trace = std::make_shared<const Trace>();
  log.append(events, "dc01.contoso.com", trace);
  EXPECT_EQ(log.query(), events);
  EXPECT_EQ(events[1].record_id, 2U);
  EXPECT_EQ(events[1].computer, "dc01.contoso.com");
  EXPECT_EQ(events[0].trace, trace);
}

TEST(EventLog, DropsTheOldestWhenFull) {
  EventLog log(3);
  for (int i = 0; i < 10; ++i) log.append(make_event(kWarned, {i}));
  EXPECT_EQ(records(log.query()), (Records{8, 9, 10}));
  EXPECT_EQ(log.dropped(), 7U);
  EXPECT_EQ(log.size(), 3U);
  EXPECT_EQ(records(log.query({.after = 8})), (Records{9, 10}));
  EXPECT_EQ(records(log.query({.after = 3})), (Records{8, 9, 10}));
  EXPECT_EQ(records(log.query({.after = 9, .newest_first = true})), (Records{10}));
}

TEST(EventLog, IsFollowedWhileOthersWrite) {
  constexpr int kWriters = 4, kEach = 500;
  EventLog log;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w)
    writers.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) log.append(make_event(kWarned, {i}, {"jane"}));
    });
  std::uint64_t seen = 0;
  while (seen < kWriters * kEach)
    for (const Event& event : log.query({.after = seen})) {
      ASSERT_EQ(event.record_id, seen + 1);
      seen = event.record_id;
    }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(log.last_record_id(), seen);
}

}  // namespace
}  // namespace mimica
