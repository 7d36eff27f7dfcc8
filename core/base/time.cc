#include "core/base/time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/number.h"

namespace mimica {
namespace {

namespace chrono = std::chrono;

// What chrono's calendar reaches; instants beyond are told as its ends.
constexpr chrono::sys_seconds kFirstInstant = chrono::sys_days(chrono::year::min() / 1 / 1);
constexpr chrono::sys_seconds kLastInstant =
    chrono::sys_days(chrono::year::max() / 12 / 31) + chrono::days(1) - chrono::seconds(1);

chrono::year_month_day date_of(const CivilTime& c) {
  return chrono::year(std::clamp(c.year, int{chrono::year::min()}, int{chrono::year::max()})) /
         chrono::month(static_cast<unsigned>(c.month)) / chrono::day(static_cast<unsigned>(c.day));
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
  return c.year >= 1601 && c.year <= 9999 && c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= 31 &&
         date_of(c).ok() && c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 && c.second >= 0 &&
         c.second < 60;
}

CivilTime to_civil(Timestamp t) {
  const auto instant = std::clamp(chrono::sys_seconds(chrono::seconds(t.seconds)), kFirstInstant, kLastInstant);
  const auto day = chrono::floor<chrono::days>(instant);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss time(instant - day);
  return {static_cast<int>(date.year()),
          static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count())};
}

Timestamp from_civil(const CivilTime& c) {
  const chrono::sys_seconds day = chrono::sys_days(date_of(c));
  return {day.time_since_epoch().count() + c.hour * kHour + c.minute * kMinute + c.second};
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
