#include "core/base/time.h"

#include <array>
#include <cstdio>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/number.h"

namespace mimica {
namespace {

// Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant's civil calendar algorithms, public domain).
constexpr std::int64_t days_from_civil(std::int64_t y, int m, int d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const auto yoe = y - era * 400;
  const auto doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  const auto doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + doe - 719468;
}

constexpr int days_in_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

std::string format(const char* pattern, Timestamp t) {
  const CivilTime c = to_civil(t);
  char text[64];
  std::snprintf(text, sizeof text, pattern, c.year, c.month, c.day, c.hour, c.minute, c.second);
  return text;
}

// Reads exactly `digits` decimal digits at `at`, advancing it; -1 when there are none.
int take(std::string_view text, std::size_t& at, int digits) {
  int value = 0;
  if (at + static_cast<std::size_t>(digits) > text.size()) return -1;
  for (int i = 0; i < digits; ++i) {
    const char c = text[at + static_cast<std::size_t>(i)];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  at += static_cast<std::size_t>(digits);
  return value;
}

void skip_fraction(std::string_view text, std::size_t& at) {
  if (at >= text.size() || (text[at] != '.' && text[at] != ',')) return;
  ++at;
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
}

Fault bad_time(std::string_view text, std::string_view expected) {
  return fault("'" + std::string(text) + "' is not a time", {}, "write it as " + std::string(expected));
}

constexpr std::int64_t kFiletimeEpoch = 11644473600;

}  // namespace

bool is_valid(const CivilTime& c) {
  return c.year >= 1601 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 &&
         c.day <= days_in_month(c.year, c.month) && c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 &&
         c.second >= 0 && c.second < 60;
}

CivilTime to_civil(Timestamp t) {
  std::int64_t days = t.seconds / kDay;
  std::int64_t rest = t.seconds % kDay;
  if (rest < 0) rest += kDay, --days;
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const auto doe = days - era * 146097;
  const auto yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  const auto doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  const auto mp = (5 * doy + 2) / 153;
  const int day = static_cast<int>(doy - (153 * mp + 2) / 5 + 1);
  const int month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  const int year = static_cast<int>(yoe + era * 400 + (month <= 2));
  return {
      year, month, day, static_cast<int>(rest / 3600), static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60)};
}

Timestamp from_civil(const CivilTime& c) {
  return {days_from_civil(c.year, c.month, c.day) * kDay + c.hour * 3600 + c.minute * 60 + c.second};
}

std::string to_iso(Timestamp t) { return format("%04d-%02d-%02dT%02d:%02d:%02dZ", t); }
std::string to_generalized(Timestamp t) { return format("%04d%02d%02d%02d%02d%02dZ", t); }
std::string to_utc_time(Timestamp t) { return to_generalized(t).substr(2); }
std::string to_ldap_generalized(Timestamp t) { return format("%04d%02d%02d%02d%02d%02d.0Z", t); }

Result<Timestamp> parse_iso(std::string_view text) {
  const Fault bad = bad_time(text, "2025-09-10 or 2025-09-10T08:00:00Z");
  std::size_t at = 0;
  CivilTime c{};
  const auto literal = [&](char want) { return at < text.size() && text[at] == want ? (++at, true) : false; };
  c.year = take(text, at, 4);
  if (c.year < 0 || !literal('-')) return bad;
  c.month = take(text, at, 2);
  if (c.month < 0 || !literal('-')) return bad;
  c.day = take(text, at, 2);
  Seconds zone = 0;
  if (at < text.size()) {
    if (text[at] != 'T' && text[at] != 't' && text[at] != ' ') return bad;
    ++at;
    c.hour = take(text, at, 2);
    if (c.hour < 0 || !literal(':')) return bad;
    c.minute = take(text, at, 2);
    if (c.minute < 0) return bad;
    if (literal(':')) {
      c.second = take(text, at, 2);
      skip_fraction(text, at);
    }
    if (at < text.size()) {
      const char sign = text[at++];
      if (sign == '+' || sign == '-') {
        const int hours = take(text, at, 2);
        if (hours < 0 || !literal(':')) return bad;
        const int minutes = take(text, at, 2);
        if (minutes < 0 || hours > 14 || minutes > 59) return bad;
        zone = (hours * 60 + minutes) * kMinute * (sign == '-' ? -1 : 1);
      } else if (sign != 'Z' && sign != 'z') {
        return bad;
      }
    }
  }
  if (at != text.size() || !is_valid(c)) return bad;
  return from_civil(c) - zone;
}

Result<Timestamp> parse_generalized(std::string_view text) {
  const Fault bad = bad_time(text, "20250910080000Z");
  const auto digits = text.find_first_not_of("0123456789");
  if (digits != 12 && digits != 14) return bad;
  std::size_t at = 0;
  CivilTime c{};
  if (digits == 14) {
    c.year = take(text, at, 4);
  } else {
    c.year = take(text, at, 2);
    c.year += c.year >= 50 ? 1900 : 2000;
  }
  c.month = take(text, at, 2);
  c.day = take(text, at, 2);
  c.hour = take(text, at, 2);
  c.minute = take(text, at, 2);
  c.second = take(text, at, 2);
  skip_fraction(text, at);
  if (text.substr(at) != "Z" || !is_valid(c)) return bad;
  return from_civil(c);
}

std::int64_t to_filetime(Timestamp t) { return (t.seconds + kFiletimeEpoch) * 10'000'000; }
Timestamp from_filetime(std::int64_t filetime) { return {filetime / 10'000'000 - kFiletimeEpoch}; }

namespace {
struct Unit_ {
  std::string_view name;
  Seconds length;
};
constexpr std::array<Unit_, 5> kUnits{{{"w", 7 * kDay}, {"d", kDay}, {"h", kHour}, {"min", kMinute}, {"s", 1}}};
}  // namespace

Result<Seconds> parse_duration(std::string_view text) {
  const Fault bad = fault("'" + std::string(text) + "' is not a duration", {},
                          "write a number and a unit: 90 s, 20 min, 36 h, 365 d, 6 w");
  std::string_view rest = trim(text);
  const auto count = take_decimal<std::int64_t>(rest);
  if (!count) return bad;
  const std::string_view unit = trim(rest);
  constexpr std::int64_t kLimit = 10000LL * 366 * kDay;
  for (const auto& [name, length] : kUnits)
    if (unit == name && *count <= kLimit / length && *count >= -kLimit / length) return *count * length;
  return bad;
}

std::string to_text(Seconds duration) {
  for (const auto& [name, length] : kUnits)
    if (name != "w" && duration % length == 0) return std::to_string(duration / length) + " " + std::string(name);
  return std::to_string(duration) + " s";
}

Timestamp SimClock::now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

void SimClock::set(Timestamp t) {
  {
    const std::lock_guard lock(mutex_);
    now_ = t;
  }
  notify(t);
}

void SimClock::advance(Seconds s) {
  Timestamp t;
  {
    const std::lock_guard lock(mutex_);
    t = now_ = now_ + s;
  }
  notify(t);
}

int SimClock::subscribe(Subscriber subscriber) {
  const std::lock_guard lock(mutex_);
  subscribers_.emplace(next_id_, std::move(subscriber));
  return next_id_++;
}

void SimClock::unsubscribe(int id) {
  const std::lock_guard lock(mutex_);
  subscribers_.erase(id);
}

void SimClock::notify(Timestamp t) {
  std::vector<Subscriber> copy;  // called without the lock, so that a subscriber may read the clock
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, subscriber] : subscribers_) copy.push_back(subscriber);
  }
  for (const auto& subscriber : copy) subscriber(t);
}

}  // namespace mimica
