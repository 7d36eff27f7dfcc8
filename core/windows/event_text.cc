#include "core/windows/event_text.h"

#include <boost/json.hpp>

#include "core/base/number.h"
#include "core/base/xml_text.h"

namespace mimica {
namespace {

std::string_view keyword_name(std::uint64_t keywords) {
  switch (keywords) {
    case event_keywords::kAuditSuccess:
      return "Audit Success";
    case event_keywords::kAuditFailure:
      return "Audit Failure";
    case event_keywords::kClassic:
      return "Classic";
    default:
      return "";
  }
}

std::string_view label_of(const Event& event, std::size_t index) {
  const auto& fields = event.kind->fields;
  const bool known = index < fields.size() && fields[index].name == event.data[index].name;
  return known && !fields[index].label.empty() ? fields[index].label : std::string_view(event.data[index].name);
}

// Control characters and line ends as blanks, so that the text stays on its line.
std::string on_one_line(std::string_view text) {
  std::string out = valid_utf8(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return out;
}

std::string element(std::string_view name, std::string_view content) {
  return "<" + std::string(name) + ">" + xml_escape(content) + "</" + std::string(name) + ">";
}

std::string attribute(std::string_view name, std::string_view value) {
  return value.empty() ? std::string() : " " + std::string(name) + "=\"" + xml_escape(value) + "\"";
}

// SystemTime with its nine digits of a fraction; the lab's clock has whole seconds.
std::string system_time(Timestamp at) {
  std::string out = to_iso(at);
  out.insert(out.size() - 1, ".000000000");
  return out;
}

}  // namespace

std::string message(const Event& event) {
  std::string out(event.kind->text);
  for (std::size_t i = 0; i < event.data.size(); ++i)
    out += "\n  " + std::string(label_of(event, i)) + ": " + on_one_line(event.data[i].value);
  return out;
}

std::string event_line(const Event& event) {
  std::string out = to_iso(event.at) + "  " + std::string(event.kind->channel) + " " + std::to_string(event.id()) +
                    "  " + std::string(to_string(event.level)) + "  " + event.computer + "  ";
  if (!event.kind->symbol.empty()) out += std::string(event.kind->symbol) + " ";
  for (const Fact& fact : event.data)
    if (!fact.value.empty()) out += fact.name + "=" + on_one_line(fact.value) + " ";
  while (out.back() == ' ') out.pop_back();
  return out;
}

std::string event_text(const Event& event) {
  const EventKind& kind = *event.kind;
  std::string out;
  const auto line = [&](std::string_view name, std::string_view value) {
    out += std::string(name) + ":" + std::string(name.size() < 14 ? 14 - name.size() : 1, ' ') + on_one_line(value);
    while (out.back() == ' ') out.pop_back();
    out += "\n";
  };
  line("Log Name", kind.channel);
  line("Source", kind.provider->name);
  line("Date", to_iso(event.at));
  line("Event ID", std::to_string(kind.id));
  line("Task Category", kind.task_name.empty() ? "None" : kind.task_name);
  line("Level", to_string(event.level));
  line("Keywords", keyword_name(event.keywords));
  line("Computer", event.computer);
  line("Record", std::to_string(event.record_id));
  out += "Description:\n" + message(event) + "\n";
  if (!event.binary.empty()) out += "Binary data:   " + to_hex_upper(event.binary) + "\n";
  if (event.trace && !event.trace->empty()) out += "Decision:\n" + explain(*event.trace);
  return out + "\n";
}

std::string event_json(const Event& event) {
  boost::json::object data;
  for (const Fact& fact : event.data) data[fact.name] = valid_utf8(fact.value);
  boost::json::object out;
  out["record"] = event.record_id;
  out["at"] = to_iso(event.at);
  out["channel"] = event.kind->channel;
  out["id"] = event.id();
  out["level"] = static_cast<int>(event.level);
  out["levelName"] = to_string(event.level);
  out["keywords"] = to_0x(event.keywords);
  out["provider"] = event.kind->provider->name;
  out["computer"] = valid_utf8(event.computer);
  out["data"] = std::move(data);
  if (!event.binary.empty()) out["binary"] = to_hex_upper(event.binary);
  out["message"] = message(event);
  if (event.trace && !event.trace->empty()) out["trace"] = boost::json::parse(valid_utf8(trace_to_json(*event.trace)));
  return boost::json::serialize(out);
}

std::string event_xml(const Event& event) {
  const EventKind& kind = *event.kind;
  std::string out = "<Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\"><System><Provider";
  out += attribute("Name", kind.provider->name) + attribute("Guid", kind.provider->guid);
  if (kind.qualifiers) out += attribute("EventSourceName", kind.provider->source);
  out += "/><EventID";
  if (kind.qualifiers) out += attribute("Qualifiers", std::to_string(*kind.qualifiers));
  out += ">" + std::to_string(kind.id) + "</EventID>" + element("Version", "0");
  out += element("Level", std::to_string(static_cast<int>(event.level))) + element("Task", std::to_string(kind.task));
  out += element("Opcode", "0") + element("Keywords", to_0x(event.keywords));
  out += "<TimeCreated" + attribute("SystemTime", system_time(event.at)) + "/>";
  out += element("EventRecordID", std::to_string(event.record_id));
  out += "<Correlation/><Execution ProcessID=\"0\" ThreadID=\"0\"/>" + element("Channel", kind.channel);
  out += element("Computer", event.computer) + "<Security/></System>";
  if (event.data.empty() && event.binary.empty()) return out + "<EventData/></Event>";
  out += "<EventData>";
  for (const Fact& fact : event.data)
    out += "<Data" + attribute("Name", fact.name) + ">" + xml_escape(fact.value) + "</Data>";
  // Records of the classic API have the element also when it is empty.
  if (!event.binary.empty()) {
    out += element("Binary", to_hex_upper(event.binary));
  } else if (kind.qualifiers) {
    out += "<Binary/>";
  }
  return out + "</EventData></Event>";
}

}  // namespace mimica
