#include "core/base/time.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace mimica {
namespace {

TEST(Time, CivilFieldsBothWays) {
  EXPECT_EQ(from_civil({1970, 1, 1, 0, 0, 0}).seconds, 0);
  EXPECT_EQ(from_civil({2025, 9, 10, 8, 0, 0}).seconds, 1757491200);
  EXPECT_EQ(from_civil({1601, 1, 1, 0, 0, 0}).seconds, -11644473600);
  for (std::int64_t s : {-11644473600LL, -1LL, 0LL, 951782399LL, 951782400LL, 4107542399LL, 253402300799LL})
    EXPECT_EQ(from_civil(to_civil({s})).seconds, s);
  EXPECT_TRUE(is_valid({2024, 2, 29, 23, 59, 59}));
  EXPECT_FALSE(is_valid({2023, 2, 29, 0, 0, 0}));
  EXPECT_FALSE(is_valid({1900, 2, 29, 0, 0, 0}));
  EXPECT_FALSE(is_valid({2025, 13, 1, 0, 0, 0}));
}

// Every day that can be printed follows the one before it by the rules of the Gregorian calendar.
TEST(Time, DaysFollowEachOtherFrom1601To9999) {
  constexpr int kLengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  std::int64_t days = -134774;  // 1601-01-01
  for (int year = 1601; year <= 9999; ++year) {
    const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    for (int month = 1; month <= 12; ++month) {
      const int length = kLengths[month - 1] + (month == 2 && leap ? 1 : 0);
      for (const int day : {1, length}) {
        const Timestamp noon{(days + day - 1) * kDay + 12 * kHour + 34 * kMinute + 56};
        ASSERT_EQ(from_civil({year, month, day, 12, 34, 56}), noon) << year << "-" << month << "-" << day;
        const CivilTime c = to_civil(noon);
        ASSERT_TRUE(c.year == year && c.month == month && c.day == day && c.hour == 12 && c.minute == 34 &&
                    c.second == 56)
            << to_iso(noon);
      }
      ASSERT_TRUE(is_valid({year, month, length, 0, 0, 0}));
      ASSERT_FALSE(is_valid({year, month, length + 1, 0, 0, 0})) << year << "-" << month;
      days += length;
    }
  }
  EXPECT_EQ(to_iso({days * kDay - 1}), "9999-12-31T23:59:59Z");
}

TEST(Time, InstantsBeyondTheCalendarAreItsEnds) {
  EXPECT_EQ(to_civil({std::numeric_limits<std::int64_t>::max()}).year, 32767);
  EXPECT_EQ(to_civil({std::numeric_limits<std::int64_t>::min()}).year, -32767);
  EXPECT_EQ(to_civil(from_filetime(std::numeric_limits<std::int64_t>::max())).year, 30828);
  EXPECT_GT(from_civil({1'000'000, 1, 1, 0, 0, 0}), from_civil({9999, 12, 31, 23, 59, 59}));
}

TEST(Time, TextForms) {
  const Timestamp t = from_civil({2025, 9, 10, 8, 1, 2});
  EXPECT_EQ(to_iso(t), "2025-09-10T08:01:02Z");
  EXPECT_EQ(to_generalized(t), "20250910080102Z");
  EXPECT_EQ(to_utc_time(t), "250910080102Z");
  EXPECT_EQ(to_ldap_generalized(t), "20250910080102.0Z");
}

TEST(Time, IsoIsRead) {
  const auto read = [](const char* text) { return to_iso(*parse_iso(text)); };
  EXPECT_EQ(read("2025-09-10"), "2025-09-10T00:00:00Z");
  EXPECT_EQ(read("2025-09-10T08:00"), "2025-09-10T08:00:00Z");
  EXPECT_EQ(read("2025-09-10T08:00:00.123Z"), "2025-09-10T08:00:00Z");
  EXPECT_EQ(read("2025-09-10T08:00:00+02:00"), "2025-09-10T06:00:00Z");
  EXPECT_EQ(read("2025-01-01T00:00:00-05:30"), "2025-01-01T05:30:00Z");
  for (const char* text : {"", "2025", "2025-9-10", "2025-02-30", "2025-09-10T", "2025-09-10T25:00:00", "2025-09-10Tx",
                           "2025-09-10T08:00:00ZZ", "2025-09-10T08:00:00+2"})
    EXPECT_FALSE(parse_iso(text)) << text;
}

TEST(Time, X509FormsAreRead) {
  EXPECT_EQ(to_iso(*parse_generalized("20250910080102Z")), "2025-09-10T08:01:02Z");
  EXPECT_EQ(to_iso(*parse_generalized("20250910080102.0Z")), "2025-09-10T08:01:02Z");
  EXPECT_EQ(to_iso(*parse_generalized("490101000000Z")), "2049-01-01T00:00:00Z");
  EXPECT_EQ(to_iso(*parse_generalized("500101000000Z")), "1950-01-01T00:00:00Z");
  for (const char* text : {"", "20250910", "20250910080102", "20251310080102Z", "2509100801Z", "20250910080102+0100"})
    EXPECT_FALSE(parse_generalized(text)) << text;
}

TEST(Time, Filetime) {
  EXPECT_EQ(to_filetime({0}), 116444736000000000);
  EXPECT_EQ(from_filetime(116444736000000000).seconds, 0);
  EXPECT_EQ(from_filetime(0), from_civil({1601, 1, 1, 0, 0, 0}));
}

TEST(Time, Durations) {
  EXPECT_EQ(*parse_duration("90 s"), 90);
  EXPECT_EQ(*parse_duration("20min"), 1200);
  EXPECT_EQ(*parse_duration("36 h"), 36 * kHour);
  EXPECT_EQ(*parse_duration("2 w"), 14 * kDay);
  EXPECT_EQ(*parse_duration("-1 d"), -kDay);
  for (const char* text : {"", "90", "s", "1 y", "1.5 h", "99999999999999 d"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_EQ(to_text(365 * kDay), "365 d");
  EXPECT_EQ(to_text(90), "90 s");
  EXPECT_EQ(to_text(1200), "20 min");
  for (Seconds s : {1, 59, 60, 3600, 86400, 90000}) EXPECT_EQ(*parse_duration(to_text(s)), s);
}

TEST(Time, TheLabClockMovesOnlyWhenTold) {
  SimClock clock({100});
  std::vector<std::int64_t> seen;
  const int first = clock.subscribe([&](Timestamp t) { seen.push_back(t.seconds); });
  clock.subscribe([&](Timestamp) { seen.push_back(clock.now().seconds + 1000); });  // may read the clock
  clock.advance(5);
  EXPECT_EQ(clock.now().seconds, 105);
  EXPECT_EQ(seen, (std::vector<std::int64_t>{105, 1105}));
  clock.unsubscribe(first);
  clock.set({7});
  EXPECT_EQ(seen, (std::vector<std::int64_t>{105, 1105, 1007}));
}

}  // namespace
}  // namespace mimica
