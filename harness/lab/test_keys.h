// The fixed keys of seeded labs (scenarios/keys), compiled in.
#pragma once

#include <mutex>
#include <set>

#include "core/pki/key.h"

namespace mimica::harness {

// Hands out the keys of each kind in order, reading each only when it is wanted, and generates fresh ones when they run
// out. Thread-safe.
class TestKeys final : public KeySource {
 public:
  Result<PrivateKey> key(const KeySpec& spec) override;

 private:
  std::mutex mutex_;
  std::set<const void*> used_;
};

}  // namespace mimica::harness
