// The records a certification authority writes (core/windows/event_log.h): audit records of "Certification Services" in
// the Security log, and the Application log. Texts are our own.
#pragma once

#include <span>

#include "core/windows/event_log.h"

namespace mimica::ca {

// Every kind of event of this folder, by channel and id.
std::span<const EventKind* const> event_kinds();

namespace events {
extern const EventKind kRequestFailed;                                                        // 53, Application
extern const EventKind kRequestDeniedByManager, kRequestResubmitted;                          // 4868, 4869
extern const EventKind kCertificateRevoked, kCrlRequested, kCrlPublished;                     // 4870, 4871, 4872
extern const EventKind kAttributesChanged;                                                    // 4874
extern const EventKind kSecurityChanged;                                                      // 4882
extern const EventKind kRequestReceived, kRequestIssued, kRequestDenied, kRequestPending;     // 4886 to 4889
extern const EventKind kManagerSettingsChanged;                                               // 4890
extern const EventKind kTemplateLoaded, kTemplateUpdated, kTemplateSecurityUpdated;           // 4898, 4899, 4900
extern const EventKind kConfigurationChanged;                                                 // 4891
extern const EventKind kPropertyChanged;                                                      // 4892
extern const EventKind kBackupStarted, kBackupCompleted, kRestoreStarted, kRestoreCompleted;  // 4876 to 4879
extern const EventKind kRowsDeleted;                                                          // 4896
extern const EventKind kBaseCrlNotPublished, kDeltaCrlNotPublished;                           // 65, 66, Application
extern const EventKind kCaCertificatePublished;                                               // 4895
}  // namespace events

}  // namespace mimica::ca
