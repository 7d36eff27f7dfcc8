// A file of events: Windows event XML below an <Events> element, a JSON array with one record on each line, or text.
#pragma once

#include <string>
#include <string_view>

#include "core/windows/event_log.h"

namespace mimica::harness {

enum class EventFormat { text, json, xml };
// By the suffix of a file name: .txt, .json, .xml.
Result<EventFormat> event_format(std::string_view file);

// Answers the document piece by piece, so that it can be written while events come.
class EventDocument {
 public:
  explicit EventDocument(EventFormat format) : format_(format) {}
  std::string begin() const;
  // What the events that follow belong to: a comment, a line, or the member `scenario` of each record.
  std::string heading(std::string_view name);
  std::string add(const Event& event);
  std::string end() const;

 private:
  const EventFormat format_;
  std::string scenario_;
  bool first_ = true;
};

}  // namespace mimica::harness
