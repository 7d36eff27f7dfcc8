// The clock of a lab: stands still until it is moved, or runs with the machine's from where it was set.
#pragma once

#include <chrono>
#include <mutex>

#include "core/base/time.h"

namespace mimica::harness {

class LabClock final : public Clock {
 public:
  LabClock(Timestamp start, bool runs) : runs_(runs), start_(start), set_at_(std::chrono::steady_clock::now()) {}
  Timestamp now() const override {
    const std::lock_guard lock(mutex_);
    return at();
  }
  void set(Timestamp t) {
    const std::lock_guard lock(mutex_);
    start_ = t;
    set_at_ = std::chrono::steady_clock::now();
  }
  void advance(Seconds s) {
    const std::lock_guard lock(mutex_);
    start_ = at() + s;
    set_at_ = std::chrono::steady_clock::now();
  }

 private:
  Timestamp at() const {
    if (!runs_) return start_;
    return start_ +
           std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - set_at_).count();
  }
  const bool runs_;
  mutable std::mutex mutex_;
  Timestamp start_;
  std::chrono::steady_clock::time_point set_at_;
};

}  // namespace mimica::harness
