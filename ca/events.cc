#include "ca/events.h"

namespace mimica::ca {

std::string_view Event::value(std::string_view name) const {
  for (const Fact& fact : data)
    if (fact.name == name) return fact.value;
  return {};
}

std::string_view event_title(int id) {
  switch (id) {
    case event_id::kRequestDeniedByManager:
      return "A certificate manager denied a pending request.";
    case event_id::kRequestResubmitted:
      return "A request was submitted again.";
    case event_id::kCertificateRevoked:
      return "A certificate was revoked.";
    case event_id::kCrlRequested:
      return "The publication of the revocation list was requested.";
    case event_id::kCrlPublished:
      return "The revocation list was published.";
    case event_id::kSecurityChanged:
      return "The security of the certification authority changed.";
    case event_id::kRequestReceived:
      return "A certificate request was received.";
    case event_id::kRequestIssued:
      return "A certificate request was approved and a certificate issued.";
    case event_id::kRequestDenied:
      return "A certificate request was denied.";
    case event_id::kRequestPending:
      return "A certificate request was set to pending.";
    case event_id::kConfigurationChanged:
      return "A configuration entry changed.";
    case event_id::kPropertyChanged:
      return "A property of the certification authority changed.";
    default:
      return {};
  }
}

}  // namespace mimica::ca
