// How a certificate leaves a device: removal, revocation, and the check-in that keeps a device as its profiles say.
#pragma once

#include <string_view>
#include <vector>

#include "connector/delivery/delivery.h"

namespace mimica::connector {

// A device check-in: trusted roots first, then every PKCS profile that targets the device, then due renewals, and
// removal of what no longer targets it.
Result<std::vector<Delivery>> check_in(Flow& flow, Device& device, Timestamp now, const DeliveryOptions& options = {});

enum class RemovalEvent {
  unenrol,
  wipe,
  retire,
  unassign,  // the profile no longer targets the device
  licence_lost,
  user_removed,  // user or group deleted in Entra ID
  profile_edited,
  deleted_by_user,  // the certificate is deleted by hand; it comes back at the next check-in
};
std::string_view to_string(RemovalEvent event);
struct RemovalEffect {
  bool supported = true;
  bool revoked = false;
  bool removed = false;
  bool operator==(const RemovalEffect&) const = default;
};
// Intune's removal table for PKCS certificates (remove-certificates article).
RemovalEffect removal_effect(RemovalEvent event, Enrollment enrollment, bool knox);

struct Removal {
  Decision<RemovalEffect> decision;  // refused: not supported, or a revocation that did not happen
  std::size_t removed = 0;           // certificates taken off the device
  std::vector<Processed> revocations;
};
// Performs the event on the device: revokes at the CA through a connector with the revocation feature, removes from the
// stores, leaves the tenant (unenrol, retire, wipe). `profile` narrows unassign, profile_edited and deleted_by_user.
Result<Removal> remove(Flow& flow, Device& device, RemovalEvent event, Timestamp now, std::string_view profile = {});

// Queues the revocation of one certificate and lets a connector execute it. Reason: RFC 5280 5.3.1; Intune's own is not
// documented, 5 (cessationOfOperation) is used for removals.
Result<Decision<Unit>> revoke_certificate(Flow& flow, std::string_view serial_hex, int reason, Timestamp now);

}  // namespace mimica::connector
