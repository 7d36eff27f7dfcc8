#include "core/windows/event_log.h"

#include <algorithm>

namespace mimica {
namespace {

int severity(EventLevel level) {
  return static_cast<int>(level == EventLevel::log_always ? EventLevel::information : level);
}

// Everything but `after`, which says where to begin.
bool matches(const Event& event, const EventQuery& query) {
  const EventKind& kind = *event.kind;
  if (!query.ids.empty() && std::find(query.ids.begin(), query.ids.end(), kind.id) == query.ids.end()) return false;
  if (!query.channel.empty() && !equals_ignore_case(kind.channel, query.channel)) return false;
  if (!query.party.empty() && !equals_ignore_case(kind.party, query.party)) return false;
  if (!query.provider.empty() && !equals_ignore_case(kind.provider->name, query.provider) &&
      !equals_ignore_case(kind.provider->source, query.provider))
    return false;
  if (query.level_at_most && severity(event.level) > severity(*query.level_at_most)) return false;
  if (query.since && event.at < *query.since) return false;
  if (query.until && event.at > *query.until) return false;
  return std::all_of(query.data.begin(), query.data.end(), [&](const Fact& wanted) {
    return std::find(event.data.begin(), event.data.end(), wanted) != event.data.end();
  });
}

}  // namespace

std::string_view to_string(EventLevel level) {
  switch (level) {
    case EventLevel::critical:
      return "Critical";
    case EventLevel::error:
      return "Error";
    case EventLevel::warning:
      return "Warning";
    case EventLevel::log_always:
    case EventLevel::information:
      return "Information";
  }
  return "?";
}

std::string_view Event::operator[](std::string_view name) const {
  for (const Fact& fact : data)
    if (fact.name == name) return fact.value;
  return {};
}

Event make_event(const EventKind& kind, Timestamp at, std::vector<std::string> values) {
  Event event;
  event.kind = &kind;
  event.level = kind.level;
  event.keywords = kind.keywords;
  event.at = at;
  event.data.reserve(values.size());
  for (std::size_t i = 0; i < values.size() && i < kind.fields.size(); ++i)
    event.data.push_back({std::string(kind.fields[i].name), std::move(values[i])});
  return event;
}

std::uint64_t EventLog::append(Event event) {
  const std::lock_guard lock(mutex_);
  event.record_id = ++last_;
  events_.push_back(std::move(event));
  if (events_.size() > limit_) events_.pop_front();
  return last_;
}

void EventLog::append(std::vector<Event>& events, std::string_view computer,
                      const std::shared_ptr<const Trace>& trace) {
  for (Event& event : events) {
    event.computer = computer;
    event.trace = trace;
    event.record_id = append(event);
  }
}

std::vector<Event> EventLog::query(const EventQuery& query) const {
  std::vector<Event> out;
  const auto take = [&](const Event& event) {
    if (matches(event, query)) out.push_back(event);
    return out.size() < query.limit;
  };
  if (query.limit == 0) return out;
  const std::lock_guard lock(mutex_);
  // Record ids have no gaps, so the first record after `after` has a known place.
  const std::uint64_t first = last_ - events_.size();
  const auto from = static_cast<std::ptrdiff_t>(
      query.after <= first ? 0 : std::min<std::uint64_t>(query.after - first, events_.size()));
  if (query.newest_first) {
    for (auto at = events_.rbegin(); at != events_.rend() - from && take(*at);) ++at;
  } else {
    for (auto at = events_.begin() + from; at != events_.end() && take(*at);) ++at;
  }
  return out;
}

std::uint64_t EventLog::last_record_id() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

std::uint64_t EventLog::dropped() const {
  const std::lock_guard lock(mutex_);
  return last_ - events_.size();
}

std::size_t EventLog::size() const {
  const std::lock_guard lock(mutex_);
  return events_.size();
}

}  // namespace mimica
