// Event records as people and programs read them: lines, Event Viewer's text, JSON and Windows event XML.
#pragma once

#include <string>

#include "core/windows/event_log.h"

namespace mimica {

// The kind's text and one line for each field: "  User: jane".
std::string message(const Event& event);

// "2025-03-01T08:00:00Z  System 39  Warning  dc01.contoso.com  AccountName=jane Subject=…", on one line.
std::string event_line(const Event& event);

// As Event Viewer copies a record, with the trace of the decision below; ends in an empty line.
std::string event_text(const Event& event);

// One object, without line ends. Members: record, id, level (number), levelName, channel, provider, computer, at,
// keywords, data, binary, message, trace; described in docs/report-format.md.
std::string event_json(const Event& event);

// <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">…</Event>
std::string event_xml(const Event& event);

}  // namespace mimica
