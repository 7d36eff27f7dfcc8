#include "connector/event_log.h"

namespace mimica::connector {

std::string_view to_string(EventChannel channel) {
  return channel == EventChannel::admin ? "Microsoft-Intune-CertificateConnectors/Admin"
                                        : "Microsoft-Intune-CertificateConnectors/Operational";
}

std::string describe(const Event& event) {
  std::string text = to_iso(event.at) + "  " + std::to_string(event.kind.id) + "  " + std::string(event.kind.name);
  if (!event.request_id.empty()) text += "  request " + event.request_id;
  if (!event.message.empty()) text += ": " + event.message;
  return text;
}

std::vector<Event> EventLog::channel(EventChannel channel) const {
  std::vector<Event> out;
  for (const Event& event : events_)
    if (event.kind.channel == channel) out.push_back(event);
  return out;
}

std::vector<int> EventLog::ids() const {
  std::vector<int> out;
  for (const Event& event : events_) out.push_back(event.kind.id);
  return out;
}

}  // namespace mimica::connector
