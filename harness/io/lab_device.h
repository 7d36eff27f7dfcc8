// A device of the lab: the managed device, and the last PFX as it was delivered.
#pragma once

#include "connector/delivery/delivery.h"
#include "connector/device/device.h"
#include "harness/io/lab_impl.h"

namespace mimica::harness {

struct LabImpl::DeviceRecord {
  connector::Device device;
  connector::OpenedPfx last_pfx;
};

}  // namespace mimica::harness
