#include "harness/report/event_document.h"

#include <boost/json.hpp>

#include "core/base/xml_text.h"
#include "core/windows/event_text.h"

namespace mimica::harness {
namespace {

// Comments may not hold two hyphens in a row.
std::string comment(std::string_view text) {
  std::string out;
  for (const char c : valid_utf8(text)) out += c == '-' || (static_cast<unsigned char>(c) < 0x20) ? ' ' : c;
  return out;
}

}  // namespace

Result<EventFormat> event_format(std::string_view file) {
  if (file.ends_with(".xml")) return EventFormat::xml;
  if (file.ends_with(".json")) return EventFormat::json;
  if (file.ends_with(".txt")) return EventFormat::text;
  return fault("the suffix of '" + std::string(file) + "' names no format of events", {}, "use .xml, .json or .txt");
}

std::string EventDocument::begin() const {
  switch (format_) {
    case EventFormat::xml:
      return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Events>\n";
    case EventFormat::json:
      return "[\n";
    case EventFormat::text:
      return {};
  }
  return {};
}

std::string EventDocument::heading(std::string_view name) {
  scenario_ = name;
  if (format_ == EventFormat::xml) return "<!-- " + comment(name) + " -->\n";
  return format_ == EventFormat::text ? "==== " + valid_utf8(name) + "\n\n" : std::string();
}

std::string EventDocument::add(const Event& event) {
  if (format_ == EventFormat::xml) return event_xml(event) + "\n";
  if (format_ == EventFormat::text) return event_text(event);
  std::string record = event_json(event);
  if (!scenario_.empty())
    record =
        "{\"scenario\":" + boost::json::serialize(boost::json::string(valid_utf8(scenario_))) + "," + record.substr(1);
  const std::string separator = first_ ? "" : ",\n";
  first_ = false;
  return separator + record;
}

std::string EventDocument::end() const {
  switch (format_) {
    case EventFormat::xml:
      return "</Events>\n";
    case EventFormat::json:
      return first_ ? "]\n" : "\n]\n";
    case EventFormat::text:
      return {};
  }
  return {};
}

}  // namespace mimica::harness
