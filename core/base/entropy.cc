#include "core/base/entropy.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdlib>

namespace mimica {

Bytes Entropy::bytes(std::size_t count) {
  Bytes out(count);
  fill(out);
  return out;
}

std::uint32_t Entropy::u32() {
  std::array<std::uint8_t, 4> b{};
  fill(b);
  return static_cast<std::uint32_t>(b[0]) << 24 | static_cast<std::uint32_t>(b[1]) << 16 |
         static_cast<std::uint32_t>(b[2]) << 8 | b[3];
}

void SystemEntropy::fill(std::span<std::uint8_t> out) {
  // A generator that cannot answer leaves nothing safe to do.
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

SeededEntropy::SeededEntropy(std::string_view seed) { SHA256(as_bytes(seed).data(), seed.size(), seed_.data()); }

void SeededEntropy::fill(std::span<std::uint8_t> out) {
  const std::lock_guard lock(mutex_);
  for (auto& octet : out) {
    if (pending_.empty()) {
      std::array<std::uint8_t, 40> block{};
      std::copy(seed_.begin(), seed_.end(), block.begin());
      for (std::size_t i = 0; i < 8; ++i) block[32 + i] = static_cast<std::uint8_t>(counter_ >> (8 * i));
      ++counter_;
      pending_.resize(SHA256_DIGEST_LENGTH);
      SHA256(block.data(), block.size(), pending_.data());
    }
    octet = pending_.back();
    pending_.pop_back();
  }
}

}  // namespace mimica
