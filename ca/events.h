// Security events of a CA as values (provider Microsoft-Windows-Security-Auditing, "Certification Services").
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/decision.h"
#include "core/time.h"

namespace mimica::ca {

namespace event_id {
inline constexpr int kRequestDeniedByManager = 4868, kRequestResubmitted = 4869, kCertificateRevoked = 4870,
                     kCrlRequested = 4871, kCrlPublished = 4872, kSecurityChanged = 4882, kRequestReceived = 4886,
                     kRequestIssued = 4887, kRequestDenied = 4888, kRequestPending = 4889, kConfigurationChanged = 4891,
                     kPropertyChanged = 4892;
}  // namespace event_id

struct Event {
  int id = 0;
  std::vector<Fact> data;  // EventData names in their order
  Timestamp when;
  // The value of that name; empty when absent.
  std::string_view value(std::string_view name) const;
};
// "Certificate Services approved a certificate request and issued a certificate."
std::string_view event_title(int id);

// Called while an operation runs, from the thread that runs it.
using EventSink = std::function<void(const Event&)>;

}  // namespace mimica::ca
