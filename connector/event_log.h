// The Certificate Connector's event log: "Microsoft-Intune-CertificateConnectors", channels Admin and Operational.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"

namespace mimica::connector {

enum class EventChannel { admin, operational };
std::string_view to_string(EventChannel channel);  // "Microsoft-Intune-CertificateConnectors/Admin"

struct EventKind {
  int id = 0;
  std::string_view name;
  EventChannel channel = EventChannel::operational;
};

// Certificate Connector overview article, PKCS (1000s) and revocation (3000s).
namespace events {
inline constexpr EventKind kPkcsRequestSuccess{1000, "PkcsRequestSuccess", EventChannel::admin};
inline constexpr EventKind kPkcsRequestFailure{1001, "PkcsRequestFailure", EventChannel::admin};
inline constexpr EventKind kPkcsDownloadSuccess{1002, "PkcsDownloadSuccess"};
inline constexpr EventKind kPkcsDownloadedRequest{1020, "PkcsDownloadedRequest"};
inline constexpr EventKind kPkcsIssuedSuccess{1050, "PkcsIssuedSuccess"};
inline constexpr EventKind kPkcsIssuedFailedAttempt{1051, "PkcsIssuedFailedAttempt"};
inline constexpr EventKind kPkcsIssuedFailure{1052, "PkcsIssuedFailure"};
inline constexpr EventKind kPkcsUploadSuccess{1100, "PkcsUploadSuccess"};
inline constexpr EventKind kPkcsUploadFailure{1101, "PkcsUploadFailure"};
inline constexpr EventKind kPkcsUploadedRequest{1102, "PkcsUploadedRequest"};
inline constexpr EventKind kRevokeRequestSuccess{3000, "RevokeRequestSuccess", EventChannel::admin};
inline constexpr EventKind kRevokeRequestFailure{3001, "RevokeRequestFailure", EventChannel::admin};
inline constexpr EventKind kRevokeDownloadSuccess{3002, "RevokeDownloadSuccess"};
inline constexpr EventKind kRevokeDownloadedRequest{3020, "RevokeDownloadedRequest"};
inline constexpr EventKind kRevokeSuccess{3050, "RevokeSuccess"};
inline constexpr EventKind kRevokeFailure{3051, "RevokeFailure"};
inline constexpr EventKind kRevokeFailedAttempt{3052, "RevokeFailedAttempt"};
inline constexpr EventKind kRevokeUploadSuccess{3100, "RevokeUploadSuccess"};
inline constexpr EventKind kRevokeUploadedRequest{3102, "RevokeUploadedRequest"};
}  // namespace events

struct Event {
  EventKind kind;
  Timestamp at;
  std::string request_id;  // empty for events about a batch
  std::string message;
};
// "2025-03-04T10:15:00Z  1050  PkcsIssuedSuccess  request …: …"
std::string describe(const Event& event);

class EventLog {
 public:
  void add(const EventKind& kind, Timestamp at, std::string request_id, std::string message) {
    events_.push_back({kind, at, std::move(request_id), std::move(message)});
  }
  const std::vector<Event>& events() const { return events_; }
  std::vector<Event> channel(EventChannel channel) const;
  std::vector<int> ids() const;

 private:
  std::vector<Event> events_;
};

}  // namespace mimica::connector
