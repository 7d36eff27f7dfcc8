// The records of the Certificate Connector (core/windows/event_log.h): "Microsoft-Intune-CertificateConnectors",
// channels Admin and Operational. Names and meaning are documented; the fields are ours.
#pragma once

#include <span>

#include "core/windows/event_log.h"

namespace mimica::connector {

// Every kind of event of this folder, by channel and id.
std::span<const EventKind* const> event_kinds();

// Data of every kind: RequestId (empty for events about a batch) and Details.
namespace events {
extern const EventKind kPkcsRequestSuccess, kPkcsRequestFailure;          // 1000, 1001, Admin
extern const EventKind kPkcsDownloadSuccess, kPkcsDownloadedRequest;      // 1002, 1020
extern const EventKind kPkcsIssuedSuccess, kPkcsIssuedFailedAttempt;      // 1050, 1051
extern const EventKind kPkcsIssuedFailure;                                // 1052
extern const EventKind kPkcsUploadSuccess, kPkcsUploadFailure;            // 1100, 1101
extern const EventKind kPkcsUploadedRequest;                              // 1102
extern const EventKind kRevokeRequestSuccess, kRevokeRequestFailure;      // 3000, 3001, Admin
extern const EventKind kRevokeDownloadSuccess, kRevokeDownloadedRequest;  // 3002, 3020
extern const EventKind kRevokeSuccess, kRevokeFailure;                    // 3050, 3051
extern const EventKind kRevokeFailedAttempt;                              // 3052
extern const EventKind kRevokeUploadSuccess, kRevokeUploadedRequest;      // 3100, 3102
}  // namespace events

}  // namespace mimica::connector
