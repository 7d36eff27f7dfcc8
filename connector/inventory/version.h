// Dotted version numbers: connector releases ("6.2406.0.1001"), operating systems ("10.0.22631.0", "12").
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/fault.h"

namespace mimica::connector {

// Up to four numbers; missing ones count as 0, so "12" equals "12.0". Default-constructed: unknown, lower than all
// others.
class Version {
 public:
  Version() = default;
  // "6.2406.0.1001"; one to four decimal numbers below 2^32. Fault E_INVALIDARG for anything else.
  static Result<Version> parse(std::string_view text);
  // For constants; the caller vouches for the form.
  static Version of(std::uint32_t a, std::uint32_t b = 0, std::uint32_t c = 0, std::uint32_t d = 0);
  // As it was written; "unknown" for a default-constructed one.
  std::string to_string() const;
  bool known() const { return count_ > 0; }
  std::uint32_t major() const { return parts_[0]; }
  std::strong_ordering operator<=>(const Version& other) const;
  bool operator==(const Version& other) const { return (*this <=> other) == std::strong_ordering::equal; }

 private:
  std::array<std::uint32_t, 4> parts_{};
  int count_ = 0;
};

}  // namespace mimica::connector
