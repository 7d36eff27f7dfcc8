// One run of the flow from profile to device: what deliver() and renew() have in common.
#pragma once

#include "connector/delivery/delivery.h"

namespace mimica::connector {

inline constexpr int kMaxPolls = 10000;  // a queue longer than this is not drained in one operation

// Goes through the stages until one ends the run; the trace goes on from `so_far`.
Result<Delivery> run_delivery(Flow& flow, const Profile& profile, Device& device, Timestamp now, RequestKind kind,
                              const DeliveryOptions& options, Trace so_far = {});

// A refusal before the flow starts, decided by the last failing step. It changes no status.
Delivery refuse_delivery(const Profile& profile, const Device& device, Timestamp now, Trace trace);

}  // namespace mimica::connector
