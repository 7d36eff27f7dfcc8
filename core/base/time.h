// Instants and clocks. Policy time is passed in (docs/architecture.md): nothing outside an io/ folder reads a real
// clock.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/fault.h"

namespace mimica {

// A length of time in seconds.
using Seconds = std::int64_t;
inline constexpr Seconds kMinute = 60;
inline constexpr Seconds kHour = 3600;
inline constexpr Seconds kDay = 86400;

// An instant: seconds since 1970-01-01T00:00:00Z, no leap seconds. Years 1601..9999 can be printed.
struct Timestamp {
  std::int64_t seconds = 0;
  auto operator<=>(const Timestamp&) const = default;
};
inline Timestamp operator+(Timestamp t, Seconds s) { return {t.seconds + s}; }
inline Timestamp operator-(Timestamp t, Seconds s) { return {t.seconds - s}; }
inline Seconds operator-(Timestamp a, Timestamp b) { return a.seconds - b.seconds; }

struct CivilTime {
  int year, month, day, hour, minute, second;
};
CivilTime to_civil(Timestamp t);
Timestamp from_civil(const CivilTime& c);  // fields must be in range
bool is_valid(const CivilTime& c);

std::string to_iso(Timestamp t);               // 2025-09-10T08:00:00Z
std::string to_generalized(Timestamp t);       // 20250910080000Z      (X.509 GeneralizedTime)
std::string to_utc_time(Timestamp t);          // 250910080000Z        (X.509 UTCTime, 1950..2049 only)
std::string to_ldap_generalized(Timestamp t);  // 20250910080000.0Z    (Active Directory)
// Accepts 2025-09-10, 2025-09-10T08:00:00Z, a fraction, and ±hh:mm; a missing zone means UTC.
Result<Timestamp> parse_iso(std::string_view text);
// Accepts YYYYMMDDHHMMSS[.f]Z and YYMMDDHHMMSSZ (RFC 5280 4.1.2.5 pivot).
Result<Timestamp> parse_generalized(std::string_view text);

// 100-nanosecond intervals since 1601-01-01 (MS-DTYP 2.3.3).
std::int64_t to_filetime(Timestamp t);
Timestamp from_filetime(std::int64_t filetime);

// "90 s", "20 min", "36 h", "365 d": as scenario scripts write durations. Units s, min, h, d, w.
Result<Seconds> parse_duration(std::string_view text);
std::string to_text(Seconds duration);  // the largest unit that divides it: "365 d", "90 s"

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

// The lab clock: stands still until it is told to move. Thread-safe. Subscribers are called after each move, in the
// order of subscription, by the thread that moved the clock.
class SimClock final : public Clock {
 public:
  explicit SimClock(Timestamp start) : now_(start) {}
  Timestamp now() const override;
  void set(Timestamp t);
  void advance(Seconds s);
  using Subscriber = std::function<void(Timestamp)>;
  int subscribe(Subscriber subscriber);
  void unsubscribe(int id);

 private:
  void notify(Timestamp t);
  mutable std::mutex mutex_;
  Timestamp now_;
  int next_id_ = 1;
  std::map<int, Subscriber> subscribers_;
};

}  // namespace mimica
