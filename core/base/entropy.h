// Randomness is passed in, so that a lab can be seeded and repeated.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>

#include "core/base/bytes.h"

namespace mimica {

class Entropy {
 public:
  virtual ~Entropy() = default;
  // Fills the whole span. Thread-safe.
  virtual void fill(std::span<std::uint8_t> out) = 0;
  Bytes bytes(std::size_t count);
  std::uint32_t u32();
};

// OpenSSL's generator: for everything that is not seeded on purpose.
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

// Deterministic stream SHA-256(seed || counter): the same seed gives the same lab. Not for secrets.
class SeededEntropy final : public Entropy {
 public:
  explicit SeededEntropy(std::string_view seed);
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::mutex mutex_;
  std::array<std::uint8_t, 32> seed_{};
  std::uint64_t counter_ = 0;
  Bytes pending_;
};

}  // namespace mimica
