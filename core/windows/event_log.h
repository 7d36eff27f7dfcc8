// The event log that the parties of a lab share: records as Windows writes them, on one time line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/bytes.h"
#include "core/base/decision.h"
#include "core/base/time.h"

namespace mimica {

// Numbers of winmeta.xml. Audit records of the Security log have level 0.
enum class EventLevel : std::uint8_t { log_always = 0, critical = 1, error = 2, warning = 3, information = 4 };
// "Error", "Warning", "Information"; level 0 shows as "Information", as in Event Viewer.
std::string_view to_string(EventLevel level);

struct EventProvider {
  std::string_view name;
  std::string_view guid;    // "{…}"; empty: not known
  std::string_view source;  // name under the classic event log API; empty: none
};
inline constexpr EventProvider kSecurityAuditing{
    "Microsoft-Windows-Security-Auditing", "{54849625-5478-4994-A5BA-3E3B0328C30D}", {}};

namespace event_keywords {
inline constexpr std::uint64_t kNone = 0x8000000000000000, kClassic = 0x80000000000000,
                               kAuditSuccess = 0x8020000000000000, kAuditFailure = 0x8010000000000000;
}  // namespace event_keywords

struct EventField {
  std::string_view name;   // of the Data element
  std::string_view label;  // in the message
};

// What all events of one id have in common, as a documented constant. Each folder lists its kinds so that
// docs/events.md can be generated.
struct EventKind {
  std::string_view party = {};  // who writes it: "KDC", "ca", "connector"
  int id = 0;
  std::string_view symbol = {};  // name in the vendor's documents; empty: none
  const EventProvider* provider = nullptr;
  std::string_view channel = {};
  EventLevel level = EventLevel::information;
  std::uint64_t keywords = event_keywords::kNone;
  std::optional<std::uint16_t> qualifiers = {};  // only of the classic API
  std::uint16_t task = 0;
  std::string_view task_name = {};
  std::string_view text;  // first lines of the message, in our words
  std::span<const EventField> fields = {};
  std::string_view when = {};  // for docs/events.md
  std::string_view citation = {};
  Provenance provenance = Provenance::documented;
};

// One record. `record_id` is set by the log.
struct Event {
  const EventKind* kind = nullptr;  // never null in a log
  EventLevel level = EventLevel::information;
  std::uint64_t keywords = 0;
  Timestamp at;
  std::string computer;
  std::uint64_t record_id = 0;
  std::vector<Fact> data;  // EventData in its order
  Bytes binary;
  std::shared_ptr<const Trace> trace;  // the decision that it reports; null when there is none

  int id() const { return kind->id; }
  std::string_view operator[](std::string_view name) const;  // empty when there is no such field
  bool operator==(const Event&) const = default;
};

// A record of `kind` with its level and keywords; `values` in the order of the kind's fields.
Event make_event(const EventKind& kind, Timestamp at, std::vector<std::string> values = {});

struct EventQuery {
  std::string_view channel = {};                 // any case; empty: all
  std::string_view provider = {};                // name or classic source, any case; empty: all
  std::string_view party = {};                   // empty: all
  std::vector<int> ids = {};                     // empty: all
  std::optional<EventLevel> level_at_most = {};  // error: critical and error; level 0 counts as information
  std::optional<Timestamp> since = {};           // at that instant or later
  std::optional<Timestamp> until = {};           // at that instant or earlier
  std::vector<Fact> data = {};                   // fields that must have these values
  std::uint64_t after = 0;                       // records with a greater record id
  std::size_t limit = SIZE_MAX;
  bool newest_first = false;
};

// Append and query; may be used by several threads. A follower asks again with `after` = the last record id it saw.
// Record ids go up by one over all channels. When the log is full the oldest records go.
class EventLog {
 public:
  static constexpr std::size_t kDefaultLimit = 100'000;
  explicit EventLog(std::size_t limit = kDefaultLimit) : limit_(limit) {}

  std::uint64_t append(Event event);  // answers the record id
  // In their order, as written by one computer about one decision, whose trace may be null; fills in what the log
  // knows.
  void append(std::vector<Event>& events, std::string_view computer, const std::shared_ptr<const Trace>& trace);
  std::vector<Event> query(const EventQuery& query = {}) const;
  std::uint64_t last_record_id() const;  // 0 before the first record
  std::uint64_t dropped() const;         // records that went to make room
  std::size_t size() const;

 private:
  const std::size_t limit_;
  mutable std::mutex mutex_;
  std::deque<Event> events_;
  std::uint64_t last_ = 0;
};

}  // namespace mimica
